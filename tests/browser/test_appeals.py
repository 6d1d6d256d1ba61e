"""A manager sets the rule for no-shows; a group misses its visit, appeals, and books again once the staff accept."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from hallapp.booking import absence
from hallapp.booking.lifecycle import SYSTEM
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule.models import Hall, Programme
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.steps import fill_booking

PHONE_NUMBER = "19900004321"


@pytest.fixture
def _rule_put_back(stage: Scene) -> object:
    yield
    with stage.live.app.app_context(), transaction():
        db.session.get_one(Hall, stage.hall_id).no_show_tiers = ()


@pytest.mark.nightly
@pytest.mark.usefixtures("_rule_put_back")
def test_a_group_appeals_and_books_again(open_page: Opener, stage: Scene) -> None:
    staff = open_page(size=DESKTOP, language="en")
    stage.hold_session(staff)
    staff.goto(stage.url("/admin/no-shows"))
    first = staff.locator(".tiers .line[role=group]").first
    first.get_by_label("No-shows").fill("1")
    first.get_by_label("Within").fill("6")
    first.get_by_label("Consequence").select_option("pause")
    staff.get_by_role("button", name="Preview the effect").click()
    expect(staff.locator("#main, main")).to_contain_text("Enter for how many days")
    assert faults(staff) == []
    staff.get_by_label("For how many days").first.fill("60")
    staff.get_by_role("button", name="Preview the effect").click()
    expect(staff.locator("#preview")).to_contain_text(
        "1 missed visit within 6 months: online booking is paused for 60 days."
    )
    assert faults(staff) == []
    staff.get_by_role("button", name="Save the rule").last.click()
    expect(staff.locator("main")).to_contain_text("Saved.")

    link = _miss(stage)
    visitor = open_page(size=PHONE, language="zh")
    visitor.goto(link)
    visitor.get_by_role("button", name="提交申诉").click()
    expect(visitor.locator("#words-error")).to_be_visible()
    assert faults(visitor) == []
    visitor.fill("#words", "大巴在路上抛锚，已致电展馆。")
    visitor.get_by_role("button", name="提交申诉").click()
    expect(visitor.locator("main")).to_contain_text("您的申诉已收到")
    assert faults(visitor) == []

    staff.goto(stage.url("/today"))
    staff.get_by_role("link", name="Appeal against a pause").click()
    card = staff.locator("article", has_text="大巴在路上抛锚")
    assert faults(staff) == []
    card.get_by_label("Message to the organiser").fill("已核实。")
    card.get_by_role("button", name="Accept and lift").click()
    expect(staff.locator("main")).to_contain_text("its no-shows are forgiven")

    visitor.reload()
    expect(visitor.locator("main")).to_contain_text("已核实。")
    visitor.get_by_role("button", name="预约参观").click()
    fill_booking(visitor, organisation="抛锚大巴团", division="440000", visitors=12, phone=PHONE_NUMBER)
    visitor.locator("button.book").click()
    visitor.wait_for_url("**/visits/*")


def _miss(stage: Scene) -> str:
    """Record a missed visit of yesterday; return the address of the appeal as the message has it."""
    with stage.live.app.app_context():
        with transaction():
            programme = db.session.get_one(Programme, stage.programme_id)
            starts_at = clock.now() - timedelta(days=1)
            slot = factories.slot(
                programme=programme,
                day=clock.local_day(starts_at, stage.time_zone),
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=90),
            )
            booking = factories.booking(
                slot=slot, organisation="抛锚大巴团", phone=f"+86{PHONE_NUMBER}", email="bus@example.com", language="zh"
            )
            absence.mark_absent(booking, by=SYSTEM)
            path = f"/visits/{booking.key}/appeal"
            mail = db.session.query(OutboxMessage).filter_by(kind="booking_paused", recipient="bus@example.com").one()
            assert path in mail.body
        return stage.url(path)
