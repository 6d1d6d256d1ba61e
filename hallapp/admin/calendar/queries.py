"""Reads of the calendar's pages that join the schedule with its bookings."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from hallapp.booking.models import HOLDING, Booking, BookingState
from hallapp.booking.queries import in_slots_of, whole_bookings
from hallapp.core.database import db
from hallapp.schedule.models import Slot


def count_waiting(hall_id: int, *, first: date, last: date) -> dict[date, int]:
    """Return the number of waiting groups for each of the days `first` to `last`; days without any are left out."""
    waiting = (
        select(Slot.day, func.count().label("groups"))
        .select_from(Booking)
        .join(Booking.slot)
        .where(
            Booking.hall_id == hall_id,
            Booking.state == BookingState.WAITLISTED,
            Slot.day.between(first, last),
        )
        .group_by(Slot.day)
    )
    return {row.day: row.groups for row in db.session.execute(waiting)}


def list_bookings_of_day(hall_id: int, day: date) -> Sequence[Booking]:
    """Return the bookings of a day that hold places or wait for them, by time, then in order of arrival."""
    return db.session.scalars(
        whole_bookings()
        .where(
            in_slots_of(hall_id, [day]),
            Booking.state.in_(HOLDING | {BookingState.WAITLISTED}),
        )
        .order_by(Slot.starts_at, Booking.created_at, Booking.id)
    ).all()
