"""Month close: filed figures do not change; later events are shown beside them as an adjustment.

Closing locks the hall's row exclusively. Every event shares that lock from its first statement on, by its foreign key.
So a month is closed either before an event was written, and then the event sees the close, or after it was counted.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.prepared import Prepared
from hallapp.ledger import errors
from hallapp.ledger.lines import NewEvent
from hallapp.ledger.models import (
    Adjustment,
    AdjustmentReason,
    Arrival,
    DeskEvent,
    EventKind,
    HistoryImport,
    HistoryRow,
    MonthClose,
)
from hallapp.periods import Span
from hallapp.schedule.models import Hall
from hallapp.schedule.regions import opening_changing

REASONS = {
    EventKind.ADMIT: AdjustmentReason.LATE,
    EventKind.TAKE_BACK: AdjustmentReason.TAKEN_BACK,
    EventKind.COUNT: AdjustmentReason.SETTLED,
}


class Since(NamedTuple):
    """Changes after a close: the number of adjustments, and the people by whom the ledger moved; +20 and −20 are 0."""

    adjustments: int
    visitors: int


NONE_SINCE = Since(0, 0)
#: By how much the earliest time zones are ahead of UTC: there a month is over first.
_FIRST_MIDNIGHT = timedelta(hours=14)


def hold(hall_id: int) -> Hall:
    """Return the hall, its row locked against all who count or close; call it before anything else."""
    return db.session.scalars(select(Hall).where(Hall.id == hall_id).with_for_update()).one()


def digest_of(figures: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of figures in canonical form: JSON with sorted keys and no spaces, UTF-8."""
    canonical = json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def close(hall: Hall, month: date, figures: Mapping[str, Any], *, staff_id: int) -> MonthClose:
    """File the figures of a month, by its first day. The caller has held the hall since before they were computed.

    Raises:
        MonthNotOver: it has days to come, today among them.
        AlreadyClosed: it is closed.
    """
    if hall.today() < end_of(month):
        raise errors.MonthNotOver
    if find(hall.id, month):
        raise errors.AlreadyClosed
    before = db.session.scalar(
        select(func.max(MonthClose.version)).where(MonthClose.hall_id == hall.id, MonthClose.month == month)
    )
    made = MonthClose(
        hall_id=hall.id,
        month=month,
        version=(before or 0) + 1,
        figures=dict(figures),
        digest=digest_of(figures),
        visitors=sum_ledger(hall.id, month, end_of(month)),
        closed_at=clock.now(),
        closed_by_id=staff_id,
    )
    db.session.add(made)
    db.session.flush()
    return made


def reopen(hall_id: int, month: date, *, reason: str, staff_id: int) -> MonthClose:
    """Open a closed month again: its figures stay as this version, and its report shows the ledger's once more.

    Raises:
        ReasonMissing: none was given.
        NotClosed: there is nothing to open.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    hold(hall_id)
    found = find(hall_id, month)
    if found is None:
        raise errors.NotClosed
    found.reopened_at, found.reopened_by_id, found.reopen_reason = clock.now(), staff_id, reason.strip()
    db.session.flush()
    return found


def adjust(written: Iterable[tuple[NewEvent, int, int]]) -> None:
    """Write down which events of one hall have counted people in closed months: each with its row and its people.

    Their rows are written.
    """
    closed: dict[date, int | None] = {}
    for event, row_id, visitors in written:
        month = event.day.replace(day=1)
        if month not in closed:
            closed[month] = find_past(event.hall_id, event.day, now=event.received_at)
        if found := closed[month]:
            db.session.add(
                Adjustment(
                    hall_id=event.hall_id,
                    close_id=found,
                    reason=REASONS[event.kind],
                    event_id=row_id,
                    visitors=visitors,
                    made_at=event.received_at,
                    made_by_id=event.staff_id,
                )
            )
    if any(closed.values()):
        db.session.flush()


def adjust_by_import(history: HistoryImport, *, sign: int, staff_id: int | None) -> None:
    """Write down what an import has counted in closed months (sign 1), or a withdrawn one has taken out (−1)."""
    closed = {each.month: each for each in list_closed(history.hall_id)}
    months: dict[date, int] = {}
    rows = db.session.execute(
        select(HistoryRow.first, func.sum(HistoryRow.visitors))
        .where(HistoryRow.import_id == history.id)
        .group_by(HistoryRow.first)
    )
    for first, visitors in rows:
        month = first.replace(day=1)
        months[month] = months.get(month, 0) + int(visitors)
    reason = AdjustmentReason.IMPORTED if sign > 0 else AdjustmentReason.WITHDRAWN
    db.session.add_all(
        Adjustment(
            hall_id=history.hall_id,
            close_id=closed[month].id,
            reason=reason,
            import_id=history.id,
            visitors=sign * visitors,
            made_at=clock.now(),
            made_by_id=staff_id,
        )
        for month, visitors in sorted(months.items())
        if month in closed
    )
    db.session.flush()


def end_of(month: date) -> date:
    """Return the first day of the next month."""
    return clock.month_range(month.year, month.month)[1]


def find(hall_id: int, month: date) -> MonthClose | None:
    """Return the valid close of a month, by its first day; or None while the month is open."""
    return db.session.scalar(
        select(MonthClose).where(*_IN_FORCE).options(joinedload(MonthClose.closed_by)),
        {"hall": hall_id, "month": month},
    )


_IN_FORCE = (
    MonthClose.hall_id == bindparam("hall"),
    MonthClose.month == bindparam("month"),
    MonthClose.reopened_at.is_(None),
)
_FIND_NUMBER = Prepared(select(MonthClose.id).where(*_IN_FORCE))


@opening_changing.connect
def _keep_figures(hall: Hall, opened_on: date) -> None:
    """Raise OpeningAfterFigures where the reports since the opening would lose people, or a closed month."""
    counted = select(func.min(Arrival.day)).where(Arrival.hall_id == hall.id)
    imported = select(func.min(HistoryRow.first)).where(HistoryRow.hall_id == hall.id, HistoryRow.span == Span.DAY)
    months = (
        select(func.min(HistoryRow.first)).where(HistoryRow.hall_id == hall.id),
        select(func.min(MonthClose.month)).where(MonthClose.hall_id == hall.id, MonthClose.reopened_at.is_(None)),
    )
    days = [day for query in (counted, imported) if (day := db.session.scalar(query)) and day < opened_on]
    firsts = [first for query in months if (first := db.session.scalar(query)) and first < opened_on.replace(day=1)]
    if days or firsts:
        raise errors.OpeningAfterFigures(first=min(days + firsts))


def find_past(hall_id: int, day: date, *, now: datetime) -> int | None:
    """Return the number of the valid close of a day's month, or None.

    It is called for every event. A month that is still running everywhere on earth cannot be closed: the usual case
    needs no query. The hall's own time zone does not tell, because it may have changed since the close.
    """
    month = day.replace(day=1)
    latest = now + _FIRST_MIDNIGHT + timedelta(hours=1)  # the clock of who closes may be ahead
    if month >= latest.date().replace(day=1):
        return None
    found = _FIND_NUMBER.rows({"hall": hall_id, "month": month})
    return found[0][0] if found else None


def list_closed(hall_id: int) -> Sequence[MonthClose]:
    """Return the valid closes of a hall, by month, without their figures."""
    return db.session.scalars(
        select(MonthClose)
        .where(MonthClose.hall_id == hall_id, MonthClose.reopened_at.is_(None))
        .order_by(MonthClose.month)
    ).all()


def list_versions(hall_id: int, month: date) -> Sequence[MonthClose]:
    """Return all closes of a month, reopened ones too, the newest first."""
    return db.session.scalars(
        select(MonthClose)
        .where(MonthClose.hall_id == hall_id, MonthClose.month == month)
        .options(joinedload(MonthClose.closed_by), joinedload(MonthClose.reopened_by))
        .order_by(MonthClose.version.desc())
    ).all()


def list_adjustments_of(close_id: int) -> Sequence[Adjustment]:
    """Return the adjustments of a closed month, in the order in which they were made."""
    return _adjustments(Adjustment.close_id == close_id)


def list_adjustments_made(hall: Hall, first: date, end: date) -> Sequence[Adjustment]:
    """Return the adjustments that were made on the days from `first` up to `end`, for any month."""
    start, stop = (clock.at(day, clock.MIDNIGHT, hall.time_zone) for day in (first, end))
    return _adjustments(Adjustment.hall_id == hall.id, Adjustment.made_at >= start, Adjustment.made_at < stop)


def _adjustments(*conditions: Any) -> Sequence[Adjustment]:
    return db.session.scalars(
        select(Adjustment)
        .where(*conditions)
        .options(
            joinedload(Adjustment.close, innerjoin=True),
            joinedload(Adjustment.event).selectinload(DeskEvent.arrivals),
            joinedload(Adjustment.history),
            joinedload(Adjustment.made_by),
        )
        .order_by(Adjustment.made_at, Adjustment.id)
    ).all()


def sum_ledger(hall_id: int, first: date, end: date) -> int:
    """Return the ledger's own people on the days from `first` up to `end`, counted by desks or imported.

    A monthly total without days is included if the whole month is.
    """
    counted = select(func.coalesce(func.sum(Arrival.visitors), 0)).where(
        Arrival.hall_id == hall_id, Arrival.day >= first, Arrival.day < end
    )
    imported = (
        select(func.coalesce(func.sum(HistoryRow.visitors), 0))
        .join(HistoryImport, HistoryImport.id == HistoryRow.import_id)
        .where(
            HistoryRow.hall_id == hall_id,
            HistoryRow.first >= first,
            HistoryRow.first < end,
            (HistoryRow.span == Span.DAY) | (HistoryRow.first < end.replace(day=1)),
            HistoryImport.withdrawn_at.is_(None),
        )
    )
    return int(db.session.scalar(counted) or 0) + int(db.session.scalar(imported) or 0)


def sum_adjustments(close_ids: Sequence[int]) -> Since:
    """Return the sums of the adjustments since these closes."""
    moved = select(func.count(), func.coalesce(func.sum(Adjustment.visitors), 0))
    count, visitors = db.session.execute(moved.where(Adjustment.close_id.in_(close_ids))).one()
    return Since(int(count), int(visitors))
