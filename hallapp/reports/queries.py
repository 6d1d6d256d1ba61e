"""Reads of the two daily summaries: each is one aggregate over the days of a period, whatever lies outside of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from hallapp.booking.models import OrganisationKind
from hallapp.core.database import db
from hallapp.ledger.models import Arrival, DaySummary, DivisionSummary
from hallapp.reports.periods import Period
from hallapp.schedule.models import Programme, Slot


class Sum(NamedTuple):
    """So many people in so many groups."""

    visitors: int
    groups: int


NOTHING = Sum(0, 0)


def sum_by_division(hall_id: int, period: Period) -> Mapping[str, Sum]:
    """People and groups by division code; a mixed group is in each division from which it brought people."""
    return _sum_by(DivisionSummary.division, hall_id, period)


def sum_by_day(hall_id: int, period: Period) -> Mapping[date, Sum]:
    """People and groups by hall-local day."""
    return _sum_by(DaySummary.day, hall_id, period)


def sum_by_programme(hall_id: int, period: Period) -> Mapping[int, Sum]:
    """People and groups by programme id."""
    return _sum_by(DaySummary.programme_id, hall_id, period)


def sum_by_kind(hall_id: int, period: Period) -> Mapping[OrganisationKind, Sum]:
    """People and groups by kind of organisation."""
    return _sum_by(DaySummary.kind, hall_id, period)


def sum_all(hall_id: int, period: Period) -> Sum:
    """People and groups of a whole period."""
    table = DaySummary
    row = db.session.execute(
        select(func.coalesce(func.sum(table.visitors), 0), func.coalesce(func.sum(table.groups), 0)).where(
            *_within(table, hall_id, period)
        )
    ).one()
    return Sum(*map(int, row))


def sum_booked(hall_id: int, period: Period) -> int:
    """Places that bookings hold in the slots of a period."""
    return _total(Slot.visitors_booked, _within(Slot, hall_id, period))


def sum_ledger(hall_id: int, period: Period) -> int:
    """People by the ledger itself; the index on hall, day and visitors answers it without the rows."""
    return _total(Arrival.visitors, _within(Arrival, hall_id, period))


def list_programmes(hall_id: int) -> list[Programme]:
    """Every programme that the hall has or had, in its own order."""
    chosen = select(Programme).where(Programme.hall_id == hall_id).order_by(Programme.position, Programme.id)
    return list(db.session.scalars(chosen))


def _sum_by(column: InstrumentedAttribute[Any], hall_id: int, period: Period) -> dict[Any, Sum]:
    table: Any = column.class_
    rows = db.session.execute(
        select(column, func.sum(table.visitors), func.sum(table.groups))
        .where(*_within(table, hall_id, period))
        .group_by(column)
    )
    return {key: Sum(int(visitors), int(groups)) for key, visitors, groups in rows}


def _total(column: InstrumentedAttribute[int], within: tuple[ColumnElement[bool], ...]) -> int:
    return int(db.session.scalar(select(func.coalesce(func.sum(column), 0)).where(*within)) or 0)


def _within(table: Any, hall_id: int, period: Period) -> tuple[ColumnElement[bool], ...]:
    return table.hall_id == hall_id, table.day >= period.first, table.day < period.end
