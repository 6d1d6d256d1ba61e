"""Landmarks of a period, and adjustments made in it to closed months."""

from collections.abc import Sequence

from hallapp.core.i18n import gettext as _
from hallapp.periods import Period
from hallapp.reports import words
from hallapp.reports.figures.parts import AdjustmentFigure
from hallapp.reports.pdf.sheet import GUTTER, INNER, MARGIN, QUIET, SMALL, ReportSheet
from hallapp.reports.pdf.table import ROW, PdfColumn, PdfLine, Table


def draw(sheet: ReportSheet) -> None:
    """Draw a section for each of them, where there is something to tell."""
    if sheet.report.milestones or sheet.report.firsts:
        _remembered(sheet)
    if sheet.report.adjustments:
        _adjustments(sheet)


def _remembered(sheet: ReportSheet) -> None:
    report = sheet.report
    sheet.heading(_("Milestones and first times"), room=ROW * 5)
    if report.milestones:
        _list(sheet, _("Milestones"), [words.milestone(report.origins, one) for one in report.milestones])
    if report.firsts:
        _list(
            sheet,
            report.origins.say(report.origins.words.first),
            [words.first_seen(report.origins, one) for one in report.firsts],
        )


def _list(sheet: ReportSheet, title: str, texts: Sequence[str]) -> None:
    """Short texts in two columns."""
    sheet.need(ROW * 3 + 20)
    sheet.title(title)
    pairs = [(left, texts[place + 1] if place + 1 < len(texts) else "") for place, left in list(enumerate(texts))[::2]]
    column = (INNER - GUTTER) / 2
    with sheet.tagged("L"):
        for pair in pairs:
            sheet.need(ROW)
            sheet.y -= ROW
            for text, x in zip(pair, (MARGIN, MARGIN + column + GUTTER), strict=True):
                if text:
                    with sheet.tagged("LI"), sheet.tagged("LBody"):
                        sheet.write(text, x, sheet.y + 3, size=9)


def _adjustments(sheet: ReportSheet) -> None:
    sheet.heading(_("Adjustments of closed months, made in this period"), room=ROW * 5)
    sheet.y -= 2
    sheet.lines(
        _("They count in the month in which the people came, and are shown beside its signed figures."),
        size=SMALL,
        colour=QUIET,
    )
    columns = [
        PdfColumn(heading=_("Date of the adjustment"), width=120),
        PdfColumn(heading=_("Month"), width=120),
        PdfColumn(heading=_("People"), width=60, number=True),
        PdfColumn(width=18),
        PdfColumn(heading=_("Why")),
    ]
    Table(sheet, columns).draw([_adjustment(one) for one in sheet.report.adjustments])


def _adjustment(one: AdjustmentFigure) -> PdfLine:
    return PdfLine(
        cells=(
            words.long_day(one.made_on),
            words.period_name(Period.month(one.month.year, one.month.month)),
            words.signed(one.visitors),
            "",
            _(words.ADJUSTMENT_NAMES[one.reason]),
        )
    )
