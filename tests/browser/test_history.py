"""Figures from before, as a manager brings them in: a long file in the background, and every page of its way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hallapp.core.database import db, transaction
from hallapp.history import queries, service, work
from hallapp.history.columns import Columns, guess
from hallapp.history.models import HistoryDraft
from hallapp.history.web import routes
from hallapp.schedule.models import Hall
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_pages import LONG_NAME
from tests.conftest import tried
from tests.history.conftest import HEADING, csv_file, take_in

ROWS = [
    ["2019年3月5日", "广东", 33, "", LONG_NAME, "学校", ""],
    ["2019-04", "湖南", "1,200", "", "", "", ""],
    ["2019年4月8日", "朝阳", 18, "", "某公司", LONG_NAME, "夜场"],
    ["2019-02-30", LONG_NAME, 33, "", "", "", ""],
    ["2019-06-01", LONG_NAME, -40, "", "", "", ""],
    ["合计", "", "1260", "", "", "", ""],
]


def _sign_in(page: Page, stage: Scene) -> Page:
    stage.hold_session(page)
    page.goto(stage.url("/reports/history"))
    expect(page.locator("#file")).to_be_visible()
    return page


@pytest.mark.parametrize("script", tried([True, False], 1), ids={True: "script", False: "no script"}.get)
def test_a_long_file_is_imported_and_taken_back(
    open_page: Opener, stage: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: bool
) -> None:
    monkeypatch.setattr(routes, "BYTES_AT_ONCE", 2_000)
    monkeypatch.setattr(routes, "ROWS_AT_ONCE", 50)
    rows = [["2018-03-05", "广东省广州市", 2, "", f"单位{number}", "学校", ""] for number in range(100)]
    rows.append(["2018-03-06", f"某地 {script}", 5, "", "", "", ""])
    long = csv_file(*rows, heading=[*HEADING, f"remark {script}"])  # the hall remembers other headings' columns
    path = tmp_path / f"long {script}.csv"
    path.write_bytes(long)
    page = _sign_in(open_page(size=DESKTOP, language="en", java_script_enabled=script), stage)

    def wait_for(text: str) -> None:
        """Let the command do what the worker does elsewhere; with scripts the page shows its end by itself."""
        progress = page.get_by_role("progressbar")
        expect(page.get_by_text(text).or_(progress).first).to_be_visible()
        if progress.count():
            stage.do_jobs()
        for _turn in range(0 if script else 120):
            if page.get_by_text(text).count():
                break
            page.wait_for_timeout(500)
            page.reload()
        expect(page.get_by_text(text).first).to_be_visible(timeout=60_000)

    page.set_input_files("#file", path)
    page.get_by_role("button", name="Read the file").click()
    wait_for("Which column holds what?")
    page.get_by_role("button", name="Read the rows").click()
    wait_for("101 rows would count: 205 people in 101 groups, March 2018.")
    page.get_by_label("某地").select_option("440000")
    page.get_by_role("button", name="Confirm these names").click()
    expect(page.get_by_text("What do these names mean?")).to_have_count(0)
    page.get_by_role("button", name="Count 205 people").click()
    wait_for("All rows are now counted in every report.")

    page.goto(stage.url("/reports/2018-03"))
    expect(page.locator(".report-figures")).to_contain_text("205")
    page.goto(stage.url("/reports/history"))
    page.get_by_role("link", name=f"long {script}").click()
    page.get_by_text("Take this import back", exact=True).click()
    page.get_by_label("Yes, take this import back whole").check()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back").first).to_be_visible()
    page.goto(stage.url("/reports/2018-03"))
    expect(page.locator("main")).not_to_contain_text("205")


@pytest.fixture(scope="module")
def addresses(stage: Scene) -> Iterator[dict[str, str]]:
    """A file whose columns are asked for, one read row by row, one that cannot be read, and an import."""
    app = stage.live.app
    with app.app_context():
        hall = db.session.get_one(Hall, stage.hall_id)

        def read(draft: HistoryDraft) -> int:
            columns = Columns(places=guess(draft.headings), programme_id=stage.programme_id)
            with transaction():
                service.confirm_columns(queries.get_draft(hall.id, draft.id, lock=True), columns)
            work.read(hall.id, draft.id)
            return draft.id

        asked = take_in(
            app, hall, csv_file(*ROWS, heading=["何时来的", "来源地", LONG_NAME, "a", "b", "c", "d"]), "a.csv"
        ).id
        refused = take_in(app, hall, b"%PDF-1.4", f"{LONG_NAME}.pdf").id
        shown = read(take_in(app, hall, csv_file(*ROWS), f"{LONG_NAME}.csv"))
        counted = read(take_in(app, hall, csv_file(ROWS[0], ROWS[1]), "b.csv"))
        made = work.count(service.Count(hall_id=hall.id, draft_id=counted, staff_id=None, name=LONG_NAME))
    drafts = {"columns": asked, "refused": refused, "dry run": shown}
    yield {name: f"/reports/history/{number}" for name, number in drafts.items()} | {
        "wrong rows": f"/reports/history/{shown}?show=wrong",
        "imports": "/reports/history",
        "import": f"/reports/history/imports/{made}",
    }
    with app.app_context(), transaction():
        service.withdraw(stage.hall_id, made, staff_id=None)
        for number in drafts.values():
            service.remove(queries.get_draft(stage.hall_id, number, lock=True))


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_are_accessible_and_fit(
    open_page: Opener, stage: Scene, addresses: dict[str, str], language: str, scheme: str, size: dict[str, int]
) -> None:
    page = _sign_in(open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce"), stage)
    problems = []
    for name, path in addresses.items():
        page.goto(stage.url(path))
        expect(page.locator("h1")).to_be_visible()
        problems += [f"{name}: {problem}" for problem in faults(page)]
    assert not problems, "\n".join(problems)
