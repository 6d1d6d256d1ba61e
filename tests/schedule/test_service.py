"""Places are claimed both kinds at once, or neither; slots come from the weekly template once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.core.database import db, transaction
from hallapp.schedule import service
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Hall, Opening, Programme, Slot
from tests import factories


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall()
        return factories.slot(programme=factories.programme(hall=hall), visitor_capacity=50, guide_capacity=2)


def claim(slot: Slot, visitors: int, guides: int = 1) -> None:
    with transaction():
        service.claim(slot.id, visitors=visitors, guides=guides)


def booked(slot: Slot) -> tuple[int, int]:
    db.session.expire_all()
    return slot.visitors_booked, slot.guides_booked


def test_claim_takes_places_and_guides(slot: Slot) -> None:
    claim(slot, 30)
    assert booked(slot) == (30, 1)


def test_claim_takes_the_very_last_places(slot: Slot) -> None:
    claim(slot, 49)
    claim(slot, 1)
    assert booked(slot) == (50, 2)


def test_claim_of_one_place_too_many_takes_nothing(slot: Slot) -> None:
    claim(slot, 30)
    with pytest.raises(SlotFull) as refused:
        claim(slot, 21)
    assert (refused.value.code, refused.value.field) == ("slot_full", "slot")
    assert booked(slot) == (30, 1)


def test_claim_without_a_free_guide_takes_no_places_either(slot: Slot) -> None:
    claim(slot, 10)
    claim(slot, 10)
    with pytest.raises(SlotFull):
        claim(slot, 10)
    assert booked(slot) == (20, 2)


def test_claim_of_a_closed_slot_is_refused(slot: Slot) -> None:
    with transaction():
        slot.open = False
    with pytest.raises(SlotFull):
        claim(slot, 1)
    assert booked(slot) == (0, 0)


def test_release_gives_both_back(slot: Slot) -> None:
    claim(slot, 50, 2)
    with transaction():
        service.release(slot.id, visitors=20, guides=1)
    assert booked(slot) == (30, 1)


def test_a_slot_in_the_session_shows_the_claim(slot: Slot) -> None:
    with transaction():
        assert slot.visitors_booked == 0
        service.claim(slot.id, visitors=7, guides=1)
        assert slot.visitors_booked == 7


MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def opening(programme: Programme, *, weekday: int, starts: time = time(9, 30)) -> Opening:
    row = Opening(
        hall_id=programme.hall_id,
        programme_id=programme.id,
        weekday=weekday,
        starts=starts,
        visitor_capacity=100,
        guide_capacity=3,
    )
    db.session.add(row)
    db.session.flush()
    return row


def extend(hall: Hall, until: date | None = None) -> int:
    with transaction():
        return service.extend_slots(hall, until=until)


def slots() -> list[Slot]:
    return list(db.session.scalars(select(Slot).order_by(Slot.starts_at)))


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_makes_what_the_template_asks_for(app: Flask) -> None:
    with transaction():
        hall = factories.hall(days_ahead=14)
        tour = factories.programme(hall=hall, minutes=90)
        opening(tour, weekday=1)
        opening(tour, weekday=5, starts=time(14, 0))
    assert extend(hall) == 4
    assert [slot.day for slot in slots()] == [
        date(2026, 11, 24),
        date(2026, 11, 28),
        date(2026, 12, 1),
        date(2026, 12, 5),
    ]
    first = slots()[0]
    assert first.starts_at == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    assert first.ends_at - first.starts_at == timedelta(minutes=90)
    assert (first.visitor_capacity, first.guide_capacity, first.visitors_booked, first.open) == (100, 3, 0, True)


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_again_adds_nothing_and_changes_nothing(app: Flask) -> None:
    with transaction():
        hall = factories.hall(days_ahead=14)
        opening(factories.programme(hall=hall), weekday=1)
    extend(hall)
    with transaction():
        kept = slots()[0]
        kept.open = False
        kept.visitor_capacity = 7
    assert extend(hall) == 0
    assert (slots()[0].open, slots()[0].visitor_capacity) == (False, 7)


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_the_next_day_adds_the_day_that_came_into_reach(app: Flask) -> None:
    with transaction():
        hall = factories.hall(days_ahead=7)
        opening(factories.programme(hall=hall), weekday=1)
    assert extend(hall) == 1
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
        assert extend(hall) == 1


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_makes_today_and_the_last_day_too(app: Flask) -> None:
    with transaction():
        hall = factories.hall()
        opening(factories.programme(hall=hall), weekday=0)
    assert extend(hall, until=date(2026, 11, 30)) == 2


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_leaves_out_other_halls_and_programmes_not_offered(app: Flask) -> None:
    with transaction():
        hall, other = factories.hall(), factories.hall()
        opening(factories.programme(hall=hall, active=False), weekday=1)
        opening(factories.programme(hall=other), weekday=1)
    assert extend(hall) == 0


@time_machine.travel(datetime(2026, 12, 31, 16, 30, tzinfo=UTC), tick=False)
def test_extend_slots_begins_on_the_halls_own_day(app: Flask) -> None:
    """At 00:30 on 1 January in Guangzhou it is still December in UTC."""
    with transaction():
        hall = factories.hall()
        opening(factories.programme(hall=hall), weekday=4)
    assert extend(hall, until=date(2027, 1, 1)) == 1
    assert slots()[0].day == date(2027, 1, 1)


@time_machine.travel(datetime(2026, 10, 19, tzinfo=UTC), tick=False)
def test_extend_slots_keeps_wall_clock_time_when_the_clocks_change(app: Flask) -> None:
    """Berlin leaves summer time on 25 October 2026."""
    with transaction():
        hall = factories.hall(time_zone="Europe/Berlin")
        opening(factories.programme(hall=hall), weekday=5)
    extend(hall, until=date(2026, 10, 31))
    before, after = slots()
    assert before.starts_at == datetime(2026, 10, 24, 7, 30, tzinfo=UTC)
    assert after.starts_at == datetime(2026, 10, 31, 8, 30, tzinfo=UTC)


@time_machine.travel(datetime(2027, 3, 27, tzinfo=UTC), tick=False)
def test_extend_slots_at_an_hour_that_the_clocks_skip(app: Flask) -> None:
    """Berlin's clocks go from 02:00 to 03:00 on 28 March 2027: 02:30 is then 03:30."""
    with transaction():
        hall = factories.hall(time_zone="Europe/Berlin")
        opening(factories.programme(hall=hall, minutes=60), weekday=6, starts=time(2, 30))
    assert extend(hall, until=date(2027, 3, 28)) == 1
    only = slots()[0]
    assert (only.day, only.starts_at) == (date(2027, 3, 28), datetime(2027, 3, 28, 1, 30, tzinfo=UTC))
    assert only.ends_at - only.starts_at == timedelta(minutes=60)


@time_machine.travel(MONDAY, tick=False)
def test_extend_slots_for_years_stays_within_what_one_statement_takes(app: Flask) -> None:
    with transaction():
        hall = factories.hall()
        tour = factories.programme(hall=hall)
        for weekday in range(7):
            for hour in range(8, 18):
                opening(tour, weekday=weekday, starts=time(hour))
    assert extend(hall, until=date(2028, 11, 22)) == 731 * 10
