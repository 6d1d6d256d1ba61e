"""The arrival ledger: write events with their rows, and then add them to the figures.

A group is a booking or a walk-in; the parts of a large group, which are bookings of their own, are one group
(`parties.py`). On each day it counts once in each part of the figures in which the sum of its rows
is above zero. So the effect of an event follows from the group's lines of that day before and after it. The caller has
locked the group's row since before those lines were read.

`write` comes first and `count` last in a transaction: desks of one hall wait for each other from `count` to the commit.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import and_, bindparam, insert, or_, select

from hallapp.accounts.models import Staff
from hallapp.core import database
from hallapp.core.database import number_rows, upsert
from hallapp.core.prepared import Prepared
from hallapp.ledger import categories, closes, facets, figures, first_visits, parties
from hallapp.ledger.figures import NOTHING, Amount, Cell, Part
from hallapp.ledger.filing import Filing
from hallapp.ledger.lines import Entry, Ledger, LedgerLine, NewEvent, StoredEvent
from hallapp.ledger.models import Arrival, DeskEvent, Standing

#: From here on events are numbered until they are written; the database numbers its rows from 1.
NOT_WRITTEN = 2**62
_FILED = tuple(field.name for field in fields(Filing))
_COLUMNS = tuple(field.name for field in fields(NewEvent) if field.name != "number")
_OF_EVENT = tuple(field.name for field in fields(StoredEvent) if field.name not in ("number", "staff", "lines"))
_RETURNING: Part = (facets.ORGANISATION, Standing.RETURNING.value)


class EventExists(Exception):
    """The hall has an event with this id already; nothing was written."""


def read_ledger(*, booking_id: int | None = None, walk_in_id: int | None = None) -> Ledger:
    """Return the ledger of a booking or of a walk-in, in one query."""
    events = read_events(
        0, booking_ids=[booking_id] if booking_id else (), walk_in_ids=[walk_in_id] if walk_in_id else ()
    )
    return Ledger(tuple(line for event in events for line in event.lines))


def read_events(
    hall_id: int, *, ids: Collection[str] = (), booking_ids: Collection[int] = (), walk_in_ids: Collection[int] = ()
) -> list[StoredEvent]:
    """Return all events of these bookings and walk-ins, and a hall's events with these ids, oldest first: one query."""
    given = {"ids": list(ids), "booking_ids": list(booking_ids), "walk_in_ids": list(walk_in_ids)}
    given = {name: values for name, values in given.items() if values}
    if not given:
        return []
    rows = _events_query(*given).rows({"hall": hall_id, **given})
    return [_event(list(some)) for _number, some in groupby(rows, key=itemgetter(0))]


@lru_cache(maxsize=8)
def _events_query(*given: str) -> Prepared:
    wanted = {
        "ids": and_(DeskEvent.hall_id == bindparam("hall"), DeskEvent.event_id.in_(bindparam("ids", expanding=True))),
        "booking_ids": DeskEvent.booking_id.in_(bindparam("booking_ids", expanding=True)),
        "walk_in_ids": DeskEvent.walk_in_id.in_(bindparam("walk_in_ids", expanding=True)),
    }
    of_event = (DeskEvent.id, Staff.name, *(getattr(DeskEvent, name) for name in _OF_EVENT))
    of_line = (Arrival.division, Arrival.visitors, Arrival.extra, *(getattr(Arrival, name) for name in _FILED))
    return Prepared(
        select(*of_event, *of_line)
        .join(Staff, Staff.id == DeskEvent.staff_id)
        .outerjoin(Arrival, Arrival.event_id == DeskEvent.id)
        .where(or_(*(wanted[name] for name in given)))
        .order_by(DeskEvent.id, Arrival.division)
    )


def _event(rows: Sequence[Any]) -> StoredEvent:
    """Return an event from its rows, one for each of its lines, or one without a line."""
    number, staff, *values = rows[0][: 2 + len(_OF_EVENT)]
    event = StoredEvent(number=number, staff=staff, **dict(zip(_OF_EVENT, values, strict=True)))
    found = [row[2 + len(_OF_EVENT) :] for row in rows]
    if found[0][0] is None:
        return event
    return replace(event, lines=tuple(_line(event, *row) for row in found))


def _line(event: StoredEvent, division: str, visitors: int, extra: int, *filed: Any) -> LedgerLine:
    return LedgerLine(
        event=event.number,
        undoes=event.undoes_id,
        counts=event.counts_id,
        occurred_at=event.occurred_at,
        day=event.day,
        filing=Filing(**dict(zip(_FILED, filed, strict=True))),
        division=division,
        visitors=visitors,
        extra=extra,
    )


def append_event(
    event: NewEvent,
    counts: Mapping[str, int],
    *,
    filing: Filing,
    ledger: Ledger,
    extra: Mapping[str, int] | None = None,
    categories: Mapping[int, int] | None = None,
) -> Ledger:
    """Write one event with its rows and add it to the figures; return the group's ledger with the new lines.

    `counts` are people by division, none of them zero: positive in an admission, negative in a take-back. `extra` is
    the number of them beyond the booking, and `categories` are people by category. `ledger` is the group's, read after
    its row was locked.

    Raises:
        EventExists: as `write`.
    """
    event = replace(event, number=NOT_WRITTEN)
    entry = Entry(event, ledger.with_event(event, counts, filing=filing, extra=extra, categories=categories))
    numbers = write([entry])
    count([entry])
    return Ledger(tuple(replace(line, event=numbers.get(line.event, line.event)) for line in entry.after.lines))


def write(entries: Sequence[Entry]) -> dict[int, int]:
    """Write events of one hall with their rows, in their order; return the numbers of their rows.

    If the month of a day is closed, the people become an adjustment of it. Two statements for one event, and three for
    many; one more where people are counted by category.

    Raises:
        EventExists: this hall has one of the events already. Another process that is just writing it is waited for.
            Whoever goes on in this transaction has written none of them.
    """
    numbers = _write_event(entries[0]) if len(entries) == 1 else _write_events(entries)
    rows = [_row(entry.event.hall_id, line, numbers) for entry in entries for line in entry.lines]
    if rows:
        _INSERT_ARRIVALS.run(*rows)
    categories.write(entries, numbers)
    people = ((entry, sum(line.visitors for line in entry.lines)) for entry in entries if entry.lines)
    closes.adjust((entry.event, numbers[entry.event.number], visitors) for entry, visitors in people)
    return numbers


_INSERT_ARRIVALS = Prepared(insert(Arrival.__table__))  # type: ignore[arg-type]


def _write_event(entry: Entry) -> dict[int, int]:
    """Write one event; return the number of its row by the one that it had so far."""
    written = _INSERT_EVENT.rows({name: getattr(entry.event, name) for name in _COLUMNS})
    if not written:
        raise EventExists
    return {entry.event.number: written[0][0]}


def _write_events(entries: Sequence[Entry]) -> dict[int, int]:
    """Write events that may refer to one another; return the numbers of their rows by those that they had so far."""
    found = number_rows(DeskEvent.__tablename__, len(entries))
    numbers = {entry.event.number: number for entry, number in zip(entries, found, strict=True)}
    rows = []
    for entry in entries:
        row = {name: getattr(entry.event, name) for name in _COLUMNS}
        row["id"] = numbers[entry.event.number]
        for name in ("undoes_id", "counts_id"):
            row[name] = numbers.get(row[name], row[name])
        rows.append(row)
    if _INSERT_EVENTS.run(*rows) < len(rows):
        _withdraw(rows)
        raise EventExists
    return numbers


def _withdraw(rows: Sequence[Mapping[str, Any]]) -> None:
    """Delete the events that were written beside one that there is already; nothing refers to them yet."""
    table = DeskEvent.__table__
    mine = table.c.id.in_([row["id"] for row in rows])
    database.connection().execute(table.update().where(mine).values(undoes_id=None, counts_id=None))  # type: ignore[attr-defined]
    database.connection().execute(table.delete().where(mine))  # type: ignore[attr-defined]


def _inserting_events() -> Any:
    return upsert(DeskEvent).on_conflict_do_nothing(index_elements=["hall_id", "event_id"])


_INSERT_EVENTS = Prepared(_inserting_events)
_INSERT_EVENT = Prepared(lambda: _inserting_events().returning(DeskEvent.id))


def _row(hall_id: int, line: LedgerLine, numbers: Mapping[int, int]) -> dict[str, Any]:
    return {
        "hall_id": hall_id,
        "event_id": numbers[line.event],
        "day": line.day,
        "division": line.division,
        "visitors": line.visitors,
        "extra": line.extra,
        **{name: getattr(line.filing, name) for name in _FILED},
    }


def count(entries: Iterable[Entry]) -> None:
    """Add written events of one hall to the figures; call it last in a transaction.

    At most three statements on PostgreSQL and four on SQLite; two more for parts of large groups.
    """
    moves: dict[date, dict[Part, Amount]] = {}
    cells: dict[date, dict[Cell, Amount]] = {}
    named: dict[int, dict[date, Amount]] = {}
    entries = list(entries)
    hall_id = entries[0].event.hall_id if entries else 0
    for day, before, new in _steps(entries):
        moved = figures.changes(_by_part(before), _by_part(before + new))
        figures.plus(moves.setdefault(day, {}), moved)
        figures.plus(cells.setdefault(day, {}), figures.changes(_by_cell(before), _by_cell(before + new)))
        organisation = new[0].filing.organisation
        if organisation is not None:
            figures.plus(named.setdefault(organisation, {}), {day: moved.get(_RETURNING, NOTHING)})
    for day, further in first_visits.follow(hall_id, named).items():
        figures.plus(moves.setdefault(day, {}), further)
    figures.add(hall_id, moves, cells)


def _steps(entries: Iterable[Entry]) -> Iterator[parties.Step]:
    """Yield what each group has on a day before some entries and what they add; a large group as one."""
    of_parties = []
    for entry in entries:
        if not entry.lines:
            continue
        if entry.event.party is not None:
            of_parties.append(entry)
        else:
            yield entry.event.day, entry.before, entry.lines
    if of_parties:
        yield from parties.steps(of_parties)


def _by_part(lines: Sequence[LedgerLine]) -> dict[Part, Amount]:
    found = figures.amounts((part, line) for line in lines for part in facets.parts_of(line))
    found |= categories.amounts(lines)
    return {
        part: amount._replace(extra=0) if facets.FACETS[part[0]].by_first_visit else amount
        for part, amount in found.items()
    }


def _by_cell(lines: Sequence[LedgerLine]) -> dict[Cell, Amount]:
    return figures.amounts((figures.cell_of(line), line) for line in lines)
