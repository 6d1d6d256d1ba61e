"""Workbooks in Open XML (.xlsx), transitional and strict, a row at a time: memory does not grow with the rows.

A sheet is parsed while it is unpacked; the table of texts is in a temporary file. Formulas are not computed: the result
that the spreadsheet program stored is read. Missing or wrong parts other than rows never make a file unreadable.
"""

import posixpath
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO
from urllib.parse import unquote
from xml.parsers import expat

from hallapp.sheets import errors, kinds
from hallapp.sheets.cells import Cell, clean, number
from hallapp.sheets.formats import BUILT_IN, Shown, read_format, read_iso, read_serial, read_suffix
from hallapp.sheets.model import Bounds, Opened, SheetFile, SheetRow
from hallapp.sheets.xml import (
    Meanings,
    SheetParser,
    StringParser,
    elements,
    find_hidden_columns,
    find_merges,
    is_true,
    text_of,
    utf8,
)

_PIECE = 256 * 1024
_IN_MEMORY = 4096  # texts and numbers
_STYLES_MOST = 65_536
_WORKBOOK = "xl/workbook.xml"
_BROKEN = (expat.ExpatError, zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, KeyError, IndexError,
           NotImplementedError, RuntimeError)  # fmt: skip


def open_workbook(path: Path, bounds: Bounds) -> Opened:
    """Look at a workbook before its rows are read.

    Raises:
        FileRefused: in one of its kinds.
    """
    opened = Opened([])
    try:
        file = path.open("rb")  # closed below: an archive would wait for all of its parts to be closed
        opened.closing.append(file.close)
        archive = zipfile.ZipFile(file)
        kinds.refuse_archive(archive, bounds)
        opened.sheets = _Book(archive).sheets(opened)
    except errors.FileRefused:
        opened.close()
        raise
    except _BROKEN:
        opened.close()
        raise errors.FileBroken from None
    return opened


class _Book:
    """The parts of a workbook, found by the relations between them, or by their usual names where those lack."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {_plain(name): name for name in archive.namelist()}
        self._part = self._find_workbook()
        self._relations = dict(self._read_relations(self._part))

    def sheets(self, opened: Opened) -> list[SheetFile]:
        """Return the sheets, hidden ones last."""
        from_1904 = recalculates = False
        listed: list[tuple[str, bool, str]] = []
        for name, attributes, _parent in elements(self.pieces(self._part)):
            if name == "workbookPr":
                from_1904 = is_true(attributes.get("date1904", ""))
            elif name == "calcPr":
                recalculates = is_true(attributes.get("fullCalcOnLoad", ""))
            elif name == "sheet":
                hidden = attributes.get("state", "visible") != "visible"
                listed.append((clean(text_of(attributes, "name")), hidden, attributes.get("id", "")))
        texts = _Texts(self)
        opened.closing.append(texts.close)
        styles = _Styles(self, from_1904=from_1904)
        meanings = Meanings(
            text=texts.get,
            number=styles.number,
            iso=styles.iso,
            clean=clean,
            recalculates=recalculates,
            struck=styles.struck,
        )
        parts = self._sheet_parts(listed)
        return sorted((self._sheet(*each, meanings) for each in parts), key=lambda one: one.hidden)

    def _sheet_parts(self, listed: list[tuple[str, bool, str]]) -> list[tuple[str, bool, str]]:
        """Return the name of each sheet, whether it is hidden, and its part.

        Raises:
            FileUnsafe: one part is named as several sheets, and would be read as often.
        """
        parts = []
        for name, hidden, relation in listed:
            kind, target = self._relations.get(relation, ("", ""))
            if kind in ("worksheet", "") and target in self._names:
                parts.append((name, hidden, target))
        if not parts and not any(kind.endswith("sheet") for kind, _target in self._relations.values()):
            usual = sorted(name for name in self._names if name.startswith("xl/worksheets/") and name.endswith(".xml"))
            named = [*listed, *[("", False, "")] * len(usual)]
            parts = [(name, hidden, part) for (name, hidden, _id), part in zip(named, usual, strict=False)]
        targets = [target for _name, _hidden, target in parts]
        if len(set(targets)) < len(targets):
            raise errors.FileUnsafe
        if not parts:
            raise errors.FileBroken
        return parts

    def _sheet(self, name: str, hidden: bool, part: str, meanings: Meanings) -> SheetFile:
        merges = tuple(find_merges(self.pieces(part)))
        columns = find_hidden_columns(self.pieces(part))
        return SheetFile(name, hidden, lambda: self._rows(part, meanings), merges, columns)

    def _rows(self, part: str, meanings: Meanings) -> Iterator[SheetRow]:
        parser = SheetParser(meanings)
        try:
            for piece in self.pieces(part):
                yield from parser.feed(piece)
            parser.end()
        except _BROKEN as error:
            raise errors.FileBroken from error

    def pieces(self, part: str) -> Iterator[bytes]:
        """Yield a part's XML in UTF-8. Raises KeyError where the workbook has no such part."""
        with self._archive.open(self._names[part]) as file:
            yield from utf8(kinds.pieces(file, _PIECE))

    def find(self, kind: str, usual: str) -> str | None:
        """Return the part of a kind, such as `styles`; None where the workbook has none."""
        for found, target in self._relations.values():
            if found == kind and target in self._names:
                return target
        return usual if usual in self._names else None

    def _find_workbook(self) -> str:
        found = [target for kind, target in dict(self._read_relations("")).values() if kind == "officedocument"]
        for part in (*found, _WORKBOOK, *(name for name in self._names if name.endswith("/workbook.xml"))):
            if part in self._names:
                return part
        raise errors.FileBroken

    def _read_relations(self, part: str) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield the relations of a part by their id: the last word of the kind, and the part that is meant."""
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations not in self._names:
            return
        for element, attributes, _parent in elements(self.pieces(relations)):
            if element == "Relationship" and attributes.get("TargetMode", "").casefold() != "external":
                kind = attributes.get("Type", "").rpartition("/")[2].casefold()
                yield attributes.get("Id", ""), (kind, _target(folder, attributes.get("Target", "")))


def _plain(name: str) -> str:
    """Return the name of a part as names are compared."""
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/").casefold()


def _target(folder: str, target: str) -> str:
    target = unquote(target).replace("\\", "/")
    return _plain(target if target.startswith("/") else posixpath.join(folder, target))


class _Styles:
    """The meaning of a workbook's numbers, by the styles of their cells; without a usable style they are numbers."""

    def __init__(self, book: _Book, *, from_1904: bool) -> None:
        self._from_1904 = from_1904
        self._shown, self.struck, self._suffixes = _read_styles(book)
        self.number = lru_cache(maxsize=_IN_MEMORY)(self._number)

    def _number(self, text: str, style: int) -> Cell:
        """Return a number as a person wrote it, or the date that it is shown as."""
        shown = self._shown[style] if style < len(self._shown) else None
        found = read_serial(text, shown, from_1904=self._from_1904) if shown else None
        return found or number(text) + self._suffixes.get(style, "")

    def iso(self, text: str, style: int) -> Cell:
        """Return the date of a cell that holds it in words of ISO 8601."""
        shown = self._shown[style] if style < len(self._shown) else None
        return read_iso(text, shown or Shown()) or clean(text)


def _read_styles(book: _Book) -> tuple[list[Shown | None], frozenset[int], dict[int, str]]:
    """Return the parts of a date that each style shows, the styles that strike their text through, and units by style.

    Unreadable styles are left out.
    """
    part = book.find("styles", "xl/styles.xml")
    own: dict[str, Shown | None] = {}
    units: dict[str, str] = {}  # by the number of the format
    suffixes: dict[int, str] = {}
    found: list[Shown | None] = []
    fonts: list[bool] = []  # whether each of them strikes its text through
    struck: set[int] = set()
    try:
        for name, attributes, parent in elements(book.pieces(part)) if part else ():
            if name == "numFmt" and parent == "numFmts":
                own[attributes.get("numFmtId", "")] = read_format(attributes.get("formatCode", ""))
                units[attributes.get("numFmtId", "")] = read_suffix(attributes.get("formatCode", ""))
            elif name == "xf" and parent == "cellXfs" and len(found) < _STYLES_MOST:
                code = attributes.get("numFmtId", "0")
                built_in = BUILT_IN.get(int(code)) if code.isdecimal() and len(code) < 6 else None
                font = attributes.get("fontId", "")
                if font.isdecimal() and len(font) < 6 and any(fonts[int(font) : int(font) + 1]):
                    struck.add(len(found))
                if unit := units.get(code):
                    suffixes[len(found)] = unit
                found.append(own.get(code, built_in))
            elif name == "font" and len(fonts) < _STYLES_MOST:
                fonts.append(False)  # fonts of conditional formats come behind all others
            elif name == "strike" and parent == "font" and fonts:
                fonts[-1] = is_true(attributes.get("val", "1"))
    except expat.ExpatError:
        pass
    return found, frozenset(struck), suffixes


class _Texts:
    """The texts of a workbook, one after another in a temporary file, with where each begins."""

    def __init__(self, book: _Book) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 — it is closed by `close`
        self._starts = array("Q", [0])
        part = book.find("sharedstrings", "xl/sharedstrings.xml")
        try:
            if part:
                self._spool(book.pieces(part))
        except BaseException:
            self.close()
            raise
        self.get: Callable[[int], str] = lru_cache(maxsize=_IN_MEMORY)(self._get)

    def _spool(self, pieces: Iterator[bytes]) -> None:
        parser = StringParser()
        at = 0
        for piece in pieces:
            for text in parser.feed(piece):
                at += self._file.write(clean(text).encode("utf-8", "replace"))
                self._starts.append(at)
        parser.end()

    def _get(self, number: int) -> str:
        """Return a text by its number. Raises IndexError where there is none."""
        if number < 0:
            raise IndexError(number)
        start, end = self._starts[number], self._starts[number + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
