"""Queries of the reports besides the figures: places, and first visits."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, case, false, func, or_, select

from hallapp.core.database import db
from hallapp.ledger import closes
from hallapp.ledger.facets import DIVISION
from hallapp.ledger.models import Figure, HistoryImport, HistoryRow
from hallapp.periods import Period, Span
from hallapp.reports.figures.parts import NOTHING, Sum
from hallapp.schedule.models import Mode, Programme, Slot


class PlacesSum(NamedTuple):
    """Places in slots: open and booked."""

    capacity: int
    booked: int


def sum_places(hall_id: int, period: Period) -> PlacesSum:
    """Return the places in the hall of the slots of a period."""
    row = db.session.execute(
        select(
            func.coalesce(func.sum(case((Slot.open, Slot.visitor_capacity), else_=0)), 0),
            func.coalesce(func.sum(Slot.visitors_booked), 0),
        )
        .join(Slot.programme)
        .where(
            Slot.hall_id == hall_id,
            Slot.day >= period.first,
            Slot.day < period.end,
            Programme.mode == Mode.ON_SITE,
        )
    ).one()
    return PlacesSum(*map(int, row))


def list_first_months(hall_id: int) -> Mapping[str, date]:
    """Return the first month with people from a division, by its code; without not stated."""
    rows = db.session.execute(
        select(Figure.part, func.min(Figure.first))
        .where(
            Figure.hall_id == hall_id,
            Figure.span == Span.MONTH,
            Figure.facet == DIVISION,
            Figure.part != "unknown",
            Figure.visitors > 0,
        )
        .group_by(Figure.part)
    )
    return {part: first for part, first in rows}  # noqa: C416


def list_first_days(hall_id: int, months: Mapping[str, date]) -> Mapping[str, date]:
    """Return the first day of a visit from a division within the given month, where it is certain.

    Each division is looked up in its own month only. In a month that also has people without a day the first day is not
    certain: they may have come earlier.
    """
    divisions: dict[date, list[str]] = {}
    for code, month in months.items():
        divisions.setdefault(month, []).append(code)
    lies = [
        and_(
            Figure.part.in_(codes),
            or_(
                and_(Figure.span == Span.MONTH, Figure.first == month),
                and_(Figure.span == Span.DAY, Figure.first >= month, Figure.first < closes.end_of(month)),
            ),
        )
        for month, codes in divisions.items()
    ]
    rows = db.session.execute(
        select(Figure.part, Figure.span, func.min(Figure.first), func.sum(Figure.visitors))
        .where(Figure.hall_id == hall_id, Figure.facet == DIVISION, Figure.visitors > 0, or_(false(), *lies))
        .group_by(Figure.part, Figure.span)
    )
    found = {(part, span): (first, int(visitors)) for part, span, first, visitors in rows}
    return {
        code: first
        for code, month in months.items()
        for first, dated in (found.get((code, Span.DAY), (None, 0)),)
        if first is not None and (first == month or dated == found[code, Span.MONTH][1])
    }


def sum_undated(hall_id: int, stretches: Sequence[tuple[date, date | None]]) -> Sum:
    """Return imported people and groups whose day is unknown, of the months in some stretches of time."""
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
