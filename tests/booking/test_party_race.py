"""Large groups race with one another and with small ones, in two processes: each has all of its parts, or none."""

from collections import Counter
from collections.abc import Iterator
from datetime import time
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.booking.models import Booking
from hallapp.booking.recount import recount
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import command
from tests.booking.racer import work
from tests.booking.test_race import KEY_LENGTH, PROCESSES, race
from tests.processes import Companion

pytestmark = pytest.mark.both_databases

PARTIES, SMALL = 16, 12


@pytest.fixture(scope="module")
def racers(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Companion]]:
    folder = tmp_path_factory.mktemp("party-racers")
    started = [Companion(database_url, folder, work) for _ in range(PROCESSES)]
    yield started
    for racer in started:
        racer.stop()


def test_each_large_group_has_all_its_parts_or_none(app: Flask, racers: list[Companion]) -> None:
    with transaction():
        hall = factories.hall(large_group_max=160)
        tour = factories.programme(hall=hall, group_min=1)
        # Visits of 90 minutes every hour: those of neighbouring slots overlap, and so do their locks.
        slots = [
            factories.slot(
                programme=tour, starts=time(hour), visitor_capacity=130, guide_capacity=9, inside_capacity=200
            )
            for hour in (9, 10, 11, 12)
        ]
    random = Random(17)
    wanted = []
    for number in range(PARTIES):
        chosen = random.sample(slots, 3)  # in any order: the service claims by its own
        own = {"submission": f"party {number}", "phone": f"+861990001{number:04}", "organisation": f"大团{number}"}
        parts = tuple((slot.id, 20) for slot in chosen)
        wanted.append(command(chosen[0], origins=(("440000", 60),), parts=parts, **own))
    for number in range(SMALL):
        own = {"submission": f"small {number}", "phone": f"+861990002{number:04}", "organisation": f"小团{number}"}
        wanted.append(command(random.choice(slots), origins=(("440000", 7),), **own))
    random.shuffle(wanted)
    results = race(racers, wanted)
    refused = results.pop("part_full", 0) + results.pop("slot_full", 0)
    assert {len(key) for key in results} == {KEY_LENGTH}
    assert sum(results.values()) + refused == PARTIES + SMALL

    db.session.rollback()
    parties = Counter(db.session.scalars(select(Booking.party).where(Booking.party.is_not(None))))
    assert parties and set(parties.values()) == {3}
    booked = {slot.id: 0 for slot in slots}
    for slot_id, visitors in db.session.execute(select(Booking.slot_id, Booking.visitors)):
        booked[slot_id] += visitors
    assert booked == dict(db.session.execute(select(Slot.id, Slot.visitors_booked)).all())
    assert max(booked.values()) <= 130
    with transaction():
        assert recount(hall.id) == []
