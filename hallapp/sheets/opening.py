"""Open a spreadsheet of any kind in this process: .xlsx, .xls, .csv and .txt; all else is refused by name.

Pages and jobs open files by `files.open_file`, which lets a process with limits do this.
"""

from pathlib import Path

from hallapp.sheets import errors, kinds
from hallapp.sheets.model import Bounds, Opened

_OLE_MOST = 64 * 1024 * 1024
_HEAD = 4 * 1024 * 1024  # bytes by which the kind of a file is known


def open_here(path: Path, filename: str, bounds: Bounds, *, encoding: str | None = None) -> Opened:
    """Open a file before its rows are read; `encoding` is a person's choice for a text.

    Raises:
        FileRefused: in one of its kinds, for a file that cannot or must not be read.
        TextUnsure: a text may be in one of several encodings, and `encoding` is not given.
    """
    kinds.refuse_name(filename)
    with path.open("rb") as file:
        start = file.read(_HEAD)
        if kinds.is_ole(start):  # the directory, by which its kind is known, may lie anywhere in it
            start += file.read(_OLE_MOST)
    if not start:
        raise errors.FileEmpty
    if kinds.is_workbook(start):
        from hallapp.sheets.workbooks import open_workbook  # each kind loads the libraries that it needs

        return open_workbook(path, bounds)
    if kinds.is_old_workbook(start):
        from hallapp.sheets.old_workbooks import open_old_workbook

        return open_old_workbook(path, bounds)
    kinds.refuse_other_kinds(start)
    from hallapp.sheets.texts import open_text

    return open_text(path, encoding)
