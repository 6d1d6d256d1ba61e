"""Names of the rows that the audit trail refers to by number."""

from collections.abc import Iterable

from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.booking import reference
from hallapp.booking.models import Booking
from hallapp.core.database import db
from hallapp.core.formats import reference as in_fours
from hallapp.guides.models import Guide


def names_of(hall_id: int, entries: Iterable[AuditEntry]) -> dict[str, str]:
    """Return booking references and guides' names for the subjects of these entries, by subject: `booking 12`."""
    subjects = (entry.subject.removeprefix("booking ") for entry in entries if entry.subject.startswith("booking "))
    numbers = {int(number) for number in subjects if number.isascii() and number.isdigit() and len(number) < 10}
    bookings = select(Booking.id, Booking.reference).where(Booking.hall_id == hall_id, Booking.id.in_(numbers))
    guides = select(Guide.id, Guide.name).where(Guide.hall_id == hall_id)
    return {
        **{f"booking {number}": in_fours(one) for number, one in db.session.execute(bookings)},
        **{f"guide {number}": name for number, name in db.session.execute(guides)},
    }


def find_subject(hall_id: int, typed: str | None) -> str | None:
    """Return a subject as it was typed; the reference of a booking of the hall becomes its `booking 12`."""
    if not typed or not reference.is_valid(typed):
        return typed
    query = select(Booking.id).where(Booking.hall_id == hall_id, Booking.reference == reference.tidy(typed))
    number = db.session.scalar(query)
    return typed if number is None else f"booking {number}"
