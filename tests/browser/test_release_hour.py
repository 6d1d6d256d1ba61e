"""The release hour in a browser: waiting in the line and being let in by itself, and the times of another day."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests.browser import scene
from tests.browser.conftest import TIMEOUT_MS, Opener
from tests.browser.inside import serve_inside
from tests.browser.scene import DESKTOP, PHONE, Scene

WHO = (("zh", PHONE, True), ("en", DESKTOP, True), ("zh", PHONE, False))
LEAST_MS = 40_000  # a page without a script loads itself again every few seconds


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A hall of its own: its rules change under the feet of the visitors."""
    folder = tmp_path_factory.mktemp("busy")
    with serve_inside(f"sqlite:///{folder / 'live.sqlite3'}", folder) as live:
        yield scene.prepare(live)


def let_in(stage: Scene, page: Page, *, opens_in: int) -> None:
    """Set when the line opens; it lets in one a second. Pages know it after a second."""
    with stage.live.app.app_context(), transaction():
        hall = db.session.get_one(Hall, stage.hall_id)
        opens = clock.local(clock.now() + timedelta(seconds=opens_in), hall.time_zone)
        hall.line_on, hall.line_per_minute, hall.line_opens = True, 60, opens.time().replace(microsecond=0)
    page.wait_for_timeout(1_200)


def test_visitors_wait_in_order_and_are_let_in_by_themselves(open_page: Opener, busy: Scene) -> None:
    pages = [open_page(size=size, language=language, java_script_enabled=script) for language, size, script in WHO]
    let_in(busy, pages[0], opens_in=7)
    for page in pages:
        page.goto(busy.url("/book"))
        expect(page.locator("#line")).to_be_visible()
    places = [int(page.locator(".line-place strong").inner_text()) for page in pages]
    assert places == list(range(places[0], places[0] + len(pages)))
    tab = pages[-1].context.new_page()
    tab.goto(busy.url("/book"))
    expect(tab.locator(".line-place strong")).to_have_text(str(places[-1]))
    scripted = pages[:-1]
    assert all(page.evaluate("document.documentElement.scrollWidth <= innerWidth") for page in scripted)
    for page in pages:
        expect(page.locator("#booking")).to_be_visible(timeout=LEAST_MS)


def test_another_day_fetches_its_times_alone_and_the_old_ones_cannot_be_chosen(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=PHONE, language="zh")
    page.goto(stage.url("/book"))
    page.fill("[name=organisation]", "岭南第十七小学")
    page.fill("[name=origins-0-visitors]", "25")
    page.locator("#times").click(position={"x": 1, "y": 1})
    held: list[Route] = []
    page.route("**/book/times?*", lambda route: held.append(route))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    days = page.locator("button.day.free[aria-pressed=false]")
    day = days.last.get_attribute("value")
    days.last.click()
    expect(page.locator("#times")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#times input").first).to_be_disabled()
    page.wait_for_function("() => true")
    held[0].continue_()
    expect(page.locator("#times")).not_to_have_attribute("aria-busy", "true", timeout=TIMEOUT_MS)
    expect(page.locator("#times input[name=slot]").first).to_be_enabled()
    assert page.locator("#booking [name=day]").input_value() == day
    expect(page.locator(f"#day-{day}")).to_have_attribute("aria-pressed", "true")
    assert page.locator("[name=organisation]").input_value() == "岭南第十七小学"
    assert [one.partition("?")[0] for one in asked] == [f"GET {stage.url('/book/times')}"]
    assert "岭南" not in asked[0]
    page.locator("#times input[name=slot]").first.check()
    expect(page.locator("#summary [data-shows=slot]")).not_to_have_text("—")


def test_day_without_its_times_falls_back_to_the_whole_page(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=PHONE, language="zh")
    page.goto(stage.url("/book"))
    page.fill("[name=organisation]", "岭南第十八小学")
    page.route("**/book/times?*", lambda route: route.abort())
    days = page.locator("button.day.free[aria-pressed=false]")
    day = days.last.get_attribute("value")
    with page.expect_navigation():
        days.last.click()
    assert page.locator("#booking [name=day]").input_value() == day
    assert page.locator("[name=organisation]").input_value() == "岭南第十八小学"
