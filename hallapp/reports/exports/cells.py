"""Cells of spreadsheets that a program may be made to run: texts that look like formulas are kept texts."""

from datetime import date

#: What a spreadsheet takes for the start of a formula, where it stands first in a text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | date


def guarded(cell: Cell) -> Cell:
    """A text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
