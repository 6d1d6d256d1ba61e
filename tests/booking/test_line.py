"""The line at the release hour: one place for each who comes, let in by the clock, in order, on all processes."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select

from hallapp.booking import floods, line, service
from hallapp.booking.flood_models import LineCounter
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall, Slot
from hallapp.schedule.policy import LineRule, ProofOfWork
from tests import factories
from tests.booking.helpers import MADE, command, page, typed, value_of
from tests.client import CheckingClient
from tests.processes import at_once

ZONE = "Asia/Shanghai"
OPENS = clock.at(date(2026, 12, 1), time(8), ZONE)
At = Callable[[float], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[At]:
    """Sets the clocks of the process and of the database, in seconds after the opening."""
    with time_machine.travel(OPENS, tick=False) as travelling:

        def set_to(seconds: float) -> None:
            now = OPENS + timedelta(seconds=seconds)
            travelling.move_to(now)
            monkeypatch.setattr(line, "_seconds_now", lambda: literal(int(now.timestamp())))

        set_to(0)
        yield set_to


@pytest.fixture
def slot(app: Flask, at: At) -> Slot:
    with transaction():
        hall = factories.hall(
            slots_until=MADE, line_on=True, line_opens=time(8), line_per_minute=60, proof_of_work=ProofOfWork.OFF
        )
        tour = factories.programme(hall=hall, group_min=1)
        return factories.slot(programme=tour, day=date(2026, 12, 5), visitor_capacity=9000, guide_capacity=900)


def rule_of(slot: Slot) -> LineRule:
    rule = db.session.get_one(Hall, slot.hall_id).line
    assert rule
    return rule


def come(app: Flask) -> CheckingClient:
    """A browser that comes to the booking page for the first time."""
    browser = app.test_client()
    assert isinstance(browser, CheckingClient)
    assert browser.get("/book").status_code == 200
    return browser


def place_of(browser: CheckingClient) -> int | None:
    """The place that the page shows; None on the booking page."""
    found = re.search(r'line-place">.*?<strong class="number">(\d+)<', browser.get("/book").text, re.DOTALL)
    return int(found[1]) if found else None


# --- the rule ---


@given(
    per_minute=st.integers(1, 10_000),
    places=st.lists(st.integers(1, 100_000), min_size=2, max_size=2, unique=True),
    seconds=st.integers(-1_800, 100_000),
)
def test_places_are_let_in_in_order_and_no_faster_than_the_hall_lets_in(
    per_minute: int, places: list[int], seconds: int
) -> None:
    rule = LineRule(hall_id=1, opens=time(8), per_minute=per_minute, time_zone=ZONE)
    now = OPENS + timedelta(seconds=seconds)
    first, second = sorted(places)
    assert rule.due(first, OPENS) <= rule.due(second, OPENS)
    let_in = rule.count_let_in(OPENS, now)
    for place in places:
        assert (rule.due(place, OPENS) <= now) == (place <= let_in)
    assert let_in <= max(0, seconds * per_minute / 60 + 1)


@pytest.mark.parametrize(
    ("local", "opening"),
    [
        (datetime(2026, 12, 1, 7, 29, 59), 30),
        (datetime(2026, 12, 1, 7, 30), 1),
        (datetime(2026, 12, 1, 8, 0), 1),
        (datetime(2026, 12, 2, 7, 29), 1),
        (datetime(2026, 12, 2, 7, 30), 2),
    ],
)
def test_line_gathers_from_half_an_hour_before(local: datetime, opening: int) -> None:
    rule = LineRule(hall_id=1, opens=time(8), per_minute=60, time_zone=ZONE)
    found = rule.find_opening(local.replace(tzinfo=clock.zone(ZONE)).astimezone(UTC))
    assert found and clock.local(found, ZONE).day == opening


def test_line_around_midnight_belongs_to_the_next_day() -> None:
    rule = LineRule(hall_id=1, opens=time(0, 10), per_minute=60, time_zone=ZONE)
    evening = clock.at(date(2026, 11, 30), time(23, 50), ZONE)
    assert rule.find_opening(evening) == clock.at(date(2026, 12, 1), time(0, 10), ZONE)


# --- the counter ---


def take(slot: Slot) -> int:
    with transaction():
        found = line.find_line(rule_of(slot))
        assert found
        return line.take_place(found)


@pytest.mark.either_database
def test_everybody_gets_the_next_place_before_the_opening(slot: Slot, at: At) -> None:
    at(-600)
    assert [take(slot) for _ in range(5)] == [1, 2, 3, 4, 5]


@pytest.mark.both_databases
def test_who_comes_to_an_empty_line_is_let_in_at_once(slot: Slot, at: At) -> None:
    at(600)
    found = line.find_line(rule_of(slot))
    assert found and all(found.is_in(take(slot)) for _ in range(60))  # a minute's worth
    waits = [take(slot) for _ in range(3)]
    assert not any(found.is_in(place) for place in waits[1:])
    assert waits == sorted(waits)


@pytest.mark.either_database
def test_line_ends_after_an_hour_unless_somebody_waits(slot: Slot, at: At) -> None:
    assert timedelta(hours=1) == line.LASTS
    at(3_599)
    assert line.find_line(rule_of(slot))
    at(3_600)
    assert line.find_line(rule_of(slot)) is None
    at(-60)
    with transaction():
        db.session.add(LineCounter(hall_id=slot.hall_id, opens_at=OPENS, last=5_000))
    at(3_600)
    assert line.find_line(rule_of(slot))
    at(5_000)
    assert line.find_line(rule_of(slot)) is None


@pytest.mark.either_database
def test_old_counters_are_swept(slot: Slot, at: At) -> None:
    take(slot)
    at(86_400 * 3)
    with transaction():
        line.sweep()
    assert db.session.scalars(select(LineCounter)).all() == []


@pytest.mark.both_databases
def test_clock_is_the_databases(app: Flask) -> None:
    seconds = db.session.scalar(select(line._seconds_now()))
    assert isinstance(seconds, int)
    assert abs(seconds - clock.now().timestamp()) < 5


def _take_places(app: Flask, share: tuple[LineRule, datetime, int]) -> list[int]:
    rule, opening, count = share
    present = line.WaitingLine(rule=rule, opening=opening, last=0, clock_ahead=timedelta())
    found = []
    with app.app_context():
        for _ in range(count):
            with transaction():
                found.append(line.take_place(present))
    return found


@pytest.mark.both_databases
def test_processes_never_give_a_place_twice(app: Flask, database_url: str, tmp_path: Path) -> None:
    with transaction():
        hall = factories.hall(line_on=True)
    rule = LineRule(hall_id=hall.id, opens=time(8), per_minute=1, time_zone=ZONE)
    opening = clock.now() + timedelta(minutes=10)
    places = [
        place for found in at_once(database_url, tmp_path, _take_places, [(rule, opening, 40)] * 3) for place in found
    ]
    assert sorted(places) == list(range(1, 121))


# --- pages ---


@pytest.mark.either_database
def test_visitors_wait_in_order_and_are_let_in_by_the_clock(app: Flask, slot: Slot, at: At) -> None:
    at(-300)
    browsers = [come(app) for _ in range(4)]
    assert [place_of(browser) for browser in browsers] == [1, 2, 3, 4]
    shown = page(browsers[3].get("/book"))
    assert "您前面还有3位" in shown and "08:00开始预约" in shown
    at(0)
    assert [place_of(browser) for browser in browsers] == [None, 2, 3, 4]
    assert "预计1分钟内轮到您" in page(browsers[1].get("/book"))
    at(3)
    assert [place_of(browser) for browser in browsers] == [None] * 4


def test_reloads_and_tabs_keep_the_place_and_a_browser_without_it_goes_to_the_end(
    app: Flask, slot: Slot, at: At
) -> None:
    at(-300)
    first, second = come(app), come(app)
    for _ in range(5):
        assert (place_of(first), place_of(second)) == (1, 2)
    assert place_of(come(app)) == 3
    first.delete_cookie("line")
    assert place_of(first) == 4
    second.set_cookie("line", "WzEsMTc5NjAyODIxMywxLDBd.made-up")
    assert place_of(second) == 5


def test_place_of_another_opening_or_hall_is_worth_nothing(app: Flask, slot: Slot, at: At) -> None:
    at(-300)
    browser = come(app)
    at(86_400 - 300)
    for _ in range(3):
        come(app)
    assert place_of(browser) == 4


def test_who_was_let_in_stays_in_when_the_hall_lets_in_fewer(app: Flask, slot: Slot, at: At) -> None:
    at(-300)
    browsers = [come(app) for _ in range(5)]
    at(4)
    assert place_of(browsers[4]) is None
    with transaction():
        db.session.get_one(Hall, slot.hall_id).line_per_minute = 1
    assert place_of(browsers[4]) is None
    assert place_of(browsers[3]) == 4


def test_status_says_how_it_stands_in_words(app: Flask, slot: Slot, at: At) -> None:
    at(-300)
    come(app)
    browser = come(app)
    answer = browser.get("/book/line", headers={"Accept-Language": "en"}).json
    assert answer["in"] is False and answer["before"] == "1 visitor before you"
    assert answer["wait"] == "Booking opens at 08:00." and 2 <= answer["after"] <= 22
    stranger = app.test_client()
    assert stranger.get("/book/line").json == {"in": True}  # loads the page again, which gives it a place
    assert db.session.scalar(select(LineCounter.last)) == 2
    at(1)
    assert browser.get("/book/line").json == {"in": True}


def test_form_that_comes_before_its_turn_loses_nothing(app: Flask, slot: Slot, at: At) -> None:
    at(-3_000)
    browser = come(app)  # before the line gathers
    form = browser.get("/book")
    at(-300)
    come(app)
    sent = typed(slot, submission=value_of(form, "submission"), csrf_token=value_of(form, "csrf_token"))
    answer = browser.post("/book", data=sent)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 300
    assert value_of(answer, "organisation") == sent["organisation"] and "您排在第2位" in page(answer)
    at(1)
    assert browser.post("/book", data=sent).status_code == 303


def test_staff_and_private_links_never_wait(app: Flask, slot: Slot, at: At) -> None:
    with transaction():
        booking = service.place(command(slot))
        person = factories.staff(hall=db.session.get_one(Hall, slot.hall_id))
    at(-300)
    come(app)
    staff = app.test_client()
    assert isinstance(staff, CheckingClient)
    staff.sign_in(person)
    assert "line-place" not in staff.get("/book").text
    assert staff.get(f"/book/times?programme={slot.programme.slug}&day={slot.day}").status_code == 200
    stranger = app.test_client()
    for path in (f"/visits/{booking.key}", f"/visits/{booking.key}/change?what=time", "/"):
        answer = stranger.get(path)
        assert answer.status_code == 200 and "line-place" not in answer.text
    assert db.session.scalar(select(LineCounter.last)) == 1


def test_hall_without_a_line_counts_nobody(app: Flask, slot: Slot, at: At) -> None:
    with transaction():
        db.session.get_one(Hall, slot.hall_id).line_on = False
    browser = come(app)
    assert browser.get_cookie("line") is None
    assert db.session.scalars(select(LineCounter)).all() == []


def test_script_that_comes_without_a_cookie_again_and_again_is_stopped(app: Flask, slot: Slot, at: At) -> None:
    at(-300)
    script = {"REMOTE_ADDR": "198.51.100.7"}
    answers = [app.test_client().get("/book", environ_base=script).status_code for _ in range(125)]
    assert set(answers) == {200, 429}
    last = db.session.scalar(select(LineCounter.last))
    assert last and last <= 120


def test_attempts_of_one_place_are_limited(app: Flask, slot: Slot, at: At) -> None:
    at(-300)
    browser = come(app)
    at(0)
    form = browser.get("/book")
    data: dict[str, Any] = typed(slot, csrf_token=value_of(form, "csrf_token"))
    statuses = [
        browser.post("/book", data={**data, "submission": f"s{number}", "phone": f"1990000{number:04}"}).status_code
        for number in range(14)
    ]
    assert statuses.count(429) == 2


# --- the brake ---


def test_brake_leaves_out_whom_the_line_let_in(app: Flask, slot: Slot, at: At) -> None:
    with transaction():
        hall = db.session.get_one(Hall, slot.hall_id)
        hall.brake_per_hour, hall.line_per_minute, hall.proof_of_work = 2, 600, ProofOfWork.BUSY
    at(-60)
    for _ in range(10):
        take(slot)
    at(30)
    states = []
    for number in range(13):
        with transaction():
            own = {"submission": f"s{number}", "phone": f"+8613800{number:06}", "organisation": f"第{number}小学"}
            states.append(service.place(command(slot, **own)).state.value)
    assert states == ["confirmed"] * 12 + ["requested"]
    assert floods.wants_proof(hall)
