"""The protocol of the reading process: JSON, one line for each answer."""

import json
from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache
from typing import Any

from hallapp.sheets.cells import UNCACHED, Cell, Moment
from hallapp.sheets.model import NO_FORMULAS, Merge, SheetFile, SheetRow

_DAY, _MONTH, _YEAR = 1, 2, 4  # what of a date is shown
_HIDDEN, _STRUCK = 1, 2  # how a row looks


def dump(answer: Any) -> bytes:
    """Return an answer as a line."""
    return json.dumps(answer, separators=(",", ":")).encode() + b"\n"


def dump_sheet(sheet: SheetFile) -> list[Any]:
    """Return the facts about a sheet before its rows are read."""
    merges = [[one.first_row, one.last_row, one.first_column, one.last_column] for one in sheet.merges]
    return [sheet.name, sheet.hidden, merges, sorted(sheet.hidden_columns)]


def load_merges(merges: Iterable[list[int]]) -> tuple[Merge, ...]:
    """Return the merges of a sheet."""
    return tuple(Merge(*one) for one in merges)


def dump_rows(rows: Iterable[SheetRow]) -> list[Any]:
    """Return rows as JSON has them."""
    return [
        [
            row.number,
            [cell if type(cell) is str else _dump_cell(cell) for cell in row.cells],
            row.hidden * _HIDDEN + row.struck * _STRUCK,
            [*row.formulas.items()] if row.formulas else 0,
        ]
        for row in rows
    ]


def _dump_cell(cell: Cell) -> Any:
    if not isinstance(cell, Moment):
        return 0
    shown = cell.shows_day * _DAY + cell.shows_month * _MONTH + cell.shows_year * _YEAR
    at = cell.at.hour * 3600 + cell.at.minute * 60 + cell.at.second if cell.at else 0
    return [cell.day.toordinal(), shown, at]


def load_rows(rows: Iterable[Any]) -> Iterable[SheetRow]:
    """Yield the rows that JSON has."""
    for number, cells, looks, formulas in rows:
        for at, cell in enumerate(cells):
            if type(cell) is not str:
                cells[at] = _moment(*cell) if cell else UNCACHED
        formulas = dict(formulas) if formulas else NO_FORMULAS
        yield SheetRow(number, cells, bool(looks & _HIDDEN), formulas, bool(looks & _STRUCK))


@lru_cache(maxsize=20_000)
def _moment(ordinal: int, shown: int, seconds: int) -> Moment:
    at = time(seconds // 3600, seconds // 60 % 60, seconds % 60) if seconds else None
    return Moment(date.fromordinal(ordinal), bool(shown & _DAY), bool(shown & _MONTH), bool(shown & _YEAR), at)
