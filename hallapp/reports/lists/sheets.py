"""Long lists as files, a row at a time: CSV, and XLSX with typed cells; memory use does not grow with the list."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import region
from hallapp.reports.exports import Format, guarded
from hallapp.reports.exports.styles import serial
from hallapp.reports.lists.streams import Stream, Type, Value

#: The rows of one sheet of a workbook, its heading included; further rows go to the next sheet.
SHEET_ROWS = 1_048_576
_WIDTHS = {Type.TEXT: 20, Type.NUMBER: 12, Type.PLAIN_NUMBER: 10, Type.DAY: 12, Type.TIME: 10}

Write = Callable[[tuple[Value, ...]], None]
Tell = Callable[[int], None]


def write(path: Path, form: Format, stream: Stream, *, tell: Tell) -> int:
    """Write all rows of a stream as CSV or XLSX; returns their number, which `tell` hears as it grows."""
    number = 0
    opener = {Format.CSV: _csv, Format.XLSX: _xlsx}[form]
    with opener(path, stream) as put:
        for number, row in enumerate(stream.rows, start=1):
            put(row)
            tell(number)
    return number


@contextmanager
def _csv(path: Path, stream: Stream) -> Iterator[Write]:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([heading for heading, _type in stream.columns])
        texts = [place for place, (_heading, kind) in enumerate(stream.columns) if kind is Type.TEXT]

        def put(row: tuple[Value, ...]) -> None:
            cells: list[Any] = list(row)
            for place in texts:
                cells[place] = guarded(cells[place])
            writer.writerow(cells)

        yield put


@contextmanager
def _xlsx(path: Path, stream: Stream) -> Iterator[Write]:
    options = {
        "constant_memory": True,  # a row is written as soon as the next one begins
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        sheets = _Sheets(book, stream)
        yield sheets.put
        sheets.end()


class _Sheets:
    """The sheets of a workbook, one after the other as each is full."""

    def __init__(self, book: Any, stream: Stream) -> None:
        self.book, self.columns = book, stream.columns
        base = {"font_name": "Microsoft YaHei", "font_size": 10}
        self.heading = book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#f4f1ec"})
        formats = {Type.NUMBER: "#,##0", Type.PLAIN_NUMBER: "0", Type.DAY: "yyyy-mm-dd", Type.TIME: "hh:mm:ss"}
        styles = {kind: book.add_format({**base, "num_format": formats.get(kind, "@")}) for kind in Type}
        self.styles = [styles[kind] for _heading, kind in self.columns]
        self.count = 0
        self._begin()

    def put(self, row: tuple[Value, ...]) -> None:
        """Write one row of the list."""
        if self.row == SHEET_ROWS:
            self.end()
            self._begin()
        sheet, number = self.sheet, self.row
        for column, (value, style) in enumerate(zip(row, self.styles, strict=True)):
            if isinstance(value, str):
                if value:
                    sheet.write_string(number, column, value, style)
            elif value is not None:
                sheet.write_number(number, column, value if isinstance(value, int) else serial(value), style)
        self.row += 1

    def end(self) -> None:
        """Close the sheet's table: set its filter, and keep Excel from warning of codes that are texts."""
        last = (self.row - 1, len(self.columns) - 1)
        self.sheet.autofilter(0, 0, *last)
        self.sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, *last)})

    def _begin(self) -> None:
        self.count += 1
        name = _("Data")
        self.sheet = self.book.add_worksheet(name if self.count == 1 else f"{name} {self.count}")
        for column, (_heading, kind) in enumerate(self.columns):
            self.sheet.set_column(column, column, _WIDTHS[kind])
        self.sheet.freeze_panes(1, 0)
        self.sheet.repeat_rows(0)
        self.sheet.set_paper(region().paper.excel)
        self.sheet.set_landscape()
        for column, (heading, _kind) in enumerate(self.columns):
            self.sheet.write_string(0, column, heading, self.heading)
        self.row = 1
