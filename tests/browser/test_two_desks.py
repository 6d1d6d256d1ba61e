"""Two desks with a network, one with a wrong clock, one with a foreign keyboard: nobody is counted twice in silence."""

import time
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.ledger.models import DeskEvent
from tests.browser.conftest import Opener
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_offline import admit, arrived, cut, open_desk, ready, stored
from tests.browser.test_scanner import Scanner, _code
from tests.conftest import tried

#: By how much the clock of a device is wrong.
AHEAD = (timedelta(hours=3), timedelta(hours=-11), timedelta(days=-2300), timedelta(hours=-3))
#: A clock that can be set: `clockAhead` milliseconds are added to all that the page asks it.
CLOCK = """(() => {
  const Real = Date;
  window.clockAhead = %d;
  window.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + window.clockAhead); }
    static now() { return Real.now() + window.clockAhead; }
  };
})();"""


def show(page: Page, code: str, people: int) -> None:
    page.locator("#q").focus()
    page.keyboard.insert_text(code)
    page.keyboard.press("Enter")
    expect(page.locator("#card .count strong")).to_have_text(str(people))


def test_older_card_is_asked_about_and_a_card_that_lies_open_learns(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("两台前台检验组", {"440000": 36, "430000": 2})
    code = stage.code(booking)
    first, second = (open_page(size=DESKTOP, language="en") for _ in range(2))
    for page in (first, second):
        open_desk(page, stage)
    second.route("**/desk/pulse", lambda route: route.abort())  # it learns of nothing
    show(first, code, 38)
    show(second, code, 38)
    first.click("#card button.admit")
    expect(first.locator("#answer")).to_have_attribute("data-outcome", "admitted")
    second.click("#card button.admit")
    expect(second.locator("#answer")).to_have_attribute("data-reason", "counted_meanwhile")
    expect(second.locator("#answer")).to_contain_text("Are these 38 more people?")
    expect(second.locator("#announcement")).to_contain_text("Are these 38 more people?")
    assert sum(arrived(stage, [booking]).values()) == 38
    second.click("#card a[data-no]")
    expect(second.locator("#card .ready")).to_be_visible()
    assert sum(arrived(stage, [booking]).values()) == 38

    other = stage.book("看着的检验组", {"440000": 12})
    second.unroute("**/desk/pulse")
    show(second, stage.code(other), 12)
    admit(first, stage.code(other), 12)
    expect(second.locator("#card .count")).to_contain_text("arrived", timeout=15_000)
    expect(second.locator("#announcement")).to_contain_text("Already admitted")

    expect(second.locator(f"#day-{other.id}")).to_have_class("all-in")
    second.evaluate("for (const row of document.querySelectorAll('#day tbody tr')) row.seen = true")
    first.click("#events form[data-act] button >> nth=0")
    expect(second.locator(f"#day-{other.id}")).not_to_have_class("all-in", timeout=15_000)
    anew = second.evaluate(
        "[...document.querySelectorAll('#day tbody tr')].filter((row) => !row.seen).map((row) => row.id)"
    )
    assert anew == [f"day-{other.id}"]  # the rows of other groups are not drawn anew


def test_a_slip_of_the_finger_is_asked_about_with_and_without_a_network(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("多打了数字组", {"440000": 12})
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, stage)
    for cut_off in (False, True):
        if cut_off:
            cut(page.context, page)
        show(page, stage.code(booking), 12)
        page.locator("#card input[type=number]").first.fill("209")
        page.click("#card button.admit >> nth=-1")
        expect(page.locator("#answer")).to_contain_text("209 people")
        expect(page.locator("#answer")).to_contain_text("right")
        assert not arrived(stage, [booking])
        if not cut_off:
            page.click("#card a[data-no]")
    page.locator("#card input[type=number]").first.fill("1e2")
    page.click("#card button.admit")
    expect(page.locator("#answer")).to_contain_text("Check the numbers")
    page.locator("#card input[type=number]").first.fill("30")
    page.click("#card button.admit")
    expect(page.locator("#answer")).to_contain_text("30 people")
    page.wait_for_timeout(900)  # sooner it would be the second click of two
    page.click("#card button.admit")
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")
    page.context.set_offline(False)
    stored(page)
    assert arrived(stage, [booking]) == {(booking.id, "440000"): 30}


def test_clock_put_right_just_before_the_queue_is_sent(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=DESKTOP, language="en")
    page.add_init_script(CLOCK % 0)
    open_desk(page, stage)
    for ahead in tried(AHEAD, 3):
        booking = stage.book(f"时钟检验组{ahead.total_seconds():.0f}", {"440000": 5})
        with page.expect_response("**/desk/snapshot*"):
            page.goto(stage.url("/desk"))
        ready(page)
        cut(page.context, page)
        page.evaluate("(ms) => { window.clockAhead = ms; }", ahead.total_seconds() * 1000)
        page.wait_for_timeout(1_500)
        at = clock.now()
        admit(page, stage.code(booking), 5)
        page.evaluate("() => { window.clockAhead = 0; }")
        page.context.set_offline(False)
        stored(page)
        with stage.live.app.app_context():
            event = db.session.scalars(select(DeskEvent).where(DeskEvent.booking_id == booking.id)).one()
            assert abs(event.occurred_at - at) < timedelta(seconds=20), ahead
            assert event.device_at is not None
            assert abs(event.device_at - event.occurred_at - ahead) < timedelta(seconds=20), ahead


def test_time_that_nobody_can_tell_is_asked_for(open_page: Opener, stage: Scene) -> None:
    """The page was opened without a network and its clock was wrong; then it was closed, and the clock put right."""
    booking = stage.book("问时间检验组", {"440000": 4})
    page = open_page(size=DESKTOP, language="en")
    page.add_init_script(
        "try { window.clockAhead = Number(localStorage.ahead || 0); } catch { window.clockAhead = 0; }"
        + CLOCK.replace("window.clockAhead = %d;", "")
    )
    open_desk(page, stage)
    page.evaluate("() => { localStorage.ahead = String(-3 * 3600 * 1000); }")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#network")).to_have_attribute("data-state", "offline")
    expect(page.locator("#offline-day")).to_be_visible()
    admit(page, stage.code(booking), 4)
    page.evaluate("() => { localStorage.ahead = '0'; }")
    page.goto("about:blank")  # the page that could have told by its counter is gone
    page.context.set_offline(False)
    page.goto(stage.url("/desk"))
    when = page.locator("#waiting [data-when]")
    expect(when).to_be_visible(timeout=30_000)
    assert not arrived(stage, [booking])
    zone = page.locator("#network").get_attribute("data-zone")
    said = page.evaluate("(zone) => import('/static/js/desk-clock.js').then((c) => c.local(Date.now(), zone))", zone)
    when.fill(said)
    page.click('#waiting [data-do="when"]')
    expect(page.locator("#waiting .ticks").first).to_have_text("✓✓")
    with stage.live.app.app_context():
        event = db.session.scalars(select(DeskEvent).where(DeskEvent.booking_id == booking.id)).one()
        assert timedelta(0) <= clock.now() - event.occurred_at < timedelta(minutes=2)
    assert arrived(stage, [booking]) == {(booking.id, "440000"): 4}


AZERTY = dict(zip("qwazm0123456789:/.", "azqw,à&é\"'(-è_çM!:", strict=True))
QWERTZ = {"y": "z", "z": "y", ":": "Ö", "/": "-", "-": "ß"}
DVORAK = dict(zip("abcdefghijklmnopqrstuvwxyz:/.-", "axje.uidchtnmbrl'poygk,qf;Szv[", strict=True))
RUSSIAN = dict(zip("abcdefghijklmnopqrstuvwxyz:/.-", "фисвуапршолдьтщзйкыегмцчняЖ.ю-", strict=True))


class Foreign(Scanner):
    """A scanner with the US layout at a computer with another one."""

    def __init__(self, page: Page, layout: dict[str, str]) -> None:
        super().__init__(page)
        self.layout = layout

    def _key(self, character: str, at: float) -> None:
        code, shift = _code(character)
        typed = self.layout.get(character) or self.layout.get(character.lower(), character)
        typed = typed.upper() if character.isupper() else typed
        sent = {"code": code, "modifiers": 8 if shift else 0, "timestamp": at, "key": typed, "text": typed}
        self.session.send("Input.dispatchKeyEvent", {"type": "keyDown", **sent})


def test_us_scanner_at_any_keyboard_and_a_person_at_a_foreign_one(open_page: Opener, stage: Scene) -> None:
    prefixed = stage.book("前缀检验组", {"440000": 3})
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, stage)
    person, began = Foreign(page, AZERTY), time.time()
    for number, character in enumerate("qmwazqmw"):  # slower than any scanner
        person._key(character, began + number * 0.12)
    expect(page.locator("#q")).to_have_value("".join(AZERTY[one] for one in "qmwazqmw"))
    page.locator("#q").fill("")

    for name, layout in (("AZERTY", AZERTY), ("QWERTZ", QWERTZ), ("DVORAK", DVORAK), ("RUSSIAN", RUSSIAN)):
        booking = stage.book(f"键盘检验组 {name}", {"440000": 6})
        address = f"{stage.live.url}/T/{stage.code(booking)}".upper()
        Foreign(page, layout).scan(address, end="Enter")
        expect(page.locator("#card h2")).to_have_text(f"键盘检验组 {name}")
        page.keyboard.press("Escape")
        Foreign(page, layout).scan(booking.reference, end="Enter")
        expect(page.locator("#card h2")).to_have_text(f"键盘检验组 {name}")
        expect(page.locator("#q")).to_have_value("")

    cut(page.context, page)
    Scanner(page).scan(f"]Q1{stage.live.url}/T/{stage.code(prefixed)}".upper(), end="Enter")
    expect(page.locator("#card h2")).to_have_text("前缀检验组")  # the symbology in front is taken off
