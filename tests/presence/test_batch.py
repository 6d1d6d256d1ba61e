"""Departures and badges in a device's batch: in order, once each, with times put right and refusals said."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from hallapp.core.database import db
from hallapp.presence.models import Departure
from tests.badges.conftest import NAMES, group  # noqa: F401
from tests.desk.conftest import NOW, make_counter, summaries
from tests.presence.test_presence import clock, counter, now, set_presence  # noqa: F401

MINUTE = timedelta(minutes=1)


@pytest.fixture
def tablet(counter: SimpleNamespace) -> SimpleNamespace:  # noqa: F811
    """The counter, and its whole group admitted without a network an hour ago."""
    counter.admission = event(counter, type="admit", pass_version=1, counts={"440000": 38, "430000": 2})
    return counter


def event(counter: SimpleNamespace, **values: Any) -> dict[str, Any]:  # noqa: F811
    at = (NOW - 60 * MINUTE).isoformat()
    shared = {"event_id": str(uuid4()), "booking": counter.booking.id, "occurred_at": at, "offline": True}
    return {**shared, "snapshot_at": at, **values}


def send(counter: SimpleNamespace, *events: Any, ahead: timedelta = timedelta()) -> list[dict[str, Any]]:  # noqa: F811
    body = {"hall": counter.hall.id, "now": (NOW + ahead).isoformat(), "device": "tablet", "events": events}
    answer = counter.client.send_json("/desk/arrivals/batch", body)
    assert answer.status_code == 200
    return list(answer.json["answers"])


def said(answers: list[dict[str, Any]]) -> list[str]:
    return [one.get("reason") or one["outcome"] for one in answers]


@pytest.mark.either_database
def test_uploaded_departures_count_once_and_in_order(tablet: SimpleNamespace) -> None:
    leave = event(tablet, type="leave", visitors=30)
    nobodys = event(tablet, type="leave", booking=None, visitors=1)
    back = event(tablet, type="leave_back", undoes=nobodys["event_id"])
    sent = (tablet.admission, leave, nobodys, back)
    assert said(send(tablet, *sent)) == ["admitted", "left", "left", "taken_back"]
    assert said(send(tablet, *sent)) == ["repeated"] * 4
    assert now(tablet)["inside"] == 10
    more = send(tablet, event(tablet, type="leave", visitors=11))
    assert (more[0]["outcome"], said(more)) == ("refused", ["more_than_inside"])
    assert "10" in more[0]["message"]


def test_time_of_departures_is_corrected_and_may_be_weeks_old(tablet: SimpleNamespace) -> None:
    late = (NOW + 50 * MINUTE).isoformat()  # by a clock that is an hour ahead
    assert said(
        send(tablet, event(tablet, type="leave", booking=None, visitors=1, occurred_at=late), ahead=60 * MINUTE)
    ) == ["left"]
    assert db.session.scalars(select(Departure.occurred_at)).one() == NOW - 10 * MINUTE
    old = event(tablet, type="leave", booking=None, visitors=1, occurred_at=(NOW - timedelta(days=20)).isoformat())
    assert said(send(tablet, old)) == ["left"]


def test_invalid_departures_are_refused_separately(tablet: SimpleNamespace) -> None:
    other = make_counter()
    wrong = [
        event(tablet, type="leave", booking=other.booking.id, visitors=1),
        event(tablet, type="leave", booking="1", visitors=1),
        event(tablet, type="leave", booking=2**40, visitors=1),
        event(tablet, type="leave", booking=None, visitors=0),
        event(tablet, type="leave", visitors=1, event_id="1"),
        event(tablet, type="leave", booking=None, visitors=1, occurred_at="yesterday"),
        event(tablet, type="leave_back", undoes=str(uuid4())),
        event(tablet, type="leave_back", undoes=7),
        event(tablet, type=["leave"]),
    ]
    assert said(send(tablet, *wrong)) == [
        *("unknown", "invalid_event", "invalid_event", "invalid_people", "invalid_event", "invalid_event"),
        *("unknown_event", "invalid_event", "invalid_event"),
    ]
    set_presence(tablet, counts_leaving=False)
    assert said(send(tablet, event(tablet, type="leave", visitors=1))) == ["leaving_not_counted"]
    assert db.session.scalar(select(func.count()).select_from(Departure)) == 0


@pytest.mark.either_database
def test_uploaded_badges_count_once_and_never_beyond_the_group(tablet: SimpleNamespace, group: SimpleNamespace) -> None:  # noqa: F811
    badges = [event(tablet, type="badge", booking=None, code=group.badges[name]) for name in NAMES[:2]]
    again = event(tablet, type="badge", booking=None, code=group.badges[NAMES[0]])
    forged = event(tablet, type="badge", booking=None, code=f"HTTPS://X/B/{'A' * 32}")
    answers = send(tablet, *badges, again, forged)
    assert said(answers) == ["admitted", "admitted", "repeated", "unknown"]
    assert (answers[0]["person"], answers[2]["counts"]) == (NAMES[0], {})
    assert said(send(tablet, *badges)) == ["repeated", "repeated"]
    assert sum(day for day, _groups in summaries(tablet)[1].values()) == 2
