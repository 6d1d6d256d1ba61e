"""Limits against automated and mass bookings: per group and network, the brake, and cancelling a flood at once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from hallapp.accounts import service as accounts
from hallapp.booking import line, queries, waiting
from hallapp.booking.errors import HallBusy, NetworkFull, NotOnline
from hallapp.booking.lifecycle import By, advance
from hallapp.booking.models import OPEN_STATES, Booking, BookingState, Brake, OrganisationKind, Source, Verb
from hallapp.core import clock, limits
from hallapp.core.database import db, hold_names, upsert
from hallapp.schedule import capacity
from hallapp.schedule.models import Hall, Slot
from hallapp.schedule.policy import ProofOfWork

#: Above this multiple of the brake's limit, online booking stops for the rest of the hour.
STOP_AT = 3
#: The maximum number of bookings cancelled in one action.
MOST_AT_ONCE = 1_000
_HOUR = timedelta(hours=1)


def hold_group(hall_id: int, *, phone: str, organisation_key: str) -> None:
    """Let no other booking of this phone or organisation be checked until the transaction ends.

    It comes before the locks of slots and bookings, so that two submits at once never pass a limit together, nor wait
    for one another in a ring.
    """
    known_by = {"phone": phone, "organisation": organisation_key}
    hold_names(*(f"booking {hall_id} {name} {value}" for name, value in known_by.items() if value))


def check_open(hall: Hall, *, phone: str, organisation_key: str, kind: OrganisationKind) -> None:
    """Check that the group may have one more open booking; `hold_group` was called before. Raises NotOnline."""
    if any(number >= limit for number, limit in _open(hall, phone, organisation_key, kind)):
        raise NotOnline


def find_excess(hall: Hall, booking: Booking) -> tuple[int, int] | None:
    """Return how many open bookings the group of a booking has, and the limit that is exceeded; None where none is."""
    if booking.state not in OPEN_STATES:
        return None
    counted = _open(hall, booking.phone, booking.organisation_key, booking.kind)
    return next(((number, limit) for number, limit in counted if number > limit), None)


def _open(hall: Hall, phone: str, organisation_key: str, kind: OrganisationKind) -> Iterator[tuple[int, int]]:
    """Return the open bookings of a phone and of an organisation, each with its limit, where there is one."""
    by_name = "" if kind is OrganisationKind.INDIVIDUAL else organisation_key  # many people share a name
    now = clock.now()
    if hall.open_per_phone and phone:
        yield queries.count_open(hall.id, phone=phone, organisation_key="", now=now), hall.open_per_phone
    if hall.open_per_organisation and by_name:
        yield queries.count_open(hall.id, phone="", organisation_key=by_name, now=now), hall.open_per_organisation


def check_network(hall: Hall, network: str, *, visitors: int, submission: str) -> None:
    """Check whether a client network may book these places today; a repeated submit may. Call it before `hold_group`.

    Raises:
        NetworkFull: so many places have been booked from there already.
    """
    if not hall.network_places:
        return
    hold_names(f"booking {hall.id} network {network}")
    if queries.find_booking_by_submission(hall.id, submission) is not None:
        return
    booked = queries.count_places_of_network(hall.id, network, since=clock.now() - timedelta(days=1))
    if booked + visitors > hall.network_places:
        raise NetworkFull


def wants_proof(hall: Hall) -> bool:
    """Return whether an online booking needs a proof against scripts at present."""
    rule = hall.proof_of_work
    return rule is ProofOfWork.ALWAYS or (rule is ProofOfWork.BUSY and (is_busy(hall) or _has_line(hall)))


def find_brake(hall_id: int) -> Brake | None:
    """Return the brake of a hall in its present state, or None where it was never on."""
    return db.session.get(Brake, hall_id, populate_existing=True)


def is_braked(hall: Hall) -> bool:
    """Return whether new online bookings are requests at present."""
    brake = find_brake(hall.id)
    return bool(hall.brake_per_hour and brake and brake.since)


def is_busy(hall: Hall) -> bool:
    """Return whether half of the bookings that trigger the brake have come in, or the brake is on."""
    limit = _brake_of(hall)
    return bool(limit) and (is_braked(hall) or _count_recent(hall) * 2 >= limit)


def _brake_of(hall: Hall) -> int:
    """Return the online bookings per hour that trigger the brake; 0 for never, as without rate limits.

    The line of the release hour lets people in as fast as the hall chose to: they come on top.
    """
    if not hall.brake_per_hour or not limits.are_on():
        return 0
    let_in = line.count_let_in_since(hall.line, clock.now() - _HOUR) if hall.line else 0
    return hall.brake_per_hour + let_in


def _has_line(hall: Hall) -> bool:
    """Return whether the line of the release hour is in force: people come then, and scripts too."""
    return limits.are_on() and hall.line is not None and line.find_line(hall.line) is not None


def press_brake(hall: Hall) -> bool:
    """Return whether one more online booking becomes a request; triggers the brake if needed. Needs a transaction.

    Raises:
        HallBusy: so many bookings have come in that none more is taken online within this hour.
    """
    limit = _brake_of(hall)
    if not limit:
        return False
    recent = _count_recent(hall)
    if recent >= limit * STOP_AT:
        raise HallBusy
    if is_braked(hall):
        return True
    if recent < limit:
        return False
    now = clock.now()
    row = {"hall_id": hall.id, "since": now}
    db.session.execute(upsert(Brake, row).on_conflict_do_update(index_elements=["hall_id"], set_={"since": now}))
    return True


def lift_brake(hall: Hall, *, by: int) -> None:
    """Confirm new bookings as usual again; the count of the hour begins anew. Harmless where the brake is off."""
    brake = find_brake(hall.id)
    if brake is None or brake.since is None:
        return
    since, brake.since, brake.lifted_at = brake.since, None, clock.now()
    detail = {"since": since.isoformat(timespec="minutes")}
    accounts.record(hall_id=hall.id, staff_id=by, action="brake_lifted", subject=f"hall {hall.slug}", detail=detail)


def hold_until(hall: Hall) -> datetime:
    """Return the instant until which a request made while the brake is on holds its places."""
    return clock.now() + timedelta(hours=hall.brake_hold_hours)


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


def _count_recent(hall: Hall) -> int:
    """Return the online bookings of the last hour, or since the brake was lifted in it."""
    brake = find_brake(hall.id)
    since = clock.now() - _HOUR
    if brake is not None and brake.lifted_at is not None:
        since = max(since, brake.lifted_at)
    recent = (Booking.hall_id == hall.id, Booking.created_at > since, Booking.source == Source.ONLINE)
    return db.session.scalar(select(func.count()).select_from(Booking).where(*recent)) or 0
