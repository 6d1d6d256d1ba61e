"""From the bytes of a file to rows of text: what kind of file it is, how much of it is read, and how it is encoded.

Nothing here trusts a file: its size is known before it is unpacked, no link in it is followed, no formula is computed,
no entity is expanded.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.reader.excel import ExcelReader

from hallapp.namelist import errors

FILE_BYTES_MOST = 2 * 1024 * 1024
ROWS_MOST = 1000  # rows in which something stands
COLUMNS_MOST = 50
_UNPACKED_MOST = 12 * 1024 * 1024
_RATIO_MOST = 200  # a list packs to a tenth; a zip bomb to a thousandth
_RATIO_FROM = 1024 * 1024
_PARTS_MOST = 500
_TAGS_MOST = 600_000  # in all parts: what reading costs, whatever the size
_LOOK_AT_ROWS = 20_000  # of a sheet, empty ones too: a list stands at its top
_LOOK_AT_COLUMNS = 257  # of a row: what stands further out is no list

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS_BY_START = {
    b"%PDF": "pdf",
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"GIF8": "picture",
    b"BM": "picture",
    b"{\\rtf": "document",
    b"Rar!": "archive",
    b"7z\xbc\xaf": "archive",
    b"\x1f\x8b": "archive",
}
_WEB_PAGE = (b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml", b"<head", b"<style")
_CONTROLS = frozenset(map(chr, (*range(0x20), 0x7F))) - frozenset("\t\n\r\v\f\x1a")
_DELIMITERS = ("\t", ";", ",", "，")
_LOOK_AT_LINES = 20


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
    if filename.casefold().endswith((".xlsm", ".xltm", ".xlam")):
        raise errors.FileHasMacros
    if content.startswith(b"PK\x03\x04") or content.startswith(b"PK\x05\x06"):
        sheets = _read_workbook(content)
    else:
        _refuse_other_kinds(content)
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
        if not _CONTROLS.isdisjoint(text):
            raise errors.FileOfOtherKind("binary")
        return text.rstrip("\x1a")
    raise errors.TextUnreadable


def read_text(text: str) -> Sheet:
    """The rows of a text, its cells parted by whatever parts most of its first lines."""
    # A quote that is never closed would swallow all the lines after it: then it is a character as any other.
    dialect = type("Dialect", (_Unquoted if text.count('"') % 2 else csv.excel,), {"delimiter": _delimiter(text)})
    lines = csv.reader(io.StringIO(text, newline=""), dialect, skipinitialspace=True)
    try:
        return Sheet("", _bounded(enumerate(lines, 1)))
    except csv.Error:  # a cell of more than 131,072 characters
        raise errors.TextUnreadable from None


def _delimiter(text: str) -> str:
    first = [line for line in text.splitlines() if line.strip()][:_LOOK_AT_LINES]
    found = {mark: sum(mark in line for line in first) for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=found.__getitem__)
    return best if found[best] else ","


def _refuse_other_kinds(content: bytes) -> None:
    if content.startswith(_OLE):
        raise _ole_refusal(content)
    for start, kind in _KINDS_BY_START.items():
        if content.startswith(start):
            raise errors.FileOfOtherKind(kind)
    if content[4:8] == b"ftyp" or (content.startswith(b"RIFF") and content[8:12] == b"WEBP"):
        raise errors.FileOfOtherKind("picture")
    if content[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_WEB_PAGE):
        raise errors.FileOfOtherKind("web_page")


def _ole_refusal(content: bytes) -> errors.FileRefused:
    """What an OLE file is, by the names in its directory: a workbook with a password, an old one, a document."""

    def has(name: str) -> bool:
        return name.encode("utf-16-le") in content

    if has("EncryptedPackage"):
        return errors.FileEncrypted()
    if has("WordDocument"):
        return errors.FileOfOtherKind("document")
    return errors.FileOfOldExcel() if has("Workbook") or has("Book") else errors.FileOfOtherKind("binary")


def _read_workbook(content: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_archive(archive)
        return _sheets(content)
    except errors.FileRefused:
        raise
    except Exception as error:  # the libraries raise whatever a broken file makes them stumble over
        raise (errors.FileUnsafe() if _is_forbidden(error) else errors.FileBroken()) from None


def _is_forbidden(error: BaseException | None) -> bool:
    """Whether the parser met an entity, which the library wraps into an error of its own."""
    while error is not None and not isinstance(error, DefusedXmlException):
        error = error.__cause__ or error.__context__
    return error is not None


def _refuse_archive(archive: zipfile.ZipFile) -> None:
    """Look at the directory, before anything is unpacked. No part can be larger than it says: reading stops there."""
    parts = archive.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > _PARTS_MOST or unpacked > _UNPACKED_MOST:
        raise errors.FileUnsafe
    if unpacked > _RATIO_FROM and unpacked > packed * _RATIO_MOST:
        raise errors.FileUnsafe
    if any(part.flag_bits & 1 for part in parts):
        raise errors.FileEncrypted
    if sum(archive.open(part).read().count(b"<") for part in parts) > _TAGS_MOST:
        raise errors.FileUnsafe
    names = {part.filename.casefold() for part in parts}
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        raise errors.FileHasMacros
    if any(name.startswith("xl/externallinks/") for name in names):
        raise errors.FileHasLinks
    _refuse_unless_workbook(archive, names)


def _refuse_unless_workbook(archive: zipfile.ZipFile, names: set[str]) -> None:
    if "word/document.xml" in names:
        raise errors.FileOfOtherKind("document")
    if "mimetype" in names or "xl/workbook.bin" in names:  # OpenDocument; Excel's binary workbook
        raise errors.FileOfOtherKind("other_workbook")
    if "[content_types].xml" not in names:
        raise errors.FileOfOtherKind("archive") if names else errors.FileBroken()
    if b"macroenabled" in archive.read("[Content_Types].xml").lower():
        raise errors.FileHasMacros


def _sheets(content: bytes) -> list[Sheet]:
    _refuse_repeated_sheets(content)
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheets = sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")
        return [Sheet(sheet.title, _bounded(_rows(sheet))) for sheet in sheets]
    finally:
        book.close()


def _refuse_repeated_sheets(content: bytes) -> None:
    """A part that is named as a thousand sheets would be read a thousand times."""
    reader = ExcelReader(io.BytesIO(content), read_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_workbook()
    targets = [relation.target for _sheet, relation in reader.parser.find_sheets()]
    if len(set(targets)) < len(targets):
        raise errors.FileUnsafe


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
