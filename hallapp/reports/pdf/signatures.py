"""The end of a report: its method, and its signatures."""

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.reports import words
from hallapp.reports.closing import signing
from hallapp.reports.pdf.sheet import BAD, BODY, GOOD, GUTTER, INNER, MARGIN, QUIET, SMALL, ReportSheet

_SEAL = 92.0


def draw(sheet: ReportSheet) -> None:
    """Draw the last sections."""
    _method(sheet)
    _signatures(sheet)


def _method(sheet: ReportSheet) -> None:
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
        notes.append(
            _(
                "The digest at the foot of each page proves the figures: it can be compared with the "
                "digest that was filed."
            )
        )
    for note in notes:
        sheet.need(BODY * 3.2)
        sheet.write("·", MARGIN, sheet.y - SMALL * 1.15, size=SMALL)
        sheet.lines(note, x=MARGIN + 9, width=INNER - 9, size=SMALL)
        sheet.y -= 2


def _signatures(sheet: ReportSheet) -> None:
    """Three who sign, each with a day, and room for a seal; all of it on one page."""
    sheet.heading(_("Signatures"), room=_SEAL + 30)
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
    sheet.write(_("Seal"), x + _SEAL / 2, top - _SEAL / 2 - 3, size=SMALL, colour=QUIET, anchor="middle")
    sheet.y = top - _SEAL - 6
