"""Empty tables for the next test, at a cost that grows with the tables in which something is."""

import sqlite3
from collections.abc import Sequence
from functools import cache

import psycopg
from sqlalchemy import URL, Table

from hallapp.core.database import db

_connections: dict[URL, psycopg.Connection] = {}
_files: dict[str, sqlite3.Connection] = {}


def empty_tables() -> None:
    """Empty the tables in which something is, which costs far less than emptying them all.

    Their ids begin at 1 again; on PostgreSQL not those of a table whose rows the test itself has deleted.
    """
    if db.engine.dialect.name == "postgresql":
        _empty_postgresql(_postgresql(db.engine.url))
    else:
        _empty_sqlite(_sqlite(str(db.engine.url.database)))


def close() -> None:
    """Close the connections that emptied databases."""
    for opened in (_connections, _files):
        while opened:
            opened.popitem()[1].close()


def _empty_sqlite(connection: sqlite3.Connection) -> None:
    filled = {name for (name,) in connection.execute(_which_are_filled())}
    for statement in ("BEGIN IMMEDIATE", *_deletes(filled), "COMMIT") if filled else ():
        connection.execute(statement)


def _empty_postgresql(connection: psycopg.Connection) -> None:
    filled = {name for (name,) in connection.execute(_which_are_filled(), prepare=True)}
    names = (table.name for table in _tables() if table.name in filled and "id" in table.c)
    restarts = [f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), 1, false)" for name in names]
    if filled:
        connection.execute("; ".join([*_deletes(filled), *restarts]))  # in one round trip and one transaction


def _postgresql(url: URL) -> psycopg.Connection:
    """Return a connection of our own, on which deleting a row does not search all tables that may refer to it.

    Setting this for a transaction of the application's connection would throw away all plans that it has made.
    """
    if url not in _connections:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        _connections[url] = psycopg.connect(
            address, autocommit=True, application_name="tests", options="-c session_replication_role=replica"
        )
    return _connections[url]


def _sqlite(file: str) -> sqlite3.Connection:
    """Return a connection of our own, which looks at no foreign key.

    Setting this for the application's connection would throw away all statements that it has prepared, twice a test.
    """
    if file not in _files:
        _files[file] = sqlite3.connect(file, isolation_level=None, check_same_thread=False, cached_statements=300)
        _files[file].execute("PRAGMA synchronous=OFF")
    return _files[file]


def _deletes(filled: set[str]) -> Sequence[str]:
    return [f'DELETE FROM "{table.name}"' for table in _tables() if table.name in filled]


@cache
def _tables() -> Sequence[Table]:
    """Return all tables in the order in which they can be emptied: what refers to a row goes before it."""
    return list(reversed(db.metadata.sorted_tables))


@cache
def _which_are_filled() -> str:
    return " UNION ALL ".join(
        f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM \"{table.name}\")" for table in _tables()
    )
