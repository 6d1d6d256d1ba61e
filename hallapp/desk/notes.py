"""The desk's note for the guide of a group: one short text, which the next one replaces."""

from collections.abc import Sequence
from dataclasses import dataclass

from hallapp.accounts import service as accounts
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.desk import errors, lookup
from hallapp.desk.group import Group
from hallapp.ledger.ledger import read_ledger

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
        What `lookup.get_booking` raises, for the same reasons.
    """
    booking = lookup.get_booking(command.hall_id, command.code, keys, lock=True)
    group = Group.of(booking, read_ledger(booking_id=booking.id))
    if len(command.text) > NOTE_LENGTH:
        raise errors.InvalidNote(group=group)
    if booking.slot.day < booking.hall.today():
        raise errors.VisitOver(group=group)
    if command.text != booking.guide_note:
        booking.guide_note, booking.guide_note_at = command.text, clock.now()
        db.session.flush()
        accounts.record(
            hall_id=command.hall_id,
            staff_id=command.staff_id,
            action="guide_note_written",
            subject=f"booking {booking.id}",
        )
    return group
