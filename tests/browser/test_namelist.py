"""An organiser hands in a messy list from a phone, mends it and sees it accepted; the desk prints it."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from hallapp.core.database import db, transaction
from hallapp.namelist import queries
from hallapp.namelist.models import ListColumn, ListColumns
from hallapp.namelist.service import PersonData, hand_in
from hallapp.schedule.models import Programme
from hallapp.schedule.policy import NameList
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.namelist import sheetmakers as make

MESSY = [
    ["广州市第三中学参观人员名单", "", "", ""],
    [],
    ["序号", "姓 名", "手机", "身份证号"],
    [1, "何　秀珍", "１３８００１３８０００", "x"],
    [2, 20261125, 13800138001, "x"],
    [],
    [3, "阿卜杜拉•买买提", "1.38E+10", "x"],
    [4, "何秀珍", "", "x"],
    ["合计", "4人"],
]


@pytest.fixture(scope="module")
def group(stage: Scene) -> Iterator[SimpleNamespace]:
    """Three people who come in two days to a programme that takes lists; the hall asks for phones too."""
    with stage.live.app.app_context(), transaction():
        hall = db.session.get_one(Programme, stage.programme_id).hall
        columns = {"purpose": {"zh": "集合时联系。", "en": "To call who is missing."}}
        db.session.add(ListColumns(hall_id=hall.id, columns=[ListColumn.PHONE.value], **columns))
        programme = factories.programme(hall=hall, slug="with-lists", name_list=NameList.OPTIONAL)
        slot = factories.slot(programme=programme)
        bookings = [factories.booking(slot=slot, organisation=name, origins={"440000": 3}) for name in ("三中", "四中")]
        hand_in(bookings[1], [PersonData("𠮷川龑", {ListColumn.PHONE: "13800138000"}), PersonData("Anna Schmidt", {})])
    yield SimpleNamespace(
        key=bookings[0].key, listed_key=bookings[1].key, listed=bookings[1].reference, id=bookings[0].id
    )
    with stage.live.app.app_context(), transaction():
        db.session.get_one(Programme, programme.id).active = False


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    path = tmp_path / "名单 最终版.xlsx"
    path.write_bytes(make.openpyxl_book(MESSY, change=lambda sheet: sheet.merge_cells("A1:D1")))
    return path


def upload(page: Page, stage: Scene, key: str, path: Path) -> None:
    page.goto(stage.url(f"/visits/{key}/names"))
    for summary in page.locator("details.replace > summary").all():  # where there is a list already
        summary.click()
    page.set_input_files("#file", path)
    page.locator("form[enctype] button[type=submit]").click()


def test_messy_list_is_mended_and_accepted(
    open_page: Opener, stage: Scene, group: SimpleNamespace, messy: Path
) -> None:
    page = open_page(size=PHONE, language="zh", java_script_enabled=False)
    page.goto(stage.url(f"/visits/{group.key}"))
    page.locator("main a[href$='/names']").click()
    expect(page.locator("h1")).to_have_text("参观人员名单")
    upload(page, stage, group.key, messy)
    lines = page.locator("table.lines tbody tr")
    expect(lines).to_have_count(4)
    expect(page.locator("[aria-invalid=true]")).to_have_count(2)
    expect(page.locator("#rows-0-name")).to_have_value("何秀珍")
    expect(page.locator("#rows-0-phone")).to_have_value("13800138000")
    expect(page.locator("#rows-2-name")).to_have_value("阿卜杜拉·买买提")
    expect(page.locator("#too-many")).to_be_visible()

    page.check("[name=rows-3-out]")
    page.fill("#rows-1-name", "罗 小龙")
    page.check("#consent")
    page.get_by_role("button", name="提交名单").last.click()
    expect(page.locator("#problems a")).to_have_count(1)  # the phone that a spreadsheet spoilt
    page.fill("#rows-2-phone", "")
    page.get_by_role("button", name="提交名单").last.click()
    expect(page.locator("p.notice.good")).to_contain_text("3人中有3人")
    expect(page.locator("table.names tbody th")).to_have_text(["何秀珍", "罗小龙", "阿卜杜拉·买买提"])
    with stage.live.app.app_context():
        people = queries.list_people(group.id)
        assert [(person.name, person.extra) for person in people] == [
            ("何秀珍", {"phone": "13800138000"}),
            ("罗小龙", {"phone": "13800138001"}),
            ("阿卜杜拉·买买提", {}),
        ]


def test_huge_file_gets_an_answer(open_page: Opener, stage: Scene, group: SimpleNamespace, tmp_path: Path) -> None:
    page = open_page(size=DESKTOP, language="en")
    huge = tmp_path / "huge.xlsx"
    huge.write_bytes(b"\0" * 30 * 1024 * 1024)
    upload(page, stage, group.key, huge)
    expect(page.locator("#file-error")).to_contain_text("larger than 2 MB")


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_are_accessible_and_fit(
    open_page: Opener,
    stage: Scene,
    group: SimpleNamespace,
    messy: Path,
    language: str,
    scheme: str,
    size: dict[str, int],
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    problems = []

    def look(name: str) -> None:
        problems.extend(f"{name}: {problem}" for problem in faults(page))

    upload(page, stage, group.listed_key, messy)
    expect(page.locator("table.lines")).to_be_visible()
    look("check")
    page.locator("form#booking .actions button").click()
    expect(page.locator("#problems")).to_be_visible()
    look("refused")
    for name, path in (("list", f"/visits/{group.listed_key}/names"), ("visit", f"/visits/{group.listed_key}")):
        page.goto(stage.url(path))
        look(name)
    stage.hold_session(page)
    for path in (f"/bookings/{group.listed}/names", "/admin/names"):
        page.goto(stage.url(path))
        expect(page.locator("h1")).to_be_visible()
        look(path)
    assert not problems, "\n".join(problems)
