"""Transitions between the states of a booking: by the table, with places, history and signal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import ARRAY, Integer, any_, bindparam, insert, select

from hallapp.booking.errors import NotInThisState
from hallapp.booking.models import HOLDING, TRANSITIONS, Actor, Booking, BookingEvent, BookingState, Verb
from hallapp.booking.signals import booking_happened
from hallapp.core import clock, database
from hallapp.core.database import db
from hallapp.core.prepared import Prepared
from hallapp.resources import claims
from hallapp.schedule import capacity
from hallapp.schedule.hall_facts import SlotFacts
from hallapp.schedule.models import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """The actor of a change; `staff_id` is set for staff only."""

    actor: Actor
    staff_id: int | None = None


ORGANISER = By(actor=Actor.ORGANISER)
SYSTEM = By(actor=Actor.SYSTEM)


class LetterAbout(Enum):
    """The subject of the letter to the organiser about an event, as a detail of the event."""

    BOOKING = None
    GROUP = "whole"  # all parts of a large group to which the same happened
    NOTHING = "untold"  # another letter tells it, or none should

    @property
    def detail(self) -> dict[str, Any]:
        """Return the detail of the event."""
        return {self.value: True} if self.value else {}


def by_staff(staff_id: int) -> By:
    """Return a member of staff as the actor."""
    return By(actor=Actor.STAFF, staff_id=staff_id)


def hold_still(booking: Booking, *days: date) -> Booking:
    """Lock a booking's row, and before it the slots of its day and of `days`, until the end of the transaction.

    Every verb on an existing booking begins here. The order of locks is always: slots, then bookings. The booking is
    loaded again in its present state.

    Raises:
        NotInThisState: when it has been moved to a day that is not held, in the meantime.
    """
    held = {booking.slot.day, *days}
    capacity.lock_days(booking.hall_id, held)
    db.session.scalars(
        select(Booking)
        .where(Booking.id == booking.id)
        .with_for_update(of=Booking)
        .execution_options(populate_existing=True)
    ).one()
    if booking.slot.day not in held:
        raise NotInThisState(booking.state)
    return booking


def hold_rows(bookings: Iterable[Booking]) -> None:
    """Lock the rows of several bookings at once, in the order of their numbers; call it after the locks of slots.

    Who changes several bookings in one transaction begins here. The desk locks those of a batch in the same order, so
    nobody waits in a circle.
    """
    if db.engine.dialect.name == "sqlite":  # one writer at a time
        return
    database.connection().execute(_HOLD_ROWS, {"numbers": sorted(booking.id for booking in bookings)})


_HOLD_ROWS = (
    select(Booking.id)
    .where(Booking.id == any_(bindparam("numbers", type_=ARRAY(Integer))))
    .order_by(Booking.id)
    .with_for_update()
)


def advance(
    booking: Booking,
    to: BookingState,
    verb: Verb,
    *,
    by: By,
    detail: dict[str, Any] | None = None,
    **values: Any,
) -> BookingEvent:
    """Move a booking, whose row the caller has locked, to another state, with its places, history and signal.

    `values` are further columns. Places are released when the new state holds none. They are not claimed here: the
    caller must claim them before moving a booking into a state that holds places.

    Raises:
        NotInThisState: when the table has no way from where it stands.
    """
    before = booking.state
    if to not in TRANSITIONS[before]:
        raise NotInThisState(before)
    if to is BookingState.CANCELLED:
        values["cancelled_at"] = clock.now()
    if before in HOLDING and to not in HOLDING:
        give_back(booking)
    return alter(
        booking, verb, by=by, detail=detail, **{"offered_until": None, "held_until": None, **values, "state": to}
    )


def alter(booking: Booking, verb: Verb, *, by: By, detail: dict[str, Any] | None = None, **values: Any) -> BookingEvent:
    """Change columns of a booking whose row the caller has locked, with history and signal."""
    before = booking.state
    for name, value in values.items():
        setattr(booking, name, value)
    db.session.flush()
    return note(booking, verb, by=by, before=before, detail=detail)


def state_after(before: BookingState, *, arrived: bool) -> BookingState | None:
    """Return the state that follows from whether people of a booking have arrived; None where it does not change.

    A state without such a transition, as of a cancelled booking that was admitted nevertheless, stays unchanged.
    """
    to = BookingState.ARRIVED if arrived else BookingState.CONFIRMED
    if to not in TRANSITIONS[before] or (not arrived and before is not BookingState.ARRIVED):
        return None
    return to


#: Between these states an arrival moves a booking without a line of history: its history is the ledger.
USUAL = frozenset({BookingState.CONFIRMED, BookingState.ARRIVED})


def mark_arrived(booking: Booking, *, arrived: bool, by: By) -> None:
    """Set the state from the arrivals of this booking, whose row the caller has locked; the ledger has the numbers."""
    to = state_after(booking.state, arrived=arrived)
    if to is None:
        return
    if booking.state in USUAL:
        booking.state = to
        db.session.flush()
    else:
        advance(booking, to, Verb.ARRIVED, by=by)


def hold(booking: Booking, slot: Slot | SlotFacts) -> None:
    """Claim the places, guides and resources of a booking. Raises SlotFull, ResourceTaken."""
    claims.claim(slot, **_held(booking))


def give_back(booking: Booking) -> None:
    """Release all capacity that a booking holds."""
    claims.release(booking.slot, **_held(booking))


def _held(booking: Booking) -> dict[str, Any]:
    return {
        "visitors": booking.visitors,
        "guides": booking.guides,
        "resources": booking.resources,
        "forced": booking.over_limit is not None,
    }


def note(
    booking: Booking, verb: Verb, *, by: By, before: BookingState | None, detail: dict[str, Any] | None = None
) -> BookingEvent:
    """Write one line of history, and send the signal. `detail` holds no personal data.

    The returned event is a copy of the line, without its number.
    """
    db.session.flush()
    values = {
        "hall_id": booking.hall_id,
        "booking_id": booking.id,
        "at": clock.now(),
        "verb": verb,
        "actor": by.actor,
        "staff_id": by.staff_id,
        "before": before,
        "after": booking.state,
        "detail": detail or {},
    }
    _NEW_EVENT.run(values)
    event = BookingEvent(**values)
    booking_happened.send(booking, event=event)
    return event


_NEW_EVENT = Prepared(insert(BookingEvent.__table__))  # type: ignore[arg-type]
