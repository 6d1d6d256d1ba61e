"""Settle conflicts: a manager says whether people were more than were counted, or the same ones scanned twice."""

from dataclasses import dataclass

from hallapp.accounts import service as accounts
from hallapp.booking import absence
from hallapp.booking.lifecycle import by_staff
from hallapp.core.database import db
from hallapp.desk import errors, merging, queries
from hallapp.desk.models import ConflictReason, Decision
from hallapp.ledger.ledger import read_ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Count or drop all that is open of one offline admission, named by its event."""

    hall_id: int
    staff_id: int
    event_id: str
    decision: Decision


def settle(command: Settle) -> None:
    """Carry a manager's decision out, on the day of the admission; needs a transaction.

    Raises:
        UnknownEvent: this hall has no such admission of a booking.
        AlreadySettled: nothing of it is open.
    """
    event = queries.find_event(command.hall_id, command.event_id)
    if event is None or event.booking_id is None:
        raise errors.UnknownEvent
    booking = queries.find_booking(command.hall_id, booking_id=event.booking_id, lock=True)
    conflicts = [one for one in queries.list_conflicts_of(event.id) if one.open]
    if booking is None or not conflicts:
        raise errors.AlreadySettled
    counts = {one.division: one.open for one in conflicts}
    if command.decision is Decision.COUNTED:
        ledger = read_ledger(booking_id=booking.id)
        # Surplus people are beyond the booking by the manager's word; others take its places as far as there are any.
        surplus = conflicts[0].reason is ConflictReason.SURPLUS
        room = {} if surplus else ledger.room({origin.division: origin.visitors for origin in booking.origins})
        ledger = merging.count_later(
            event,
            counts,
            filing=merging.filing_of(event, booking, ledger),
            ledger=ledger,
            staff_id=command.staff_id,
            extra=merging.share_all(counts, room=room).extra,
        )
        absence.mark_arrived(booking, arrived=ledger.net().total() > 0, by=by_staff(command.staff_id))
    for conflict in conflicts:
        if command.decision is Decision.COUNTED:
            conflict.counted = conflict.visitors
        merging.close(conflict, command.decision, staff_id=command.staff_id)
    db.session.flush()
    accounts.record(
        hall_id=command.hall_id,
        staff_id=command.staff_id,
        action="conflict_settled",
        subject=f"booking {booking.id}",
        detail={"decision": command.decision.value, "people": sum(counts.values()), "event": event.event_id},
    )
