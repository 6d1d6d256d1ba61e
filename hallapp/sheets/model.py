"""The result of a reader of any kind of spreadsheet: sheets, rows and merged cells."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from hallapp.sheets.cells import Cell

COLUMNS_MOST = 256  # cells further out are not read
MERGES_MOST = 20_000
NO_FORMULAS: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits on reading a spreadsheet.

    `unpacked` is the bytes in all parts of a workbook, `tags` the tags in all of them: they determine the cost of
    reading, regardless of the size. `ratio` is that of unpacked to packed bytes: a list packs to a tenth, a zip bomb to
    a thousandth. `small` is the most bytes of a part that is neither a sheet nor the table of texts, since such parts
    are read whole. `memory` is the most bytes that the process which reads the file may have, and `seconds` the most
    time of a processor.
    """

    unpacked: int
    tags: int
    ratio: int = 200
    parts: int = 500
    small: int | None = None
    memory: int = 768 * 1024**2
    seconds: int = 3600


@dataclass(slots=True)
class SheetRow:
    """A non-empty row; its number from 1, its cells from the first column on.

    `hidden` is a row that its author hid or filtered out, `struck` one with a cell that is struck through. `formulas`
    has the text, without `=`, of the formulas in the row by their columns, from 0.
    """

    number: int
    cells: list[Cell]
    hidden: bool = False
    formulas: Mapping[int, str] = field(default_factory=lambda: NO_FORMULAS)
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells that were made one: rows are counted from 1, columns from 0; the last ones belong to it."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


class Merges:
    """Merged cells over several rows: the content of the first applies to the others."""

    def __init__(self, merges: Sequence[Merge], columns: frozenset[int]) -> None:
        self._waiting = sorted(
            (one for one in merges if one.last_row > one.first_row and one.first_column in columns),
            key=lambda one: one.first_row,
            reverse=True,
        )
        self._open: list[tuple[Merge, Cell]] = []

    def fill(self, row: SheetRow) -> bool:
        """Fill a row with the contents of cells merged with those above; return whether anything was filled."""
        filled = False
        if self._open:
            self._open = [one for one in self._open if one[0].last_row >= row.number]
            for merge, cell in self._open:
                row.cells.extend([""] * (merge.first_column + 1 - len(row.cells)))
                row.cells[merge.first_column] = cell
                filled = True
        while self._waiting and self._waiting[-1].first_row <= row.number:
            merge = self._waiting.pop()
            if merge.first_row == row.number:
                at = merge.first_column
                self._open.append((merge, row.cells[at] if at < len(row.cells) else ""))
        return filled


@dataclass(slots=True)
class SheetFile:
    """One sheet of a file; its rows can be read any number of times."""

    name: str
    hidden: bool
    read: Callable[[], Iterator[SheetRow]]
    merges: tuple[Merge, ...] = ()
    hidden_columns: frozenset[int] = frozenset()

    def rows(self) -> Iterator[SheetRow]:
        """Yield the non-empty rows, without the empty cells at their ends.

        Raises:
            FileRefused: where the file cannot be read further; that may come after rows were given.
        """
        for row in self.read():
            cells = row.cells
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield row


@dataclass(slots=True)
class Opened:
    """A file that has been looked at, with its sheets, hidden ones last; a context that closes the file."""

    sheets: list[SheetFile]
    closing: list[Callable[[], object]] = field(default_factory=list)

    def __enter__(self) -> "Opened":
        """Return the opened file itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the file and the resources for reading it."""
        self.close()

    def close(self) -> None:
        """Close the file and the resources for reading it."""
        for close in reversed(self.closing):
            close()
        self.closing.clear()


def letters_of(column: int) -> str:
    """Return the letters of a column, from 0: 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
