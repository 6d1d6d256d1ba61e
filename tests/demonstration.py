"""The demonstration hall, made once for each moment in each process of tests and copied after that."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.demo import service
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall

TUESDAY_NOON = datetime(2026, 11, 24, 12, 10, tzinfo=ZoneInfo("Asia/Shanghai"))

_made: dict[datetime, Callable[[], None]] = {}


def fill() -> Hall:
    """Fill the empty tables with the demonstration of this moment; the clock has to stand still.

    PostgreSQL has no copy that is cheaper than making the rows again.
    """
    now = clock.now()
    if put_back := _made.get(now) if is_sqlite() else None:
        put_back()
    else:
        with transaction():
            service.fill()
        if is_sqlite():
            _made[now] = snapshot()
    return schedule.list_halls()[0]


def is_sqlite() -> bool:
    """Whether the test runs on SQLite."""
    return db.engine.dialect.name == "sqlite"


def snapshot() -> Callable[[], None]:
    """Return what puts a SQLite database back as it is now, whatever is written in between."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    db.session.rollback()
    with db.engine.connect() as connection:
        _file_of(connection).backup(copy)

    def put_back() -> None:
        db.session.rollback()
        with db.engine.connect() as connection:
            copy.backup(_file_of(connection))

    return put_back


def _file_of(connection: Connection) -> sqlite3.Connection:
    opened = connection.connection.driver_connection
    assert isinstance(opened, sqlite3.Connection)
    return opened
