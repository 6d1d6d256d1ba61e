"""What is looked at before a spreadsheet is read: what kind of file it is, how much it unpacks to, how it is encoded.

Nothing here trusts a file: its size is known before it is unpacked, no link in it is followed, no entity is expanded.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from defusedxml import DefusedXmlException
from openpyxl.reader.excel import ExcelReader

from hallapp.core import sheet_errors as errors

_RATIO_FROM = 1024 * 1024
_PIECE = 1024 * 1024
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
#: What no text has: control characters but for those that part lines and cells, and the end mark of old files.
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
DELIMITERS = ("\t", ";", ",", "，")
_LOOK_AT_LINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of a workbook is read.

    `unpacked` bytes in all its parts, `tags` in all of them: what reading costs, whatever the size; `ratio` of unpacked
    to packed bytes: a list packs to a tenth, a zip bomb to a thousandth. `small` bytes for a part that is no sheet and
    no table of texts, since those are read whole.
    """

    unpacked: int
    tags: int
    ratio: int = 200
    parts: int = 500
    small: int | None = None


def is_workbook(start: bytes) -> bool:
    """Whether a file begins as an archive does, as an .xlsx file must."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def refuse_name(filename: str) -> None:
    """Refuse a file that says by its name that it has macros. Raises FileHasMacros."""
    if filename.casefold().endswith((".xlsm", ".xltm", ".xlam")):
        raise errors.FileHasMacros


def refuse_other_kinds(content: bytes) -> None:
    """Refuse what is neither text nor an archive; `content` is the file, or its first megabytes.

    Raises:
        FileRefused: in the kind that says what it is.
    """
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


def is_forbidden(error: BaseException | None) -> bool:
    """Whether the parser met an entity, which the library wraps into an error of its own."""
    while error is not None and not isinstance(error, DefusedXmlException):
        error = error.__cause__ or error.__context__
    return error is not None


def refuse_archive(archive: zipfile.ZipFile, bounds: Bounds) -> None:
    """Look at the directory, before anything is unpacked. No part can be larger than it says: reading stops there.

    Raises:
        FileRefused: in the kind that says what is wrong.
    """
    parts = archive.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > bounds.parts or unpacked > bounds.unpacked:
        raise errors.FileUnsafe
    if unpacked > _RATIO_FROM and unpacked > packed * bounds.ratio:
        raise errors.FileUnsafe
    if bounds.small and any(part.file_size > bounds.small for part in parts if not _is_large(part.filename)):
        raise errors.FileUnsafe
    if any(part.flag_bits & 1 for part in parts):
        raise errors.FileEncrypted
    _refuse_many_tags(archive, bounds.tags)
    names = {part.filename.casefold() for part in parts}
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        raise errors.FileHasMacros
    if any(name.startswith("xl/externallinks/") for name in names):
        raise errors.FileHasLinks
    _refuse_unless_workbook(archive, names)


def _is_large(name: str) -> bool:
    return name.casefold().startswith("xl/worksheets/") or name.casefold() == "xl/sharedstrings.xml"


def _refuse_many_tags(archive: zipfile.ZipFile, most: int) -> None:
    tags = 0
    for part in archive.infolist():
        with archive.open(part) as file:
            for piece in pieces(file):
                tags += piece.count(b"<")
                if tags > most:
                    raise errors.FileUnsafe


def pieces(file: IO[bytes], size: int = _PIECE) -> Iterator[bytes]:
    """A file's bytes, a piece at a time."""
    while piece := file.read(size):
        yield piece


def _refuse_unless_workbook(archive: zipfile.ZipFile, names: set[str]) -> None:
    if "word/document.xml" in names:
        raise errors.FileOfOtherKind("document")
    if "mimetype" in names or "xl/workbook.bin" in names:  # OpenDocument; Excel's binary workbook
        raise errors.FileOfOtherKind("other_workbook")
    if "[content_types].xml" not in names:
        raise errors.FileOfOtherKind("archive") if names else errors.FileBroken()
    if b"macroenabled" in archive.read("[Content_Types].xml").lower():
        raise errors.FileHasMacros


def refuse_repeated_sheets(reader: ExcelReader) -> None:
    """A part that is named as a thousand sheets would be read a thousand times. Raises FileUnsafe."""
    targets = [relation.target for _sheet, relation in reader.parser.find_sheets()]
    if len(set(targets)) < len(targets):
        raise errors.FileUnsafe


def find_delimiter(text: str, marks: tuple[str, ...] = DELIMITERS) -> str:
    """What parts the cells of most of a text's first lines; a comma where nothing does."""
    first = [line for line in text.splitlines() if line.strip()][:_LOOK_AT_LINES]
    found = {mark: sum(mark in line for line in first) for mark in marks}
    best = max(marks, key=found.__getitem__)
    return best if found[best] else ","
