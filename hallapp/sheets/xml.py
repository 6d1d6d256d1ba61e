"""The XML of a workbook's parts, parsed as it is unpacked: rows, shared texts, and the small parts around them.

expat works in linear time. Its own guard against entity bombs is not relied on: a document type is refused.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from hallapp.sheets import errors
from hallapp.sheets.cells import UNCACHED, Cell, decode
from hallapp.sheets.model import COLUMNS_MOST, MERGES_MOST, NO_FORMULAS, Merge, SheetRow, letters_of

_NUMBER_LENGTH = 8  # digits of a row's number or of a text's: a sheet has 1,048,576 rows
_FORMULA_LONGEST = 8192  # characters, as spreadsheet programs allow
_MOVED_LONGEST = 255
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,80}?encoding\s{0,8}=\s{0,8}["']([A-Za-z0-9._-]{1,40})["']""")
_TAIL_LONGEST = 4 * 1024 * 1024
_HEAD_LONGEST = 1024 * 1024
_REFERENCE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7})(?![0-9A-Za-z_(])")
_QUOTED = re.compile(r'("[^"]*"|\'[^\']*\')')
_TRUE = frozenset({"1", "true", "on"})

Attributes = dict[str, str]


def utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the bytes of an XML part in UTF-8, converted from its own encoding.

    Raises:
        FileBroken: the part declares an unknown encoding, or ends within a character.
    """
    first = next(pieces, b"")
    encoding = _encoding_of(first)
    if encoding is None:
        yield first
        yield from pieces
        return
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        yield decoder.decode(first).encode("utf-8", "replace")
        for piece in pieces:
            yield decoder.decode(piece).encode("utf-8", "replace")
        yield decoder.decode(b"", True).encode("utf-8", "replace")
    except (LookupError, UnicodeError):
        raise errors.FileBroken from None


def _encoding_of(start: bytes) -> str | None:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start.startswith(b"<\0"):
        return "utf-16-le"
    if start.startswith(b"\0<"):
        return "utf-16-be"
    found = _DECLARED.match(start[:200].removeprefix(b"\xef\xbb\xbf"))
    named = found[1].decode().lower() if found else "utf-8"
    return None if named in ("utf-8", "utf8", "us-ascii", "ascii") else named


def make_parser() -> expat.XMLParserType:
    """Return a parser of UTF-8 that refuses document types, and with them entities."""
    parser = expat.ParserCreate("utf-8")
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


@lru_cache(maxsize=1000)
def column_of(letters: str) -> int:
    """Return a column's place, from 0, by its letters: A is 0, AA is 26."""
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def is_true(text: str) -> bool:
    """Return whether the value of an attribute is true."""
    return text.lower() in _TRUE


def elements(pieces: Iterable[bytes], *, whole: bool = True) -> Iterator[tuple[str, Attributes, str]]:
    """Yield each element of a small part: its name without prefix, its attributes without prefixes, its parent's name.

    `whole=False` allows that the XML breaks off.
    """
    found: list[tuple[str, Attributes, str]] = []
    parents = [""]

    def start(tag: str, attributes: list[str]) -> None:
        name = _local(tag)
        found.append(
            (name, {_local(k): v for k, v in zip(attributes[::2], attributes[1::2], strict=True)}, parents[-1])
        )
        parents.append(name)

    def end(_tag: str) -> None:
        parents.pop()

    parser = make_parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    for piece in pieces:
        parser.Parse(piece, False)
        yield from found
        found.clear()
    if whole:
        parser.Parse(b"", True)
        yield from found


@dataclass(slots=True)
class _Shared:
    """A formula that several cells share: its text, and the cell that contains it."""

    text: str
    row: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanings:
    """The meaning of a workbook's cells: `text` by its number, a number or an ISO date by its text and style.

    `struck` are the styles whose text is struck through.
    `recalculates` is a workbook whose author left it to the spreadsheet program to compute all formulas: a result of 0
    in it is none.
    """

    text: Callable[[int], str]
    number: Callable[[str, int], Cell]
    iso: Callable[[str, int], Cell]
    clean: Callable[[str], str]
    recalculates: bool = False
    struck: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Formula:
    """The formula of the cell at hand."""

    attributes: Attributes
    parts: list[str] = field(default_factory=list)


class SheetParser:
    """The rows of a sheet's XML, as they come. Cells from the column `COLUMNS_MOST` on are not looked at."""

    def __init__(self, meanings: Meanings) -> None:
        self._meanings = meanings
        self._done: list[SheetRow] = []
        self._cells: list[Cell] = []
        self._number, self._hidden, self._struck = 0, False, False
        self._formulas: dict[int, str] = {}
        self._shared: dict[str, _Shared] = {}
        self._at, self._style, self._type = -1, 0, ""
        self._found: list[str] = []
        self._formula: _Formula | None = None
        self._aloud = False
        self._parser = make_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes) -> list[SheetRow]:
        """Return the rows that are whole with this piece."""
        self._parser.Parse(piece, False)
        done, self._done = self._done, []
        return done

    def end(self) -> None:
        """Say that nothing more comes. Raises ExpatError where the XML is not whole."""
        self._parser.Parse(b"", True)

    def _start(self, tag: str, attributes: list[str]) -> None:
        if ":" in tag:
            tag = _local(tag)
        if tag == "c":
            self._begin_cell(attributes)
        elif tag == "v" or tag == "t":
            if not self._aloud:
                self._parser.CharacterDataHandler = self._found.append
        elif tag == "row":
            self._begin_row(attributes)
        elif tag == "f":
            self._formula = _Formula(dict(zip(attributes[::2], attributes[1::2], strict=True)))
            self._parser.CharacterDataHandler = self._formula.parts.append
        elif tag == "rPh":  # how a text is read aloud is no part of it
            self._aloud = True

    def _begin_row(self, attributes: list[str]) -> None:
        self._cells, self._at, self._formulas = [], -1, {}
        self._number += 1
        self._hidden = self._struck = False
        for index in range(0, len(attributes), 2):
            name, value = attributes[index], attributes[index + 1]
            if name == "r":
                if len(value) <= _NUMBER_LENGTH and value.isdecimal():
                    self._number = max(self._number, int(value))
            elif name == "hidden":
                self._hidden |= is_true(value)
            elif name == "ht":  # a row without height is hidden too
                self._hidden |= not value.strip("0.")

    def _begin_cell(self, attributes: list[str]) -> None:
        self._at += 1
        self._style, self._type = 0, ""
        self._formula = None
        self._found.clear()
        for index in range(0, len(attributes), 2):
            name, value = attributes[index], attributes[index + 1]
            if name == "r":
                letters = value.rstrip("0123456789")
                if letters.isascii() and letters.isalpha():
                    self._at = column_of(letters)
            elif name == "s":
                self._style = int(value) if len(value) <= _NUMBER_LENGTH and value.isdecimal() else 0
            elif name == "t":
                self._type = value

    def _end(self, tag: str) -> None:
        if ":" in tag:
            tag = _local(tag)
        if tag == "c":
            if (self._formula is not None or self._found) and 0 <= self._at < COLUMNS_MOST:
                self._keep_cell("".join(self._found))
        elif tag == "v" or tag == "t" or tag == "f":
            self._parser.CharacterDataHandler = None
        elif tag == "row":
            formulas = self._formulas or NO_FORMULAS
            self._done.append(SheetRow(self._number, self._cells, self._hidden, formulas, self._struck))
        elif tag == "rPh":
            self._aloud = False

    def _keep_cell(self, text: str) -> None:
        value = self._computed(text) if self._formula is not None else self._value(text)
        if self._style in self._meanings.struck and value:
            self._struck = True
        cells, at = self._cells, self._at
        if len(cells) < at:
            cells.extend([""] * (at - len(cells)))
        if len(cells) == at:
            cells.append(value)
        else:  # a cell that comes twice: the last one counts, as in a spreadsheet program
            cells[at] = value

    def _value(self, text: str) -> Cell:
        kind = self._type
        if kind == "s":
            return self._meanings.text(int(text[:_NUMBER_LENGTH]))
        if kind == "" or kind == "n":
            return self._meanings.number(text, self._style)
        if kind == "b":
            return "TRUE" if is_true(text.strip()) else "FALSE"
        if kind == "d":
            return self._meanings.iso(text, self._style)
        return self._meanings.clean(text)

    def _computed(self, text: str) -> Cell:
        """Return the result of a formula, and keep its text."""
        assert self._formula is not None
        self._formulas[self._at] = self._formula_text(self._formula)
        missing = not text and self._type != "str"
        if missing or (self._meanings.recalculates and self._type in ("", "n") and text.strip() == "0"):
            return UNCACHED
        return self._value(text)

    def _formula_text(self, formula: _Formula) -> str:
        text = "".join(formula.parts)[:_FORMULA_LONGEST].strip().lstrip("=")
        key = formula.attributes.get("si")
        if formula.attributes.get("t") != "shared" or key is None:
            return text
        if text:
            self._shared[key] = _Shared(text, self._number, self._at)
            return text
        first = self._shared.get(key)
        if first and len(first.text) > _MOVED_LONGEST:  # no sum; moving it for each of its cells would be long
            return ""
        return moved(first.text, self._number - first.row, self._at - first.column) if first else ""


def moved(formula: str, rows: int, columns: int) -> str:
    """Return a shared formula as it reads in a cell a number of rows and columns further on."""

    def move(found: re.Match[str]) -> str:
        column, row = column_of(found[2]), int(found[4])
        column, row = (column if found[1] else column + columns), (row if found[3] else row + rows)
        return f"{found[1]}{letters_of(column)}{found[3]}{row}" if column >= 0 and row > 0 else "#REF!"

    parts = _QUOTED.split(formula)
    return "".join(part if at % 2 else _REFERENCE.sub(move, part) for at, part in enumerate(parts))


class StringParser:
    """The texts of a workbook's table of texts, as they come; how they are read aloud is left out."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._found: list[str] = []
        self._aloud = False
        self._parser = make_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes) -> Iterable[str]:
        """Return the texts that are whole with this piece."""
        self._parser.Parse(piece, False)
        done, self._done = self._done, []
        return done

    def end(self) -> None:
        """Say that nothing more comes. Raises ExpatError where the XML is not whole."""
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


def find_hidden_columns(pieces: Iterable[bytes]) -> frozenset[int]:
    """Return the columns that the head of a sheet marks as hidden; the head ends where the rows begin."""
    hidden: set[int] = set()
    for name, attributes, _parent in elements(_head(pieces), whole=False):
        if name == "col" and (is_true(attributes.get("hidden", "")) or not attributes.get("width", "1").strip("0.")):
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdecimal() and last.isdecimal() and len(first + last) <= 2 * _NUMBER_LENGTH:
                hidden.update(range(int(first) - 1, min(int(last), COLUMNS_MOST)))
    return frozenset(hidden)


def _head(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a sheet's XML up to its rows."""
    head = b""
    for piece in pieces:
        head += piece
        if b"sheetData" in head or len(head) > _HEAD_LONGEST:
            break
    at = head.find(b"sheetData")
    yield head[: head.rfind(b"<", 0, at) if at >= 0 else _HEAD_LONGEST]


def find_merges(pieces: Iterable[bytes]) -> Iterator[Merge]:
    """Yield the merges of a sheet, which its XML lists behind the rows; at most `MERGES_MOST`."""
    found = 0
    try:
        for name, attributes, _parent in elements([_merge_list(pieces)], whole=False):
            merge = _merge(attributes.get("ref", "")) if name == "mergeCell" else None
            if merge is not None:
                yield merge
                found += 1
            if found == MERGES_MOST:
                return
    except expat.ExpatError:  # the rows are read nevertheless; a damaged sheet is reported there
        return


def _merge_list(pieces: Iterable[bytes]) -> bytes:
    """Return a sheet's XML from the list of its merges to the end of that list, found by its tags."""
    rest: list[bytes] = []
    before, size = b"", 0
    for piece in pieces:
        if rest:
            rest.append(piece)
            size += len(piece)
        else:
            text = before + piece
            found = _MERGES.search(text)
            rest = [text[found.start() :]] if found else []
            before = text[-_OVERLAP:]
        if size > _TAIL_LONGEST:
            break
    tail = b"".join(rest)
    end = tail.rfind(_MERGES_END)
    return tail[: end + len(_MERGES_END)] if end > 0 else tail


_MERGES = re.compile(rb"<(?:[A-Za-z0-9._-]{1,20}:)?mergeCells[\s>]")
_MERGES_END = b"mergeCells>"
_OVERLAP = 40  # bytes: the tag may lie across two pieces
_RANGE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,8}):\$?([A-Za-z]{1,3})\$?([0-9]{1,8})")


def _merge(ref: str) -> Merge | None:
    found = _RANGE.fullmatch(ref) if len(ref) <= 40 else None
    if not found:
        return None
    columns, rows = sorted(map(column_of, found.group(1, 3))), sorted(map(int, found.group(2, 4)))
    return Merge(rows[0], rows[1], columns[0], columns[1])


def text_of(attributes: Mapping[str, str], name: str) -> str:
    """Return an attribute as a person reads it."""
    return decode(attributes.get(name, ""))
