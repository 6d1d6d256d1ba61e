"""Bookings are found by key, by reference, and by what a person at the counter says."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import NoResultFound

from hallapp.booking import queries, search
from hallapp.booking.models import Booking
from hallapp.core.database import transaction
from hallapp.schedule.models import Slot
from tests import factories

pytestmark = pytest.mark.either_database

DAY = date(2026, 12, 5)


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        return factories.slot(
            programme=factories.programme(hall=factories.hall()), day=DAY, visitor_capacity=1000, guide_capacity=50
        )


def book(
    slot: Slot, organisation: str = "广州市越秀区老年大学", phone: str = "+8619900001050", **values: str
) -> Booking:
    return factories.make(
        factories.booking, slot=slot, organisation=organisation, phone=phone, phone_tail=phone[-4:], **values
    )


def found(slot: Slot, text: str, day: date = DAY) -> list[Booking]:
    return list(search.find_for_desk(slot.hall_id, text, day))


def test_a_booking_is_got_by_its_key(slot: Slot) -> None:
    booking = book(slot)
    assert queries.get_booking_by_key(booking.key) is booking


@pytest.mark.parametrize("key", ["", "a" * 32, "\0", "a" * 31 + "\n"])
def test_an_unknown_key_finds_nothing(slot: Slot, key: str) -> None:
    book(slot)
    with pytest.raises(NoResultFound):
        queries.get_booking_by_key(key)


def test_search_finds_a_part_of_the_organisations_name(slot: Slot) -> None:
    booking = book(slot, "Canton Fair Overseas Buyers' Delegation")
    book(slot, "海丝展览馆")
    assert found(slot, "overseas BUYERS") == [booking]
    assert found(slot, " 展览 ") != [booking]


def test_search_finds_the_last_four_digits_of_the_phone(slot: Slot) -> None:
    booking = book(slot, phone="+8619900001234")
    book(slot, phone="+8619900011233")
    assert found(slot, "1234") == [booking]
    assert found(slot, "234") == []
    assert found(slot, "01234") == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "", "  ", "\0", "%%%%"])
def test_search_takes_wildcards_as_they_are(slot: Slot, text: str) -> None:
    book(slot)
    assert found(slot, text) == []


def test_search_finds_a_wildcard_that_is_in_the_name(slot: Slot) -> None:
    booking = book(slot, "100% 纯棉_企业")
    book(slot, "100 纯棉企业")
    assert found(slot, "0% 纯棉_") == [booking]


def test_search_gives_the_days_groups_first_then_the_coming_then_the_recent(slot: Slot) -> None:
    def on(days: int) -> Booking:
        day = DAY + timedelta(days=days)
        return book(factories.make(factories.slot, programme=slot.programme, day=day))

    later, before, long_ago, soon = on(9), on(-2), on(-60), on(1)
    today = book(slot)
    assert found(slot, "越秀") == [today, soon, later, before]
    assert long_ago not in found(slot, "越秀")


def test_search_keeps_to_the_hall(slot: Slot) -> None:
    book(slot)
    other = factories.make(factories.hall)
    assert list(search.find_for_desk(other.id, "越秀", DAY)) == []


def test_search_gives_so_many_at_most(slot: Slot) -> None:
    for _ in range(21):
        book(slot)
    assert len(found(slot, "越秀")) == 20
