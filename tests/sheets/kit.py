"""Spreadsheets written by hand, part by part, as careless and hostile programs write them."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hallapp.sheets.cells import Cell
from hallapp.sheets.model import Bounds, SheetFile, SheetRow
from hallapp.sheets.opening import open_here

BOUNDS = Bounds(unpacked=64 * 1024**2, tags=2_000_000, small=2 * 1024**2)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def sheets_of(
    folder: Path, content: bytes, name: str = "a.xlsx", **options: Any
) -> list[tuple[SheetFile, list[SheetRow]]]:
    path = folder / "file"
    path.write_bytes(content)
    with open_here(path, name, BOUNDS, **options) as opened:
        return [(sheet, list(sheet.rows())) for sheet in opened.sheets]


def cells_of(folder: Path, content: bytes, name: str = "a.xlsx", **options: Any) -> list[list[Cell]]:
    return [row.cells for row in sheets_of(folder, content, name, **options)[0][1]]


def text(value: str) -> str:
    """A cell with a text in it, without a reference."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def row(*cells: str, attributes: str = "") -> str:
    return f"<row {attributes}>{''.join(cells)}</row>"


def parts(
    rows: str,
    *,
    strict: bool = False,
    before: str = "",
    after: str = "",
    formats: Sequence[str] = (),
    book: str = "",
    calc: str = "",
) -> dict[str, str]:
    """The parts of a workbook of one sheet; cells with `s="1"` and on have the formats."""
    main, relations = (STRICT, _STRICT_RELATIONS) if strict else (MAIN, _RELATIONS)
    own = "".join(f'<numFmt numFmtId="{170 + at}" formatCode="{code}"/>' for at, code in enumerate(formats))
    styles = "".join(f'<xf numFmtId="{170 + at}"/>' for at in range(len(formats)))
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><workbookPr {book}/>'
        f'<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>{calc}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{relations}/styles" Target="styles.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>'
        f"{after}</worksheet>",
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><numFmts>{own}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>',
    }


def packed(made: dict[str, str | bytes] | dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in made.items():
            archive.writestr(name, HEAD + part if isinstance(part, str) else part)
    return file.getvalue()


def book(rows: str, **options: Any) -> bytes:
    return packed(parts(rows, **options))
