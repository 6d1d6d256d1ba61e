"""People by category in the ledger: rows beside those of an event, because a person may be of several categories.

Nothing is read or written here for a hall without categories.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, case, cast, func, insert, literal, select

from hallapp.categories.errors import CategoriesOverlap
from hallapp.categories.service import adding_up
from hallapp.core.database import db
from hallapp.core.prepared import Prepared
from hallapp.ledger.figures import Amount, Part
from hallapp.ledger.lines import Entry, LedgerLine, StoredEvent, sum_categories
from hallapp.ledger.models import Arrival, ArrivalCategory, DeskEvent

#: The name of the facet. Its parts are the numbers of categories and of their families.
CATEGORY = "category"


def write(entries: Iterable[Entry], numbers: Mapping[int, int]) -> None:
    """Write the people by category of events that have just been written; `numbers` are those of their rows."""
    rows = [
        {
            "hall_id": entry.event.hall_id,
            "event_id": numbers[entry.event.number],
            "category": category,
            "visitors": people,
        }
        for entry in entries
        for category, people in sorted(sum_categories(entry.lines).items())
        if people
    ]
    if rows:
        _INSERT.run(*rows)


_INSERT = Prepared(insert(ArrivalCategory.__table__))  # type: ignore[arg-type]


def read(hall_id: int, events: Sequence[int]) -> dict[int, dict[int, int]]:
    """Return the people of events by category, by the numbers of the events, in one query."""
    found: dict[int, dict[int, int]] = {}
    for event, category, people in _READ.rows({"hall": hall_id, "events": list(events)}) if events else ():
        found.setdefault(event, {})[category] = people
    return found


_READ = Prepared(
    select(ArrivalCategory.event_id, ArrivalCategory.category, ArrivalCategory.visitors).where(
        ArrivalCategory.hall_id == bindparam("hall"),
        ArrivalCategory.event_id.in_(bindparam("events", expanding=True)),
    )
)


def count_arrived(hall_id: int, booking_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """Return the people of bookings who have arrived by category, on whatever day, taken-back ones not; one query."""
    given = {"hall": hall_id, "bookings": booking_ids}
    return _by_group(_ARRIVED.rows(given) if booking_ids else ())


def count_arrived_on(hall_id: int, day: date) -> dict[int, dict[int, int]]:
    """Return the people of groups who arrived on a day by category, taken-back ones not, in one query.

    The groups are the numbers of bookings, and those of walk-ins as negative numbers.
    """
    return _by_group(_ARRIVED_ON.rows({"hall": hall_id, "day": day}))


def _by_group(rows: Iterable[tuple[Any, ...]]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    for booking, walk_in, category, people in rows:
        if people:
            found.setdefault(booking or -walk_in, {})[category] = int(people)
    return found


def _of_groups(condition: ColumnElement[bool]) -> Prepared:
    group = (DeskEvent.booking_id, DeskEvent.walk_in_id)
    return Prepared(
        select(*group, ArrivalCategory.category, func.sum(ArrivalCategory.visitors))
        .join(DeskEvent, DeskEvent.id == ArrivalCategory.event_id)
        .where(ArrivalCategory.hall_id == bindparam("hall"), condition)
        .group_by(*group, ArrivalCategory.category)
    )


_ARRIVED = _of_groups(DeskEvent.booking_id.in_(bindparam("bookings", expanding=True)))
_ARRIVED_ON = _of_groups(and_(DeskEvent.hall_id == bindparam("hall"), DeskEvent.day == bindparam("day")))


def with_categories(hall_id: int, events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """Return events with their people by category."""
    found = read(hall_id, [event.number for event in events])
    return [replace(event, lines=put_on(event.lines, found.get(event.number, {}))) for event in events]


def put_on(lines: Sequence[LedgerLine], categories: Mapping[int, int]) -> tuple[LedgerLine, ...]:
    """Return the lines of one event, the first of them with the people by category."""
    if not (lines and categories):
        return tuple(lines)
    return (replace(lines[0], categories=categories), *lines[1:])


@adding_up.connect
def _check_overlap(hall_id: int, *, family: int, categories: Collection[int]) -> None:
    """Raise CategoriesOverlap where an event has more people in the categories of a family than it knows of."""
    people = func.sum(case((ArrivalCategory.category != family, ArrivalCategory.visitors), else_=0))
    known = func.sum(case((ArrivalCategory.category == family, ArrivalCategory.visitors), else_=0))
    overlapping = (
        select(ArrivalCategory.event_id)
        .where(ArrivalCategory.hall_id == hall_id, ArrivalCategory.category.in_([family, *categories]))
        .group_by(ArrivalCategory.event_id)
        .having(func.abs(people) > func.abs(known))
    )
    if db.session.execute(overlapping.limit(1)).first():
        raise CategoriesOverlap


def amounts(lines: Sequence[LedgerLine]) -> dict[Part, Amount]:
    """Return the amounts of one group's lines of a day by category: the group counts once in each with people of it."""
    return {
        (CATEGORY, str(category)): Amount(people, int(people > 0), 0)
        for category, people in sum_categories(lines).items()
    }


def people_by_group(hall_id: int) -> Select[Any]:
    """Return each group's people of a day by category; groups are told from one another as by `parties.GROUP`."""
    organisation = select(Arrival.organisation).where(Arrival.event_id == DeskEvent.id).limit(1).scalar_subquery()
    group = (
        DeskEvent.party,
        case((DeskEvent.party.is_(None), DeskEvent.booking_id)),
        DeskEvent.walk_in_id,
        case((DeskEvent.party.is_not(None), organisation)),
    )
    rows = (
        select(
            DeskEvent.day.label("first"),
            cast(ArrivalCategory.category, String).label("part"),
            ArrivalCategory.visitors.label("visitors"),
            *(column.label(f"group_{place}") for place, column in enumerate(group)),
        )
        .join(DeskEvent, DeskEvent.id == ArrivalCategory.event_id)
        .where(ArrivalCategory.hall_id == hall_id)
        .subquery()
    )
    keys = (rows.c.first, rows.c.part)
    columns = (column for name, column in rows.c.items() if name.startswith("group_"))
    return select(*keys, func.sum(rows.c.visitors).label("visitors"), literal(0).label("extra")).group_by(
        *keys, *columns
    )
