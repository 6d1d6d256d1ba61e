"""Who is inside: arrivals less departures, or an estimate; take-backs, repeats, limits, and the flow of the day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.core.database import db, transaction
from hallapp.presence import inside, queries, service
from hallapp.presence.models import Departure
from hallapp.presence.muster import get_muster
from hallapp.schedule.models import CalendarDay, Hall
from tests.desk.conftest import NOW, TODAY, admit, admit_walk_in, make_counter, take_back

LEAVE = "/desk/departures"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is 09:40 on a Saturday in Guangzhou, and stays so until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def counter(app: Flask, clock: time_machine.Traveller) -> SimpleNamespace:
    """A hall that counts who leaves, at its counter: 38 people from Guangdong and 2 from Hunan are expected."""
    counter = make_counter()
    set_presence(counter, counts_leaving=True)
    counter.client = app.test_client()
    counter.client.sign_in(counter.desk)
    counter.client.get("/desk/flow")
    return counter


def set_presence(counter: SimpleNamespace, **values: Any) -> None:
    command = {"hall_id": counter.hall.id, "by": counter.manager.id, "counts_leaving": True, "warn_at_percent": 90}
    with transaction():
        service.set_presence(service.SetPresence(**{**command, **values}))


def send(counter: SimpleNamespace, **values: Any) -> tuple[int, dict[str, Any]]:
    answer = counter.client.send_json(LEAVE, {"event_id": str(uuid4()), **values})
    return answer.status_code, answer.json


def now(counter: SimpleNamespace) -> dict[str, Any]:
    return counter.client.get("/desk/inside.json").json


def set_limit(counter: SimpleNamespace, people: int | None) -> None:
    with transaction():
        db.session.get_one(Hall, counter.hall.id).inside_capacity = people


@pytest.mark.either_database
def test_people_inside_are_arrivals_minus_departures(counter: SimpleNamespace, clock: time_machine.Traveller) -> None:
    assert now(counter) == {
        **{"inside": 0, "limit": None, "today": 0, "estimated": False, "warn_at_percent": 90, "crowd": "free"}
    }
    admit(counter)
    admit_walk_in(counter, {"440000": 5})
    status, answer = send(counter, visitors=3)
    assert (status, answer["outcome"], answer["visitors"], answer["inside"]["inside"]) == (200, "left", 3, 42)
    _status, answer = send(counter, code=counter.code, visitors=10)
    assert answer["inside"]["inside"] == 32
    status, answer = send(counter, code=counter.booking.reference)  # all of the group who are still inside
    assert (status, answer["visitors"], answer["inside"]["inside"]) == (200, 30, 2)
    assert send(counter, code=counter.code)[1]["reason"] == "nobody_inside"
    send(counter, visitors=9)
    assert now(counter)["inside"] == 0  # never below nobody
    clock.move_to(NOW + timedelta(days=1))
    counter.client.sign_in(counter.desk)
    assert (now(counter)["inside"], now(counter)["today"]) == (0, 0)


@pytest.mark.either_database
def test_same_event_again_changes_nothing_and_answers_the_same(counter: SimpleNamespace) -> None:
    admit(counter)
    event = str(uuid4())
    first = send(counter, event_id=event, code=counter.code)[1]
    again = send(counter, event_id=event, code=counter.code)
    assert again == (200, {**first, "outcome": "repeated"})
    assert now(counter)["inside"] == 0


@pytest.mark.either_database
def test_departure_taken_back_once(counter: SimpleNamespace) -> None:
    admit(counter)
    event = str(uuid4())
    send(counter, event_id=event, code=counter.code)
    path = f"{LEAVE}/{event}/take-back"
    outcomes = [counter.client.send_json(path, {}).json for _again in range(2)]
    assert [one["outcome"] for one in outcomes] == ["taken_back", "repeated"]
    assert outcomes[0]["inside"]["inside"] == 40
    own = outcomes[0]["event_id"]
    assert counter.client.send_json(f"{LEAVE}/{own}/take-back", {}).json["reason"] == "not_a_departure"
    assert send(counter, event_id=own, visitors=1)[1]["reason"] == "event_id_used"
    assert counter.client.send_json(f"{LEAVE}/{uuid4()}/take-back", {}).status_code == 404
    rows = db.session.execute(select(Departure.visitors, Departure.undoes_id).order_by(Departure.id)).all()
    assert [people for people, _undoes in rows] == [40, -40]
    assert send(counter, code=counter.code)[1]["visitors"] == 40


def test_departures_that_make_no_sense_are_refused(counter: SimpleNamespace) -> None:
    admit(counter)
    for values, reason, status in (
        ({}, "invalid_people", 422),
        ({"visitors": 0}, "invalid_people", 422),
        ({"visitors": -1}, "invalid_people", 422),
        ({"visitors": 1000}, "invalid_people", 422),
        ({"visitors": True}, "invalid_people", 422),
        ({"visitors": "²"}, "invalid_people", 422),
        ({"visitors": "9" * 5000}, "invalid_people", 422),
        ({"visitors": [1]}, "invalid_people", 422),
        ({"visitors": 41, "code": counter.code}, "more_than_inside", 409),
        ({"code": "AAAAAAAA"}, "invalid_reference", 422),
        ({"code": "\0"}, "invalid_people", 422),
        ({"code": "A" * 32}, "unknown", 409),
        ({"visitors": 1, "event_id": "x"}, "invalid_event", 422),
        ({"visitors": 1, "occurred_at": "today"}, "invalid_event", 422),
        ({"visitors": 1, "occurred_at": "2026-11-21T10:00:00"}, "invalid_event", 422),
        ({"visitors": 1, "occurred_at": "2027-01-01T00:00:00+00:00"}, "invalid_event", 422),
        ({"visitors": 1, "occurred_at": "0001-01-01T00:00:00+23:59"}, "invalid_event", 422),
    ):
        answered, answer = send(counter, **values)
        assert (answered, answer.get("reason")) == (status, reason), values
    set_presence(counter, counts_leaving=False)
    assert send(counter, visitors=1)[1]["reason"] == "leaving_not_counted"
    assert db.session.scalar(select(func.count()).select_from(Departure)) == 0


def test_passes_and_departures_of_another_hall_are_not_found(app: Flask, counter: SimpleNamespace) -> None:
    admit(counter)
    event = str(uuid4())
    send(counter, event_id=event, visitors=1)
    other = make_counter()
    set_presence(other)
    other.client = app.test_client()
    other.client.sign_in(other.desk)
    other.client.get("/desk/flow")
    assert send(other, code=counter.code)[1]["reason"] == "other_hall"
    assert other.client.send_json(f"{LEAVE}/{event}/take-back", {}).status_code == 404
    assert now(other)["inside"] == 0


@pytest.mark.either_database
def test_people_inside_are_estimated_without_departures(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    set_presence(counter, counts_leaving=False)
    admit(counter)  # a tour of 90 minutes
    clock.shift(timedelta(minutes=60))
    walk_in = admit_walk_in(counter, {"430000": 5})
    admit_walk_in(counter, {"430000": 2})
    take_back(counter, walk_in.event_id)
    assert (now(counter)["inside"], now(counter)["estimated"]) == (42, True)
    clock.shift(timedelta(minutes=31))
    assert now(counter)["inside"] == 2
    assert "估算" in counter.client.get("/desk/flow").text


def test_warning_before_the_limit(counter: SimpleNamespace) -> None:
    admit(counter)
    for limit, crowd in ((None, "free"), (45, "free"), (44, "near"), (41, "near"), (40, "full"), (39, "over")):
        set_limit(counter, limit)
        assert (now(counter)["limit"], now(counter)["crowd"]) == (limit, crowd)
    assert "超过上限" in counter.client.get("/desk/flow").text
    with transaction():
        db.session.add(CalendarDay(hall_id=counter.hall.id, day=TODAY, inside_capacity=100))
    assert (now(counter)["limit"], now(counter)["crowd"]) == (100, "free")


@pytest.mark.either_database
def test_flow_by_the_quarter(counter: SimpleNamespace, clock: time_machine.Traveller) -> None:
    first = admit_walk_in(counter, {"440000": 30})
    admit_walk_in(counter, {"430000": 8})
    clock.shift(timedelta(minutes=36))  # 10:16
    send(counter, visitors=5)
    take_back(counter, first.event_id)  # taken off where it was counted
    with counter.client.application.app_context():
        hall = db.session.get_one(Hall, counter.hall.id)
        quarters = inside.get_flow(hall)
    start = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    expected = [(0, 8, 0, 8), (15, 0, 0, 8), (30, 0, 0, 8), (45, 0, 5, 3)]
    assert [(one.starts, one.arrived, one.departed, one.inside) for one in quarters] == [
        (start + timedelta(minutes=minutes), came, left, people) for minutes, came, left, people in expected
    ]
    page = counter.client.get("/desk/flow").text
    assert ">09:30<" in page and ">10:15<" in page


def test_leaving_by_the_page_without_a_script(counter: SimpleNamespace) -> None:
    admit(counter)
    event = str(uuid4())
    done = counter.client.submit(LEAVE, {"event_id": event, "code": counter.code, "visitors": ""})
    assert (done.status_code, done.location) == (303, "/desk/flow?left=40")
    page = counter.client.get(done.location).text
    assert "已登记40人离馆" in page and counter.booking.organisation in page
    refused = counter.client.submit(LEAVE, {"event_id": str(uuid4()), "code": "nonsense", "visitors": "x"})
    assert refused.status_code == 422
    assert 'value="nonsense"' in refused.text and 'value="x"' in refused.text and 'id="visitors-error"' in refused.text
    assert counter.client.submit(f"{LEAVE}/{event}/take-back").location == "/desk/flow"
    assert "已撤销" in counter.client.get("/desk/flow").text
    assert counter.client.get("/desk/flow?left=%C2%B2").status_code == 200


def test_manager_turns_departures_on_and_off(app: Flask, counter: SimpleNamespace) -> None:
    client = app.test_client()
    client.sign_in(counter.manager)
    page = client.get("/admin/presence").text
    assert "checked" in page and 'value="90"' in page
    for wrong in ("0", "101", "x", "", "9" * 20):
        assert client.submit("/admin/presence", {"warn_at_percent": wrong}).status_code == 422
    assert client.submit("/admin/presence", {"warn_at_percent": "75"}).status_code == 303
    setting = queries.get_setting(counter.hall.id)
    assert (setting.counts_leaving, setting.warn_at_percent) == (False, 75)


@pytest.mark.both_databases
def test_who_comes_after_more_left_than_were_inside_counts_in_full(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    admit_walk_in(counter, {"440000": 5})
    clock.shift(timedelta(minutes=1))
    event = str(uuid4())
    send(counter, visitors=9, event_id=event)
    clock.shift(timedelta(minutes=1))
    admit_walk_in(counter, {"440000": 6})
    assert now(counter)["inside"] == 6
    assert [one.inside for one in inside.get_flow(counter.hall)] == [6]
    assert "4 more people left than were inside by the count" in counter.client.get("/desk/flow?lang=en").text
    counter.client.send_json(f"{LEAVE}/{event}/take-back", {})
    assert now(counter)["inside"] == 11
    assert "left than" not in counter.client.get("/desk/flow?lang=en").text


def test_hour_that_summer_time_repeats_is_two_hours_in_the_flow(app: Flask, clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(2026, 10, 25, 0, 20, tzinfo=UTC))  # 02:20 in Berlin, for the first time
    counter = make_counter()
    with transaction():
        hall = db.session.get_one(Hall, counter.hall.id)
        hall.time_zone = "Europe/Berlin"
    admit_walk_in(counter, {"440000": 3})
    clock.shift(timedelta(hours=1))
    admit_walk_in(counter, {"440000": 4})
    assert [one.arrived for one in inside.get_flow(hall)] == [3, 0, 0, 0, 4]


def test_departure_on_a_fast_clock_before_midnight_is_of_the_day(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    admit_walk_in(counter, {"440000": 5})
    clock.move_to(datetime(2026, 11, 21, 15, 57, tzinfo=UTC))
    counter.client.sign_in(counter.desk)
    send(counter, visitors=5, occurred_at="2026-11-22T00:01:00+08:00")
    assert db.session.scalars(select(Departure.day)).all() == [TODAY]


@pytest.mark.both_databases
def test_group_that_left_and_was_then_taken_back_does_not_empty_the_hall(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    """The number inside is that of the muster list: the other groups are still there."""
    mistaken = admit(counter)
    admit_walk_in(counter, {"440000": 34})
    clock.shift(timedelta(minutes=20))
    send(counter, code=counter.code, visitors=17)
    take_back(counter, mistaken.event_id)
    assert now(counter)["inside"] == get_muster(counter.hall).people == 34
    assert [one.inside for one in inside.get_flow(counter.hall)][-1] == 34
    assert "17 more people left than were inside by the count" in counter.client.get("/desk/flow?lang=en").text
