"""From an empty installation to the first booking of a stranger, in the browser alone, without a command line."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, PHONE
from tests.browser.steps import fill_booking
from tests.live import Live, serve

pytestmark = pytest.mark.on_database("sqlite")

PASSWORD = "harbour lantern quiet"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server on an empty database."""
    folder = tmp_path_factory.mktemp("first")
    with serve(f"sqlite:///{folder / 'first.sqlite3'}", folder) as live:
        yield live


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def test_from_an_empty_installation_to_the_first_booking(open_page: Opener, live: Live) -> None:
    printed = live.app.test_cli_runner().invoke(args=["hall", "setup"]).output
    code = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", printed)
    assert code
    page = open_page(size=PHONE, language="zh")
    page.goto(live.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("欢迎使用hallapp")
    page.fill("#code", "AAAA-BBBB-CCCC-DDDD")
    press(page, "下一步")
    expect(page.locator("#code-error")).to_contain_text("设置码不正确")
    assert faults(page) == []
    page.fill("#code", code[0].lower())
    press(page, "下一步")

    page.fill("#name_zh", "港口展览馆")
    page.fill("#address_zh", "广州市越秀区东风路一号")
    press(page, "下一步")
    assert faults(page) == []
    for day in range(7):  # open on every day, whatever day it is when the test runs
        page.locator(f"#closed_weekdays input[value='{day}']").set_checked(False, force=True)
    page.get_by_label("主题活动").uncheck()
    press(page, "下一步")
    assert faults(page) == []
    press(page, "← 上一步")
    expect(page.get_by_label("主题活动")).not_to_be_checked()
    press(page, "下一步")
    page.fill("#name", "馆长")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    press(page, "创建展馆并登录")
    expect(page.locator("#way")).to_be_visible()
    expect(page.locator("aside.demonstration")).to_contain_text("仅工作人员可见")

    stranger = open_page(size=DESKTOP, language="zh")
    stranger.goto(f"{live.url}/book")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("尚未开放")
    assert faults(stranger) == []

    page.get_by_role("link", name="发布展馆").first.click()
    assert faults(page) == []
    press(page, "发布展馆")
    expect(page.locator("main")).to_contain_text("展馆已发布")
    expect(page.locator("aside.demonstration")).to_have_count(0)

    stranger.goto(live.url)
    stranger.locator("ul.next a").first.click()
    fill_booking(stranger, organisation="首个团队", division="440000", visitors=12)
    stranger.locator("button.book").click()
    stranger.wait_for_url("**/visits/*")
    expect(stranger.locator("main")).to_contain_text("首个团队")
