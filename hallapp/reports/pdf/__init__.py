"""A report on paper, to be signed: first page with signatures, figures, pictures with their tables, method."""

from hallapp.reports.figures.service import Report
from hallapp.reports.pdf import cover, method, sections
from hallapp.reports.pdf.letterhead import Letterhead
from hallapp.reports.pdf.sheet import ReportSheet


def to_pdf(report: Report, letterhead: Letterhead | None = None) -> bytes:
    """Return the report as the bytes of a PDF, in the language in force; pages wait until their number is known."""
    sheet = ReportSheet(report, letterhead or Letterhead())
    contents = cover.draw(sheet)
    sections.draw(sheet)
    method.draw(sheet)
    return sheet.finish(contents)


__all__ = ["to_pdf"]
