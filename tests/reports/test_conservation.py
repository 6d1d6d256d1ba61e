"""Nobody is lost and nobody counts twice: whatever happens, the parts of each report are its whole, and the ledger's.

Histories are drawn at random: groups of mixed origin with and without a booking, late ones, take-backs, imports and
their withdrawal, months closed and opened again, midnights and the ends of months and years, on the clocks of halls
from Los Angeles to Kiritimati. What should be counted is known from a plain list beside them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.booking import retention
from hallapp.core import clock as wall
from hallapp.core.database import db, read_snapshot, transaction
from hallapp.desk import errors as refusals
from hallapp.desk import service as desk
from hallapp.desk.merging import Offline
from hallapp.kinds.standard import FIRST
from hallapp.ledger import closes, filing, history
from hallapp.ledger.facets import ALL, CATEGORY, DIVISION, PREFECTURE, PROGRAMME
from hallapp.ledger.models import DivisionSummary, Figure, FirstVisit
from hallapp.ledger.recount import recount
from hallapp.periods import SINCE_OPENING, Period, Span
from hallapp.reports.closing import month_close
from hallapp.reports.errors import PeriodBeforeOpening
from hallapp.reports.figures.service import Report, compute, get_places, get_report, sum_regions
from tests import factories
from tests.categories.conftest import AGES, MEMBERS, MINORS, OLDER, define
from tests.conftest import examples

pytestmark = pytest.mark.both_databases

ZONES = ("Asia/Shanghai", "Asia/Urumqi", "America/Los_Angeles", "Pacific/Kiritimati")
#: Moments on the hall's clock: a year's end, a leap day, and the nights on which Los Angeles turns its clocks.
BEGINNINGS = (
    datetime(2026, 12, 31, 23, 40),
    datetime(2028, 2, 28, 23, 50),
    datetime(2026, 10, 31, 23, 30),
    datetime(2026, 3, 8, 1, 45),
)
ORGANISATIONS = ("", "第一小学", "越秀区老年大学", "珠江医院")
ORIGINS: tuple[dict[str, int], ...] = (
    {"440000": 12},
    {"110000": 3, "440000": 9, "overseas": 1},
    {"820000": 2, "unknown": 5},
)
PREFECTURES = (None, "440100")
TOGETHER = settings(
    max_examples=examples(5),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a whole history fails; to shrink it takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass(frozen=True, slots=True)
class Counted:
    """So many people on a day, or in a month of which no day is known, and whom they came with."""

    span: Span
    first: date
    visitors: int


class Hall:
    """A hall in which things happen, and the plain list of who came."""

    def __init__(self, clock: time_machine.Traveller, zone: str, begins: datetime) -> None:
        self.clock, self.zone = clock, ZoneInfo(zone)
        self.clock.move_to(begins.replace(tzinfo=self.zone))
        with transaction():
            self.hall = factories.hall(time_zone=zone, opened_on=begins.date() - timedelta(days=45))
            self.programmes = [factories.programme(hall=self.hall) for _ in range(2)]
            self.manager = factories.staff(hall=self.hall, role=Role.MANAGER, password_hash="none")
            slot = factories.slot(programme=self.programmes[0], day=begins.date(), visitor_capacity=999)
            self.bookings = [
                factories.booking(slot=slot, organisation=name, kind=FIRST[place], origins=origins, guides=0)
                for place, (name, origins) in enumerate(zip(ORGANISATIONS[1:], ORIGINS, strict=True))
            ]
        define(self.hall.id)
        self.came: dict[str, Counted] = {}
        self.imports: dict[int, list[Counted]] = {}

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return wall.now()

    def do(self, act: str, which: int, much: int) -> None:
        """One of the acts below; what the hall refuses has not happened."""
        try:
            getattr(self, act)(which, much)
        except (refusals.Refusal, month_close.AlreadyClosed, PeriodBeforeOpening):
            db.session.rollback()

    def walk_in(self, which: int, much: int, *, at: datetime | None = None, event_id: str | None = None) -> None:
        """A group without a booking."""
        self._count(
            desk.AdmitWalkIn(
                hall_id=self.hall.id,
                staff_id=self.manager.id,
                event_id=event_id or str(uuid4()),
                occurred_at=at,
                offline=Offline(snapshot_at=at) if at else None,
                programme=self.programmes[which % 2].slug,
                kind=FIRST[which % len(FIRST)],
                organisation=ORGANISATIONS[which % len(ORGANISATIONS)],
                counts={code: people + much for code, people in ORIGINS[which % 3].items()},
                categories={MINORS: much, OLDER: which % 3} if which % 2 else None,
            ),
            at,
        )

    def booked(self, which: int, much: int, *, at: datetime | None = None) -> None:
        """Some people of a booking, maybe of another division than they said."""
        booking = self.bookings[which % 3]
        counts = {code: min(people, 1 + much) for code, people in ORIGINS[(which + much % 2) % 3].items()}
        self._count(
            desk.Admit(
                hall_id=self.hall.id,
                staff_id=self.manager.id,
                role=Role.MANAGER,
                event_id=str(uuid4()),
                code=booking.reference,
                counts=counts,
                categories={MINORS: 1, MEMBERS: which % 2},
                reason="改期",
                occurred_at=at,
                known_to_come=ORIGINS[which % 3],
                offline=Offline(snapshot_at=at) if at else None,
            ),
            at,
        )

    def late(self, which: int, much: int) -> None:
        """What a device without a network tells days, or a month, later."""
        at = self.now() - timedelta(hours=7 * which + 1, days=3 * (which % 10))
        (self.booked if much % 2 else self.walk_in)(which, much, at=at)

    def take_back(self, which: int, _much: int) -> None:
        """One of the events; its booking's conflicts may move up."""
        if not self.came:
            return
        event_id = list(self.came)[which % len(self.came)]
        command = desk.TakeBack(hall_id=self.hall.id, staff_id=self.manager.id, event_id=event_id, own_id=str(uuid4()))
        with transaction():
            desk.take_back(command)
        del self.came[event_id]

    def pass_time(self, which: int, much: int) -> None:
        """Minutes, hours, or up to a moment before the day's or the month's end."""
        local = self.now().astimezone(self.zone)
        midnight = datetime.combine(local.date() + timedelta(days=1), time(), self.zone)
        month = datetime.combine(closes.end_of(local.date().replace(day=1)), time(), self.zone)
        moments = (
            local + timedelta(minutes=10 * much + 1),
            local + timedelta(hours=which + 1),
            midnight - timedelta(seconds=1) if local < midnight - timedelta(seconds=1) else midnight,
            midnight,
            month - timedelta(seconds=1) if local < month - timedelta(seconds=1) else month,
        )
        self.clock.move_to(max(self.now(), moments[which % 5].astimezone(wall.UTC)))

    def take_in(self, which: int, much: int) -> None:
        """An import of days and of a month, some with an organisation, some with a prefecture."""
        today = self.hall.today()
        rows = [
            history.NewRow(
                number=number,
                span=Span.MONTH if number == 0 and much % 2 else Span.DAY,
                first=(today.replace(day=1) - timedelta(days=31 * (which % 3))).replace(day=1)
                if number == 0
                else today - timedelta(days=number * (1 + which)),
                division="440000" if number else "110000",
                prefecture=PREFECTURES[number % 2],
                programme_id=self.programmes[which % 2].id,
                kind=FIRST[number],
                organisation=filing.organisation_number(ORGANISATIONS[number], FIRST[number]),
                visitors=much + 1,
                groups=min(which, much + 1),
            )
            for number in range(4)
        ]
        with transaction():
            made = history.begin(self.hall.id, name="台账", digest=uuid4().hex, staff_id=self.manager.id)
            history.add_rows(made, rows)
            history.count(made)
        self.imports[made.id] = [Counted(row.span, row.first, row.visitors) for row in rows]

    def withdraw(self, which: int, _much: int) -> None:
        """An import, whole."""
        if self.imports:
            number = list(self.imports)[which % len(self.imports)]
            with transaction():
                history.withdraw(self.hall.id, number, staff_id=self.manager.id)
            del self.imports[number]

    def close(self, which: int, _much: int) -> None:
        """The last month, or the one before it."""
        month = Period.month(self.hall.today().year, self.hall.today().month).previous()
        with transaction():
            month_close.close(self.hall.id, month.previous() if which % 2 else month, staff_id=self.manager.id)

    def reopen(self, which: int, _much: int) -> None:
        """A closed month."""
        closed = closes.list_closed(self.hall.id)
        if closed:
            first = closed[which % len(closed)].month
            with transaction():
                closes.reopen(self.hall.id, first, reason="有误", staff_id=self.manager.id)

    def _count(self, command: desk.Admit | desk.AdmitWalkIn, at: datetime | None) -> None:
        day = (at or self.now()).astimezone(self.zone).date()
        with transaction():
            done = (
                desk.admit_walk_in(command)
                if isinstance(command, desk.AdmitWalkIn)
                else desk.admit(command, keys=("a-key-that-signs-nothing-here",))
            )
        self.came[done.event_id] = Counted(Span.DAY, day, sum(done.counts.values()))

    def counted(self) -> list[Counted]:
        """The plain list; what a take-back has let move up is asked of the desk."""
        return [*self.came.values(), *(row for rows in self.imports.values() for row in rows)]


def known(rows: Sequence[Counted], period: Period) -> int:
    """People of a period by the plain list: of its days, and of the months that lie in it whole."""
    return sum(
        row.visitors
        for row in rows
        if period.holds(row.first) and (row.span is Span.DAY or closes.end_of(row.first) <= period.end)
    )


ACTS = st.tuples(
    st.sampled_from(
        ["walk_in", "booked", "late", "take_back", "take_in", "withdraw", "close", "reopen", *["pass_time"] * 3]
    ),
    st.integers(0, 20),
    st.integers(0, 8),
)
HISTORIES = st.tuples(st.sampled_from(ZONES), st.sampled_from(BEGINNINGS), st.lists(ACTS, min_size=10, max_size=26))
RANGES = st.tuples(st.integers(0, 80), st.integers(0, 90))


@pytest.fixture
def clock() -> Any:
    """A clock that a history moves."""
    with time_machine.travel(datetime(2026, 11, 25, tzinfo=wall.UTC), tick=False) as traveller:
        yield traveller


@TOGETHER
@given(drawn=HISTORIES, days=RANGES)
def test_parts_add_up_to_the_total_and_the_ledger(
    app: Flask, clock: time_machine.Traveller, drawn: tuple[str, datetime, list[Any]], days: tuple[int, int]
) -> None:
    zone, begins, acts = drawn
    place = Hall(clock, zone, begins)
    for act in acts:
        place.do(*act)
    check_figures(place)
    check_reports(place, days)
    check_closes(place)
    check_retention(place)


def check_figures(place: Hall) -> None:
    read_snapshot()
    assert recount(place.hall.id) == []
    sums: Counter[tuple[Span, str, date]] = Counter()
    for span, facet, first, visitors, groups in db.session.execute(
        select(Figure.span, Figure.facet, Figure.first, Figure.visitors, Figure.groups).where(
            Figure.hall_id == place.hall.id
        )
    ):
        assert visitors >= 0
        assert groups >= 0
        sums[span, facet, first] += visitors
    for (span, facet, first), visitors in sums.items():
        if facet not in (PREFECTURE, CATEGORY):
            assert visitors == sums[span, ALL, first], (span, facet, first)
    rows = [row for row in place.counted() if row.visitors]
    if not moved_up(place):
        wanted = Counter[date]()
        for row in rows:
            if row.span is Span.DAY:
                wanted[row.first] += row.visitors
        assert +wanted == +Counter({k[2]: n for k, n in sums.items() if k[:2] == (Span.DAY, ALL)})


def moved_up(place: Hall) -> bool:
    """Whether the desk has counted somebody later than the plain list says."""
    return place.came != {} and ledger_of(place, SINCE_OPENING) != known(place.counted(), SINCE_OPENING)


def ledger_of(place: Hall, period: Period) -> int:
    return closes.sum_ledger(place.hall.id, period.first, period.end)


def check_reports(place: Hall, days: tuple[int, int]) -> None:
    hall, today = place.hall, place.hall.today()
    first = today - timedelta(days=days[0])
    span = Period.days(first, first + timedelta(days=days[1]))
    year, month = Period.year(today.year), Period.month(today.year, today.month)
    rows = None if moved_up(place) else place.counted()
    for period in (span, month, month.previous(), Period.quarter(today.year, 1 + (today.month - 1) // 3), year):
        report = check_report(place, period)
        if rows is not None:
            assert report.totals.visitors == known(rows, period), period
    whole = check_report(place, SINCE_OPENING)
    assert whole.totals.visitors == ledger_of(place, SINCE_OPENING)
    assert sum(part.visitors for part in whole.trend) == whole.totals.visitors
    assert get_places(hall, SINCE_OPENING).visitors == whole.totals.visitors
    single = [Period.days(day, day) for day in (span.first + timedelta(days=n) for n in range(days[1] + 1))]
    alone = sum(get_places(hall, one).visitors for one in single)
    assert alone + check_report(place, span).undated.visitors == get_places(hall, span).visitors


def check_report(place: Hall, period: Period) -> Any:
    """A report as the ledger has it now: each of its tables adds up to the same people."""
    read_snapshot()
    found = compute(place.hall, period)
    people = found.totals.visitors
    sums = {name: sum(found.people_of(name).values()) for name in (DIVISION, *found.facets)}
    for apart in (PREFECTURE, CATEGORY):  # not everybody is in one, or somebody in several
        del sums[apart]
    assert sums == dict.fromkeys(sums, people), period
    assert len(sums) == 8
    ages = {code: number for code, number in found.people_of(CATEGORY).items() if code.startswith(f"{AGES}.")}
    assert sum(ages.values()) == found.people_of(CATEGORY)[str(AGES)], period
    assert all(0 <= number <= people for number in found.people_of(CATEGORY).values()), period
    assert sum(part.visitors for part in found.parts) + found.undated.visitors == people
    assert sum(sum_regions(place.hall.origins, found).values()) == people
    assert found.check.agrees, period
    return found


def check_closes(place: Hall) -> None:
    for each in closes.list_closed(place.hall.id):
        month = Period.month(each.month.year, each.month.month)
        report: Report = get_report(place.hall, month)
        assert report.closed
        assert report.totals.visitors == each.visitors
        assert report.totals.visitors + report.later == ledger_of(place, month)
        assert sum(one.visitors for one in closes.list_adjustments_of(each.id)) == report.later


def check_retention(place: Hall) -> None:
    """Statistics outlive who was counted."""
    hall = place.hall
    place.clock.shift(timedelta(days=1))
    periods = [SINCE_OPENING, Period.year(hall.today().year), Period.month(hall.today().year, hall.today().month)]
    place.clock.shift(timedelta(days=400))
    before = [compute(hall, period) for period in periods], everything(hall.id)
    with transaction():
        retention.erase(hall)
    assert ([compute(hall, period) for period in periods], everything(hall.id)) == before
    read_snapshot()
    assert recount(hall.id) == []


def everything(hall_id: int) -> list[set[tuple[Any, ...]]]:
    """All that is kept beside a hall's ledger, zeros left out."""
    db.session.rollback()
    tables = (Figure.__table__, DivisionSummary.__table__, FirstVisit.__table__)
    return [
        {tuple(row)[1:] for row in db.session.execute(select(table).where(table.c.hall_id == hall_id)) if row.visitors}
        for table in tables
    ]


LATE = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), st.integers(1, 700)), min_size=2, max_size=7)


@TOGETHER
@given(told=LATE, zone=st.sampled_from(ZONES), chance=st.randoms(use_true_random=False))
def test_order_in_which_late_groups_are_told_changes_no_figure(
    app: Flask, clock: time_machine.Traveller, told: list[tuple[int, int, int]], zone: str, chance: Any
) -> None:
    begins = BEGINNINGS[0]
    found = []
    for order in (told, chance.sample(told, len(told))):
        place = Hall(clock, zone, begins)
        for which, much, hours in order:
            place.walk_in(which, much, at=place.now() - timedelta(hours=hours))
        names = {str(programme.id): str(number) for number, programme in enumerate(place.programmes)}
        figures, cells, visits = everything(place.hall.id)
        found.append((
            {row if row[1] != PROGRAMME else replace_part(row, names) for row in figures},
            {(*row[:2], names[str(row[2])], *row[3:]) for row in cells},
            visits,
        ))  # fmt: skip
    assert found[0] == found[1]


def replace_part(row: tuple[Any, ...], names: dict[str, str]) -> tuple[Any, ...]:
    span, facet, first, part, *amount = row
    return span, facet, first, names[part], *amount
