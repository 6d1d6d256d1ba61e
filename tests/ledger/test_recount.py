"""The ledger and its summaries: they agree after anything, a recount finds and mends what does not."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from hallapp.accounts.roles import Role
from hallapp.core.database import db, read_snapshot, transaction
from hallapp.desk import errors
from hallapp.desk.service import Done, Outcome
from hallapp.ledger import figures, filing
from hallapp.ledger import recount as ledger
from hallapp.ledger.facets import ALL, DIVISION, ORGANISATION
from hallapp.ledger.figures import NOTHING, Amount
from hallapp.ledger.models import Arrival, DeskEvent, DivisionSummary, Figure, FirstVisit
from hallapp.ledger.queries import list_spans
from hallapp.ledger.recount import Difference
from hallapp.periods import Span
from tests import factories
from tests.conftest import examples
from tests.desk.conftest import (
    NOW,
    TODAY,
    admit,
    admit_walk_in,
    make_booking,
    make_counter,
    summaries,
    take_back,
)


def recount(counter: SimpleNamespace, *, repair: bool = False) -> list[Difference]:
    if not repair:
        read_snapshot()
        return ledger.recount(counter.hall.id)
    with transaction():
        return ledger.recount(counter.hall.id, repair=True)


def test_recount_of_an_honest_ledger_finds_nothing(counter: SimpleNamespace, clock: time_machine.Traveller) -> None:
    admit(counter, counts={"440000": 30, "430000": 2})
    take_back(counter, admit(counter, counts={"440000": 5}).event_id)
    take_back(counter, admit_walk_in(counter, {"overseas": 2}).event_id)
    clock.move_to(NOW + timedelta(days=1))
    admit(counter, role=Role.MANAGER, reason="改期")
    assert recount(counter) == []
    assert summaries(counter)[1] == {"11-21": (32, 1), "11-22": (8, 1)}


@pytest.mark.either_database
def test_recount_says_what_differs_and_mends_it(counter: SimpleNamespace) -> None:
    admit(counter)
    admit_walk_in(counter, {"110000": 3})
    before = everything()
    with transaction():
        # One figure is wrong, one is lost, and one has no arrivals behind it; so are a cell and a first visit.
        db.session.execute(update(Figure).where(*of_day(DIVISION, "440000")).values(visitors=39))
        db.session.execute(delete(Figure).where(*of_day(DIVISION, "430000")))
        lost = {"hall_id": counter.hall.id, "span": Span.MONTH, "facet": ALL, "first": date(2026, 10, 1)}
        db.session.add(Figure(**lost, part="", visitors=7, groups=1, extra=0))
        db.session.execute(delete(DivisionSummary).where(DivisionSummary.division == "430000"))
        db.session.execute(update(FirstVisit).values(visitors=1))
    found = {(one.span, one.first, one.facet, one.part): (one.in_ledger, one.in_figures) for one in recount(counter)}
    school = f"430000 {counter.programme.id} school"
    organisation = filing.organisation_number(counter.booking.organisation, counter.booking.kind)
    assert found.pop((Span.DAY, TODAY, DIVISION, "430000")) == (Amount(2, 1, 0), NOTHING)
    assert found.pop((Span.DAY, TODAY, DIVISION, "440000")) == (Amount(38, 1, 0), Amount(39, 1, 0))
    assert found.pop((Span.DAY, TODAY, None, school)) == (Amount(2, 1, 0), NOTHING)
    assert found.pop((Span.MONTH, date(2026, 10, 1), ALL, "")) == (NOTHING, Amount(7, 1, 0))
    assert found.pop((Span.DAY, TODAY, ORGANISATION, str(organisation))) == (Amount(40, 1, 0), Amount(1, 1, 0))
    # Months and years add up the days, so they do not agree with wrong ones.
    assert {(span, facet) for span, _first, facet, _part in found} == {
        (Span.MONTH, DIVISION),
        (Span.YEAR, DIVISION),
    }
    assert recount(counter, repair=True)
    assert recount(counter) == []
    assert everything() == before


def of_day(facet: str, part: str) -> tuple[Any, ...]:
    return Figure.span == Span.DAY, Figure.facet == facet, Figure.part == part


def everything() -> set[tuple[Any, ...]]:
    """All figures and cells that are not zero."""
    db.session.rollback()
    tables = (Figure.__table__, DivisionSummary.__table__, FirstVisit.__table__)
    rows = (row for table in tables for row in db.session.execute(select(table).where(table.c.groups != 0)))
    return {tuple(row) for row in rows}


def test_recount_looks_at_one_hall_only(counter: SimpleNamespace) -> None:
    admit(counter)
    with transaction():
        other = factories.hall()
    with transaction():
        db.session.execute(update(Figure).where(*of_day(ALL, "")).values(visitors=1))
    assert recount(SimpleNamespace(hall=other)) == []
    assert len(recount(counter)) == 3  # the day, and the month and the year that should add it up


@pytest.mark.either_database
def test_organisation_is_new_on_its_first_day_whatever_is_told_first(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOW + timedelta(days=2))
    last = admit(counter, counts={"440000": 4}, role=Role.MANAGER, reason="改期")
    assert standings(counter) == {"11-23": {"new": (4, 1)}}
    early = admit(counter, counts={"440000": 7}, occurred_at=NOW)
    assert standings(counter) == {"11-21": {"new": (7, 1)}, "11-23": {"returning": (4, 1)}}
    take_back(counter, early.event_id)
    assert standings(counter) == {"11-23": {"new": (4, 1)}}
    take_back(counter, last.event_id)
    admit_walk_in(counter, {"110000": 3})
    assert standings(counter) == {"11-23": {"unnamed": (3, 1)}}
    assert recount(counter) == []


def standings(counter: SimpleNamespace) -> dict[str, dict[str, tuple[int, int]]]:
    db.session.rollback()
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for day, part, one in list_spans(counter.hall.id, (Span.DAY, date.min, None), ORGANISATION):
        if one.groups:
            found.setdefault(f"{day:%m-%d}", {})[part] = one[:2]
    return found


def test_group_counts_once_a_day_and_once_in_each_division(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    admit(counter, counts={"440000": 10})
    admit(counter, counts={"440000": 10, "110000": 1})
    clock.move_to(NOW + timedelta(days=1))
    admit(counter, counts={"440000": 5}, role=Role.MANAGER, reason="分两天来")
    assert summaries(counter) == (
        {("11-21", "440000"): (20, 1), ("11-21", "110000"): (1, 1), ("11-22", "440000"): (5, 1)},
        {"11-21": (21, 1), "11-22": (5, 1)},
    )


def test_event_without_its_rows_is_never_left(counter: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(figures, "run_adding", fail)
    with pytest.raises(ZeroDivisionError):
        admit(counter)
    counted = [db.session.scalar(select(func.count()).select_from(table)) for table in (DeskEvent, Arrival)]
    assert counted == [0, 0]


ACTS = st.tuples(
    st.sampled_from(["admit", "admit", "walk_in", "take_back", "repeat", "next_day"]),
    st.integers(0, 9),
    st.none() | st.dictionaries(st.sampled_from(["440000", "430000", "overseas"]), st.integers(0, 40), max_size=3),
)


@pytest.mark.either_database
@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(ACTS, max_size=14))
def test_any_sequence_of_acts_leaves_ledger_and_summaries_in_step(
    app: Flask, clock: time_machine.Traveller, acts: list[tuple[str, int, dict[str, int] | None]]
) -> None:
    clock.move_to(NOW)
    diary = Diary(make_counter(), clock)
    for act, which, counts in acts:
        getattr(diary, act)(which, counts)
    assert recount(diary.counter) == []
    divisions, days = summaries(diary.counter)
    in_divisions, in_days = (sum(people for people, _ in cells.values()) for cells in (divisions, days))
    assert in_divisions == in_days == diary.people
    assert all(people > 0 and groups > 0 for people, groups in [*divisions.values(), *days.values()])


class Diary:
    """Does what it is told at a counter and counts along on its fingers."""

    def __init__(self, counter: SimpleNamespace, clock: time_machine.Traveller) -> None:
        self.counter, self.clock = counter, clock
        with transaction():
            programme = factories.programme(hall=counter.hall)
            other = make_booking(programme, day=TODAY, origins={"440000": 9}).reference
        self.codes = (counter.code, other)
        self.admissions: list[Callable[[], Done]] = []  # each does the same admission again
        self.taken_back: set[int] = set()

    @property
    def people(self) -> int:
        """People admitted and not taken back."""
        return sum(again().visitors for n, again in enumerate(self.admissions) if n not in self.taken_back)

    def admit(self, which: int, counts: dict[str, int] | None) -> None:
        values = {"code": self.codes[which % 2], "counts": counts, "role": Role.MANAGER, "reason": "改期"}
        self._do(partial(admit, self.counter, event_id=str(uuid4()), **values))

    def walk_in(self, _which: int, counts: dict[str, int] | None) -> None:
        self._do(partial(admit_walk_in, self.counter, counts or {"110000": 1}, event_id=str(uuid4())))

    def _do(self, act: Callable[..., Done]) -> None:
        """Do an act, and say yes to whatever the desk asks about its number of people."""
        try:
            assert act().outcome is Outcome.ADMITTED
        except errors.Question as question:
            self._do(partial(act, **question.confirm))
        except (errors.InvalidCounts, errors.AlreadyArrived):
            return
        else:
            self.admissions.append(act)

    def repeat(self, which: int, _counts: object) -> None:
        if self.admissions:
            assert self.admissions[which % len(self.admissions)]().outcome is Outcome.REPEATED

    def take_back(self, which: int, _counts: object) -> None:
        if self.admissions:
            n = which % len(self.admissions)
            outcome = take_back(self.counter, self.admissions[n]().event_id).outcome
            assert outcome is (Outcome.REPEATED if n in self.taken_back else Outcome.TAKEN_BACK)
            self.taken_back.add(n)

    def next_day(self, _which: int, _counts: object) -> None:
        self.clock.shift(timedelta(days=1))
