"""Proof of a closed month's figures: by the signature, and by the present ledgers of arrivals and the audience.

The ledgers are read directly: entries of desks, rows of valid imports, and lines of the audience. Summaries are not
used.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload, undefer

from hallapp.core.database import db
from hallapp.ledger import closes
from hallapp.ledger.models import Adjustment, AdjustmentReason, Arrival, HistoryImport, HistoryRow, MonthClose
from hallapp.online import ledger as audience
from hallapp.origins.values import division_of
from hallapp.periods import Period, Span
from hallapp.reports.figures import filing
from hallapp.reports.figures.parts import AudienceFigures, Figures

#: People by division, or by day; the day is None where only the month is known.
Sums = Mapping[Any, int]


class Measure(StrEnum):
    """The numbers that are proved."""

    VISITORS = "visitors"
    AUDIENCE = "audience"
    AUDIENCE_MINUTES = "audience minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A division or a day whose figures and adjustments differ from the ledger.

    `part` is a division's code, a day, or None for people of whom only the month is known.
    """

    measure: Measure = Measure.VISITORS
    part: str | date | None
    filed: int
    adjusted: int
    in_ledger: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of proving a close; a reopened one is proved by its digest alone, as the ledger has moved on.

    `adjusted` are the people of the adjustments since, `in_ledger` those of the ledger now.
    """

    close: MonthClose
    digest_agrees: bool
    filed: int
    adjusted: int = 0
    in_ledger: int = 0
    deviations: tuple[Deviation, ...] = ()

    @property
    def agrees(self) -> bool:
        """Return whether nothing differs."""
        return self.digest_agrees and not self.deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class ByLedger:
    """People by division and by day."""

    divisions: Sums
    days: Sums

    @property
    def visitors(self) -> int:
        """Return all of them."""
        return sum(self.divisions.values())


def verify(close: MonthClose) -> Verdict:
    """Prove a close: its figures by their digest, and, if it is valid, figures and adjustments by the ledger.

    The caller provides one consistent state of the database (`read_snapshot`).
    """
    fine = closes.digest_of(close.figures) == close.digest
    figures = filing.read(close.figures)
    filed = figures.totals.visitors
    if close.reopened_at is not None:
        return Verdict(close=close, digest_agrees=fine, filed=filed)
    now, since = count_ledger(close.hall_id, close.month), count_adjusted(close)
    return Verdict(
        close=close,
        digest_agrees=fine,
        filed=filed,
        adjusted=since.visitors,
        in_ledger=now.visitors,
        deviations=(
            *_compare(_filed_divisions(figures), since.divisions, now.divisions),
            *_days(figures, since, now),
            *_audience(figures, close.hall_id, close.month, close.id),
        ),
    )


def differing(hall_id: int, month: date, figures: Figures) -> tuple[Deviation, ...]:
    """Return the differences between an open month's figures and the ledger, by division and by day."""
    now, nothing = count_ledger(hall_id, month), ByLedger(divisions={}, days={})
    return (
        *_compare(_filed_divisions(figures), {}, now.divisions),
        *_days(figures, nothing, now),
        *_audience(figures, hall_id, month, None),
    )


def count_ledger(hall_id: int, month: date) -> ByLedger:
    """Return people of the ledger of a month, by its first day."""
    end = closes.end_of(month)
    row = HistoryRow
    counted = select(Arrival.division, Arrival.day, func.sum(Arrival.visitors)).where(
        Arrival.hall_id == hall_id, Arrival.day >= month, Arrival.day < end
    )
    imported = (
        select(row.division, row.first, row.span, func.sum(row.visitors))
        .join(HistoryImport, HistoryImport.id == row.import_id)
        .where(row.hall_id == hall_id, row.first >= month, row.first < end, HistoryImport.withdrawn_at.is_(None))
    )
    return _by_ledger(
        db.session.execute(counted.group_by(Arrival.division, Arrival.day)),
        db.session.execute(imported.group_by(row.division, row.first, row.span)),
    )


def count_adjusted(close: MonthClose) -> ByLedger:
    """Return the people by whom the ledger has moved since a close, by the rows of its adjustments."""
    row, mine = HistoryRow, Adjustment.close_id == close.id
    counted = (
        select(Arrival.division, Arrival.day, func.sum(Arrival.visitors))
        .join(Adjustment, Adjustment.event_id == Arrival.event_id)
        .where(mine)
    )
    signed = case((Adjustment.reason == AdjustmentReason.WITHDRAWN, -row.visitors), else_=row.visitors)
    imported = (
        select(row.division, row.first, row.span, func.sum(signed))
        .join(Adjustment, Adjustment.import_id == row.import_id)
        .where(mine, row.hall_id == close.hall_id, row.first >= close.month, row.first < closes.end_of(close.month))
    )
    return _by_ledger(
        db.session.execute(counted.group_by(Arrival.division, Arrival.day)),
        db.session.execute(imported.group_by(row.division, row.first, row.span)),
    )


def list_verdicts(hall_id: int, *, period: Period | None = None, digest: str | None = None) -> list[Verdict]:
    """Return the proof of every close of a hall, reopened ones too, by month and version.

    Only those of the months that begin in a period, where one is given, and those whose digest is this one or begins
    with it. It reads each row of the ledger of these months.
    """
    query = select(MonthClose).where(MonthClose.hall_id == hall_id)
    if period is not None:
        query = query.where(MonthClose.month >= period.first, MonthClose.month < period.end)
    if digest is not None:
        query = query.where(MonthClose.digest.startswith(digest, autoescape=True))
    people = (joinedload(MonthClose.closed_by), joinedload(MonthClose.reopened_by))
    found = db.session.scalars(
        query.options(undefer(MonthClose.figures), *people).order_by(MonthClose.month, MonthClose.version)
    )
    return [verify(each) for each in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledDigest:
    """The public facts about a closed month: when it was closed, and whether its digest is still right."""

    month: Period
    closed_at: datetime
    is_untouched: bool
    is_current: bool

    @property
    def is_valid(self) -> bool:
        """Return whether the paper is the hall's current report of the month."""
        return self.is_untouched and self.is_current


def find_filed(hall_id: int, digest: str) -> FiledDigest | None:
    """Return the close whose digest begins with this one. Without the ledger, so that its cost does not grow."""
    query = select(MonthClose).where(
        MonthClose.hall_id == hall_id, MonthClose.digest.startswith(digest, autoescape=True)
    )
    close = db.session.scalar(query.options(undefer(MonthClose.figures)).order_by(MonthClose.id.desc()).limit(1))
    if close is None:
        return None
    return FiledDigest(
        month=Period.month(close.month.year, close.month.month),
        closed_at=close.closed_at,
        is_untouched=closes.digest_of(close.figures) == close.digest,
        is_current=close.reopened_at is None,
    )


def list_years(hall_id: int) -> list[int]:
    """Return the years of which months were closed, the latest first."""
    months = db.session.scalars(select(MonthClose.month).where(MonthClose.hall_id == hall_id).distinct())
    return sorted({month.year for month in months}, reverse=True)


def _by_ledger(counted: Iterable[Any], imported: Iterable[Any]) -> ByLedger:
    divisions, days = Counter[Any](), Counter[Any]()
    for place, day, people in counted:
        divisions[division_of(place)] += int(people)
        days[day] += int(people)
    for division, first, span, people in imported:
        divisions[division] += int(people)
        days[first if span is Span.DAY else None] += int(people)
    return ByLedger(divisions=divisions, days=days)


def _filed_divisions(figures: Figures) -> Sums:
    return {one.code: one.visitors for one in figures.divisions}


def _days(figures: Figures, since: ByLedger, now: ByLedger) -> tuple[Deviation, ...]:
    filed: dict[Any, int] = {one.first: one.visitors for one in figures.parts}
    filed[None] = figures.undated.visitors
    return _compare(filed, since.days, now.days)


def _audience(figures: Figures, hall_id: int, month: date, close_id: int | None) -> Iterator[Deviation]:
    """Yield where the filed audience, with what was counted after the close, differs from its ledger."""
    now = audience.count(hall_id, month, closes.end_of(month))
    since = audience.count_adjusted(hall_id, close_id) if close_id else audience.Counted({}, {}, {})
    filed = figures.audience or AudienceFigures(people=0, minutes=0, divisions=(), sessions=())
    days = Counter[date]()
    for one in filed.sessions:
        days[one.day] += one.people
    people = {one.code: one.people for one in filed.divisions}
    minutes = {one.code: one.minutes for one in filed.divisions}
    yield from _compare(people, since.people, now.people, Measure.AUDIENCE)
    yield from _compare(days, since.days, now.days, Measure.AUDIENCE)
    yield from _compare(minutes, since.minutes, now.minutes, Measure.AUDIENCE_MINUTES)


def _compare(filed: Sums, adjusted: Sums, now: Sums, measure: Measure = Measure.VISITORS) -> tuple[Deviation, ...]:
    parts = sorted({*filed, *adjusted, *now}, key=lambda part: (part is None, str(part)))
    found = (
        Deviation(
            measure=measure,
            part=part,
            filed=filed.get(part, 0),
            adjusted=adjusted.get(part, 0),
            in_ledger=now.get(part, 0),
        )
        for part in parts
    )
    return tuple(one for one in found if one.filed + one.adjusted != one.in_ledger)
