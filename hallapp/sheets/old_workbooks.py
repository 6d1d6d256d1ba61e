"""Workbooks of Excel 97–2003 and before (.xls), by xlrd, which reads them whole."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlrd
from xlrd.biffh import error_text_from_code

from hallapp.sheets import errors
from hallapp.sheets.cells import Cell, clean, number
from hallapp.sheets.formats import BUILT_IN, Shown, read_format, read_serial, read_suffix
from hallapp.sheets.model import COLUMNS_MOST, MERGES_MOST, Bounds, Merge, Opened, SheetFile, SheetRow


def open_old_workbook(path: Path, bounds: Bounds) -> Opened:
    """Read a workbook.

    Raises:
        FileRefused: in one of its kinds.
    """
    if path.stat().st_size > bounds.unpacked:
        raise errors.FileUnsafe
    book = _read(path)
    try:
        sheets = [_sheet(book, sheet) for sheet in book.sheets()]
    except Exception:  # xlrd raises arbitrary exceptions for a damaged file
        raise errors.FileBroken from None
    return Opened(sorted(sheets, key=lambda one: one.hidden), [book.release_resources])


def _read(path: Path) -> Any:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return _open(path)
    except MemoryError:
        raise errors.FileUnsafe from None
    except xlrd.XLRDError as error:
        raise (errors.FileEncrypted() if "encrypted" in str(error) else errors.FileBroken()) from None
    except Exception:  # xlrd raises arbitrary exceptions for a damaged file
        raise errors.FileBroken from None


def _open(path: Path) -> Any:
    """Read with the formats, by which merges and hidden rows are known; without them where they are damaged."""
    quiet = io.StringIO()
    try:
        return xlrd.open_workbook(path, logfile=quiet, formatting_info=True)
    except (xlrd.XLRDError, MemoryError):
        raise
    except Exception:
        return xlrd.open_workbook(path, logfile=quiet)


def _sheet(book: Any, sheet: Any) -> SheetFile:
    ranges = sheet.merged_cells[:MERGES_MOST]
    merges = tuple(Merge(top + 1, bottom, left, right - 1) for top, bottom, left, right in ranges)
    columns = frozenset(at for at, info in sheet.colinfo_map.items() if info.hidden and at < COLUMNS_MOST)
    return SheetFile(clean(sheet.name), bool(sheet.visibility), lambda: _rows(book, sheet), merges, columns)


def _rows(book: Any, sheet: Any) -> Iterator[SheetRow]:
    shown = {at: _shown(book, style) for at, style in enumerate(book.xf_list)}
    suffixes = {at: _suffix(book, style) for at, style in enumerate(book.xf_list)}
    struck = {at for at, style in enumerate(book.xf_list) if _is_struck(book, style)}
    from_1904 = book.datemode == 1
    try:
        for at in range(sheet.nrows):
            info = sheet.rowinfo_map.get(at)
            found = sheet.row(at)[:COLUMNS_MOST]
            cells = [_cell(cell, shown, suffixes, from_1904=from_1904) for cell in found]
            is_struck = any(one.xf_index in struck for one, cell in zip(found, cells, strict=True) if cell)
            yield SheetRow(at + 1, cells, bool(info and info.hidden), struck=is_struck)
    except Exception:  # as in `_read`
        raise errors.FileBroken from None


def _is_struck(book: Any, style: Any) -> bool:
    return style.font_index < len(book.font_list) and bool(book.font_list[style.font_index].struck_out)


def _shown(book: Any, style: Any) -> Shown | None:
    own = book.format_map.get(style.format_key)
    found = read_format(own.format_str) if own and own.format_str else None
    return BUILT_IN.get(style.format_key, found)


def _suffix(book: Any, style: Any) -> str:
    own = book.format_map.get(style.format_key)
    return read_suffix(own.format_str) if own and own.format_str else ""


def _cell(cell: Any, shown: dict[int, Shown | None], suffixes: dict[int, str], *, from_1904: bool) -> Cell:
    kind, value = cell.ctype, cell.value
    if kind == xlrd.XL_CELL_TEXT:
        return clean(value)
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        text = repr(float(value))
        displayed = shown.get(cell.xf_index) if cell.xf_index is not None else None
        if displayed is None and kind == xlrd.XL_CELL_DATE and not shown:
            displayed = Shown()
        moment = read_serial(text, displayed, from_1904=from_1904) if displayed else None
        return moment or number(text) + suffixes.get(cell.xf_index, "")
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind == xlrd.XL_CELL_ERROR:
        return str(error_text_from_code.get(value, "#N/A"))
    return ""
