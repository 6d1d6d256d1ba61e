"""Reads of bookings."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Select, case, or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import contains_eager, selectinload

from hallapp.booking.models import Booking
from hallapp.core.database import db
from hallapp.schedule.models import Programme, Slot

MOST_FOUND = 20
_PHONE_TAIL = 4
_LOOK_BACK = timedelta(days=31)
_KEY = re.compile(r"[A-Za-z0-9_-]{22,43}")


def get_booking_by_key(key: str) -> Booking:
    """The booking whose organiser's page this key opens. Raises NoResultFound."""
    if not _KEY.fullmatch(key):
        raise NoResultFound
    return db.session.scalars(_whole_bookings().where(Booking.key == key)).one()


def find_booking_by_submission(hall_id: int, submission: str) -> Booking | None:
    """The booking that a submit with this digest has made already, or None."""
    return db.session.scalar(select(Booking).where(Booking.hall_id == hall_id, Booking.submission == submission))


def search_bookings(hall_id: int, text: str, day: date) -> Sequence[Booking]:
    """Bookings by a part of the organisation's name or the last four digits of the phone; nothing for a blank text.

    Those of the day come first, then the coming ones, then those of the month before it, each the nearest first; 20 at
    most. Cancelled ones are among them, so that the desk can say so.
    """
    text = text.replace("\0", "").strip()
    if not text:
        return []
    found = [Booking.organisation.icontains(text, autoescape=True)]
    if len(text) == _PHONE_TAIL and text.isdecimal():
        found.append(Booking.phone_tail == text)
    return db.session.scalars(
        _whole_bookings()
        .where(Booking.hall_id == hall_id, Slot.day >= day - _LOOK_BACK, or_(*found))
        .order_by(
            Slot.day != day,
            Slot.day < day,
            case((Slot.day >= day, Slot.starts_at)),
            Slot.starts_at.desc(),
            Booking.id,
        )
        .limit(MOST_FOUND)
    ).all()


def _whole_bookings() -> Select[Booking]:
    """Bookings with what every page shows of them, at two queries however many they are."""
    return (
        select(Booking)
        .join(Booking.slot)
        .join(Slot.programme)
        .join(Programme.hall)
        .options(
            contains_eager(Booking.slot).contains_eager(Slot.programme).contains_eager(Programme.hall),
            selectinload(Booking.origins),
        )
    )
