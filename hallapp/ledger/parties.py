"""Large groups in the figures: the parts of one, which are bookings of their own, count as one group.

The figures of a group follow from all its lines of a day (`ledger.count`). Those of a large group are read here, where
all events are written; its number is locked first, so that desks that admit two parts at the same time
follow one another.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, case, select

from hallapp.core import database
from hallapp.ledger import categories
from hallapp.ledger.filing import Filing
from hallapp.ledger.lines import Entry, LedgerLine
from hallapp.ledger.models import Arrival, DeskEvent

#: A day, a group's lines of that day before some events, and the lines that they add.
Step = tuple[date, tuple[LedgerLine, ...], tuple[LedgerLine, ...]]

#: What tells groups from one another in the ledger: the large group, or the booking, or the walk-in. A large group
#: whose name was corrected between two of its parts counts once for each name, by which new and returning are told.
GROUP = (
    DeskEvent.party,
    case((DeskEvent.party.is_(None), DeskEvent.booking_id)),
    DeskEvent.walk_in_id,
    case((DeskEvent.party.is_not(None), Arrival.organisation)),
)

_FILED = tuple(field.name for field in fields(Filing))
_LINES = (
    select(
        *(DeskEvent.party, DeskEvent.event_id, DeskEvent.id, DeskEvent.undoes_id, DeskEvent.counts_id),
        *(DeskEvent.occurred_at, Arrival.day, Arrival.division, Arrival.visitors, Arrival.extra),
        *(getattr(Arrival, name) for name in _FILED),
    )
    .join(Arrival, Arrival.event_id == DeskEvent.id)
    .where(DeskEvent.party.in_(bindparam("parties", expanding=True)))
    .order_by(DeskEvent.id, Arrival.division)
)


def steps(entries: Sequence[Entry]) -> Iterator[Step]:
    """Yield what large groups have on each day before these written entries, and what all of them add together."""
    numbers = sorted({entry.event.party for entry in entries if entry.event.party is not None})
    new_events = {entry.event.event_id.lower() for entry in entries}
    database.hold_names(*(f"party {number}" for number in numbers))
    before: dict[tuple[int | None, date, int | None], list[LedgerLine]] = {}
    added: dict[tuple[int | None, date, int | None], list[LedgerLine]] = {}
    rows = database.connection().execute(_LINES, {"parties": numbers}).all()
    counted = _read_categories(entries, {row[2] for row in rows})
    for party, event_id, *values in rows:
        line = _line(*values)
        if line.event in counted:  # once, on the first line of the event
            line = replace(line, categories=counted.pop(line.event))
        lines = added if event_id.lower() in new_events else before
        lines.setdefault((party, line.day, line.filing.organisation), []).append(line)
    for key, new in added.items():
        yield key[1], tuple(before.get(key, ())), tuple(new)


def _read_categories(entries: Sequence[Entry], events: Collection[int]) -> dict[int, dict[int, int]]:
    """Return the people of events by category; events without any leave those of others as they are."""
    by_category = any(line.categories for entry in entries for line in entry.lines)
    return categories.read(entries[0].event.hall_id, sorted(events)) if by_category else {}


def _line(
    event: int,
    undoes: int | None,
    counts: int | None,
    occurred_at: datetime,
    day: date,
    division: str,
    visitors: int,
    extra: int,
    *filed: Any,
) -> LedgerLine:
    return LedgerLine(
        event=event,
        undoes=undoes,
        counts=counts,
        occurred_at=occurred_at,
        day=day,
        filing=Filing(**dict(zip(_FILED, filed, strict=True))),
        division=division,
        visitors=visitors,
        extra=extra,
    )
