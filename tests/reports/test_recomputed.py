"""Absences and first visits against a slow, obvious recomputation from the raw rows, after anything that may happen."""

from collections import Counter as Count
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hallapp.booking.models import Booking, BookingState
from hallapp.core import clock as hall_clock
from hallapp.core.database import db, transaction
from hallapp.ledger import history
from hallapp.ledger.facets import ORGANISATION
from hallapp.ledger.filing import Filing, organisation_number
from hallapp.ledger.ledger import append_event, read_ledger
from hallapp.ledger.lines import NewEvent
from hallapp.ledger.models import DeskEvent, EventKind, HistoryImport, HistoryRow, WalkIn
from hallapp.periods import SINCE_OPENING, Period, Span
from hallapp.reports.figures import landmarks
from hallapp.reports.figures.parts import MilestoneKind
from hallapp.reports.figures.service import get_report
from hallapp.schedule.models import Slot
from tests import factories
from tests.conftest import examples
from tests.reports.conftest import GUANGZHOU, Counter

pytestmark = pytest.mark.either_database

FIRST = date(2026, 1, 1)
NOW = datetime(2026, 7, 15, 12, 0, tzinfo=GUANGZHOU)
PLACES = ("440000", "430000", "540000", "overseas", "unknown")
NAMES = ("", "某校", "某厂")
PERIODS = [
    *(Period.month(2026, number) for number in range(1, 8)),
    *(Period.quarter(2026, number) for number in (1, 2, 3)),
    Period.year(2026),
    SINCE_OPENING,
    Period.days(date(2026, 1, 20), date(2026, 5, 9)),
    Period.days(date(2026, 7, 15), date(2026, 7, 15)),
]
#: Few days, so that they meet: the ends of months, and the running day.
DAYS = st.sampled_from(
    [date(2026, *day) for day in ((1, 1), (1, 31), (2, 5), (3, 31), (4, 1), (6, 30), (7, 1), (7, 15))]
)
PEOPLE = st.integers(1, 30)
ACTS = st.one_of(
    st.tuples(st.just("book"), DAYS, st.sampled_from([9, 11, 16]), PEOPLE, st.sampled_from(list(BookingState))),
    st.tuples(st.just("arrive"), DAYS, st.integers(0, 9), st.dictionaries(st.sampled_from(PLACES), PEOPLE, min_size=1)),
    st.tuples(st.just("arrive"), DAYS, st.integers(0, 9), st.dictionaries(st.sampled_from(PLACES), PEOPLE, min_size=1)),
    st.tuples(st.just("walk_in"), DAYS, st.sampled_from(PLACES), PEOPLE, st.sampled_from(NAMES)),
    st.tuples(st.just("undo"), st.integers(0, 9)),
    st.tuples(st.just("move"), st.integers(0, 9), DAYS),
    st.tuples(st.just("tell_day"), DAYS, st.sampled_from(PLACES), PEOPLE, st.sampled_from(NAMES)),
    st.tuples(st.just("tell_month"), DAYS, st.sampled_from(PLACES), PEOPLE),
    st.tuples(st.just("withdraw"), st.integers(0, 9)),
)


class Diary:
    """Does what it is told in a hall of its own; what cannot be done is left out."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self.counter = Counter(clock, opened_on=FIRST)
        self.hall_id, self.staff_id = self.counter.hall.id, self.counter.staff.id
        self.bookings: list[int] = []
        self.admissions: list[tuple[NewEvent, dict[str, int]]] = []
        self.imports: list[int] = []
        self.number = 0

    def book(self, day: date, hour: int, people: int, state: BookingState) -> None:
        offered = {"offered_until": NOW} if state is BookingState.OFFERED else {}
        with transaction():
            made = factories.booking(
                slot=self._slot(day, hour),
                origins={"440000": people},
                state=state,
                organisation="某校",
                **offered,
            )
            self.bookings.append(made.id)

    def arrive(self, day: date, which: int, counts: dict[str, int]) -> None:
        if self.bookings:
            self._admit(db.session.get_one(Booking, self.bookings[which % len(self.bookings)]), day, counts)

    def walk_in(self, day: date, division: str, people: int, name: str) -> None:
        with transaction():
            row = WalkIn(hall_id=self.hall_id, programme_id=self.counter.tour.id, kind="school", organisation=name)
            db.session.add(row)
        self._admit(row, day, {division: people})

    def undo(self, which: int) -> None:
        if self.admissions:
            event, counts = self.admissions.pop(which % len(self.admissions))
            back = {division: -people for division, people in counts.items()}
            row_id = db.session.scalars(select(DeskEvent.id).where(DeskEvent.event_id == event.event_id)).one()
            self._append(event.booking_id, event.walk_in_id, event.day, back, undoes=row_id)

    def move(self, which: int, day: date) -> None:
        if self.bookings:
            with transaction():
                row = db.session.get_one(Booking, self.bookings[which % len(self.bookings)])
                row.slot = self._slot(day, 14)

    def tell_day(self, day: date, division: str, people: int, name: str) -> None:
        self._tell(Span.DAY, day, division, people, organisation_number(name, "school"))  # type: ignore[arg-type]

    def tell_month(self, day: date, division: str, people: int) -> None:
        self._tell(Span.MONTH, day.replace(day=1), division, people, None)

    def withdraw(self, which: int) -> None:
        if self.imports:
            with transaction():
                history.withdraw(self.hall_id, self.imports.pop(which % len(self.imports)), staff_id=None)

    def _slot(self, day: date, hour: int) -> Slot:
        """The slot at an hour, which two bookings may share."""
        starts = hall_clock.at(day, time(hour), "Asia/Shanghai")
        found = db.session.scalar(select(Slot).where(Slot.hall_id == self.hall_id, Slot.starts_at == starts))
        facts: dict[str, Any] = {"visitor_capacity": 10_000, "guide_capacity": 1_000}
        return found or factories.slot(programme=self.counter.tour, day=day, starts=time(hour), **facts)

    def _admit(self, owner: Booking | WalkIn, day: date, counts: dict[str, int]) -> None:
        is_booking = isinstance(owner, Booking)
        booking_id, walk_in_id = (owner.id, None) if is_booking else (None, owner.id)
        self.admissions.append((self._append(booking_id, walk_in_id, day, counts), counts))

    def _append(
        self,
        booking_id: int | None,
        walk_in_id: int | None,
        day: date,
        counts: dict[str, int],
        undoes: int | None = None,
    ) -> NewEvent:
        self.number += 1
        at = datetime.combine(day, time(10), GUANGZHOU)
        event = NewEvent(
            hall_id=self.hall_id,
            event_id=f"00000000-0000-0000-{self.hall_id:04x}-{self.number:012x}",
            kind=EventKind.ADMIT if undoes is None else EventKind.TAKE_BACK,
            staff_id=self.staff_id,
            day=day,
            occurred_at=at,
            received_at=NOW,
            booking_id=booking_id,
            walk_in_id=walk_in_id,
            undoes_id=undoes,
        )
        with transaction():
            owner = db.session.get_one(Booking, booking_id) if booking_id else db.session.get_one(WalkIn, walk_in_id)
            filing = Filing.of(owner, occurred_at=at, time_zone="Asia/Shanghai")
            append_event(event, counts, filing=filing, ledger=read_ledger(booking_id=booking_id, walk_in_id=walk_in_id))
        return event

    def _tell(self, span: Span, first: date, division: str, people: int, organisation: int | None) -> None:
        self.number += 1
        with transaction():
            made = history.begin(self.hall_id, name="簿", digest=f"{self.number:064x}", staff_id=None)
            row = history.NewRow(
                number=1,
                span=span,
                first=first,
                division=division,
                programme_id=self.counter.tour.id,
                kind="school",  # type: ignore[arg-type]
                visitors=people,
                groups=1,
                organisation=organisation,
            )
            history.add_rows(made, [row])
            history.count(made)
            self.imports.append(made.id)


class Raw:
    """Every row of a hall as it stands, without a sum."""

    def __init__(self, hall_id: int) -> None:
        db.session.rollback()
        db.session.expire_all()
        self.bookings = db.session.scalars(select(Booking).where(Booking.hall_id == hall_id)).all()
        self.events = db.session.scalars(select(DeskEvent).where(DeskEvent.hall_id == hall_id)).all()
        self.told = db.session.scalars(
            select(HistoryRow)
            .join(HistoryImport, HistoryImport.id == HistoryRow.import_id)
            .where(HistoryRow.hall_id == hall_id, HistoryImport.withdrawn_at.is_(None))
        ).all()

    def absent(self, period: Period) -> int:
        """Booking by booking."""
        found = 0
        for booking in self.bookings:
            if booking.state.value in ("declined", "waitlisted", "lapsed", "cancelled"):
                continue
            if not period.first <= booking.slot.day < period.end or booking.slot.ends_at > NOW:
                continue
            mine = [event for event in self.events if event.booking_id == booking.id]
            came = sum(row.visitors for event in mine for row in event.arrivals)
            found += max(0, booking.visitors - came)
        return found

    def firsts(self) -> dict[str, tuple[date, date | None]]:
        """The first month of each division, and the first day where no one can have come before it."""
        days: dict[str, Count[date]] = defaultdict(Count)
        months: dict[str, set[date]] = defaultdict(set)
        for event in self.events:
            for row in event.arrivals:
                days[row.division][row.day] += row.visitors
        for told in self.told:
            if told.span is Span.DAY:
                days[told.division][told.first] += told.visitors
            else:
                months[told.division].add(told.first)
        found: dict[str, tuple[date, date | None]] = {}
        for division in (*days, *months):
            came = sorted(day for day, people in days[division].items() if people > 0)
            candidates = [*(day.replace(day=1) for day in came), *months[division]]
            if division == "unknown" or not candidates:
                continue
            month = min(candidates)
            day = next((day for day in came if day.replace(day=1) == month), None)
            certain = day is not None and (month not in months[division] or day == month)
            found[division] = (month, day if certain else None)
        return found

    def new(self, period: Period) -> tuple[int, int]:
        """People and groups of organisations on the first day on which somebody of them came."""
        visits: dict[int, dict[date, Count[object]]] = defaultdict(lambda: defaultdict(Count))
        for event in self.events:
            for row in event.arrivals:
                if row.organisation is not None:
                    visits[row.organisation][row.day][event.booking_id, event.walk_in_id] += row.visitors
        for told in self.told:
            if told.span is Span.DAY and told.organisation is not None:
                visits[told.organisation][told.first][told.import_id] += told.visitors
        people = groups = 0
        for days in visits.values():
            first = min((day for day, each in days.items() if any(n > 0 for n in each.values())), default=None)
            if first is not None and period.holds(first):
                came = [number for number in days[first].values() if number > 0]
                people, groups = people + sum(came), groups + len(came)
        return people, groups


def holds(period: Period, month: date, day: date | None) -> bool:
    if day:
        return period.first <= day < period.end
    return period.first <= month and (month + timedelta(days=31)).replace(day=1) <= period.end


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Milestones that so few divisions reach."""
    monkeypatch.setattr(landmarks, "division_steps", lambda _whole: (1, 2, 3))


@pytest.mark.usefixtures("few")
@settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(ACTS, min_size=3, max_size=16))
def test_reports_equal_a_recomputation_from_the_raw_rows(
    app: Flask, clock: time_machine.Traveller, acts: list[tuple[Any, ...]]
) -> None:
    clock.move_to(NOW)
    diary = Diary(clock)
    for act, *given_ in acts:
        getattr(diary, act)(*given_)
    raw = Raw(diary.hall_id)
    seen = raw.firsts()
    reports = {period: get_report(diary.counter.hall, period) for period in PERIODS}
    for period, report in reports.items():
        assert report.totals.absent_visitors == raw.absent(period), period
        wanted = {code: day for code, (month, day) in seen.items() if holds(period, month, day)}
        assert {one.code: one.day for one in report.firsts} == wanted, period
        new = next(one for one in report.facets[ORGANISATION] if one.code == "new")
        assert (new.visitors, new.groups) == raw.new(period), period
    _check_sums([reports[period].totals.absent_visitors for period in PERIODS])
    _check_milestones(seen, reports[SINCE_OPENING].milestones)


def _check_sums(absent: list[int]) -> None:
    """Months add up to quarters, and to the year, which is all there is."""
    months, quarters, year, opening = absent[:7], absent[7:10], absent[10], absent[11]
    assert quarters == [sum(months[:3]), sum(months[3:6]), sum(months[6:])]
    assert year == opening == sum(months)


def _check_milestones(seen: dict[str, tuple[date, date | None]], milestones: Iterable[Any]) -> None:
    """The month in which the first, second and third of the 34 divisions was seen."""
    months = sorted(month for code, (month, _day) in seen.items() if code != "overseas")
    reached = {one.number: one.month for one in milestones if one.kind is MilestoneKind.DIVISIONS}
    assert reached == dict(enumerate(months[:3], start=1))
