"""A series of dates: what each has to offer, and all chosen ones in one act."""

from datetime import date, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from hallapp.booking import parties, queries, series
from hallapp.booking.errors import DateRefused
from hallapp.booking.lifecycle import SYSTEM
from hallapp.booking.models import Booking, BookingState
from hallapp.booking.recount import recount
from hallapp.booking.series import MOST_DATES, Repeat, Rule, Standing
from hallapp.core.database import db, transaction
from hallapp.schedule.models import CalendarDay
from tests import factories
from tests.booking.helpers import MADE, command, page, typed
from tests.office import NOON, signed_in

FIRST = date(2026, 12, 4)  # a Friday


@pytest.mark.parametrize(
    ("repeat", "first", "expected"),
    [
        (Repeat.WEEKLY, FIRST, ["12-04", "12-11", "12-18", "12-25"]),
        (Repeat.FORTNIGHTLY, FIRST, ["12-04", "12-18", "01-01", "01-15"]),
        (Repeat.MONTHLY_DATE, date(2026, 1, 31), ["01-31", "03-31", "05-31", "07-31"]),  # the others have no 31st
        (Repeat.MONTHLY_WEEKDAY, FIRST, ["12-04", "01-01", "02-05", "03-05"]),  # the first Friday
        (Repeat.MONTHLY_WEEKDAY, date(2026, 10, 30), ["10-30", "01-29", "04-30", "07-30"]),  # the fifth
    ],
)
def test_dates_follow_the_rule(repeat: Repeat, first: date, expected: list[str]) -> None:
    assert [f"{day:%m-%d}" for day in Rule(repeat=repeat, times=4).dates(first)] == expected


@given(
    repeat=st.sampled_from(Repeat),
    first=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    days=st.integers(0, 800),
    times=st.integers(1, 100),
)
def test_dates_keep_their_end_their_weekday_or_their_date(repeat: Repeat, first: date, days: int, times: int) -> None:
    last = first + timedelta(days=days)
    until = Rule(repeat=repeat, until=last).dates(first)
    assert until[0] == first and until[-1] <= last and until == sorted(set(until))
    assert len(until) <= MOST_DATES
    assert len(Rule(repeat=repeat, times=times).dates(first)) <= min(times, MOST_DATES)
    if repeat is Repeat.MONTHLY_DATE:
        assert {day.day for day in until} == {first.day}
    else:
        assert {day.weekday() for day in until} == {first.weekday()}


@pytest.fixture
def room(app: Flask) -> SimpleNamespace:
    """A tour on Fridays at 09:30: free, few places, full, closed, without a time, and beyond the calendar."""
    with time_machine.travel(NOON, tick=False), transaction():
        hall = factories.hall(slots_until=FIRST + timedelta(weeks=4))
        tour = factories.programme(hall=hall)
        slots = [
            factories.slot(programme=tour, day=FIRST + timedelta(weeks=week), starts=time(9, 30), **values)
            for week, values in enumerate([{}, {"visitor_capacity": 12}, {"visitor_capacity": 0}, {"open": False}])
        ]
        db.session.add(
            CalendarDay(hall_id=hall.id, day=slots[3].day, open=False, reason={"zh": "设备检修", "en": "Repairs"})
        )
        later = factories.slot(programme=tour, day=FIRST + timedelta(weeks=6), starts=time(9, 30))
        factories.booking(slot=later, phone="+8619900001050")
    return SimpleNamespace(hall=hall, tour=tour, slots=slots, later=later)


@time_machine.travel(NOON, tick=False)
def test_each_date_is_shown_with_what_it_has_to_offer(room: SimpleNamespace) -> None:
    rule = Rule(repeat=Repeat.WEEKLY, times=8)
    found = series.preview(command(room.slots[0]), rule, language="zh")
    standings = [one.standing for one in found]
    assert standings == [
        *(Standing.FREE, Standing.FEW, Standing.FULL, Standing.CLOSED, Standing.NO_TIME, Standing.NOT_PLANNED),
        *(Standing.TAKEN, Standing.NOT_PLANNED),
    ]
    assert (found[1].left, found[3].reason) == (12, "设备检修")


@pytest.mark.either_database
@time_machine.travel(NOON, tick=False)
def test_all_dates_are_booked_or_none(room: SimpleNamespace) -> None:
    group = command(room.slots[0], duplicate_accepted=False, by=SYSTEM)
    with pytest.raises(DateRefused) as refused, transaction():
        series.place(group, [room.slots[0], room.slots[1]])
    assert (refused.value.day, refused.value.cause.params) == (room.slots[1].day, {"left": 12, "asked": 20})
    with pytest.raises(DateRefused, match="date_refused"), transaction():
        series.place(group, [room.slots[0], room.later])  # a second booking on that day that nobody has accepted
    db.session.rollback()
    assert [one.state for one in db.session.scalars(select(Booking))] == [BookingState.CONFIRMED]

    with transaction():
        booked = series.place(group, [room.slots[0], room.later], accepted={room.later.id})
    assert [one.slot_id for one in queries.list_dates(booked[0])] == [room.slots[0].id, room.later.id]
    with transaction():
        assert [one.id for one in series.place(group, [room.slots[0], room.later])] == [one.id for one in booked]
    with transaction():
        assert parties.cancel_later(booked[1], by=SYSTEM) == 1
    assert [one.state for one in queries.list_dates(booked[0])] == [BookingState.CONFIRMED, BookingState.CANCELLED]
    with transaction():
        assert recount(room.hall.id) == []


@time_machine.travel(NOON, tick=False)
def test_staff_look_at_the_dates_before_they_book_them(app: Flask, room: SimpleNamespace) -> None:
    with transaction():
        room.hall.slots_until = MADE
        staff = factories.staff(hall=room.hall)
    browser = signed_in(app, staff)

    def send(**changes: Any) -> TestResponse:
        form = typed(room.slots[0], **{"duplicate_accepted": None, "source": "phone", "pass_language": "zh", **changes})
        return browser.submit("/bookings/new", form)

    shown = page(send(repeat="weekly", visits="3"))
    assert "仅余12位，需要20位" in shown
    assert f'name="date" value="{room.slots[0].id}" checked' in shown
    assert db.session.scalar(select(Booking.id).where(Booking.series.is_not(None))) is None

    for bad in ({"visits": ""}, {"visits": "1"}, {"visits": "3", "until": "2027-01-01"}, {"until": "soon"}):
        assert send(repeat="weekly", **bad).status_code == 422
    none_chosen = send(repeat="weekly", visits="3", book_dates="1")
    assert (none_chosen.status_code, "请在下方至少选择一个日期" in page(none_chosen)) == (422, True)
    closed = send(repeat="weekly", visits="4", book_dates="1", date=str(room.slots[3].id))
    assert closed.status_code == 422

    answer = send(repeat="weekly", visits="3", book_dates="1", date=str(room.slots[0].id))
    assert answer.status_code == 303
    shown = page(browser.get(answer.location))
    assert "系列预约，共1次" in shown
