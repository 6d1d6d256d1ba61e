"""The code by which a group joins an online programme.

It may be passed on, so the organiser's key cannot be read from it. It is made from the key, and a new key of the
organiser's page makes a new code.
"""

import base64
import hashlib
import hmac
import re

from sqlalchemy.exc import NoResultFound

from hallapp.booking.models import Booking
from hallapp.booking.queries import whole_bookings
from hallapp.core.database import db
from hallapp.schedule.addresses import base_url

_CODE = re.compile(r"([1-9][0-9]{0,8})-([A-Za-z0-9_-]{24})", re.ASCII)
_BYTES = 18


def make_code(booking: Booking) -> str:
    """Return the code of a booking: its number, and a digest of its key."""
    digest = hashlib.sha256(b"join " + booking.key.encode()).digest()[:_BYTES]
    return f"{booking.id}-{base64.urlsafe_b64encode(digest).decode()}"


def get_booking(code: str) -> Booking:
    """Return the booking of a code. Raises NoResultFound."""
    found = _CODE.fullmatch(code)
    if not found:
        raise NoResultFound
    booking = db.session.scalars(whole_bookings().where(Booking.id == int(found[1]))).one()
    if not hmac.compare_digest(make_code(booking), code):
        raise NoResultFound
    return booking


def address_of(booking: Booking) -> str:
    """Return the address of the page on which the group of a booking joins."""
    return f"{base_url(booking.slot.programme.hall)}/join/{make_code(booking)}"
