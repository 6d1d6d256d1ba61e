"""A guide reads their statement of service points and appeals, a manager answers, and the guide reads the answer."""

import pytest
from playwright.sync_api import expect

from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.guides.models import Guide
from hallapp.points import service, setup
from hallapp.schedule.models import Hall
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, PHONE, Scene


@pytest.mark.nightly
def test_a_guide_appeals_and_reads_the_answer(open_page: Opener, stage: Scene) -> None:
    with stage.live.app.app_context(), transaction():
        hall = db.session.get_one(Hall, stage.hall_id)
        person, other = (factories.staff(hall=hall, role=role) for role in (Role.GUIDE, Role.MANAGER))
        name, day = person.name, hall.today()
        db.session.add(Guide(hall_id=hall.id, staff_id=person.id, name="讲解员", created_at=clock.now()))
        db.session.flush()
        setup.save_setting(hall.id, is_open=True, by=None)
        entered = {"code": "training_attended", "day": day, "times": 3, "evidence": "培训签到表"}
        entry = service.enter(service.Enter(hall=hall, by=person.id, staff_id=person.id, **entered))
        service.decide(hall, entry.number, approved=True, answer="", by=other.id)
    guide = open_page(size=PHONE, language="zh")
    stage.hold_session(guide, name=name)
    guide.goto(stage.url("/guide"))
    guide.get_by_role("link", name="我的积分").click()
    expect(guide.locator(".point-total")).to_contain_text("6.00")
    line = guide.locator("#line-training_attended")
    line.locator("summary").first.click()
    expect(line).to_contain_text("3 × 2.00 = 6.00")
    expect(line).to_contain_text("培训签到表")
    line.get_by_text("对此项提出申诉").click()
    line.locator("textarea").fill("十一月的培训少计一次")
    assert faults(guide) == []
    line.get_by_role("button", name="提交申诉").click()
    expect(line.get_by_text("待答复")).to_be_visible()

    manager = open_page(size=DESKTOP, language="en", color_scheme="dark")
    stage.hold_session(manager)
    manager.goto(stage.url("/admin/points"))
    assert faults(manager) == []
    manager.get_by_role("button", name="Appeals and entries").click()
    article = manager.locator("article", has_text="十一月的培训少计一次")
    article.get_by_label("Your reply").fill("已补登，请核对")
    assert faults(manager) == []
    article.get_by_role("button", name="Send the answer").click()
    expect(manager.locator("article")).to_have_count(0)

    guide.reload()
    expect(line).to_contain_text("已补登，请核对")
    assert faults(guide) == []
