"""The first sheet of a workbook: totals of the period, comparisons, and method."""

from collections.abc import Iterable
from typing import Any

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.reports import words
from hallapp.reports.closing import signing
from hallapp.reports.exports.cells import ratio
from hallapp.reports.exports.styles import Styles, paper, sheet_name, write
from hallapp.reports.figures.service import Report
from hallapp.reports.goals import words as goal_words

_Line = tuple[str, int | float | None, str]


def write_summary(book: Any, styles: Styles, report: Report, told: Iterable[str]) -> None:
    """Write the sheet; `told` are the notes on the workbook's data."""
    sheet = book.add_worksheet(sheet_name(_("Summary")))
    sheet.hide_gridlines(2)
    for column, width in enumerate((38, 16, 16, 16, 16)):
        sheet.set_column(column, column, width)
    paper(sheet)
    sheet.set_row(0, 30)
    name = f"{report.hall.text('name', language())} · {words.period_name(report.period)}"
    sheet.write_string(0, 0, name, styles.title)
    _wrapped(sheet, styles, 1, words.sentence(report), height=48)
    row = 3
    for what, value, style in _figures(report):
        sheet.write_string(row, 0, what, styles.label)
        write(sheet, row, 1, value, styles, style)
        row += 1
    row = _write_comparisons(sheet, styles, report, row + 1)
    for text in (
        *goal_words.describe(report.goal),
        words.check_verdict(report),
        signing.state(report),
        signing.later(report),
        signing.filed_sentence(report),
    ):
        if text:
            sheet.write_string(row, 0, text, styles.text)
            row += 1
    if report.close:
        sheet.write_string(row, 0, signing.foot(report), styles.label)
        row += 1
    sheet.write_string(row, 0, words.made_at(report), styles.label)
    for place, note in enumerate((*words.notes(report), *told), start=row + 2):
        _wrapped(sheet, styles, place, note, height=36)


def _figures(report: Report) -> list[_Line]:
    totals = report.totals
    return [
        *((what, number, "sum") for what, number in words.totals(report)),
        (_("Booked, but did not arrive"), totals.absent_visitors, "number"),
        (_("Places open"), totals.capacity, "number"),
        (_("Use of places"), totals.use if totals.capacity else None, "share"),
        (_("Average size of a group"), totals.average, "average"),
        *((report.origins.name(figure.code, language()), figure.visitors, "number") for figure in report.beside),
        *([(_("Unknown day"), report.undated.visitors, "number")] if report.undated.visitors else []),
        *((_("Check: %(what)s", what=what), number, "number") for what, number in words.check_terms(report)),
    ]


def _write_comparisons(sheet: Any, styles: Styles, report: Report, row: int) -> int:
    """Write the period and the periods compared with; return the next row."""
    compared = words.comparisons(report)
    if not compared:
        return row
    headings = (_("Compared"), _("People"), _("Groups"), _("Difference in people"), _("In per cent"))
    for column, heading in enumerate(headings):
        sheet.write_string(row, column, heading, styles.number_heading if column else styles.heading)
    totals = report.totals
    write(sheet, row + 1, 0, words.name_so_far(report), styles, "text")
    write(sheet, row + 1, 1, totals.visitors, styles, "number")
    write(sheet, row + 1, 2, totals.groups, styles, "number")
    for place, one in enumerate(compared, start=row + 2):
        then, change = one.then, totals.visitors - one.then.visitors
        write(sheet, place, 0, one.name, styles, "text")
        write(sheet, place, 1, then.visitors, styles, "number")
        write(sheet, place, 2, then.groups, styles, "number")
        write(sheet, place, 3, change, styles, "signed")
        write(sheet, place, 4, ratio(change, then.visitors) if then.visitors else one.percent, styles, "percent")
    return row + len(compared) + 3


def _wrapped(sheet: Any, styles: Styles, row: int, text: str, *, height: float) -> None:
    sheet.set_row(row, height)
    sheet.merge_range(row, 0, row, 4, "", styles.lead)
    sheet.write_string(row, 0, text, styles.lead)
