"""An organiser who has lost the link finds the booking on a phone, in WeChat's browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import PHONE, Scene
from tests.browser.test_large_groups import WECHAT


@pytest.mark.nightly
def test_a_lost_link_is_found_by_reference_and_the_end_of_the_phone(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("遗失链接的团队", {"440000": 12})
    page = open_page(size=PHONE, language="zh", user_agent=WECHAT)
    page.goto(stage.url("/"))
    page.get_by_role("link", name="查找我的预约").click()
    expect(page.locator("h1")).to_have_text("查找我的预约")
    assert not faults(page)
    page.fill("[name=reference]", booking.reference.lower())
    page.fill("[name=phone_end]", "0000")
    page.get_by_role("button", name="打开我的预约").click()
    expect(page.locator("main")).to_contain_text("没有找到")
    expect(page.locator("[name=reference]")).to_have_value(booking.reference.lower())
    expect(page.locator("main")).not_to_contain_text("遗失链接的团队")
    page.fill("[name=phone_end]", booking.phone[-4:])
    page.get_by_role("button", name="打开我的预约").click()
    expect(page.locator("main")).to_contain_text("遗失链接的团队")
    assert page.url.split("?")[0] == stage.url(f"/visits/{booking.key}")
    page.get_by_role("link", name="打印凭证（PDF）").first.click()
    expect(page.locator("#outside")).to_contain_text("在浏览器中打开")
