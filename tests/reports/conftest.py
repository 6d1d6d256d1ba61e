"""A month that was made by hand at a real desk, with every figure known; see the table in `november`."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from types import SimpleNamespace
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.desk import service as desk
from hallapp.ledger.facets import FACETS
from hallapp.schedule.models import Hall, Programme
from tests import demonstration, factories

GUANGZHOU = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 0, 10, tzinfo=GUANGZHOU)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is ten past midnight on 1 December 2026 in Guangzhou, until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


class Counter:
    """The desk of a hall, on which a test admits people at the times it names."""

    def __init__(self, clock: time_machine.Traveller, **facts: object) -> None:
        self.clock = clock
        with transaction():
            self.hall = factories.hall(**facts)
            self.tour = factories.programme(hall=self.hall, slug="guided-tour", position=1)
            self.alone = factories.programme(
                hall=self.hall,
                slug="self-guided",
                position=2,
                name_zh="自行参观",
                name_en="Self-guided visit",
                guides=0,
            )
            self.staff = factories.staff(hall=self.hall)
            self.manager = factories.staff(hall=self.hall, role=Role.MANAGER)

    def walk_in(
        self, at: str, counts: dict[str, int], *, kind: str = "school", programme: Programme | None = None
    ) -> str:
        """Admit a group without a booking at a time of Guangzhou; gives the event's id."""
        event_id = self._at(at)
        with transaction():
            desk.admit_walk_in(
                desk.AdmitWalkIn(
                    hall_id=self.hall.id,
                    staff_id=self.staff.id,
                    event_id=event_id,
                    programme=(programme or self.tour).slug,
                    kind=kind,
                    organisation="某校",
                    counts=counts,
                    sure=sum(counts.values()),
                )
            )
        return event_id

    def admit(self, at: str, reference: str, counts: dict[str, int]) -> str:
        """Admit people of a booking at a time of Guangzhou; gives the event's id."""
        event_id = self._at(at)
        with transaction():
            desk.admit(
                desk.Admit(
                    hall_id=self.hall.id,
                    staff_id=self.staff.id,
                    role=Role.DESK,
                    event_id=event_id,
                    code=reference,
                    counts=counts,
                ),
                keys=("a-key-that-signs-nothing-here",),
            )
        return event_id

    def take_back(self, at: str, event_id: str) -> None:
        """Take an event back at a time of Guangzhou."""
        self._at(at)
        with transaction():
            desk.take_back(desk.TakeBack(hall_id=self.hall.id, staff_id=self.staff.id, event_id=event_id))

    def _at(self, at: str) -> str:
        self.clock.move_to(datetime.fromisoformat(at).replace(tzinfo=GUANGZHOU))
        return str(uuid4())


@pytest.fixture
def counter(app: Flask, clock: time_machine.Traveller) -> Counter:
    """A hall in which nobody has arrived yet."""
    return Counter(clock, slug="lingnan")


@pytest.fixture
def november(counter: Counter, clock: time_machine.Traveller) -> SimpleNamespace:
    """November 2026: 74 people in 5 groups from 4 divisions, overseas and nowhere; 10 people in October, 7 in December.

    | day | group | people |
    |---|---|---|
    | 31 Oct 23:50 | school | 440000: 10 |
    | 1 Nov 00:30 | company | 440000: 5, 430000: 3 |
    | 10 Nov | school, booked 40 | 440000: 31 + 2 late, 430000: 2 |
    | 10 Nov | individuals, self-guided | overseas: 4, unknown: 1 |
    | 11 Nov | party, counted twice and taken back once | 110000: 20 |
    | 30 Nov 23:59 | union | 820000: 6 |
    | 1 Dec 00:00 | school | 440000: 7 |
    """
    made = SimpleNamespace(hall=counter.hall, manager=counter.manager, counter=counter)
    facets, may_copy = tuple(FACETS), demonstration.is_sqlite() and _stands_alone(counter)
    if may_copy and facets in _put_back:
        _put_back[facets]()
        db.session.expire_all()
        return made
    _fill(counter)
    clock.move_to(NOW)
    if may_copy:
        _put_back[facets] = demonstration.snapshot()
    return made


#: Brings November back in this process of tests, on SQLite, as it was counted with these facets.
_put_back: dict[tuple[str, ...], Callable[[], None]] = {}


def _stands_alone(counter: Counter) -> bool:
    """Whether the tables hold what `Counter` makes and nothing else, so that November may be copied over them."""
    found = [db.session.scalar(select(func.max(model.id))) for model in (Hall, Programme, Staff)]
    return found == [counter.hall.id, counter.alone.id, counter.manager.id] == [1, 2, 2]


def _fill(counter: Counter) -> None:
    with transaction():
        slot = factories.slot(programme=counter.tour, day=date(2026, 11, 10))
        booking = factories.booking(slot=slot, origins={"440000": 38, "430000": 2})
    counter.walk_in("2026-10-31T23:50", {"440000": 10})
    counter.walk_in("2026-11-01T00:30", {"440000": 5, "430000": 3}, kind="company")
    counter.admit("2026-11-10T09:40", booking.reference, {"440000": 31, "430000": 2})
    counter.admit("2026-11-10T10:40", booking.reference, {"440000": 2})
    counter.walk_in("2026-11-10T14:00", {"overseas": 4, "unknown": 1}, kind="individual", programme=counter.alone)
    counter.walk_in("2026-11-11T10:00", {"110000": 20}, kind="party")
    twice = counter.walk_in("2026-11-11T10:01", {"110000": 20}, kind="party")
    counter.take_back("2026-11-11T10:05", twice)
    counter.walk_in("2026-11-30T23:59", {"820000": 6}, kind="union")
    counter.walk_in("2026-12-01T00:00", {"440000": 7})


__all__ = ["GUANGZHOU", "NOW", "Counter"]
