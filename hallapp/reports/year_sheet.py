"""The reporting sheet: the figures for which museums are asked every year, with the terms of the standards.

The terms are those of the key indicators of EGMUS and of ISO 18461; docs/reports.md names the sources.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import xlsxwriter

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.ledger.facets import CATEGORY, COUNTRY, FACETS, PROGRAMME
from hallapp.ledger.models import NO_TOUR
from hallapp.origins import world
from hallapp.origins.values import OVERSEAS
from hallapp.reports import labels, tables, words
from hallapp.reports.exports.styles import ExportColumn, Styles, TableSheet
from hallapp.reports.figures.service import Report
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Mode

_TOUR_LANGUAGE = "tour_language"
_NOT_RECORDED = "unknown"
_USE = "ISO 18461, 2.4"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One figure of the sheet; `term` names it in the standards, `note` says what it counts, `level` 1 is a part."""

    name: str
    people: int
    groups: int | None = None
    term: str = ""
    note: str = ""
    level: int = 0


def list_lines(report: Report) -> list[SheetLine]:
    """Return the figures of a period in the order of the sheet."""
    totals = report.totals
    return [
        SheetLine(
            name=_("Total visits"),
            people=totals.visitors,
            groups=totals.groups,
            term="EGMUS 6a",
            note=f"{report.hall.text('name', language())} · {words.name_so_far(report)}",
        ),
        SheetLine(
            name=_("Free visits"),
            people=totals.visitors,
            groups=totals.groups,
            term="EGMUS 6b",
            note=_("Admission is free, so every visit is a free visit."),
        ),
        *_foreign(report),
        *_categories(report),
        _guided(report),
        *_programmes(report),
    ]


def _foreign(report: Report) -> Iterator[SheetLine]:
    """Yield the people from abroad, and those of each country where the hall asks for it."""
    note = _("By the place that the group stated.")
    if report.origins.code == world.CODE:
        yield from _of_other_countries(report, note)
        return
    abroad = next((one for one in report.divisions if one.code == OVERSEAS), None)
    if abroad is not None:
        yield SheetLine(
            name=_("Foreign visitors"), people=abroad.visitors, groups=abroad.groups, term="EGMUS 6d", note=note
        )
    countries = report.facets.get(COUNTRY, ())
    for one in countries:
        name = labels.part_name(FACETS[COUNTRY], one.code, one.name)
        yield SheetLine(name=name, people=one.visitors, groups=one.groups, level=1)
    unnamed = (abroad.visitors if abroad else 0) - sum(one.visitors for one in countries)
    if countries and unnamed:
        yield SheetLine(name=_("Country not stated"), people=unnamed, level=1)


def _of_other_countries(report: Report, note: str) -> Iterator[SheetLine]:
    """Yield the people of all countries but the hall's own; the sum has no groups, as mixed ones are in several."""
    foreign = {area.key for area in world.list_abroad(report.origins.home or report.hall.country)}
    countries = [one for one in report.divisions if one.code in foreign and one.visitors]
    people = sum(one.visitors for one in countries)
    yield SheetLine(name=_("Foreign visitors"), people=people, term="EGMUS 6d", note=note)
    for one in sorted(countries, key=lambda one: -one.visitors):
        name = report.origins.name(one.code, language())
        yield SheetLine(name=name, people=one.visitors, groups=one.groups, level=1)


def _categories(report: Report) -> Iterator[SheetLine]:
    """Yield the people by the hall's own categories, such as minors."""
    facet = FACETS[CATEGORY]
    if CATEGORY not in report.facets or facet.presentation is None:
        return
    for table in tables.of_families(report, facet, facet.presentation):
        yield SheetLine(name=table.title, people=sum_known(table, report), note=table.caption, term=_USE)
        for row in table.rows:
            yield SheetLine(name=row.name, people=row.visitors, groups=row.groups, level=1)


def sum_known(table: tables.Table, report: Report) -> int:
    """Return the people of whom the categories of a family are known: all but the last row, which is not stated."""
    return report.totals.visitors - table.rows[-1].visitors


def _guided(report: Report) -> SheetLine:
    led = [one for one in report.facets.get(_TOUR_LANGUAGE, ()) if one.code not in (NO_TOUR, _NOT_RECORDED)]
    return SheetLine(
        name=_("Guided tours given"),
        people=sum(one.visitors for one in led),
        groups=sum(one.groups or 0 for one in led),
        term=_USE,
        note=_("Groups led in a language, and their people. Walk-ins and imported figures record none."),
    )


def _programmes(report: Report) -> Iterator[SheetLine]:
    known = {one.slug: one for one in schedule.list_all_programmes(report.hall.id)}
    counted = [(known.get(one.code), one) for one in report.facets.get(PROGRAMME, ())]
    educational = [one for programme, one in counted if programme and programme.educational]
    yield SheetLine(
        name=_("Educational activities"),
        people=sum(one.visitors for one in educational),
        groups=sum(one.groups or 0 for one in educational),
        term=_USE,
        note=_("Visits to programmes that are marked as educational."),
    )
    online = [one for programme, one in counted if programme and programme.mode is Mode.ONLINE]
    if any(one.visitors for one in online):
        yield SheetLine(
            name=_("Visitors counted for online programmes"),
            people=sum(one.visitors for one in online),
            groups=sum(one.groups or 0 for one in online),
            note=_("Earlier versions or imports counted them; they are part of the total."),
        )
    yield SheetLine(
        name=_("Online audience"),
        people=report.audience.people if report.audience else 0,
        term=_USE,
        note=_("People who followed online programmes, once for each session. They are no part of the total."),
    )
    if report.talks:
        yield SheetLine(
            name=_("Talks with hosts"),
            people=report.talks.total.held,
            term=_USE,
            note=_("Talks of one guest with one host. Only guests at the hall are part of the total."),
        )


def to_xlsx(report: Report) -> bytes:
    """Return the sheet as a workbook in the language in force."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        title = f"{report.hall.text('name', language())} {words.period_name(report.period)}"
        book.set_properties({"title": title, "created": report.made_at.replace(tzinfo=None)})
        columns = [
            ExportColumn(heading=_("Figure"), width=36, style="text"),
            ExportColumn(heading=_("People"), width=12, style="number"),
            ExportColumn(heading=_("Groups"), width=12, style="number"),
            ExportColumn(heading=_("Term in the standards"), width=22, style="text"),
            ExportColumn(heading=_("What it counts"), width=80, style="text"),
        ]
        sheet = TableSheet(book, Styles.of(book), _("Reporting sheet"), columns)
        for line in list_lines(report):
            sheet.put("　" * line.level + line.name, line.people, line.groups, line.term, line.note)
        sheet.end()
    return file.getvalue()
