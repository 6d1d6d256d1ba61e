"""Counting a paper list as the desk would have counted it then; it flushes at most."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from hallapp.accounts.roles import Role
from hallapp.desk import service as desk
from hallapp.desk.commands import Admit, AdmitWalkIn, Done
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.paper.queries import PaperLine

DAYS_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One row of the paper: a group by its booking, or a walk-in (`booking_id` None) with its kind and name.

    `event_id` is derived from the form and the row, so that a form sent twice is counted once. `known_to_come` are the
    people by division who were still to come when the row was confirmed.
    """

    hall_id: int
    staff_id: int
    role: Role
    event_id: str
    occurred_at: datetime
    counts: Mapping[str, int]
    booking_id: int | None = None
    known_to_come: Mapping[str, int] | None = None
    kind: str = INDIVIDUAL
    organisation: str = ""


def event_id_of(form: UUID, row: str) -> str:
    """Return the id of the event that a row of a form becomes."""
    return str(uuid5(form, row))


def enter(noted: Noted) -> Done:
    """Count one row at the time on the paper; needs a transaction. Raises the desk's refusals for such a group."""
    if noted.booking_id is None:
        return desk.admit_walk_in(
            AdmitWalkIn(
                hall_id=noted.hall_id,
                staff_id=noted.staff_id,
                event_id=noted.event_id,
                occurred_at=noted.occurred_at,
                kind=noted.kind,
                organisation=noted.organisation,
                counts=noted.counts,
                sure=sum(noted.counts.values()),
                block_accepted=True,  # the people were let in, and are only recorded now
            )
        )
    command = Admit(
        hall_id=noted.hall_id,
        staff_id=noted.staff_id,
        role=noted.role,
        event_id=noted.event_id,
        occurred_at=noted.occurred_at,
        booking_id=noted.booking_id,
        counts=noted.counts,
        known_to_come=noted.known_to_come,
        sure=sum(noted.counts.values()),
        noted=True,
    )
    return desk.admit(command, keys=())


def share(total: int, line: PaperLine) -> dict[str, int]:
    """Divide a number of people of a group among its divisions, where only their sum was written down.

    They take the places still to come, the largest division first; people beyond those count for the largest division.
    """
    shared, left = Counter[str](), total
    for division in sorted(line.divisions, key=lambda one: (-line.to_come(one), one)):
        shared[division] = min(left, line.to_come(division))
        left -= shared[division]
    if left:
        shared[max(line.divisions, key=lambda one: line.booked[one])] += left
    return {division: people for division, people in shared.items() if people}
