"""The tablet and the display of a lobby: at their sizes, accessible, without a network, and over a restart."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserType, Page, expect
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.desk import service as desk
from hallapp.desk.commands import Admit
from hallapp.devices import service as devices
from hallapp.devices.models import DeviceKind
from hallapp.passes import codes, qr
from hallapp.presence import service as presence
from tests.browser import scene
from tests.browser.camera import film
from tests.browser.conftest import Opener, launch_arguments
from tests.browser.looks import WINDOWS, axe, faults, faults_here
from tests.browser.scene import Scene
from tests.browser.test_camera import _modules
from tests.browser.test_pages import LONG_NAME, MIXED
from tests.conftest import tried
from tests.live import free_port, serve

TABLETS = [
    pytest.param({"width": 1280, "height": 800}, "zh", "light", id="lying"),
    pytest.param({"width": 800, "height": 1280}, "en", "dark", id="standing"),
]
DISPLAYS = [
    pytest.param({"width": 1920, "height": 1080}, "zh", id="1080p"),
    pytest.param({"width": 3840, "height": 2160}, "en", id="4K"),
]


@pytest.fixture(scope="module")
def lobby(stage: Scene) -> SimpleNamespace:
    """The links of a kiosk and of a display."""
    return SimpleNamespace(**add_devices(stage))


def add_devices(stage: Scene, *, place: str = "Lobby") -> dict[str, str]:
    """The links of a new kiosk and a new display; a place has them once."""
    with stage.live.app.app_context(), transaction():
        by = _staff_id(stage)
        given = {
            kind.value: devices.add(
                devices.AddDevice(hall_id=stage.hall_id, by=by, name=f"{place} {kind}", kind=kind)
            ).token
            for kind in DeviceKind
        }
        words = {"kiosk": {"zh": "讲解员在大沙盘前等候", "en": "Your guide waits at the big model"}}
        devices.save_words(devices.SaveWords(hall_id=stage.hall_id, by=by, organisations=True, **words))
    return {kind: stage.url(f"/devices/{token}") for kind, token in given.items()}


def _staff_id(stage: Scene) -> int:
    return db.session.scalars(select(Staff.id).where(Staff.hall_id == stage.hall_id, Staff.name == scene.MANAGER)).one()


def scan(page: Page, text: str) -> None:
    """As a scanner does: keys, then Enter, wherever the focus is."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@contextmanager
def before_camera(browser_type: BrowserType, symbol: qr.Symbol, folder: Path) -> Iterator[Opener]:
    """A browser whose camera sees this symbol."""
    shown = film(folder / "pass.y4m", _modules(symbol))
    devices_for_it = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    browser = browser_type.launch(**launch_arguments(*devices_for_it, f"--use-file-for-fake-video-capture={shown}"))
    opener = Opener(browser)
    yield opener
    browser.close()
    assert opener.complaints == []


def code_of(stage: Scene, booking: Booking) -> str:
    return codes.qr_text(stage.code(booking), stage.live.url)


def step(page: Page, name: str) -> None:
    expect(page.locator("main")).to_have_attribute("data-step", name)


@pytest.mark.parametrize(("size", "language", "scheme"), tried(TABLETS, 1))
def test_kiosk_from_the_pass_to_the_way_in(
    open_page: Opener, stage: Scene, lobby: SimpleNamespace, size: dict[str, int], language: str, scheme: str
) -> None:
    booking = stage.book(LONG_NAME, MIXED if language == "zh" else {"440000": 38})
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    problems = []

    def look() -> None:
        problems.extend(faults_here(page))

    page.goto(lobby.kiosk)
    step(page, "start")
    expect(page.locator("#camera .notice")).to_be_visible()  # no camera in this browser
    look()
    scan(page, code_of(stage, booking))
    step(page, "group")
    expect(page.locator("h1")).to_have_text(LONG_NAME)
    look()
    page.locator('[data-step-by="-1"]').first.click()
    expect(page.locator("#total")).to_have_text(str(booking.visitors - 1))
    page.locator("button.yes").click()
    step(page, "done")
    expect(page.locator(".total strong")).to_have_text(str(booking.visitors - 1))
    expect(page.locator(".where")).to_contain_text("讲解员在大沙盘前等候")
    look()
    page.locator("main a").click()
    step(page, "start")
    scan(page, booking.reference)
    step(page, "counter")
    look()
    page.locator("main a").click()
    step(page, "start")
    page.context.set_offline(True)
    scan(page, code_of(stage, booking))
    step(page, "offline")
    look()
    page.context.set_offline(False)
    step(page, "start")
    assert problems == []


@pytest.mark.parametrize(("size", "language", "scheme"), tried(TABLETS[::-1], 1))
def test_kiosk_starts_without_a_network_and_sends_people_to_the_counter(
    open_page: Opener, stage: Scene, lobby: SimpleNamespace, size: dict[str, int], language: str, scheme: str
) -> None:
    code = code_of(stage, stage.book("断网启动检验组", {"440000": 6}))
    page = open_page(is_new=True, size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    page.goto(lobby.kiosk)
    expect(page.locator("html")).to_have_attribute("data-ready", "true")
    context = page.context
    page.close()
    context.set_offline(True)
    page = context.new_page()
    page.goto(stage.url("/kiosk"))
    step(page, "offline")
    for words in ("Please go to the counter", "请到前台"):
        expect(page.locator("h1")).to_contain_text(words)
    assert faults_here(page) == []
    scan(page, code)
    step(page, "offline")  # it admits nobody
    context.set_offline(False)
    step(page, "start")
    scan(page, code)
    step(page, "group")


def test_kiosk_goes_back_to_the_start_by_itself(open_page: Opener, stage: Scene, lobby: SimpleNamespace) -> None:
    page = open_page(is_new=True, size={"width": 1280, "height": 800}, language="zh")
    page.clock.install()
    page.goto(lobby.kiosk)
    scan(page, "nothing that is a pass")
    step(page, "counter")
    page.clock.fast_forward(10_000)
    page.mouse.click(5, 5)  # somebody is still reading
    page.clock.fast_forward(10_000)
    step(page, "counter")
    page.clock.fast_forward(6_000)
    step(page, "start")


def test_kiosk_reads_a_pass_before_its_camera(
    browser_type: BrowserType, stage: Scene, lobby: SimpleNamespace, tmp_path: Path
) -> None:
    symbol = qr.draw(code_of(stage, stage.book("镜头前检验组", {"440000": 21})))
    with before_camera(browser_type, symbol, tmp_path) as opener:
        page = opener(size={"width": 1280, "height": 800}, language="zh", permissions=["camera"])
        page.goto(lobby.kiosk)
        step(page, "group")
        expect(page.locator("h1")).to_have_text("镜头前检验组")
        page.locator("button.yes").click()
        step(page, "done")
        page.wait_for_timeout(3_500)  # so long the same pass is one scan
        page.locator("main a").click()
        step(page, "counter")  # the camera is on again for the next group, and sees the same pass


@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_about_devices_and_presence_are_accessible_and_fit(
    open_page: Opener, stage: Scene, lobby: SimpleNamespace, language: str, scheme: str, size: dict[str, int]
) -> None:
    _count_leaving(stage)
    _admit(stage)
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    stage.hold_session(page)
    problems = []
    for path in ("/desk/flow", "/admin/presence", "/admin/devices"):
        page.goto(stage.url(path))
        problems += [f"{path}: {problem}" for problem in faults(page)]
    page.fill("#name", f"{language} {scheme} {size['width']}")
    page.check("input[value=screen]")
    page.locator("#new button").click()
    expect(page.locator("#link")).to_contain_text("/devices/")
    problems += [f"link: {problem}" for problem in faults(page)]
    page.goto(stage.url("/desk/flow"))
    page.fill("#visitors", "7")
    page.locator(".leaving form button").first.click()
    expect(page.locator(".notice.good")).to_be_visible()
    problems += [f"left: {problem}" for problem in faults(page)]
    assert problems == []


def test_desk_says_how_many_are_inside_after_each_act(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("在馆检验组", {"440000": 11})
    page = open_page(size=scene.DESKTOP, language="zh")
    stage.sign_in(page)
    inside = page.locator("[data-inside=people]")
    before = int(inside.inner_text().replace(",", ""))
    scan(page, booking.reference)
    page.locator("#card button.admit").click()
    expect(inside).to_have_text(f"{before + 11:,}")
    assert axe(page) == []


@pytest.mark.parametrize(("size", "language"), tried(DISPLAYS, 1))
def test_screen_fills_its_display_and_nothing_scrolls(
    open_page: Opener, stage: Scene, lobby: SimpleNamespace, size: dict[str, int], language: str
) -> None:
    for number in range(7):
        stage.book(LONG_NAME, {"150000": 20 + number, "810000": 3, "440000": 9, "430000": 1})
    page = open_page(size=size, language=language, reduced_motion="reduce")
    page.goto(lobby.screen)
    expect(page.locator(".groups li")).to_have_count(5)
    expect(page.locator("#clock")).not_to_be_empty()
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        size["width"],
        size["height"],
    ]
    for part in ("#board", ".today", ".map", ".big-figures"):
        assert page.locator(part).evaluate("part => part.getBoundingClientRect().bottom <= innerHeight + 1"), part
        assert page.locator(part).evaluate("part => part.scrollHeight - part.clientHeight") <= 2, part
    assert axe(page) == []


@pytest.fixture
def place(tmp_path: Path) -> SimpleNamespace:
    """An address at which a server can be stopped and started again."""
    return SimpleNamespace(database=f"sqlite:///{tmp_path / 'live.sqlite3'}", folder=tmp_path, port=free_port())


def test_screen_lives_through_a_restart_and_shows_what_is_new(open_page: Opener, place: SimpleNamespace) -> None:
    page = open_page(is_new=True, size={"width": 1920, "height": 1080}, language="zh")
    page.clock.install()
    with serve(place.database, place.folder, port=place.port) as live:
        stage = scene.prepare(live)
        page.goto(add_devices(stage)["screen"])
        expect(page.locator("[data-figure=today]")).to_have_text("<10")
        page.evaluate("window.isTheSamePage = true")
    page.clock.run_for(40_000)
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("[data-figure=today]")).to_have_text("<10")
    page.clock.run_for(40_000)
    expect(page.locator("#stale")).to_be_visible()
    with serve(place.database, place.folder, port=place.port) as live:
        _admit(Scene(live=live, hall_id=stage.hall_id, programme_id=stage.programme_id, time_zone=stage.time_zone))
        page.clock.run_for(11_000)
        expect(page.locator("[data-figure=today]")).to_have_text("20+")
        expect(page.locator(".greeted li").first).to_have_text("欢迎湖南的朋友！")
        expect(page.locator("#stale")).to_be_hidden()
        assert page.evaluate("window.isTheSamePage")


def _count_leaving(stage: Scene) -> None:
    with stage.live.app.app_context(), transaction():
        command = {"hall_id": stage.hall_id, "by": _staff_id(stage), "warn_at_percent": 90}
        presence.set_presence(presence.SetPresence(counts_leaving=True, **command))


def _admit(stage: Scene) -> None:
    booking = stage.book("湖南检验组", {"430000": 21})
    with stage.live.app.app_context(), transaction():
        command = Admit(
            hall_id=stage.hall_id,
            staff_id=_staff_id(stage),
            event_id=str(uuid4()),
            code=booking.reference,
            role=Role.DESK,
        )
        desk.admit(command, keys=("none",))
