from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from sqlalchemy import ScalarSelect, func, select

from hallapp.booking.models import AGREED, HOLDING, Booking, BookingState
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.demo import groups, service, story
from hallapp.desk import queries as desk
from hallapp.guides.models import Assignment
from hallapp.ledger import recount as ledger
from hallapp.ledger.models import Arrival, DeskEvent, DivisionSummary, EventKind, WalkIn
from hallapp.notifications.models import OutboxMessage
from hallapp.origins.china import DIVISIONS
from hallapp.passes.models import Pass
from hallapp.periods import SINCE_OPENING, Period
from hallapp.reports import publishing, tables
from hallapp.reports.figures import service as figures
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall, Slot
from tests import demonstration, factories
from tests.conftest import tried
from tests.demonstration import TUESDAY_NOON

#: What the demonstration does, it does by the services, which are tested on both databases.
pytestmark = pytest.mark.on_database("sqlite")

GUANGZHOU = ZoneInfo("Asia/Shanghai")
MONDAY_MORNING = datetime(2026, 11, 23, 7, 20, tzinfo=GUANGZHOU)
SUNDAY_EVENING = datetime(2026, 11, 1, 21, 40, tzinfo=GUANGZHOU)

MOMENTS = (TUESDAY_NOON, SUNDAY_EVENING, MONDAY_MORNING)


@pytest.fixture(params=[TUESDAY_NOON])
def hall(app: Flask, request: pytest.FixtureRequest) -> Iterator[Hall]:
    """The demonstration hall, made at one moment, which stands still."""
    with time_machine.travel(request.param, tick=False):
        yield demonstration.fill()


@pytest.mark.parametrize("hall", tried(MOMENTS, 1), indirect=True, ids="{:%A-%H}".format)
def test_a_newcomer_can_admit_and_book_today(hall: Hall) -> None:
    today = desk.get_day(hall.id, hall.today())
    free = [slot for slot in schedule.list_next_free(schedule.list_programmes(hall.id)) if slot.day == hall.today()]
    later = db.session.scalars(select(Slot.day).join(Booking).where(Slot.day > hall.today())).all()

    assert sum(1 for expected in today.bookings if expected.to_come) >= story.STILL_EXPECTED_TODAY
    assert {slot.programme.slug for slot in free} == {"guided-tour", "themed-session", "self-guided"}
    assert max(later) <= hall.today() + timedelta(days=story.DAYS_AHEAD + 8)  # the last are the inbox's
    assert ledger.recount(hall.id) == []


@pytest.mark.either_database
def test_demonstration_is_consistent(hall: Hall) -> None:
    bookings = db.session.scalars(select(Booking)).all()
    events = db.session.scalars(select(DeskEvent).order_by(DeskEvent.id)).all()

    assert hall.demonstration
    assert 150 <= len(bookings) <= 250
    for booking in bookings:
        programme = booking.slot.programme
        assert programme.policy.group_min <= booking.visitors <= programme.policy.group_max
        assert booking.visitors == sum(origin.visitors for origin in booking.origins)
        assert booking.created_at <= clock.now()
    agreed = {booking.id: 1 for booking in bookings if booking.state in AGREED}
    assert agreed.items() <= _passes_in_force().items()
    assert set(_passes_in_force().values()) == {1}
    assert ledger.recount(hall.id) == []
    assert [event.occurred_at for event in events] == sorted(event.occurred_at for event in events)
    assert events[-1].occurred_at < clock.now()
    assert all(event.day == clock.local_day(event.occurred_at, hall.time_zone) for event in events)
    sums = tables.in_section(figures.get_report(hall, SINCE_OPENING), "own")[-2:]
    assert all(
        row.visitors for table in sums for row in table.rows
    )  # every category has people, and some are not known
    told = set(db.session.scalars(select(OutboxMessage.kind)))
    assert told <= {
        "booking_requested",
        "booking_waitlisted",
        "booking_offered",
        "booking_declined",
        "booking_placed",
        "booking_cancelled",
    }


def test_demonstration_has_every_kind_of_event(hall: Hall) -> None:
    states = set(db.session.scalars(select(Booking.state)))
    booked, arrived = Booking.visitors, _arrived()
    past = select(func.count(Booking.id)).join(Slot).where(Slot.ends_at < clock.now())

    assert states == set(BookingState) - {BookingState.LAPSED}
    assert set(db.session.scalars(select(DeskEvent.kind))) == {EventKind.ADMIT, EventKind.TAKE_BACK}
    assert db.session.scalar(select(func.count(WalkIn.id))) > 0
    for fate in (arrived == 0, arrived < booked, arrived == booked, arrived > booked):
        assert db.session.scalar(past.where(Booking.state.in_(AGREED), fate)) > 0
    assert set(db.session.scalars(select(DivisionSummary.division).distinct())) == set(DIVISIONS)
    assert db.session.scalar(select(func.count(Assignment.id)).where(Assignment.dropped_at.is_(None))) > 0
    report = figures.get_report(hall, Period.month(2026, 11))
    assert report.audience is not None and report.audience.people == 296 and report.audience.agrees
    assert report.talks is not None and (report.talks.total.held, report.talks.total.missed) == (3, 1)
    assert report.talks.agrees and report.talks.visitors == 0


def test_ledger_is_what_the_desk_would_have_written(hall: Hall) -> None:
    """Nobody takes a place twice: people beyond a booking are `extra`, and a take-back undoes that too."""
    bookings = db.session.scalars(select(Booking)).all()
    beyond = 0
    for booking in bookings:
        rows = db.session.execute(
            select(Arrival.division, func.sum(Arrival.visitors), func.sum(Arrival.extra))
            .join(DeskEvent)
            .where(DeskEvent.booking_id == booking.id)
            .group_by(Arrival.division)
        )
        booked = {origin.division: origin.visitors for origin in booking.origins}
        for division, visitors, extra in rows:
            assert extra == max(0, visitors - booked.get(division, 0)), booking.id
            beyond += extra
    assert beyond > 0


def test_absences_and_trend_are_believable(hall: Hall) -> None:
    report = figures.get_report(hall, SINCE_OPENING)
    over = [booking for booking in db.session.scalars(select(Booking)) if booking.slot.ends_at <= clock.now()]
    missing = [
        max(0, booking.visitors - (db.session.scalar(select(_arrived()).where(Booking.id == booking.id)) or 0))
        for booking in over
        if booking.state in HOLDING
    ]
    assert report.totals.absent_visitors == sum(missing) > 0
    months = [part.visitors for part in report.trend[-7:-1]]  # without the running one
    assert all(0.5 < after / before < 2 for before, after in pairwise(months)), months


def test_the_same_day_gives_the_same_story(hall: Hall) -> None:
    slots = db.session.scalars(select(Slot).order_by(Slot.starts_at, Slot.id)).all()
    one, other = (
        story.Teller(slots=slots, requests=groups.read(), now=clock.now(), today=hall.today()) for _ in range(2)
    )

    assert one.visits() == other.visits()
    assert one.walk_ins() == other.walk_ins()


def test_a_hall_that_exists_is_left_alone(app: Flask) -> None:
    factories.make(factories.hall)

    with pytest.raises(service.DatabaseNotEmpty), transaction():
        service.fill()

    assert db.session.scalar(select(func.count(Booking.id))) == 0
    assert len(schedule.list_halls()) == 1


def test_no_half_hour_is_left_just_before_midnight() -> None:
    late = datetime(2026, 11, 24, 23, 31, tzinfo=GUANGZHOU)
    morning = datetime(2026, 11, 24, 9, 50, tzinfo=GUANGZHOU)

    assert story.next_half_hour(late, "Asia/Shanghai") is None
    assert story.next_half_hour(morning, "Asia/Shanghai") == datetime(2026, 11, 24, 10, 30, tzinfo=GUANGZHOU)


def _passes_in_force() -> dict[int, int]:
    rows = db.session.execute(
        select(Pass.booking_id, func.count()).where(Pass.revoked_at.is_(None)).group_by(Pass.booking_id)
    )
    return dict(tuple(row) for row in rows)


def _arrived() -> ScalarSelect[int]:
    people = select(func.coalesce(func.sum(Arrival.visitors), 0)).join(DeskEvent)
    return people.where(DeskEvent.booking_id == Booking.id).correlate(Booking).scalar_subquery()


def test_the_years_on_paper_are_closed_and_published(hall: Hall) -> None:
    with transaction():
        service.close_years()
    received = publishing.find_received(hall)
    assert received is not None
    last_on_paper = (story.first_day(hall.today()) - timedelta(days=1)).replace(day=1)
    assert (received.first, received.last) == (hall.opened_on.replace(day=1), last_on_paper)
    assert received.visitors > 20_000
