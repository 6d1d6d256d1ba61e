"""The spot of something in a file, as one number: its sheet, its row, and its column where needed."""

_ROWS = 1 << 32
_COLUMNS = 1 << 10  # more columns than are read of a sheet

#: The number of a ledger row has 31 bits.
NUMBER_MOST = 2**31 - 1


def spot(row: int, *, sheet: int = 0, column: int = -1) -> int:
    """Return the number of a row of a sheet, from 0, or of a cell in it; a row of the first sheet is its own number."""
    return row + _ROWS * (column + 1 + _COLUMNS * sheet)


def row_of(number: int) -> int:
    """Return the row, as a spreadsheet counts it."""
    return number % _ROWS


def column_of(number: int) -> int:
    """Return the column from 0, or −1 where the whole row is meant."""
    return number // _ROWS % _COLUMNS - 1


def sheet_of(number: int) -> int:
    """Return the place of the sheet, from 0."""
    return number // _ROWS // _COLUMNS
