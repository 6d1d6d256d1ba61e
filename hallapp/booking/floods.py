"""Limits against automated and mass bookings: the brake, proofs against scripts, and cancelling a flood at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from hallapp.accounts import service as accounts
from hallapp.booking import line, queries, waiting
from hallapp.booking.flood_models import Brake
from hallapp.booking.groups import Record
from hallapp.booking.lifecycle import By, advance
from hallapp.booking.models import OPEN_STATES, Booking, BookingState, Source, Verb
from hallapp.core import clock, limits
from hallapp.core.database import db, upsert
from hallapp.core.prepared import Prepared
from hallapp.schedule import capacity
from hallapp.schedule.hall_facts import HallFacts
from hallapp.schedule.models import Hall, Slot
from hallapp.schedule.policy import ProofOfWork

#: Above this multiple of the brake's limit, online booking stops for the rest of the hour.
STOP_AT = 3
#: The maximum number of bookings cancelled in one action.
MOST_AT_ONCE = 1_000
_HOUR = timedelta(hours=1)


def find_excess(hall: Hall, booking: Booking, found: Record) -> tuple[int, int] | None:
    """Return how many open bookings a booking's group has by its record, and the limit that they exceed, or None."""
    if booking.state not in OPEN_STATES:
        return None
    counted = (
        (found.open_of_phone, hall.open_per_phone),
        (found.open_of_organisation, hall.open_per_organisation),
    )
    return next(((number, limit) for number, limit in counted if limit and number > limit), None)


def limited(network: str | None) -> str | None:
    """Return a client network by which bookings are limited; None where the limits are off."""
    return network if limits.are_on() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """The number of online bookings within an hour, or since the brake was lifted in it, and its consequences.

    `limit` bookings trigger the brake; 0 is never, and then nothing is counted.
    """

    limit: int = 0
    recent: int = 0
    braked: bool = False

    @property
    def is_high(self) -> bool:
        """Return whether half of the bookings that trigger the brake have come in, or the brake is on."""
        return bool(self.limit) and (self.braked or self.recent * 2 >= self.limit)

    @property
    def triggers_brake(self) -> bool:
        """Return whether one more booking makes the brake go on."""
        return bool(self.limit) and not self.braked and self.recent >= self.limit

    @property
    def stops(self) -> bool:
        """Return whether none more is taken online within this hour."""
        return bool(self.limit) and self.recent >= self.limit * STOP_AT


def read_pressure(hall: Hall | HallFacts) -> Pressure:
    """Return the pressure on the online bookings of a hall.

    The line of the release hour lets people in as fast as the hall chose to: they come on top of the brake's limit.
    Without rate limits there is no brake.
    """
    if not hall.brake_per_hour or not limits.are_on():
        return Pressure()
    since = clock.now() - _HOUR
    let_in = line.count_let_in_since(hall.line, since) if hall.line else 0
    braked_since, recent = _PRESSURE.look({"hall": hall.id, "since": since})[0]
    return Pressure(limit=hall.brake_per_hour + let_in, recent=recent, braked=braked_since is not None)


def wants_proof(hall: Hall | HallFacts, pressure: Pressure | None = None) -> bool:
    """Return whether an online booking needs a proof against scripts at present, under a pressure that is known."""
    rule = hall.proof_of_work
    if rule is not ProofOfWork.BUSY:
        return rule is ProofOfWork.ALWAYS
    return (pressure or read_pressure(hall)).is_high or _has_line(hall)


def find_brake(hall_id: int) -> Brake | None:
    """Return the brake of a hall in its present state, or None where it was never on."""
    return db.session.get(Brake, hall_id, populate_existing=True)


def is_braked(hall: Hall) -> bool:
    """Return whether new online bookings are requests at present."""
    brake = find_brake(hall.id)
    return bool(hall.brake_per_hour and brake and brake.since)


def _has_line(hall: Hall | HallFacts) -> bool:
    """Return whether the line of the release hour is in force: people come then, and scripts too."""
    return limits.are_on() and hall.line is not None and line.find_line(hall.line) is not None


def press_brake(hall_id: int) -> None:
    """Turn the brake of a hall on; needs a transaction."""
    now = clock.now()
    row = {"hall_id": hall_id, "since": now}
    db.session.execute(upsert(Brake, row).on_conflict_do_update(index_elements=["hall_id"], set_={"since": now}))


def lift_brake(hall: Hall, *, by: int) -> None:
    """Confirm new bookings as usual again; the count of the hour begins anew. Harmless where the brake is off."""
    brake = find_brake(hall.id)
    if brake is None or brake.since is None:
        return
    since, brake.since, brake.lifted_at = brake.since, None, clock.now()
    detail = {"since": since.isoformat(timespec="minutes")}
    accounts.record(hall_id=hall.id, staff_id=by, action="brake_lifted", subject=f"hall {hall.slug}", detail=detail)


def hold_until(hall: Hall | HallFacts, now: datetime) -> datetime:
    """Return the instant until which a request made now, while the brake is on, holds its places."""
    return now + timedelta(hours=hall.brake_hold_hours)


def cancel_flood(hall: Hall, references: Sequence[str], *, by: By, reason: str, tell: bool) -> int:
    """Cancel all of these bookings that are open, in one transaction, with one entry in the audit trail.

    With `tell` each organiser gets the reason as a message; without it nobody is written to, since the addresses of a
    flood are made up. Places that become free are offered to waiting groups. Returns the number of cancelled bookings.
    """
    chosen = Booking.hall_id == hall.id, Booking.reference.in_(references[:MOST_AT_ONCE])
    days = db.session.scalars(
        select(Slot.day).join(Booking, Booking.slot_id == Slot.id).where(*chosen).distinct()
    ).all()
    capacity.lock_days(hall.id, days)
    rows = db.session.scalars(
        queries.whole_bookings()
        .where(*chosen, Booking.state.in_(OPEN_STATES))
        .order_by(Booking.id)
        .with_for_update(of=Booking)
        .execution_options(populate_existing=True)
    ).all()
    held = [row for row in rows if row.slot.day in days]  # one that has been moved in the meantime is left alone
    for row in held:
        reply = reason if tell else ""
        advance(row, BookingState.CANCELLED, Verb.CANCELLED, by=by, detail={"untold": not tell}, reply=reply)
    for day in sorted(set(days)):
        waiting.offer_freed(hall.id, day)
    if held:
        detail = {"rows": len(held), "people": sum(row.visitors for row in held), "reason": reason, "told": tell}
        accounts.record(
            hall_id=hall.id, staff_id=by.staff_id, action="flood_cancelled", subject=f"hall {hall.slug}", detail=detail
        )
    return len(held)


# Made once: making this statement anew would cost more than running it.
_PRESSURE = Prepared(
    select(
        select(Brake.since).where(Brake.hall_id == bindparam("hall")).scalar_subquery(),
        select(func.count())
        .where(
            Booking.hall_id == bindparam("hall"),
            Booking.created_at > bindparam("since"),
            Booking.source == Source.ONLINE,
            Booking.created_at
            > func.coalesce(
                select(Brake.lifted_at).where(Brake.hall_id == bindparam("hall")).scalar_subquery(), bindparam("since")
            ),
        )
        .scalar_subquery(),
    )
)
