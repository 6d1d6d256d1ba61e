"""Reads of the people to alert, and of what a summary tells them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from hallapp.alerts.models import AlertKind, AlertRecipient, Pace
from hallapp.booking.models import Actor, Booking, BookingEvent, Verb
from hallapp.booking.queries import whole_bookings
from hallapp.core.database import db
from hallapp.notifications.models import Channel
from hallapp.schedule.models import Slot


def list_recipients(hall_id: int) -> Sequence[AlertRecipient]:
    """Return the people and robots of a hall's list, in the order in which they were added."""
    query = select(AlertRecipient).where(AlertRecipient.hall_id == hall_id).order_by(AlertRecipient.number)
    return db.session.scalars(query).all()


def find_recipient(hall_id: int, number: int) -> AlertRecipient | None:
    """Return a person of a hall's list, or None."""
    return db.session.get(AlertRecipient, (hall_id, number))


def find_robot(hall_id: int, fingerprint: str) -> AlertRecipient | None:
    """Return the chat robot of a hall's list with this fingerprint, or None."""
    query = select(AlertRecipient).where(
        AlertRecipient.hall_id == hall_id,
        AlertRecipient.channel == Channel.CHAT,
        AlertRecipient.address == fingerprint,
    )
    return db.session.scalar(query)


def list_alerted(hall_id: int, kind: AlertKind) -> list[AlertRecipient]:
    """Return the people who are alerted of a kind of event at once."""
    return [one for one in _list_active(hall_id, Pace.AT_ONCE) if kind in one.chosen_kinds]


def list_summarised(hall_id: int) -> Sequence[AlertRecipient]:
    """Return the people who get a summary once a day."""
    return _list_active(hall_id, Pace.MORNING)


def list_cancelled(hall_id: int, *, since: datetime, until: datetime) -> Sequence[Booking]:
    """Return the bookings that their organisers cancelled within a time, by the time of the visit."""
    cancelled = select(BookingEvent.booking_id).where(
        BookingEvent.hall_id == hall_id,
        BookingEvent.verb == Verb.CANCELLED,
        BookingEvent.actor == Actor.ORGANISER,
        BookingEvent.at >= since,
        BookingEvent.at < until,
    )
    query = whole_bookings().where(Booking.hall_id == hall_id, Booking.id.in_(cancelled))
    return db.session.scalars(query.order_by(Slot.starts_at, Booking.id)).all()


def _list_active(hall_id: int, pace: Pace) -> Sequence[AlertRecipient]:
    return [one for one in list_recipients(hall_id) if one.active and one.pace is pace]
