"""The check against scripts in a real browser: computed without a click, or a sum for whoever has no JavaScript."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from hallapp.booking import proofs
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.policy import ProofOfWork
from tests import factories
from tests.booking.helpers import MADE
from tests.browser.conftest import Opener
from tests.browser.inside import serve_inside
from tests.browser.scene import DESKTOP, PHONE
from tests.browser.steps import fill_booking
from tests.conftest import NUMBERS_IN_SERVICE, tried
from tests.live import Live

NUMBERS = dict(zip("二三四五六七八九", range(2, 10), strict=True))
ENGLISH = dict(zip(("two", "three", "four", "five", "six", "seven", "eight", "nine"), range(2, 10), strict=True))
MOST_SECONDS = 10  # on a machine that does much else; a phone needs half a second


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A hall that asks every online booking for the check."""
    folder: Path = tmp_path_factory.mktemp("proof")
    with serve_inside(f"sqlite:///{folder / 'proof.sqlite3'}", folder) as running:
        with running.app.app_context(), transaction():
            hall = factories.hall(slots_until=MADE, proof_of_work=ProofOfWork.ALWAYS)
            tour = factories.programme(hall=hall)
            day = clock.today(hall.time_zone) + timedelta(days=5)
            factories.slot(programme=tour, day=day, visitor_capacity=500, guide_capacity=50)
        yield running


def bookings(live: Live) -> int:
    with live.app.app_context():
        db.session.rollback()
        return len(db.session.scalars(select(Booking)).all())


def book(page: Page, organisation: str) -> None:
    fill_booking(page, organisation=organisation, division="440000", visitors=20)
    page.locator("button.book").click()


def test_a_browser_computes_and_books_without_a_further_click(
    live: Live, open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs, "NUMBERS", NUMBERS_IN_SERVICE)
    before = bookings(live)
    page = open_page(size=PHONE, language="zh")
    page.goto(f"{live.url}/book")
    expect(page.locator("#altcha")).to_have_value(re.compile(".+"), timeout=MOST_SECONDS * 1000)
    assert not page.locator("#question").count()
    book(page, "计算团队")
    expect(page).to_have_url(re.compile("/visits/"))
    assert bookings(live) == before + 1


def test_whoever_is_faster_than_the_computing_waits_for_it(live: Live, open_page: Opener) -> None:
    page = open_page(size=PHONE, language="zh")
    held: list[Route] = []
    page.route("**/proof-worker.js*", lambda route: held.append(route))
    page.goto(f"{live.url}/book")
    book(page, "性急团队")
    assert not page.locator("#altcha").input_value()
    held[0].continue_()
    expect(page).to_have_url(re.compile("/visits/"))


@pytest.mark.parametrize("broken", tried(["route", "no Worker"], 1))
def test_where_the_script_cannot_compute_a_sum_is_asked(live: Live, open_page: Opener, broken: str) -> None:
    page = open_page(size=PHONE, language="zh")
    if broken == "route":
        page.route("**/proof-worker.js*", lambda route: route.fulfill(status=200, body="throw new Error('x')"))
    else:
        page.add_init_script("delete window.Worker")
    page.goto(f"{live.url}/book")
    book(page, "手动团队")
    expect(page.locator("#problems")).to_be_visible()
    expect(page.locator("[name=organisation]")).to_have_value("手动团队")
    answer(page, r"请回答：(.)加(.)等于几", NUMBERS)
    expect(page).to_have_url(re.compile("/visits/"))
    open_page.complaints.clear()  # the worker's own error is what is tried here


@pytest.mark.parametrize(
    ("language", "asks", "words"),
    [("zh", r"请回答：(.)加(.)等于几", NUMBERS), ("en", r"What is (\w+) plus (\w+)\?", ENGLISH)],
)
def test_without_javascript_the_sum_is_on_the_page_at_once(
    live: Live, open_page: Opener, language: str, asks: str, words: dict[str, int]
) -> None:
    page = open_page(size=DESKTOP, language=language, java_script_enabled=False)
    page.goto(f"{live.url}/book")
    fill_booking(page, organisation=f"无脚本团队{language}", division="440000", visitors=20)
    answer(page, asks, words)
    expect(page).to_have_url(re.compile("/visits/"))


def answer(page: Page, asks: str, words: dict[str, int]) -> None:
    found = re.search(asks, page.locator("#question").inner_text())
    assert found
    page.fill("#answer", str(words[found.group(1)] + words[found.group(2)]))
    page.locator("button.book").click()
