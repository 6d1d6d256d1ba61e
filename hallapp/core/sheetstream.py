"""Spreadsheets of any length, a row at a time: memory does not grow with the rows.

A workbook's sheet is parsed as it is unpacked; its table of texts lies in a temporary file. Numbers stay as they are
written, dates are told by their format as the spreadsheet program tells them. No formula is computed: what the program
had computed last is read.
"""

import codecs
import csv
import re
import tempfile
import zipfile
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Literal
from xml.parsers import expat

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.styles.stylesheet import apply_stylesheet

from hallapp.core import sheet_errors as errors
from hallapp.core import sheetsafe
from hallapp.core.sheetsafe import Bounds
from hallapp.core.sheetxml import SheetParser, StringParser, find_merges

COLUMNS_MOST = 256  # what stands further out is read by nobody
_DELIMITERS = (*sheetsafe.DELIMITERS, "|")
_PIECE = 256 * 1024
_HEAD = 4 * 1024 * 1024  # what tells of which kind a file is
_MERGES_MOST = 20_000
_STRINGS_IN_MEMORY = _VALUES_IN_MEMORY = 4096
#: Formats of Chinese Excel that openpyxl does not know, by what they show. Source: ECMA-376, 18.8.30.
_MONTHS_BUILTIN = frozenset({17, 27, 36, 50, 52, 57})
_DAYS_BUILTIN = frozenset({14, 15, 16, 22, 28, 29, 30, 31, 51, 53, 54, 58})
#: Letters of a format that stand for no part of a date: quoted ones, single ones, and those of a colour, a language or
#: a way to write numerals, such as `[Red]` and `[DBNum1]`. Hours beyond 24, such as `[h]`, say nothing of a day either.
_NO_CODES = re.compile(r'"[^"]*"?|\\.|_.|\[[^\]]*\]')


@dataclass(frozen=True, slots=True)
class Moment:
    """A cell with a date in it; `shows_day` is False where it is shown as a month, such as `2019年3月`."""

    day: date
    shows_day: bool = True

    def __str__(self) -> str:
        """As a person would write it."""
        return self.day.isoformat()[: 10 if self.shows_day else 7]


Cell = str | Moment
Row = tuple[int, list[Cell]]


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells that were made one: in `column`, from the row `top` to `bottom`, all from 1; columns from 0."""

    column: int
    top: int
    bottom: int


@dataclass(slots=True)
class SheetFile:
    """One sheet of a file: its name, whether its author hides it, and its rows, each time it is asked for them."""

    name: str
    hidden: bool
    read: Callable[[], Iterator[Row]]
    merges: tuple[Merge, ...] = ()

    def rows(self) -> Iterator[Row]:
        """The rows in which something stands, with their numbers from 1.

        Raises:
            FileRefused: where the file breaks off, in the midst of it too.
        """
        for number, cells in self.read():
            while cells and (cells[-1] == "" or (isinstance(cells[-1], str) and not cells[-1].strip())):
                cells.pop()
            if cells:
                yield number, cells


@dataclass(slots=True)
class Opened:
    """A file that has been looked at, with its sheets, those that its author hides last; close it in the end."""

    sheets: list[SheetFile]
    _close: list[Callable[[], object]] = field(default_factory=list)

    def __enter__(self) -> "Opened":
        """Itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Let go of the file and of what lies beside it."""
        for close in reversed(self._close):
            close()


def open_file(path: Path, filename: str, bounds: Bounds) -> Opened:
    """Look at a file before it is read.

    Raises:
        FileRefused: in one of its kinds, for a file that cannot or must not be read.
    """
    sheetsafe.refuse_name(filename)
    with path.open("rb") as file:
        start = file.read(_HEAD)
    if not start:
        raise errors.FileEmpty
    if sheetsafe.is_workbook(start):
        return _open_workbook(path, bounds)
    sheetsafe.refuse_other_kinds(start)
    encoding, quoted = _encoding_of(path)
    with path.open(encoding=encoding, newline="") as text:
        delimiter = sheetsafe.find_delimiter(text.read(64 * 1024), _DELIMITERS)
    return Opened([SheetFile("", False, lambda: _text_rows(path, encoding, delimiter, quoted=quoted))])


def _encoding_of(path: Path) -> tuple[str, bool]:
    """In what a text is written, and whether its quotes come in pairs."""
    with path.open("rb") as file:
        mark = file.read(2)
    wanted = ("utf-16",) if mark in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in wanted:
        quotes = 0
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                for piece in (*sheetsafe.pieces(file), b""):
                    text = decoder.decode(piece, final=not piece)
                    quotes += text.count('"')
                    if sheetsafe.CONTROLS.search(text):
                        raise errors.FileOfOtherKind("binary")
        except UnicodeError:
            continue
        return encoding, quotes % 2 == 0
    raise errors.TextUnreadable


def _text_rows(path: Path, encoding: str, delimiter: str, *, quoted: bool) -> Iterator[Row]:
    # A quote that is never closed would swallow all the lines after it: then it is a character as any other.
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    with path.open(encoding=encoding, newline="") as text:
        lines = csv.reader(text, delimiter=delimiter, quoting=quoting, skipinitialspace=True)
        try:
            for number, row in enumerate(lines, 1):
                yield number, [*row[:COLUMNS_MOST]]
        except csv.Error:  # a cell of more than 131,072 characters
            raise errors.TextUnreadable from None


def _open_workbook(path: Path, bounds: Bounds) -> Opened:
    opened = Opened([])
    try:
        archive = zipfile.ZipFile(path)
        opened._close.append(archive.close)
        sheetsafe.refuse_archive(archive, bounds)
        opened.sheets = _sheets(archive, opened)
    except errors.FileRefused:
        opened.__exit__()
        raise
    except Exception as error:  # the libraries raise whatever a broken file makes them stumble over
        opened.__exit__()
        raise (errors.FileUnsafe() if sheetsafe.is_forbidden(error) else errors.FileBroken()) from None
    return opened


def _sheets(archive: zipfile.ZipFile, opened: Opened) -> list[SheetFile]:
    reader = ExcelReader(archive.fp, read_only=True, keep_links=False)  # by its name it would judge the file
    opened._close.append(reader.archive.close)
    reader.read_manifest()
    reader.read_workbook()
    sheetsafe.refuse_repeated_sheets(reader)
    book: Any = reader.wb
    apply_stylesheet(reader.archive, book)
    formats = _Formats(book)
    strings = _Strings(archive)
    opened._close.append(strings.close)
    sheets = []
    for sheet, relation in reader.parser.find_sheets():
        if "worksheet" in relation.Type:
            merges = tuple(_merges(archive, relation.target))
            read = _reading(archive, relation.target, strings, formats)
            sheets.append(SheetFile(sheet.name, sheet.state != "visible", read, merges))
    return sorted(sheets, key=lambda one: one.hidden)


def _reading(
    archive: zipfile.ZipFile, part: str, strings: "_Strings", formats: "_Formats"
) -> Callable[[], Iterator[Row]]:
    def read() -> Iterator[Row]:
        parser: SheetParser[Cell] = SheetParser(strings.get, formats.value, COLUMNS_MOST)
        try:
            with archive.open(part) as file:
                for piece in sheetsafe.pieces(file, _PIECE):
                    yield from parser.feed(piece)
                parser.end()
        except errors.FileRefused:
            raise
        except (expat.ExpatError, zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, IndexError) as error:
            raise errors.FileBroken from error

    return read


def _merges(archive: zipfile.ZipFile, part: str) -> Iterator[Merge]:
    with archive.open(part) as file:
        for count, (column, top, bottom) in enumerate(find_merges(sheetsafe.pieces(file))):
            if count == _MERGES_MOST:
                return
            yield Merge(column, top, bottom)


class _Formats:
    """What the numbers of a workbook mean, by the styles of their cells."""

    def __init__(self, book: Any) -> None:
        self._epoch: datetime = book.epoch
        self._kinds = [self._kind(style.numFmtId, book._number_formats) for style in book._cell_styles]
        self.value = lru_cache(maxsize=_VALUES_IN_MEMORY)(self._value)

    @staticmethod
    def _kind(number: int, own: list[str]) -> bool | None:
        """Whether a format shows the day of a date; None where it shows no date."""
        if number in _MONTHS_BUILTIN or number in _DAYS_BUILTIN:
            return number in _DAYS_BUILTIN
        code = own[number - 164] if 164 <= number < 164 + len(own) else BUILTIN_FORMATS.get(number)
        if not code or not is_date_format(code):
            return None
        letters = _NO_CODES.sub("", code.lower())
        return "d" in letters if "y" in letters or "d" in letters else None

    def _value(self, text: str, style: int) -> Cell:
        """A number as it is written, or the date that it is shown as."""
        shows_day = self._kinds[style] if 0 <= style < len(self._kinds) else None
        if shows_day is None:
            return text
        try:
            return Moment((self._epoch + timedelta(days=float(text))).date(), shows_day)
        except (ValueError, OverflowError):
            return text


class _Strings:
    """The texts of a workbook, one after another in a temporary file, with where each begins."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 — it is closed by `close`
        self._starts = array("Q", [0])
        name = next((n for n in archive.namelist() if n.casefold() == "xl/sharedstrings.xml"), None)
        try:
            if name:
                self._spool(archive, name)
        except BaseException:
            self.close()
            raise
        self.get = lru_cache(maxsize=_STRINGS_IN_MEMORY)(self._get)

    def _spool(self, archive: zipfile.ZipFile, name: str) -> None:
        parser = StringParser()
        at = 0
        with archive.open(name) as part:
            for piece in sheetsafe.pieces(part, _PIECE):
                for text in parser.feed(piece):
                    at += self._file.write(text.encode("utf-8", "replace"))
                    self._starts.append(at)
            parser.end()

    def _get(self, number: int) -> str:
        """A text by its number. Raises IndexError where there is none."""
        if number < 0:
            raise IndexError(number)
        start, end = self._starts[number], self._starts[number + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode()

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
