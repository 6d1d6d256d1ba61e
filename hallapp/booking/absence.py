"""No-shows: how they are recorded, the pauses that follow by the hall's rule, and how both are corrected."""

from datetime import date, timedelta

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
from hallapp.schedule.models import Hall, NoShowScope


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
    """Mark a booking as a no-show; return the pause that follows from it, if any.

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
    return _pause(booking)


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
    """Lift a pause before it ends, with a reason, as after an appeal. A lifted pause is left unchanged."""
    if pause.lifted_at is not None:
        return
    pause.lifted_at = clock.now()
    pause.lifted_by_id = by.staff_id
    pause.lift_reason = reason
    db.session.flush()
    accounts.record(
        hall_id=pause.hall_id,
        staff_id=by.staff_id,
        action="pause_lifted",
        subject=f"pause {pause.id}",
        detail={"until": pause.until.isoformat()},  # the reason is stored with the pause: free text may name a person
    )


def _pause(booking: Booking) -> Pause | None:
    """Pause a group by the hall's rule: too many no-shows in a period, none of which led to a pause before."""
    hall = booking.slot.programme.hall
    if not hall.no_show_count or not booking.slot.programme.no_shows_count:
        return None
    by_phone = hall.no_show_scope is not NoShowScope.ORGANISATION
    by_name = hall.no_show_scope is not NoShowScope.PHONE
    phone = booking.phone if by_phone and booking.phone else None
    organisation_key = booking.organisation_key if by_name and booking.organisation_key else None
    if phone is None and organisation_key is None:
        return None
    today = hall.today()
    after = clock.months_before(today, hall.no_show_months) - timedelta(days=1)
    before = queries.find_last_pause(hall.id, phone=phone, organisation_key=organisation_key)
    if before is not None:
        after = max(after, before.since)
    absences = queries.count_absences(hall.id, phone=phone, organisation_key=organisation_key, after=after)
    if absences < hall.no_show_count:
        return None
    return _add(booking, absences, today, phone=phone, organisation_key=organisation_key)


def _add(booking: Booking, absences: int, today: date, *, phone: str | None, organisation_key: str | None) -> Pause:
    hall = booking.slot.programme.hall
    pause = Pause(
        hall_id=hall.id,
        booking_id=booking.id,
        phone=phone,
        organisation_key=organisation_key,
        absences=absences,
        since=today,
        until=today + timedelta(days=hall.no_show_pause_days),
    )
    db.session.add(pause)
    db.session.flush()
    group_paused.send(booking, until=pause.until)
    return pause


def _lift_of(booking: Booking, by: By) -> None:
    for pause in queries.list_pauses_of(booking.id):
        lift(pause, by=by, reason="")
