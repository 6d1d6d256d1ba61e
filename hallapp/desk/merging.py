"""Many desks, merged by arithmetic: what an admission counts, and what it leaves to be asked or settled.

Every card says with its admission how many people it knew to be still to come. Whom it let in beyond them, it let in
knowingly: they are extra and count. The others count as far as booked places are left; who is left over may have been
counted by another desk in the meantime. A desk that is connected is asked about them before anything is counted
(`asking.py`); of a desk that was offline they become a conflict. When a take-back frees places, conflicts move up
into them. So of each booking and division there count

    all extra people + the smaller of (booked people, all others)

of the admissions that stand, in whatever order they came in: no total depends on which device was heard first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.desk import queries
from hallapp.desk.models import ConflictReason, Decision, DeskConflict
from hallapp.guides import queries as guides
from hallapp.ledger.filing import Filing
from hallapp.ledger.ledger import append_event
from hallapp.ledger.lines import Ledger, NewEvent
from hallapp.ledger.models import DeskEvent, EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """A device's knowledge at the time of an act that it decided offline.

    `snapshot_at` is when its knowledge was fresh. `device_at` is set where its clock was corrected.
    """

    snapshot_at: datetime
    device_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The parts of an admission by division: `counted` (of whom `extra` are beyond the booking), and `surplus`."""

    counted: Mapping[str, int]
    extra: Mapping[str, int]
    surplus: Mapping[str, int]


def share_all(counts: Mapping[str, int], *, room: Mapping[str, int]) -> Shares:
    """Count all; who finds no booked place left is extra."""
    extra = {division: max(0, people - room.get(division, 0)) for division, people in counts.items()}
    return Shares(counted=counts, extra=extra, surplus={})


def share(counts: Mapping[str, int], *, room: Mapping[str, int], known: Mapping[str, int] | None) -> Shares:
    """Count people whom a card knowingly admitted beyond `known`, and as many of the others as there is room for."""
    counted, extra, surplus = {}, {}, {}
    for division, people in counts.items():
        beyond = max(0, people - known.get(division, 0)) if known is not None else 0
        fitting = min(people - beyond, room.get(division, 0))
        counted[division], extra[division], surplus[division] = beyond + fitting, beyond, people - beyond - fitting
    return Shares(counted=without_zeros(counted), extra=extra, surplus=without_zeros(surplus))


def without_zeros(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts that are not zero."""
    return {division: people for division, people in counts.items() if people}


def move_up(booking: Booking, ledger: Ledger, *, staff_id: int) -> Ledger:
    """Count conflicts of a booking into places that a take-back has freed, oldest first; returns the new ledger.

    The booking's row is locked by the caller.
    """
    booked = {origin.division: origin.visitors for origin in booking.origins}
    for event, conflicts in queries.list_surplus(booking.id):
        room = ledger.room(booked)
        fitting = {one.division: min(one.open, room[one.division]) for one in conflicts}
        if any(fitting.values()):
            filing = filing_of(event, booking, ledger)
            ledger = count_later(event, without_zeros(fitting), filing=filing, ledger=ledger, staff_id=staff_id)
            for conflict in conflicts:
                conflict.counted += fitting[conflict.division]
                if not conflict.open:
                    close(conflict, Decision.COUNTED, staff_id=staff_id)
    return ledger


def filing_of(event: DeskEvent, booking: Booking, ledger: Ledger) -> Filing:
    """Return the attributes for an admission's people counted later: those of its others, else the booking's."""
    lines = ledger.of_admission(event.id)
    return lines[0].filing if lines else file_booking(booking, event.occurred_at)


def file_booking(booking: Booking, occurred_at: datetime) -> Filing:
    """Return the attributes under which people of a booking who come at a moment are counted."""
    return Filing.of(
        booking,
        occurred_at=occurred_at,
        time_zone=booking.hall.time_zone,
        guide_id=guides.find_guide_of_booking(booking.id),
    )


def count_later(
    event: DeskEvent,
    counts: Mapping[str, int],
    *,
    filing: Filing,
    ledger: Ledger,
    staff_id: int,
    extra: Mapping[str, int] | None = None,
) -> Ledger:
    """Count people of an offline admission after it, on its own day; returns the new ledger."""
    new = NewEvent(
        hall_id=event.hall_id,
        event_id=str(uuid4()),
        kind=EventKind.COUNT,
        staff_id=staff_id,
        day=event.day,
        occurred_at=event.occurred_at,
        received_at=clock.now(),
        booking_id=event.booking_id,
        counts_id=event.id,
    )
    return append_event(new, counts, filing=filing, ledger=ledger, extra=extra)


def close(conflict: DeskConflict, decision: Decision, *, staff_id: int) -> None:
    """Write down what became of a conflict."""
    conflict.decision, conflict.settled_at, conflict.settled_by_id = decision, clock.now(), staff_id


def new_conflicts(event: DeskEvent, surplus: Mapping[str, int], reason: ConflictReason) -> list[DeskConflict]:
    """Conflicts of an admission that was just written, by division."""
    return [
        DeskConflict(
            hall_id=event.hall_id, event_id=event.id, division=division, visitors=people, counted=0, reason=reason
        )
        for division, people in sorted(surplus.items())
    ]
