"""Erase a person's data on request, with a record that names nobody."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete

from hallapp.accounts import service as accounts
from hallapp.booking import blocks, codes, parties, queries, retention
from hallapp.booking.lifecycle import By, hold_still
from hallapp.booking.models import OPEN_STATES, Booking, CodePurpose
from hallapp.core import clock, runtime
from hallapp.core.database import db
from hallapp.desk import retention as desk_retention
from hallapp.namelist.models import Person
from hallapp.notifications import service as outbox
from hallapp.personal.errors import AlreadyErased, NoWayForCode
from hallapp.personal.export import Found
from hallapp.schedule.models import Hall
from hallapp.talks import service as talks


def is_erased(booking: Booking) -> bool:
    """Return whether the personal data of a booking has been erased."""
    return not (booking.phone or booking.contact_name or booking.email)


def can_send_code(booking: Booking) -> bool:
    """Return whether a booking has an address, or a phone where text messages are written."""
    return bool(booking.email or (booking.phone and runtime.settings().sms_url))


def send_code(booking: Booking) -> None:
    """Send a code to the address of a booking, else to its phone; needs a transaction.

    Raises:
        AlreadyErased: there is no data any more. NoWayForCode: nothing can be sent.
    """
    hold_still(booking)
    if is_erased(booking):
        raise AlreadyErased
    if not can_send_code(booking):
        raise NoWayForCode
    codes.issue(booking, CodePurpose.DATA, email=booking.email)


def prove(booking: Booking, typed: str) -> bool:
    """Verify the code for the data of a booking; needs a transaction, which commits a wrong attempt as well."""
    hold_still(booking)
    return codes.use(booking, CodePurpose.DATA, typed) is not None


def erase(hall: Hall, found: Found, *, by: By) -> None:
    """Erase what was found about a person, and cancel the visits that are still to come. Needs a transaction.

    The parts of a large group are erased together. The audit log gets the numbers of entries, and no name. The
    cancellation comes last: what it tells the staff and other systems holds nothing personal then, and is kept.

    Raises:
        VisitStarted, TooLateToChange: an organiser can no longer cancel; the transaction must roll back.
    """
    bookings = _with_parts(found.bookings)
    record(hall, "personal_data_erased", count(replace(found, bookings=bookings)), by=by)
    _erase_people(hall, [person.id for person in found.people])  # before their bookings, with which they would vanish
    desk_retention.erase_walk_ins(hall.id, [walk_in.id for walk_in in found.walk_ins])
    talks.erase_chosen(hall, [talk.number for talk in found.talks])
    outbox.erase_chosen(hall.id, [message.id for message in found.messages])
    blocks.erase_chosen(hall, [block.number for block in found.blocks])
    retention.erase_bookings(hall, bookings)
    _cancel(bookings, by)


def count(found: Found) -> dict[str, Any]:
    """Return the numbers of entries of each kind, for the audit log."""
    numbers = {
        "bookings": len(found.bookings),
        "list_entries": len(found.people),
        "walk_ins": len(found.walk_ins),
        "talks": len(found.talks),
        "blocks": len(found.blocks),
        "messages": len(found.messages),
    }
    return {name: number for name, number in numbers.items() if number}


def record(hall: Hall, action: str, detail: dict[str, Any], *, by: By) -> None:
    """Write an act into the audit log, with what it concerned but without a name; needs a transaction."""
    by_whom = {"by": by.actor.value}
    accounts.record(hall_id=hall.id, staff_id=by.staff_id, action=action, subject="person", detail=detail | by_whom)


def _with_parts(bookings: Sequence[Booking]) -> list[Booking]:
    parts = {part.id: part for booking in bookings for part in queries.list_parts(booking)}
    return list(parts.values())


def _cancel(bookings: Sequence[Booking], by: By) -> None:
    """Cancel the visits to come; one call cancels all parts of a large group."""
    for booking in bookings:
        if booking.state in OPEN_STATES and booking.slot.starts_at > clock.now():
            parties.cancel(booking, by=by)


def _erase_people(hall: Hall, ids: Sequence[int]) -> None:
    """Erase entries of lists; the badge of such a person stays valid for the group, without a name."""
    db.session.execute(
        delete(Person).where(Person.hall_id == hall.id, Person.id.in_(ids)),
        execution_options={"synchronize_session": False},
    )
    db.session.expire_all()
