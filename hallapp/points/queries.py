"""Reads of service points: who has them, statements, what was entered, appeals, closed quarters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, undefer

from hallapp.accounts.models import Staff
from hallapp.core.database import db, hold_names
from hallapp.core.facts import Facts
from hallapp.core.texts import Texts
from hallapp.guides.models import Duty, Guide
from hallapp.periods import Period
from hallapp.points import scheme, snapshot
from hallapp.points.errors import NoPoints, NotOnList
from hallapp.points.measures import MEASURES
from hallapp.points.models import (
    EntryState,
    PointAppeal,
    PointClose,
    PointEntry,
    PointIndex,
    PointPerson,
    PointSetting,
)
from hallapp.points.records import Acts
from hallapp.points.values import Index, Record, Statement, make_statements, quarter_of
from hallapp.schedule.models import Hall, Programme
from hallapp.talks.models import TalkHost


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The answers that every page of the staff needs for its menu."""

    is_open: bool
    staff_ids: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """The statements of a quarter by person; `close` is set where it is closed, and then they are those filed."""

    period: Period
    statements: Mapping[int, Statement]
    close: PointClose | None


def _load(hall_id: int) -> _Known:
    is_open = db.session.scalar(select(PointSetting.open).where(PointSetting.hall_id == hall_id))
    return _Known(is_open=bool(is_open), staff_ids=frozenset(_list_people(hall_id)) if is_open else frozenset())


def _list_people(hall_id: int) -> list[int]:
    """Return the accounts of guides, of hosts of talks, and of those whom a manager added."""
    found = {
        staff_id
        for model in (Guide, TalkHost, PointPerson)
        for staff_id in db.session.scalars(select(model.staff_id).where(model.hall_id == hall_id))
        if staff_id is not None
    }
    return sorted(found)


_KNOWN = Facts(_load)


def is_open(hall_id: int, *, version: int | None = None) -> bool:
    """Return whether a hall gives service points; `version` is that of its facts, where the caller has read it."""
    return _KNOWN.get(hall_id, version=version).is_open


def has_points(hall_id: int, staff_id: int, *, version: int | None = None) -> bool:
    """Return whether an account belongs to the people with service points of a hall that gives them."""
    return staff_id in _KNOWN.get(hall_id, version=version).staff_ids


def hold_points(hall_id: int) -> None:
    """Let all changes of a hall's points follow one another: nothing is entered while a quarter is closed."""
    hold_names(f"points {hall_id}")


def find_setting(hall_id: int) -> PointSetting | None:
    """Return whether and since when a hall gives service points, or None where it never has."""
    return db.session.get(PointSetting, hall_id)


def list_people(hall_id: int) -> Sequence[Staff]:
    """Return the accounts of the people with service points, by name."""
    people = select(Staff).where(Staff.hall_id == hall_id, Staff.id.in_(_list_people(hall_id)))
    return db.session.scalars(people.order_by(Staff.name)).all()


def list_added(hall_id: int) -> Sequence[Staff]:
    """Return the accounts that managers added, by name."""
    added = select(PointPerson.staff_id).where(PointPerson.hall_id == hall_id)
    people = select(Staff).where(Staff.hall_id == hall_id, Staff.id.in_(added))
    return db.session.scalars(people.order_by(Staff.name)).all()


def get_person(hall_id: int, staff_id: int) -> Staff:
    """Return an account of the people with service points. Raises NotOnList."""
    if staff_id not in _list_people(hall_id):
        raise NotOnList
    return db.session.get_one(Staff, staff_id)


def get_account(hall_id: int, staff_id: int) -> Staff:
    """Return an account of a hall, also of a person who has no service points any more. Raises NoResultFound."""
    return db.session.scalars(select(Staff).where(Staff.hall_id == hall_id, Staff.id == staff_id)).one()


def list_entered(hall_id: int, quarter: Period) -> list[Index]:
    """Return the indexes that people enter in a quarter."""
    return [index for index in scheme.list_indexes(hall_id, quarter) if index.measure is None]


def map_index_names(hall_id: int) -> dict[str, Texts]:
    """Return the latest names of a hall's indexes by their codes."""
    rows = select(PointIndex.code, PointIndex.name).where(PointIndex.hall_id == hall_id).order_by(PointIndex.since)
    return {row.code: row.name for row in db.session.execute(rows)}


def map_names(hall_id: int) -> dict[int, str]:
    """Return the names of a hall's people by their accounts: as guides, else as hosts of talks, else to sign in."""
    names: list[Select] = [select(Staff.id, Staff.name).where(Staff.hall_id == hall_id)]
    names += [select(one.staff_id, one.name).where(one.hall_id == hall_id) for one in (TalkHost, Guide)]
    return {staff_id: name for query in names for staff_id, name in db.session.execute(query) if staff_id is not None}


def map_programme_names(hall_id: int) -> dict[str, Texts]:
    """Return the names of a hall's programmes by their slugs, also of those that nobody can book any more."""
    rows = db.session.execute(select(Programme.slug, Programme.name).where(Programme.hall_id == hall_id))
    return {row.slug: row.name for row in rows}


def list_quarters(hall: Hall) -> list[Period]:
    """Return the quarters in which a hall gives points, the running one first."""
    setting = find_setting(hall.id)
    if setting is None or not setting.open:
        return []
    found, one = [], quarter_of(hall.today())
    while one.first >= setting.first:
        found.append(one)
        one = one.previous()
    return found


def list_open_quarters(hall: Hall) -> list[Period]:
    """Return the quarters of a hall that are not closed, the running one first."""
    closed = set(db.session.scalars(select(PointClose.quarter).where(PointClose.hall_id == hall.id)))
    return [one for one in list_quarters(hall) if one.first not in closed]


def check_quarter(hall: Hall, quarter: Period) -> None:
    """Check that a hall gives points in a quarter. Raises NoPoints."""
    if quarter not in list_quarters(hall):
        raise NoPoints


def compute(hall: Hall, quarter: Period, people: Iterable[int], indexes: Sequence[Index]) -> dict[int, Statement]:
    """Return the statements of these people as the records and the approved entries have them now."""
    ids = sorted(people)
    acts = Acts(hall, quarter, ids)
    records: dict[tuple[int, str], list[Record]] = {}
    for index in indexes:
        if index.measure in MEASURES:
            for staff_id, found in MEASURES[index.measure].count(acts, index.threshold).items():
                records[staff_id, index.code] = found
    entries = _entries(hall.id, quarter).where(PointEntry.state == EntryState.APPROVED, PointEntry.staff_id.in_(ids))
    for one in db.session.scalars(entries):
        records.setdefault((one.staff_id, one.code), []).append(Record(one.day, f"entry {one.number}", one.times))
    return make_statements(indexes, records, ids)


def get_quarter(hall: Hall, quarter: Period, *, staff_id: int | None = None) -> Quarter:
    """Return the statements of a quarter, or that of one person: as filed if it is closed, else computed now.

    Raises:
        NoPoints: the hall gives none in that quarter.
        NotOnList: the person has none.
    """
    check_quarter(hall, quarter)
    close = find_close(hall.id, quarter)
    if close is not None:
        statements = snapshot.read(close.figures)
    else:
        people = [person.id for person in list_people(hall.id)]
        wanted = people if staff_id is None else [one for one in people if one == staff_id]
        statements = compute(hall, quarter, wanted, scheme.list_indexes(hall.id, quarter))
    if staff_id is not None and staff_id not in statements:
        raise NotOnList
    return Quarter(period=quarter, statements=statements, close=close)


def find_close(hall_id: int, quarter: Period) -> PointClose | None:
    """Return the close of a quarter with its figures, or None while it is open."""
    query = select(PointClose).where(PointClose.hall_id == hall_id, PointClose.quarter == quarter.first)
    return db.session.scalar(query.options(undefer(PointClose.figures), joinedload(PointClose.closed_by)))


def list_closes(hall_id: int) -> Sequence[PointClose]:
    """Return the closes of a hall with their figures, by quarter."""
    query = select(PointClose).where(PointClose.hall_id == hall_id).options(undefer(PointClose.figures))
    return db.session.scalars(query.order_by(PointClose.quarter)).all()


def is_closed(hall_id: int, quarter: Period) -> bool:
    """Return whether a quarter is closed."""
    query = select(PointClose.quarter).where(PointClose.hall_id == hall_id, PointClose.quarter == quarter.first)
    return db.session.scalar(query) is not None


def list_without_last_day(hall_id: int, quarter: Period) -> Sequence[Guide]:
    """Return the guides who left on an unknown day and have duty in a quarter, so their shifts may be too many."""
    in_quarter = (Duty.valid_from < quarter.end) & (Duty.valid_until.is_(None) | (Duty.valid_until >= quarter.first))
    left = (~Guide.active, Guide.last_day.is_(None), Guide.staff_id.is_not(None))
    query = select(Guide).where(Guide.hall_id == hall_id, *left, Guide.duties.any(in_quarter))
    return db.session.scalars(query.order_by(Guide.name, Guide.id)).all()


def list_entries(hall_id: int, quarter: Period, staff_id: int) -> Sequence[PointEntry]:
    """Return what was entered for a person in a quarter, the newest first."""
    query = _entries(hall_id, quarter).where(PointEntry.staff_id == staff_id)
    return db.session.scalars(query.options(*_NAMED).order_by(PointEntry.number.desc())).all()


def find_waiting(hall_id: int, **columns: Any) -> PointEntry | None:
    """Return an entry that waits for approval and has these columns, or None."""
    query = select(PointEntry).where(PointEntry.hall_id == hall_id, PointEntry.state == EntryState.WAITING)
    return db.session.scalars(query.filter_by(**columns)).first()


def list_waiting(hall_id: int) -> Sequence[PointEntry]:
    """Return the entries that wait for approval, the oldest first."""
    query = select(PointEntry).where(PointEntry.hall_id == hall_id, PointEntry.state == EntryState.WAITING)
    return db.session.scalars(query.options(*_NAMED).order_by(PointEntry.number)).all()


def list_open_appeals(hall_id: int) -> Sequence[PointAppeal]:
    """Return the appeals that wait for an answer, the oldest first."""
    query = select(PointAppeal).where(PointAppeal.hall_id == hall_id, PointAppeal.answered_at.is_(None))
    return db.session.scalars(query.options(joinedload(PointAppeal.staff)).order_by(PointAppeal.number)).all()


def list_appeals(hall_id: int, quarter: Period, staff_id: int) -> Sequence[PointAppeal]:
    """Return a person's appeals of a quarter with their answers, the oldest first."""
    mine = (PointAppeal.hall_id == hall_id, PointAppeal.quarter == quarter.first, PointAppeal.staff_id == staff_id)
    query = select(PointAppeal).where(*mine).options(joinedload(PointAppeal.answered_by))
    return db.session.scalars(query.order_by(PointAppeal.number)).all()


def count_unanswered(hall_id: int, quarter: Period | None = None) -> tuple[int, int]:
    """Return the open appeals and the entries that wait, of one quarter or of all."""
    appeals = select(func.count()).select_from(PointAppeal)
    appeals = appeals.where(PointAppeal.hall_id == hall_id, PointAppeal.answered_at.is_(None))
    entries = select(func.count()).select_from(PointEntry)
    entries = entries.where(PointEntry.hall_id == hall_id, PointEntry.state == EntryState.WAITING)
    if quarter is not None:
        appeals = appeals.where(PointAppeal.quarter == quarter.first)
        entries = entries.where(PointEntry.day >= quarter.first, PointEntry.day < quarter.end)
    return db.session.scalar(appeals) or 0, db.session.scalar(entries) or 0


def days_to_enter(hall: Hall) -> tuple[date, date]:
    """Return the first and the last day for which something can be entered: of the open quarters, up to today."""
    open_ = list_open_quarters(hall)
    return (open_[-1].first if open_ else hall.today()), hall.today()


_NAMED = (joinedload(PointEntry.staff), joinedload(PointEntry.entered_by), joinedload(PointEntry.decided_by))


def _entries(hall_id: int, quarter: Period) -> Select[PointEntry]:
    return select(PointEntry).where(
        PointEntry.hall_id == hall_id, PointEntry.day >= quarter.first, PointEntry.day < quarter.end
    )
