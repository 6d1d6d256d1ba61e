"""The desk reads a pass that is held before the camera: a film of its QR stands in for the lens, nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserType, expect

from hallapp.passes import codes, qr
from tests.browser.camera import film
from tests.browser.conftest import TIMEOUT_MS, Opener, launch_arguments
from tests.browser.scene import DESKTOP, Scene


@pytest.fixture
def open_before_camera(browser_type: BrowserType, stage: Scene, tmp_path: Path) -> Iterator[tuple[Opener, str]]:
    """Opens pages in a browser whose camera sees the pass of a group; and that group's name."""
    booking = stage.book("镜头前检验组", {"440000": 21})
    symbol = qr.draw(codes.qr_text(stage.code(booking), stage.live.url))
    shown = film(tmp_path / "pass.y4m", _modules(symbol))
    arguments = launch_arguments(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={shown}",
    )
    browser = browser_type.launch(**arguments)
    opener = Opener(browser)
    yield opener, booking.organisation
    browser.close()
    assert opener.complaints == []


def test_a_pass_before_the_camera_is_found(open_before_camera: tuple[Opener, str], stage: Scene) -> None:
    opener, organisation = open_before_camera
    page = opener(size=DESKTOP, language="zh", permissions=["camera"])
    stage.sign_in(page)

    page.click("#camera-button")

    expect(page.locator("#card h2")).to_have_text(organisation, timeout=TIMEOUT_MS)
    expect(page.locator("#card .count strong")).to_have_text("21")
    page.locator("#card button.admit").click()
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")


def _modules(symbol: qr.Symbol) -> list[list[bool]]:
    """The rows of a symbol, dark is true, without the quiet zone."""
    edge = symbol.size - 2 * qr.QUIET_ZONE
    rows = [[False] * edge for _ in range(edge)]
    for x, y, length in symbol.runs:
        start = x - qr.QUIET_ZONE
        rows[y - qr.QUIET_ZONE][start : start + length] = [True] * length
    return rows
