"""Scenes that many tests begin with: made once in each process of tests, and copied back after that.

PostgreSQL has no copy that is cheaper than making the rows again, so this is for tests on SQLite.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import inspect, select

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests.demonstration import is_sqlite, snapshot

#: What `make` gives: rows by their names.
Rows = dict[str, Any]
#: How the rows of a scene are read again: their models and their primary keys.
_Keys = dict[str, tuple[Any, tuple[Any, ...]]]

_made: dict[tuple[Callable[[], Rows], date], tuple[Callable[[], None], _Keys]] = {}


def stored(make: Callable[[], Rows]) -> Rows:
    """Return the rows that `make` stores in a transaction, or their copies where it did so earlier on this day.

    `make` is a function of a module, which always makes the same. Rows that were there before it stay, so a test that
    has made a hall already gets the scene by `make` itself.
    """
    if not is_sqlite() or db.session.scalar(select(Hall.id).limit(1)) is not None:
        return _make(make)
    key = (make, clock.today("Asia/Shanghai"))
    if key not in _made:
        rows = _make(make)
        keys = {name: (type(row), inspect(row).identity) for name, row in rows.items()}
        _made[key] = (snapshot(), keys)
        return rows
    put_back, keys = _made[key]
    put_back()
    return {name: db.session.get_one(model, identity) for name, (model, identity) in keys.items()}


def _make(make: Callable[[], Rows]) -> Rows:
    with transaction():
        return make()
