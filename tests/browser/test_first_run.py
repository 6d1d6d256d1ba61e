"""From an empty installation to the first booking of a stranger, in the browser alone, without a command line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Page, expect

from hallapp.core import clock
from tests.browser.conftest import Opener
from tests.browser.inside import serve_inside
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, PHONE
from tests.browser.steps import fill_booking
from tests.live import Live

pytestmark = pytest.mark.on_database("sqlite")

PASSWORD = "harbour lantern quiet"


@pytest.fixture
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server on an empty database."""
    folder = tmp_path_factory.mktemp("first")
    with serve_inside(f"sqlite:///{folder / 'first.sqlite3'}", folder) as live:
        yield live


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def print_code(live: Live) -> str:
    printed = live.app.test_cli_runner().invoke(args=["hall", "setup"]).output
    code = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", printed)
    assert code
    return code[0]


def open_on_every_day(page: Page) -> None:
    """Take away all closing days, so that the test can run on any day of the week."""
    for day in range(7):
        page.locator(f"#closed_weekdays input[value='{day}']").set_checked(False, force=True)


def test_from_an_empty_installation_to_the_first_booking(open_page: Opener, live: Live) -> None:
    code = print_code(live)
    page = open_page(size=PHONE, language="zh")
    page.goto(live.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("欢迎使用hallapp")
    page.fill("#code", "AAAA-BBBB-CCCC-DDDD")
    press(page, "下一步")
    expect(page.locator("#code-error")).to_contain_text("设置码不正确")
    assert faults(page) == []
    page.fill("#code", code.lower())
    press(page, "下一步")
    expect(page.locator("#country")).to_have_value("CN")
    assert faults(page) == []
    press(page, "下一步")

    page.fill("#name_zh", "港口展览馆")
    page.fill("#address_zh", "广州市越秀区东风路一号")
    press(page, "下一步")
    assert faults(page) == []
    open_on_every_day(page)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Abroad:
    """A hall outside of China: what its founder chooses, and what its pages then say."""

    country: str
    home: str
    time_zone: str
    origins: str
    places: frozenset[str]
    count: int
    outside: str
    phone: str
    clock: str
    paper: str


BERLIN = Abroad(
    country="Germany",
    home="Berlin",
    time_zone="Europe/Berlin",
    origins="Germany: 16 Bundesländer",
    places=frozenset({"Berlin", "Bavaria", "Saarland"}),
    count=16,
    outside="From outside Germany (+49)",
    phone="030 901820",
    clock=r"\b\d\d:\d\d\b(?! ?[ap]m)",
    paper="595",
)
BOSTON = Abroad(
    country="United States",
    home="Massachusetts",
    time_zone="America/New_York",
    origins="United States: 57 states and territories",
    places=frozenset({"Massachusetts", "Vermont", "District of Columbia"}),
    count=57,
    outside="From outside United States (+1)",
    phone="617 635 4500",
    clock=r"\b\d{1,2}:\d\d\s?[apAP]\.?[mM]",
    paper="612",
)
_OF_CHINA = re.compile(r"[\u3400-\u9fff]|China|Chinese|provinc|mainland|\b34\b")


@pytest.mark.nightly
@pytest.mark.parametrize("hall", [BERLIN, BOSTON], ids=["berlin", "boston"])
def test_a_hall_abroad_goes_from_its_foundation_to_its_report(open_page: Opener, live: Live, hall: Abroad) -> None:
    page = open_page(size=DESKTOP, language="en")
    page.goto(live.url)
    page.fill("#code", print_code(live))
    press(page, "Continue")
    page.select_option("#country", label=hall.country)
    press(page, "Continue")
    page.fill("#name_en", "Harbour Hall")
    expect(page.locator("#origin_set option:checked")).to_have_text(hall.origins)
    if hall is BOSTON:  # a country of several time zones
        page.select_option("#time_zone", hall.time_zone)
    expect(page.locator("#time_zone")).to_have_value(hall.time_zone)
    press(page, "Continue")
    expect(page.locator("#home_division-error")).to_be_visible()
    assert faults(page) == []
    page.select_option("#home_division", label=hall.home)
    press(page, "Continue")
    open_on_every_day(page)
    page.fill("#opened_on", clock.today(hall.time_zone).isoformat())  # on a Monday the next day is suggested
    press(page, "Continue")
    page.fill("#name", "Ada")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    press(page, "Create the hall and sign in")
    expect(page.locator("#way")).to_be_visible()

    page.goto(f"{live.url}/book")
    page.locator("label.time.free").first.click()
    places = page.locator("[name='origins-0-division'] option").all_inner_texts()
    assert places[0] == "Choose a place" and places[-2:] == ["Abroad", "Not stated"]
    assert len(places[1:-2]) == hall.count and hall.places <= set(places)
    words = page.locator("main").inner_text()
    assert hall.outside in words and re.search(hall.clock, words)
    assert _OF_CHINA.findall(words + " ".join(places)) == []
    page.fill("[name=organisation]", "Riverside School")
    page.select_option("[name=kind]", "school")
    page.select_option("[name=origins-0-division]", label=hall.home)
    page.fill("[name=origins-0-visitors]", "12")
    page.fill("[name=contact_name]", "Grace Hopper")
    page.fill("[name=phone]", hall.phone)
    page.check("[name=consent]")
    page.locator("button.book").click()
    page.wait_for_url("**/visits/*")
    assert _OF_CHINA.findall(page.locator("main").inner_text()) == []

    page.goto(f"{live.url}/desk")
    page.locator("#walk-in > summary").click()
    page.fill("#walk-in-visitors-0", "3")
    page.select_option("#walk-in-division-0", label=hall.home)
    page.locator("#walk-in button.admit").click()
    expect(page.locator("#answer")).to_contain_text("3")
    month = f"{clock.today(hall.time_zone):%Y-%m}"
    page.goto(f"{live.url}/reports/{month}")
    expect(page.locator("main")).to_contain_text(re.compile(rf"{hall.home}.*3", re.DOTALL))
    assert _OF_CHINA.findall(page.locator("main").inner_text()) == []
    report = pdfium.PdfDocument(page.request.get(f"{live.url}/reports/{month}.pdf").body())
    assert f"{report[0].get_width():.0f}" == hall.paper
