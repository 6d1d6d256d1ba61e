"""Groups that come early or late: what the desk says of them, and what the hall's rule does."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.desk import errors
from hallapp.devices import service as devices
from hallapp.devices.models import DeviceKind
from hallapp.ledger.models import DeskEvent
from hallapp.paper import service as paper
from hallapp.schedule.models import Hall, Slot
from hallapp.schedule.policy import Door, DoorRule
from tests import factories
from tests.desk.conftest import NOW, admit, code_of, make_booking, summaries, take_back

WHOLE = {"440000": 38, "430000": 2}


def rule(counter: SimpleNamespace, *, early: int | None = 30, late: int | None = 5, by: str = "warn") -> None:
    """Let groups in from so many minutes before their time to so many after it; the booking's time is 09:30."""
    with transaction():
        hall = db.session.get_one(Hall, counter.hall.id)
        hall.early_minutes, hall.late_minutes, hall.door_rule = early, late, DoorRule(by)


def last_event() -> tuple[str | None, str | None]:
    db.session.rollback()
    event = db.session.scalars(select(DeskEvent).order_by(DeskEvent.id.desc()).limit(1)).one()
    return event.override, event.reason


def audited() -> int:
    return len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "admitted_against_rule")).all())


def test_door_is_open_to_the_minute() -> None:
    door = Door(early_minutes=30, late_minutes=0, rule=DoorRule.WARN)
    assert [door.is_too_early(minutes) for minutes in (-31, -30, 0, 31)] == [True, False, False, False]
    assert [door.is_too_late(minutes) for minutes in (-31, 0, 1)] == [False, False, True]
    never = Door(early_minutes=None, late_minutes=None, rule=DoorRule.MANAGER)
    assert not never.is_too_early(-9999) and not never.is_too_late(9999)


def test_without_a_rule_everybody_is_let_in_and_the_answer_says_how_late(
    counter: SimpleNamespace, client: FlaskClient
) -> None:
    client.sign_in(counter.desk)
    client.get("/desk?lang=en")
    page = client.submit("/desk/lookup", {"q": counter.code}).text
    assert "10 minutes late" not in page and 'name="anyway"' not in page  # ten minutes are no news
    done = client.send_json("/desk/arrivals", {"event_id": str(uuid4()), "code": counter.code}).get_json()
    assert (done["outcome"], done["timing"]) == ("admitted", {"early": 0, "late": 10, "beyond": False, "news": False})
    assert last_event() == (None, None)


def test_hall_that_warns_wants_one_more_touch(counter: SimpleNamespace, client: FlaskClient) -> None:
    rule(counter)
    client.sign_in(counter.desk)
    client.get("/desk?lang=en")
    page = client.submit("/desk/lookup", {"q": counter.code}).text
    assert 'data-outcome="repeated"' in page and "is 10 minutes late: its time is" in page
    assert '<span class="state warn">10 minutes late</span>' in page
    assert 'name="anyway" value="yes" required' in page and 'name="reason"' not in page
    sent = {"event_id": str(uuid4()), "code": counter.code}
    refused = client.send_json("/desk/arrivals", sent)
    answer = refused.get_json()
    assert (refused.status_code, answer["reason"], answer["overridable"], answer["confirmable"]) == (
        *(409, "too_late"),
        *(True, True),
    )
    page = client.submit("/desk/arrivals", {**sent, "anyway": "yes"}).text
    assert 'data-outcome="admitted"' in page and "10 minutes late" in page
    assert "outside the hall’s time" in page
    assert last_event() == ("too_late", None)
    assert audited() == 0
    assert client.send_json("/desk/arrivals", sent).get_json()["outcome"] == "repeated"
    assert summaries(counter)[1] == {"11-21": (40, 1)}


def test_who_follows_a_group_that_is_in_comes_in_as_usual(counter: SimpleNamespace) -> None:
    rule(counter, by="manager", late=20)
    first = admit(counter, counts={"440000": 30}, occurred_at=NOW)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert admit(counter).group.arrived == 40
        take_back(counter, first.event_id)
        assert admit(counter).group.arrived == 40  # ten of them are in still


def test_hall_that_asks_for_a_manager(counter: SimpleNamespace, client: FlaskClient) -> None:
    rule(counter, by="manager")
    for refused, values in (
        (errors.TooLate, {}),
        (errors.TooLate, {"anyway": True}),
        (errors.ManagerNeeded, {"reason": "堵车", "anyway": True}),
    ):
        with pytest.raises(refused):
            admit(counter, **values)
    client.sign_in(counter.desk)
    client.get("/desk?lang=en")
    page = client.submit("/desk/lookup", {"q": counter.code}).text
    assert 'data-outcome="refused"' in page and 'data-act="admit"' not in page
    admit(counter, reason="堵车", role=Role.MANAGER)
    assert last_event() == ("too_late", "堵车")
    assert audited() == 1


def test_early_group_waits_until_the_hall_lets_it_in(counter: SimpleNamespace, client: FlaskClient) -> None:
    rule(counter)
    start = NOW - timedelta(minutes=10)
    with time_machine.travel(start - timedelta(minutes=150), tick=False):
        client.sign_in(counter.manager)
        client.get("/desk?lang=en")
        page = client.submit("/desk/lookup", {"q": counter.code}).text
        assert "early: 2 h 30 min before its time" in page and ">Early</h2>" in page
        with pytest.raises(errors.TooEarly):
            admit(counter)
    with time_machine.travel(start - timedelta(minutes=30), tick=False):
        assert admit(counter).group.arrived == 40


@pytest.mark.parametrize("by", list(DoorRule))
def test_who_was_let_in_where_nobody_could_be_asked_counts(
    counter: SimpleNamespace, client: FlaskClient, by: str
) -> None:
    rule(counter, by=by)
    client.sign_in(counter.desk)
    client.get("/desk")
    content: dict[str, Any] = client.get("/desk/snapshot").get_json()
    assert content["door"] == {"early": 30, "late": 5, "rule": by, "early_news": 30, "late_news": 5}
    assert [row["starts_at"] for row in content["groups"]] == ["2026-11-21T01:30:00+00:00"]
    event = {"event_id": str(uuid4()), "type": "admit", "booking": counter.booking.id, "offline": True}
    event |= {"counts": WHOLE, "known_to_come": WHOLE, "occurred_at": NOW.isoformat(), "snapshot_at": NOW.isoformat()}
    answer = client.send_json("/desk/arrivals/batch", {"now": NOW.isoformat(), "events": [event]}).get_json()
    assert [(one["outcome"], one["timing"]["beyond"]) for one in answer["answers"]] == [("admitted", True)]
    assert last_event() == ("too_late", None)
    with transaction():
        slot = db.session.get_one(Slot, counter.booking.slot_id)
        other = factories.booking(slot=slot, origins=WHOLE)
        noted = {"hall_id": counter.hall.id, "staff_id": counter.desk.id, "role": Role.DESK, "counts": WHOLE}
        paper.enter(paper.Noted(**noted, event_id=str(uuid4()), occurred_at=NOW, booking_id=other.id))
    assert last_event() == ("too_late", None)
    assert summaries(counter)[1] == {"11-21": (80, 2)}


def test_rule_of_time_says_nothing_of_other_days(counter: SimpleNamespace) -> None:
    rule(counter, early=0, late=0)
    with transaction():
        tomorrow = code_of(make_booking(counter.programme, day=NOW.date() + timedelta(days=1)))
    with pytest.raises(errors.AnotherDay):
        admit(counter, code=tomorrow, anyway=True)


def test_kiosk_sends_a_group_outside_its_time_to_the_counter(app: Flask, counter: SimpleNamespace) -> None:
    rule(counter, late=20)
    with transaction():
        given = devices.add(
            devices.AddDevice(hall_id=counter.hall.id, by=counter.manager.id, name="Lobby", kind=DeviceKind.KIOSK)
        )
    tablet = app.test_client()
    tablet.get(f"/devices/{given.token}")
    tablet.get("/kiosk")
    assert 'data-step="counter"' not in tablet.submit("/kiosk/look-up", {"code": counter.code}).text
    rule(counter, late=5)
    sent = {"event_id": str(uuid4()), "code": counter.code, "origins-0-division": "440000", "origins-0-visitors": "3"}
    for path in ("/kiosk/look-up", "/kiosk/arrivals"):
        assert 'data-step="counter"' in tablet.submit(path, sent).text
    assert summaries(counter) == ({}, {})
