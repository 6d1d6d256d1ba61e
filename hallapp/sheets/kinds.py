"""The kind of an uploaded file, by its content, and whether it is safe to unpack.

Nothing here trusts a file: its size is known before it is unpacked, no link in it is followed, no entity is expanded.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import IO

from hallapp.sheets import errors
from hallapp.sheets.model import Bounds

_RATIO_FROM = 1024 * 1024
_PIECE = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS_BY_START = {
    b"%PDF": "pdf",
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"GIF8": "picture",
    b"{\\rtf": "document",
    b"Rar!": "archive",
    b"7z\xbc\xaf": "archive",
    b"\x1f\x8b": "archive",
}
_WEB_PAGE = (b"<html", b"<!doctype", b"<table", b"<meta", b"<head", b"<style", b"<body", b"<div", b"<!--")
_XML_SPREADSHEET = (b"office:spreadsheet", b"mso-application")
#: The first bytes of workbooks before Excel 5, which are no OLE files.
_OLDEST_EXCEL = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
)
#: Control characters that never occur in a text: all but the separators of lines and cells, and an old end mark.
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_LOOK_AT = 2048  # bytes from the start of a text, by which a web page is known


def is_workbook(start: bytes) -> bool:
    """Return whether a file begins as an archive does, as an .xlsx file must."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def refuse_name(filename: str) -> None:
    """Refuse a file whose name shows that it has macros. Raises FileHasMacros."""
    if filename.casefold().endswith((".xlsm", ".xltm", ".xlam")):
        raise errors.FileHasMacros


def is_ole(start: bytes) -> bool:
    """Return whether a file begins as an OLE file, as workbooks and documents of Office 97–2003 do."""
    return start.startswith(_OLE)


def is_old_workbook(start: bytes) -> bool:
    """Return whether a file is a workbook of Excel 97–2003 or before; `start` is the file, or its first megabytes.

    Raises:
        FileHasMacros: the workbook carries program code.
    """
    if start.startswith(_OLE):
        if _has(start, "_VBA_PROJECT"):
            raise errors.FileHasMacros
        return not _has(start, "EncryptedPackage") and (_has(start, "Workbook") or _has(start, "Book"))
    return start.startswith(_OLDEST_EXCEL)


def refuse_other_kinds(content: bytes) -> None:
    """Refuse a file that is neither a text nor a workbook; `content` is the file, or its first megabytes.

    Raises:
        FileRefused: a subclass for the kind of file.
    """
    if content.startswith(_OLE):
        raise _ole_refusal(content)
    for start, kind in _KINDS_BY_START.items():
        if content.startswith(start):
            raise errors.FileOfOtherKind(kind)
    if content[4:8] == b"ftyp" or (content.startswith(b"RIFF") and content[8:12] == b"WEBP") or _is_bitmap(content):
        raise errors.FileOfOtherKind("picture")
    _refuse_markup(content[:_LOOK_AT])


def _is_bitmap(content: bytes) -> bool:
    return content.startswith(b"BM") and content[6:10] == bytes(4)


def _refuse_markup(start: bytes) -> None:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start[: len(start) // 2 * 2].decode("utf-16", "replace").encode()
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<") and any(mark in start for mark in _XML_SPREADSHEET) and b"<html" not in start:
        raise errors.FileOfOtherKind("xml_spreadsheet")
    if start.startswith(b"<?xml") and b"<office:document" in start:
        raise errors.FileOfOtherKind("opendocument")
    if start.startswith((*_WEB_PAGE, b"<?xml", b"mime-version:")):
        raise errors.FileOfOtherKind("web_page")


def _ole_refusal(content: bytes) -> errors.FileRefused:
    """Return the kind of an OLE file by the names in its directory: a workbook with a password, or a document."""
    if _has(content, "EncryptedPackage"):
        return errors.FileEncrypted()
    return errors.FileOfOtherKind("document" if _has(content, "WordDocument") else "binary")


def _has(content: bytes, name: str) -> bool:
    """Return whether the directory of an OLE file names a stream."""
    return name.encode("utf-16-le") in content


def refuse_archive(archive: zipfile.ZipFile, bounds: Bounds) -> None:
    """Check the directory before anything is unpacked. No part can be larger than declared: reading stops there.

    Raises:
        FileRefused: a subclass for the fault.
    """
    parts = archive.infolist()
    names = {part.filename.replace("\\", "/").casefold() for part in parts}
    _refuse_other_packages(names)
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
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        raise errors.FileHasMacros
    if any(name.startswith("xl/externallinks/") for name in names):
        raise errors.FileHasLinks
    if not any(name.endswith(("workbook.xml", "[content_types].xml", ".rels")) for name in names):
        raise errors.FileOfOtherKind("archive") if names else errors.FileBroken()
    if any(b"macroenabled" in archive.read(part).lower() for part in parts if _is_content_types(part.filename)):
        raise errors.FileHasMacros


def _is_content_types(name: str) -> bool:
    return name.casefold() == "[content_types].xml"


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
    """Yield a file's bytes, a piece at a time."""
    while piece := file.read(size):
        yield piece


def _refuse_other_packages(names: set[str]) -> None:
    if any(name.endswith(".iwa") for name in names) or any(name.endswith("index.zip") for name in names):
        raise errors.FileOfOtherKind("numbers")
    if "word/document.xml" in names:
        raise errors.FileOfOtherKind("document")
    if "ppt/presentation.xml" in names:
        raise errors.FileOfOtherKind("presentation")
    if "mimetype" in names and "content.xml" in names:
        raise errors.FileOfOtherKind("opendocument")
    if "xl/workbook.bin" in names:
        raise errors.FileOfOtherKind("binary_workbook")
