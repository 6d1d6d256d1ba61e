"""The desk's words go with the contact details of bookings; events, rows and counts stay."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.core.database import db
from hallapp.ledger.models import DeskEvent, WalkIn
from tests.desk.conftest import TODAY, admit, admit_walk_in, make_counter, summaries

pytestmark = pytest.mark.either_database


def erase(app: Flask, clock: time_machine.Traveller, days: int) -> None:
    clock.shift(timedelta(days=days))
    assert app.test_cli_runner().invoke(args=["bookings", "erase"]).exit_code == 0
    db.session.rollback()
    db.session.expire_all()


def test_erase_takes_reasons_and_the_names_of_individuals(
    app: Flask, clock: time_machine.Traveller, counter: SimpleNamespace
) -> None:
    other_day = make_counter(TODAY + timedelta(days=1))
    admit(other_day, role=Role.MANAGER, reason="罗先生来过电话")
    admit_walk_in(counter, {"440000": 1}, organisation="罗小龙")
    admit_walk_in(counter, {"440000": 9}, organisation="广州市第三中学", kind="school")
    before = summaries(counter)

    erase(app, clock, 180)  # six months are 181 days here, and the last of them is promised
    assert set(db.session.scalars(select(WalkIn.organisation))) == {"罗小龙", "广州市第三中学"}
    assert "罗先生来过电话" in db.session.scalars(select(DeskEvent.reason)).all()

    erase(app, clock, 2)
    assert set(db.session.scalars(select(WalkIn.organisation))) == {"", "广州市第三中学"}
    assert set(db.session.scalars(select(DeskEvent.reason))) == {None}
    assert "another_day" in db.session.scalars(select(DeskEvent.override)).all()
    assert summaries(counter) == before
