"""Changes of the hall's days and the bookings that they affect: listed, then resolved by the manager in one step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hallapp.booking import queries, service, waiting
from hallapp.booking.errors import BookingsHit, NotSettled, SlotClosed
from hallapp.booking.lifecycle import By, alter
from hallapp.booking.models import HOLDING, OPEN_STATES, Booking, Verb
from hallapp.core.database import db
from hallapp.core.errors import DomainError
from hallapp.schedule import capacity, days, planning
from hallapp.schedule import queries as schedule
from hallapp.schedule.days import Change
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.planning import Plan


class HitBy(StrEnum):
    """The reason why a change affects a booking."""

    CLOSED = "closed"
    SMALLER = "smaller"  # fewer places, guides, or people inside at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A booking that a change affects; `over` means that the time has too little room left for its bookings."""

    booking: Booking
    by: HitBy
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Move the booking to another slot."""

    slot_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Cancel the booking and send its organiser this message."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Leave the booking unchanged: the group is admitted although the hall is closed or over its limits."""


Decision = Move | Cancel | Leave


def carry_out(change: Change, *, decisions: Mapping[int, Decision], by: By, reason: str = "", told: str = "") -> int:
    """Change the hall's days, and resolve the affected bookings, by id; return the number of new slots.

    `reason` is stored with a booking that is left unchanged; the organisers of moved ones read `told` as the
    reason. Places that become free are offered to waiting groups.

    Raises:
        BookingsHit: some hit booking has no decision. NotSettled: a decision cannot be carried out. Also the refusals
            of `change`. In each case the transaction must roll back, and nothing has changed.
    """
    capacity.lock_hall(change.hall_id)
    plan = days.plan(change)
    hits = list_hits(plan)
    if any(hit.booking.id not in decisions for hit in hits):
        raise BookingsHit(plan, hits)
    for booking in queries.list_of_slots(plan.hall.id, _list_crowded(plan), states=HOLDING - OPEN_STATES):
        if booking.over_limit is None:  # its people have arrived: no decision is needed, and they count as admitted
            service.let_in_over_limit(booking, reason)
    for hit in hits:
        _settle(plan, hit, decisions[hit.booking.id], by=by, reason=reason, told=told)
    _check_room(plan, hits, decisions)
    count = planning.carry_out(plan)
    db.session.expire_all()
    for day in sorted({change.slot.day for change in plan.changes} | {row["day"] for row in plan.additions}):
        waiting.offer_freed(plan.hall.id, day)
    return count


def list_hits(plan: Plan) -> Sequence[Hit]:
    """Return the bookings that a plan hits, by time; a booking that is closed out is not also one with less room."""
    closed = {change.slot.id for change in plan.changes if change.closes}  # those for which only groups wait, too
    during = set(_list_crowded(plan))
    found = queries.list_of_slots(plan.hall.id, sorted(closed | during), states=OPEN_STATES)
    return [
        Hit(
            booking=booking,
            by=HitBy.CLOSED if booking.slot_id in closed else HitBy.SMALLER,
            over=booking.slot_id in during and booking.state in HOLDING,
        )
        for booking in found
        if booking.slot_id in closed or booking.state in HOLDING
    ]


def _list_crowded(plan: Plan) -> Sequence[int]:
    """Return the slots during whose visits a plan leaves too little room.

    Room inside and guides on duty are limits of the hall at one moment: any visit at that moment may have to be moved.
    """
    return schedule.list_covering(plan.hall.id, [change.slot.starts_at for change in plan.changes if change.shrinks])


def _check_room(plan: Plan, hits: Sequence[Hit], decisions: Mapping[int, Decision]) -> None:
    """Check that the plan also has room for moved bookings. Raises NotSettled for the first without room."""
    there = set(_list_crowded(plan))
    for hit in hits:
        decision = decisions[hit.booking.id]
        if isinstance(decision, Move) and decision.slot_id in there:
            raise NotSettled(plan, reference=hit.booking.reference, cause=SlotFull())


def _settle(plan: Plan, hit: Hit, decision: Decision, *, by: By, reason: str, told: str) -> None:
    booking = hit.booking
    try:
        match decision:
            case Move(slot_id=slot_id):
                if slot_id in plan.going:
                    raise SlotClosed
                service.move(booking, slot_id, by=by, offer=False, reason=told)
            case Cancel(message=message):
                service.cancel(booking, by=by, reply=message, offer=False)
            case Leave():
                _leave(hit, by=by, reason=reason)
    except DomainError as refusal:
        raise NotSettled(plan, reference=booking.reference, cause=refusal) from None


def _leave(hit: Hit, *, by: By, reason: str) -> None:
    """Keep a booking; where there is no longer room for it by the limits, its places count as let in over them."""
    booking = hit.booking
    if hit.over and booking.over_limit is None:
        service.let_in_over_limit(booking, reason)
    alter(booking, Verb.LEFT, by=by, detail={"hit": hit.by.value})
