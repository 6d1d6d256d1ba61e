"""Two processes of eight threads each race for the last places: exactly the capacity is sold, and nothing twice."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import time
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from hallapp.booking.models import Booking, BookingState, Origin
from hallapp.booking.recount import recount
from hallapp.booking.service import PlaceBooking
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import command
from tests.booking.racer import work
from tests.conftest import tried
from tests.processes import Companion

pytestmark = pytest.mark.both_databases

PROCESSES, THREADS = 2, 8
KEY_LENGTH = 43


@pytest.fixture(scope="module")
def racers(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Companion]]:
    folder = tmp_path_factory.mktemp("racers")
    started = [Companion(database_url, folder, work) for _ in range(PROCESSES)]
    yield started
    for racer in started:
        racer.stop()


@pytest.fixture
def slot(app: Flask) -> Slot:
    """A slot with 24 places and guides enough."""
    with transaction():
        tour = factories.programme(hall=factories.hall(), group_min=1)
        return factories.slot(programme=tour, visitor_capacity=24, guide_capacity=100)


def race(racers: list[Companion], commands: Sequence[PlaceBooking | dict[str, Any]]) -> Counter[str]:
    """Deal the commands out to all threads of all processes, let them go at once; how often each result came."""
    hands = [commands[start :: PROCESSES * THREADS] for start in range(PROCESSES * THREADS)]
    for number, racer in enumerate(racers):
        racer.send(hands[number * THREADS : (number + 1) * THREADS])
    assert [racer.receive() for racer in racers] == ["ready"] * PROCESSES
    for racer in racers:
        racer.send("go")
    return Counter(result for racer in racers for result in racer.receive())


def sold() -> tuple[int, int, int, int]:
    """Places by the slot's counter, by the bookings and by their origins; and guides."""
    db.session.rollback()
    visitors, guides = db.session.execute(select(Slot.visitors_booked, Slot.guides_booked)).one()
    bookings = db.session.scalar(select(func.sum(Booking.visitors)))
    origins = db.session.scalar(select(func.sum(Origin.visitors)))
    return visitors, int(bookings or 0), int(origins or 0), guides


def test_exactly_the_capacity_is_sold(slot: Slot, racers: list[Companion]) -> None:
    wanted = [command(slot, submission=str(number), origins=(("440000", 1),)) for number in range(64)]
    results = race(racers, wanted)
    assert results.pop("slot_full") == 40
    assert [len(key) for key in results] == [KEY_LENGTH] * 24
    assert sold() == (24, 24, 24, 24)


def test_groups_that_do_not_fit_are_refused_whole(slot: Slot, racers: list[Companion]) -> None:
    wanted = [command(slot, submission=str(number), origins=(("440000", 3), ("430000", 4))) for number in range(32)]
    results = race(racers, wanted)
    assert results.pop("slot_full") == 29
    assert [len(key) for key in results] == [KEY_LENGTH] * 3
    assert sold() == (21, 21, 21, 3)


def test_the_same_submit_from_everywhere_at_once_is_one_booking(slot: Slot, racers: list[Companion]) -> None:
    """It takes all places, so that each repeat finds the slot filled by the first."""
    results = race(racers, [command(slot, origins=(("440000", 24),))] * 32)
    assert list(results.values()) == [32]
    assert len(next(iter(results))) == KEY_LENGTH
    assert sold() == (24, 24, 24, 1)


def test_submits_at_once_never_pass_the_limit_of_open_bookings(slot: Slot, racers: list[Companion]) -> None:
    """Half of them share a phone, half an organisation: three of each are taken, whoever comes first."""
    with transaction():
        slot.programme.hall.open_per_phone = slot.programme.hall.open_per_organisation = 3
    by_phone = [
        command(slot, submission=f"p{number}", organisation=f"团队{number}", origins=(("440000", 1),))
        for number in range(16)
    ]
    by_name = [
        command(slot, submission=f"o{number}", phone=f"+86138001{number:05}", origins=(("440000", 1),))
        for number in range(16)
    ]
    results = race(racers, [one for pair in zip(by_phone, by_name, strict=True) for one in pair])
    assert results.pop("not_online") == 26
    assert [len(key) for key in results] == [KEY_LENGTH] * 6
    assert sold() == (6, 6, 6, 6)


def test_a_repeat_at_the_limit_is_the_same_booking(slot: Slot, racers: list[Companion]) -> None:
    with transaction():
        slot.programme.hall.open_per_phone = 1
    results = race(racers, [command(slot)] * 32)
    assert list(results.values()) == [32]


@pytest.fixture
def day(app: Flask) -> list[Slot]:
    """Two programmes whose visits overlap all morning: 60 people inside at most, and 4 guides on duty."""
    limits = {"inside_capacity": 60, "guides_on_duty": 4, "visitor_capacity": 50}
    with transaction():
        hall = factories.hall(inside_capacity=60, guides_on_duty=4)
        tour = factories.programme(hall=hall, group_min=1, minutes=90, guides=1)
        alone = factories.programme(hall=hall, group_min=1, minutes=60, guides=0)
        starts = [(tour, time(9)), (alone, time(9, 30)), (tour, time(10)), (alone, time(10, 30)), (tour, time(11))]
        return [factories.slot(programme=programme, starts=at, **limits) for programme, at in starts]


def full(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    """What is taken at the start of each slot: people inside and guides, which must agree with the bookings."""
    db.session.rollback()
    with transaction():
        assert recount(slots[0].hall_id) == []
    return [(slot.inside_booked, slot.guides_busy) for slot in slots]


def test_overlapping_programmes_never_let_too_many_in(day: list[Slot], racers: list[Companion]) -> None:
    wanted = [
        command(
            day[number % len(day)], submission=str(number), origins=(("440000", 5),), phone=f"+861990000{number:04}"
        )
        for number in range(80)
    ]
    results = race(racers, wanted)
    assert set(results) - {"slot_full"} == {key for key in results if len(key) == KEY_LENGTH}
    taken = full(day)
    assert all(inside <= 60 and guides <= 4 for inside, guides in taken)
    assert sum(results.values()) == 80
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 80 - results["slot_full"]
    # All of it is sold: at each time, one more group of five is too many somewhere during its visit.
    assert race(racers, [command(slot, submission=f"late {slot.id}", origins=(("440000", 5),)) for slot in day]) == {
        "slot_full": len(day)
    }


def test_placing_moving_shrinking_and_cancelling_at_once_loses_nothing(
    day: list[Slot], racers: list[Companion]
) -> None:
    """Every verb against every other, over and over: no deadlock, no place sold twice, none lost."""
    chance = Random(3)
    keys = [
        key
        for key in race(
            racers,
            [
                command(
                    chance.choice(day), submission=f"first {n}", origins=(("440000", chance.randint(2, 9)),), wait=True
                )
                for n in range(24)
            ],
        )
        if len(key) == KEY_LENGTH
    ]
    assert len(keys) == 24
    for number in tried((0, 1), 1):
        verbs: list[PlaceBooking | dict[str, Any]] = []
        for key in keys:
            verbs += [
                {"key": key, "then": "move", "slot": chance.choice(day).id},
                {"key": key, "then": "people", "people": chance.randint(1, 9)},
                command(chance.choice(day), submission=f"{number} {key}", origins=(("440000", 4),)),
            ]
            if chance.random() < 0.3:
                verbs.append({"key": key, "then": "cancel"})
        chance.shuffle(verbs)
        known = {"slot_full", "not_in_this_state", "group_too_small"}
        assert {result for result in race(racers, verbs) if len(result) != KEY_LENGTH} <= known
        assert all(inside <= 60 and guides <= 4 for inside, guides in full(day))
    everybody = db.session.scalars(select(Booking.key).where(Booking.state != BookingState.CANCELLED)).all()
    race(racers, [{"key": key, "then": "cancel"} for key in everybody])
    assert full(day) == [(0, 0)] * len(day)


def test_the_desk_and_a_manager_who_closes_times_never_wait_for_one_another(
    day: list[Slot], racers: list[Companion]
) -> None:
    """Who holds the hall wants bookings, and who holds a booking writes rows of the hall."""
    first = [command(day[1], submission=str(number), origins=(("440000", 2),)) for number in range(4)]
    keys = sorted(key for key in race(racers, first) if len(key) == KEY_LENGTH)
    leave = list(db.session.scalars(select(Booking.id)))
    acts: list[dict[str, Any]] = []
    for number in range(80):
        acts.append({"key": keys[number % 4], "then": "write"})
        if number % 2:
            shut = {"slot": day[1].id, "open": bool(number % 4 == 1), "leave": leave}
            acts.append({"key": keys[0], "then": "close", **shut})
    results = race(racers, acts)
    assert (len(keys), sum(results.values())) == (4, 120)
    assert set(results) == set(keys)
