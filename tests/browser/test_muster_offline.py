"""The muster list on a desk without a network: with names while its page stays open, with numbers after that."""

import json
import re

from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_offline import DUMP, admit, cut, open_desk


def test_the_muster_list_opens_without_a_network(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("疏散小学", {"440000": 21})
    later = stage.book("后到小学", {"440000": 12})
    desk = open_page(size=DESKTOP, language="zh")
    open_desk(desk, stage)
    with desk.expect_response(re.compile("/desk/muster$")):  # the list is renewed after an admission
        admit(desk, stage.code(booking), 21)
    expect(desk.locator("#network")).to_have_attribute("data-state", "online")
    cut(desk.context, desk)
    admit(desk, stage.code(later), 12)
    muster = desk.locator("#muster")
    muster.locator("summary").click()
    expect(muster.get_by_role("row").filter(has_text="疏散小学")).to_contain_text("21")
    expect(muster.get_by_role("link", name=re.compile("199"))).to_have_count(1)
    expect(muster).to_contain_text(re.compile(r"截至\d{4}-\d\d-\d\d \d\d:\d\d的情况"))
    expect(muster).to_contain_text("入馆12人")
    assert faults(desk) == []
    assert "疏散小学" not in json.dumps(desk.evaluate(DUMP), ensure_ascii=False)

    desk.goto(stage.url("/desk/muster"))
    assert desk.url.endswith("/desk#muster")
    expect(muster).to_have_attribute("open", "")
    expect(muster.locator("[data-muster=rows] tr").filter(has_text="21")).to_have_count(1)
    expect(muster).to_contain_text("没有团队名称")
    expect(muster).not_to_contain_text("疏散小学")
    desk.context.set_offline(False)
