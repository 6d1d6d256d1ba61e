"""No sequence of verbs, however odd, breaks a booking's life: Hypothesis plays organisers, staff, desk and clock."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.booking import absence, closures, queries, service, waiting
from hallapp.booking.closures import Cancel, Leave, Move
from hallapp.booking.errors import BookingsHit
from hallapp.booking.lifecycle import ORGANISER, by_staff
from hallapp.booking.models import AGREED, HOLDING, TRANSITIONS, Booking, BookingEvent, BookingState
from hallapp.booking.recount import recount
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.passes.models import Pass
from hallapp.resources.queries import find_left
from hallapp.schedule import queries as schedule
from hallapp.schedule import service as days
from hallapp.schedule.days import Change
from hallapp.schedule.models import Slot
from hallapp.schedule.policy import Confirmation
from tests import factories
from tests.booking.helpers import command
from tests.conftest import examples
from tests.emptying import empty_tables
from tests.no_shows import pause_after
from tests.resources import define

pytestmark = pytest.mark.both_databases

ZONE = "Asia/Shanghai"
DAY = date(2026, 12, 5)
START = clock.at(date(2026, 12, 4), time(12), ZONE)
PEOPLE = st.sampled_from([1, 5, 10, 20, 30, 40])
HEADSETS = st.sampled_from([0, 0, 1, 10, 25])
SLOTS = st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5])


class Life(RuleBasedStateMachine):
    """One hall with two overlapping programmes: 60 people inside at most, 2 guides on duty, and two resources.

    There are 30 headsets for groups that ask for them, and two rooms, of which each visit without a guide takes one.
    """

    bookings = Bundle("bookings")

    def __init__(self) -> None:
        super().__init__()
        empty_tables()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.number = 0
        with transaction():
            limits = {"inside_capacity": 60, "guides_on_duty": 2}
            self.hall = factories.hall(
                **limits, no_show_tiers=pause_after(2), offer_hours=3, slots_until=DAY + timedelta(days=1)
            )
            tour = factories.programme(hall=self.hall, group_min=1, minutes=90, guides=1)
            alone = factories.programme(hall=self.hall, group_min=1, minutes=60, guides=0)
            hand = {**limits, "open_by_hand": True}
            self.slots = [
                *(
                    factories.slot(programme=tour, day=DAY, starts=time(hour), visitor_capacity=40, **hand)
                    for hour in (9, 10)
                ),
                *(
                    factories.slot(programme=alone, day=DAY, starts=at, visitor_capacity=50, guide_capacity=0, **hand)
                    for at in (time(9, 30), time(10, 30))
                ),
                *(
                    factories.slot(
                        programme=tour, day=DAY + timedelta(days=1), starts=time(hour), visitor_capacity=30, **hand
                    )
                    for hour in (9, 10)
                ),
            ]
            define.headsets(self.hall.id, quantity=30)
            define.rooms(self.hall.id, quantity=2, programmes={alone.id})
            self.staff = by_staff(factories.staff(hall=self.hall, role=Role.MANAGER).id)
        self.ids = [slot.id for slot in self.slots]

    def teardown(self) -> None:
        self.clock.stop()
        db.session.rollback()
        db.session.remove()
        empty_tables()

    def attempt(self, verb: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """Do it in a transaction of its own; a refusal is fine, and any other exception is not."""
        try:
            with transaction():
                return verb(*args, **more)
        except DomainError:
            return None
        finally:
            db.session.expire_all()

    def by(self, *, staff: bool) -> Any:
        return self.staff if staff else ORGANISER

    @initialize(target=bookings)
    def queue(self) -> MultipleResults[int | None]:
        """Begin with a full time and groups that wait for it."""
        people = {"staff": False, "over": False}
        return multiple(*(self.place(0, size, wait=True, **people) for size in (30, 10, 20, 5, 30)))

    @rule(
        target=bookings,
        slot=SLOTS,
        people=PEOPLE,
        wait=st.sampled_from([True, True, False]),
        staff=st.booleans(),
        over=st.booleans(),
        headsets=HEADSETS,
    )
    def place(self, slot: int, people: int, *, wait: bool, staff: bool, over: bool, headsets: int = 0) -> int | None:
        self.number += 1
        wanted = command(
            db.session.get_one(Slot, self.ids[slot]),
            submission=str(self.number),
            origins=(("440000", people),),
            phone=f"+86199000010{self.number % 5:02}",
            wait=wait,
            resources={1: headsets},
            by=self.by(staff=staff),
            over_limit="reason" if staff and over else None,
        )
        placed = self.attempt(service.place, wanted)
        return placed.id if placed else None

    def booking(self, booking: int | None) -> Booking | None:
        return db.session.get(Booking, booking) if booking else None

    def on(self, verb: Callable[..., Any], booking: int | None, *args: Any, **more: Any) -> None:
        found = self.booking(booking)
        if found:
            self.attempt(verb, found, *args, **more)

    @rule(booking=bookings, people=PEOPLE, staff=st.booleans(), over=st.booleans(), headsets=st.none() | HEADSETS)
    def change_people(self, booking: int | None, people: int, *, staff: bool, over: bool, headsets: int | None) -> None:
        origins = (("430000", people),)
        self.on(
            service.change_people,
            booking,
            origins,
            resources=None if headsets is None else {1: headsets},
            by=self.by(staff=staff),
            over_limit="reason" if staff and over else None,
        )

    @rule(booking=bookings, slot=SLOTS, staff=st.booleans(), over=st.booleans())
    def move(self, booking: int | None, slot: int, *, staff: bool, over: bool) -> None:
        limit = "reason" if staff and over else None
        self.on(service.move, booking, self.ids[slot], by=self.by(staff=staff), over_limit=limit)

    @rule(booking=bookings, staff=st.booleans())
    def cancel(self, booking: int | None, *, staff: bool) -> None:
        self.on(service.cancel, booking, by=self.by(staff=staff))

    @rule(booking=bookings)
    def take_offer(self, booking: int | None) -> None:
        self.on(service.take_offer, booking)

    @rule(booking=bookings, yes=st.booleans(), over=st.booleans())
    def answer(self, booking: int | None, *, yes: bool, over: bool) -> None:
        if yes:
            self.on(service.confirm, booking, by=self.staff, over_limit="reason" if over else None)
        else:
            self.on(service.decline, booking, by=self.staff, reply="no")

    @rule(booking=bookings, arrived=st.booleans())
    def desk(self, booking: int | None, *, arrived: bool) -> None:
        self.on(absence.mark_arrived, booking, arrived=arrived, by=self.staff)

    @rule(booking=bookings, absent=st.booleans())
    def absent(self, booking: int | None, *, absent: bool) -> None:
        self.on(absence.mark_absent if absent else absence.set_right, booking, by=self.staff)

    @rule(reviews=st.booleans())
    def policy(self, *, reviews: bool) -> None:
        with transaction():
            self.hall.confirmation = Confirmation.REVIEW if reviews else Confirmation.AT_ONCE

    @rule(hours=st.sampled_from([1, 1, 1, 4, 12]))
    def time_goes_by(self, hours: int) -> None:
        self.traveller.shift(timedelta(hours=hours))
        self.attempt(waiting.advance_waiting_list, self.hall)

    @rule()
    def night(self) -> None:
        self.attempt(absence.mark_absent_bookings, self.hall)

    @rule(
        slot=SLOTS,
        open=st.booleans(),
        places=st.integers(0, 60),
        guides=st.integers(0, 2),
        choices=st.lists(st.sampled_from(["cancel", "leave", 0, 1, 2, 3, 4, 5]), min_size=1),
    )
    def edit_slot(self, slot: int, *, open: bool, places: int, guides: int, choices: list[Any]) -> None:
        edit = days.EditSlot(
            hall_id=self.hall.id,
            by=None,
            slot_id=self.ids[slot],
            open=open,
            visitor_capacity=places,
            guide_capacity=guides,
        )
        self.change(edit, choices)

    @rule(
        inside=st.integers(20, 90),
        on_duty=st.integers(0, 3),
        choices=st.lists(st.sampled_from(["cancel", "leave"]), min_size=1),
    )
    def edit_day(self, *, inside: int, on_duty: int, choices: list[Any]) -> None:
        edit = days.SetDay(hall_id=self.hall.id, by=None, day=DAY, inside_capacity=inside, guides_on_duty=on_duty)
        self.change(edit, choices)

    def change(self, change: Change, choices: list[Any]) -> None:
        """Ask what it hits, then decide for each in turn, over and over."""
        decisions = {}
        try:
            with transaction():
                closures.carry_out(change, decisions={}, by=self.staff)
        except BookingsHit as hit:
            for number, one in enumerate(hit.hits):
                choice = choices[number % len(choices)]
                named = {"cancel": Cancel(message="closed"), "leave": Leave()}
                decisions[one.booking.id] = named.get(choice) or Move(slot_id=self.ids[choice])
        except DomainError:
            return
        db.session.expire_all()
        if decisions:
            self.attempt(closures.carry_out, change, decisions=decisions, by=self.staff, reason="reason")

    @invariant()
    def counters_are_a_recount(self) -> None:
        with transaction():
            assert recount(self.hall.id) == []

    @invariant()
    def nothing_is_sold_twice(self) -> None:
        for slot in db.session.scalars(select(Slot)):
            assert slot.visitors_booked - slot.visitors_forced <= slot.visitor_capacity
            assert slot.guides_booked - slot.guides_forced <= slot.guide_capacity
            assert slot.inside_booked - slot.inside_forced <= (slot.inside_capacity or 0)
            assert slot.guides_busy - slot.busy_forced <= (slot.guides_on_duty or 0)

    @invariant()
    def no_resource_is_sold_twice(self) -> None:
        held = select(Booking).where(Booking.state.in_(HOLDING), Booking.over_limit.is_(None))
        bookings = db.session.scalars(held).all()
        for start in {booking.slot.starts_at for booking in bookings}:
            inside = [one for one in bookings if one.slot.starts_at <= start < one.slot.ends_at]
            for number, quantity in ((1, 30), (2, 2)):
                assert sum(one.resources.get(number, 0) for one in inside) <= quantity

    @invariant()
    def nobody_waits_for_places_that_are_free(self) -> None:
        for day in (DAY, DAY + timedelta(days=1)):
            for booking in queries.list_waiting(self.hall.id, day, after=clock.now()):
                slot = schedule.find_slot(self.hall.id, booking.slot_id)
                assert slot
                left = find_left(self.hall.id, [day])[slot.id]
                lacks_resources = any(left[number] < count for number, count in booking.resources.items())
                assert slot.visitors_free < booking.visitors or lacks_resources

    @invariant()
    def history_goes_by_the_table(self) -> None:
        for booking in db.session.scalars(select(Booking)):
            events = queries.list_events(booking)
            assert events[0].before is None
            for event in events[1:]:
                assert event.before is not None
                assert event.after is event.before or event.after in TRANSITIONS[event.before]
            assert booking.visitors == sum(origin.visitors for origin in booking.origins)
            assert (booking.state is BookingState.OFFERED) == (booking.offered_until is not None)
            if booking.over_limit is not None:
                assert booking.state not in HOLDING or booking.slot.visitors_forced >= booking.visitors

    @invariant()
    def who_is_agreed_has_one_pass(self) -> None:
        held = db.session.scalars(select(Pass.booking_id).where(Pass.revoked_at.is_(None))).all()
        assert len(held) == len(set(held))
        agreed = set(db.session.scalars(select(Booking.id).where(Booking.state.in_(AGREED))))
        assert agreed <= set(held)
        assert db.session.scalar(select(BookingEvent.id).limit(1)) or not held


@pytest.mark.slow
def test_no_sequence_of_verbs_breaks_a_bookings_life(app: Flask) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples(3),
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
