"""A manager chooses what stays in sight of a picture: on its preview, with the keyboard, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from hallapp.profile import queries
from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import PHONE, Scene
from tests.profile.test_cropping import quarters


@pytest.mark.nightly
def test_point_is_chosen_on_the_preview_or_as_one_of_nine_positions(open_page: Opener, stage: Scene) -> None:
    upload = {"name": "four.png", "mimeType": "image/png", "buffer": quarters()}
    digests = set()
    for scripted in (True, False):
        page = open_page(size=PHONE, language="zh", java_script_enabled=scripted)
        stage.hold_session(page)
        page.goto(stage.url("/admin/pictures/map"))
        page.locator("#file").set_input_files(upload)  # type: ignore[arg-type]
        page.fill("#alt_zh", "四种颜色")
        if scripted:
            preview = page.locator(".focus-stage")
            expect(preview).to_be_visible()
            expect(page.locator(".focus-grid")).to_be_hidden()
            preview.evaluate("stage => stage.scrollIntoView({block: 'start'})")
            box = preview.bounding_box()
            assert box
            page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] * 0.98)
            across, down = page.locator("[name=focus_x]"), page.locator("[name=focus_y]")
            expect(across).to_have_value("25")
            down.press("End")
            expect(down).to_have_value("100")
            assert faults(page) == []
        else:
            page.get_by_label("左下").check()
        page.get_by_role("button", name="保存图片").click()
        page.wait_for_url("**/admin/pictures?saved=1")
        with stage.live.app.app_context():
            found = queries.find_picture(stage.hall_id, "map")
            assert found
            digests.add(found.digest)
    assert len(digests) == 1, "a square picture is cropped in its height only: both ways keep its lower part"
