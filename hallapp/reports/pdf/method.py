"""The end of a report: how its figures were counted."""

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.reports import words
from hallapp.reports.pdf.sheet import BAD, BODY, GOOD, INNER, MARGIN, SMALL, ReportSheet


def draw(sheet: ReportSheet) -> None:
    """Draw the last section: how the figures were counted, and whether the counts agree."""
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
    with sheet.tagged("L"):
        for note in notes:
            sheet.need(BODY * 3.2)
            with sheet.tagged("LI"):
                with sheet.tagged("Lbl"):
                    sheet.write("·", MARGIN, sheet.y - SMALL * 1.15, size=SMALL)
                sheet.lines(note, x=MARGIN + 9, width=INNER - 9, size=SMALL, role="LBody")
            sheet.y -= 2
