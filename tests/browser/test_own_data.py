"""An organiser saves a copy of their data and erases it on a phone, with the private link and a code."""

import json
import re
import zipfile

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import PHONE, Scene


def code_to(stage: Scene, address: str) -> str:
    with stage.live.app.app_context():
        body = db.session.scalars(select(OutboxMessage.body).where(OutboxMessage.recipient == address)).one()
    found = re.search(r"\b[0-9]{6}\b", body)
    assert found
    return found.group()


@pytest.mark.nightly
def test_organiser_saves_and_erases_their_data(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("个人信息团队", {"440000": 12})
    with stage.live.app.app_context(), transaction():
        db.session.get_one(Booking, booking.id).email = "own-data@example.org"
    page = open_page(size=PHONE, language="zh")
    page.goto(stage.url(f"/visits/{booking.key}"))
    page.get_by_role("link", name="您的个人信息").click()
    page.get_by_role("button", name="向我发送验证码").click()
    expect(page.locator("#code")).to_be_visible()
    assert not faults(page)
    page.fill("#code", "12")
    page.get_by_role("button", name="验证", exact=True).click()
    expect(page.locator("#code-error")).to_be_visible()
    page.fill("#code", code_to(stage, "own-data@example.org"))
    page.get_by_role("button", name="验证", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载我的信息").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.read(f"pass-{booking.reference}.pdf").startswith(b"%PDF")
        assert json.loads(archive.read("data.json"))["bookings"][0]["contact_name"] == "何秀珍"
    page.get_by_role("button", name="删除我的信息").click()
    expect(page.locator("#sure-error")).to_contain_text("请勾选确认")
    assert not faults(page)
    page.check("#sure")
    page.get_by_role("button", name="删除我的信息").click()
    expect(page.locator("main")).to_contain_text("个人信息已删除")
    with stage.live.app.app_context():
        erased = db.session.get_one(Booking, booking.id)
        assert (erased.contact_name, erased.phone, erased.email) == ("", "", None)
    page.get_by_role("link", name="个人信息保护说明").first.click()
    expect(page.locator("h1")).to_have_text("个人信息保护说明")
    assert not faults(page)
    assert not open_page.complaints
