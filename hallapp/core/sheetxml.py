"""The XML of a workbook's parts, parsed as it comes: rows of a sheet, texts of the table of texts, merged cells."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Generic, TypeVar
from xml.parsers import expat

from hallapp.core import sheet_errors as errors

T = TypeVar("T")
_NUMBER_LENGTH = 8  # digits of a row's number or of a text's: a sheet has 1,048,576 rows
_MERGE = re.compile(rb'mergeCell [^>]*?ref="([A-Z]{1,3})([0-9]{1,8}):([A-Z]{1,3})([0-9]{1,8})"')
_OVERLAP = 200  # bytes: a merge's tag may lie across two pieces


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 64 * 1024
    parser.ordered_attributes = True
    parser.EntityDeclHandler = _refuse
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_args: object) -> None:
    raise errors.FileUnsafe


@lru_cache(maxsize=1000)
def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


@lru_cache(maxsize=20_000)
def column_of(letters: str) -> int:
    """A column's place, from 0, by its letters: A is 0, AA is 26."""
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - 64
    return number - 1


class SheetParser(Generic[T]):
    """The rows of a sheet's XML, as they come.

    `text` gives a shared text by its number, `value` a number's meaning by its text and its cell's style. Cells from
    `columns` on are not looked at.
    """

    def __init__(self, text: Callable[[int], T], value: Callable[[str, int], T], columns: int) -> None:
        self._shared, self._value, self._columns = text, value, columns
        self._done: list[tuple[int, list[T | str]]] = []
        self._row: list[T | str] = []
        self._number = 0
        self._at, self._style, self._type = -1, 0, ""
        self._found: list[str] = []
        self._parser = _parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes) -> list[tuple[int, list[T | str]]]:
        """The rows that are whole with this piece."""
        self._parser.Parse(piece, False)
        done, self._done = self._done, []
        return done

    def end(self) -> None:
        """Nothing more comes. Raises ExpatError where something lacks."""
        self._parser.Parse(b"", True)

    def _start(self, tag: str, attributes: list[str]) -> None:
        tag = _local(tag)
        if tag == "c":
            self._begin_cell(attributes)
        elif tag == "row":
            self._begin_row(attributes)
        elif tag in ("v", "t"):
            self._parser.CharacterDataHandler = self._found.append
        elif tag == "rPh":  # how a text is read aloud is no part of it
            self._type = "phonetic"

    def _begin_row(self, attributes: list[str]) -> None:
        self._row, self._at = [], -1
        self._number += 1
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            if name == "r" and len(value) <= _NUMBER_LENGTH and value.isdecimal():
                self._number = max(self._number, int(value))

    def _begin_cell(self, attributes: list[str]) -> None:
        self._at += 1
        self._style, self._type = 0, ""
        self._found.clear()
        for index in range(0, len(attributes), 2):
            name, value = attributes[index], attributes[index + 1]
            if name == "r":
                self._at = column_of(value.rstrip("0123456789")) if value.isascii() else self._at
            elif name == "s" and len(value) <= _NUMBER_LENGTH:
                self._style = int(value)
            elif name == "t":
                self._type = value

    def _end(self, tag: str) -> None:
        tag = _local(tag)
        if tag in ("v", "t"):
            self._parser.CharacterDataHandler = None
        elif tag == "c":
            if self._found and 0 <= self._at < self._columns:
                self._keep_cell("".join(self._found))
            self._found.clear()
        elif tag == "row":
            self._done.append((self._number, self._row))

    def _keep_cell(self, text: str) -> None:
        row, at = self._row, self._at
        while len(row) < at:
            row.append("")
        value: T | str = text
        if self._type == "s":
            value = self._shared(int(text[:_NUMBER_LENGTH]))
        elif self._type in ("", "n"):
            value = self._value(text, self._style)
        elif self._type == "d":
            value = text
        if len(row) == at:
            row.append(value)
        else:  # a cell that comes twice: the last one counts, as in a spreadsheet
            row[at] = value


class StringParser:
    """The texts of a workbook's table of texts, as they come; how they are read aloud is left out."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._found: list[str] = []
        self._aloud = False
        self._parser = _parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes) -> Iterable[str]:
        """The texts that are whole with this piece."""
        self._parser.Parse(piece, False)
        done, self._done = self._done, []
        return done

    def end(self) -> None:
        """Nothing more comes. Raises ExpatError where something lacks."""
        self._parser.Parse(b"", True)

    def _start(self, tag: str, _attributes: list[str]) -> None:
        tag = _local(tag)
        if tag == "t" and not self._aloud:
            self._parser.CharacterDataHandler = self._found.append
        elif tag == "rPh":
            self._aloud = True

    def _end(self, tag: str) -> None:
        tag = _local(tag)
        if tag == "t":
            self._parser.CharacterDataHandler = None
        elif tag == "rPh":
            self._aloud = False
        elif tag == "si":
            self._done.append("".join(self._found))
            self._found.clear()


def find_merges(pieces: Iterable[bytes]) -> Iterator[tuple[int, int, int]]:
    """The first column, top row and bottom row of each merge of cells over several rows."""
    before = b""
    for piece in pieces:
        text = before + piece
        last = 0
        if b"mergeCell " in text:
            for found in _MERGE.finditer(text):
                last = found.end()
                column, top, bottom = column_of(found[1].decode()), int(found[2]), int(found[4])
                if bottom > top:
                    yield column, top, bottom
        before = text[max(last, len(text) - _OVERLAP) :]
