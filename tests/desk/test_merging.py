"""Many desks without a network: whatever comes in whatever order, the same people are counted, and none is lost."""

from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db, transaction
from hallapp.desk import errors, service, settling
from hallapp.desk.commands import Admit, AdmitWalkIn, Done, Outcome, TakeBack
from hallapp.desk.merging import Offline
from hallapp.desk.models import ConflictReason, Decision, DeskConflict
from hallapp.desk.service import MOST_PEOPLE
from hallapp.ledger import recount as ledger
from hallapp.ledger.models import Arrival, DeskEvent
from tests import factories
from tests.conftest import examples
from tests.desk.conftest import KEYS, NOW, TODAY, admit, make_booking, make_counter, summaries

SNAPSHOT_AT = NOW - timedelta(minutes=8)
WHOLE = {"440000": 38, "430000": 2}


OFFLINE = Offline(snapshot_at=SNAPSHOT_AT)


def bring(counter: SimpleNamespace, counts: dict[str, int] | None, known: dict[str, int] | None, **values: Any) -> Done:
    """Let a device bring an offline admission of the counter's booking."""
    more = {"code": "", "booking_id": counter.booking.id, "occurred_at": NOW, "device": "平板", **values}
    return admit(counter, counts=counts, known_to_come=known, offline=OFFLINE, **more)


def take_back(counter: SimpleNamespace, event_id: str) -> Done:
    command = TakeBack(
        hall_id=counter.hall.id, staff_id=counter.desk.id, event_id=event_id, occurred_at=NOW, offline=OFFLINE
    )
    with transaction():
        return service.take_back(command)


def settle(counter: SimpleNamespace, event_id: str, decision: Decision) -> None:
    command = settling.Settle(
        hall_id=counter.hall.id, staff_id=counter.manager.id, event_id=event_id, decision=decision
    )
    with transaction():
        settling.settle(command)


def open_people(counter: SimpleNamespace) -> dict[str, int]:
    db.session.rollback()
    conflicts = db.session.scalars(select(DeskConflict).where(DeskConflict.hall_id == counter.hall.id))
    return {one.division: one.open for one in conflicts if one.open}


def people(counter: SimpleNamespace) -> int:
    """People of the hall's ledger, which its summaries must say too."""
    with transaction():
        assert ledger.recount(counter.hall.id) == []
    found = db.session.scalar(select(func.sum(Arrival.visitors)).where(Arrival.hall_id == counter.hall.id))
    return int(found or 0)


def test_two_halves_add_up_and_the_whole_twice_counts_once(counter: SimpleNamespace) -> None:
    halves = [bring(counter, {"440000": 20}, WHOLE), bring(counter, {"440000": 18, "430000": 2}, WHOLE)]
    assert [done.outcome for done in halves] == [Outcome.ADMITTED, Outcome.ADMITTED]
    again = bring(counter, None, WHOLE)
    assert (again.outcome, again.counts, again.unsettled, again.conflict) == (
        Outcome.CONFLICT,
        {},
        WHOLE,
        ConflictReason.SURPLUS,
    )
    assert people(counter) == 40
    assert open_people(counter) == WHOLE


def test_people_beyond_what_a_device_knew_count(counter: SimpleNamespace) -> None:
    bring(counter, WHOLE, WHOLE)
    known = {"440000": 0, "430000": 0}
    more = bring(counter, {"440000": 3, "110000": 1}, known)
    assert (more.outcome, more.counts) == (Outcome.ADMITTED, {"440000": 3, "110000": 1})
    assert people(counter) == 44 and open_people(counter) == {}


def test_who_is_known_to_be_more_counts_and_takes_no_place(counter: SimpleNamespace) -> None:
    bring(counter, WHOLE, WHOLE)
    assert admit(counter, counts={"440000": 5}, known_to_come={"440000": 0}).outcome is Outcome.ADMITTED
    assert people(counter) == 45
    assert bring(counter, {"440000": 4}, WHOLE).unsettled == {"440000": 4}


def test_conflict_moves_up_when_the_other_desk_takes_back(counter: SimpleNamespace) -> None:
    first = bring(counter, WHOLE, WHOLE)
    second = bring(counter, {"440000": 39, "430000": 2}, WHOLE)
    assert (second.counts, second.unsettled) == ({"440000": 1}, WHOLE)
    assert take_back(counter, first.event_id).outcome is Outcome.TAKEN_BACK
    assert people(counter) == 41 and open_people(counter) == {}
    assert summaries(counter)[1] == {"11-21": (41, 1)}
    assert take_back(counter, first.event_id).outcome is Outcome.REPEATED
    # What was counted later goes back with the admission that it belongs to.
    assert take_back(counter, second.event_id).group.arrived == 0
    assert people(counter) == 0
    assert summaries(counter) == ({}, {})


def test_taking_back_what_nobody_counted_closes_the_conflict(counter: SimpleNamespace) -> None:
    bring(counter, WHOLE, WHOLE)
    second = bring(counter, WHOLE, WHOLE)
    assert take_back(counter, second.event_id).counts == {}
    assert people(counter) == 40 and open_people(counter) == {}
    with pytest.raises(errors.AlreadySettled):
        settle(counter, second.event_id, Decision.COUNTED)


@pytest.mark.parametrize("reason", ["cancelled", "not_agreed", "another_day", "replaced"])
def test_what_the_device_could_not_know_is_kept_whole(counter: SimpleNamespace, reason: str) -> None:
    changes = {"cancelled": {"state": BookingState.CANCELLED}, "not_agreed": {"state": BookingState.LAPSED}}
    with transaction():
        booking = db.session.get_one(Booking, counter.booking.id)
        for name, value in changes.get(reason, {}).items():
            setattr(booking, name, value)
        if reason == "another_day":
            booking.slot = make_booking(counter.programme, day=TODAY + timedelta(days=1)).slot
    done = bring(counter, WHOLE, WHOLE, pass_version=7 if reason == "replaced" else 1)
    assert (done.outcome, done.conflict, done.unsettled) == (Outcome.CONFLICT, reason, WHOLE)
    assert people(counter) == 0
    again = bring(counter, WHOLE, WHOLE, event_id=done.event_id)
    assert (again.outcome, again.conflict, again.unsettled) == (Outcome.REPEATED, reason, WHOLE)
    settle(counter, done.event_id, Decision.COUNTED)
    assert people(counter) == 40 and open_people(counter) == {}
    assert summaries(counter)[1] == {"11-21": (40, 1)}


@pytest.mark.either_database
def test_a_manager_counts_or_drops_once(counter: SimpleNamespace) -> None:
    bring(counter, WHOLE, WHOLE)
    second, third = bring(counter, WHOLE, WHOLE), bring(counter, WHOLE, WHOLE)
    settle(counter, second.event_id, Decision.COUNTED)
    settle(counter, third.event_id, Decision.DROPPED)
    assert people(counter) == 80 and open_people(counter) == {}
    for decision in (Decision.COUNTED, Decision.DROPPED):
        with pytest.raises(errors.AlreadySettled):
            settle(counter, second.event_id, decision)
    with pytest.raises(errors.UnknownEvent):
        settle(make_counter(), second.event_id, Decision.COUNTED)


def test_a_managers_reason_given_offline_counts(counter: SimpleNamespace) -> None:
    with transaction():
        db.session.get_one(Booking, counter.booking.id).state = BookingState.CANCELLED
    done = bring(counter, WHOLE, WHOLE, role=Role.MANAGER, reason="馆长同意")
    assert done.outcome is Outcome.ADMITTED and people(counter) == 40


def test_a_clock_far_ahead_does_not_make_the_future(counter: SimpleNamespace) -> None:
    done = bring(counter, WHOLE, WHOLE, occurred_at=NOW + timedelta(hours=3))
    assert done.occurred_at == NOW
    with pytest.raises(errors.TimeTooOld):
        bring(counter, {"440000": 1}, WHOLE, occurred_at=NOW - timedelta(days=32))


DEVICES = ("gate", "counter", "tablet")
ACTS = st.tuples(
    st.sampled_from(DEVICES),
    st.sampled_from(["whole", "some", "some", "more", "walk_in", "take_back", "cancelled"]),
    st.integers(0, 9),
    st.dictionaries(st.sampled_from(["440000", "430000", "overseas"]), st.integers(1, 45), min_size=1, max_size=3),
)


@pytest.mark.either_database
@settings(
    max_examples=examples(5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(ACTS, min_size=3, max_size=14), order=st.randoms(use_true_random=False))
def test_any_order_of_three_devices_gives_the_same_ledger(
    app: Flask, clock: time_machine.Traveller, acts: list[tuple[str, str, int, dict[str, int]]], order: Any
) -> None:
    """Interleaved, doubled, delayed and reordered among the devices, their events count as they do in order."""
    clock.move_to(NOW)
    in_order, shuffled = Door(), Door()
    told = decide(acts)
    for event in told:
        in_order.take(event)
    queues = {device: [event for event in told if event["device"] == device] for device in DEVICES}
    sent: list[dict[str, Any]] = []
    while any(queues.values()):
        queue = queues[order.choice([device for device in DEVICES if queues[device]])]
        sent.append(queue.pop(0))
        shuffled.take(sent[-1])
        if order.random() < 0.3:
            shuffled.take(order.choice(sent))
        if order.random() < 0.2:
            clock.shift(timedelta(minutes=order.randrange(90)))
    assert shuffled.totals() == in_order.totals() == expected(told)
    assert people(shuffled.counter) == people(in_order.counter)
    assert summaries(shuffled.counter) == summaries(in_order.counter)


BOOKED = ({"440000": 38, "430000": 2}, {"440000": 9})


def decide(acts: list[tuple[str, str, int, dict[str, int]]]) -> list[dict[str, Any]]:
    """What three devices decide that know the same snapshot, and since then only their own acts."""
    known = {(device, which): Counter(BOOKED[which]) for device in DEVICES for which in (0, 1)}
    told: list[dict[str, Any]] = []
    for device, act, number, counts in acts:
        which = number % 2
        left = known[device, which]
        to_come = {division: max(0, left[division]) for division in BOOKED[which]}
        event = {"id": str(uuid4()), "device": device, "which": which, "known": to_come, "counts": counts}
        if act == "whole":
            event["counts"] = {division: n for division, n in to_come.items() if n} or {"440000": 1}
        elif act == "more":
            event["counts"] = {"440000": to_come.get("440000", 0) + 2}
        elif act in ("walk_in", "cancelled"):
            event["which"] = act
        elif act == "take_back":
            mine = [one for one in told if one["device"] == device and "undoes" not in one and not one.get("undone")]
            if not mine:
                continue
            undone = mine[number % len(mine)]
            undone["undone"] = True
            event |= {"undoes": undone, "which": undone["which"]}
            if undone["which"] in (0, 1):
                known[device, undone["which"]].update(undone["counts"])
            told.append(event)
            continue
        if event["which"] in (0, 1):
            left.subtract(event["counts"])
        told.append(event)
    return told


def expected(told: list[dict[str, Any]]) -> dict[Any, tuple[int, int]]:
    """The arithmetic by itself: {(group, division): (people counted, people in conflict)}."""
    extra, others = Counter[Any](), Counter[Any]()
    for event in told:
        if "undoes" not in event and not event.get("undone"):
            for division, n in event["counts"].items():
                beyond = max(0, n - event["known"].get(division, 0)) if event["which"] in (0, 1) else 0
                extra[event["which"], division] += beyond
                others[event["which"], division] += n - beyond
    found = {}
    for (which, division), n in others.items():
        booked = {"walk_in": n, "cancelled": 0}.get(which) if which not in (0, 1) else BOOKED[which].get(division, 0)
        counted = min(n, booked)
        if extra[which, division] + n:
            found[which, division] = (extra[which, division] + counted, n - counted)
    return found


class Door:
    """A hall with two bookings and a cancelled one, where the events of devices come in."""

    def __init__(self) -> None:
        self.counter = make_counter()
        with transaction():
            tours = [factories.programme(hall=self.counter.hall) for _ in range(2)]
            small = make_booking(tours[0], day=TODAY, origins=BOOKED[1])
            cancelled = make_booking(tours[1], day=TODAY, state=BookingState.CANCELLED)
        self.bookings = {0: self.counter.booking.id, 1: small.id, "cancelled": cancelled.id}

    def take(self, event: dict[str, Any]) -> None:
        """Do an event as the batch does, in a transaction of its own."""
        act = {
            "hall_id": self.counter.hall.id,
            "staff_id": self.counter.desk.id,
            "occurred_at": NOW - timedelta(minutes=1),
            "offline": OFFLINE,
        }
        with transaction():
            if "undoes" in event:
                service.take_back(TakeBack(event_id=event["undoes"]["id"], own_id=event["id"], **act))
            elif event["which"] == "walk_in":
                service.admit_walk_in(AdmitWalkIn(event_id=event["id"], counts=event["counts"], **act))
            else:
                booking_id = self.bookings[event["which"]]
                people = {"counts": event["counts"], "known_to_come": event["known"], "sure": MOST_PEOPLE}
                command = Admit(event_id=event["id"], booking_id=booking_id, role=Role.DESK, **people, **act)
                service.admit(command, keys=KEYS)

    def totals(self) -> dict[Any, tuple[int, int]]:
        """People counted and people in conflict, by group and division, from the rows."""
        db.session.rollback()
        names = {booking_id: name for name, booking_id in self.bookings.items()} | {None: "walk_in"}
        counted, waiting = Counter[Any](), Counter[Any]()
        hall_id = self.counter.hall.id
        rows = select(DeskEvent.booking_id, Arrival.division, Arrival.visitors).join(Arrival.event)
        for booking_id, division, n in db.session.execute(rows.where(DeskEvent.hall_id == hall_id)):
            counted[names[booking_id], division] += n
        for conflict in db.session.scalars(select(DeskConflict).where(DeskConflict.hall_id == hall_id)):
            waiting[names[conflict.event.booking_id], conflict.division] += conflict.open
        keys = {key for key in (*counted, *waiting) if counted[key] or waiting[key]}
        return {key: (counted[key], waiting[key]) for key in keys}
