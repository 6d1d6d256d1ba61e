"""Headsets in a browser: defined by a manager, asked for on a phone, handed out, used up and retired."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.steps import WORDS, fill_booking

NAME = "讲解耳机"


@pytest.mark.nightly
def test_headsets_are_asked_for_handed_out_and_used_up(open_page: Opener, stage: Scene) -> None:
    manager = open_page(size=DESKTOP, language="zh")
    stage.hold_session(manager)
    _define(manager, stage)

    organiser = open_page(size=PHONE, language="zh")
    organiser.goto(stage.url("/book"))
    time = organiser.locator("label.time.free").first
    expect(time).to_contain_text(f"{NAME}余40台")
    fill_booking(organiser, organisation="耳机小学", division="440000", visitors=33)
    headsets = organiser.get_by_role("textbox", name=NAME)
    headsets.fill("34")
    organiser.locator("button.book").click()
    expect(organiser.locator("#resources-1-error")).to_contain_text("33")
    expect(organiser.locator("#resources-1-hint")).to_contain_text("该时间余40台")
    assert faults(organiser) == []
    headsets.fill("33")
    expect(organiser.locator("[data-total]")).to_have_text("33")
    organiser.locator("button.book").click()
    organiser.wait_for_url("**/visits/*")
    expect(organiser.get_by_role("main")).to_contain_text("33台")
    organiser.locator("main a", has_text=WORDS["zh"].show_pass).click()
    reference = organiser.locator(".pass-reference").inner_text()

    other = open_page(size=PHONE, language="zh")
    other.goto(stage.url("/book"))
    fill_booking(other, organisation="又一小学", division="440000", visitors=20)
    other.get_by_role("textbox", name=NAME).fill("20")
    other.locator("button.book").click()
    expect(other.locator("#resources-1-error")).to_contain_text("该时间仅余7")
    expect(other.locator("[name=organisation]")).to_have_value("又一小学")

    stage.sign_in(manager)
    manager.fill("#q", reference)
    manager.keyboard.press("Enter")
    expect(manager.locator("#card .hand-out")).to_contain_text(f"请发放：{NAME}33台")
    assert faults(manager) == []
    _retire(manager, stage)
    other.goto(stage.url("/book"))
    expect(other.get_by_role("textbox", name=NAME)).to_have_count(0)


def _define(manager: Page, stage: Scene) -> None:
    manager.goto(stage.url("/admin/resources/new"))
    for name, text in (("name_zh", NAME), ("unit_zh", "台"), ("quantity", "40"), ("people_each", "1")):
        manager.fill(f"[name={name}]", text)
    assert faults(manager) == []
    manager.get_by_role("button", name="保存").click()
    expect(manager.get_by_role("main")).to_contain_text("每人1台")


def _retire(manager: Page, stage: Scene) -> None:
    """Retire the headsets, as other journeys book in this hall; the booking that has some is asked about first."""
    manager.goto(stage.url("/admin/resources/1"))
    manager.check("[name=retired]")
    manager.get_by_role("button", name="保存").click()
    keeps = manager.get_by_label("耳机小学")
    expect(keeps).to_have_value("33")
    assert faults(manager) == []
    keeps.fill("0")
    manager.get_by_role("button", name="保存").click()
    expect(manager.get_by_role("main")).to_contain_text("已停用")
