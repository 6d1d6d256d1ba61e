"""Queries on people inside: sums and times of the day's arrivals and departures."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload

from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.ledger.models import Arrival, DeskEvent
from hallapp.presence.models import WARN_AT_PERCENT, Departure, PresenceSetting
from hallapp.schedule.models import CalendarDay, Hall, Programme, on_own_day

LAST_DEPARTURES = 10


def get_setting(hall_id: int) -> PresenceSetting:
    """Return the settings of a hall; the defaults, not stored, where there are none."""
    found = db.session.get(PresenceSetting, hall_id)
    return found or PresenceSetting(hall_id=hall_id, counts_leaving=False, warn_at_percent=WARN_AT_PERCENT)


def counts_leaving(hall_id: int, *, version: int | None = None) -> bool:
    """Return whether a hall records departures; `version` is that of its facts, where the caller has read it."""
    return _COUNTS_LEAVING.get(hall_id, version=version)


def _load_counts_leaving(hall_id: int) -> bool:
    query = select(PresenceSetting.counts_leaving).where(PresenceSetting.hall_id == hall_id)
    return bool(db.session.scalar(query))


_COUNTS_LEAVING = Facts(_load_counts_leaving)


def list_settings(hall_ids: Collection[int]) -> dict[int, PresenceSetting]:
    """Return the settings of several halls that have any, by the number of the hall."""
    rows = db.session.scalars(select(PresenceSetting).where(PresenceSetting.hall_id.in_(hall_ids)))
    return {row.hall_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class Move:
    """People of a booking, or of none, who arrived at a moment, or left (a negative number); 0 where taken back."""

    at: datetime
    booking_id: int | None
    people: int


def list_moves(halls: Collection[Hall]) -> dict[int, list[Move]]:
    """Return the arrivals and departures of each hall's present day, in no order, in one query.

    A take-back is deducted where its entry was counted. A hall without any is left out.
    """
    admission = aliased(DeskEvent)
    at = func.coalesce(admission.occurred_at, DeskEvent.occurred_at)
    arrived = (
        select(Arrival.hall_id, at, DeskEvent.booking_id, func.sum(Arrival.visitors))
        .join(DeskEvent, DeskEvent.id == Arrival.event_id)
        .outerjoin(admission, admission.id == DeskEvent.undoes_id)
        .where(on_own_day(halls, Arrival.hall_id, Arrival.day))
        .group_by(Arrival.hall_id, at, DeskEvent.booking_id)
    )
    key = (Departure.hall_id, Departure.occurred_at, Departure.booking_id)
    departed = (
        select(*key, -func.sum(Departure.visitors))
        .where(on_own_day(halls, Departure.hall_id, Departure.day))
        .group_by(*key)
    )
    found: dict[int, list[Move]] = {}
    for hall_id, when, booking_id, people in db.session.execute(union_all(arrived, departed)):
        found.setdefault(hall_id, []).append(Move(when, booking_id, int(people)))
    return found


def count_inside_of(booking_id: int, day: date) -> int:
    """Return people of a booking who arrived on a day and have not left; a wrong count may make it negative."""
    came = db.session.scalar(
        select(func.coalesce(func.sum(Arrival.visitors), 0))
        .join(Arrival.event)
        .where(DeskEvent.booking_id == booking_id, Arrival.day == day)
    )
    return int(came or 0) - _sum(Departure.visitors, Departure.booking_id == booking_id, Departure.day == day)


def list_limits(halls: Collection[Hall]) -> dict[int, int]:
    """Return how many people may be inside each hall at once, where its present day has a limit of its own."""
    rows = db.session.execute(
        select(CalendarDay.hall_id, CalendarDay.inside_capacity).where(
            on_own_day(halls, CalendarDay.hall_id, CalendarDay.day), CalendarDay.inside_capacity.is_not(None)
        )
    )
    return {hall_id: limit for hall_id, limit in rows if limit is not None}


def estimate_inside(halls: Collection[Hall], now: datetime) -> dict[int, int]:
    """Return the arrivals of each hall's present day whose programme has not ended; a hall without any is left out.

    A take-back counts at its admission.
    """
    admission = aliased(DeskEvent)
    when = func.coalesce(admission.occurred_at, DeskEvent.occurred_at)
    numbers = [hall.id for hall in halls]
    of_length: dict[int, list[int]] = {}
    for number, minutes in db.session.execute(
        select(Programme.id, Programme.minutes).where(Programme.hall_id.in_(numbers))
    ):
        of_length.setdefault(minutes, []).append(number)
    if not of_length:
        return {}
    inside = [
        and_(Arrival.programme_id.in_(programmes), when > now - timedelta(minutes=minutes))
        for minutes, programmes in of_length.items()
    ]
    return _by_hall(
        select(Arrival.hall_id, func.sum(Arrival.visitors))
        .join(DeskEvent, DeskEvent.id == Arrival.event_id)
        .outerjoin(admission, admission.id == DeskEvent.undoes_id)
        .where(on_own_day(halls, Arrival.hall_id, Arrival.day), or_(*inside)),
        Arrival.hall_id,
    )


def find_departure(hall_id: int, event_id: str, *, lock: bool = False) -> Departure | None:
    """Return an act of this hall by the id that its device gave it, or None; with `lock` its row is locked."""
    query = select(Departure).where(Departure.hall_id == hall_id, Departure.event_id == event_id)
    return db.session.scalar(query.with_for_update(of=Departure) if lock else query)


def find_undoing(departure_id: int) -> Departure | None:
    """Return the take-back of a departure, or None."""
    return db.session.scalar(select(Departure).where(Departure.undoes_id == departure_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureLine:
    """An entry of the page's list; `taken_back` is true if another entry undid it."""

    departure: Departure
    taken_back: bool


def list_last_departures(hall_id: int, day: date, *, limit: int = LAST_DEPARTURES) -> list[DepartureLine]:
    """Return the newest acts of a day, newest first, with their group and their staff."""
    undo = aliased(Departure)
    rows = db.session.execute(
        select(Departure, exists().where(undo.undoes_id == Departure.id))
        .where(Departure.hall_id == hall_id, Departure.day == day)
        .options(joinedload(Departure.booking), joinedload(Departure.staff, innerjoin=True))
        .order_by(Departure.id.desc())
        .limit(limit)
    )
    return [DepartureLine(departure=departure, taken_back=undone) for departure, undone in rows]


def _by_hall(query: Select[int, int], hall_id: Any) -> dict[int, int]:
    return {hall: int(people) for hall, people in db.session.execute(query.group_by(hall_id))}


def _sum(column: Any, *conditions: ColumnElement[bool]) -> int:
    return int(db.session.scalar(select(func.coalesce(func.sum(column), 0)).where(*conditions)) or 0)
