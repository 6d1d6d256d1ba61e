"""The first page: hall, period, summary sentence, state, and contents."""

from collections.abc import Callable

from hallapp import printing
from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.reports import words
from hallapp.reports.closing import signing
from hallapp.reports.pdf.sheet import (
    GOOD,
    HEIGHT,
    INNER,
    LINE,
    MARGIN,
    QUIET,
    SMALL,
    WARN,
    WIDTH,
    ReportSheet,
    shortened,
)

_ENTRY = 17.0


def draw(sheet: ReportSheet) -> Callable[[], None]:
    """Draw everything except the contents; return a function that draws those once all sections are known."""
    report = sheet.report
    sheet.y = HEIGHT - 90
    for line in printing.wrap(report.hall.text("name", language()), size=16, width=INNER)[:3]:
        sheet.y -= 22
        sheet.write(line, MARGIN, sheet.y, size=16)
    sheet.y -= 18
    sheet.rule(sheet.y, thickness=2.4)
    sheet.y -= 28
    sheet.write(words.report_kind(report.period), MARGIN, sheet.y, size=12, colour=QUIET)
    name = words.period_name(report.period)
    size = min(34.0, INNER / printing.text_width(name, 1))
    sheet.y -= 12 + size
    sheet.write(name, MARGIN, sheet.y, size=size, bold=True)
    sheet.y -= 18
    sheet.lines(words.sentence(report), size=12.5)
    sheet.y -= 14
    _strip(sheet)
    _state(sheet)
    top = sheet.y
    sheet.turn()
    return lambda: _contents(sheet, top)


def _strip(sheet: ReportSheet) -> None:
    """Draw the four figures that come first."""
    totals = words.totals(sheet.report)
    column = INNER / len(totals)
    sheet.rule(sheet.y, colour=LINE)
    for place, (name, number) in enumerate(totals):
        x = MARGIN + place * column
        text = formats.number(number)
        size = min(20.0, (column - 8) / printing.text_width(text, 1))
        sheet.write(shortened(name, column - 6, SMALL), x, sheet.y - 17, size=SMALL, colour=QUIET)
        sheet.write(text, x, sheet.y - 42, size=size, bold=True)
    sheet.y -= 54
    sheet.rule(sheet.y, colour=LINE)


def _state(sheet: ReportSheet) -> None:
    report = sheet.report
    sheet.y -= 6
    sheet.lines(signing.state(report), size=10.5, colour=GOOD if report.close else WARN)
    for text in (signing.later(report), signing.filed_sentence(report)):
        if text:
            sheet.lines(text, size=SMALL, colour=QUIET)
    if report.close:
        sheet.lines(signing.foot(report), size=SMALL, colour=QUIET)


def _contents(sheet: ReportSheet, top: float) -> None:
    """Draw each section with its page, and a link to it; dots lead the eye."""
    sheet.y = top - 34
    sheet.write(_("Contents"), MARGIN, sheet.y, size=13, bold=True)
    sheet.y -= 8
    for section in sheet.sections:
        sheet.y -= _ENTRY
        number = str(section.page)
        sheet.write(section.title, MARGIN, sheet.y, size=10.5)
        sheet.write(number, WIDTH - MARGIN, sheet.y, size=10.5, anchor="end")
        begin = MARGIN + printing.text_width(section.title, 10.5) + 6
        end = WIDTH - MARGIN - printing.text_width(number, 10.5) - 6
        sheet.canvas.setDash([0.6, 3])
        sheet.rule(sheet.y + 1, x=begin, width=end - begin, colour=QUIET)
        sheet.canvas.setDash([])
        area = (MARGIN, sheet.y - 4, WIDTH - MARGIN, sheet.y + _ENTRY - 5)
        sheet.canvas.linkRect("", section.key, area, thickness=0)
