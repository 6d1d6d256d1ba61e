"""The organiser's page of each state shows what holds, and nothing else: pass, way there, changes, another booking."""

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
import time_machine
from flask import Flask

from hallapp.booking.models import AGREED, Booking, BookingState
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.passes import service as passes
from tests import factories
from tests.booking.helpers import MADE, page
from tests.client import CheckingClient

DAY = date(2026, 12, 5)
BEFORE, AFTER = (clock.at(day, time(20), "Asia/Shanghai") for day in (DAY - timedelta(days=3), DAY + timedelta(days=1)))
#: What a page may show, by a piece of it.
PASS, KEEP, WAY, CHANGE, AGAIN, LINK = (
    *('class="ticket-code"', 'class="keep', 'id="way"', 'id="changes-title"', "Book another time", "Link leaked?"),
)
SHOWN = {
    BookingState.REQUESTED: {CHANGE, LINK},
    BookingState.CONFIRMED: {PASS, KEEP, WAY, CHANGE, LINK},
    BookingState.WAITLISTED: {CHANGE, LINK},
    BookingState.OFFERED: {LINK},
    BookingState.ARRIVED: {PASS, KEEP, WAY},
    BookingState.ABSENT: set(),
    BookingState.DECLINED: {AGAIN},
    BookingState.LAPSED: {AGAIN},
    BookingState.CANCELLED: {AGAIN},
}


@pytest.fixture(autouse=True)
def _days_before() -> Iterator[None]:
    with time_machine.travel(BEFORE, tick=False):
        yield


def book(state: BookingState, *, had_pass: bool = False) -> Booking:
    with transaction():
        hall = factories.hall(slots_until=MADE, directions_zh="地铁一号线", directions_en="Metro line 1")
        slot = factories.slot(programme=factories.programme(hall=hall), day=DAY)
        until = clock.now() + timedelta(hours=9) if state is BookingState.OFFERED else None
        booking = factories.booking(slot=slot, state=state, offered_until=until)
        if state in AGREED or had_pass:
            passes.issue(booking)
    return booking


@pytest.mark.parametrize("state", list(BookingState))
def test_page_of_each_state_shows_what_holds(app: Flask, client: CheckingClient, state: BookingState) -> None:
    booking = book(state)
    shown = page(client.get(f"/visits/{booking.key}?lang=en"))
    assert {piece for piece in (PASS, KEEP, WAY, CHANGE, AGAIN, LINK) if piece in shown} == SHOWN[state]
    assert ("Metro line 1" in shown) == (WAY in SHOWN[state])


@pytest.mark.parametrize("state", [BookingState.CONFIRMED, BookingState.ARRIVED])
def test_pass_and_way_end_with_the_day_of_the_visit(app: Flask, client: CheckingClient, state: BookingState) -> None:
    booking = book(state)
    with time_machine.travel(AFTER, tick=False):
        answer = client.get(f"/visits/{booking.key}?lang=en")
    shown = page(answer)
    assert answer.status_code == 200
    assert not [piece for piece in (PASS, KEEP, WAY, "Pass to print") if piece in shown]


@pytest.mark.parametrize("state", sorted(set(BookingState) - AGREED))
def test_without_a_pass_its_addresses_say_what_holds(app: Flask, client: CheckingClient, state: BookingState) -> None:
    booking = book(state)
    for name in ("pass", "pass.pdf", "pass.png"):
        answer = client.get(f"/visits/{booking.key}/{name}?lang=en")
        assert answer.status_code == (404 if LINK in SHOWN[state] else 410)
        assert "is no longer valid, and its places" not in page(answer)  # there never was one


def test_drawing_passes_ends_at_a_limit_that_says_when_it_is_free(app: Flask, client: CheckingClient) -> None:
    from hallapp.passes.web import routes

    app.config["RATE_LIMITS"] = True
    booking, other = book(BookingState.CONFIRMED), book(BookingState.CONFIRMED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "DRAWN_AN_HOUR", 2)
        answers = [client.get(f"/visits/{booking.key}/pass.{kind}") for kind in ("png", "pdf", "png")]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].headers["Retry-After"] == "3600"
        assert "请在1小时后再试" in page(answers[-1])
        assert client.get(f"/visits/{booking.key}/pass").status_code == 200
        assert client.get(f"/visits/{other.key}/pass.pdf").status_code == 200
    assert not db.session.new
