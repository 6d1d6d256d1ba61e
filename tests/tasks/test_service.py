"""Claims on tasks: one worker gets each, a dead one loses it, and nobody writes into another one's run."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from hallapp.tasks import queries, service
from hallapp.tasks.models import Outcome, TaskRun
from tests import factories

pytestmark = pytest.mark.either_database

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def hall(app: Flask, clock: time_machine.Traveller) -> Hall:
    with transaction():
        return factories.hall()


def claim(hall: Hall, *, seen: datetime | None = None) -> int | None:
    with transaction():
        return service.claim(hall.id, "absences", seen=seen)


def row(hall: Hall) -> TaskRun:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(TaskRun, (hall.id, "absences"))


def finish(hall: Hall, number: int, outcome: Outcome = Outcome.DONE, **more: object) -> None:
    with transaction():
        service.finish(hall.id, "absences", number, due_at=NOW, outcome=outcome, **more)  # type: ignore[arg-type]


@pytest.mark.both_databases
def test_one_of_many_threads_gets_a_task(hall: Hall, app: Flask) -> None:
    got: list[int | None] = []
    hall_id = hall.id

    def take() -> None:
        with app.app_context(), transaction():
            got.append(service.claim(hall_id, "absences", seen=None))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=str) == [1, *[None] * 7]


@pytest.mark.both_databases
def test_run_that_ended_is_not_run_again_by_whoever_read_the_row_before(hall: Hall) -> None:
    number = claim(hall)
    assert number == 1
    finish(hall, number, count=3)
    assert claim(hall, seen=None) is None, "what was read is out of date"
    assert claim(hall, seen=NOW) == 2
    assert (row(hall).outcome, row(hall).count, row(hall).tries) == (Outcome.DONE, 3, 1)


def test_dead_run_is_claimed_again_and_its_late_end_is_ignored(hall: Hall, clock: time_machine.Traveller) -> None:
    first = claim(hall)
    clock.shift(service.DEAD_AFTER - timedelta(seconds=1))
    assert claim(hall) is None
    with transaction():
        assert service.beat(hall.id, "absences", first or 0)
    clock.shift(service.DEAD_AFTER)
    second = claim(hall)
    assert (second, row(hall).tries) == (2, 2)
    finish(hall, first or 0, Outcome.FAILED, error="late")
    with transaction():
        assert not service.beat(hall.id, "absences", first or 0)
    assert (row(hall).outcome, row(hall).claim) == (None, 2)
    finish(hall, second or 0)
    assert (row(hall).outcome, row(hall).tries) == (Outcome.DONE, 0)


def test_failed_run_stays_due_and_a_given_back_one_costs_no_try(hall: Hall) -> None:
    number = claim(hall)
    finish(hall, number or 0, Outcome.FAILED, error="x" * 500)
    found = row(hall)
    assert (found.due_at, found.tries, found.error) == (None, 1, "x" * 60)
    again = claim(hall)
    with transaction():
        service.give_back(hall.id, "absences", again or 0)
    assert (row(hall).tries, row(hall).heartbeat_at) == (1, None)


def test_worker_counts_as_running_until_its_heartbeat_ends_or_it_signs_off(
    hall: Hall, clock: time_machine.Traveller
) -> None:
    assert (queries.is_worker_alive(), queries.find_last_sign_of_life()) == (False, None)
    for name in ("one", "two"):
        with transaction():
            service.show_life(name, mail_error="mail_away")
    assert {worker.mail_error for worker in queries.list_workers()} == {"mail_away"}
    with transaction():
        service.say_goodbye("one")
    assert [worker.name for worker in queries.list_workers()] == ["two"]
    clock.shift(queries.GONE_AFTER)
    assert not queries.is_worker_alive()
    assert queries.find_last_sign_of_life() == NOW
    clock.shift(service.FORGOTTEN_AFTER)
    with transaction():
        service.forget_workers()
    assert queries.find_last_sign_of_life() is None


@pytest.mark.both_databases
def test_clock_of_the_database_is_the_one_of_its_server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real one
    from hallapp.core import database

    with time_machine.travel(NOW, tick=False):
        found = database.now()
    assert found.tzinfo is not None
    assert (found == NOW) == (db.engine.dialect.name == "sqlite")
