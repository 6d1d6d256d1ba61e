"""What people at a counter really press: late, twice, on Wi-Fi that hangs, after a colleague who left offline."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_hanging import CALM, HURRY
from tests.browser.test_offline import admit, arrived, cut, in_conflict, open_desk, ready, stored
from tests.conftest import tried

AT_ONCE_SECONDS = 5


def show(page: Page, code: str, people: int) -> None:
    """Scan a pass, and wait for the card of its group."""
    page.locator("#q").focus()
    page.keyboard.insert_text(code)
    page.keyboard.press("Enter")
    expect(page.locator("#card .count strong")).to_have_text(str(people), timeout=40_000)


@contextmanager
def hanging(page: Page) -> Iterator[None]:
    """Wi-Fi on which requests of the desk neither fail nor are answered; the page gives up twenty times as early."""
    held: list[Route] = []
    for path in ("**/desk", "**/desk/**"):
        page.context.route(path, lambda route: held.append(route))
    page.evaluate(HURRY)
    yield
    page.evaluate(CALM)
    page.context.unroute_all()
    for route in held:
        with suppress(Error):  # whom the page had given up before
            route.abort()


def test_card_from_before_another_desk_admitted_the_group(open_page: Opener, stage: Scene) -> None:
    bookings = [stage.book(f"两台检验组{number}", {"440000": 38}) for number in range(2)]
    one, other = (open_page(size=DESKTOP, language="en") for _ in range(2))
    open_desk(one, stage)
    open_desk(other, stage)
    _admit_elsewhere(one, other, stage, bookings[0], typed=False)
    _admit_elsewhere(one, other, stage, bookings[1], typed=True)


def _admit_elsewhere(one: Page, other: Page, stage: Scene, booking: Booking, *, typed: bool) -> None:
    """Admit a group at the other desk while the card of the group lies open at this one, which has no network."""
    cut(one.context, one)
    show(one, stage.code(booking), 38)
    if typed:
        one.locator("#card input[type=number]").first.fill("37")
    admit(other, stage.code(booking), 38)
    with one.expect_response("**/desk/snapshot*"):  # the list is renewed behind the card
        one.context.set_offline(False)
    stored(one)
    if typed:  # what somebody has typed is left alone, and what was not known then is asked about
        one.locator("#card button.admit").click()
        expect(one.locator("#answer")).to_contain_text(
            "38 people of this group have been admitted. If these 37 are more people"
        )
        assert arrived(stage, [booking]) == {(booking.id, "440000"): 38}
        one.wait_for_timeout(900)  # sooner it would be the second click of two
        one.locator("#card button.admit").click()
        expect(one.locator("#answer")).to_have_attribute("data-outcome", "admitted")
        stored(one)
    else:
        expect(one.locator("#answer")).to_contain_text("Already admitted")
        expect(one.locator("#card .count strong")).to_have_text("38")
    assert arrived(stage, [booking]) == {(booking.id, "440000"): 75 if typed else 38}
    assert in_conflict(stage, booking) == 0


def test_wifi_that_hangs_stops_nobody_and_a_second_press_counts_nobody(open_page: Opener, stage: Scene) -> None:
    first, second = stage.book("第一检验组", {"440000": 5}), stage.book("第二检验组", {"440000": 38})
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, stage)
    with hanging(page):
        show(page, stage.code(first), 5)
        page.locator("#card button.admit").click()
        expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")
        show(page, stage.code(second), 38)
        page.evaluate(CALM)
        began = time.monotonic()
        page.locator('#waiting [data-do="take-back"]:visible').click()
        page.evaluate("for (const _ of [1, 2]) document.querySelector('#card button.admit').click()")
        expect(page.locator("#answer")).to_have_attribute("data-outcome", "repeated")
        page.keyboard.press("F2")
        page.fill("#walk-in-visitors-0", "3")
        page.locator("#walk-in button.admit").click()
        expect(page.locator("#walk-in")).not_to_have_attribute("open", "")
        assert time.monotonic() - began < AT_ONCE_SECONDS
        expect(page.locator("#waiting li:not(.undone)")).to_have_count(3)  # 38, 3, and the take-back of the 5
    stored(page)
    assert arrived(stage, [first, second]) == {(first.id, "440000"): 0, (second.id, "440000"): 38}
    assert in_conflict(stage, second) == 0


@pytest.mark.parametrize("network", tried([False, True], 1), ids={True: "network", False: "no network"}.get)
def test_double_click_on_take_back_takes_one_group_back(open_page: Opener, stage: Scene, network: bool) -> None:
    bookings = [stage.book(f"双击检验组{people}", {"440000": people}) for people in (11, 12, 13)]
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, stage)
    if not network:
        cut(page.context, page)
    for booking in bookings:
        admit(page, stage.code(booking), booking.visitors)
    rows = page.locator("#events form[data-act] button" if network else '#waiting [data-do="take-back"]:visible')
    place = rows.nth(2).bounding_box()
    assert place
    middle = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.evaluate("const now = performance.now(); performance.now = () => now")  # it is one double click, however slow
    page.mouse.click(*middle)
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "taken_back") if network else None
    page.mouse.click(*middle)
    page.context.set_offline(False)
    stored(page)
    found = arrived(stage, bookings)
    assert [found[booking.id, "440000"] for booking in bookings] == [0, 12, 13]


def test_group_in_two_parts_over_a_cut_is_known_to_the_desk(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("两半检验组", {"440000": 38})
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, stage)
    show(page, stage.code(booking), 38)  # the server's own card
    page.fill('#card input[name="origins-0-visitors"]', "20")
    cut(page.context, page)
    page.locator("#card button.admit").click()
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")
    admit(page, stage.code(booking), 18)
    page.context.set_offline(False)
    stored(page)
    assert arrived(stage, [booking]) == {(booking.id, "440000"): 38}
    assert in_conflict(stage, booking) == 0


def test_whoever_signs_in_after_a_colleague_who_left_without_a_network_stays(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, stage)
    cut(page.context, page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.evaluate("document.querySelector('form[data-leave]').requestSubmit()")
    expect(page).to_have_url(re.compile("^chrome-error:"))
    page.context.clear_cookies()  # the night ends the session
    page.context.set_offline(False)
    with stage.live.app.app_context(), transaction():
        name = factories.staff(hall=db.session.get_one(Hall, stage.hall_id), role=Role.DESK).name
    page.goto(stage.url("/sign-in?next=/desk"))
    page.fill("#name", name)
    page.fill("#password", factories.PASSWORD)
    page.keyboard.press("Enter")
    ready(page)
    with page.expect_response("**/desk/snapshot*"):
        page.reload()
    ready(page)
    assert page.url == stage.url("/desk")
