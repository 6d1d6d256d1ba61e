"""A guest books a talk with whoever is free first, and a stranger checks the certificate of a group that came."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.certificates.models import Scope
from hallapp.certificates.service import SaveSetting, save_setting
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.texts import Texts
from hallapp.desk import service as desk
from hallapp.schedule.models import Hall, Slot
from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import MANAGER, PHONE, Scene
from tests.conftest import SECRET
from tests.talks.helpers import save_host, save_rules


@pytest.mark.nightly
def test_a_talk_with_whoever_is_free_first(open_page: Opener, stage: Scene) -> None:
    with stage.live.app.app_context(), transaction():
        hall, manager = db.session.get_one(Hall, stage.hall_id), _manager(stage)
        save_rules(hall, stage.programme_id, notice_hours=0)
        spans = tuple((day, time(8), time(20)) for day in range(7))
        save_host(hall, manager, name="陈导师", spans=spans)
    guest = open_page(size=PHONE, language="zh")
    guest.goto(stage.url("/talks"))
    assert faults(guest) == []
    guest.locator("#first-free").click()
    guest.locator("button.book").click()  # nothing was filled in yet
    expect(guest.locator("#problems a")).to_have_count(3)
    guest.fill("[name=guest]", "罗小龙")
    guest.fill("[name=phone]", "199 0000 1050")
    guest.select_option("[name=division]", "440000")
    guest.check("[name=consent]")
    assert faults(guest) == []
    guest.locator("button.book").click()
    guest.wait_for_url("**/talk/*")
    expect(guest.locator(".ticket")).to_contain_text("陈导师")
    guest.fill("[name=note]", "请带上老照片")
    guest.get_by_role("button", name="保存备注").click()
    assert faults(guest) == []

    host = open_page(size=PHONE, language="en")
    stage.hold_session(host)
    host.goto(stage.url("/my-talks"))
    expect(host.locator("article textarea")).to_have_value("请带上老照片")
    expect(host.locator("article")).to_contain_text("罗小龙")
    assert faults(host) == []


@pytest.mark.nightly
def test_a_stranger_checks_a_certificate(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("查验小学", {"440000": 33})
    with stage.live.app.app_context(), transaction():
        words = Texts({"zh": "欢迎再来", "en": "Thank you"})
        save_setting(SaveSetting(hall_id=stage.hall_id, by=None, scope=Scope.ALL, words=words, programmes=()))
        came = desk.Admit(
            hall_id=stage.hall_id,
            staff_id=_manager(stage),
            role=Role.MANAGER,
            event_id=str(uuid4()),
            code=stage.code(booking),
            counts={"440000": 33},
        )
        desk.admit(came, keys=(SECRET,))
        slot = db.session.get_one(Slot, booking.slot_id)
        slot.starts_at, slot.ends_at = clock.now() - timedelta(hours=2), clock.now() - timedelta(minutes=1)
    organiser = open_page(size=PHONE, language="zh")
    organiser.goto(stage.url(f"/visits/{booking.key}"))
    organiser.locator("#certificate-title ~ p a").click()
    organiser.locator("main button").click()
    code = organiser.locator("dd.number").inner_text()
    assert faults(organiser) == []

    stranger = open_page(size=PHONE, language="en")
    stranger.goto(stage.url("/certificates"))
    for typed, expected in (("A" * 16, "not issued here"), (code.lower().replace(" ", "-"), "查验小学")):
        stranger.fill("[name=code]", typed)
        stranger.locator("main button").click()
        expect(stranger.locator("main")).to_contain_text(expected)
    expect(stranger.locator(".state")).to_contain_text("Valid")
    expect(stranger.locator("dl")).to_contain_text("33")
    for secret in (booking.phone, booking.reference, booking.contact_name):
        expect(stranger.locator("body")).not_to_contain_text(secret)
    assert faults(stranger) == []


def _manager(stage: Scene) -> int:
    whose = select(Staff.id).where(Staff.hall_id == stage.hall_id, Staff.name == MANAGER)
    return db.session.scalars(whose).one()
