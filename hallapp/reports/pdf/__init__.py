"""A report on A4 paper, to be signed: cover, figures, pictures with their tables, method, signatures."""

from hallapp.reports.figures.service import Report
from hallapp.reports.pdf import cover, sections, signatures
from hallapp.reports.pdf.sheet import ReportSheet


def to_pdf(report: Report) -> bytes:
    """Return the report as the bytes of a PDF, in the language in force; pages wait until their number is known."""
    sheet = ReportSheet(report)
    contents = cover.draw(sheet)
    sections.draw(sheet)
    signatures.draw(sheet)
    return sheet.finish(contents)


__all__ = ["to_pdf"]
