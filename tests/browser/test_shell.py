"""Desk and kiosk behind bad proxies, portals and releases at midday: they open, mix nothing and lose nothing."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, Route, expect

from hallapp import create_app
from hallapp.settings import ROOT
from tests import factories
from tests.browser import scene
from tests.browser.conftest import Opener
from tests.browser.inside import serve_app
from tests.browser.proxy import proxied
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_devices import add_devices, code_of, scan, step
from tests.browser.test_offline import admit, arrived, cut, open_desk, ready, stored
from tests.conftest import PROFILE, tried
from tests.live import Live, free_port

#: The faults behind which the desk is opened, and the kiosk: both keep their pages by the same script, so in CI each
#: kind of fault (no answer, another's page, a broken file) is tried with one of them, and at night each with both.
FAULTS = ["502", "portal", "away", "cut", "broken"]
DESK_FAULTS, KIOSK_FAULTS = (FAULTS, FAULTS) if PROFILE == "nightly" else (["cut"], ["portal", "broken"])
HEARD = ("cut", "broken")  # the server does what was asked, and its answer is lost
FILES = r"^/(?:desk|kiosk)/files/"
#: What a portal or a broken server may answer when the desk asks for the list of groups.
BAD_LISTS = ["{}", "null", "[]", '{"hall": 1}', "<html>portal</html>", '{"hall":1,"days":[],"groups":[],"replaced":[]}']
TABLET = {"width": 1280, "height": 800}

#: The addresses of all files that service workers keep.
KEPT = """async () => {
  const kept = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) kept.push(new URL(request.url).pathname);
  return kept;
}"""


@pytest.fixture(scope="module")
def proxied_stage(stage: Scene) -> Iterator[SimpleNamespace]:
    """The hall as it is reached through a proxy, and that proxy."""
    with proxied(stage.live.url) as (url, proxy):
        yield SimpleNamespace(stage=replace(stage, live=Live(url, stage.live.app)), proxy=proxy)


@pytest.fixture
def way(stage: Scene, proxied_stage: SimpleNamespace) -> SimpleNamespace:
    """The proxied hall, with a proxy that passes everything on as long as the test wants nothing else."""
    proxy = proxied_stage.proxy
    proxy.target, proxy.fault, proxy.where = stage.live.url, "", ""
    proxy.asked.clear()
    return proxied_stage


@pytest.fixture
def next_release(stage: Scene, tmp_path: Path) -> Iterator[Live]:
    """A server with the same database and other scripts: a function has another name in all of them.

    It sends its files as they are: compressing them would take longer than the test.
    """
    files = tmp_path / "static"
    shutil.copytree(ROOT / "static", files)
    for script in (files / "js").glob("*.js"):
        script.write_text(re.sub(r"\breadPage\b", "readOwnPage", script.read_text()))
    with serve_app(create_app(stage.live.app.config["SETTINGS"], static=files), free_port()) as live:
        yield live


def version_of(page: Page) -> str:
    """The set of files that a page was made with."""
    return str(page.locator('script[src*="/files/"]').first.get_attribute("src")).split("/")[3]


def forget_expected(opener: Opener) -> None:
    """Leave out what a browser complains of because the proxy was told to fail."""
    expected = (
        "50",
        "Failed to load",
        "MIME",
        "SyntaxError",
        "Unexpected",
        "Invalid",
        "fetching the script",
        "127.0.0.1:9",
        "an export named",
    )
    opener.complaints[:] = [one for one in opener.complaints if not any(word in one for word in expected)]


@pytest.mark.parametrize("fault", DESK_FAULTS)
def test_desk_is_opened_again_behind_a_bad_network_and_loses_nothing(
    open_page: Opener, way: SimpleNamespace, fault: str
) -> None:
    first, second = (way.stage.book(f"坏网检验组{fault}{number}", {"440000": 4 + number}) for number in range(2))
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, way.stage)
    way.proxy.fault = fault
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-started", "")
    admit(page, way.stage.code(first), 4)
    expect(page.locator("#network")).to_have_attribute("data-state", "offline")
    page.reload()  # and once more, with somebody who waits
    expect(page.locator("#waiting li")).to_have_count(1)
    admit(page, way.stage.code(second), 5)
    if fault not in HEARD:
        assert not arrived(way.stage, [first, second])
    way.proxy.fault = ""
    stored(page)
    assert arrived(way.stage, [first, second]) == {(first.id, "440000"): 4, (second.id, "440000"): 5}
    page.reload()
    expect(page.locator("#day")).to_contain_text(first.organisation)  # the server's own page
    forget_expected(open_page)


@pytest.mark.parametrize("fault", KIOSK_FAULTS)
def test_kiosk_is_opened_again_behind_a_bad_network(open_page: Opener, way: SimpleNamespace, fault: str) -> None:
    booking = way.stage.book(f"自助坏网检验组{fault}", {"440000": 6})
    page = open_page(size=TABLET, language="zh")
    page.goto(add_devices(way.stage, place=f"Bad {fault}")["kiosk"])
    expect(page.locator("html")).to_have_attribute("data-ready", "true")
    way.proxy.fault = fault
    page.reload()
    step(page, "offline")
    way.proxy.fault = ""
    page.evaluate("window.dispatchEvent(new Event('online'))")
    step(page, "start")
    scan(page, code_of(way.stage, booking))
    step(page, "group")
    way.proxy.fault = fault
    page.locator("button.yes").click()
    step(page, "offline")
    expect(page.locator("body")).not_to_contain_text(booking.organisation)
    assert sum(arrived(way.stage, [booking]).values()) == (6 if fault in HEARD else 0)
    forget_expected(open_page)


@pytest.mark.parametrize("fault", tried(["portal", "cut", "502"], 1))
def test_page_whose_script_did_not_arrive_says_so_and_loads_once_more(
    open_page: Opener, way: SimpleNamespace, fault: str
) -> None:
    page = open_page(is_new=True, size=DESKTOP, language="en")
    way.proxy.fault, way.proxy.where = fault, FILES + r".*/desk-draw\.js"
    page.goto(way.stage.url("/sign-in?next=/desk"))
    page.fill("#name", scene.MANAGER)
    page.fill("#password", factories.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#not-started [data-first]")).to_be_visible()
    expect(page.locator("#not-started [data-last]")).to_be_visible()  # after the second time
    opened = [path for path in way.proxy.asked if path.partition("?")[0] == "/desk"]
    assert opened == ["/desk", "/desk?kept"]
    page.wait_for_timeout(3_000)
    assert [path for path in way.proxy.asked if path.partition("?")[0] == "/desk"] == opened  # no loop
    assert not [address for address in page.evaluate(KEPT) if address.endswith("desk-draw.js")]
    way.proxy.fault = ""
    page.locator("#not-started a").click()
    ready(page)
    expect(page.locator("#not-started")).to_be_hidden()
    forget_expected(open_page)


def test_release_at_midday_mixes_nothing_and_what_waits_is_stored(
    open_page: Opener, way: SimpleNamespace, next_release: Live
) -> None:
    booking, later = (way.stage.book(f"升级检验组{number}", {"440000": 8 + number}) for number in range(2))
    page = open_page(is_new=True, size=DESKTOP, language="en")
    open_desk(page, way.stage)
    before = version_of(page)
    cut(page.context, page)
    admit(page, way.stage.code(booking), 8)

    # The release is half there: its page comes, its files do not. The desk of before opens, and goes on.
    way.proxy.target, way.proxy.fault, way.proxy.where = next_release.url, "502", FILES
    page.context.set_offline(False)
    page.goto(way.stage.url("/desk"))
    stored(page)
    expect(page.locator("html")).to_have_attribute("data-started", "")
    assert version_of(page) == before
    assert page.url == way.stage.url("/desk")
    assert arrived(way.stage, [booking]) == {(booking.id, "440000"): 8}

    # A file that is cut off never becomes part of the new set.
    way.proxy.fault, way.proxy.where = "cut", FILES + r".*/ours\.js"
    page.goto(way.stage.url("/desk"))
    stored(page)
    assert version_of(page) == before
    cut(page.context, page)
    page.reload()
    expect(page.locator("#network")).to_have_attribute("data-state", "offline")
    admit(page, way.stage.code(later), 9)

    # Now it is all there.
    way.proxy.fault = ""
    page.context.set_offline(False)
    stored(page)
    page.goto(way.stage.url("/desk"), wait_until="commit")  # a new set of files may load the page once more meanwhile
    ready(page)
    after = version_of(page)
    assert after != before
    expect(page.locator("#day")).to_contain_text(later.organisation)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#network")).to_have_attribute("data-state", "offline")
    assert version_of(page) == after
    assert arrived(way.stage, [booking, later]) == {(booking.id, "440000"): 8, (later.id, "440000"): 9}
    forget_expected(open_page)


def test_worker_that_is_stopped_and_files_that_are_cleared_come_back(open_page: Opener, way: SimpleNamespace) -> None:
    page = open_page(is_new=True, size=DESKTOP, language="en")
    open_desk(page, way.stage)
    session = page.context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.stopAllWorkers")
    way.proxy.fault = "502"
    page.reload()
    expect(page.locator("#network")).to_have_attribute("data-state", "offline")
    way.proxy.fault = ""
    page.evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))")
    page.goto(way.stage.url("/desk"))
    ready(page)
    cached = page.evaluate(KEPT)
    assert "/desk/shell" in cached and any(address.endswith("/desk-offline.js") for address in cached)
    forget_expected(open_page)


def test_shell_by_its_own_address_shows_an_empty_desk(open_page: Opener, way: SimpleNamespace) -> None:
    page = open_page(size=DESKTOP, language="zh")
    open_desk(page, way.stage)
    for is_offline in (False, True):
        page.context.set_offline(is_offline)
        page.goto(way.stage.url("/desk/shell"))
        expect(page.locator("html")).to_have_attribute("data-started", "")
        expect(page.locator("main")).not_to_contain_text("没有找到")
        expect(page.locator("#answer")).to_be_hidden()


def answering(body: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=200, body=body)


def test_list_that_cannot_be_read_never_stops_what_waits(open_page: Opener, way: SimpleNamespace) -> None:
    bad_lists = tried(BAD_LISTS, 3)
    bookings = [way.stage.book(f"名单坏了检验组{number}", {"440000": 3}) for number in range(len(bad_lists))]
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, way.stage)
    for booking, answer in zip(bookings, bad_lists, strict=True):
        cut(page.context, page)
        admit(page, way.stage.code(booking), 3)
        page.context.route("**/desk/snapshot*", answering(answer))
        page.context.set_offline(False)
        expect(page.locator("#waiting .waiting")).to_have_count(0)
        assert arrived(way.stage, [booking]) == {(booking.id, "440000"): 3}, answer
        page.context.unroute("**/desk/snapshot*")
        page.evaluate("window.dispatchEvent(new Event('online'))")
        stored(page)
    cut(page.context, page)
    for booking in bookings:
        page.locator("#q").fill(way.stage.code(booking))
        page.keyboard.press("Enter")
        expect(page.locator("#answer h2")).to_have_text("Already admitted")
        page.keyboard.press("Escape")


def test_answers_that_cannot_be_read_leave_the_others_stored(open_page: Opener, way: SimpleNamespace) -> None:
    bookings = [way.stage.book(f"半个应答检验组{number}", {"440000": 2 + number}) for number in range(3)]
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, way.stage)
    cut(page.context, page)
    for number, booking in enumerate(bookings):
        admit(page, way.stage.code(booking), 2 + number)

    def spoil(route: Route) -> None:
        answer = route.fetch()
        content = answer.json()
        content["answers"][0] = None
        route.fulfill(response=answer, body=json.dumps(content))

    page.context.route("**/desk/arrivals/batch", spoil)
    page.context.set_offline(False)
    expect(page.locator("#waiting .stored")).to_have_count(2)
    expect(page.locator("#waiting .waiting")).to_have_count(1)
    page.context.unroute("**/desk/arrivals/batch")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    stored(page)
    assert sum(arrived(way.stage, bookings).values()) == 9
