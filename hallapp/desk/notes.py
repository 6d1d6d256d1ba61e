"""The desk's note for the guide of a group: one short text, which the next one replaces."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import update

from hallapp.accounts import service as accounts
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.desk import errors, load
from hallapp.desk.facts import BookingFacts
from hallapp.desk.group import Group

NOTE_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteNote:
    """Write a note on the group of a pass or reference; an empty text takes the note away."""

    hall_id: int
    staff_id: int
    code: str
    text: str


def write_note(command: WriteNote, *, keys: Sequence[str]) -> Group:
    """Keep a note for the guide with a booking; returns the group. The trail says who wrote, not what.

    Raises:
        InvalidNote: it is too long. VisitOver: the day of the visit is over.
        What `load.load_group` raises, for the same reasons.
    """
    known = load.load_group(command.hall_id, command.code, keys=keys, lock=True)
    booking, group = known.owner, Group.of(known.owner, known.ledger)
    if len(command.text) > NOTE_LENGTH:
        raise errors.InvalidNote(group=group)
    if not isinstance(booking, BookingFacts) or booking.slot.day < booking.hall.day_of(clock.now()):
        raise errors.VisitOver(group=group)
    if command.text == booking.guide_note:
        return group
    written = {"guide_note": command.text, "guide_note_at": clock.now()}
    db.session.execute(update(Booking).where(Booking.id == booking.id).values(written))
    accounts.record(
        hall_id=command.hall_id,
        staff_id=command.staff_id,
        action="guide_note_written",
        subject=f"booking {booking.id}",
    )
    return replace(group, booking=replace(booking, guide_note=command.text))
