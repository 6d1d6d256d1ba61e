"""Bookings that belong together: the parts of a large group, and the dates of a series.

Each is a booking of its own, with its pass, its people and its time. What concerns the whole group is done here for all
of its parts, in one transaction.
"""

from collections.abc import Callable, Sequence

from hallapp.booking import answers, proving, queries, service
from hallapp.booking.answers import AnswersData
from hallapp.booking.lifecycle import ORGANISER, By, LetterAbout, hold_rows, hold_still
from hallapp.booking.models import OPEN_STATES, Booking, CodePurpose
from hallapp.booking.service import ContactData
from hallapp.schedule import capacity

#: A verb on one booking, with what its organiser is told about.
_Verb = Callable[[Booking, LetterAbout], None]


def confirm(booking: Booking, *, by: By, over_limit: str | None = None) -> None:
    """Confirm a booking and the parts of its large group that wait for the answer, too. Raises as `service`."""
    _for_alike(booking, lambda part, letter: service.confirm(part, by=by, over_limit=over_limit, letter=letter))


def decline(booking: Booking, *, by: By, reply: str) -> None:
    """Decline a booking and the parts of its large group that wait for the answer, too. Raises as `service`."""
    _for_alike(booking, lambda part, letter: service.decline(part, by=by, reply=reply, letter=letter))


def cancel(booking: Booking, *, by: By = ORGANISER, reply: str = "") -> None:
    """Cancel a booking and all parts of its large group that have not come, all or none. Raises as `service`."""
    _for_open(booking, lambda part, letter: service.cancel(part, by=by, reply=reply, letter=letter))


def change_contact(booking: Booking, data: ContactData, *, by: By = ORGANISER) -> None:
    """Change the contact of a booking and of all parts of its large group that have not come. Raises as `service`."""
    _for_open(booking, lambda part, letter: service.change_contact(part, data, by=by, letter=letter))


def change_answers(booking: Booking, data: AnswersData, *, by: By = ORGANISER) -> None:
    """Change the answers of a booking and of all parts of its large group that have not come. Raises as `answers`."""
    _for_open(booking, lambda part, letter: answers.change(part, data, by=by, letter=letter))


def cancel_later(booking: Booking, *, by: By, reply: str = "") -> int:
    """Cancel a date of a series and all later ones that are open, each with its letter; return their number."""
    starts_at = booking.slot.starts_at
    later = [one for one in queries.list_dates(booking) if one.slot.starts_at >= starts_at]
    open_dates = [one for one in _hold(later) if one.state in OPEN_STATES]
    for one in open_dates:
        service.cancel(one, by=by, reply=reply)
    return len(open_dates)


def prove(booking: Booking, typed: str) -> bool:
    """Verify the code of a booking, for all parts of its large group. Returns and raises as `proving.prove`."""
    if booking.party is None:
        return proving.prove(booking, typed)
    parts = [part for part in _hold(queries.list_parts(booking)) if part.state is booking.state]
    return proving.prove(booking, typed, others=[part for part in parts if part.id != booking.id])


def find_unproved(booking: Booking) -> Booking | None:
    """Return the part of a booking's large group that waits for the code of all; None where there is none."""
    parts = queries.list_parts(booking) if booking.party is not None else []
    return next((part for part in parts if queries.find_code(part, CodePurpose.HOLD) is not None), None)


def _for_alike(booking: Booking, verb: _Verb) -> None:
    """Carry out a verb on a booking and the parts of its large group that are in the same state."""
    _for_parts(booking, verb, lambda part: part.state is booking.state)


def _for_open(booking: Booking, verb: _Verb) -> None:
    _for_parts(booking, verb, lambda part: part.id == booking.id or part.state in OPEN_STATES)


def _for_parts(booking: Booking, verb: _Verb, concerns: Callable[[Booking], bool]) -> None:
    if booking.party is None:
        verb(booking, LetterAbout.BOOKING)
        return
    parts = [part for part in _hold(queries.list_parts(booking)) if concerns(part)]
    for part in parts:  # the letter names the parts to which the same has happened: it comes with the last one
        verb(part, LetterAbout.GROUP if part is parts[-1] else LetterAbout.NOTHING)


def _hold(bookings: Sequence[Booking]) -> list[Booking]:
    """Lock bookings that belong together, and before them the slots of their days; return them as they are now."""
    days = sorted({booking.slot.day for booking in bookings})
    if bookings:
        capacity.lock_days(bookings[0].hall_id, days)
    hold_rows(bookings)
    return [hold_still(booking, *days) for booking in bookings]
