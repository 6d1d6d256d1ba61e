"""A change of days that hits bookings: listed first, settled one by one or all alike, all or nothing."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from hallapp.accounts.models import Staff
from hallapp.booking import absence, closures, queries, service
from hallapp.booking.closures import Cancel, Decision, HitBy, Leave, Move
from hallapp.booking.errors import BookingsHit, NotSettled
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, Verb
from hallapp.booking.recount import recount
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule import service as schedule
from hallapp.schedule.days import Change
from hallapp.schedule.models import Slot
from hallapp.schedule.service import EditSlot, SetDay
from tests import factories
from tests.booking.life import conftest as life
from tests.booking.life.conftest import State
from tests.office import DAY

NEXT = date(2026, 12, 6)


@pytest.fixture
def slot(app: Flask) -> Iterator[Slot]:
    """A tour on Saturday at 09:30 with 60 places and 3 guides, added by hand; counters must agree with bookings."""
    with transaction():
        tour = factories.programme(hall=factories.hall(slots_until=NEXT), group_min=1, group_max=60)
        made = factories.slot(programme=tour, day=DAY, visitor_capacity=60, guide_capacity=3, open_by_hand=True)
    yield made
    with transaction():
        assert recount(made.hall_id) == []


@pytest.fixture
def other(slot: Slot) -> Slot:
    """The same on Sunday."""
    return factories.make(
        factories.slot,
        programme=slot.programme,
        day=NEXT,
        visitor_capacity=60,
        guide_capacity=3,
        open_by_hand=True,
    )


def place(slot: Slot, people: int = 20, **changes: Any) -> Booking:
    """A booking whose organiser is written to."""
    return life.place(slot, people, **{"email": "g@example.org", **changes})


def close(slot: Slot) -> SetDay:
    return SetDay(
        hall_id=slot.hall_id, by=None, day=slot.day, open=False, reason={"zh": "设备检修", "en": "Maintenance"}
    )


def edit(slot: Slot, **values: Any) -> EditSlot:
    now = {"open": True, "visitor_capacity": slot.visitor_capacity, "guide_capacity": slot.guide_capacity, **values}
    return EditSlot(hall_id=slot.hall_id, by=None, slot_id=slot.id, **now)


def carry_out(
    change: Change, manager: Staff, decisions: Mapping[int, Decision] | None = None, reason: str = "检修"
) -> int:
    try:
        with transaction():
            return closures.carry_out(change, decisions=decisions or {}, by=by_staff(manager.id), reason=reason)
    finally:
        db.session.expire_all()


def hits(change: Change, manager: Staff, decisions: Mapping[int, Decision] | None = None) -> list[Any]:
    with pytest.raises(BookingsHit) as raised:
        carry_out(change, manager, decisions)
    return [(hit.booking.id, hit.by) for hit in raised.value.hits]


def test_a_day_without_bookings_closes_at_once(slot: Slot, manager: Staff) -> None:
    carry_out(close(slot), manager)
    assert not slot.open


@pytest.mark.either_database
def test_a_closure_lists_what_it_hits_and_changes_nothing(slot: Slot, manager: Staff) -> None:
    booked, waits = place(slot, 60), place(slot, 30, wait=True)
    gone = place(slot, 30, wait=True)
    with transaction():
        service.cancel(gone)
    assert hits(close(slot), manager) == [(booked.id, HitBy.CLOSED), (waits.id, HitBy.CLOSED)]
    assert hits(close(slot), manager, {booked.id: Cancel(message="闭馆")}) == [
        (booked.id, HitBy.CLOSED),
        (waits.id, HitBy.CLOSED),
    ]
    assert (slot.open, booked.state, waits.state) == (True, State.CONFIRMED, State.WAITLISTED)
    assert schedule.queries.find_calendar_day(slot.hall_id, DAY) is None


def test_each_is_settled_in_another_way(slot: Slot, other: Slot, manager: Staff) -> None:
    moves, goes, stays = place(slot, 10), place(slot, 20), place(slot, 30)
    decisions = {moves.id: Move(slot_id=other.id), goes.id: Cancel(message="设备检修，敬请谅解"), stays.id: Leave()}
    carry_out(close(slot), manager, decisions)
    assert (slot.open, slot.visitors_booked, other.visitors_booked) == (False, 30, 10)
    assert [(one.state, one.slot_id) for one in (moves, goes, stays)] == [
        (State.CONFIRMED, other.id),
        (State.CANCELLED, slot.id),
        (State.CONFIRMED, slot.id),
    ]
    assert goes.reply == "设备检修，敬请谅解"
    assert [queries.list_events(one)[-1].verb for one in (moves, goes, stays)] == [
        Verb.MOVED,
        Verb.CANCELLED,
        Verb.LEFT,
    ]
    kinds = db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
    assert kinds == ["booking_placed"] * 3 + ["booking_moved", "booking_cancelled_by_hall"]
    message = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "booking_cancelled_by_hall")).one()
    assert "设备检修，敬请谅解" in message.body


@pytest.mark.either_database
def test_one_decision_that_cannot_be_done_undoes_them_all(slot: Slot, other: Slot, manager: Staff) -> None:
    place(other, 50)
    first, second = place(slot, 10), place(slot, 20)
    decisions = {first.id: Cancel(message=""), second.id: Move(slot_id=other.id)}
    with pytest.raises(NotSettled) as raised:
        carry_out(close(slot), manager, decisions)
    assert (raised.value.params["reference"], raised.value.cause.code) == (second.reference, "slot_full")
    assert (slot.open, first.state, second.slot_id) == (True, State.CONFIRMED, slot.id)


def test_nobody_is_moved_into_what_closes_with_it(slot: Slot, manager: Staff) -> None:
    afternoon = factories.make(factories.slot, programme=slot.programme, day=DAY, starts=time(14), open_by_hand=True)
    booked = place(slot, 10)
    with pytest.raises(NotSettled) as raised:
        carry_out(close(slot), manager, {booked.id: Move(slot_id=afternoon.id)})
    assert raised.value.cause.code == "slot_closed"


def test_places_of_a_closing_time_are_offered_to_nobody(slot: Slot, manager: Staff) -> None:
    booked, waits = place(slot, 60), place(slot, 30, wait=True)
    carry_out(close(slot), manager, {booked.id: Cancel(message=""), waits.id: Leave()})
    assert (booked.state, waits.state, slot.visitors_booked) == (State.CANCELLED, State.WAITLISTED, 0)


def test_a_smaller_time_hits_its_bookings_and_some_may_stay(slot: Slot, other: Slot, manager: Staff) -> None:
    stays, moves = place(slot, 30), place(slot, 20)
    change = edit(slot, visitor_capacity=40)
    assert hits(change, manager) == [(stays.id, HitBy.SMALLER), (moves.id, HitBy.SMALLER)]
    carry_out(change, manager, {stays.id: Leave(), moves.id: Move(slot_id=other.id)})
    assert (slot.visitor_capacity, slot.visitors_booked, other.visitors_booked) == (40, 30, 20)


@pytest.mark.either_database
def test_who_is_left_beyond_the_limit_is_marked_as_let_in(slot: Slot, manager: Staff) -> None:
    first, second = place(slot, 30), place(slot, 20)
    carry_out(edit(slot, visitor_capacity=40), manager, {first.id: Leave(), second.id: Leave()}, reason="展厅检修")
    assert (slot.visitor_capacity, slot.visitors_booked, slot.visitors_forced) == (40, 50, 50)
    assert (first.over_limit, second.over_limit) == ("展厅检修", "展厅检修")


def test_who_is_left_in_a_time_that_closes_and_has_no_places_is_let_in_too(slot: Slot, manager: Staff) -> None:
    booked = place(slot, 30)
    carry_out(edit(slot, open=False, visitor_capacity=0, guide_capacity=0), manager, {booked.id: Leave()})
    assert (slot.open, slot.visitors_booked, slot.visitors_forced) == (False, 30, 30)


def test_a_smaller_time_that_still_has_room_for_all_hits_nobody(slot: Slot, manager: Staff) -> None:
    place(slot, 30)
    carry_out(edit(slot, visitor_capacity=30, guide_capacity=1), manager)
    assert slot.visitor_capacity == 30


def test_fewer_people_inside_hit_whoever_is_there_then(slot: Slot, manager: Staff) -> None:
    """Visits of 90 minutes at 09:30 and 10:30: at 10:30 both groups are inside, and 70 are too many."""
    overlapping = factories.make(
        factories.slot, programme=slot.programme, day=DAY, starts=time(10, 30), open_by_hand=True
    )
    early, late = place(slot, 30), place(overlapping, 40)

    smaller = SetDay(hall_id=slot.hall_id, by=None, day=DAY, inside_capacity=60)
    assert hits(smaller, manager) == [(early.id, HitBy.SMALLER), (late.id, HitBy.SMALLER)]
    carry_out(smaller, manager, {early.id: Leave(), late.id: Cancel(message="")})
    assert (slot.inside_capacity, slot.inside_booked, overlapping.inside_booked) == (60, 30, 30)


@pytest.mark.either_database
def test_a_larger_time_is_offered_to_those_who_wait(slot: Slot, manager: Staff) -> None:
    place(slot, 60)
    waits = place(slot, 30, wait=True)
    carry_out(edit(slot, visitor_capacity=90), manager)
    assert (waits.state, slot.visitors_booked) == (State.OFFERED, 90)


def test_a_time_that_opens_again_is_offered_to_those_who_waited_on(slot: Slot, manager: Staff) -> None:
    booked, waits = place(slot, 60), place(slot, 30, wait=True)
    carry_out(close(slot), manager, {booked.id: Cancel(message=""), waits.id: Leave()})
    carry_out(SetDay(hall_id=slot.hall_id, by=None, day=DAY, open=True), manager)
    assert (slot.open, waits.state) == (True, State.OFFERED)


@pytest.mark.either_database
def test_room_becomes_smaller_than_the_groups_that_are_in(slot: Slot, manager: Staff) -> None:
    later = factories.make(
        factories.slot, programme=slot.programme, day=DAY, starts=time(10), visitor_capacity=60, open_by_hand=True
    )
    came, coming = place(slot, 30), place(later, 10)
    with transaction():
        absence.mark_arrived(came, arrived=True, by=by_staff(manager.id))

    narrow = SetDay(hall_id=slot.hall_id, by=None, day=DAY, inside_capacity=20, guides_on_duty=0)
    with time_machine.travel(slot.starts_at, tick=False):
        assert hits(narrow, manager) == [(coming.id, HitBy.SMALLER)]
        assert came.over_limit is None
        carry_out(narrow, manager, {coming.id: Cancel(message="检修")})
    assert (came.state, came.over_limit, coming.state) == (State.ARRIVED, "检修", State.CANCELLED)
    assert (later.inside_booked, later.inside_forced, later.inside_capacity) == (30, 30, 20)


@pytest.mark.on_database("postgresql")  # on SQLite nobody else writes meanwhile
def test_bookings_are_locked_in_the_order_of_the_desk(app: Flask, slot: Slot, manager: Staff) -> None:
    """The desk locks the bookings of a batch by their numbers, and the visits of a day have another order."""
    later = factories.make(factories.slot, programme=slot.programme, day=DAY, starts=time(14))
    first, second = place(later).id, place(slot).id

    def shut() -> None:
        with app.app_context():
            carry_out(close(slot), manager, {first: Cancel(message=""), second: Cancel(message="")})

    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
    row = select(Booking.id).with_for_update(nowait=True)
    with ThreadPoolExecutor(1) as pool, db.engine.connect() as desk:
        desk.execute(row.where(Booking.id == first))
        closing = pool.submit(shut)
        while not desk.execute(waiting).scalar_one():
            assert not closing.done()
        desk.execute(row.where(Booking.id == second))
        desk.rollback()
        closing.result()
