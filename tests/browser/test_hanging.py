"""Wi-Fi that hangs: requests neither fail nor are answered. No page waits for ever, and nothing old looks fresh."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete, update

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.history import work
from hallapp.history.models import HistoryDraft
from hallapp.jobs import files
from hallapp.jobs.models import Job, JobState
from tests.browser.conftest import Opener
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.test_devices import add_devices, code_of, scan, step
from tests.browser.test_offline import arrived
from tests.conftest import tried

#: Time limits of the page are a twentieth of their own, so that no test waits for whole seconds.
HURRY = """() => {
  window.calm = window.calm || window.setTimeout;
  window.setTimeout = (act, ms, ...more) => window.calm.call(window, act, ms / 20, ...more);
}"""
CALM = "() => { window.setTimeout = window.calm || window.setTimeout; }"


@contextmanager
def hanging(page: Page, *, heard: bool = False) -> Iterator[None]:
    """Nothing is answered to scripts meanwhile; `heard`: what they send reaches the server nevertheless."""

    def hold(route: Route) -> None:
        if route.request.resource_type != "fetch":
            route.continue_()
        elif heard and route.request.method == "POST":
            route.fetch()

    page.evaluate(HURRY)
    page.context.route("**/*", hold)
    yield
    page.context.unroute("**/*", hold)
    page.evaluate(CALM)


@pytest.fixture(scope="module")
def lobby(stage: Scene) -> SimpleNamespace:
    """The links of a kiosk and of a display."""
    return SimpleNamespace(**add_devices(stage, place="Back door"))


def test_kiosk_shows_no_group_for_long_and_lets_each_in_once(
    open_page: Opener, stage: Scene, lobby: SimpleNamespace
) -> None:
    unheard, heard = stage.book("没有送到组", {"440000": 9}), stage.book("送到无回音组", {"440000": 7})
    page = open_page(is_new=True, size={"width": 1280, "height": 800}, language="zh")
    page.clock.install()
    page.goto(lobby.kiosk)
    for booking in (unheard, heard):
        scan(page, code_of(stage, booking))
        step(page, "group")
        with hanging(page, heard=booking is heard):
            page.locator("button.yes").click()
            step(page, "offline")
            expect(page.locator("h1")).to_contain_text("请到前台")
            expect(page.locator("body")).not_to_contain_text(booking.organisation)
            expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")
        page.clock.fast_forward(5_000)
        step(page, "start")
    scan(page, code_of(stage, unheard))
    step(page, "group")
    page.locator("button.yes").click()
    step(page, "done")
    page.locator("main a").click()
    step(page, "start")
    scan(page, code_of(stage, heard))
    step(page, "counter")
    assert arrived(stage, [heard, unheard]) == {(heard.id, "440000"): 7, (unheard.id, "440000"): 9}


def test_kiosk_says_before_a_group_comes_that_the_network_hangs(
    open_page: Opener, stage: Scene, lobby: SimpleNamespace
) -> None:
    page = open_page(is_new=True, size={"width": 1280, "height": 800}, language="zh")
    page.clock.install()
    page.goto(lobby.kiosk)
    step(page, "start")
    with hanging(page):
        page.clock.fast_forward(20_000)
        step(page, "offline")
    page.clock.fast_forward(5_000)
    step(page, "start")


def test_people_inside_hide_until_there_is_a_fresh_number(open_page: Opener, stage: Scene) -> None:
    page = open_page(is_new=True, size=DESKTOP, language="en")
    page.clock.install()
    stage.hold_session(page)
    page.goto(stage.url("/desk/flow"))
    inside = page.locator("#inside")
    expect(inside).to_be_visible()
    page.evaluate("document.querySelector('[data-inside=people]').textContent = '987,654'")  # an old number
    with hanging(page):
        page.clock.fast_forward(15_000)
        expect(inside).to_be_hidden()
    page.clock.fast_forward(15_000)
    expect(inside).to_be_visible()
    expect(page.locator("[data-inside=people]")).not_to_have_text("987,654")


@pytest.fixture
def pages_at_work(stage: Scene) -> Iterator[dict[str, str]]:
    """The pages that show how far an export and the reading of a file are: at 100 of 1,000, each by a job."""
    only = {"division": None, "programme": None, "kind": None}
    params = {"what": "data", "form": "csv", "language": "en", "first": "2019-01-01", "last": "2019-12-31", **only}
    now = clock.now()
    shared = {"hall_id": stage.hall_id, "made_at": now}
    at_work = {"state": JobState.RUNNING, "heartbeat_at": now, "attempts": 1, "done": 100, "total": 1_000}
    with stage.live.app.app_context():
        with transaction():
            jobs = [
                Job(key=files.new_key(), kind=kind, params=params, **shared, **at_work)
                for kind in ("report_export", work.READING)
            ]
            db.session.add_all(jobs)
            db.session.flush()
            draft = HistoryDraft(key=files.new_key(), filename="a.csv", file_bytes=1, job_id=jobs[1].id, **shared)
            db.session.add(draft)
        made, number = [job.id for job in jobs], draft.id
    yield {"export": "/reports/exports", "history": f"/reports/history/{number}"}
    with stage.live.app.app_context(), transaction():
        db.session.execute(delete(HistoryDraft).where(HistoryDraft.id == number))
        db.session.execute(delete(Job).where(Job.id.in_(made)))


@pytest.mark.nightly
@pytest.mark.parametrize("name", tried(["export", "history"], 1))
def test_progress_gives_up_what_hangs(
    open_page: Opener, stage: Scene, pages_at_work: dict[str, str], name: str
) -> None:
    page = open_page(size=DESKTOP, language="en")
    stage.hold_session(page)
    page.goto(stage.url(pages_at_work[name]))
    bar = page.locator("progress")
    expect(bar).to_have_js_property("value", 100)
    # Hung requests would hold all connections of the browser, and keep later ones from being asked.
    with hanging(page), page.expect_event("requestfailed", lambda request: request.url.endswith(".json")):
        pass
    with stage.live.app.app_context(), transaction():
        db.session.execute(update(Job).values(done=600))
    expect(bar).to_have_js_property("value", 600)


def test_booking_page_asks_as_a_plain_page_where_its_script_gets_no_answer(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=PHONE, language="zh")
    page.goto(stage.url("/book"))
    page.fill("[name=organisation]", "打了一半的单位")
    other = page.locator('button.day[aria-pressed="false"]').first
    chosen = page.locator(f"[id='{other.get_attribute('id')}']")
    with hanging(page), page.expect_navigation():
        other.click()
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[name=organisation]")).to_have_value("打了一半的单位")
