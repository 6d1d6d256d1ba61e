"""From the bytes of a file to rows of text: how much of it is read, and how it is encoded.

What is looked at before is in `core/sheetsafe.py`; no formula is computed.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.reader.excel import ExcelReader

from hallapp.core import sheetsafe
from hallapp.namelist import errors

FILE_BYTES_MOST = 2 * 1024 * 1024
ROWS_MOST = 1000  # rows in which something stands
COLUMNS_MOST = 50
_BOUNDS = sheetsafe.Bounds(unpacked=12 * 1024 * 1024, tags=600_000)
_LOOK_AT_ROWS = 20_000  # of a sheet, empty ones too: a list stands at its top
_LOOK_AT_COLUMNS = 257  # of a row: what stands further out is no list


class _Unquoted(csv.excel):
    quoting = csv.QUOTE_NONE


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a sheet in which something stands, each with its number, from 1, and its cells as text."""

    name: str
    rows: list[tuple[int, list[str]]]


def read(content: bytes, filename: str = "") -> list[Sheet]:
    """The sheets of a file in which something stands, those that its author hides last.

    What a file is called decides nothing but for what it contradicts: `.xlsm` is refused with and without code in it.

    Raises:
        FileRefused: in one of its kinds, for a file that cannot or must not be read.
    """
    if not content:
        raise errors.FileEmpty
    if len(content) > FILE_BYTES_MOST:
        raise errors.FileTooLarge
    sheetsafe.refuse_name(filename)
    if sheetsafe.is_workbook(content):
        sheets = _read_workbook(content)
    else:
        sheetsafe.refuse_other_kinds(content)
        sheets = [read_text(decode(content))]
    if not any(sheet.rows for sheet in sheets):
        raise errors.FileEmpty
    return [sheet for sheet in sheets if sheet.rows]


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 (with its mark), or GB 18030, which includes GBK and GB 2312.

    Raises:
        TextUnreadable: in none of them.
        FileOfOtherKind: with characters that no text has.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if sheetsafe.CONTROLS.search(text):
            raise errors.FileOfOtherKind("binary")
        return text.rstrip("\x1a")
    raise errors.TextUnreadable


def read_text(text: str) -> Sheet:
    """The rows of a text, its cells parted by whatever parts most of its first lines."""
    # A quote that is never closed would swallow all the lines after it: then it is a character as any other.
    dialect = type(
        "Dialect", (_Unquoted if text.count('"') % 2 else csv.excel,), {"delimiter": sheetsafe.find_delimiter(text)}
    )
    lines = csv.reader(io.StringIO(text, newline=""), dialect, skipinitialspace=True)
    try:
        return Sheet("", _bounded(enumerate(lines, 1)))
    except csv.Error:  # a cell of more than 131,072 characters
        raise errors.TextUnreadable from None


def _read_workbook(content: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheetsafe.refuse_archive(archive, _BOUNDS)
        return _sheets(content)
    except errors.FileRefused:
        raise
    except Exception as error:  # the libraries raise whatever a broken file makes them stumble over
        raise (errors.FileUnsafe() if sheetsafe.is_forbidden(error) else errors.FileBroken()) from None


def _sheets(content: bytes) -> list[Sheet]:
    _refuse_repeated_sheets(content)
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheets = sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")
        return [Sheet(sheet.title, _bounded(_rows(sheet))) for sheet in sheets]
    finally:
        book.close()


def _refuse_repeated_sheets(content: bytes) -> None:
    reader = ExcelReader(io.BytesIO(content), read_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_workbook()
    sheetsafe.refuse_repeated_sheets(reader)


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    rows = sheet.iter_rows(max_row=_LOOK_AT_ROWS, max_col=_LOOK_AT_COLUMNS, values_only=True)
    for number, row in enumerate(rows, 1):
        if any(row):  # most rows of a sheet that was formatted down to its last row are empty
            yield number, [_text(value) for value in row]


def _text(value: object) -> str:
    """A cell as text; a number or a day has no letters, so that it is never taken for a name."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else str(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _bounded(rows: Iterable[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """The rows in which something stands, without the empty cells at their ends."""
    kept: list[tuple[int, list[str]]] = []
    for number, row in rows:
        while row and not row[-1].strip():
            row.pop()
        if not row:
            continue
        if len(kept) == ROWS_MOST:
            raise errors.TooManyRows(most=ROWS_MOST)
        if len(row) > COLUMNS_MOST:
            raise errors.TooManyColumns(most=COLUMNS_MOST)
        kept.append((number, row))
    return kept
