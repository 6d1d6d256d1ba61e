"""Whatever happens in whatever order: what was filed and what came since is the ledger, of every closed month."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallapp.accounts.roles import Role
from hallapp.core import clock as clocks
from hallapp.core.database import read_snapshot, transaction
from hallapp.core.errors import DomainError
from hallapp.desk import service as desk
from hallapp.desk.merging import Offline
from hallapp.ledger import history
from hallapp.periods import SINCE_OPENING, Period, Span
from hallapp.reports.closing import month_close, verify
from hallapp.reports.figures import service as figures
from tests import factories
from tests.conftest import examples

pytestmark = pytest.mark.either_database

NOW = datetime(2026, 12, 3, 4, 0, tzinfo=clocks.zone("UTC"))
MONTHS = (Period.month(2026, 10), Period.month(2026, 11))
ZONES = ("Asia/Shanghai", "Pacific/Kiritimati", "America/New_York", "Asia/Kathmandu")

moments = st.datetimes(datetime(2026, 11, 3), datetime(2026, 12, 3)).map(lambda at: at.replace(tzinfo=NOW.tzinfo))
steps = st.one_of(
    st.tuples(st.just("admit"), moments, st.sampled_from(["440000", "820000", "overseas"]), st.integers(1, 40)),
    st.tuples(st.just("take_back"), st.integers(0, 9)),
    st.tuples(st.just("import"), st.dates(date(2026, 10, 1), date(2026, 11, 30)), st.booleans(), st.integers(1, 40)),
    st.tuples(st.just("withdraw"), st.integers(0, 3)),
    st.tuples(st.sampled_from(["close", "reopen"]), st.sampled_from(MONTHS)),
)


class World:
    """A hall in some time zone, and what can happen to it."""

    def __init__(self, zone: str) -> None:
        with transaction():
            self.hall = factories.hall(time_zone=zone, opened_on=date(2026, 10, 1))
            self.programme = factories.programme(hall=self.hall, guides=0)
            self.staff = factories.staff(hall=self.hall, role=Role.ADMIN)
        self.events: list[str] = []
        self.imports: list[int] = []

    def do(self, step: tuple) -> None:  # type: ignore[type-arg]
        """Do a step in a transaction of its own; a refusal changes nothing."""
        act: Callable[..., None] = getattr(self, step[0])
        try:
            with transaction():
                act(*step[1:])
        except DomainError:
            return

    def admit(self, at: datetime, division: str, people: int) -> None:
        event_id = str(uuid4())
        offline = Offline(snapshot_at=at)
        by_desk = {"hall_id": self.hall.id, "staff_id": self.staff.id, "event_id": event_id, "occurred_at": at}
        desk.admit_walk_in(desk.AdmitWalkIn(**by_desk, offline=offline, counts={division: people, "440000": 1}))
        self.events.append(event_id)

    def take_back(self, number: int) -> None:
        if self.events:
            event_id = self.events[number % len(self.events)]
            by_desk = {"hall_id": self.hall.id, "staff_id": self.staff.id}
            desk.take_back(desk.TakeBack(**by_desk, event_id=event_id, reason="Twice"))

    def import_(self, first: date, dated: bool, people: int) -> None:
        made = history.begin(self.hall.id, name="H", digest=uuid4().hex * 2, staff_id=None)
        day = first if dated else first.replace(day=1)
        row = history.NewRow(
            number=1,
            span=Span.DAY if dated else Span.MONTH,
            first=day,
            division="440000",
            programme_id=self.programme.id,
            kind="school",
            visitors=people,
            groups=1,
        )
        history.add_rows(made, [row])
        history.count(made)
        self.imports.append(made.id)

    def withdraw(self, number: int) -> None:
        if self.imports:
            history.withdraw(self.hall.id, self.imports[number % len(self.imports)], staff_id=None)

    def close(self, month: Period) -> None:
        month_close.close(self.hall.id, month, staff_id=self.staff.id)

    def reopen(self, month: Period) -> None:
        month_close.reopen(self.hall.id, month, reason="Wrong", staff_id=self.staff.id)

    def check(self) -> None:
        read_snapshot()
        verdicts = verify.list_verdicts(self.hall.id)
        assert all(verdict.agrees for verdict in verdicts)
        for month in MONTHS:
            report = figures.get_report(self.hall, month)
            now = verify.count_ledger(self.hall.id, month.first)
            assert report.totals.visitors + report.later == now.visitors
            assert report.check.agrees
        whole = figures.get_report(self.hall, SINCE_OPENING)
        assert whole.check.agrees
        first = self.hall.opened_on.replace(day=1)
        counted = [
            verify.count_ledger(self.hall.id, month).visitors for month in (first, MONTHS[1].first, MONTHS[1].end)
        ]
        assert whole.totals.visitors == sum(counted)


@settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
@given(zone=st.sampled_from(ZONES), history_of=st.lists(steps, min_size=4, max_size=14))
def test_filed_figures_and_adjustments_are_the_ledger(app: Flask, zone: str, history_of: list) -> None:  # type: ignore[type-arg]
    with time_machine.travel(NOW, tick=False):
        world = World(zone)
        for step in history_of:
            world.do(("import_", *step[1:]) if step[0] == "import" else step)
        world.check()
