"""The parts of a large group at the desk: each is counted in its slot, and all of them are one group."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask

from hallapp.core import clock as clocks
from hallapp.core.database import db, read_snapshot, transaction
from hallapp.desk import service
from hallapp.ledger.facets import PROGRAMME
from hallapp.ledger.models import FirstVisit
from hallapp.ledger.queries import list_spans
from hallapp.ledger.recount import recount
from hallapp.periods import Span
from tests import factories
from tests.desk.conftest import NOW, TODAY, admit, code_of, make_booking, make_counter, summaries, take_back
from tests.desk.test_race import ZONE, admission, race

pytestmark = pytest.mark.either_database

PARTY = 2**61 + 7


def make_party(counter: SimpleNamespace, day: Any, *, origins: list[dict[str, int]]) -> list[str]:
    """The codes of a party whose parts have these origins; each has a slot of its own programme."""
    with transaction():
        parts = [
            make_booking(
                factories.programme(hall=counter.hall), day=day, origins=each, party=PARTY, organisation="珠江大学"
            )
            for each in origins
        ]
        return [code_of(part) for part in parts]


def recounted(counter: SimpleNamespace) -> list[Any]:
    db.session.rollback()
    read_snapshot()
    return recount(counter.hall.id)


def test_parts_are_counted_in_their_slots_and_once_as_a_group(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    codes = make_party(counter, TODAY, origins=[{"440000": 40}, {"440000": 10, "430000": 30}, {"430000": 40}])
    done = [admit(counter, code=code) for code in codes]
    divisions, days = summaries(counter)
    assert days == {"11-21": (120, 1)}
    assert divisions == {("11-21", "440000"): (50, 1), ("11-21", "430000"): (70, 1)}
    by_programme = [one for _day, _part, one in list_spans(counter.hall.id, (Span.DAY, TODAY, None), PROGRAMME)]
    assert sorted(one[:2] for one in by_programme) == [(40, 1)] * 3  # each of its programmes had the group
    assert recounted(counter) == []

    take_back(counter, done[0].event_id)
    assert summaries(counter)[1] == {"11-21": (80, 1)}
    for one in done[1:]:
        take_back(counter, one.event_id)
    assert summaries(counter)[1] == {}
    assert recounted(counter) == []


def test_a_part_that_comes_on_another_day_is_a_group_of_that_day(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    codes = make_party(counter, TODAY, origins=[{"440000": 40}, {"440000": 40}])
    late = make_party(counter, TODAY + timedelta(days=1), origins=[{"440000": 9}])
    admit(counter, code=codes[0])
    admit(counter, code=codes[1])
    clock.move_to(NOW + timedelta(days=1))
    admit(counter, code=late[0])
    assert summaries(counter)[1] == {"11-21": (80, 1), "11-22": (9, 1)}
    assert recounted(counter) == []
    first = db.session.query(FirstVisit).one()
    assert (first.day, first.visitors, first.groups) == (TODAY, 80, 1)


@pytest.mark.both_databases
def test_two_desks_that_admit_two_parts_at_once_count_one_group(app: Flask, database_url: str, tmp_path: Path) -> None:
    day = clocks.today(ZONE)
    counter = make_counter(day=day)
    codes = make_party(counter, day, origins=[{"440000": 40}, {"430000": 30}] * 4)
    shares = [[admission(counter, str(uuid4()), code=code) for code in codes[start::2]] for start in (0, 1)]
    assert race(database_url, tmp_path, shares) == {service.Outcome.ADMITTED: 8}
    assert list(summaries(counter)[1].values()) == [(280, 1)]
    assert recounted(counter) == []
