"""Reads of a hall's own texts and ways, and of the bookings that are to be reminded or thanked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db
from hallapp.messages.models import BY_SMS, MessageKind, MessageText, MessageWays
from hallapp.notifications.models import Channel
from hallapp.schedule.models import Programme, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The channels of a kind of message: mail, text message, both or none."""

    email: bool
    sms: bool


def find_text(hall_id: int, kind: MessageKind, language: str, channel: Channel) -> MessageText | None:
    """Return the hall's own words for a message, or None where the standard ones hold."""
    return db.session.get(MessageText, (hall_id, kind, language, channel))


def list_texts(hall_id: int) -> Sequence[MessageText]:
    """Return all of a hall's own words."""
    return db.session.scalars(select(MessageText).where(MessageText.hall_id == hall_id)).all()


def get_ways(hall_id: int, kind: MessageKind) -> Ways:
    """Return the channels of a kind of message."""
    return _ways(kind, db.session.get(MessageWays, (hall_id, kind)))


def list_ways(hall_id: int) -> dict[MessageKind, Ways]:
    """Return the channels of each kind of message."""
    said = {row.kind: row for row in db.session.scalars(select(MessageWays).where(MessageWays.hall_id == hall_id))}
    return {kind: _ways(kind, said.get(kind)) for kind in MessageKind}


def list_expected(hall_id: int, day: date) -> Sequence[Booking]:
    """Return the confirmed bookings of a day."""
    return _list_bookings(hall_id, BookingState.CONFIRMED, first=day, last=day)


def list_arrived(hall_id: int, *, first: date, last: date, ended_by: datetime) -> Sequence[Booking]:
    """Return the bookings of these days that came, and whose visit has ended."""
    return [
        one
        for one in _list_bookings(hall_id, BookingState.ARRIVED, first=first, last=last)
        if one.slot.ends_at <= ended_by
    ]


def _list_bookings(hall_id: int, state: BookingState, *, first: date, last: date) -> Sequence[Booking]:
    query = (
        select(Booking)
        .join(Booking.slot)
        .where(Booking.hall_id == hall_id, Booking.state == state, Slot.day.between(first, last))
        .options(contains_eager(Booking.slot).joinedload(Slot.programme).joinedload(Programme.hall))
        .order_by(Slot.starts_at, Booking.id)
    )
    return db.session.scalars(query).all()


def _ways(kind: MessageKind, said: MessageWays | None) -> Ways:
    return Ways(email=said.email, sms=said.sms) if said else Ways(email=True, sms=kind in BY_SMS)
