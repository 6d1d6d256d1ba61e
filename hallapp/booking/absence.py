"""No-shows: how they are recorded, the consequences by the hall's rule, and how both are corrected."""

from datetime import timedelta

from hallapp.accounts import service as accounts
from hallapp.booking import queries
from hallapp.booking.errors import NotInThisState, VisitNotOver
from hallapp.booking.lifecycle import SYSTEM, By, advance, hold_rows, hold_still
from hallapp.booking.lifecycle import mark_arrived as _mark_arrived
from hallapp.booking.models import Booking, BookingState, Pause, Verb
from hallapp.booking.signals import group_paused
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.schedule import capacity
from hallapp.schedule.models import Hall
from hallapp.schedule.no_shows import Consequence, NoShowScope, Settled, find_tier, first_day


def mark_absent_bookings(hall: Hall) -> int:
    """Mark every agreed booking of past days without arrivals as a no-show; run nightly. Returns their number."""
    missed = queries.list_missed(hall.id, before=hall.today())
    capacity.lock_days(hall.id, {booking.slot.day for booking in missed})
    hold_rows(missed)
    return sum(_mark_missed(booking) for booking in missed)


def _mark_missed(booking: Booking) -> bool:
    try:
        mark_absent(booking, by=SYSTEM)
    except (NotInThisState, VisitNotOver):  # it came, was cancelled or moved in the meantime
        return False
    return True


def mark_absent(booking: Booking, *, by: By) -> Pause | None:
    """Mark a booking as a no-show; return the pause or the review that follows from it, if any.

    Raises:
        VisitNotOver: its slot has not ended yet. NotInThisState: it is not agreed, or people of it arrived, or
        nobody had to come, because its programme is online.
    """
    hold_still(booking)
    if booking.slot.programme.is_online:
        raise NotInThisState(booking.state)
    if booking.slot.ends_at > clock.now():
        raise VisitNotOver
    advance(booking, BookingState.ABSENT, Verb.ABSENT, by=by)
    return _apply_rule(booking)


def set_right(booking: Booking, *, by: By) -> None:
    """Undo a no-show that was recorded by mistake, and the pause that it led to. Raises NotInThisState."""
    hold_still(booking)
    if booking.state is not BookingState.ABSENT:
        raise NotInThisState(booking.state)
    advance(booking, BookingState.CONFIRMED, Verb.SET_RIGHT, by=by)
    _lift_of(booking, by)


def mark_arrived(booking: Booking, *, arrived: bool, by: By) -> None:
    """Let the state follow the ledger, and lift the pause of a group that came after all."""
    was_absent = booking.state is BookingState.ABSENT
    _mark_arrived(booking, arrived=arrived, by=by)
    if was_absent and booking.state is BookingState.ARRIVED:
        _lift_of(booking, by)


def lift(pause: Pause, *, by: By, reason: str) -> None:
    """Lift a pause before it ends, with a reason; its no-shows are forgiven. A lifted pause is left unchanged."""
    _lift(pause, by=by, reason=reason, forgiven=True)


def _lift(pause: Pause, *, by: By, reason: str, forgiven: bool) -> None:
    if pause.lifted_at is not None:
        return
    pause.lifted_at = clock.now()
    pause.lifted_by_id = by.staff_id
    pause.lift_reason = reason
    pause.forgiven = forgiven
    db.session.flush()
    accounts.record(
        hall_id=pause.hall_id,
        staff_id=by.staff_id,
        action="pause_lifted",
        subject=f"pause {pause.id}",
        detail={"until": pause.until.isoformat()},  # the reason is stored with the pause: free text may name a person
    )


def identity_of(booking: Booking, scope: NoShowScope) -> tuple[str | None, str | None]:
    """Return the phone and the organisation by which a group's no-shows are counted; None where they do not count."""
    phone = None if scope is NoShowScope.ORGANISATION else booking.phone or None
    return phone, None if scope is NoShowScope.PHONE else booking.organisation_key or None


def _apply_rule(booking: Booking) -> Pause | None:
    """Carry out the tier that a group has reached by this no-show, if any; a reminder is the message about it."""
    hall = booking.slot.programme.hall
    tiers, today = hall.no_show_tiers, hall.today()
    phone, organisation_key = identity_of(booking, hall.no_show_scope)
    if not tiers or not booking.slot.programme.no_shows_count or not (phone or organisation_key):
        return None
    earlier = queries.list_group_pauses(hall.id, phone=phone, organisation_key=organisation_key)
    absences = queries.list_absent_days(
        hall.id, phone=phone, organisation_key=organisation_key, first=first_day(tiers, today)
    )
    reached = find_tier(tiers, absences, [settled_by(pause) for pause in earlier], today=today)
    if reached is None or reached[0].consequence is Consequence.REMIND:
        return None
    tier, count = reached
    pause = Pause(
        hall_id=hall.id,
        booking_id=booking.id,
        phone=phone,
        organisation_key=organisation_key,
        consequence=tier.consequence,
        absences=count,
        since=today,
        until=today + timedelta(days=tier.days),
    )
    db.session.add(pause)
    db.session.flush()
    group_paused.send(booking, pause=pause)
    return pause


def settled_by(pause: Pause) -> Settled:
    """Return what a pause settles of the rule."""
    void = pause.lifted_at is not None and not pause.forgiven
    return Settled(since=pause.since, absences=pause.absences, void=void, forgiven=pause.forgiven)


def _lift_of(booking: Booking, by: By) -> None:
    """Lift what followed from a no-show that was none; the group's other no-shows count as before."""
    for pause in queries.list_pauses_of(booking.id):
        _lift(pause, by=by, reason="", forgiven=False)
