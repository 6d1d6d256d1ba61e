"""Eight desks of one hall at once: none fails, nobody is lost or counted twice, and no recount finds a difference."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, read_snapshot
from hallapp.desk import service
from hallapp.ledger.facets import ALL
from hallapp.ledger.models import Arrival
from hallapp.ledger.queries import sum_parts
from hallapp.ledger.recount import recount
from hallapp.periods import SINCE_OPENING
from tests.desk.conftest import make_counter
from tests.desk.test_race import ZONE, admission, race

pytestmark = pytest.mark.both_databases

ORGANISATIONS = ("", "第一小学", "珠江医院")


def test_recount_beside_eight_desks_finds_nothing(app: Flask, database_url: str, tmp_path: Path) -> None:
    counter = make_counter(day=clock.today(ZONE))
    hall_id = counter.hall.id
    shares = [acts(counter, hall_id) for _ in range(2)]  # each process has four desks
    with ThreadPoolExecutor(1) as pool:
        desks = pool.submit(race, database_url, tmp_path, shares)
        recounts = 0
        while not desks.done():
            read_snapshot()
            assert recount(hall_id) == []
            recounts += 1
            time.sleep(0.05)
    assert desks.result() == {"admitted": 2 * 15, "taken_back": 2 * 2}
    assert recounts > 1
    db.session.rollback()
    in_figures = sum_parts(hall_id, SINCE_OPENING.stretches(), [ALL])[ALL][""].visitors
    assert in_figures == db.session.scalar(select(func.sum(Arrival.visitors))) == 2 * (5 * 2 + 5 * (4 + 7) - 2 * 7)
    assert recount(hall_id) == []


def acts(counter: Any, hall_id: int) -> list[Any]:
    """Five times: somebody of the booking, two walk-ins with a division in common; two of those are taken back."""
    desk = {"hall_id": hall_id, "staff_id": counter.desk.id}
    # A manager may admit on the next day as well: midnight in Guangzhou may come in the midst of it.
    manager = {"staff_id": counter.manager.id, "role": Role.MANAGER, "reason": "改期"}
    found: list[Any] = []
    for number in range(5):
        walk_ins = [
            service.AdmitWalkIn(
                **desk,
                event_id=str(uuid4()),
                counts=counts,
                organisation=ORGANISATIONS[number % len(ORGANISATIONS)],
            )
            for counts in ({"440000": 3, "110000": 1}, {"110000": 2, "430000": 5})
        ]
        found += [admission(counter, str(uuid4()), counts={"440000": 2}, **manager), *walk_ins]
    early = found[2:8:3]  # long done when their turn comes
    return found + [service.TakeBack(**desk, event_id=one.event_id, own_id=str(uuid4())) for one in early]
