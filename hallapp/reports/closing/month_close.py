"""Closing and reopening months, and the facts that a person should know before a close."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from hallapp.accounts import service as accounts
from hallapp.core import clock
from hallapp.core.database import db, read_snapshot
from hallapp.desk.models import DeskConflict
from hallapp.devices import queries as devices
from hallapp.devices.models import Device, DeviceKind
from hallapp.ledger import closes
from hallapp.ledger import queries as ledger
from hallapp.ledger.errors import AlreadyClosed, MonthNotOver
from hallapp.ledger.models import Adjustment, DeskEvent, MonthClose
from hallapp.online import queries as online
from hallapp.periods import Period, Unit
from hallapp.reports import apart, tables
from hallapp.reports.closing import verify
from hallapp.reports.closing.signals import month_changed
from hallapp.reports.closing.verify import Deviation
from hallapp.reports.errors import FiguresDiffer, NothingToClose
from hallapp.reports.figures import filing
from hallapp.reports.figures import service as figures
from hallapp.reports.figures.parts import Figures
from hallapp.reports.figures.service import Report
from hallapp.schedule.models import Hall
from hallapp.talks import queries as talks


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The figures that a close would file; differences from the ledger prevent it, the other notes do not.

    `conflicts` are admissions of the month that wait for a manager; `unseen` devices that may hold admissions of it:
    they have not been heard of since before it ended. `talks` are hosts with the talks whose result they have not
    recorded, and `sessions` the online sessions whose audience has not been counted yet.
    """

    month: Period
    figures: Figures
    deviations: tuple[Deviation, ...]
    conflicts: int
    unseen: Sequence[Device]
    talks: Sequence[tuple[str, int]]
    sessions: int

    @property
    def agrees(self) -> bool:
        """Return whether the figures agree with the ledger."""
        return self.figures.agrees and not self.deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The state of a month: closed by `close` with the `adjustments` since, or open; `versions` are filed so far."""

    close: MonthClose | None
    adjustments: Sequence[Adjustment]
    versions: int
    may_close: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure that differs between two versions of a month: its table, its part, and the people in each version."""

    title: str
    name: str
    before: int
    after: int


def preview(hall: Hall, month: Period) -> Preview:
    """Look at a month that is to be closed, from one state of the database.

    Raises:
        PeriodNotBegun, PeriodBeforeOpening: the hall was not open in it.
        MonthNotOver: it has days to come. AlreadyClosed: it is closed.
    """
    check_open(hall, month)
    read_snapshot()
    computed = figures.compute(hall, month)
    return Preview(
        month=month,
        figures=computed,
        deviations=verify.differing(hall.id, month.first, computed),
        conflicts=count_conflicts(hall.id, month),
        unseen=list_unseen(hall, month),
        talks=talks.list_unrecorded(hall.id, month.first, month.end),
        sessions=online.count_waiting(hall.id, month.first, month.end),
    )


def check_open(hall: Hall, month: Period) -> None:
    """Check that a month can be closed. Raises as `preview`."""
    figures.check_period(hall, month)
    if hall.today() < month.end:
        raise MonthNotOver
    if closes.find(hall.id, month.first):
        raise AlreadyClosed


def close(hall_id: int, month: Period, *, staff_id: int) -> MonthClose:
    """File the figures of a month as the ledger has them; needs a transaction, and desks wait until it ends.

    Raises:
        PeriodNotBegun, PeriodBeforeOpening, MonthNotOver, AlreadyClosed: there is nothing to close.
        FiguresDiffer: the figures do not agree with the ledger.
    """
    hall = closes.hold(hall_id)
    check_open(hall, month)
    computed = figures.compute(hall, month)
    if not computed.agrees or verify.differing(hall_id, month.first, computed):
        raise FiguresDiffer(str(month))
    made = closes.close(hall, month.first, filing.write(computed), staff_id=staff_id)
    _record(made, "month_closed", staff_id)
    return made


def reopen(hall_id: int, month: Period, *, reason: str, staff_id: int) -> MonthClose:
    """Let a closed month show the ledger again; the filed figures stay as a version. Needs a transaction.

    Raises:
        ReasonMissing: none was given. NotClosed: there is nothing to open.
    """
    found = closes.reopen(hall_id, month.first, reason=reason, staff_id=staff_id)
    _record(found, "month_reopened", staff_id)
    return found


def list_months(hall: Hall) -> list[Period]:
    """Return the months from the opening to the present one, and earlier ones since people were counted."""
    first, last, found = ledger.find_first_day(hall).replace(day=1), hall.today(), []
    while first <= last:
        found.append(Period.month(first.year, first.month))
        first = closes.end_of(first)
    return found


def list_open(hall: Hall, before: date) -> list[Period]:
    """Return the past months since the opening that begin before a day and are not closed, the earliest first."""
    read_snapshot()
    closed = {each.month for each in closes.list_closed(hall.id)}
    last = min(before, hall.today().replace(day=1))
    return [month for month in list_months(hall) if month.first < last and month.first not in closed]


def get_open(hall: Hall, before: date) -> list[Period]:
    """Return an open month. Raises NothingToClose where there is none."""
    found = list_open(hall, before)
    if not found:
        raise NothingToClose
    return found


def find_standing(report: Report) -> Standing | None:
    """Return the state of a report's month; None for any other period."""
    if report.period.unit is not Unit.MONTH:
        return None
    hall, month = report.hall, report.period
    return Standing(
        close=report.close,
        adjustments=closes.list_adjustments_of(report.close.id) if report.close else (),
        versions=count_versions(hall.id, month.first),
        may_close=report.close is None and not report.running,
    )


def count_versions(hall_id: int, month: date) -> int:
    """Return how often a month was closed."""
    query = select(func.count()).select_from(MonthClose)
    return db.session.scalar(query.where(MonthClose.hall_id == hall_id, MonthClose.month == month)) or 0


def get_version(hall_id: int, month: date, version: int) -> MonthClose:
    """Return one version of a month. Raises NoResultFound."""
    return db.session.scalars(
        select(MonthClose).where(
            MonthClose.hall_id == hall_id, MonthClose.month == month, MonthClose.version == version
        )
    ).one()


def count_conflicts(hall_id: int, month: Period) -> int:
    """Return how many admissions of a month wait for a manager to settle them."""
    return (
        db.session.scalar(
            select(func.count(DeskConflict.event_id.distinct()))
            .join(DeskEvent, DeskEvent.id == DeskConflict.event_id)
            .where(
                DeskConflict.hall_id == hall_id,
                DeskConflict.decision.is_(None),
                DeskEvent.day >= month.first,
                DeskEvent.day < month.end,
            )
        )
        or 0
    )


def list_unseen(hall: Hall, month: Period) -> list[Device]:
    """Return the kiosks in use that were last heard of before a month was over: they may hold admissions of it."""
    end = clock.at(month.end, clock.MIDNIGHT, hall.time_zone)
    return [
        device
        for device in devices.list_devices(hall.id)
        if device.kind is DeviceKind.KIOSK and device.last_seen_at is not None and device.last_seen_at < end
    ]


def list_changes(before: Report, after: Report) -> list[Change]:
    """Return the differences between two versions of a month, in the language in force, table by table."""
    found = []
    old, new = _numbers(before), _numbers(after)
    for title, code in {**old, **new}:
        (name, was), (new_name, is_now) = (side.get((title, code), ("", 0)) for side in (old, new))
        if was != is_now:
            found.append(Change(title=title, name=new_name or name, before=was, after=is_now))
    return found


def _numbers(report: Report) -> dict[tuple[str, str | date], tuple[str, int]]:
    """Return the rows of all tables, with those of the audience and of talks: the name and the first number of each."""
    return {
        **{(table.title, row.code): (row.name, row.visitors) for table in tables.in_full(report) for row in table.rows},
        **{
            (table.title, row.code): (row.name, row.numbers[0] or 0)
            for table in apart.list_tables(report)
            for row in table.rows
        },
    }


def _record(close_: MonthClose, action: str, staff_id: int) -> None:
    """Inform the rooms above, and write to the audit trail.

    The reason of a reopening stays with the figures, as free text may name a person.
    """
    month_changed.send(close_)
    accounts.record(
        hall_id=close_.hall_id,
        staff_id=staff_id,
        action=action,
        subject=f"month {close_.month:%Y-%m}",
        detail={"version": close_.version, "people": close_.visitors, "digest": close_.digest[:16]},
    )
