"""A kiosk that many groups use one after the other: whoever scans is next, and no name stays for long, at any size."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Opener
from tests.browser.looks import too_wide
from tests.browser.scene import Scene
from tests.browser.test_devices import add_devices, code_of, scan, step
from tests.browser.test_offline import arrived

TABLET = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def lobby(stage: Scene) -> SimpleNamespace:
    """The links of a kiosk and of a display."""
    return SimpleNamespace(**add_devices(stage, place="Side door"))


def test_next_scan_is_taken_at_any_step(open_page: Opener, stage: Scene, lobby: SimpleNamespace) -> None:
    first, second, third = (stage.book(f"接连扫码检验组{number}", {"440000": 3 + number}) for number in range(3))
    page = open_page(size=TABLET, language="zh")
    page.goto(lobby.kiosk)
    scan(page, "https://example.org/not-a-pass")
    step(page, "counter")
    scan(page, code_of(stage, first))
    step(page, "group")
    expect(page.locator("h1")).to_have_text(first.organisation)
    scan(page, code_of(stage, second))  # the first has gone to the counter
    expect(page.locator("h1")).to_have_text(second.organisation)
    page.locator("button.yes").click()
    step(page, "done")
    scan(page, code_of(stage, second))  # its pass still lies under the scanner
    page.wait_for_timeout(500)
    step(page, "done")
    scan(page, code_of(stage, third))
    step(page, "group")
    page.locator('input[type="number"]').focus()
    scan(page, code_of(stage, first))  # while the focus is in a number
    expect(page.locator("h1")).to_have_text(first.organisation)
    expect(page.locator("#total")).to_have_text("3")
    assert arrived(stage, [first, second, third]) == {(second.id, "440000"): 4}


def test_scan_while_an_answer_is_on_its_way_is_looked_up_next(
    open_page: Opener, stage: Scene, lobby: SimpleNamespace
) -> None:
    first, second = (stage.book(f"等待应答检验组{number}", {"440000": 5}) for number in range(2))
    page = open_page(size=TABLET, language="zh")
    page.goto(lobby.kiosk)
    held: list[Route] = []
    page.context.route("**/kiosk/look-up", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/kiosk/look-up"):
        scan(page, code_of(stage, first))
    scan(page, code_of(stage, second))
    page.wait_for_timeout(500)
    held[0].continue_()
    expect(page.locator("h1")).to_have_text(second.organisation)


def test_bad_codes_never_keep_the_next_group_out(open_page: Opener, stage: Scene, lobby: SimpleNamespace) -> None:
    booking = stage.book("坏码之后检验组", {"440000": 5})
    page = open_page(size=TABLET, language="zh")
    page.goto(lobby.kiosk)
    for number in range(5):
        scan(page, f"https://example.org/health-code/{number}")
        step(page, "counter")
    scan(page, code_of(stage, booking))
    step(page, "group")


def test_names_leave_the_screen_after_half_a_minute_and_at_once_after_a_sleep(
    open_page: Opener, stage: Scene, lobby: SimpleNamespace
) -> None:
    booking = stage.book("离屏检验组", {"440000": 5})
    page = open_page(is_new=True, size=TABLET, language="zh")
    page.clock.install()
    page.goto(lobby.kiosk)
    scan(page, code_of(stage, booking))
    step(page, "group")
    page.clock.fast_forward(25_000)
    page.mouse.click(5, 5)  # somebody is still counting heads
    page.clock.fast_forward(25_000)
    step(page, "group")
    page.clock.fast_forward(6_000)
    step(page, "start")
    expect(page.locator("body")).not_to_contain_text(booking.organisation)

    scan(page, code_of(stage, booking))
    step(page, "group")
    # The tablet sleeps for an hour: its timers stand still, and its clock goes on.
    page.evaluate("const now = Date.now; Date.now = () => now() + 3_600_000")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    step(page, "start")
    expect(page.locator("body")).not_to_contain_text(booking.organisation)


def sizes(page: Page) -> dict[str, float]:
    """Parts of the height of the window that the letters and the buttons take."""
    return dict(
        page.evaluate(
            """() => {
              const part = (selector, of) => of(document.querySelector(selector)) / window.innerHeight;
              const letters = (one) => parseFloat(getComputedStyle(one).fontSize);
              const high = (one) => one.getBoundingClientRect().height;
              return {
                name: part("h1", letters), total: part("#total", letters), button: part("button.yes", high),
                step: part("[data-step-by]", high), label: part(".origins label", letters),
              };
            }"""
        )
    )


@pytest.mark.nightly
def test_a_4k_display_shows_what_a_tablet_shows(open_page: Opener, stage: Scene, lobby: SimpleNamespace) -> None:
    booking = stage.book("大屏检验组", {"440000": 21, "430000": 4})
    found = []
    for size in ({"width": 1280, "height": 720}, {"width": 3840, "height": 2160}):
        page = open_page(size=size, language="zh")
        page.goto(lobby.kiosk)
        assert too_wide(page) == []
        scan(page, code_of(stage, booking))
        step(page, "group")
        assert too_wide(page) == []
        assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
        found.append(sizes(page))
    small, large = found
    assert large == pytest.approx(small, rel=0.05)
