"""New and returning organisations: the first day of each, in whatever order its visits become known.

Each line of a named organisation first counts as returning; the people of its first day are then moved to new. A late
event or a take-back that changes the first day moves them again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    null,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from hallapp.core.database import db, upsert
from hallapp.core.prepared import Prepared
from hallapp.ledger.facets import ORGANISATION
from hallapp.ledger.figures import NOTHING, Amount, Moves, Part
from hallapp.ledger.models import Arrival, DeskEvent, FirstVisit, HistoryImport, HistoryRow, Standing
from hallapp.ledger.parties import GROUP
from hallapp.periods import Span

_NEW: Part = (ORGANISATION, Standing.NEW.value)
_RETURNING: Part = (ORGANISATION, Standing.RETURNING.value)


@dataclass(frozen=True, slots=True)
class Day:
    """An organisation's people and groups on a day."""

    day: date
    visitors: int
    groups: int


_NOBODY = Day(date.min, 0, 0)


def follow(hall_id: int, moved: Mapping[int, Mapping[date, Amount]]) -> Moves:
    """Return the further changes to figures after organisations were counted: `moved` by organisation and day.

    The organisations' ledger rows are written; their own rows are locked from here to the end of the transaction.
    """
    if not moved:
        return {}
    stored = _hold(hall_id, sorted(moved))
    made = {number: _first_of(hall_id, number, None, moved[number]) for number in sorted(moved) if number not in stored}
    if made:
        inserted = _insert(hall_id, made)
        late = [number for number in made if number not in inserted]  # another desk has just made them: it has ended
        stored |= _hold(hall_id, late) if late else {}
        made = {number: made[number] for number in inserted}
    right = {number: _first_of(hall_id, number, before, moved[number]) for number, before in stored.items()}
    _update(hall_id, {number: first for number, first in right.items() if first != stored[number]})
    before = (Day(first.day, -first.visitors, -first.groups) for first in stored.values())
    return _moves([*made.values(), *before, *right.values()])


def follow_import(hall_id: int, import_id: int) -> Moves:
    """Return the further changes to figures after an import was counted or withdrawn; the hall is locked."""
    own = select(HistoryRow.organisation).where(
        HistoryRow.import_id == import_id, HistoryRow.organisation.is_not(None), HistoryRow.span == Span.DAY
    )
    wrong = _wrong(hall_id, among=own)
    moves = _moves(_changes_by_day(wrong))
    _put_right(hall_id, wrong)
    return moves


def _changes_by_day(wrong: Select[Any]) -> Iterator[Day]:
    """Yield what each day gains when wrong first visits are put right; negative numbers are lost.

    The database adds it up, since an import may name hundreds of thousands of organisations.
    """
    one = wrong.cte()
    gained = select(one.c.right_day.label("day"), one.c.right_visitors, one.c.right_groups)
    lost = select(one.c.stored_day, -one.c.stored_visitors, -one.c.stored_groups)
    both = union_all(gained, lost).subquery()
    day, visitors, groups = both.c
    rows = db.session.execute(select(day, func.sum(visitors), func.sum(groups)).where(day.is_not(None)).group_by(day))
    return (Day(row[0], int(row[1]), int(row[2])) for row in rows)


def _moves(changes: Iterable[Day]) -> Moves:
    """Return the moves of people from returning to new, and back where a day loses some."""
    moves: dict[date, dict[Part, Amount]] = {}
    for one in changes:
        if one.visitors or one.groups:
            amount = Amount(one.visitors, one.groups, 0)
            parts = moves.setdefault(one.day, {_NEW: NOTHING, _RETURNING: NOTHING})
            parts[_NEW] = parts[_NEW].plus(amount)
            parts[_RETURNING] = parts[_RETURNING].minus(amount)
    return moves


def _first_of(hall_id: int, organisation: int, before: Day | None, moved: Mapping[date, Amount]) -> Day:
    """Return the first day of an organisation after these changes, or an empty one; it is asked for only if needed."""
    first = before or _NOBODY
    for day, amount in sorted(moved.items()):
        if first.visitors and day > first.day:
            break
        visitors, groups = (first.visitors, first.groups) if first.visitors and day == first.day else (0, 0)
        first = Day(day, visitors + amount.visitors, groups + amount.groups)
        if first.visitors <= 0:  # all who came then were taken back
            return find_first(hall_id, organisation) or Day(day, 0, 0)
    return first


def _hold(hall_id: int, organisations: Sequence[int]) -> dict[int, Day]:
    """Return the first days of those organisations that have one, their rows locked in one order."""
    rows = _HOLD.rows({"hall": hall_id, "organisations": organisations})
    return {organisation: Day(day, visitors, groups) for organisation, day, visitors, groups in rows}


_HOLD = Prepared(
    select(FirstVisit.organisation, FirstVisit.day, FirstVisit.visitors, FirstVisit.groups)
    .where(
        FirstVisit.hall_id == bindparam("hall"),
        FirstVisit.organisation.in_(bindparam("organisations", expanding=True)),
    )
    .order_by(FirstVisit.organisation)
    .with_for_update()
)


def _insert(hall_id: int, made: Mapping[int, Day]) -> Sequence[int]:
    """Insert the first days of new organisations, where no other desk was quicker; return those organisations."""
    rows = ({"hall_id": hall_id, "organisation": number, **_values(first)} for number, first in made.items())
    return [number for row in rows for (number,) in _INSERT.rows(row)]


_INSERT = Prepared(lambda: upsert(FirstVisit).on_conflict_do_nothing().returning(FirstVisit.organisation))


def _values(first: Day) -> dict[str, Any]:
    return {"day": first.day, "visitors": first.visitors, "groups": first.groups}


def _update(hall_id: int, right: Mapping[int, Day]) -> None:
    if right:
        _UPDATE.run(*({"hall": hall_id, "number": number, **_values(first)} for number, first in right.items()))


_UPDATE = Prepared(
    update(FirstVisit.__table__).where(  # type: ignore[arg-type]
        FirstVisit.__table__.c.hall_id == bindparam("hall"),
        FirstVisit.__table__.c.organisation == bindparam("number"),
    )
)


def find_first(hall_id: int, organisation: int) -> Day | None:
    """Return the first day with people of an organisation that were not taken back, by the ledger; or None."""
    days = _days(hall_id, Arrival.organisation == organisation, HistoryRow.organisation == organisation)
    found = db.session.execute(select(days.c.day, days.c.visitors, days.c.groups).order_by(days.c.day).limit(1)).first()
    return Day(found.day, int(found.visitors), int(found.groups)) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A first visit that differs from the ledger's; None where there is none."""

    organisation: int
    stored: Day | None
    right: Day | None


def list_wrong(hall_id: int) -> list[Wrong]:
    """Return the first visits of a hall that are not what its ledger says."""
    rows = db.session.execute(_wrong(hall_id))
    return [Wrong(organisation=row[0], right=_day(row[1:4]), stored=_day(row[4:7])) for row in rows]


def put_right(hall_id: int) -> None:
    """Set the first visits from the ledger; the figures of new and returning organisations are not changed."""
    _put_right(hall_id, _wrong(hall_id))


def _wrong(hall_id: int, *, among: Select[Any] | None = None) -> Select[Any]:
    """Return a query for the wrong first visits of a hall, or of some of its organisations, beside the right ones."""

    def asked(number: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return number.is_not(None) if among is None else number.in_(among)

    days = _days(hall_id, asked(Arrival.organisation), asked(HistoryRow.organisation))
    place = func.row_number().over(partition_by=days.c.organisation, order_by=days.c.day)
    placed = select(days, place.label("place")).subquery()
    right = select(placed.c.organisation, *_columns(placed.c, "right"), *_nothing("stored")).where(placed.c.place == 1)
    stored = select(FirstVisit.organisation, *_nothing("right"), *_columns(FirstVisit.__table__.c, "stored")).where(
        FirstVisit.hall_id == hall_id, FirstVisit.visitors > 0, asked(FirstVisit.organisation)
    )
    both = union_all(right, stored).subquery()
    sides = [
        func.max(both.c[f"{side}_{name}"]).label(f"{side}_{name}") for side in ("right", "stored") for name in _NAMES
    ]
    same = and_(*(one == other for one, other in zip(sides[:3], sides[3:], strict=True)))
    return (
        select(both.c.organisation, *sides)
        .group_by(both.c.organisation)
        .having(func.coalesce(same, false()).is_(false()))
    )


def _put_right(hall_id: int, wrong: Select[Any]) -> None:
    one = wrong.subquery()
    nobody = (date.min, 0, 0)
    right = [func.coalesce(one.c[f"right_{name}"], nothing) for name, nothing in zip(_NAMES, nobody, strict=True)]
    # SQLite takes the ON of an upsert for that of a join unless the query has a WHERE.
    found = select(literal(hall_id), one.c.organisation, *right).where(true())
    statement = upsert(FirstVisit).from_select(["hall_id", "organisation", *_NAMES], found)
    keys = list(FirstVisit.__table__.primary_key)
    set_ = {name: statement.excluded[name] for name in _NAMES}
    db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=set_))


_NAMES = ("day", "visitors", "groups")


def _columns(columns: Any, side: str) -> list[ColumnElement[Any]]:
    return [columns[name].label(f"{side}_{name}") for name in _NAMES]


def _nothing(side: str) -> list[ColumnElement[Any]]:
    """Return an empty row with the types of the other side: no day, no people, no groups."""
    types: tuple[TypeEngine[Any], ...] = (Date(), Integer(), Integer())
    return [cast(null(), kind).label(f"{side}_{name}") for name, kind in zip(_NAMES, types, strict=True)]


def _day(values: Sequence[Any]) -> Day | None:
    return None if values[0] is None else Day(values[0], int(values[1]), int(values[2]))


def _days(hall_id: int, of_desk: ColumnElement[bool], of_import: ColumnElement[bool]) -> Subquery:
    """Return the days on which organisations came, with people and groups that were not taken back."""
    group = (
        select(Arrival.organisation, Arrival.day, func.sum(Arrival.visitors).label("visitors"))
        .join(DeskEvent, DeskEvent.id == Arrival.event_id)
        .where(Arrival.hall_id == hall_id, of_desk)
        .group_by(Arrival.organisation, Arrival.day, *GROUP)
        .having(func.sum(Arrival.visitors) > 0)
        .subquery()
    )
    imported = (
        select(HistoryRow.organisation, HistoryRow.first, HistoryRow.visitors, HistoryRow.groups)
        .join(HistoryImport, HistoryImport.id == HistoryRow.import_id)
        .where(
            HistoryRow.hall_id == hall_id, HistoryRow.span == Span.DAY, of_import, HistoryImport.withdrawn_at.is_(None)
        )
    )
    both = union_all(
        select(group.c.organisation, group.c.day, group.c.visitors, literal(1).label("groups")), imported
    ).subquery()
    return (
        select(
            both.c.organisation,
            both.c.day,
            func.sum(both.c.visitors).label("visitors"),
            func.sum(both.c.groups).label("groups"),
        )
        .group_by(both.c.organisation, both.c.day)
        .subquery()
    )
