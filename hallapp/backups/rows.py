"""Rows of any table as lines of JSON, the same for SQLite and PostgreSQL."""

import base64
import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text, types

_BATCH = 1000  # rows


def dump(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield a line with the names of the columns, then one for each row of a reflected table.

    Instants are in UTC, bytes in base64, and identifiers are hexadecimal digits.
    """
    yield _line([column.name for column in table.columns])
    rows = connection.execution_options(yield_per=_BATCH).execute(select(table).order_by(*table.primary_key))
    for row in rows:
        yield _line([_plain(value) for value in row])


def load(connection: Connection, table: Table, lines: Iterable[bytes]) -> int:
    """Insert the rows of `dump` into a reflected table, and return how many there were.

    Raises:
        KeyError: the table has no column of such a name.
        ValueError: a line cannot be read.
    """
    rest = iter(lines)
    names = json.loads(next(rest, b"[]"))
    readers = [(name, _reader(table.columns[name].type)) for name in names]
    count = 0
    while batch := list(islice(rest, _BATCH)):
        rows = [
            {name: None if value is None else read(value) for (name, read), value in zip(readers, row, strict=True)}
            for row in map(json.loads, batch)
        ]
        connection.execute(insert(table), rows)
        count += len(rows)
    return count


def continue_numbers(connection: Connection, table: Table) -> None:
    """Let the next row of a table get a number above those that were loaded (PostgreSQL counts apart from the rows)."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key:
        sequence = connection.scalar(
            text("SELECT pg_get_serial_sequence(:table, :column)"),
            {"table": f'"{table.name}"', "column": column.name},
        )
        most = connection.scalar(select(func.max(column))) if sequence else None
        if most is not None:
            connection.execute(select(func.setval(sequence, most)))


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat()
        case date() | time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case uuid.UUID():
            return value.hex
        case _:
            return value


def _reader(kind: types.TypeEngine[Any]) -> Any:
    """Return the function that converts a result of `_plain` back to a value of a column's type."""
    match kind:
        case types.DateTime():
            zone = UTC if kind.timezone else None
            return lambda value: datetime.fromisoformat(value).replace(tzinfo=zone)
        case types.Date():
            return date.fromisoformat
        case types.Time():
            return time.fromisoformat
        case types.LargeBinary():
            return base64.b64decode
        case types.Uuid():
            return uuid.UUID
        case types.Boolean():
            return bool
        case _:
            return lambda value: value
