"""Cells of spreadsheets that a program may be made to run: texts that look like formulas are kept texts."""

from datetime import date

from hallapp.reports.figures.parts import share

#: Characters that make a spreadsheet read a text as a formula, at its start.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | date


def guarded(cell: Cell) -> Cell:
    """Return a text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def ratio(change: int, before: int) -> float | None:
    """Return a change as a fraction of the earlier value, to a thousandth; None if that was 0."""
    if not before:
        return None
    part = share(abs(change), before)
    return -part if change < 0 and part else part  # −0.0 would keep its sign
