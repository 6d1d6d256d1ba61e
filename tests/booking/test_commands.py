"""The commands over bookings that run at night and every few minutes, and the recount."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from sqlalchemy import update

from hallapp.booking.models import Booking, BookingState, Pause
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Slot
from tests import factories
from tests.no_shows import pause_after

DAY = date(2026, 12, 5)
NOON = clock.at(DAY, time(12), "Asia/Shanghai")


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=("bookings", *arguments))


@pytest.fixture
def hall(app: Flask) -> Iterator[SimpleNamespace]:
    """At noon: a group that did not come yesterday, and one that is expected this afternoon."""
    with time_machine.travel(NOON, tick=False):
        with transaction():
            hall = factories.hall(slug="harbour", no_show_tiers=pause_after(1))
            programme = factories.programme(hall=hall)
            yesterday = factories.slot(programme=programme, day=DAY - timedelta(days=1))
            today = factories.slot(programme=programme, day=DAY, starts=time(15))
            rows = SimpleNamespace(
                missed=factories.booking(slot=yesterday).id,
                expected=factories.booking(slot=today, phone="+8619900001051").id,
                today=today.id,
                hall_id=hall.id,
            )
        yield rows


def state(booking_id: int) -> BookingState:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Booking, booking_id).state


def test_absent_marks_the_past_days_and_pauses_by_the_rule(app: Flask, hall: SimpleNamespace) -> None:
    result = run(app, "absent")

    assert (result.exit_code, result.stdout) == (0, "harbour: 1 booking marked as a no-show\n")
    assert (state(hall.missed), state(hall.expected)) == (BookingState.ABSENT, BookingState.CONFIRMED)
    assert [pause.booking_id for pause in db.session.query(Pause)] == [hall.missed]
    assert run(app, "absent").stdout == "harbour: 0 bookings marked as no-shows\n"


def test_tend_lets_offers_lapse(app: Flask, hall: SimpleNamespace) -> None:
    with transaction():
        row = db.session.get_one(Booking, hall.expected)
        row.state, row.offered_until = BookingState.OFFERED, NOON - timedelta(minutes=1)

    assert run(app, "tend", "--hall", "harbour").stdout == "harbour: 1 booking lapsed\n"
    assert state(hall.expected) is BookingState.LAPSED


def test_recount_says_what_differs_and_repairs_it_when_asked(app: Flask, hall: SimpleNamespace) -> None:
    assert run(app, "recount").stdout == "harbour: 0 differences\n"
    with transaction():
        db.session.execute(update(Slot).where(Slot.id == hall.today).values(visitors_booked=23))

    found = run(app, "recount")
    assert found.exit_code == 1
    assert found.stdout == (
        f"harbour 2026-12-05 slot {hall.today} visitors_booked: 20 by bookings, kept 23\nharbour: 1 difference\n"
    )
    assert found.stderr == "Error: counters differ from the bookings; run again with --repair to put them right\n"
    repaired = run(app, "recount", "--repair")
    assert (repaired.exit_code, repaired.stdout.splitlines()[-1]) == (0, "harbour: 1 difference put right")
    assert run(app, "recount").stdout == "harbour: 0 differences\n"


@pytest.mark.parametrize("command", ["absent", "tend", "recount"])
def test_unknown_hall_is_one_line(app: Flask, hall: SimpleNamespace, command: str) -> None:
    result = run(app, command, "--hall", "nowhere")
    assert (result.exit_code, result.stderr) == (1, "Error: there is no hall named nowhere\n")
