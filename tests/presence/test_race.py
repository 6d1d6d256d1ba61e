"""Two processes at one door: nobody leaves who is not inside, and the same departure twice counts once."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.presence import service
from hallapp.presence.models import Departure
from tests.desk.conftest import KEYS, admit, make_counter
from tests.desk.test_race import PROCESSES, ROUNDS, ZONE, race

pytestmark = pytest.mark.both_databases


def act(app: Flask, command: Any) -> str:
    """Do one act as a request would, and say what came of it."""
    with app.app_context():
        try:
            with transaction():
                if isinstance(command, service.Leave):
                    return service.leave(command, keys=KEYS).outcome
                return service.take_back(command).outcome
        except DomainError as refusal:
            return refusal.code


def at_the_door() -> SimpleNamespace:
    """A hall that counts who leaves; its group of 40 is inside."""
    counter = make_counter(day=clock.today(ZONE))
    with transaction():
        service.set_presence(
            service.SetPresence(hall_id=counter.hall.id, by=counter.manager.id, counts_leaving=True, warn_at_percent=90)
        )
    admit(counter)
    counter.by_desk = {"hall_id": counter.hall.id, "staff_id": counter.desk.id}
    return counter


def departed() -> tuple[int, int]:
    """Rows, and people who are out by them."""
    db.session.rollback()
    rows, people = db.session.execute(select(func.count(), func.sum(Departure.visitors))).one()
    return int(rows), int(people)


def test_no_more_leave_than_are_inside(app: Flask, database_url: str, tmp_path: Path) -> None:
    counter = at_the_door()
    gone = service.Leave(**counter.by_desk, event_id=str(uuid4()), code=counter.code, visitors=5)
    assert act(app, gone) == "left"
    share: list[Any] = [
        service.Leave(**counter.by_desk, event_id=str(uuid4()), code=counter.code, visitors=20),
        service.Leave(**counter.by_desk, event_id=str(uuid4()), visitors=2),
        service.TakeBack(**counter.by_desk, event_id=gone.event_id),
        service.Leave(**counter.by_desk, event_id=str(uuid4()), code=counter.code, visitors=15),
    ]
    found = race(database_url, tmp_path, [share * ROUNDS] * PROCESSES, act=act)
    assert found == {"left": 3, "taken_back": 1, "repeated": 4 * ROUNDS * PROCESSES - 4}
    assert departed() == (5, 37)
