"""Changes that ledger lines make to the figures, and the function that adds them to a table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Table

from hallapp.core import database
from hallapp.core.database import db
from hallapp.core.prepared import send
from hallapp.ledger.lines import LedgerLine
from hallapp.ledger.models import DivisionSummary, Figure
from hallapp.origins.values import division_of
from hallapp.periods import Span


class Amount(NamedTuple):
    """People, groups, and how many of the people came beyond a booking."""

    visitors: int
    groups: int
    extra: int

    def plus(self, other: "Amount") -> "Amount":
        """Both together."""
        return Amount(self.visitors + other.visitors, self.groups + other.groups, self.extra + other.extra)

    def minus(self, other: "Amount") -> "Amount":
        """Return the difference to another one."""
        return Amount(self.visitors - other.visitors, self.groups - other.groups, self.extra - other.extra)


NOTHING = Amount(0, 0, 0)
#: A facet's name, and one of its parts.
Part = tuple[str, str]
Cell = tuple[str, int, str]


def cell_of(line: LedgerLine) -> Cell:
    """Return the cell of the summary by division, programme and kind in which a line counts, besides its day."""
    return division_of(line.division), line.filing.programme_id, line.filing.kind


def amounts(keyed: Iterable[tuple[Any, LedgerLine]]) -> dict[Any, Amount]:
    """Return the amounts of one group's lines of a day by key: the group counts once where people of it remain."""
    people: dict[Any, list[int]] = {}
    for key, line in keyed:
        sums = people.setdefault(key, [0, 0])
        sums[0] += line.visitors
        sums[1] += line.extra
    return {key: Amount(visitors, int(visitors > 0), extra) for key, (visitors, extra) in people.items()}


def changes(before: Mapping[Any, Amount], after: Mapping[Any, Amount]) -> dict[Any, Amount]:
    """Return the differences from one set of amounts to the other, in the order of the keys, without equal ones."""
    if before:
        after = {key: after.get(key, NOTHING).minus(before.get(key, NOTHING)) for key in {*before, *after}}
    return {key: after[key] for key in sorted(after) if after[key] != NOTHING}


def plus(sums: dict[Any, Amount], more: Mapping[Any, Amount]) -> None:
    """Add amounts to sums, by key."""
    for key, amount in more.items():
        before = sums.get(key)
        sums[key] = amount if before is None else before.plus(amount)


Moves = Mapping[date, Mapping[Part, Amount]]


Cells = Mapping[date, Mapping[Cell, Amount]]


def add(hall_id: int, by_day: Moves, cells: Cells | None = None) -> None:
    """Add to the figures of days, of their months and of their years, and to cells, all in one statement if possible.

    Desks of one hall wait for each other from here to the commit.
    """
    spans: dict[tuple[Span, date], dict[Part, Amount]] = {}
    for day, moved in by_day.items():
        for span in spans_of(day):
            plus(spans.setdefault(span, {}), moved)
    run_adding((_FIGURES, _rows_of_spans(hall_id, spans)), (_CELLS, _rows_of_cells(hall_id, cells or {})))


def add_to_spans(hall_id: int, spans: Mapping[tuple[Span, date], Mapping[Part, Amount]]) -> None:
    """Add to the figures of some spans."""
    run_adding((_FIGURES, _rows_of_spans(hall_id, spans)))


def add_cells(hall_id: int, by_day: Cells) -> None:
    """Add to the summaries of days by division, programme and kind."""
    run_adding((_CELLS, _rows_of_cells(hall_id, by_day)))


def _rows_of_spans(hall_id: int, spans: Mapping[tuple[Span, date], Mapping[Part, Amount]]) -> list[tuple[Any, ...]]:
    """Return the rows of figures.

    In the same order everywhere, and the year's sum of all first: desks that count at the same time wait for each
    other there and nowhere else, so they cannot deadlock. Only who counts twice in a transaction, in two years or of
    two organisations, may meet another one that the database then refuses: that desk sends its event again.
    """
    order = {Span.YEAR: 0, Span.MONTH: 1, Span.DAY: 2}
    return [
        (hall_id, span, facet, first, part, *amount)
        for (span, first), parts in sorted(spans.items(), key=lambda entry: (order[entry[0][0]], entry[0][1]))
        for (facet, part), amount in sorted(parts.items())
        if amount != NOTHING
    ]


def _rows_of_cells(hall_id: int, by_day: Cells) -> list[tuple[Any, ...]]:
    return [
        (hall_id, day, *cell, amount.visitors, amount.groups)
        for day, moved in sorted(by_day.items())
        for cell, amount in sorted(moved.items())
        if amount != NOTHING
    ]


_FIGURES: Any = Figure.__table__
_CELLS: Any = DivisionSummary.__table__


def spans_of(day: date) -> tuple[tuple[Span, date], ...]:
    """Return the spans in which a day lies, each with its first day."""
    return (Span.DAY, day), (Span.MONTH, day.replace(day=1)), (Span.YEAR, day.replace(month=1, day=1))


def run_adding(*added: tuple[Table, Sequence[tuple[Any, ...]]]) -> None:
    """Add rows to tables whose figures are not part of their primary keys; each key occurs once among them.

    An arrival adds two dozen rows while other desks wait. So the rows go directly to the driver, and to PostgreSQL in
    one statement that never changes, as one array for each column. Their values are in the order of the columns.
    """
    connection = database.connection()
    statements, columns = [], []
    for table, rows in added:
        if rows:
            statement, converters = _adding(table, connection.dialect.name)
            statements.append(statement)
            columns.append(_columns(rows, converters))
    if connection.dialect.name != "postgresql":
        for statement, given in zip(statements, columns, strict=True):
            send(connection, statement, list(zip(*given, strict=True)), many=True)
    elif statements:
        # PostgreSQL carries out the main statement first, so every desk meets the others at the first row of it.
        main, *others = statements
        first = f"WITH {', '.join(f'part_{n} AS ({one})' for n, one in enumerate(others))} " if others else ""
        send(connection, first + main, [column for some in (*columns[1:], columns[0]) for column in some])


def _columns(rows: Sequence[tuple[Any, ...]], converters: Mapping[int, Callable[[Any], Any]]) -> list[list[Any]]:
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    for number, convert in converters.items():
        converted = {value: convert(value) for value in set(columns[number])}  # few values, which repeat
        columns[number] = [converted[value] for value in columns[number]]
    return columns


@lru_cache(maxsize=8)
def _adding(table: Table, dialect_name: str) -> tuple[str, dict[int, Callable[[Any], Any]]]:
    """Return the statement that adds to a table, and how the values of some columns are written, by their numbers."""
    dialect = db.engine.dialect
    names = [column.name for column in table.columns]
    if dialect_name == "postgresql":
        arrays = (f"%s::{column.type.compile(dialect)}[]" for column in table.columns)
        source = f"SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608 — the columns of a table of ours
    else:
        source = f"VALUES ({', '.join('?' * len(names))})"
    key = ", ".join(column.name for column in table.primary_key)
    sums = ", ".join(
        f"{c.name} = {table.name}.{c.name} + excluded.{c.name}" for c in table.columns if not c.primary_key
    )
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) {source} ON CONFLICT ({key}) DO UPDATE SET {sums}"
    found = ((number, c.type.dialect_impl(dialect).bind_processor(dialect)) for number, c in enumerate(table.columns))
    return statement, {number: convert for number, convert in found if convert}
