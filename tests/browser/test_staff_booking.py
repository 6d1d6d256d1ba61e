"""The staff's booking pages in a browser: a telephone booking with its pass, a review, and every page looked at."""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from hallapp.booking import bigrams
from hallapp.booking.models import Booking, BookingState, Pause
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall, Programme, Slot
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.test_pages import LONG_NAME, MIXED
from tests.conftest import tried
from tests.passes.reading import picture, scan

#: In CI the telephone booking is tried on the one, and the review on the other.
JOURNEYS = [pytest.param("zh", "stage", id="zh-sqlite"), pytest.param("en", "postgresql_stage", id="en-postgresql")]
_number = itertools.count(1)


def requested(stage: Scene, organisation: str, **values: object) -> Booking:
    """A request for a visit in some days, made without the pages."""
    with stage.live.app.app_context(), transaction():
        slot = db.session.scalars(
            select(Slot)
            .where(Slot.programme_id == stage.programme_id, Slot.starts_at > clock.now() + timedelta(days=1))
            .order_by(Slot.starts_at)
        ).first()
        assert slot is not None
        tail = f"{next(_number):04}"
        key = bigrams.organisation_key(organisation)
        known = {"state": BookingState.REQUESTED, "phone": f"+861990007{tail}", "phone_tail": tail}
        return factories.booking(slot=slot, organisation=organisation, organisation_key=key, **{**known, **values})


@pytest.mark.parametrize(("language", "stage_name"), tried(JOURNEYS[::-1], 1))
def test_telephone_booking_gets_a_printed_pass(
    open_page: Opener, request: pytest.FixtureRequest, language: str, stage_name: str
) -> None:
    stage: Scene = request.getfixturevalue(stage_name)
    organisation = f"越秀区东湖街老年大学（{language}）"
    page = open_page(size=DESKTOP, language=language)
    stage.sign_in(page)
    page.locator("#day a[href='/bookings/new']").click()
    page.locator(".strip button:not(.none)").nth(1).click()
    page.locator("label.slot").first.click()
    page.fill("[name=organisation]", organisation)
    page.select_option("[name=kind]", "school")
    page.select_option("[name=origins-0-division]", "440000")
    page.fill("[name=origins-0-visitors]", "24")
    page.fill("[name=contact_name]", "何秀珍")
    page.fill("[name=phone]", "199 0000 105")
    page.check("[name=consent]")
    page.locator("button.book").click()
    expect(page.locator("#problems")).to_be_visible()
    expect(page.locator("[name=organisation]")).to_have_value(organisation)
    page.fill("[name=phone]", f"199 0000 {8000 + next(_number)}")
    page.locator("button.book").click()
    expect(page.locator("h1")).to_have_text(organisation)
    expect(page.locator(".notice.good")).to_be_visible()
    link = page.locator(".booking-acts a").first.get_attribute("href")
    printed = page.request.get(stage.url(str(link)))
    assert printed.headers["content-type"] == "application/pdf"
    [code] = scan(picture(printed.body()))
    assert code.startswith(f"{stage.live.url}/T/".upper())


@pytest.mark.parametrize(("language", "stage_name"), tried(JOURNEYS, 1))
def test_confirmed_request_shows_its_pass_to_the_organiser(
    open_page: Opener, request: pytest.FixtureRequest, language: str, stage_name: str
) -> None:
    stage: Scene = request.getfixturevalue(stage_name)
    booking = requested(stage, f"审核检验组（{language}）")
    organiser = open_page(size=PHONE, language=language)
    organiser.goto(stage.url(f"/visits/{booking.key}"))
    expect(organiser.locator(f"main a[href='/visits/{booking.key}/pass']")).to_have_count(0)

    manager = open_page(size=DESKTOP, language=language)
    stage.hold_session(manager)
    manager.goto(stage.url("/bookings"))
    manager.locator(".tabs a[href='/bookings/review']").click()
    card = manager.locator("article.request").filter(has_text=booking.organisation)
    card.locator("form[action$='/confirm'] button").click()
    expect(manager.locator(".notice.good")).to_be_visible()
    expect(manager.locator("article.request").filter(has_text=booking.organisation)).to_have_count(0)

    organiser.reload()
    expect(organiser.locator(f"main a[href='/visits/{booking.key}/pass']")).to_be_visible()


def test_search_and_change_by_keyboard(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("键盘检验合唱团", {"440000": 12})
    page = open_page(size=DESKTOP, language="zh")
    stage.hold_session(page)
    page.goto(stage.url("/bookings"))
    page.focus("#text")
    page.keyboard.type("检验合唱")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=booking.organisation).press("Enter")
    expect(page.locator("h1")).to_have_text(booking.organisation)
    page.locator("summary", has_text="修改人数").press("Enter")
    page.fill("[name=origins-0-visitors]", "9")
    page.keyboard.press("Enter")
    expect(page.locator(".notice.good")).to_be_visible()
    assert "检验合唱" not in page.url


@pytest.fixture(scope="module")
def busy(stage: Scene) -> Booking:
    """A request of many places with a very long name, its like on the same day, and a group that is paused."""
    booking = requested(stage, LONG_NAME, origins=MIXED, note="两辆大巴，一位使用轮椅。", phone="+8619900079999")
    requested(stage, LONG_NAME, phone="+8619900079999", over_limit="市里安排")
    until = clock.now() + timedelta(hours=20)
    requested(stage, LONG_NAME, state=BookingState.OFFERED, offered_until=until)  # the longest name of a state
    with stage.live.app.app_context(), transaction():
        hall = db.session.get_one(Hall, stage.hall_id)
        past = factories.slot(
            programme=db.session.get_one(Programme, stage.programme_id), day=hall.today() - timedelta(days=30)
        )
        missed = factories.booking(
            slot=past, organisation="爽约检验组", state=BookingState.ABSENT, phone="+8619900078888"
        )
        today = hall.today()
        row = {"phone": missed.phone, "absences": 1, "since": today, "until": today + timedelta(days=90)}
        db.session.add(Pause(hall_id=hall.id, booking_id=missed.id, **row))
    return booking


Show = Callable[[Page], object]


def _pages(stage: Scene, booking: Booking) -> Iterator[tuple[str, Show]]:
    def at(path: str) -> Show:
        return lambda page: page.goto(stage.url(path))

    yield "bookings", lambda page: (stage.hold_session(page), at("/bookings")(page))
    yield "search, more terms", lambda page: page.locator(".search-more > summary").click()
    yield "search, found", lambda page: _search(page, "检验")
    yield "search, nothing found", lambda page: _search(page, "没有这个单位")
    yield "booking", at(f"/bookings/{booking.reference}")
    yield "booking, all forms", _unfold
    yield "booking, refused", _decline_without_reason
    yield "book for a group", at("/bookings/new")
    yield "book for a group, refused", lambda page: _press(page, "button.book")
    yield "review", at("/bookings/review")
    yield "review, declining", lambda page: page.locator(".request-acts summary").first.click()
    yield "pauses", at("/bookings/pauses")
    yield "pauses, refused", lambda page: _press(page, ".lift button")
    yield "flood", at("/bookings/flood?hours=168&by=hour")
    yield "flood, chosen", lambda page: _press(page, ".flood-table tbody a")
    yield "flood, refused", lambda page: _press(page, ".flood-chosen button")


def _search(page: Page, text: str) -> None:
    page.fill("#text", text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def _unfold(page: Page) -> None:
    for summary in page.locator(".verbs summary").all():
        summary.click()


def _decline_without_reason(page: Page) -> None:
    page.locator("form[action$='/decline'] button").click()
    expect(page.locator("#decline-reply-error")).to_be_visible()


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_are_accessible_and_fit(
    open_page: Opener, stage: Scene, busy: Booking, language: str, scheme: str, size: dict[str, int]
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    problems = []
    for name, show in _pages(stage, busy):
        show(page)
        problems += [f"{name}: {problem}" for problem in faults(page)]
    assert not problems, "\n".join(problems)
