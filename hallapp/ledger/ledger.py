"""The arrival ledger: append an event with its rows, and update the figures with them.

A group is a booking or a walk-in. On each day it counts once in each part of the figures in which the sum of its rows
is above zero. So the effect of an event follows from the group's lines of that day before and after it. The caller has
locked the group's row since before those lines were read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from hallapp.core.database import db, upsert
from hallapp.ledger import closes, facets, figures, first_visits
from hallapp.ledger.figures import NOTHING, Amount, Cell, Part
from hallapp.ledger.filing import Filing
from hallapp.ledger.lines import Ledger, LedgerLine, NewEvent
from hallapp.ledger.models import Arrival, DeskEvent, Standing

_FILED = tuple(field.name for field in fields(Filing))


class EventExists(Exception):
    """The hall has an event with this id already; nothing was written."""


def read_ledger(*, booking_id: int | None = None, walk_in_id: int | None = None) -> Ledger:
    """Return the ledger of a booking or of a walk-in, in one query."""
    mine = DeskEvent.booking_id == booking_id if booking_id else DeskEvent.walk_in_id == walk_in_id
    rows = db.session.execute(
        select(
            DeskEvent.id,
            DeskEvent.undoes_id,
            DeskEvent.counts_id,
            DeskEvent.occurred_at,
            Arrival.day,
            Arrival.division,
            Arrival.visitors,
            Arrival.extra,
            *(getattr(Arrival, name) for name in _FILED),
        )
        .join(Arrival, Arrival.event_id == DeskEvent.id)
        .where(mine)
        .order_by(DeskEvent.id, Arrival.division)
    )
    return Ledger(
        tuple(
            LedgerLine(
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
            for event, undoes, counts, occurred_at, day, division, visitors, extra, *filed in rows
        )
    )


def append_event(
    event: NewEvent,
    counts: Mapping[str, int],
    *,
    filing: Filing,
    ledger: Ledger,
    extra: Mapping[str, int] | None = None,
) -> Ledger:
    """Write an event with its rows and update the figures; return the group's ledger with the new lines.

    `counts` are people by division, none of them zero: positive in an admission, negative in a take-back; empty where
    all people of an offline admission are in conflict. `extra` is the number of them beyond the booking. `ledger` is
    the group's, read after its row was locked. If the month of the day is closed, the counts become an adjustment of
    it. Four statements, and one or two more where the group has an organisation's name.

    Raises:
        EventExists: this hall has the event already. Another process that is just writing it is waited for.
    """
    statement = upsert(DeskEvent.__table__).on_conflict_do_nothing(index_elements=["hall_id", "event_id"])
    row_id: int | None = db.session.scalar(statement.returning(DeskEvent.__table__.c.id), asdict(event))
    if row_id is None:
        raise EventExists
    if not counts:
        return ledger
    before = ledger.of_day(event.day)
    if before:  # a group is of one organisation a day, even where its name has been corrected since
        filing = replace(filing, organisation=before[0].filing.organisation)
    new = _lines(event, row_id, counts, extra or {}, filing)
    db.session.execute(insert(Arrival.__table__), [_row(event.hall_id, line) for line in new])  # type: ignore[arg-type]
    closes.adjust(event, row_id, sum(counts.values()))
    _count(event.hall_id, event.day, filing.organisation, before=before, after=before + new)
    return Ledger(ledger.lines + new)


def _lines(
    event: NewEvent, row_id: int, counts: Mapping[str, int], extra: Mapping[str, int], filing: Filing
) -> tuple[LedgerLine, ...]:
    return tuple(
        LedgerLine(
            event=row_id,
            undoes=event.undoes_id,
            counts=event.counts_id,
            occurred_at=event.occurred_at,
            day=event.day,
            filing=filing,
            division=division,
            visitors=people,
            extra=extra.get(division, 0),
        )
        for division, people in sorted(counts.items())
    )


def _row(hall_id: int, line: LedgerLine) -> dict[str, Any]:
    return {
        "hall_id": hall_id,
        "event_id": line.event,
        "day": line.day,
        "division": line.division,
        "visitors": line.visitors,
        "extra": line.extra,
        **asdict(line.filing),
    }


def _count(
    hall_id: int, day: date, organisation: int | None, *, before: Sequence[LedgerLine], after: Sequence[LedgerLine]
) -> None:
    """Add the change of a group's lines of a day to the summaries."""
    moved = figures.changes(_by_part(before), _by_part(after))
    by_day = {day: moved}
    if organisation is not None:
        named = moved.get((facets.ORGANISATION, Standing.RETURNING.value), NOTHING)
        for other, parts in first_visits.follow(hall_id, organisation, day, named).items():
            sums = by_day.setdefault(other, {})
            for part, amount in parts.items():
                sums[part] = sums.get(part, NOTHING).plus(amount)
    figures.add(hall_id, by_day)
    figures.add_cells(hall_id, day, figures.changes(_by_cell(before), _by_cell(after)))


def _by_part(lines: Sequence[LedgerLine]) -> dict[Part, Amount]:
    found = figures.amounts((part, line) for line in lines for part in facets.parts_of(line))
    return {
        part: amount._replace(extra=0) if facets.FACETS[part[0]].by_first_visit else amount
        for part, amount in found.items()
    }


def _by_cell(lines: Sequence[LedgerLine]) -> dict[Cell, Amount]:
    return figures.amounts((figures.cell_of(line), line) for line in lines)
