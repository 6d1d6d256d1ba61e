"""Queries on the figures of some spans, independent of what lies outside them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from hallapp.core.database import db
from hallapp.ledger.facets import ALL
from hallapp.ledger.figures import Amount
from hallapp.ledger.models import Figure
from hallapp.periods import Span, Stretch
from hallapp.schedule.models import Hall, on_own_day


def sum_parts(hall_id: int, stretches: Iterable[Stretch], facets: Collection[str]) -> dict[str, dict[str, Amount]]:
    """Return the parts of some facets over some stretches of time, added up, in one query."""
    columns = (func.sum(Figure.visitors), func.sum(Figure.groups), func.sum(Figure.extra))
    rows = db.session.execute(
        select(Figure.facet, Figure.part, *columns)
        .where(Figure.hall_id == hall_id, Figure.facet.in_(facets), within(stretches))
        .group_by(Figure.facet, Figure.part)
    )
    found: dict[str, dict[str, Amount]] = {facet: {} for facet in facets}
    for facet, part, *amount in rows:
        found[facet][part] = Amount(*map(int, amount))
    return found


def list_spans(hall_id: int, stretch: Stretch, facet: str) -> Sequence[tuple[date, str, Amount]]:
    """Return each span of a stretch with the parts of a facet, in order of time; empty spans may be missing."""
    return list_spans_of(hall_id, [stretch], facet)


def list_spans_of(hall_id: int, stretches: Sequence[Stretch], facet: str) -> Sequence[tuple[date, str, Amount]]:
    """Return the spans of several stretches, at least one, with spans of equal length, like `list_spans`."""
    rows = db.session.execute(
        select(Figure.first, Figure.part, Figure.visitors, Figure.groups, Figure.extra)
        .where(Figure.hall_id == hall_id, Figure.facet == facet, within(stretches))
        .order_by(Figure.first, Figure.part)
    )
    return [(first, part, Amount(*amount)) for first, part, *amount in rows]


def find_first_day(hall: Hall) -> date:
    """Return the opening day of a hall, or an earlier first day of people who were counted before it."""
    return list_first_days([hall])[hall.id]


def list_first_days(halls: Iterable[Hall]) -> dict[int, date]:
    """Return the same of several halls, by their numbers, in one query.

    Of people of whom only the month is known, it is the first day of the month.
    """
    opened = {hall.id: hall.opened_on for hall in halls}
    earlier = (
        and_(Figure.hall_id == number, within([(Span.DAY, date.min, day), (Span.MONTH, date.min, day.replace(day=1))]))
        for number, day in opened.items()
    )
    rows = db.session.execute(
        select(Figure.hall_id, func.min(Figure.first))
        .where(or_(*earlier), Figure.facet == ALL, Figure.visitors > 0)
        .group_by(Figure.hall_id)
    )
    return opened | {hall_id: first for hall_id, first in rows}  # noqa: C416


def by_first(rows: Iterable[tuple[date, str, Amount]]) -> Mapping[date, Amount]:
    """Spans of a facet of one part by their first days."""
    return {first: amount for first, _part, amount in rows}


def count_visitors_today(halls: Iterable[Hall]) -> dict[int, int]:
    """Return the people who arrived in each of several halls on its present day; a hall without any is left out."""
    rows = db.session.execute(
        select(Figure.hall_id, Figure.visitors).where(
            on_own_day(halls, Figure.hall_id, Figure.first),
            Figure.span == Span.DAY,
            Figure.facet == ALL,
            Figure.part == "",
        )
    )
    return dict(rows.all())


def count_visitors(hall_id: int, day: date) -> int:
    """Return people who arrived on a day."""
    return (
        db.session.scalar(
            select(Figure.visitors).where(
                Figure.hall_id == hall_id,
                Figure.span == Span.DAY,
                Figure.facet == ALL,
                Figure.first == day,
                Figure.part == "",
            )
        )
        or 0
    )


def within(stretches: Iterable[Stretch]) -> ColumnElement[bool]:
    """Return the condition that a figure lies in one of these stretches."""
    return or_(*(_in_stretch(*stretch) for stretch in stretches))


def _in_stretch(span: Span, first: date, end: date | None) -> ColumnElement[bool]:
    conditions: list[Any] = [Figure.span == span, Figure.first >= first]
    if end is not None:
        conditions.append(Figure.first < end)
    return and_(*conditions)
