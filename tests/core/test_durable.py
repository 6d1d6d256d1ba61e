"""A commit waits for the disk unless its transaction says that it need not."""

import pytest
from flask import Flask
from sqlalchemy import text

from hallapp.core import database
from hallapp.core.database import db, transaction
from tests.conftest import WAITS_IN_SERVICE

pytestmark = pytest.mark.both_databases


def wait_of(*, durable: bool) -> str:
    """What the database says of the transaction's commit."""
    asked = "PRAGMA synchronous" if db.engine.dialect.name == "sqlite" else "SHOW synchronous_commit"
    with transaction(durable=durable) as session:
        return str(session.execute(text(asked)).scalar_one())


def test_commit_waits_for_the_disk_unless_told_otherwise(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WAITS_IN_SERVICE.items():
        monkeypatch.setattr(database, name, value)
    is_sqlite = db.engine.dialect.name == "sqlite"
    # The server of the tests waits for no disk at all: there the transaction keeps what the server has.
    waits = "2" if is_sqlite else str(db.session.execute(text("SHOW synchronous_commit")).scalar_one())
    hurries = "1" if is_sqlite else "off"
    for _ in range(2):
        assert wait_of(durable=True) == waits
        assert wait_of(durable=False) == hurries
    assert wait_of(durable=True) == waits


def test_transaction_that_need_not_last_does_not_nest_either(app: Flask) -> None:
    with transaction(durable=False), pytest.raises(RuntimeError), transaction():
        pass
