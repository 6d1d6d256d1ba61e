"""What ends a report: what it is remembered by, what was adjusted, how it was counted, and who stands for it."""

from collections.abc import Sequence

from flask_babel import gettext as _

from hallapp.core import formats
from hallapp.reports import signing, words
from hallapp.reports.parts import AdjustmentFigure
from hallapp.reports.pdf.sheet import BAD, BODY, GOOD, GUTTER, INNER, LINE, MARGIN, QUIET, SMALL, Sheet
from hallapp.reports.pdf.table import ROW, Column, Line, Table
from hallapp.reports.periods import Period

_SEAL = 92.0


def draw(sheet: Sheet) -> None:
    """The last sections."""
    if sheet.report.milestones or sheet.report.firsts:
        _remembered(sheet)
    if sheet.report.adjustments:
        _adjustments(sheet)
    _method(sheet)
    _signatures(sheet)


def _remembered(sheet: Sheet) -> None:
    report = sheet.report
    sheet.heading(_("Milestones and first times"), room=ROW * 5)
    if report.milestones:
        _list(sheet, _("Milestones"), [words.milestone(one) for one in report.milestones])
    if report.firsts:
        _list(sheet, _("Here for the first time"), [words.first_seen(one) for one in report.firsts])


def _list(sheet: Sheet, title: str, texts: Sequence[str]) -> None:
    """Short texts in two columns."""
    sheet.need(ROW * 3 + 20)
    sheet.title(title)
    pairs = [(left, texts[place + 1] if place + 1 < len(texts) else "") for place, left in list(enumerate(texts))[::2]]
    column = (INNER - GUTTER) / 2
    for left, right in pairs:
        sheet.need(ROW)
        sheet.y -= ROW
        sheet.write(left, MARGIN, sheet.y + 3, size=9)
        sheet.write(right, MARGIN + column + GUTTER, sheet.y + 3, size=9)


def _adjustments(sheet: Sheet) -> None:
    sheet.heading(_("Adjustments of closed months, made in this period"), room=ROW * 5)
    sheet.y -= 2
    sheet.lines(
        _("They count in the month in which the people came, and stand beside its signed figures."),
        size=SMALL,
        colour=QUIET,
    )
    columns = [
        Column(heading=_("Made on"), width=120),
        Column(heading=_("Month"), width=120),
        Column(heading=_("People"), width=60, number=True),
        Column(width=18),
        Column(heading=_("Why")),
    ]
    Table(sheet, columns).draw([_adjustment(one) for one in sheet.report.adjustments])


def _adjustment(one: AdjustmentFigure) -> Line:
    return Line(
        cells=(
            words.long_day(one.made_on),
            words.period_name(Period.month(one.month.year, one.month.month)),
            words.signed(one.visitors),
            "",
            _(words.ADJUSTMENT_NAMES[one.reason]),
        )
    )


def _method(sheet: Sheet) -> None:
    report = sheet.report
    sheet.heading(_("Notes on method"), room=150)
    counts = (" = " if report.check.agrees else " / ").join(
        f"{what} {formats.number(number)}" for what, number in words.check_terms(report)
    )
    sheet.y -= 2
    sheet.lines(f"{counts}  {words.check_verdict(report)}", colour=GOOD if report.check.agrees else BAD)
    sheet.y -= 3
    notes = words.notes(report)
    if report.close:
        notes.append(_("The digest in the foot of each page proves the figures: it can be compared with the one that was filed."))
    for note in notes:
        sheet.need(BODY * 3.2)
        sheet.write("·", MARGIN, sheet.y - SMALL * 1.15, size=SMALL)
        sheet.lines(note, x=MARGIN + 9, width=INNER - 9, size=SMALL)
        sheet.y -= 2


def _signatures(sheet: Sheet) -> None:
    """Three who sign, each with a day, and room for a seal; all of it on one page."""
    sheet.heading(_("Signatures"), room=_SEAL + 84)
    sheet.lines(signing.foot(sheet.report), size=SMALL, colour=QUIET)
    top = sheet.y - 6
    column = (INNER - _SEAL - 3 * GUTTER) / 3
    for place, name in enumerate((_("Prepared by"), _("Checked by"), _("Approved by"))):
        x = MARGIN + place * (column + GUTTER)
        sheet.write(name, x, top - 10, size=SMALL, colour=QUIET)
        sheet.rule(top - 50, x=x, width=column)
        sheet.write(_("Date"), x, top - 66, size=SMALL, colour=QUIET)
        sheet.rule(top - 92, x=x, width=column)
    x = MARGIN + INNER - _SEAL
    canvas = sheet.canvas
    canvas.setDash([2, 3])
    for edge in (top, top - _SEAL):
        sheet.rule(edge, x=x, width=_SEAL, colour=QUIET)
    canvas.line(x, top, x, top - _SEAL)
    canvas.line(x + _SEAL, top, x + _SEAL, top - _SEAL)
    canvas.setDash([])
    sheet.write(_("Seal"), x + _SEAL / 2, top - _SEAL / 2 - 3, size=SMALL, colour=LINE, anchor="middle")
    sheet.y = top - _SEAL - 6
