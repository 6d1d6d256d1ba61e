"""Two processes of eight threads race for the last headsets: exactly as many as there are, and all come back."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import time
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.booking.models import Booking, BookingState
from hallapp.booking.recount import recount
from hallapp.core.database import db, transaction
from hallapp.resources.models import SlotResource
from hallapp.resources.queries import find_left
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import command
from tests.booking.racer import work
from tests.processes import Companion
from tests.resources import define

pytestmark = pytest.mark.both_databases

PROCESSES, THREADS = 2, 8
KEY_LENGTH = 43
HEADSETS = 23


@pytest.fixture
def racers(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Companion]]:
    folder = tmp_path_factory.mktemp("racers")
    started = [Companion(database_url, folder, work) for _ in range(PROCESSES)]
    yield started
    for racer in started:
        racer.stop()


@pytest.fixture
def day(app: Flask) -> list[Slot]:
    """Three visits of which each overlaps with the next, with places enough for everybody."""
    with transaction():
        tour = factories.programme(hall=factories.hall(), group_min=1, minutes=90, guides=0)
        define.headsets(tour.hall_id, quantity=HEADSETS)
        return [
            factories.slot(programme=tour, starts=at, visitor_capacity=5000, guide_capacity=0)
            for at in (time(9), time(10), time(11))
        ]


def race(racers: list[Companion], commands: Sequence[Any]) -> Counter[str]:
    """Deal the commands out to all threads of all processes, and let them go at once; how often each result came."""
    hands = [commands[start :: PROCESSES * THREADS] for start in range(PROCESSES * THREADS)]
    for number, racer in enumerate(racers):
        racer.send(hands[number * THREADS : (number + 1) * THREADS])
    assert [racer.receive() for racer in racers] == ["ready"] * PROCESSES
    for racer in racers:
        racer.send("go")
    return Counter(result for racer in racers for result in racer.receive())


def left(slots: Sequence[Slot]) -> list[int]:
    """The headsets that are left at each time, after the counters have been proved."""
    db.session.rollback()
    with transaction():
        assert recount(slots[0].hall_id) == []
    found = find_left(slots[0].hall_id, [slots[0].day])
    return [found[slot.id][1] for slot in slots]


@pytest.mark.slow
def test_no_headset_is_lent_twice_and_every_one_comes_back(day: list[Slot], racers: list[Companion]) -> None:
    wanted = [
        command(
            day[number % 3], submission=str(number), resources={1: 2}, origins=(("440000", 4),), phone=f"+86{number}"
        )
        for number in range(64)
    ]
    results = race(racers, wanted)
    refused = results.pop("resource_taken")
    assert {len(key) for key in results} == {KEY_LENGTH}
    assert len(results) + refused == 64
    free = left(day)
    # The visit in the middle meets both others: of 23 headsets, eleven groups of each pair have two.
    assert min(free) == free[1] == HEADSETS - 22
    late = [command(slot, submission=f"late {slot.id}", resources={1: 2}) for slot in day]
    assert race(racers, [one for one, count in zip(late, free, strict=True) if count < 2]).keys() == {"resource_taken"}

    chance = Random(7)
    verbs = [{"then": "cancel"}, {"then": "people", "people": 1}, *({"then": "move", "slot": slot.id} for slot in day)]
    race(racers, [chance.choice(verbs) | {"key": key} for key in results])
    assert min(left(day)) >= 0
    race(racers, [{"key": key, "then": "cancel"} for key in results for _again in range(2)])
    assert left(day) == [HEADSETS] * 3
    assert set(db.session.scalars(select(Booking.state))) == {BookingState.CANCELLED}
    assert set(db.session.scalars(select(SlotResource.claimed))) == {0}
