"""A manager asks for a letter; an organiser answers and sends it with the booking; the staff read and save both."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.steps import fill_booking
from tests.questions.test_uploads import pdf


@pytest.mark.nightly
def test_a_letter_travels_with_the_booking(open_page: Opener, stage: Scene, tmp_path: Path) -> None:
    staff = open_page(size=DESKTOP, language="en")
    stage.hold_session(staff)
    for words, kind, chinese in (("Theme of the visit", "choice", "参观主题"), ("Letter", "file", "公函")):
        staff.goto(stage.url("/admin/questions"))
        staff.fill("[name=words_zh]", chinese)
        staff.fill("[name=words_en]", words)
        staff.check(f"[name=kind][value={kind}]")
        if kind == "choice":
            staff.fill("[name=options_zh]", "党员活动\n研学")
            staff.fill("[name=options_en]", "Party day\nStudy tour")
        staff.check("[name=at_desk]")
        staff.get_by_role("button", name="Save the question").click()
        expect(staff.locator("main")).to_contain_text("Saved.")
    assert faults(staff) == []
    try:
        visitor = open_page(size=PHONE, language="zh")
        visitor.goto(stage.url("/book"))
        fill_booking(visitor, organisation="公函测试学校", division="440000", visitors=12)
        visitor.select_option("#questions select", label="研学")
        (tmp_path / "letter.pdf").write_bytes(b"MZ not a letter")
        visitor.set_input_files("#questions [type=file]", tmp_path / "letter.pdf")
        assert faults(visitor) == []
        visitor.locator("button.book").click()
        expect(visitor.locator("#questions .field-error")).to_contain_text("无法将此文件识别为PDF或图片")
        expect(visitor.locator("[name=organisation]")).to_have_value("公函测试学校")
        expect(visitor.locator("#questions option:checked")).to_have_text("研学")
        (tmp_path / "letter.pdf").write_bytes(pdf())
        visitor.set_input_files("#questions [type=file]", tmp_path / "letter.pdf")
        visitor.locator("button.book").click()
        visitor.wait_for_url("**/visits/*")
        expect(visitor.locator("main")).to_contain_text("已收到文件（PDF）")

        staff.goto(stage.url("/bookings"))
        staff.fill("#text", "公函测试学校")  # the list is long: other journeys book for today too
        staff.keyboard.press("Enter")
        staff.get_by_role("link", name="公函测试学校").first.click()
        expect(staff.locator("main")).to_contain_text("Study tour")
        with staff.expect_download() as saved:
            staff.get_by_role("link", name="File received (PDF)").click()
        assert Path(saved.value.path()).read_bytes().startswith(b"%PDF-")
    finally:
        for words in ("Theme of the visit", "Letter"):
            staff.goto(stage.url("/admin/questions"))
            staff.get_by_role("link", name=f"Change the question: {words}").click()
            staff.get_by_role("button", name="Stop asking this question").click()
