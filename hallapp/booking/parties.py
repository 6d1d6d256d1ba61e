"""Bookings that belong together: the parts of a large group, and the dates of a series.

Each is a booking of its own, with its pass, its people and its time. What concerns the whole group is done here for all
of its parts, in one transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from hallapp.booking import answers, proving, queries, service, waiting
from hallapp.booking.access import AccessNeeds
from hallapp.booking.answers import AnswersData
from hallapp.booking.errors import PartsStay, SlotClosed, SlotUnknown, TooManyWheelchairs
from hallapp.booking.lifecycle import ORGANISER, By, LetterAbout, hold_rows, hold_still
from hallapp.booking.models import OPEN_STATES, Booking, CodePurpose
from hallapp.booking.service import ContactData
from hallapp.core import clock, formats
from hallapp.resources.errors import ResourceTaken
from hallapp.schedule import capacity
from hallapp.schedule import queries as schedule
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Slot

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
    if booking.party is not None and data.access is not None:
        people = sum(part.visitors for part in queries.list_parts(booking) if part.state in OPEN_STATES)
        if data.access.wheelchairs > people:
            raise TooManyWheelchairs
    shown = booking.access

    def change(part: Booking, letter: LetterAbout) -> None:
        own = replace(data, access=_share_of(part, data.access, shown=shown))
        service.change_contact(part, own, by=by, letter=letter)

    _for_open(booking, change)


def _share_of(part: Booking, asked: AccessNeeds | None, *, shown: AccessNeeds) -> AccessNeeds | None:
    """Return the needs that a part prepares for; None, no change, where they are those that were `shown` before."""
    if asked is None or asked == shown:
        return None
    if part.party is None:
        return asked
    return replace(asked, wheelchairs=min(asked.wheelchairs, part.visitors))


def change_answers(booking: Booking, data: AnswersData, *, by: By = ORGANISER) -> None:
    """Change the answers of a booking and of all parts of its large group that have not come. Raises as `answers`."""
    _for_open(booking, lambda part, letter: answers.change(part, data, by=by, letter=letter))


def move_to_day(booking: Booking, day: date, *, by: By = ORGANISER) -> None:
    """Move all parts of a large group that have not come to their own times of another day, all or none.

    Raises:
        PartsStay: a part has no such time on that day, or too few places. The transaction must then roll back.
        DomainError: each other refusal of `service.move`.
    """
    before = queries.list_parts(booking)
    parts = [part for part in _hold(before, day) if part.state in OPEN_STATES]
    slots = schedule.list_slots_of_days(booking.hall_id, {day})[day]
    left = sorted({part.slot.day for part in parts})
    for part in parts:
        letter = LetterAbout.GROUP if part is parts[-1] else LetterAbout.NOTHING
        try:
            service.move(part, _find_same_time(part, slots).id, by=by, offer=False, letter=letter)
        except (SlotFull, SlotUnknown, SlotClosed, ResourceTaken):
            zone = part.hall.time_zone
            raise PartsStay(time=formats.time_of_day(part.slot.starts_at, zone)) from None
    for freed in left:
        waiting.offer_freed(booking.hall_id, freed)


def _find_same_time(part: Booking, slots: Sequence[Slot]) -> Slot:
    """Return the slot of a part's programme at its time of the day. Raises SlotUnknown."""
    zone, own = part.hall.time_zone, part.slot
    wanted = clock.local(own.starts_at, zone).time()
    for slot in slots:
        if slot.programme_id == own.programme_id and clock.local(slot.starts_at, zone).time() == wanted:
            return slot
    raise SlotUnknown


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


def _hold(bookings: Sequence[Booking], *more: date) -> list[Booking]:
    """Lock bookings that belong together, and before them the slots of their days and of `more`; return them anew."""
    days = sorted({*more, *(booking.slot.day for booking in bookings)})
    if bookings:
        capacity.lock_days(bookings[0].hall_id, days)
    hold_rows(bookings)
    return [hold_still(booking, *days) for booking in bookings]
