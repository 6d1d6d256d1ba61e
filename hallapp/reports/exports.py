"""The figures of a report as data: JSON for programs, CSV and XLSX for spreadsheets, in the language in force."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from hallapp.core import clock
from hallapp.core.i18n import language
from hallapp.divisions import OVERSEAS, UNKNOWN
from hallapp.reports import pdf, tables, words
from hallapp.reports.figures import Report
from hallapp.reports.periods import Period, Unit
from hallapp.reports.tables import Table

#: What a spreadsheet takes for the start of a formula, where it stands first in a text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | date


class Format(StrEnum):
    """A file that a report is given as; the value is its extension."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"

    @property
    def mimetype(self) -> str:
        """The media type by which it is served."""
        return _MIMETYPES[self]


_MIMETYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}


def export(report: Report, form: Format) -> bytes:
    """A report as the bytes of a file."""
    makers = {Format.JSON: to_json, Format.CSV: to_csv, Format.XLSX: to_xlsx, Format.PDF: pdf.to_pdf}
    return makers[form](report)


def to_json(report: Report) -> bytes:
    """For programs: numbers as numbers, shares as parts of 1, divisions all 36 in code order."""
    return json.dumps(_as_dict(report), ensure_ascii=False, indent=2).encode() + b"\n"


def to_csv(report: Report) -> bytes:
    """One table of everything, a row a figure. The byte order mark tells Excel that it is UTF-8; lines end in CR LF."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([_("Table"), _("Code"), _("Name"), _("People"), _("Groups"), _("Share of people")])
    totals = report.totals
    writer.writerow([_("Total"), report.period, guarded(_hall_name(report)), totals.visitors, totals.groups, ""])
    writer.writerow([_("Places booked"), report.period, "", totals.booked_visitors, "", ""])
    for table in tables.in_full(report):
        for row in table.rows:
            share = "" if row.share is None else f"{row.share:.1%}"
            writer.writerow([table.title, guarded(row.code), guarded(row.name), row.visitors, row.groups, share])
    return file.getvalue().encode("utf-8-sig")


def to_xlsx(report: Report) -> bytes:
    """A workbook: a sheet that sums up, then one for each table, with typed numbers and dates under a frozen header."""
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties(
            {
                "title": f"{_hall_name(report)} {words.period_name(report.period)}",
                "created": report.made_at.replace(tzinfo=None),
            }
        )
        styles = _Styles.of(book)
        _write_summary(book, styles, report)
        for table in tables.in_full(report):
            _write_table(book, styles, table)
    return file.getvalue()


def guarded(cell: Cell) -> Cell:
    """A text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def _hall_name(report: Report) -> str:
    return report.hall.text("name", language())


def _as_dict(report: Report) -> dict[str, Any]:
    totals, check = report.totals, report.check
    apart = {figure.division.code: figure.visitors for figure in report.beside}
    return {
        "hall": report.hall.slug,
        "hall_name": _hall_name(report),
        report.period.unit.value: str(report.period),
        "closed": report.closed,
        "running": report.running,
        "made_at": clock.local(report.made_at, report.hall.time_zone).isoformat(timespec="seconds"),
        "time_zone": report.hall.time_zone,
        "sentence": words.sentence(report),
        "totals": {
            "visitors": totals.visitors,
            "groups": totals.groups,
            "booked_visitors": totals.booked_visitors,
            "divisions": totals.divisions,
            "overseas_visitors": apart[OVERSEAS],
            "unknown_visitors": apart[UNKNOWN],
        },
        "previous": _previous(report),
        "divisions": [
            {
                "code": f.division.code,
                "iso": f.division.iso or None,
                "name": f.division.name(language()),
                "visitors": f.visitors,
                "groups": f.groups,
                "share": f.share,
            }
            for f in report.divisions
        ],
        **_parts(report),
        "programmes": _rows(tables.of_programmes(report)),
        "kinds": _rows(tables.of_kinds(report)),
        "check": {
            "divisions": check.divisions,
            _PARTS[report.period.unit][1]: check.parts,
            "ledger": check.ledger,
            "agrees": check.agrees,
        },
    }


def _rows(table: Table) -> list[dict[str, Any]]:
    keys = ("code", "name", "visitors", "groups", "share")
    return [{key: getattr(row, key) for key in keys} for row in table.rows]


_PARTS = {Unit.MONTH: ("day", "days", 10), Unit.YEAR: ("month", "months", 7), Unit.SINCE_OPENING: ("year", "years", 4)}


def _parts(report: Report) -> dict[str, Any]:
    one, many, length = _PARTS[report.period.unit]
    return {
        many: [
            {one: part.first.isoformat()[:length], "visitors": part.visitors, "groups": part.groups}
            for part in report.parts
        ]
    }


def _previous(report: Report) -> dict[str, Any] | None:
    if report.previous is None:
        return None
    period: Period = report.period.previous()
    return {period.unit.value: str(period), "visitors": report.previous.visitors, "groups": report.previous.groups}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Styles:
    title: Any
    lead: Any
    label: Any
    heading: Any
    number_heading: Any
    text: Any
    number: Any
    code: Any
    day: Any
    share: Any
    sum: Any

    @classmethod
    def of(cls, book: Any) -> "_Styles":
        base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        heading = {**base, "bold": True, "bottom": 1, "bg_color": "#f4f1ec"}
        return cls(
            title=book.add_format({**base, "bold": True, "font_size": 16}),
            lead=book.add_format({**base, "font_size": 11, "text_wrap": True, "valign": "top"}),
            label=book.add_format({**base, "font_color": "#5f5a54"}),
            heading=book.add_format(heading),
            number_heading=book.add_format({**heading, "align": "right"}),
            text=book.add_format(base),
            number=book.add_format({**base, "num_format": "#,##0"}),
            code=book.add_format({**base, "num_format": "0", "align": "left"}),
            day=book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left"}),
            share=book.add_format({**base, "num_format": "0.0%"}),
            sum=book.add_format({**base, "num_format": "#,##0", "bold": True, "align": "right"}),
        )


def _write_summary(book: Any, styles: _Styles, report: Report) -> None:
    sheet = book.add_worksheet(_("Summary"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 16)
    sheet.set_column(2, 2, 54)
    _paper(sheet)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, f"{_hall_name(report)} · {words.period_name(report.period)}", styles.title)
    sheet.set_row(1, 48)
    sheet.merge_range(1, 0, 1, 2, "", styles.lead)
    sheet.write_string(1, 0, words.sentence(report), styles.lead)
    for row, (name, value) in enumerate(_summary(report), start=3):
        sheet.write_string(row, 0, name, styles.label)
        sheet.write_number(row, 1, value, styles.sum)
    below = 4 + len(_summary(report))
    sheet.write_string(below, 0, words.check_verdict(report), styles.text)
    sheet.write_string(below + 1, 0, words.made_at(report), styles.label)
    for row, note in enumerate(words.notes(report), start=below + 3):
        sheet.set_row(row, 44)
        sheet.merge_range(row, 0, row, 2, "", styles.lead)
        sheet.write_string(row, 0, note, styles.lead)


def _summary(report: Report) -> Sequence[tuple[str, int]]:
    before = report.previous
    name = words.period_name(report.period.previous()) if before else ""
    return [
        *words.totals(report),
        *((figure.division.name(language()), figure.visitors) for figure in report.beside),
        *([(_("People, %(period)s", period=name), before.visitors)] if before else []),
        *([(_("Groups, %(period)s", period=name), before.groups)] if before else []),
        *((_("Check: %(what)s", what=what), number) for what, number in words.check_terms(report)),
    ]


def _write_table(book: Any, styles: _Styles, table: Table) -> None:
    sheet = book.add_worksheet(table.title)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 30)
    sheet.set_column(2, 4, 14)
    _paper(sheet)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table.rows), 4 if table.has_shares else 3)
    for column, heading in enumerate((table.code_of, table.of)):
        sheet.write_string(0, column, heading, styles.heading)
    numbers = (_("People"), _("Groups"), _("Share of people"))
    for column, heading in enumerate(numbers if table.has_shares else numbers[:2], start=2):
        sheet.write_string(0, column, heading, styles.number_heading)
    for place, row in enumerate(table.rows, start=1):
        _write_code(sheet, place, row.code, styles)
        sheet.write_string(place, 1, row.name, styles.text)
        sheet.write_number(place, 2, row.visitors, styles.number)
        sheet.write_number(place, 3, row.groups, styles.number)
        if row.share is not None:
            sheet.write_number(place, 4, row.share, styles.share)


def _write_code(sheet: Any, row: int, code: Cell, styles: _Styles) -> None:
    if isinstance(code, date):
        sheet.write_datetime(row, 0, code, styles.day)
    elif isinstance(code, int):
        sheet.write_number(row, 0, code, styles.code)
    else:
        sheet.write_string(row, 0, str(code), styles.text)


def _paper(sheet: Any) -> None:
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
