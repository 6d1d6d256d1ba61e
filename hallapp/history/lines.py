"""One line of a table: the cells of a row, or the part of a row that one of several tables or columns makes of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hallapp.core.text import visible
from hallapp.history.columns import Columns, HistoryColumn
from hallapp.history.layout import Across, Layout
from hallapp.history.spots import spot
from hallapp.sheets.cells import Cell
from hallapp.sheets.model import Merge, SheetRow

_SHOWN = 40  # the length of a cell's text shown with its problem
_VERTICAL = re.compile(r"(?<![A-Z0-9_$!])\$?([A-Z]{1,3})\$?([0-9]{1,7})(?![0-9(A-Z_])")


@dataclass(slots=True)
class TableLine:
    """One line of a table; `number` is its spot in the file (`spots.spot`), `row` its row in the sheet.

    `struck` is whether its row has a cell that is struck through, `further` whether it belongs to a table beside the
    first one.
    """

    number: int
    row: int
    cells: list[Cell]
    texts: list[str]
    formulas: Mapping[int, str]
    hidden: bool = False
    struck: bool = False
    further: bool = False

    def text(self, at: int | None) -> str:
        """Return the text of a column; empty where there is none."""
        texts = self.texts
        return texts[at] if at is not None and at < len(texts) else ""

    def cell(self, at: int | None) -> Cell:
        """Return the cell of a column; empty where there is none."""
        return self.cells[at] if at is not None and at < len(self.cells) else ""

    @property
    def sample(self) -> str:
        """The beginning of the line's texts, as a question about it shows them."""
        return " · ".join(text for text in self.texts if text)[:60]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of one sheet: its place in the file, its layout, and its columns."""

    sheet: int
    layout: Layout
    columns: Columns
    merges: Sequence[Merge] = ()
    is_text: bool = False
    blocks: tuple[int, ...] = field(default=())

    @property
    def width(self) -> int:
        """Return how many columns the heading has."""
        return len(self.layout.headings)


def lines_of(table: Table, row: SheetRow, texts: list[str]) -> Iterator[TableLine]:
    """Return the lines of a row: the row itself, one for each table in it, or one for each column across."""
    number = spot(row.number, sheet=table.sheet)
    line = TableLine(number, row.number, row.cells, texts, row.formulas, row.hidden, row.struck)
    if table.layout.across:
        yield from _across(table, table.layout.across, line)
    elif table.blocks:
        yield from _blocks(table, line)
    else:
        yield line


def _blocks(table: Table, line: TableLine) -> Iterator[TableLine]:
    starts = table.blocks
    for start, end in zip(starts, (*starts[1:], len(line.cells)), strict=True):
        texts = line.texts[start:end]
        if any(texts):
            formulas = {at - start: text for at, text in line.formulas.items() if start <= at < end}
            yield replace(
                line,
                number=spot(line.row, sheet=table.sheet, column=start),
                cells=line.cells[start:end],
                texts=texts,
                further=start != starts[0],
                formulas=formulas,
            )


def _across(table: Table, across: Across, line: TableLine) -> Iterator[TableLine]:
    """Return one line for each place or month of the heading, with its name and number added to the row's own cells."""
    padded = [*line.cells, *[""] * table.width][: table.width]
    texts = [*line.texts, *[""] * table.width][: table.width]
    for at, name in across.cells.items():
        if at < len(line.texts) and line.texts[at]:
            formulas = {table.width + 1: line.formulas[at]} if at in line.formulas else {}
            yield replace(
                line,
                number=spot(line.row, sheet=table.sheet, column=at),
                cells=[*padded, name, padded[at]],
                texts=[*texts, name, texts[at]],
                formulas=formulas,
            )


def places_of(table: Table) -> Mapping[HistoryColumn, int]:
    """Return the cell of a line for each meaning."""
    across = table.layout.across
    if not across:
        return table.columns.places
    named = _NAMED[across.kind]
    return {**table.columns.places, named: table.width, HistoryColumn.VISITORS: table.width + 1}


_NAMED = {"place": HistoryColumn.PROVINCE, "month": HistoryColumn.DATE, "year": HistoryColumn.YEAR}


def label_text(table: Table, column: HistoryColumn) -> str:
    """Return the heading of the column with this meaning; empty where there is none."""
    at = table.columns.places.get(column, len(table.layout.headings))
    return table.layout.headings[at] if at < len(table.layout.headings) else ""


def adds_up_rows(formula: str, row: int) -> bool:
    """Return whether a formula takes cells of other rows of its sheet, as the sum of a column does."""
    return any(int(found[1]) != row for found in _VERTICAL.findall(formula.upper()))


def shown(text: str) -> str:
    """Return a cell as it is shown: without unprintable characters, and shortened."""
    text = visible(text).encode("utf-8", "replace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
