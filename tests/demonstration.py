"""The demonstration hall, made once for each moment in a run of tests and copied after that."""

import atexit
import fcntl
import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.demo import service
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall

TUESDAY_NOON = datetime(2026, 11, 24, 12, 10, tzinfo=ZoneInfo("Asia/Shanghai"))

_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
_made: dict[datetime, Callable[[], None]] = {}


def fill() -> Hall:
    """Fill the empty tables with the demonstration of this moment; the clock has to stand still.

    PostgreSQL has no copy that is cheaper than making the rows again.
    """
    if is_sqlite():
        _copy(clock.now())
    else:
        _make()
    return schedule.list_halls()[0]


def _make() -> None:
    with transaction():
        service.fill()


def _copy(now: datetime) -> None:
    """Copy the demonstration of this moment, which the first worker of this run that asks for it makes."""
    if now not in _made:
        file = Path(tempfile.gettempdir(), f"hallapp-demonstration-{_RUN}-{now.timestamp():.0f}.sqlite3")
        with file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                _make()
                with closing(sqlite3.connect(file)) as kept:
                    _save(kept)
                atexit.register(file.unlink, missing_ok=True)
                atexit.register(file.with_suffix(".lock").unlink, missing_ok=True)
            copy = sqlite3.connect(":memory:", check_same_thread=False)
            with closing(sqlite3.connect(file)) as kept:
                kept.backup(copy)
        _made[now] = _putting_back(copy)
    _made[now]()


def is_sqlite() -> bool:
    """Whether the test runs on SQLite."""
    return db.engine.dialect.name == "sqlite"


def snapshot() -> Callable[[], None]:
    """Return what puts a SQLite database back as it is now, whatever is written in between."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    _save(copy)
    return _putting_back(copy)


def _save(copy: sqlite3.Connection) -> None:
    db.session.rollback()
    with db.engine.connect() as connection:
        _file_of(connection).backup(copy)


def _putting_back(copy: sqlite3.Connection) -> Callable[[], None]:
    def put_back() -> None:
        db.session.rollback()
        with db.engine.connect() as connection:
            copy.backup(_file_of(connection))

    return put_back


def _file_of(connection: Connection) -> sqlite3.Connection:
    opened = connection.connection.driver_connection
    assert isinstance(opened, sqlite3.Connection)
    return opened
