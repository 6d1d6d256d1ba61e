"""The month as a manager sees it: open or why not, how full, where guides are short."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from hallapp.core.database import db, transaction
from hallapp.schedule import capacity, queries
from hallapp.schedule.calendar import Why
from hallapp.schedule.models import CalendarDay, DayKind, DayRule, Hall, Programme
from hallapp.schedule.month import FULLNESS_NAMES, WHY_NAMES, Fullness, MonthDay
from tests import factories
from tests.queries import Queries

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # a Wednesday, 11:00
TODAY = date(2026, 11, 25)


@pytest.fixture
def hall(app: Flask) -> Hall:
    with time_machine.travel(NOW, tick=False), transaction():
        return factories.hall(closed_weekdays="0", group_min=8, holidays=DayRule.OPEN)


@pytest.fixture
def tour(hall: Hall) -> Programme:
    return factories.make(factories.programme, hall=hall, minutes=60, group_min=None)


def queries_of(read: Callable[[], object]) -> int:
    """How many statements it takes."""
    db.session.execute(text("SELECT 1"))  # so that the transaction has begun
    with Queries() as queries:
        db.session.expire_all()
        read()
    return queries.number


def show(hall: Hall, day: date) -> MonthDay:
    db.session.expire_all()
    (found,) = queries.list_month(hall, day, day)
    return found


def make(tour: Programme, day: date, *, booked: int = 0, hour: int = 14, guides: int = 1, **values: object) -> None:
    with transaction():
        slot = factories.slot(programme=tour, day=day, starts=time(hour), **{"open_by_hand": None, **values})
        if booked:
            capacity.claim(slot, visitors=booked, guides=guides, forced=not slot.open)


def state(hall: Hall, day: date) -> tuple[Fullness, int, int, int]:
    found = show(hall, day)
    return found.state, found.places, found.booked, found.free


@time_machine.travel(NOW, tick=False)
def test_days_are_listed_in_order_with_the_reason_of_their_opening(hall: Hall) -> None:
    with transaction():
        db.session.add_all(
            [
                CalendarDay(hall_id=hall.id, day=date(2026, 11, 30), kind=DayKind.HOLIDAY, name={"zh": "元旦"}),
                CalendarDay(hall_id=hall.id, day=date(2026, 12, 1), open=False, reason={"en": "Repairs"}),
                CalendarDay(hall_id=factories.hall().id, day=date(2026, 12, 2), open=False),
            ]
        )
    found = queries.list_month(hall, date(2026, 11, 29), date(2026, 12, 7))
    assert [(each.day.day, each.open, each.why, each.by_hand, each.kind) for each in found] == [
        (29, True, Why.USUAL, False, None),
        (30, True, Why.HOLIDAY, False, DayKind.HOLIDAY),
        (1, False, Why.BY_HAND, True, None),
        (2, True, Why.USUAL, False, None),
        (3, True, Why.USUAL, False, None),
        (4, True, Why.USUAL, False, None),
        (5, True, Why.USUAL, False, None),
        (6, True, Why.USUAL, False, None),
        (7, False, Why.CLOSED_WEEKDAY, False, None),
    ]
    assert [(found[1].text("name", "en"), found[2].text("reason", "zh"), found[0].text("name", "zh"))] == [
        ("元旦", "Repairs", "")
    ]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("booked", "expected"), [(0, Fullness.FREE), (69, Fullness.FREE), (70, Fullness.FILLING), (93, Fullness.FULL)]
)
def test_a_day_is_filling_up_from_70_percent(hall: Hall, tour: Programme, booked: int, expected: Fullness) -> None:
    make(tour, date(2026, 12, 3), booked=booked)
    assert state(hall, date(2026, 12, 3)) == (expected, 100, booked, 100 - booked)
    assert show(hall, date(2026, 12, 3)).slots[0].state is expected


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_day_is_full_when_all_of_its_slots_are(hall: Hall, tour: Programme) -> None:
    make(tour, date(2026, 12, 3), booked=100, hour=10)
    make(tour, date(2026, 12, 3), booked=20, hour=14)
    make(tour, date(2026, 12, 3), hour=16, open=False)
    assert state(hall, date(2026, 12, 3)) == (Fullness.FREE, 200, 120, 80)
    assert [each.state for each in show(hall, date(2026, 12, 3)).slots] == [Fullness.FULL, Fullness.FREE]
    make(tour, date(2026, 12, 4), booked=99, hour=10)
    make(tour, date(2026, 12, 4), booked=100, hour=14)
    assert state(hall, date(2026, 12, 4)) == (Fullness.FULL, 200, 199, 1)


@time_machine.travel(NOW, tick=False)
def test_a_day_without_open_slots_is_closed_and_shows_what_a_person_closed_or_who_is_left(
    hall: Hall, tour: Programme
) -> None:
    day = date(2026, 12, 3)
    assert (state(hall, day), show(hall, day).open) == ((Fullness.CLOSED, 0, 0, 0), True)
    make(tour, day, hour=10, open=False)  # from an earlier template
    make(tour, day, hour=11, open=False, open_by_hand=False)
    make(tour, day, hour=12, open=False, booked=9)
    found = show(hall, day)
    assert [(each.slot.starts_at.hour + 8, each.by_hand, each.booked, each.free) for each in found.slots] == [
        (11, True, 0, 0),
        (12, False, 9, 0),
    ]
    assert state(hall, day) == (Fullness.CLOSED, 0, 9, 0)


@time_machine.travel(NOW, tick=False)
def test_a_slot_is_past_once_begun_and_a_day_when_all_its_slots_are(hall: Hall, tour: Programme) -> None:
    make(tour, date(2026, 11, 24), booked=50)
    make(tour, TODAY, booked=80, hour=10)
    assert [state(hall, day)[0] for day in (date(2026, 11, 24), TODAY)] == [Fullness.OVER, Fullness.OVER]
    make(tour, TODAY, hour=14)
    assert state(hall, TODAY) == (Fullness.FREE, 200, 80, 100)
    assert [each.state for each in show(hall, TODAY).slots] == [Fullness.OVER, Fullness.FREE]


@time_machine.travel(NOW, tick=False)
def test_guides_are_short_where_places_are_left_but_no_guide(hall: Hall, tour: Programme) -> None:
    make(tour, date(2026, 12, 1), booked=30, guides=1, guide_capacity=1)
    make(tour, date(2026, 12, 2), booked=100, guides=1, guide_capacity=1)  # full: nobody needs a guide
    make(tour, date(2026, 12, 3), booked=30, guides=1, guides_on_duty=1)
    make(tour, date(2026, 12, 4), booked=30, guides=1, guides_on_duty=2)
    make(tour, date(2026, 12, 5), booked=30, guides=2, guides_on_duty=2, open=False)
    short = [show(hall, date(2026, 12, day)) for day in (1, 2, 3, 4, 5)]
    assert [(day.guides_short, day.state) for day in short] == [
        (True, Fullness.FULL),
        (False, Fullness.FULL),
        (True, Fullness.FULL),
        (False, Fullness.FREE),
        (False, Fullness.CLOSED),
    ]


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_guides_are_short_where_more_are_busy_than_on_duty(hall: Hall) -> None:
    free = factories.make(factories.programme, hall=hall, guides=0)
    with transaction():
        slot = factories.slot(programme=free, day=date(2026, 12, 1), guides_on_duty=1)
        capacity.claim(slot, visitors=10, guides=2, forced=True)
    found = show(hall, date(2026, 12, 1))
    assert (found.guides_short, found.state, found.free) == (True, Fullness.FREE, 90)


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_the_month_takes_as_many_queries_however_full_it_is(hall: Hall, tour: Programme) -> None:
    few = queries_of(lambda: queries.list_month(hall, date(2026, 12, 1), date(2026, 12, 31)))
    for day in range(1, 9):
        programme = factories.make(factories.programme, hall=hall)
        make(programme, date(2026, 12, day), booked=10, inside_capacity=50)
    assert queries_of(lambda: queries.list_month(hall, date(2026, 12, 1), date(2026, 12, 31))) == few


def test_every_state_and_reason_has_a_name() -> None:
    assert (set(FULLNESS_NAMES), set(WHY_NAMES)) == (set(Fullness), set(Why))
