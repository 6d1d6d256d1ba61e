"""A resource of which there are fewer than bookings have: the bookings are listed, and a manager decides about each."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from hallapp.booking import waiting
from hallapp.booking.errors import ResourceHeld
from hallapp.booking.lifecycle import By, alter, hold_rows
from hallapp.booking.models import HOLDING, OPEN_STATES, Booking, Verb
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.resources import claims
from hallapp.resources.queries import find_left
from hallapp.resources.service import SaveResource, save_resource
from hallapp.schedule.models import Slot


def save(command: SaveResource, *, decisions: Mapping[int, int] | None = None, by: By) -> int:
    """Store a resource and return its number.

    `decisions` say how many each affected booking has from now on, by its id; no booking gets more than it has. So
    bookings may keep more than there are: then nobody else gets any until enough of them are given back.

    Raises:
        ResourceHeld: an affected booking has no decision. The transaction must then roll back.
        DomainError: each refusal of `save_resource`.
    """
    saved = save_resource(command)
    hits = _list_hits(command.hall_id, saved.number, retired=command.retired) if saved.reduced else []
    if any(booking.id not in (decisions or {}) for booking in hits):
        raise ResourceHeld([booking.id for booking in hits])
    hold_rows(hits)
    for booking in hits:
        _give_back(booking, saved.number, (decisions or {})[booking.id], by=by)
    for day in sorted({booking.slot.day for booking in hits}):
        waiting.offer_freed(command.hall_id, day)
    return saved.number


def _list_hits(hall_id: int, number: int, *, retired: bool) -> Sequence[Booking]:
    """Return the open bookings that have a resource at times with too few of it, or at any time if it is retired."""
    found = db.session.scalars(
        select(Booking)
        .join(Booking.slot)
        .where(
            Booking.hall_id == hall_id,
            Booking.state.in_(OPEN_STATES),
            Booking.resources != {},
            Slot.ends_at > clock.now(),
        )
        .order_by(Slot.starts_at, Booking.id)
    )
    having = [booking for booking in found if booking.resources.get(number)]
    if retired:
        return having
    left = find_left(hall_id, {booking.slot.day for booking in having})
    return [booking for booking in having if booking.state in HOLDING and left[booking.slot_id][number] < 0]


def _give_back(booking: Booking, number: int, keeps: int, *, by: By) -> None:
    had = booking.resources[number]
    if keeps >= had:
        return
    if booking.state in HOLDING:
        claims.release(booking.slot, visitors=0, guides=0, resources={number: had - keeps})
    has = {**booking.resources, number: keeps} if keeps else {n: c for n, c in booking.resources.items() if n != number}
    alter(booking, Verb.CHANGED, by=by, detail={"fields": ["resources"]}, resources=has)
