"""Spreadsheets as people make them, and as nobody should."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

Cells = Iterable[Sequence[Any]]


def openpyxl_book(rows: Cells, *, change: Callable[[Worksheet], object] | None = None, title: str = "Sheet1") -> bytes:
    """A workbook by openpyxl; `change` does the rest to its sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xlsxwriter_book(*sheets: Cells, **options: Any) -> bytes:
    """A workbook by XlsxWriter, a sheet for each table of rows."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, **options}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return file.getvalue()


def csv_text(rows: Cells, *, mark: str = ",", end: str = "\r\n") -> str:
    return end.join(mark.join(map(str, row)) for row in rows) + end


def zipped(parts: dict[str, bytes], *, pack: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", pack) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """A workbook with one more part in its archive, or with this one in the place of its own."""
    return zipped({**parts_of(content), name: part})


def with_sheet(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook whose first sheet's XML was changed by hand."""
    name = "xl/worksheets/sheet1.xml"
    return with_part(content, name, change(parts_of(content)[name]))


def with_rows(content: bytes, rows: bytes) -> bytes:
    """A workbook whose first sheet has these rows instead, beside what packs badly, as a bomb in disguise has."""
    noise = b"<!--" + random.Random(7).randbytes(40_000).hex().encode() + b"--><sheetData>"
    return with_sheet(
        content, lambda xml: re.sub(rb"<sheetData>.*</sheetData>", noise + rows + b"</sheetData>", xml, flags=re.S)
    )


def repeated(content: bytes, times: int) -> bytes:
    """A workbook that names its first sheet's part so many times."""
    book = parts_of(content)["xl/workbook.xml"]
    found = re.search(rb"<sheet [^>]*/>", book)
    assert found
    again = (
        re.sub(rb'name="[^"]*" sheetId="1"', b'name="S%d" sheetId="%d"' % (number, number), found[0])
        for number in range(1, times + 1)
    )
    return with_part(content, "xl/workbook.xml", book.replace(found[0], b"".join(again)))


def entity_bomb(content: bytes) -> bytes:
    """A workbook whose sheet unfolds to a thousand million characters."""
    levels = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    head = b'<!DOCTYPE worksheet [<!ENTITY e0 "lol">' + levels + b"]>"

    def change(sheet: bytes) -> bytes:
        body = re.sub(rb"^<\?xml[^>]*\?>", b"", sheet)
        return head + re.sub(rb"<sheetData>.*</sheetData>", _BOMB_ROW, body, flags=re.S)

    return with_sheet(content, change)


_BOMB_ROW = b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row></sheetData>'


def ole(*names: str) -> bytes:
    """The start and the directory of an OLE file with these streams."""
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *names))
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + entries


def lying(content: bytes) -> bytes:
    """A workbook whose directory says that each part unpacks to ten bytes."""
    changed = bytearray(content)
    for found in re.finditer(b"PK\x01\x02", content):
        changed[found.start() + 24 : found.start() + 28] = (10).to_bytes(4, "little")
    return bytes(changed)
