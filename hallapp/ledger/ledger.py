"""The arrival ledger: append an event with its rows, move the daily summaries with them, and recount.

A group is a booking or a walk-in. It counts once in each summary cell (day, programme, kind of organisation, and
division) in which the sum of its rows is above zero; so what an event adds to a count of groups follows from the
group's sums before and after it. Whoever appends has held the group's row locked since before those sums were read.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, insert, literal, select, union_all

from hallapp.booking.models import OrganisationKind
from hallapp.core.database import db, upsert
from hallapp.ledger.models import Arrival, DaySummary, DeskEvent, DivisionSummary, EventKind
from hallapp.schedule.models import Hall


class EventExists(Exception):
    """The hall has an event with this id already; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """A row of `desk_event` to be; the fields are its columns."""

    hall_id: int
    event_id: str
    kind: EventKind
    staff_id: int
    day: date
    occurred_at: datetime
    received_at: datetime
    booking_id: int | None = None
    walk_in_id: int | None = None
    undoes_id: int | None = None
    counts_id: int | None = None
    override: str | None = None
    reason: str | None = None
    device: str | None = None
    snapshot_at: datetime | None = None
    device_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What ledger rows are filed under, beside their day and division."""

    programme_id: int
    kind: OrganisationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One ledger row of a group, with the event that wrote it.

    `event` is its row, `undoes` the one that it takes back, `counts` the admission whose people it counts later.
    """

    event: int
    undoes: int | None
    counts: int | None
    occurred_at: datetime
    day: date
    filing: Filing
    division: str
    visitors: int
    extra: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines of one group, oldest first."""

    lines: tuple[Line, ...] = ()

    def until(self, event: int) -> "Ledger":
        """The ledger as it stood after an event."""
        return Ledger(tuple(line for line in self.lines if line.event <= event))

    def net(self) -> Counter[str]:
        """People arrived by division, taken-back ones not."""
        return _net(self.lines)

    def net_in(self, day: date, filing: Filing) -> Counter[str]:
        """The same for one day and one filing: what a summary has of this group."""
        return _net(line for line in self.lines if line.day == day and line.filing == filing)

    def of_event(self, event: int) -> tuple[Line, ...]:
        """The lines that an event wrote."""
        return tuple(line for line in self.lines if line.event == event)

    def of_admission(self, event: int) -> tuple[Line, ...]:
        """The lines of an admission: its own, and those that counted its people later."""
        return tuple(line for line in self.lines if event in (line.event, line.counts))

    def room(self, booked: Mapping[str, int]) -> Counter[str]:
        """Booked people by division whose places nobody has taken; who came beyond the booking takes none."""
        taken: Counter[str] = Counter()
        for line in self.lines:
            taken[line.division] += line.visitors - line.extra
        return Counter({division: max(0, people - taken[division]) for division, people in booked.items()})

    def find_last_admission(self) -> datetime | None:
        """When people were last admitted and not taken back, or None."""
        undone = {line.undoes for line in self.lines}
        stands = [
            line.occurred_at for line in self.lines if line.undoes is None and (line.counts or line.event) not in undone
        ]
        return max(stands, default=None)


def read(*, booking_id: int | None = None, walk_in_id: int | None = None) -> Ledger:
    """The ledger of a booking or of a walk-in, in one query."""
    mine = DeskEvent.booking_id == booking_id if booking_id else DeskEvent.walk_in_id == walk_in_id
    rows = db.session.execute(
        select(
            DeskEvent.id,
            DeskEvent.undoes_id,
            DeskEvent.counts_id,
            DeskEvent.occurred_at,
            Arrival.day,
            Arrival.programme_id,
            Arrival.kind,
            Arrival.division,
            Arrival.visitors,
            Arrival.extra,
        )
        .join(Arrival, Arrival.event_id == DeskEvent.id)
        .where(mine)
        .order_by(DeskEvent.id, Arrival.division)
    )
    return Ledger(
        tuple(
            Line(
                event=event,
                undoes=undoes,
                counts=counts,
                occurred_at=occurred_at,
                day=day,
                filing=Filing(programme_id=programme_id, kind=kind),
                division=division,
                visitors=visitors,
                extra=extra,
            )
            for event, undoes, counts, occurred_at, day, programme_id, kind, division, visitors, extra in rows
        )
    )


def append(
    event: NewEvent,
    counts: Mapping[str, int],
    *,
    filing: Filing,
    ledger: Ledger,
    extra: Mapping[str, int] | None = None,
) -> Ledger:
    """Write an event with its rows and move the summaries by it; gives the group's ledger with the new lines.

    `counts` are people by division, none of them zero: positive in an admission, negative in a take-back; none at all
    where everybody of an offline admission is in conflict. `extra` says how many of them came beyond the booking.
    `ledger` is the group's, read after its row was locked. Four statements, however many divisions.

    Raises:
        EventExists: this hall has the event already. Another process that is just writing it is waited for.
    """
    statement = upsert(DeskEvent.__table__).on_conflict_do_nothing(index_elements=["hall_id", "event_id"])
    row_id: int | None = db.session.scalar(statement.returning(DeskEvent.__table__.c.id), asdict(event))
    if row_id is None:
        raise EventExists
    if not counts:
        return ledger
    beyond = extra or {}
    cell = {"hall_id": event.hall_id, "day": event.day, "programme_id": filing.programme_id, "kind": filing.kind}
    ordered = sorted(counts.items())  # the same order everywhere: two writers of the same rows cannot deadlock
    db.session.execute(
        insert(Arrival.__table__),  # type: ignore[arg-type]
        [
            {
                **cell,
                "event_id": row_id,
                "division": division,
                "visitors": people,
                "extra": beyond.get(division, 0),
            }
            for division, people in ordered
        ],
    )
    before = ledger.net_in(event.day, filing)
    divisions = [
        {**cell, "division": division, "visitors": people, "groups": _groups(before[division], people)}
        for division, people in ordered
    ]
    _add(DivisionSummary.__table__, divisions)
    people = sum(counts.values())
    _add(DaySummary.__table__, [{**cell, "visitors": people, "groups": _groups(before.total(), people)}])
    return Ledger(
        ledger.lines
        + tuple(
            Line(
                event=row_id,
                undoes=event.undoes_id,
                counts=event.counts_id,
                occurred_at=event.occurred_at,
                day=event.day,
                filing=filing,
                division=division,
                visitors=people,
                extra=beyond.get(division, 0),
            )
            for division, people in ordered
        )
    )


def _net(lines: Iterable[Line]) -> Counter[str]:
    net: Counter[str] = Counter()
    for line in lines:
        net[line.division] += line.visitors
    return net


def _groups(before: int, change: int) -> int:
    """What a group adds to a count of groups when its people go from `before` to `before + change`: 1, 0 or −1."""
    return int(before + change > 0) - int(before > 0)


def _add(table: FromClause, rows: list[dict[str, Any]]) -> None:
    db.session.execute(_adding(table, db.engine.dialect.name), rows)


@lru_cache(maxsize=8)
def _adding(table: FromClause, _dialect: str) -> Any:
    """The statement that adds to a summary; kept, because making it costs as much as running it."""
    statement = upsert(table)
    moved = {name: table.c[name] + statement.excluded[name] for name in ("visitors", "groups")}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A summary cell that does not say what the ledger says; `division` is None in the summary of days."""

    day: date
    division: str | None
    programme_id: int
    kind: OrganisationKind
    visitors_in_ledger: int
    groups_in_ledger: int
    visitors_in_summary: int
    groups_in_summary: int


_FIGURES = ("visitors_in_ledger", "groups_in_ledger", "visitors_in_summary", "groups_in_summary")


def recount(hall_id: int, *, repair: bool = False) -> list[Difference]:
    """Recount both summaries of a hall from its ledger; give every difference, by day; put them right where asked.

    Each summary is compared in one statement, so arrivals that come in meanwhile make no false difference. A repair
    holds the hall's row: arrivals of this hall wait for its end. It needs a transaction.
    """
    if repair:
        # Every insert of an event shares the hall's row by its foreign key, and so waits for this lock (PostgreSQL).
        db.session.execute(select(Hall.id).where(Hall.id == hall_id).with_for_update())
    found: list[Difference] = []
    for table in (DaySummary.__table__, DivisionSummary.__table__):
        differences = [_difference(row) for row in db.session.execute(_compare(table, hall_id)).mappings()]
        if repair and differences:
            _put_right(table, hall_id, differences)
        found += differences
    return sorted(found, key=lambda one: (one.day, one.division or "", one.programme_id, one.kind))


def _difference(row: Mapping[Any, Any]) -> Difference:
    figures = {name: int(row[name]) for name in _FIGURES}  # PostgreSQL's sum of sums is a Decimal
    return Difference(**{"division": None, **row, **figures})


def _put_right(table: FromClause, hall_id: int, differences: Sequence[Difference]) -> None:
    keys = [column.name for column in table.primary_key if column.name != "hall_id"]
    rows = [
        {
            "hall_id": hall_id,
            **{key: getattr(one, key) for key in keys},
            "visitors": one.visitors_in_ledger,
            "groups": one.groups_in_ledger,
        }
        for one in differences
    ]
    statement = upsert(table)
    right = {name: statement.excluded[name] for name in ("visitors", "groups")}
    db.session.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=right), rows)


def _compare(table: FromClause, hall_id: int) -> Select[Any]:
    """The cells in which a summary and its ledger differ; an absent cell is one of zeros."""
    keys = [column.name for column in table.primary_key if column.name != "hall_id"]
    per_group = (
        select(
            *(Arrival.__table__.c[key] for key in keys),
            func.sum(Arrival.visitors).label("visitors"),
        )
        .join(DeskEvent, DeskEvent.id == Arrival.event_id)
        .where(Arrival.hall_id == hall_id)
        .group_by(*(Arrival.__table__.c[key] for key in keys), DeskEvent.booking_id, DeskEvent.walk_in_id)
        .subquery()
    )
    nothing = literal(0)
    counted = select(
        *(per_group.c[key] for key in keys),
        per_group.c.visitors.label("visitors_in_ledger"),
        case((per_group.c.visitors > 0, 1), else_=0).label("groups_in_ledger"),
        nothing.label("visitors_in_summary"),
        nothing.label("groups_in_summary"),
    )
    kept = select(*(table.c[key] for key in keys), nothing, nothing, table.c.visitors, table.c.groups).where(
        table.c.hall_id == hall_id
    )
    both = union_all(counted, kept).subquery()

    def total(name: str) -> ColumnElement[int]:
        return func.sum(both.c[name])

    return (
        select(*(both.c[key] for key in keys), *(total(name).label(name) for name in _FIGURES))
        .group_by(*(both.c[key] for key in keys))
        .having(
            (total("visitors_in_ledger") != total("visitors_in_summary"))
            | (total("groups_in_ledger") != total("groups_in_summary"))
        )
    )
