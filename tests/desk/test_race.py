"""Two processes at one counter: an event is counted once, and no two writers stand in each other's way for ever."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.desk import errors, service
from hallapp.ledger import recount as ledger
from hallapp.ledger.models import Arrival, DeskEvent, WalkIn
from tests import factories
from tests.desk.conftest import KEYS, admit, make_counter, summaries
from tests.processes import at_once

pytestmark = pytest.mark.both_databases

ZONE = "Asia/Shanghai"
PROCESSES, THREADS, ROUNDS = 2, 4, 3


def run(app: Flask, command: Any) -> str:
    """Do one act as a request would, and say what came of it."""
    with app.app_context():
        try:
            with transaction():
                if isinstance(command, service.Admit):
                    return service.admit(command, keys=KEYS).outcome
                if isinstance(command, service.TakeBack):
                    return service.take_back(command).outcome
                return service.admit_walk_in(command).outcome
        except errors.Refusal as refusal:
            return refusal.code


def in_threads(app: Flask, commands: list[Any], *, act: Callable[[Flask, Any], str]) -> list[str]:
    """Do the acts of one process in its threads, and say what came of each."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda command: act(app, command), commands))


def race(url: str, instance: Path, shares: list[list[Any]], *, act: Callable[[Flask, Any], str] = run) -> Counter[str]:
    """Let each process do its share of acts at the same time; gives how often each answer of `act` came."""
    answers = at_once(url, instance, partial(in_threads, act=act), shares)
    return Counter(answer for process in answers for answer in process)


def admission(counter: SimpleNamespace, event_id: str, **values: Any) -> service.Admit:
    return service.Admit(
        **{
            "hall_id": counter.hall.id,
            "staff_id": counter.desk.id,
            "role": Role.DESK,
            "event_id": event_id,
            "code": counter.code,
            **values,
        }
    )


def settled(counter: SimpleNamespace) -> None:
    with transaction():
        assert ledger.recount(counter.hall.id) == []


def test_same_event_from_two_processes_is_counted_once(app: Flask, database_url: str, tmp_path: Path) -> None:
    counter = make_counter(day=clock.today(ZONE))
    ids = [str(uuid4()) for _ in range(4)]
    walk_in = {"hall_id": counter.hall.id, "staff_id": counter.desk.id, "counts": {"110000": 3}}
    share: list[Any] = [admission(counter, event_id, counts={"440000": 2}) for event_id in ids]
    share += [service.AdmitWalkIn(event_id=event_id, **walk_in) for event_id in (str(uuid4()), str(uuid4()))]
    found = race(database_url, tmp_path, [share * ROUNDS] * PROCESSES)
    assert found == {"admitted": 6, "repeated": 6 * ROUNDS * PROCESSES - 6}
    db.session.rollback()
    counted = [db.session.scalar(select(func.count()).select_from(table)) for table in (DeskEvent, WalkIn)]
    assert counted == [6, 2]
    assert db.session.scalar(select(func.sum(Arrival.visitors))) == 4 * 2 + 2 * 3
    settled(counter)


def test_one_event_is_taken_back_once_by_two_processes(app: Flask, database_url: str, tmp_path: Path) -> None:
    counter = make_counter(day=clock.today(ZONE))
    event_id = admit(counter).event_id
    back = {"hall_id": counter.hall.id, "staff_id": counter.desk.id, "event_id": event_id}
    shares = [[service.TakeBack(own_id=str(uuid4()), **back) for _ in range(4)] for _ in range(PROCESSES)]
    assert race(database_url, tmp_path, shares) == {"taken_back": 1, "already_taken_back": 7}
    assert summaries(counter) == ({}, {})
    settled(counter)


def test_many_groups_of_the_same_divisions_at_once_neither_lose_nor_lock(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    today = clock.today(ZONE)
    counter = make_counter(day=today)
    with transaction():
        programmes = [factories.programme(hall=counter.hall) for _ in range(2)]
        slots = [factories.slot(programme=programme, day=today, visitor_capacity=999) for programme in programmes]
        origins = {"650000": 1, "110000": 2, "440000": 3, "overseas": 4}
        codes = [factories.booking(slot=slots[n % 2], origins=origins, guides=0).reference for n in range(24)]
    # In opposite orders, one person short; then both send the same admissions of whoever is left.
    first = [admission(counter, str(uuid4()), code=code, counts={**origins, "overseas": 3}) for code in codes[:12]]
    second = [admission(counter, str(uuid4()), code=code, counts={**origins, "110000": 1}) for code in codes[:11:-1]]
    rest = [admission(counter, str(uuid4()), code=code) for code in codes]
    found = race(database_url, tmp_path, [first + rest, second + rest[::-1]])
    # Whoever came with a part of a group after the other process had admitted all of it is asked, and counts nobody.
    assert found["admitted"] + found["counted_meanwhile"] == 48 and found["repeated"] == 24, found
    cells, days = summaries(counter)
    arrived = db.session.scalar(select(func.sum(Arrival.visitors)))
    assert arrived == sum(people for people, _ in days.values()) == sum(people for people, _ in cells.values())
    assert list(days.values()) == [(240, 24)]
    settled(counter)
