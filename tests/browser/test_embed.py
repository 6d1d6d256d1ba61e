"""The free times inside another website, in a browser that blocks third-party cookies."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.core.database import db, transaction
from hallapp.embed import service
from tests.browser.conftest import Opener
from tests.browser.scene import PHONE, Scene


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write nothing: the log of this server is of no interest."""


@pytest.fixture
def website(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A website of somebody else: another host and another port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}", tmp_path
        server.shutdown()


def test_booking_from_another_website(open_page: Opener, stage: Scene, website: tuple[str, Path]) -> None:
    site, folder = website
    page = open_page(size=PHONE, language="en")
    frame = f'<iframe src="{stage.url("/embed/book?lang=en")}" title="Hall" style="width:100%;height:50px"></iframe>'
    script = f'<script src="{stage.url("/static/js/embed.js")}" async></script>'
    (folder / "index.html").write_text(f"<!doctype html><title>Site</title>{frame}{script}", encoding="utf-8")
    blocked = page.context.new_cdp_session(page)
    blocked.send(
        "Network.setCookieControls",
        {
            "enableThirdPartyCookieRestriction": True,
            "disableThirdPartyCookieMetadata": True,
            "disableThirdPartyCookieHeuristics": True,
        },
    )
    page.goto(f"{site}/index.html")
    expect(page.locator("iframe").content_frame.locator("h1")).to_have_count(0)
    assert all("frame-ancestors" in complaint for complaint in open_page.complaints)
    assert open_page.complaints.pop()  # the browser refuses a website that the hall has not named
    open_page.complaints.clear()
    with stage.live.app.app_context(), transaction():
        service.save_sites(stage.hall_id, site, by=_manager(stage))
    page.reload()
    inside = page.locator("iframe").content_frame
    expect(inside.locator("#new-window")).to_contain_text("opens in a new window")
    page.wait_for_function("document.querySelector('iframe').offsetHeight > 200")
    assert page.locator("iframe").evaluate("frame => frame.contentDocument") is None
    page.evaluate("postMessage({hallappHeight: 77}, '*')")  # of the website itself: not the hall, so not believed
    assert (
        page.evaluate("new Promise(done => setTimeout(() => done(document.querySelector('iframe').offsetHeight)))")
        > 200
    )
    with page.context.expect_page() as opened:
        inside.locator(".embed-times a").first.click()
    booking = opened.value
    booking.wait_for_load_state()
    assert booking.url.startswith(stage.url("/book?slot="))
    expect(booking.locator("input[name=slot]:checked")).to_have_count(1)
    assert booking.evaluate("window.opener") is None


def _manager(stage: Scene) -> int:
    return db.session.scalars(select(Staff.id).where(Staff.hall_id == stage.hall_id)).first() or 0
