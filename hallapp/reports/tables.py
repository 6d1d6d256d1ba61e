"""The tables of a report in the language in force: one content for the page, the PDF and the spreadsheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from hallapp.core import formats
from hallapp.core.i18n import language
from hallapp.ledger.models import Span
from hallapp.prefectures import PREFECTURES
from hallapp.reports import words
from hallapp.reports.figures import Report
from hallapp.reports.parts import DivisionFigure, Shared, share
from hallapp.reports.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
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
    """Figures under one title; `of` says what a row is."""

    title: str
    of: str
    code_of: str
    rows: Sequence[Row]

    @property
    def came(self) -> list[Row]:
        """The rows that are not zero."""
        return [row for row in self.rows if row.visitors]

    @property
    def absent(self) -> str:
        """The names of the rows that are zero."""
        return words.listed(row.name for row in self.rows if not row.visitors)

    @property
    def greatest(self) -> int:
        """The most people in one row."""
        return max((row.visitors for row in self.rows), default=0)

    @property
    def has_shares(self) -> bool:
        """Whether its rows have shares: a division has, a day has not."""
        return any(row.share is not None for row in self.rows)


def of_divisions(report: Report) -> Table:
    """All 36 in code order."""
    return _divisions([_division(report, figure) for figure in report.divisions])


def of_ranking(report: Report) -> Table:
    """The 34, most people first; equals share a rank and keep their order. Overseas and not stated are not in it."""
    ranked = sorted((f for f in report.divisions if f.division.tile), key=lambda figure: -figure.visitors)
    return _divisions([_division(report, f, rank=1 + sum(o.visitors > f.visitors for o in ranked)) for f in ranked])


def of_beside(report: Report) -> Table:
    """Overseas and not stated."""
    return _divisions([_division(report, figure) for figure in report.divisions if not figure.division.tile])


def of_parts(report: Report) -> Table:
    """The days of a month, the months of a year, or the years since the opening."""
    rows = [
        Row(
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


def of_programmes(report: Report) -> Table:
    """The hall's programmes in its own order."""
    rows = [
        _row(
            f, code=f.programme.code, name=f.programme.name(language()), link=_link(report, programme=f.programme.code)
        )
        for f in report.programmes
    ]
    return Table(title=_("Programmes"), of=_("Programme"), code_of=_("Code"), rows=rows)


def of_kinds(report: Report) -> Table:
    """The kinds of organisation, in their own order."""
    rows = [
        _row(f, code=f.kind.value, name=words.kind_name(f.kind), link=_link(report, kind=f.kind.value))
        for f in report.kinds
    ]
    return Table(title=_("Kinds of organisation"), of=_("Kind of organisation"), code_of=_("Code"), rows=rows)


def of_sources(report: Report) -> Table:
    """By which ways people came."""
    rows = [
        _row(f, code=f.source.value, name=_(words.WAY_NAMES[f.source]), link=_link(report, source=f.source.value))
        for f in report.sources
    ]
    return Table(title=_("Ways of booking"), of=_("Way"), code_of=_("Code"), rows=rows)


def of_guides(report: Report) -> Table:
    """The guides who led somebody, and those who came without one."""
    rows = [
        _row(
            f,
            code=f.guide.code if f.guide else "",
            name=f.guide.name(language()) if f.guide else _("Without a guide"),
            link=_link(report, guide=f.guide.code if f.guide else "none"),
        )
        for f in report.guides
    ]
    return Table(title=_("Guides"), of=_("Guide"), code_of=_("Code"), rows=rows)


def of_regions(report: Report) -> Table:
    """The Chinese mainland; Hong Kong, Macao and Taiwan; overseas; not stated. Groups are not told apart by them."""
    rows = [
        Row(
            code=region.value,
            name=_(name),
            visitors=people,
            groups=None,
            share=share(people, report.totals.visitors),
            link=_link(report, region=region.value),
        )
        for region, name in words.REGION_NAMES.items()
        for people in (report.regions[region],)
    ]
    return Table(title=_("Regions"), of=_("Region"), code_of=_("Code"), rows=rows)


def of_organisations(report: Report) -> Table:
    """Organisations that came for the first time, that had come before, and that gave no name."""
    rows = [
        Row(
            code=standing.value,
            name=_(name),
            visitors=found.visitors,
            groups=found.groups,
            share=share(found.visitors, report.totals.visitors),
            link=_link(report, organisation=standing.value),
        )
        for standing, name in words.STANDING_NAMES.items()
        for found in (getattr(report.organisations, standing.value),)
    ]
    return Table(title=_("New and returning organisations"), of=_("Organisation"), code_of=_("Code"), rows=rows)


def of_prefectures(report: Report) -> Table:
    """The prefectures, where imported figures name one; by code."""
    rows = [
        Row(
            code=f.code,
            name=PREFECTURES[f.code].name(language()),
            visitors=f.visitors,
            groups=f.groups,
            link=_link(report, prefecture=f.code),
        )
        for f in report.prefectures
    ]
    return Table(title=_("Prefectures"), of=_("Prefecture"), code_of=_("Code"), rows=rows)


def in_full(report: Report) -> list[Table]:
    """What a spreadsheet holds: every table with its zeros."""
    tables = [
        of_divisions(report),
        of_parts(report),
        of_programmes(report),
        of_kinds(report),
        of_sources(report),
        of_guides(report),
        of_organisations(report),
        of_regions(report),
    ]
    return [*tables, of_prefectures(report)] if report.prefectures else tables


def _row(figure: Shared, *, code: str, name: str, link: Mapping[str, str]) -> Row:
    return Row(code=code, name=name, visitors=figure.visitors, groups=figure.groups, share=figure.share, link=link)


def _divisions(rows: Sequence[Row]) -> Table:
    return Table(title=_("Divisions"), of=_("Division"), code_of=_("Code"), rows=rows)


def _link(report: Report, **chosen: str) -> dict[str, str]:
    """The arguments of the address of the rows behind a figure of a report."""
    return {"period": str(report.period), **chosen}


def _part_link(report: Report, first: date) -> dict[str, str]:
    """The same of a part: a day, a month as far as the report has it, or a year."""
    if report.period.part is Span.DAY:
        return _link(report, day=first.isoformat())
    if report.period.part is Span.MONTH:
        return {"period": str(report.period.within_month(first))}
    return {"period": str(Period.year(first.year))}


def _division(report: Report, figure: DivisionFigure, rank: int | None = None) -> Row:
    """GB/T 2260 codes are text like the words of overseas and not stated: spreadsheets look them up by either."""
    code = figure.division.code
    return Row(
        code=code,
        name=figure.division.name(language()),
        visitors=figure.visitors,
        groups=figure.groups,
        share=figure.share,
        rank=rank,
        link=_link(report, division=code),
    )


def of_times(report: Report) -> Table:
    """People by weekday and hour, as far as the hour is known; the code is the weekday, 1 is Monday, and the hour."""
    rows = [
        Row(
            code=f"{one.weekday + 1}/{one.hour:02}",
            name=f"{formats.weekdays(language())[one.weekday]} {one.hour:02}:00–{one.hour + 1:02}:00",
            visitors=one.visitors,
            groups=None,
        )
        for one in report.times
    ]
    return Table(title=_("Weekday and hour"), of=_("Hour"), code_of=_("Code"), rows=rows)
