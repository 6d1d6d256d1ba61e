"""Reads of the reports beside the figures themselves: places, names, and what was seen first."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.guides.models import Guide
from hallapp.ledger.models import Facet, Figure, HistoryImport, HistoryRow, Span
from hallapp.ledger.queries import within
from hallapp.reports.parts import NOTHING, Sum
from hallapp.reports.periods import Period
from hallapp.schedule.models import Programme, Slot


class PlacesSum(NamedTuple):
    """Places in slots: open, booked, and booked in slots whose time has passed."""

    capacity: int
    booked: int
    booked_past: int


def sum_places(hall_id: int, period: Period, *, until: datetime) -> PlacesSum:
    """The places of the slots of a period; those that end by `until` have passed."""
    row = db.session.execute(
        select(
            func.coalesce(func.sum(case((Slot.open, Slot.visitor_capacity), else_=0)), 0),
            func.coalesce(func.sum(Slot.visitors_booked), 0),
            func.coalesce(func.sum(case((Slot.ends_at <= until, Slot.visitors_booked), else_=0)), 0),
        ).where(Slot.hall_id == hall_id, Slot.day >= period.first, Slot.day < period.end)
    ).one()
    return PlacesSum(*map(int, row))


def list_programmes(hall_id: int) -> list[Programme]:
    """Every programme that the hall has or had, in its own order."""
    chosen = select(Programme).where(Programme.hall_id == hall_id).order_by(Programme.position, Programme.id)
    return list(db.session.scalars(chosen))


def list_guide_names(hall_id: int, ids: Collection[int]) -> Mapping[int, str]:
    """The names of some guides by their ids."""
    if not ids:
        return {}
    rows = db.session.execute(select(Guide.id, Guide.name).where(Guide.hall_id == hall_id, Guide.id.in_(ids)))
    return {number: name for number, name in rows}  # noqa: C416 — a row is no pair for the types


def list_first_months(hall_id: int) -> Mapping[str, date]:
    """The first month in which somebody came from a division, by its code; not stated is none."""
    return _first(hall_id, Figure.span == Span.MONTH, Figure.part != "unknown")


def list_first_days(hall_id: int, months: Mapping[str, date]) -> Mapping[str, date]:
    """The first day on which somebody came from a division in the month that is given for it, where a day is known."""
    stretches = [(Span.DAY, month, clock.month_range(month.year, month.month)[1]) for month in set(months.values())]
    return _first(hall_id, within(stretches), Figure.part.in_(months)) if months else {}


def _first(hall_id: int, *conditions: ColumnElement[bool]) -> Mapping[str, date]:
    rows = db.session.execute(
        select(Figure.part, func.min(Figure.first))
        .where(Figure.hall_id == hall_id, Figure.facet == Facet.DIVISION, Figure.visitors > 0, *conditions)
        .group_by(Figure.part)
    )
    return {part: first for part, first in rows}  # noqa: C416


def sum_undated(hall_id: int, stretches: Sequence[tuple[date, date | None]]) -> Sum:
    """Imported people and groups of the months in some stretches of time whose day nobody wrote down."""
    if not stretches:
        return NOTHING
    lies = (and_(HistoryRow.first >= first, HistoryRow.first < (end or date.max)) for first, end in stretches)
    row = db.session.execute(
        select(func.coalesce(func.sum(HistoryRow.visitors), 0), func.coalesce(func.sum(HistoryRow.groups), 0))
        .join(HistoryImport, HistoryImport.id == HistoryRow.import_id)
        .where(
            HistoryRow.hall_id == hall_id,
            HistoryRow.span == Span.MONTH,
            HistoryImport.withdrawn_at.is_(None),
            or_(*lies),
        )
    ).one()
    return Sum(*map(int, row))
