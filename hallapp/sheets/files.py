"""Open a spreadsheet of any kind: .xlsx, .xls, .csv and .txt; everything else is refused by name."""

from pathlib import Path

from hallapp.sheets import errors, kinds
from hallapp.sheets.model import Bounds, Merge, Opened, Row, SheetFile
from hallapp.sheets.old_workbooks import open_old_workbook
from hallapp.sheets.texts import open_text
from hallapp.sheets.workbooks import open_workbook

__all__ = ["Bounds", "Merge", "Opened", "Row", "SheetFile", "open_file"]

_HEAD = 4 * 1024 * 1024  # bytes by which the kind of a file is known


def open_file(path: Path, filename: str, bounds: Bounds, *, encoding: str | None = None) -> Opened:
    """Look at a file before its rows are read; `encoding` is what a person says that a text is written in.

    Raises:
        FileRefused: in one of its kinds, for a file that cannot or must not be read.
        TextUnsure: a text may be in one of several encodings, and `encoding` is not given.
    """
    kinds.refuse_name(filename)
    with path.open("rb") as file:
        start = file.read(_HEAD)
    if not start:
        raise errors.FileEmpty
    if kinds.is_workbook(start):
        return open_workbook(path, bounds)
    if kinds.is_old_workbook(start):
        return open_old_workbook(path, bounds)
    kinds.refuse_other_kinds(start)
    return open_text(path, encoding)
