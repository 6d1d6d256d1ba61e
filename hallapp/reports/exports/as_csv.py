"""A report as one table of everything, a row a figure."""

import csv
import io
from collections.abc import Iterator

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.ledger.facets import Section
from hallapp.reports import apart, tables, words
from hallapp.reports.closing import signing
from hallapp.reports.exports.cells import Cell, guarded
from hallapp.reports.figures.parts import ABSENCES_IN_SUM
from hallapp.reports.figures.service import Report
from hallapp.reports.tables import TableRow as TableRow

CsvRow = tuple[Cell | None, ...]


def to_csv(report: Report) -> bytes:
    """Return the report as CSV: with a byte order mark, so that Excel reads UTF-8; CR LF; unknown values are empty."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(
        [
            *(_("Table"), _("Code"), _("Name"), _("People"), _("Groups"), _("Share of people")),
            *(_("People in the period before"), _("People a year before")),
        ]
    )
    for row in _rows(report):
        writer.writerow(["" if cell is None else guarded(cell) for cell in (*row, *[None] * (8 - len(row)))])
    return file.getvalue().encode("utf-8-sig")


def _rows(report: Report) -> Iterator[CsvRow]:
    yield from _totals(report)
    then = {f.code: (f.before, f.last_year) for f in report.divisions}
    for place, table in enumerate(tables.in_full(report)):
        for row in table.rows:
            yield (table.title, *_cells(row), *(then[str(row.code)] if place == 0 else ()))
    yield from _rest(report)
    for listed in apart.list_tables(report):
        for place, column in enumerate(listed.columns):
            title = listed.title if place == 0 else f"{listed.title} · {column}"
            yield from ((title, one.code, one.name, one.numbers[place]) for one in listed.rows)


def _totals(report: Report) -> Iterator[CsvRow]:
    totals, period = report.totals, str(report.period)
    before, last_year = (sum_.visitors if sum_ else None for sum_ in (report.previous, report.last_year))
    name = report.hall.text("name", language())
    yield _("Total"), period, name, totals.visitors, totals.groups, None, before, last_year
    yield _("Places booked"), period, "", totals.booked_visitors
    earlier = report.absence_method == ABSENCES_IN_SUM
    yield _("Booked, but did not arrive"), period, _("Earlier method") if earlier else "", totals.absent_visitors
    yield _("Places open"), period, "", totals.capacity
    if report.undated.visitors or report.undated.groups:
        yield _("Unknown day"), period, "", report.undated.visitors, report.undated.groups
    yield signing.state(report), period, report.close.digest if report.close else ""
    if report.later_count:
        yield _("Adjustments since"), period, signing.later(report), report.later
    if report.filed.adjustments:
        yield _("Adjustments since"), period, signing.filed_sentence(report), report.filed.adjusted


def _cells(row: TableRow) -> tuple[Cell | None, ...]:
    return row.code, row.name, row.visitors, row.groups, None if row.share is None else f"{row.share:.1%}"


def _rest(report: Report) -> Iterator[CsvRow]:
    """Yield the parts that are no table of the report: hours of the week, and landmarks of the period."""
    for times in tables.in_section(report, Section.TIMETABLE):
        for row in times.rows:
            yield times.title, row.code, row.name, row.visitors
    for milestone in report.milestones:
        when = (milestone.day or milestone.month).isoformat()[: 10 if milestone.day else 7]
        yield _("Milestones"), when, words.milestone(report.origins, milestone), milestone.number
    for first in report.firsts:
        yield report.origins.say(report.origins.words.first), first.code, words.first_seen(report.origins, first)
    for one in report.adjustments:
        told = _(words.ADJUSTMENT_NAMES[one.reason])
        yield _("Adjustments"), one.month.isoformat()[:7], told, one.visitors
