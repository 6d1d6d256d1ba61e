"""Tables in plain text (.csv, .txt): their separators and their rows."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Literal

from hallapp.sheets import errors
from hallapp.sheets.cells import Cell, clean
from hallapp.sheets.encodings import find_encoding
from hallapp.sheets.kinds import CONTROLS, pieces
from hallapp.sheets.model import COLUMNS_MOST, Opened, SheetFile, SheetRow

_DELIMITERS = ("\t", ";", ",", "，", "|")
_LOOK_AT_LINES = 20
_LOOK_AT = 64 * 1024
_SAYS_DELIMITER = re.compile(r"\ufeff?sep=(.)\r?\n?", re.IGNORECASE)
_TEXT_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_QUOTED = re.compile(r'"[^"]*(?:"|$)')
_LINE_ENDS = re.compile(r"\r\n?")


def open_text(path: Path, encoding: str | None) -> Opened:
    """Open a text before its rows are read; `encoding` is a person's choice.

    Raises:
        FileRefused: in one of its kinds; TextUnsure where the encoding can be one of several.
    """
    encoding = find_encoding(path, encoding)
    quotes = _count_quotes(path, encoding)
    with path.open(encoding=encoding, newline="") as file:
        look = file.read(_LOOK_AT)

    def read() -> Iterator[SheetRow]:
        with path.open(encoding=encoding, newline="") as file:
            yield from _rows(file, look, quoted=quotes % 2 == 0)

    return Opened([SheetFile("", False, read)])


def read_rows(text: str) -> Iterator[SheetRow]:
    """Yield the rows of a typed or pasted text. Raises TextUnreadable where a cell is too long."""
    yield from _rows(io.StringIO(text, newline=""), text[:_LOOK_AT], quoted=text.count('"') % 2 == 0)


def _count_quotes(path: Path, encoding: str) -> int:
    """Return how many quotes a text has.

    Raises:
        TextUnreadable: it is not written in this encoding.
        FileOfOtherKind: it has characters that no text has.
    """
    quotes = 0
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            for piece in (*pieces(file), b""):
                text = decoder.decode(piece, final=not piece)
                quotes += text.count('"')
                if CONTROLS.search(text):
                    raise errors.FileOfOtherKind("binary")
    except UnicodeError:
        raise errors.TextUnreadable from None
    return quotes


def _rows(file: IO[str], look: str, *, quoted: bool) -> Iterator[SheetRow]:
    said = _SAYS_DELIMITER.match(look)
    delimiter = said[1] if said else find_delimiter(_QUOTED.sub("", look) if quoted else look)
    # A quote that is never closed would swallow all the lines after it: then it is a character as any other.
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    lines = csv.reader(file, delimiter=delimiter, quoting=quoting, skipinitialspace=delimiter != "\t")
    try:
        for number, row in enumerate(lines, 1):
            if not (said and number == 1):
                yield SheetRow(number, _cells(row[:COLUMNS_MOST]))
    except csv.Error:  # a cell of more than 131,072 characters
        raise errors.TextUnreadable from None


def _cells(row: Iterable[str]) -> list[Cell]:
    return [_cell(text) for text in row]


def _cell(text: str) -> str:
    """Return a cell's text; `="0012"` is how programs keep a spreadsheet program from making a number of it."""
    text = clean(text)
    if text.startswith("=") and (found := _TEXT_FORMULA.fullmatch(text)):
        return clean(found[1].replace('""', '"'))
    return text


def find_delimiter(text: str) -> str:
    """Return the separator of the cells in most of a text's first lines; a comma if there is none."""
    first = [line for line in _LINE_ENDS.sub("\n", text).split("\n") if line.strip()][:_LOOK_AT_LINES]
    found = {mark: sum(mark in line.rstrip("\t") for line in first) for mark in _DELIMITERS}
    found["\t"] -= sum(_is_padded(line) for line in first)
    best = max(_DELIMITERS, key=found.__getitem__)
    return best if found[best] > 0 else ","


def _is_padded(line: str) -> bool:
    """Return whether each tab of a line only follows a value before a comma, as some payment platforms write."""
    return line.count("\t") > 0 and "\t" in line.rstrip("\t") and line.count("\t,") >= line.rstrip("\t").count("\t")
