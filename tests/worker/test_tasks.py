"""The tasks of the timetable in halls: by their own clocks, caught up on, and with what went wrong written down."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule.models import Hall, Slot
from hallapp.tasks import queries
from hallapp.tasks import service as tasks
from hallapp.tasks.models import Outcome, TaskRun
from hallapp.worker import bodies, lanes, performing
from hallapp.worker.bodies import Report
from tests import factories

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # 12:00 in Guangzhou


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def never() -> bool:
    return False


def work() -> None:
    lanes.run_tasks(never)
    db.session.rollback()
    db.session.expire_all()


def run_of(hall: Hall, task: str) -> TaskRun:
    return queries.list_runs([hall.id])[hall.id, task]


@pytest.mark.either_database
def test_everything_runs_once_and_then_waits_for_its_hour(app: Flask, clock: time_machine.Traveller) -> None:
    with transaction():
        hall = factories.hall()
    work()
    runs = queries.list_runs([hall.id])
    assert {task for _hall, task in runs} == set(bodies.BODIES)
    assert {run.outcome for run in runs.values()} == {Outcome.DONE}
    claims = {task: run.claim for (_hall, task), run in runs.items()}
    work()
    assert {task: run.claim for (_hall, task), run in queries.list_runs([hall.id]).items()} == claims


@pytest.mark.either_database
def test_pause_over_the_change_of_days_is_caught_up_on(app: Flask, clock: time_machine.Traveller) -> None:
    with transaction():
        programme = factories.programme(hall=factories.hall())
        bookings = [
            factories.booking(
                email="a@example.org",
                slot=factories.slot(programme=programme, day=date(2026, 11, 25) + timedelta(days=number)),
            )
            for number in range(3)
        ]
    hall = programme.hall
    work()
    assert {one.state for one in db.session.scalars(select(Booking))} == {BookingState.CONFIRMED}
    reminded = db.session.scalar(select(func.count()).select_from(OutboxMessage))
    assert reminded == 1, "the visit of tomorrow"
    clock.move_to(NOON + timedelta(days=2, hours=16))  # 04:00 on the 28th: all three days are over
    work()
    assert [db.session.get_one(Booking, one.id).state for one in bookings] == [BookingState.ABSENT] * 3
    assert run_of(hall, "absences").due_at == datetime(2026, 11, 27, 19, 0, tzinfo=UTC)
    assert run_of(hall, "reminders").due_at == datetime(2026, 11, 25, 1, 0, tzinfo=UTC), "nobody is written to at four"


def test_halls_of_two_time_zones_have_their_own_nights(app: Flask, clock: time_machine.Traveller) -> None:
    with transaction():
        here, there = factories.hall(), factories.hall(time_zone="America/New_York")
    work()
    clock.move_to(datetime(2026, 11, 25, 8, 0, tzinfo=UTC))  # 16:00 in Guangzhou, 03:00 in New York
    work()
    assert (run_of(here, "absences").claim, run_of(there, "absences").claim) == (1, 2)
    clock.move_to(datetime(2026, 11, 25, 19, 0, tzinfo=UTC))  # 03:00 and 14:00
    work()
    assert (run_of(here, "absences").claim, run_of(there, "absences").claim) == (2, 2)


def test_hall_chooses_its_hours(app: Flask, clock: time_machine.Traveller) -> None:
    with transaction():
        hall = factories.hall()
        tasks.set_hours(hall.id, night=time(1), reports=time(7), reminders=time(13), thanks=time(18))
    work()
    assert run_of(hall, "reminders").due_at == datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    clock.move_to(NOON + timedelta(hours=1))
    work()
    assert run_of(hall, "reminders").due_at == datetime(2026, 11, 25, 5, 0, tzinfo=UTC)


def test_failure_is_recorded_without_its_message_and_tried_again(
    app: Flask, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        halls = [factories.hall(), factories.hall()]
    ill = halls[0].id

    def absent(hall: Hall) -> Report:
        if hall.id == ill:
            raise ValueError("contact 13800138000 is wrong")
        return Report(2)

    monkeypatch.setitem(bodies.BODIES, "absences", absent)
    work()
    failed, fine = run_of(halls[0], "absences"), run_of(halls[1], "absences")
    assert (failed.outcome, failed.error, failed.due_at) == (Outcome.FAILED, "ValueError", None)
    assert (fine.outcome, fine.count) == (Outcome.DONE, 2), "one hall's failure is not another one's"
    assert run_of(halls[0], "thanks").outcome is Outcome.DONE, "nor another task's"
    assert queries.count_problems(halls[0].id) == 1
    work()
    assert run_of(halls[0], "absences").claim == 1, "not at once"
    ill = 0
    clock.shift(timedelta(minutes=1))
    work()
    assert (run_of(halls[0], "absences").outcome, run_of(halls[0], "absences").tries) == (Outcome.DONE, 0)


@pytest.mark.either_database
def test_recount_alerts_and_repairs_nothing(app: Flask, clock: time_machine.Traveller) -> None:
    with transaction():
        slot = factories.slot(programme=factories.programme(hall=factories.hall()), day=date(2026, 11, 26))
        factories.booking(slot=slot)
    with transaction():
        db.session.execute(update(Slot).values(visitors_booked=Slot.visitors_booked - 1))
    before = db.session.scalar(select(Slot.visitors_booked))
    work()
    hall = slot.programme.hall
    found = run_of(hall, "places_recount")
    assert (found.outcome, found.error, found.count) == (Outcome.ALERT, "places_differ", 1)
    assert db.session.scalar(select(Slot.visitors_booked)) == before
    told = app.test_cli_runner().invoke(args=["worker", "status"])
    assert "places_differ" in told.output and told.exit_code == 1
    assert app.test_cli_runner().invoke(args=["bookings", "recount", "--repair"]).exit_code == 0
    db.session.expire_all()
    assert run_of(hall, "places_recount").outcome is Outcome.DONE, "a command is written down like the worker's own run"


def test_command_counts_as_the_run_of_its_moment(app: Flask, clock: time_machine.Traveller) -> None:
    with transaction():
        hall = factories.hall()
    assert app.test_cli_runner().invoke(args=["bookings", "absent"]).exit_code == 0
    assert not performing.run_due(hall, performing._BY_NAME["absences"])
    assert performing.run_due(hall, performing._BY_NAME["slots"])
