"""The figures of a report as files: PDF to sign, JSON for programs, CSV and XLSX for spreadsheets."""

from enum import StrEnum

from hallapp.reports import pdf
from hallapp.reports.exports.as_csv import to_csv
from hallapp.reports.exports.as_json import to_json
from hallapp.reports.exports.cells import guarded
from hallapp.reports.exports.workbook import to_xlsx
from hallapp.reports.figures.service import Report
from hallapp.reports.pdf import letterhead


class Format(StrEnum):
    """A file that a report is given as; the value is its extension."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"

    @property
    def mimetype(self) -> str:
        """Return the media type by which it is served."""
        return _MIMETYPES[self]


_MIMETYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}


def export(report: Report, form: Format) -> bytes:
    """Return a report as the bytes of a file, in the language in force."""
    if form is Format.PDF:
        return pdf.to_pdf(report, letterhead.find(report))
    makers = {Format.JSON: to_json, Format.CSV: to_csv, Format.XLSX: to_xlsx}
    return makers[form](report)


__all__ = ["Format", "export", "guarded", "to_csv", "to_json", "to_xlsx"]
