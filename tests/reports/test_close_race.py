"""A month is closed while desks still send what came in it: each event is in the filed figures, or an adjustment."""

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, read_snapshot, transaction
from hallapp.core.errors import DomainError
from hallapp.desk import service as desk
from hallapp.desk.merging import Offline
from hallapp.ledger import recount
from hallapp.ledger.models import Adjustment, Arrival, MonthClose
from hallapp.periods import Period
from hallapp.reports.closing import month_close, verify
from hallapp.reports.figures import filing
from tests import factories
from tests.desk.test_race import race, run

pytestmark = pytest.mark.both_databases

ZONE = "Asia/Shanghai"
EVENTS, PEOPLE = 12, 3


def act(app: Flask, command: Any) -> str:
    """Do what one desk or one manager does, each in a transaction of its own."""
    if not isinstance(command, tuple):
        return run(app, command)
    verb, hall_id, month, staff_id = command
    with app.app_context():
        try:
            with transaction():
                if verb == "close":
                    month_close.close(hall_id, month, staff_id=staff_id)
                else:
                    month_close.reopen(hall_id, month, reason="Race", staff_id=staff_id)
        except DomainError as refused:
            return refused.code
        return verb


def late(hall: SimpleNamespace, at: datetime, people: int = PEOPLE) -> desk.AdmitWalkIn:
    """People of last month of whom a device that was offline tells now."""
    return desk.AdmitWalkIn(
        hall_id=hall.id,
        staff_id=hall.desk,
        event_id=str(uuid4()),
        occurred_at=at,
        device="东门平板",
        offline=Offline(snapshot_at=at),
        counts={"440000": people - 1, "110000": 1},
    )


def test_close_and_late_arrivals_lose_nobody_and_count_nobody_twice(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    with transaction():
        hall = factories.hall()
        factories.programme(hall=hall)
        people = SimpleNamespace(
            id=hall.id,
            desk=factories.staff(hall=hall).id,
            manager=factories.staff(hall=hall, role=Role.ADMIN).id,
        )
    first = clock.today(ZONE).replace(day=1)
    ended = clock.at(first, clock.MIDNIGHT, ZONE) - timedelta(minutes=30)
    month = Period.month((first - timedelta(days=1)).year, (first - timedelta(days=1)).month)
    verbs = {verb: (verb, people.id, month, people.manager) for verb in ("close", "reopen")}
    shares: list[list[Any]] = [[late(people, ended) for _ in range(EVENTS)] for _ in range(2)]
    shares[0][EVENTS // 4 : EVENTS // 4] = [verbs["close"]]
    shares[0][EVENTS // 2 : EVENTS // 2] = [verbs["reopen"], verbs["close"]]
    shares[1][EVENTS // 2 : EVENTS // 2] = [verbs["close"]]
    taken_back = desk.TakeBack(
        hall_id=people.id, staff_id=people.manager, event_id=shares[1][0].event_id, reason="Test"
    )
    shares[1].append(taken_back)
    found = race(database_url, tmp_path, shares, act=act)
    assert (found["admitted"], found["taken_back"]) == (2 * EVENTS, 1)
    # Threads may overtake each other: a close or a reopening may find that another one was there before.
    assert found["close"] >= 1
    assert sum(found[answer] for answer in ("close", "already_closed", "reopen", "not_closed")) == 4
    if found["close"] == found["reopen"]:
        assert act(app, verbs["close"]) == "close"

    read_snapshot()
    verdict = verify.list_verdicts(people.id)[-1]
    assert verdict.agrees and verdict.in_ledger == PEOPLE * (2 * EVENTS - 1)
    late_rows = select(func.coalesce(func.sum(Arrival.visitors), 0)).join(
        Adjustment, (Adjustment.event_id == Arrival.event_id) & (Adjustment.close_id == verdict.close.id)
    )
    filed = filing.read(db.session.get_one(MonthClose, verdict.close.id).figures)
    assert filed.totals.visitors + (db.session.scalar(late_rows) or 0) == verdict.in_ledger
    assert recount.recount(people.id) == []
