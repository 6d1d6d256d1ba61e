"""A group of 120 in WeChat chooses its parts, and counts once; the staff book a series of dates."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.origins.china import DIVISIONS
from hallapp.schedule.models import Hall, Programme, Slot
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, PHONE, Scene

WECHAT = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 "
    "Mobile Safari/537.36 MicroMessenger/8.0.47 NetType/WIFI Language/zh_CN"
)
DIVISION, PEOPLE, PARTS = "620000", 120, 3


@pytest.fixture
def programme(stage: Scene) -> Iterator[Programme]:
    """A tour with three times today, of 50 places each, at a hall that takes 160 people in parts."""
    with stage.live.app.app_context():
        with transaction():
            hall = db.session.get_one(Hall, stage.hall_id)
            hall.large_group_max = 160
            tour = factories.programme(
                hall=hall, name_zh="大型团队讲解", name_en="Tour of large groups", minutes=45, position=8
            )
            for hours in (1, 2, 3):
                _slot(stage, tour, hours=hours)
        yield tour
        with transaction():
            db.session.get_one(Hall, stage.hall_id).large_group_max = 0


def _slot(stage: Scene, tour: Programme, *, hours: int = 2, days: int = 0) -> Slot:
    starts_at = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours, days=days)
    return factories.slot(
        programme=tour,
        day=clock.local_day(starts_at, stage.time_zone),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=tour.minutes),
        visitor_capacity=50,
        guide_capacity=1,
    )


def test_a_group_of_120_chooses_its_parts_and_counts_once(
    open_page: Opener, stage: Scene, programme: Programme
) -> None:
    page = open_page(size=PHONE, language="zh", user_agent=WECHAT)
    page.goto(stage.url(f"/book?programme={programme.slug}"))
    page.select_option("[name=origins-0-division]", DIVISION)
    page.fill("[name=origins-0-visitors]", str(PEOPLE))
    expect(page.locator("#size")).to_have_text("此人数需要分批参观：请在第1步中选择一个方案。")
    page.locator("[name=origins-0-visitors]").blur()
    proposal = page.locator("label.proposal").filter(has_text="先后参观，分3批")  # others come with other programmes
    expect(proposal).to_have_count(1)
    expect(proposal).to_contain_text("40人")
    page.fill("[name=organisation]", "甘肃省120人研学团")
    page.select_option("[name=kind]", "school")
    page.fill("[name=contact_name]", "何秀珍")
    page.fill("[name=phone]", "199 0000 7120")
    page.check("[name=consent]")
    page.locator("button.book").click()
    expect(page.locator("#problems")).to_be_visible()  # nothing is divided in silence
    expect(page.locator("[name=organisation]")).to_have_value("甘肃省120人研学团")
    proposal.locator("input").check()
    expect(page.locator("#summary [data-shows=slot]")).to_contain_text("40人")
    assert faults(page) == []
    page.check("[name=consent]")
    page.locator("button.book").click()
    page.wait_for_url("**/visits/*")
    expect(page.locator("#parts-title")).to_have_text("您的团队共120人，分3批参观")
    expect(page.locator(".parts li")).to_have_count(PARTS)
    assert faults(page) == []
    keys = [str(link.get_attribute("href")) for link in page.locator(".parts a[href$='/pass']").all()]
    assert len(set(keys)) == PARTS

    desk = open_page(size=DESKTOP, language="zh")
    stage.sign_in(desk)
    before = _arrived(desk, stage)
    for address in keys:
        page.goto(stage.url(address))
        reference = page.locator(".pass-reference").inner_text()
        desk.fill("#q", reference)
        desk.press("#q", "Enter")
        expect(desk.locator("#card .count strong")).to_have_text("40")
        desk.get_by_role("button", name=re.compile(r"^入馆 ?40")).first.click()
        expect(desk.locator("#answer")).to_have_attribute("data-outcome", "admitted")
    visitors, groups = _arrived(desk, stage)
    assert (visitors - before[0], groups - before[1]) == (PEOPLE, 1)
    assert DIVISIONS[DIVISION]


def _arrived(staff: Page, stage: Scene) -> tuple[int, int]:
    report = staff.request.get(stage.url(f"/reports/{stage.month}.json")).json()
    row = next(row for row in report["divisions"] if row["code"] == DIVISION)
    return row["visitors"], row["groups"]


@pytest.mark.nightly
def test_staff_book_a_series_and_cancel_its_later_dates(open_page: Opener, stage: Scene, programme: Programme) -> None:
    with stage.live.app.app_context(), transaction():
        slots = [_slot(stage, programme, days=days) for days in (21, 28, 42)]
        slots[1].visitor_capacity = 12
        days: list[date] = [slot.day for slot in slots]
        first = slots[0].id
    page = open_page(size=DESKTOP, language="en")
    stage.hold_session(page)
    page.goto(stage.url(f"/bookings/new?day={days[0]}&slot={first}"))
    page.fill("[name=organisation]", "Reading circle of the series")
    page.select_option("[name=kind]", "culture")
    page.select_option("[name=origins-0-division]", "440000")
    page.fill("[name=origins-0-visitors]", "20")
    page.fill("[name=contact_name]", "He Xiuzhen")
    page.fill("[name=phone]", "199 0000 7121")
    page.check("[name=consent]")
    page.select_option("[name=repeat]", "weekly")
    page.fill("[name=visits]", "4")
    page.locator("button.book").click()
    expect(page.locator(".series-date")).to_have_count(4)
    expect(page.locator(".series-date").nth(1)).to_contain_text("12 places left, 20 asked")
    expect(page.locator(".series-date").nth(2)).to_contain_text("no visit at this time")
    expect(page.locator("[name=date]:checked")).to_have_count(2)
    assert faults(page) == []
    page.locator("[name=book_dates]").click()
    expect(page.locator("#dates-title")).to_have_text("Series of 2 dates")
    assert stage.count_bookings("Reading circle of the series") == 2
    page.locator("summary", has_text="Cancel the booking").click()
    page.get_by_label(re.compile("all later dates")).check()
    page.get_by_role("button", name="Yes, cancel").click()
    expect(page.locator("section:has(#dates-title) .state", has_text="Cancelled")).to_have_count(2)
