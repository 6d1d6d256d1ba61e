"""Transactions: one place commits, writers queue, and nothing is written outside."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.core.database import db, transaction
from hallapp.core.limits import RateCounter
from tests import factories

pytestmark = pytest.mark.both_databases


def counter(key: str) -> RateCounter:
    return RateCounter(key=key, window_starts=datetime(2026, 1, 1, tzinfo=UTC), hits=1)


def test_transaction_commits_at_its_end(app: Flask) -> None:
    with transaction() as session:
        session.add(counter("kept"))
    db.session.remove()
    assert db.session.scalars(select(RateCounter.key)).all() == ["kept"]


def test_transaction_rolls_back_on_an_exception(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.add(counter("lost"))
        session.flush()
        raise ZeroDivisionError
    assert db.session.scalars(select(RateCounter.key)).all() == []


def test_transaction_does_not_nest(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="nest"), transaction(), transaction():
        pass


def test_flush_outside_of_a_transaction_is_refused(app: Flask) -> None:
    db.session.add(counter("stray"))
    with pytest.raises(RuntimeError, match="inside transaction"):
        db.session.flush()
    db.session.rollback()


def test_instants_come_back_aware_and_in_utc(app: Flask) -> None:
    hall = factories.make(factories.hall)
    db.session.expire_all()
    assert hall.created_at.tzinfo is UTC
