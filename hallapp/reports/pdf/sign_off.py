"""The foot of the first page: who signs, each with a day, and room for a seal."""

from hallapp.core.i18n import gettext as _
from hallapp.reports.pdf.sheet import BODY, BOTTOM, GUTTER, INNER, MARGIN, QUIET, SMALL, ReportSheet

_SEAL = 92.0
TOP = BOTTOM + _SEAL + 28


def draw(sheet: ReportSheet) -> None:
    """Draw the lines of three people at the same place of each report."""
    top = TOP - 24
    with sheet.tagged("H2"):
        sheet.write(_("Signatures"), MARGIN, TOP - 12, size=BODY, bold=True)
    column = (INNER - _SEAL - 3 * GUTTER) / 3
    for place, name in enumerate((_("Prepared by"), _("Checked by"), _("Approved by"))):
        x = MARGIN + place * (column + GUTTER)
        for text, y in ((name, top), (_("Date"), top - 56)):
            with sheet.tagged("P"):
                sheet.write(text, x, y - 10, size=SMALL, colour=QUIET)
        sheet.rule(top - 50, x=x, width=column)
        sheet.rule(top - 92, x=x, width=column)
    _seal(sheet, MARGIN + INNER - _SEAL, top)


def _seal(sheet: ReportSheet, x: float, top: float) -> None:
    canvas = sheet.canvas
    canvas.setDash([2, 3])
    for edge in (top, top - _SEAL):
        sheet.rule(edge, x=x, width=_SEAL, colour=QUIET)
    canvas.line(x, top, x, top - _SEAL)
    canvas.line(x + _SEAL, top, x + _SEAL, top - _SEAL)
    canvas.setDash([])
    with sheet.tagged("P"):
        sheet.write(_("Seal"), x + _SEAL / 2, top - _SEAL / 2 - 3, size=SMALL, colour=QUIET, anchor="middle")
