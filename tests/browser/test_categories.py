"""Categories of people from the settings to the month's report, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.steps import WORDS, fill_booking


@pytest.mark.nightly
def test_categories_are_defined_given_corrected_and_reported(open_page: Opener, stage: Scene) -> None:
    manager = open_page(size=DESKTOP, language="zh")
    stage.hold_session(manager)
    _define(manager, stage)

    organiser = open_page(size=PHONE, language="zh")
    organiser.goto(stage.url("/book"))
    fill_booking(organiser, organisation="分类统计小学", division="440000", visitors=33)
    ages = organiser.get_by_role("group", name="年龄")
    ages.get_by_label("未成年人").fill("34")
    organiser.locator("button.book").click()
    expect(organiser.locator("#categories-error")).to_be_visible()
    assert faults(organiser) == []
    ages.get_by_label("未成年人").fill("30")
    expect(organiser.locator("[data-total]")).to_have_text("33")  # a part of the people, and no more of them
    organiser.locator("button.book").click()
    organiser.wait_for_url("**/visits/*")
    expect(organiser.get_by_role("main")).to_contain_text("未成年人 30 · 成年人 3")
    organiser.locator("main a", has_text=WORDS["zh"].show_pass).click()
    reference = organiser.locator(".pass-reference").inner_text()

    stage.sign_in(manager)
    manager.fill("#q", reference)
    manager.keyboard.press("Enter")
    card = manager.locator("#card")
    expect(card.get_by_label("未成年人")).to_have_value("30")
    assert faults(manager) == []
    card.get_by_label("未成年人").fill("20")
    card.get_by_role("button", name=re.compile("^入馆")).click()
    expect(manager.locator("#answer")).to_have_attribute("data-outcome", "admitted")

    manager.goto(stage.url(f"/reports/{stage.month}"))
    table = manager.get_by_role("table", name=re.compile("^年龄"))
    for name, people in (("未成年人", 20), ("成年人", 13)):
        row = table.get_by_role("row").filter(has=manager.get_by_role("rowheader", name=name, exact=True))
        expect(row.get_by_role("cell", name=str(people), exact=True)).to_be_visible()
    assert faults(manager) == []
    _hide(manager, stage)
    organiser.goto(stage.url("/book"))
    expect(organiser.get_by_role("group", name="年龄")).to_have_count(0)


def _define(manager: Page, stage: Scene) -> None:
    manager.goto(stage.url("/admin/categories/new"))
    for name, text in (("name_zh", "年龄"), ("name_en", "Age"), ("rest_zh", "成年人"), ("rest_en", "Adults")):
        manager.fill(f"[name={name}]", text)
    manager.check("[name=adds_up][value=y]")
    manager.fill("[name=categories-0-name_zh]", "未成年人")
    manager.fill("[name=categories-0-name_en]", "Minors")
    assert faults(manager) == []
    manager.get_by_role("button", name="保存").click()
    expect(manager.get_by_role("main")).to_contain_text("年龄")


def _hide(manager: Page, stage: Scene) -> None:
    """Hide the family again, as other journeys book in this hall."""
    manager.goto(stage.url("/admin/categories"))
    manager.get_by_role("link", name="年龄").click()
    manager.check("[name=hidden]")
    manager.get_by_role("button", name="保存").click()
    expect(manager.get_by_role("main")).to_contain_text("已隐藏")
