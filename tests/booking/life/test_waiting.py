"""The waiting list: who waits, offers, and their end."""

from datetime import time, timedelta

import pytest
import time_machine

from hallapp.booking import queries, service, waiting
from hallapp.booking.errors import NotInThisState
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.passes import queries as passes
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Slot
from hallapp.schedule.policy import Confirmation
from tests.booking.helpers import command
from tests.booking.life.conftest import State, do, later, place, refused, set_hall, state, taken
from tests.office import NOON


def test_a_group_that_does_not_fit_waits_only_if_it_wants_to(slot: Slot) -> None:
    place(slot, 30)
    refused(SlotFull, service.place, command(slot, submission="no", origins=(("440000", 20),)))
    waits = place(slot, 20, wait=True)
    assert (waits.state, taken(slot)) == (State.WAITLISTED, (30, 1))
    assert place(slot, 10, wait=True).state is State.CONFIRMED


@pytest.mark.either_database
def test_freed_places_are_offered_to_the_first_that_fits_before_anybody_else(slot: Slot) -> None:
    set_hall(slot, offer_hours=6)
    goes = place(slot, 40)
    first, second, third = (place(slot, people, wait=True) for people in (30, 15, 10))
    assert [queries.count_ahead(one) for one in (first, second, third)] == [0, 1, 2]
    do(service.change_people, goes, (("440000", 25),))
    assert [state(one) for one in (first, second, third)] == [State.WAITLISTED, State.OFFERED, State.WAITLISTED]
    assert (second.offered_until, taken(slot)) == (NOON + timedelta(hours=6), (40, 2))
    refused(SlotFull, service.place, command(slot, submission="public", origins=(("440000", 8),)))
    do(service.take_offer, second)
    assert state(second) is State.CONFIRMED
    assert passes.get_current_pass(second.id).version == 1


@pytest.mark.either_database
def test_an_offer_lapses_and_goes_on_to_the_next(slot: Slot) -> None:
    set_hall(slot, offer_hours=6)
    goes = place(slot, 40)
    first, second = place(slot, 40, wait=True), place(slot, 20, wait=True)
    do(service.cancel, goes)
    assert (state(first), state(second)) == (State.OFFERED, State.WAITLISTED)
    with time_machine.travel(NOON + timedelta(hours=6), tick=False):
        refused(NotInThisState, service.take_offer, first)
        assert queries.has_overdue(slot.hall_id, now=clock.now())
        with transaction():
            assert waiting.advance_waiting_list(slot.programme.hall) == 1
        assert (state(first), state(second)) == (State.LAPSED, State.OFFERED)
        assert not queries.has_overdue(slot.hall_id, now=clock.now())
        do(service.take_offer, second)
    assert taken(slot) == (20, 1)


def test_an_offer_that_is_given_up_goes_on_at_once(slot: Slot) -> None:
    goes = place(slot, 40)
    first, second = place(slot, 40, wait=True), place(slot, 40, wait=True)
    do(service.cancel, goes)
    do(service.cancel, first)
    assert (state(first), state(second), taken(slot)) == (State.CANCELLED, State.OFFERED, (40, 1))


def test_an_offer_is_held_until_the_visit_begins_at_most(slot: Slot) -> None:
    goes = place(slot, 40)
    waits = place(slot, 40, wait=True)
    with time_machine.travel(slot.starts_at - timedelta(hours=3), tick=False):
        do(service.cancel, goes)
    assert (state(waits), waits.offered_until) == (State.OFFERED, slot.starts_at)


@pytest.mark.either_database
def test_waits_and_requests_end_when_the_visit_begins(slot: Slot) -> None:
    set_hall(slot, confirmation=Confirmation.REVIEW)
    asked, waits = place(slot, 40), place(slot, 20, wait=True)
    with time_machine.travel(slot.starts_at, tick=False), transaction():
        assert waiting.advance_waiting_list(slot.programme.hall) == 2
    assert (state(asked), state(waits), taken(slot)) == (State.LAPSED, State.LAPSED, (0, 0))


def test_where_the_hall_reviews_a_taken_offer_is_asked_for(slot: Slot) -> None:
    goes = place(slot, 40)
    waits = place(slot, 40, wait=True)
    set_hall(slot, confirmation=Confirmation.REVIEW)
    do(service.cancel, goes)
    do(service.take_offer, waits)
    assert (state(waits), taken(slot)) == (State.REQUESTED, (40, 1))


def test_a_waiting_group_may_move_to_a_free_time(slot: Slot) -> None:
    place(slot, 40)
    waits = place(slot, 30, wait=True)
    other = later(slot)
    do(service.move, waits, other.id)
    assert (state(waits), taken(slot), taken(other)) == (State.CONFIRMED, (40, 1), (30, 1))
    assert passes.get_current_pass(waits.id).version == 1


@pytest.mark.either_database
def test_room_inside_that_becomes_free_is_offered_at_the_overlapping_times_too(slot: Slot) -> None:
    with transaction():
        slot.inside_capacity = 40
    overlapping = later(slot, time(10), inside_capacity=40)
    goes = place(slot, 40)
    waits = place(overlapping, 30, wait=True)
    do(service.cancel, goes)
    assert (state(waits), taken(overlapping)) == (State.OFFERED, (30, 1))
