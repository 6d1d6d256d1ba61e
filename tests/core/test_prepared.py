"""Prepared statements: they answer as SQLAlchemy's own execution does, and fail as it does."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, func, insert, literal, literal_column, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from hallapp.booking.models import Booking, BookingEvent, BookingState
from hallapp.core import database
from hallapp.core.database import db, transaction, upsert
from hallapp.core.limits import RateCounter
from hallapp.core.prepared import Prepared
from hallapp.schedule.models import Slot
from tests import factories
from tests.queries import Queries

pytestmark = pytest.mark.both_databases

_NOON = datetime(2026, 12, 5, 4, tzinfo=UTC)
_COUNTERS = insert(RateCounter)


@pytest.fixture
def booking(app: Flask) -> Booking:
    with transaction():
        return factories.booking(slot=factories.slot(programme=factories.programme(hall=factories.hall())))


def _counters(*keys: str) -> list[dict[str, Any]]:
    return [{"key": key, "window_starts": _NOON, "hits": number} for number, key in enumerate(keys)]


@pytest.mark.parametrize(
    ("statement", "given"),
    [
        (select(Slot.id, Slot.day, Slot.starts_at, Slot.open).where(Slot.day > bindparam("day")), {"day": date.min}),
        (select(Slot.ends_at).where(Slot.ends_at > bindparam("at")).limit(1), {"at": _NOON.replace(year=1999)}),
        (select(Booking.state, Booking.kind, Booking.held_until, literal("%")), {}),
        (select(Booking.state).where(Booking.state == BookingState.CONFIRMED, Booking.guides >= 0), {}),
        (select(func.count(), func.max(Booking.created_at)).select_from(Booking), {}),
        (select(BookingEvent.detail, BookingEvent.verb, BookingEvent.before).order_by(BookingEvent.id), {}),
    ],
)
def test_values_go_in_and_come_out_as_with_sqlalchemy(booking: Booking, statement: Any, given: dict[str, Any]) -> None:
    expected = [tuple(row) for row in db.session.connection().execute(statement, given)]
    prepared = Prepared(statement)
    assert [tuple(row) for row in prepared.rows(given)] == expected
    db.session.rollback()
    assert [tuple(row) for row in prepared.look(given)] == expected
    assert not db.session().in_transaction()


def test_a_list_may_have_any_length(app: Flask) -> None:
    keys = [f"key {number}" for number in range(9)]
    found = Prepared(select(RateCounter.key).where(RateCounter.key.in_(bindparam("keys", expanding=True))))
    with transaction():
        Prepared(_COUNTERS).run(*_counters(*keys))
        for length in (0, 1, 2, 3, 4, 5, 8, 9, 0, 3):
            assert sorted(row[0] for row in found.rows({"keys": keys[:length]})) == keys[:length]


def test_statements_with_other_columns_are_told_apart(app: Flask) -> None:
    change = Prepared(update(RateCounter.__table__).where(RateCounter.key == bindparam("wanted")))  # type: ignore[arg-type]
    with transaction():
        Prepared(_COUNTERS).run(*_counters("one"))
        assert change.run({"wanted": "one", "hits": 5}) == 1
        assert change.run({"wanted": "one", "window_starts": _NOON.replace(hour=5)}) == 1
        assert change.run({"wanted": "none", "hits": 6}) == 0
    row = db.session.scalars(select(RateCounter)).one()
    assert (row.hits, row.window_starts.hour) == (5, 5)


def test_rows_that_exist_are_not_counted(app: Flask) -> None:
    new = Prepared(lambda: upsert(RateCounter).on_conflict_do_nothing())
    returning = Prepared(lambda: upsert(RateCounter).on_conflict_do_nothing().returning(RateCounter.key))
    with transaction():
        assert new.run(*_counters("a", "b")) == 2
        assert new.run(*_counters("b", "c", "d")) == 2
        assert (returning.rows(_counters("a")[0]), returning.rows(_counters("e")[0])) == ([], [("e",)])


def test_a_default_of_python_is_missed_when_the_statement_is_made(booking: Booking) -> None:
    assert any(column.default is not None for column in Booking.__table__.columns)
    with transaction(), pytest.raises(TypeError, match="values are missing"):
        Prepared(insert(Booking)).run({"hall_id": booking.hall_id})


def test_errors_are_those_of_sqlalchemy_without_the_values(app: Flask) -> None:
    with pytest.raises(IntegrityError) as caught, transaction():
        Prepared(_COUNTERS).run(*_counters("何秀珍", "何秀珍"))
    assert "何秀珍" not in str(caught.value).split("[SQL")[1]
    with pytest.raises(DBAPIError):
        Prepared(select(literal_column("nothing")).select_from(text("nowhere"))).look()
    with transaction():  # the connections are good as before
        assert Prepared(_COUNTERS).run(*_counters("another")) == 1


def test_listeners_hear_of_the_statements_and_nobody_waits_for_a_transaction(booking: Booking) -> None:
    db.session.rollback()
    with Queries() as asked:
        assert Prepared(select(Booking.id)).look() == [(booking.id,)]
    assert len(asked.sent) == 1 and asked.sent[0].startswith("SELECT")


@pytest.mark.on_database("postgresql")
def test_a_lost_connection_is_thrown_away(app: Flask) -> None:
    with pytest.raises(DBAPIError) as caught, transaction():
        Prepared(_COUNTERS).run(*_counters("lost"))
        number = database.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with db.engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({number}, 1000)")
        Prepared(select(RateCounter.key)).rows()
    assert caught.value.connection_invalidated and database.is_away(caught.value)
    assert Prepared(select(RateCounter.key)).look() == []


@pytest.mark.on_database("postgresql")
def test_a_connection_that_is_lost_without_a_transaction_is_thrown_away_too(app: Flask) -> None:
    number = Prepared(select(func.pg_backend_pid()))
    db.session.rollback()
    db.engine.dispose()  # connections that other tests left in the pool would be used before the lost one
    with db.engine.connect() as other:
        other.exec_driver_sql("SELECT 1")
        ((lost,),) = number.look()
        other.exec_driver_sql(f"SELECT pg_terminate_backend({lost}, 1000)")
        try:  # one that was idle for a while is tried before its use, and replaced
            number.look()
        except DBAPIError as error:
            assert database.is_away(error)
        assert number.look() != [(lost,)]


@pytest.mark.on_database("postgresql")
def test_a_rollback_keeps_what_the_server_has_prepared(app: Flask) -> None:
    with db.engine.connect() as connection:
        for _ in range(8):
            connection.execute(select(literal("often").label("asked_often")))
            connection.rollback()
        prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%asked_often'")
        assert connection.scalar(prepared) == 1


@pytest.mark.on_database("postgresql")
def test_a_statement_is_prepared_anew_after_a_migration_has_widened_its_column(app: Flask) -> None:
    """A new release widens a column while processes of the old one serve: one request fails, and no more."""
    asked = text("SELECT name FROM widened")
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE widened (name VARCHAR(2))"))
    with db.engine.connect() as old:
        for _ in range(8):
            old.execute(asked)
            old.rollback()
        with db.engine.begin() as migration:
            migration.execute(text("ALTER TABLE widened ALTER COLUMN name TYPE VARCHAR(8)"))
        with pytest.raises(DBAPIError):
            old.execute(asked)
        old.rollback()
        assert old.execute(asked).all() == []
        old.rollback()
        old.execute(text("DROP TABLE widened"))
        old.commit()


def test_a_server_that_is_gone_is_an_error_of_sqlalchemy(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of trouble know no other."""
    found = Prepared(select(RateCounter.key))
    assert found.look() == []
    db.session.remove()
    db.engine.dispose()
    driver = db.engine.dialect.loaded_dbapi

    def refuse(*_given: Any) -> None:
        raise driver.OperationalError("the server is gone")

    with monkeypatch.context() as patched, pytest.raises(OperationalError, match="the server is gone") as raised:
        patched.setattr(db.engine.pool, "_invoke_creator", refuse)
        found.look()
    assert raised.value.connection_invalidated
    assert found.look() == []
