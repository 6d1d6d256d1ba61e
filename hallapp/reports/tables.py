"""The tables of a report in the language in force: one content for the page, the PDF and the spreadsheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.ledger.facet_parts import Categories
from hallapp.ledger.facets import Facet, Presentation, Section, list_presented
from hallapp.periods import Period, Span
from hallapp.reports import labels, words
from hallapp.reports.figures.parts import DivisionFigure, FacetFigure, share
from hallapp.reports.figures.service import Report

_ABSENT_MOST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One figure with its code (a division's number, a day, a word), its name and, in the ranking, its rank.

    `link` are the arguments of the address of the rows behind it.
    """

    code: str | date
    name: str
    visitors: int
    groups: int | None
    share: float | None = None
    rank: int | None = None
    link: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures under one title; `of` is the kind of a row, `caption` what the table counts. `name` is for programs.

    `heading` is that of a section of its own. The rows of a table that does not add up to all people may leave people
    out, as those of countries, or count a person twice.
    """

    title: str
    of: str
    code_of: str
    rows: Sequence[TableRow]
    name: str = ""
    caption: str = ""
    heading: str = ""
    adds_up: bool = True

    @property
    def came(self) -> list[TableRow]:
        """Return the rows that are not zero."""
        return [row for row in self.rows if row.visitors]

    @property
    def absent(self) -> str:
        """Return the names of the rows that are zero; nothing where they are too many to be read."""
        names = [row.name for row in self.rows if not row.visitors]
        return words.listed(names) if len(names) <= _ABSENT_MOST else ""

    @property
    def greatest(self) -> int:
        """Return the most people in one row."""
        return max((row.visitors for row in self.rows), default=0)

    @property
    def has_shares(self) -> bool:
        """Return whether its rows have shares: a division has, a day has not."""
        return any(row.share is not None for row in self.rows)


def of_divisions(report: Report) -> Table:
    """Return all divisions in the order of the set, abroad and not stated last."""
    return _divisions(report, [_division(report, figure) for figure in report.divisions])


def of_ranking(report: Report) -> Table:
    """Return the places by people, most first; equals share a rank. Abroad and not stated are not included."""
    ranked = sorted((f for f in report.divisions if f.is_place), key=lambda figure: -figure.visitors)
    rows = [_division(report, f, rank=1 + sum(o.visitors > f.visitors for o in ranked)) for f in ranked]
    return _divisions(report, rows)


def of_beside(report: Report) -> Table:
    """Return those that are no place: abroad and not stated."""
    return _divisions(report, [_division(report, figure) for figure in report.beside])


def of_parts(report: Report) -> Table:
    """Return the days of a month, the months of a year, or the years since the opening."""
    rows = [
        TableRow(
            code=part.first,
            name=words.part_name(part.first, report.period),
            visitors=part.visitors,
            groups=part.groups,
            link=_part_link(report, part.first),
        )
        for part in report.parts
    ]
    of = words.part_title(report.period)
    return Table(title=words.parts_title(report.period), of=of, code_of=_("Begins"), rows=rows)


def of_facet(report: Report, facet: Facet) -> Table:
    """Return the parts of a facet, zeros included where the facet lists them."""
    shown = facet.presentation
    if shown is None or facet.parts is None:
        raise ValueError(f"reports do not list the parts of {facet.name}")
    if facet.by_category:
        return of_all_families(report, facet, shown)
    argument = facet.argument or facet.name
    rows = [
        TableRow(
            code=facet.parts.file_code(figure.code),
            name=labels.part_name(facet, figure.code, figure.name),
            visitors=figure.visitors,
            groups=figure.groups,
            share=figure.share,
            link=_link(report, **{argument: figure.code}),
        )
        for figure in report.facets.get(facet.name, ())
        if shown.section is not Section.TIMETABLE or figure.code != facet.parts.nothing
    ]
    return Table(
        title=_(shown.title),
        of=_(facet.of),
        code_of=_("Code"),
        rows=rows,
        name=shown.plural,
        caption=_(shown.caption),
        heading=_(shown.heading or shown.title),
        adds_up=shown.shares,
    )


def of_families(report: Report, facet: Facet, shown: Presentation) -> list[Table]:
    """Return a table for each family of categories: its categories, the rest, and the people of whom nothing is known.

    The rows of a family that adds up add up to all people of the report.
    """
    found = []
    for family, categories in _by_family(report.facets.get(facet.name, ())):
        title = labels.part_name(facet, family.code, family.name)
        rows = [_category(report, facet, one) for one in categories]
        rows.append(_not_stated(report, family))
        caption = _(
            "%(title)s: known of %(known)s of %(people)s people",
            title=title,
            known=formats.number(family.visitors),
            people=formats.number(report.totals.visitors),
        )
        found.append(
            Table(
                title=title,
                of=_(facet.of),
                code_of=_("Code"),
                rows=rows,
                name=f"{shown.plural}-{family.code}",
                caption=caption,
                heading=title,
                adds_up=any(one.code.endswith(_REST) for one in categories),
            )
        )
    return found


def of_all_families(report: Report, facet: Facet, shown: Presentation) -> Table:
    """Return all families in one table for files: each row names its family."""
    rows = []
    for family, categories in _by_family(report.facets.get(facet.name, ())):
        name = labels.part_name(facet, family.code, family.name)
        for row in (*(_category(report, facet, one) for one in categories), _not_stated(report, family)):
            rows.append(replace(row, name=_("%(family)s: %(category)s", family=name, category=row.name)))
    return Table(
        title=_(shown.title), of=_(facet.of), code_of=_("Code"), rows=rows, name=shown.plural, caption=_(shown.caption)
    )


def _by_family(figures: Sequence[FacetFigure]) -> list[tuple[FacetFigure, list[FacetFigure]]]:
    """Return each family with its categories: the code of a category begins with that of its family and a dot."""
    families = [one for one in figures if "." not in one.code]
    return [(family, [one for one in figures if one.code.startswith(f"{family.code}.")]) for family in families]


def _category(report: Report, facet: Facet, figure: FacetFigure) -> TableRow:
    """Return the row of a category; the rest of a family is a difference, and has neither groups nor rows behind it."""
    is_rest = figure.code.endswith(_REST)
    return TableRow(
        code=figure.code,
        name=labels.part_name(facet, figure.code, figure.name),
        visitors=figure.visitors,
        groups=None if is_rest else figure.groups,
        share=figure.share,
        link=None if is_rest else _link(report, **{facet.name: figure.code}),
    )


def _not_stated(report: Report, family: FacetFigure) -> TableRow:
    people = report.totals.visitors - family.visitors
    return TableRow(
        code=f"{family.code}.{_NOT_STATED}",
        name=_("Not stated"),
        visitors=people,
        groups=None,
        share=share(people, report.totals.visitors),
    )


_NOT_STATED = "unknown"
_REST = f".{Categories.REST}"


def in_section(report: Report, *sections: Section) -> list[Table]:
    """Return the tables of the facets that a report shows in some sections, in its order."""
    return [
        table
        for facet, shown in list_presented()
        if shown.section in sections and facet.name in report.facets
        for table in (of_families(report, facet, shown) if facet.by_category else [of_facet(report, facet)])
    ]


def of_regions(report: Report) -> Table:
    """Return the regions of the set, without groups."""
    rows = [
        TableRow(
            code=region,
            name=report.origins.region_name(region, language()),
            visitors=people,
            groups=None,
            share=share(people, report.totals.visitors),
            link=_link(report, region=region),
        )
        for region, people in report.regions.items()
    ]
    return Table(
        title=_("Regions"),
        of=_("Region"),
        code_of=_("Code"),
        rows=rows,
        name="regions",
        caption=_("People by region"),
    )


def in_full(report: Report) -> list[Table]:
    """Return all tables for a spreadsheet, zeros included."""
    return [
        of_divisions(report),
        of_parts(report),
        *(
            of_facet(report, facet)
            for facet, shown in list_presented()
            if shown.section in _ALWAYS and facet.name in report.facets
        ),
        of_regions(report),
        *(table for table in in_section(report, Section.FOLDED) if table.rows),
    ]


_ALWAYS = (Section.PICTURED, Section.WAYS, Section.REGIONS, Section.OWN)


def _divisions(report: Report, rows: Sequence[TableRow]) -> Table:
    named = report.origins.words
    return Table(title=_(named.many), of=_(named.one), code_of=_("Code"), rows=rows)


def _link(report: Report, **chosen: str) -> dict[str, str]:
    """Return the arguments of the address of the rows behind a figure of a report."""
    return {"period": str(report.period), **chosen}


def _part_link(report: Report, first: date) -> dict[str, str]:
    """Return the link of a part: a day, a month within the report's period, or a year."""
    if report.period.part is Span.DAY:
        return _link(report, day=first.isoformat())
    if report.period.part is Span.MONTH:
        return {"period": str(report.period.within_month(first))}
    return {"period": str(Period.year(first.year))}


def _division(report: Report, figure: DivisionFigure, rank: int | None = None) -> TableRow:
    """The codes are text like the words of overseas and not stated: spreadsheets look them up by either."""
    return TableRow(
        code=figure.code,
        name=report.origins.division(figure.code).name(language()),
        visitors=figure.visitors,
        groups=figure.groups,
        share=figure.share,
        rank=rank,
        link=_link(report, division=figure.code),
    )
