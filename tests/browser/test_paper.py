"""Badges and the day's list in a browser: every page fits and is accessible; the PDF comes with a word of waiting."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from hallapp.accounts.models import Staff
from hallapp.badges import codes, service
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.namelist.models import Person
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_pages import LONG_NAME
from tests.conftest import SECRET

NAMES = ("何秀珍", "𠮷川龑", "阿卜杜拉·买买提", "Anna Schmidt", "欧阳修远")


@pytest.fixture(scope="module")
def group(stage: Scene) -> SimpleNamespace:
    """A group of two places with names, expected today, and the codes of its badges."""
    booking = stage.book(LONG_NAME, {"440000": 6, "650000": 4})
    with stage.live.app.app_context(), transaction():
        for position, name in enumerate(NAMES, 1):
            row = {"hall_id": booking.hall_id, "booking_id": booking.id, "position": position}
            db.session.add(Person(**row, name=name, extra={}))
        db.session.flush()
        manager = db.session.query(Staff).filter_by(hall_id=booking.hall_id).first()
        assert manager is not None
        made = service.make(db.session.get_one(Booking, booking.id), by=manager.id)
        found = [codes.qr_text(badge.token, (SECRET,), stage.live.url) for _person, badge in made]
    return SimpleNamespace(booking=booking, codes=found, reference=booking.reference)


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_are_accessible_and_fit(
    open_page: Opener, stage: Scene, group: SimpleNamespace, language: str, scheme: str, size: dict[str, int]
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    stage.hold_session(page)
    problems: list[str] = []

    def look(name: str) -> None:
        expect(page.locator("h1")).to_be_visible()
        problems.extend(f"{name}: {problem}" for problem in faults(page))

    for name, path in (
        ("a new pass", f"/visits/{group.booking.key}/pass/reissue"),
        ("badges", f"/bookings/{group.reference}/badges"),
        ("list of the day", "/desk/paper"),
        ("list typed in", "/desk/paper/enter"),
    ):
        page.goto(stage.url(path))
        look(name)
    page.fill(f"input[name='{group.reference}-total']", "12")
    page.fill("input[name='walk-0-visitors']", "x")
    page.click("button[value=check]")
    expect(page.locator(".paper-check")).to_be_visible()
    look("list, refused")
    page.goto(stage.url("/desk/badges"))
    page.fill("#badge-q", "nothing")
    page.keyboard.press("Enter")
    expect(page.locator("[data-outcome=refused]")).to_be_visible()
    look("badge refused")
    assert not problems, "\n".join(problems)


@pytest.mark.nightly
def test_badges_are_made_while_the_page_says_so(open_page: Opener, stage: Scene, group: SimpleNamespace) -> None:
    page = open_page(size=DESKTOP, language="zh")
    stage.hold_session(page)
    page.goto(stage.url(f"/bookings/{group.reference}/badges"))
    with page.expect_download() as download:
        page.click("button[value=pdf]")
    assert download.value.suggested_filename == f"badges-{group.reference[:4]}-{group.reference[4:]}.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF")
    expect(page.locator("#badges-status")).to_contain_text("文件已生成")
    page.locator("main details summary").click()
    page.fill("#left", "190")
    page.click("button[value=pdf]")  # refused: the page itself says why
    expect(page.locator("#sheet-error")).to_be_visible()
    expect(page.locator("#left")).to_have_value("190")


def test_badges_are_scanned_one_after_another(open_page: Opener, stage: Scene, group: SimpleNamespace) -> None:
    page = open_page(size=DESKTOP, language="zh")
    stage.hold_session(page)
    page.goto(stage.url("/desk/badges"))
    for number, (name, code) in enumerate(zip(NAMES, group.codes, strict=True), 1):
        _scan(page, code)
        expect(page.locator("[data-outcome=admitted]")).to_contain_text(name)
        expect(page.locator("[data-outcome=admitted]")).to_contain_text(f"已到馆{number} / 10人")
    _scan(page, group.codes[0])
    expect(page.locator("[data-reason=already_arrived]")).to_be_visible()


def _scan(page: Page, code: str) -> None:
    """As a scanner does it: keys and Enter, into what has the focus."""
    expect(page.locator("#badge-q")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
