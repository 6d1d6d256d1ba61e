"""The main job from end to end: a group books, gets a pass that scans, is counted once, and shows in its month."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from hallapp.origins.china import DIVISIONS
from tests.browser.conftest import Opener
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.steps import WORDS, book, download_pdf, fill_booking
from tests.conftest import tried
from tests.passes.reading import picture, scan

# Each journey has a division of its own, so that each finds its own number in the month's report.
JOURNEYS = [
    pytest.param("zh", PHONE, "postgresql_stage", "450000", id="zh-360-postgresql"),
    pytest.param("en", DESKTOP, "stage", "530000", id="en-1280-sqlite"),
    pytest.param("zh", PHONE, "stage", "450000", id="zh-360-sqlite"),
]


@pytest.mark.parametrize(("language", "size", "stage_name", "division"), tried(JOURNEYS, 2))
def test_a_group_books_and_is_counted_in_its_month(
    open_page: Opener,
    request: pytest.FixtureRequest,
    language: str,
    size: dict[str, int],
    stage_name: str,
    division: str,
) -> None:
    stage: Scene = request.getfixturevalue(stage_name)
    words = WORDS[language]
    organisation = f"百色市右江区第一书记培训班（{language}）"

    organiser = open_page(size=size, language=language)
    book(organiser, stage, words, organisation=organisation, division=division, visitors=33)
    organiser.locator("main a", has_text=words.show_pass).click()
    document = download_pdf(organiser, stage, words)
    [code] = scan(picture(document))
    assert code.startswith(f"{stage.live.url}/T/".upper())

    desk = open_page(size=DESKTOP, language=language)
    stage.sign_in(desk)
    before = _arrived(desk, stage, division)
    _scan_at_desk(desk, code)
    expect(desk.locator("#card .count strong")).to_have_text("33")
    expect(desk.locator("#card h2")).to_have_text(organisation)
    desk.get_by_role("button", name=re.compile(rf"^{words.admit} ?33")).click()
    expect(desk.locator("#answer")).to_have_attribute("data-outcome", "admitted")
    _scan_at_desk(desk, code)
    expect(desk.locator("#answer")).to_have_attribute("data-outcome", "refused")

    visitors, groups = _arrived(desk, stage, division)
    assert (visitors - before[0], groups - before[1]) == (33, 1)
    desk.goto(stage.url(f"/reports/{stage.month}"))
    desk.locator("details:has(#where-table) > summary").click()
    shown = desk.get_by_role("row").filter(has_text=DIVISIONS[division].name(language)).first
    expect(shown.get_by_role("cell", name=re.compile(rf"^{visitors}$"))).to_be_visible()


def _arrived(staff: Page, stage: Scene, division: str) -> tuple[int, int]:
    """People and groups of a division in this month's report: other journeys of the same hall may stand there too."""
    report = staff.request.get(stage.url(f"/reports/{stage.month}.json")).json()
    row = next(row for row in report["divisions"] if row["code"] == division)
    return row["visitors"], row["groups"]


def test_booking_works_by_keyboard_alone(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=DESKTOP, language="en")
    page.goto(stage.url("/book"))

    _tab_to(page, "[name=slot]:not([disabled])")
    page.keyboard.press("Space")
    _tab_to(page, "[name=organisation]")
    page.keyboard.type("Keyboard Society")
    _tab_to(page, "[name=kind]")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "[name=origins-0-division]")
    page.keyboard.type("Hainan")
    _tab_to(page, "[name=origins-0-visitors]")
    page.keyboard.type("12")
    _tab_to(page, "[name=contact_name]")
    page.keyboard.type("Zoë Müller")
    _tab_to(page, "[name=phone]")
    page.keyboard.type("+44 20 7946 0146")
    _tab_to(page, "[name=consent]")
    page.keyboard.press("Space")
    _tab_to(page, "button.book")
    page.keyboard.press("Enter")

    page.wait_for_url("**/visits/*")
    expect(page.get_by_role("main")).to_contain_text("12 people")
    assert stage.count_bookings("Keyboard Society") == 1


def test_booking_works_without_javascript_up_to_the_pass(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=PHONE, language="zh", java_script_enabled=False)
    page.goto(stage.url("/book"))

    fill_booking(page, organisation="无脚本读书会", division="440000", visitors=10)
    page.click("#add-origin")
    page.select_option("[name=origins-1-division]", "810000")
    page.fill("[name=origins-1-visitors]", "4")
    page.locator("button.day.free").last.click()
    expect(page.locator("[name=organisation]")).to_have_value("无脚本读书会")
    page.locator("label.time:has(input[name=slot]:not([disabled]))").first.click()
    page.check("[name=consent]")
    page.locator("button.book").click()
    page.wait_for_url("**/visits/*")
    page.locator("main a", has_text=WORDS["zh"].show_pass).click()

    expect(page.locator("svg.pass-code")).to_be_visible()
    [code] = scan(picture(download_pdf(page, stage, WORDS["zh"])))
    assert code.startswith(f"{stage.live.url}/T/".upper())
    assert stage.count_bookings("无脚本读书会") == 1


def test_a_double_tap_books_once(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=PHONE, language="zh", has_touch=True)
    page.goto(stage.url("/book"))
    fill_booking(page, organisation="双击联合会", division="440000", visitors=20)

    page.locator("button.book").dblclick()

    page.wait_for_url("**/visits/*")
    assert stage.count_bookings("双击联合会") == 1


def test_the_code_on_the_phone_is_the_code_on_paper(open_page: Opener, stage: Scene) -> None:
    booking = stage.book("手机凭证检验组", {"440000": 9})
    page = open_page(size=PHONE, language="zh", color_scheme="dark", device_scale_factor=2)
    page.goto(stage.url(f"/visits/{booking.key}/pass"))

    shown = scan(_screenshot(page))

    assert shown == scan(picture(download_pdf(page, stage, WORDS["zh"])))
    assert shown == [f"{stage.live.url}/T/{stage.code(booking)}".upper()]


def _scan_at_desk(page: Page, text: str) -> None:
    """As a USB scanner does it: keys into whatever has the focus, ended by Enter."""
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def _tab_to(page: Page, selector: str, *, most: int = 150) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


def _screenshot(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.locator("article.pass").screenshot()))
