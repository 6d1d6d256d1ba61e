"""What is placed, what is refused and why, and that nothing happens twice."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.booking import reference, service
from hallapp.booking.errors import (
    GroupTooLarge,
    GroupTooSmall,
    ProgrammeInactive,
    SlotClosed,
    SlotOfOtherProgramme,
    SlotPast,
    SlotTooFar,
    SlotTooSoon,
    SlotUnknown,
    VisitStarted,
)
from hallapp.booking.models import Booking, BookingEvent, BookingState, Source, Verb
from hallapp.booking.signals import booking_happened
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import command
from tests.office import NOON

pytestmark = pytest.mark.usefixtures("first_of_december")

ZONE = "Asia/Shanghai"
DAY = date(2026, 12, 5)


@pytest.fixture
def slot(app: Flask) -> Slot:
    """A guided tour for 8 to 50 people, on Saturday 5 December at 09:30, with 100 places and 3 guides."""
    with transaction():
        hall = factories.hall(notice_hours=2, days_ahead=60)
        return factories.slot(programme=factories.programme(hall=hall), day=DAY)


def place(slot: Slot, **changes: Any) -> Booking:
    with transaction():
        return service.place(command(slot, **changes))


def refused(slot: Slot, error: type[DomainError], **changes: Any) -> tuple[str, str | None, int]:
    """Code, field and status of a refusal, which must leave no trace."""
    with pytest.raises(error) as raised:
        place(slot, **changes)
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 0
    db.session.expire_all()
    assert (slot.visitors_booked, slot.guides_booked) == (0, 0)
    return raised.value.code, raised.value.field, raised.value.status


def change(row: Any, **values: Any) -> None:
    with transaction():
        for name, value in values.items():
            setattr(row, name, value)


@pytest.mark.both_databases
def test_place_stores_everything_and_claims_the_places(slot: Slot) -> None:
    placed = place(
        slot,
        organisation="长三角民营经济跨区域协同发展联盟",
        kind="company",
        contact_name="诸葛明轩",
        email="group43@example.com",
        origins=(("310000", 10), ("320000", 12)),
        note="一行\n二行",
        language="en",
    )
    db.session.expire_all()
    assert placed.organisation == "长三角民营经济跨区域协同发展联盟"
    assert (placed.kind, placed.contact_name, placed.email) == ("company", "诸葛明轩", "group43@example.com")
    assert (placed.phone, placed.phone_tail) == ("+8619900001050", "1050")
    assert (placed.visitors, placed.guides) == (22, 1)
    assert [(origin.division, origin.visitors) for origin in placed.origins] == [("310000", 10), ("320000", 12)]
    assert (placed.note, placed.language) == ("一行\n二行", "en")
    assert (placed.state, placed.source) == (BookingState.CONFIRMED, Source.ONLINE)
    assert placed.created_at == placed.consented_at == NOON
    assert reference.is_valid(placed.reference)
    assert len(placed.key) == 43
    assert (slot.visitors_booked, slot.guides_booked) == (22, 1)


def test_place_of_a_programme_without_guide_takes_none(slot: Slot) -> None:
    change(slot.programme, guides=0)
    assert place(slot).guides == 0
    db.session.expire_all()
    assert slot.guides_booked == 0


def test_place_refuses_an_unknown_slot(slot: Slot) -> None:
    assert refused(slot, SlotUnknown, slot_id=slot.id + 1) == ("slot_unknown", "slot", 422)


def test_place_refuses_another_halls_slot(slot: Slot) -> None:
    other = factories.make(factories.hall)
    assert refused(slot, SlotUnknown, hall_id=other.id) == ("slot_unknown", "slot", 422)


def test_place_refuses_a_slot_of_another_programme_than_the_chosen_one(slot: Slot) -> None:
    assert refused(slot, SlotOfOtherProgramme, programme="self-guided") == ("slot_other_programme", "slot", 422)


def test_place_refuses_a_programme_that_is_not_offered(slot: Slot) -> None:
    change(slot.programme, active=False)
    assert refused(slot, ProgrammeInactive) == ("programme_inactive", "programme", 422)


@pytest.mark.parametrize("people", [0, 1, 7])
def test_place_refuses_a_group_too_small(slot: Slot, people: int) -> None:
    assert refused(slot, GroupTooSmall, origins=(("440000", people),)) == ("group_too_small", "origins", 422)


def test_place_refuses_a_group_too_large_in_sum(slot: Slot) -> None:
    mixed = (("440000", 26), ("430000", 25))
    assert refused(slot, GroupTooLarge, origins=mixed) == ("group_too_large", "origins", 422)


@pytest.mark.parametrize("people", [8, 50])
def test_place_takes_the_smallest_and_the_largest_group(slot: Slot, people: int) -> None:
    assert place(slot, origins=(("440000", people),)).visitors == people


def test_place_refuses_a_slot_at_the_instant_of_its_start(slot: Slot) -> None:
    with time_machine.travel(slot.starts_at, tick=False):
        assert refused(slot, SlotPast) == ("slot_past", "slot", 422)


def test_place_refuses_a_slot_inside_the_hours_of_notice(slot: Slot) -> None:
    with time_machine.travel(slot.starts_at - timedelta(hours=2) + timedelta(seconds=1), tick=False):
        assert refused(slot, SlotTooSoon) == ("slot_too_soon", "slot", 422)


def test_place_takes_a_slot_just_outside_the_hours_of_notice(slot: Slot) -> None:
    with time_machine.travel(slot.starts_at - timedelta(hours=2), tick=False):
        assert place(slot).visitors == 20


def test_place_refuses_a_slot_beyond_the_days_ahead(slot: Slot) -> None:
    change(slot.programme.hall, days_ahead=3)
    assert refused(slot, SlotTooFar) == ("slot_too_far", "slot", 422)


def test_place_takes_a_slot_on_the_last_day_ahead(slot: Slot) -> None:
    change(slot.programme.hall, days_ahead=4)
    assert place(slot).visitors == 20


def test_place_counts_the_days_ahead_on_the_halls_own_calendar(slot: Slot) -> None:
    """At 00:30 on 2 December in Guangzhou it is still 1 December in UTC."""
    change(slot.programme.hall, days_ahead=3)
    with time_machine.travel(datetime.fromisoformat("2026-12-01T16:30+00:00"), tick=False):
        assert place(slot).visitors == 20


def test_place_refuses_a_closed_slot(slot: Slot) -> None:
    change(slot, open=False)
    assert refused(slot, SlotClosed) == ("slot_closed", "slot", 422)


@pytest.mark.either_database
def test_place_refuses_one_person_more_than_places_are_left(slot: Slot) -> None:
    change(slot, visitor_capacity=19)
    assert refused(slot, SlotFull) == ("slot_full", "slot", 409)


@pytest.mark.either_database
def test_place_refuses_a_group_for_which_no_guide_is_left(slot: Slot) -> None:
    change(slot, guide_capacity=0)
    assert refused(slot, SlotFull) == ("slot_full", "slot", 409)


@pytest.mark.either_database
def test_the_same_submit_again_gives_the_same_booking(slot: Slot) -> None:
    first = place(slot)
    again = place(slot)
    assert again.id == first.id
    db.session.expire_all()
    assert (slot.visitors_booked, slot.guides_booked) == (20, 1)


@pytest.mark.either_database
def test_the_same_submit_again_is_answered_when_its_own_first_send_filled_the_slot(slot: Slot) -> None:
    change(slot, visitor_capacity=20)
    first = place(slot)
    assert place(slot).id == first.id


def test_the_same_submit_again_is_answered_when_the_time_to_book_is_over(slot: Slot) -> None:
    first = place(slot)
    with time_machine.travel(slot.starts_at, tick=False):
        assert place(slot).id == first.id


def test_the_same_submit_in_another_language_or_order_is_the_same(slot: Slot) -> None:
    first = place(slot, origins=(("440000", 5), ("430000", 6)))
    assert place(slot, origins=(("430000", 6), ("440000", 5)), language="en").id == first.id


@pytest.mark.parametrize(
    "changes",
    [
        {"organisation": "另一个团队"},
        {"kind": "union"},
        {"contact_name": "何秀"},
        {"phone": "+8619900001051"},
        {"email": "a@example.com"},
        {"origins": (("440000", 21),)},
        {"note": "轮椅"},
        {"submission": "another-page"},
    ],
)
def test_a_changed_submit_is_a_new_booking(slot: Slot, changes: dict[str, Any]) -> None:
    first = place(slot)
    assert place(slot, **changes).id != first.id
    db.session.expire_all()
    assert slot.guides_booked == 2


def test_the_same_submit_for_another_slot_is_a_new_booking(slot: Slot) -> None:
    other = factories.make(factories.slot, programme=slot.programme, day=DAY, starts=time(14))
    assert place(slot).id != place(other).id


@pytest.mark.either_database
def test_a_reference_that_exists_is_replaced_by_another(slot: Slot, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = place(slot).reference
    made = iter([taken, taken, "2222222" + reference.check_character("2222222")])
    monkeypatch.setattr(reference, "make", lambda: next(made))
    assert place(slot, submission="another-page").reference == "2222222" + reference.check_character("2222222")


def test_place_tells_the_rooms_above_once(slot: Slot) -> None:
    told: list[tuple[str, Verb]] = []

    def hear(booking: Booking, *, event: BookingEvent) -> None:
        told.append((booking.reference, event.verb))

    with booking_happened.connected_to(hear):
        placed = place(slot)
        place(slot)
    assert told == [(placed.reference, Verb.PLACED)]


@pytest.mark.either_database
def test_what_fails_above_undoes_the_booking(slot: Slot) -> None:
    def fail(booking: Booking, *, event: BookingEvent) -> None:
        raise SlotUnknown

    with booking_happened.connected_to(fail):
        refused(slot, SlotUnknown)


def cancel(booking: Booking) -> None:
    with transaction():
        service.cancel(booking)


def test_cancel_gives_the_places_back_at_once(slot: Slot) -> None:
    placed = place(slot)
    cancel(placed)
    db.session.expire_all()
    assert (placed.state, placed.cancelled_at) == (BookingState.CANCELLED, NOON)
    assert (slot.visitors_booked, slot.guides_booked) == (0, 0)


@pytest.mark.either_database
def test_cancel_twice_gives_the_places_back_once(slot: Slot) -> None:
    other = place(slot, submission="of-somebody-else")
    placed = place(slot)
    told: list[tuple[int, Verb]] = []

    def hear(booking: Booking, *, event: BookingEvent) -> None:
        told.append((booking.id, event.verb))

    with booking_happened.connected_to(hear):
        cancel(placed)
        cancel(placed)
    db.session.expire_all()
    assert (slot.visitors_booked, slot.guides_booked) == (other.visitors, 1)
    assert told == [(placed.id, Verb.CANCELLED)]


def test_cancel_is_refused_from_the_start_of_the_visit_on(slot: Slot) -> None:
    placed = place(slot)
    with time_machine.travel(slot.starts_at, tick=False), pytest.raises(VisitStarted) as raised:
        cancel(placed)
    assert (raised.value.code, raised.value.status) == ("visit_started", 409)
    db.session.expire_all()
    assert (placed.state, slot.visitors_booked) == (BookingState.CONFIRMED, 20)


@pytest.mark.either_database
def test_cancelled_places_can_be_booked_by_others(slot: Slot) -> None:
    change(slot, visitor_capacity=20)
    cancel(place(slot))
    assert place(slot, submission="of-somebody-else").visitors == 20
