"""Conversion of an uploaded file or a pasted text to rows of text, within limits."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hallapp.namelist import errors
from hallapp.sheets import texts
from hallapp.sheets.files import Bounds, Merge, SheetFile, SheetRow, open_file

FILE_BYTES_MOST = 2 * 1024 * 1024
ROWS_MOST = 1000  # non-empty rows
COLUMNS_MOST = 50
_BOUNDS = Bounds(unpacked=12 * 1024 * 1024, tags=600_000, memory=512 * 1024 * 1024, seconds=10)
_LAST_ROW = 20_000  # rows of a sheet, empty ones included: a list is at its top


@dataclass(frozen=True, slots=True)
class NameSheet:
    """The non-empty rows of a sheet, each with its number, from 1, and its cells as text.

    `hidden` are the numbers of the rows that are hidden, filtered out or struck through.
    """

    name: str
    rows: list[tuple[int, list[str]]]
    merges: tuple[Merge, ...] = ()
    hidden: frozenset[int] = frozenset()

    def fill(self, number: int, row: Sequence[str], columns: Iterable[int]) -> list[str]:
        """Return a row with its empty cells in these columns filled from the merged cell above."""
        filled = list(row)
        for column in columns:
            if column < len(filled) and filled[column]:
                continue
            for merge in self.merges:
                if merge.first_row < number <= merge.last_row and merge.first_column == column:
                    filled += [""] * (column + 1 - len(filled))
                    filled[column] = self._cell(merge.first_row, column)
        return filled

    def _cell(self, number: int, column: int) -> str:
        row = next((row for found, row in self.rows if found == number), [])
        return row[column] if column < len(row) else ""


def read(content: bytes, filename: str = "") -> list[NameSheet]:
    """Return the non-empty sheets of a file, hidden ones last.

    The file's name matters only where the content contradicts it: `.xlsm` is refused with and without code in it.

    Raises:
        FileRefused: in one of its kinds, for a file that cannot or must not be read.
    """
    if not content:
        raise errors.FileEmpty
    if len(content) > FILE_BYTES_MOST:
        raise errors.FileTooLarge
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        with open_file(Path(file.name), filename, _BOUNDS) as opened:
            sheets = [_read_sheet(sheet) for sheet in opened.sheets]
    sheets = [sheet for sheet in sheets if sheet.rows]
    if not sheets:
        raise errors.FileEmpty
    return sheets


def read_text(text: str) -> NameSheet:
    """Return the rows of a text, its cells separated by the separator of most of its first lines.

    Raises TextUnreadable.
    """
    return _read_sheet(SheetFile("", False, lambda: texts.read_rows(text)))


def _read_sheet(sheet: SheetFile) -> NameSheet:
    rows = _bounded(sheet.rows())
    hidden = frozenset(row.number for row in rows if row.hidden or row.struck)
    return NameSheet(sheet.name, [(row.number, list(map(str, row.cells))) for row in rows], sheet.merges, hidden)


def _bounded(rows: Iterable[SheetRow]) -> list[SheetRow]:
    bounded: list[SheetRow] = []
    for row in rows:
        if row.number > _LAST_ROW:
            break
        if len(bounded) == ROWS_MOST:
            raise errors.TooManyRows(most=ROWS_MOST)
        if len(row.cells) > COLUMNS_MOST:
            raise errors.TooManyColumns(most=COLUMNS_MOST)
        bounded.append(row)
    return bounded
