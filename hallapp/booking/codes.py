"""Six-digit codes: proof that a booking is meant, that an address is its organiser's, or that its contact asks."""

import hmac
import secrets
from datetime import timedelta

from hallapp.booking import queries
from hallapp.booking.models import Booking, BookingCode, CodePurpose
from hallapp.booking.signals import code_issued
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.limits import digest_of
from hallapp.core.text import plain

DIGITS = 6
MOST_ATTEMPTS = 5
LIFETIME = {
    CodePurpose.HOLD: timedelta(minutes=30),
    CodePurpose.EMAIL: timedelta(hours=24),
    CodePurpose.DATA: timedelta(minutes=30),
}


def tidy(typed: str) -> str:
    """Return a code as people type it, with blanks or in full-width digits, as its digits."""
    return "".join(plain(typed).split())


def issue(booking: Booking, purpose: CodePurpose, *, email: str | None) -> None:
    """Send a new code to `email`, or to the booking's phone; an older one of this purpose opens nothing any more."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = db.session.get(BookingCode, (booking.id, purpose))
    if row is None:
        row = BookingCode(booking_id=booking.id, purpose=purpose, hall_id=booking.hall_id)
        db.session.add(row)
    row.digest, row.email, row.attempts = _digest(booking, purpose, code), email, 0
    row.expires_at = clock.now() + LIFETIME[purpose]
    db.session.flush()
    code_issued.send(booking, purpose=purpose, code=code, email=email)


def use(booking: Booking, purpose: CodePurpose, typed: str) -> BookingCode | None:
    """Return the code's row, deleted, where `typed` is the code; else None, and the attempt is counted.

    The caller has locked the booking's row, and commits in both cases: a wrong attempt must stay counted.
    """
    row = queries.find_code(booking, purpose)
    if row is None or row.expires_at <= clock.now() or row.attempts >= MOST_ATTEMPTS:
        return None
    row.attempts += 1
    right = hmac.compare_digest(row.digest, _digest(booking, purpose, typed))
    if right:
        db.session.delete(row)
    db.session.flush()
    return row if right else None


def _digest(booking: Booking, purpose: CodePurpose, code: str) -> str:
    return digest_of("booking code", f"{booking.id} {purpose.value} {code}")
