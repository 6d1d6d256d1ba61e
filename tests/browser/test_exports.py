"""Long exports and the report by mail, as a manager sees them: and the command that does what waits."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.jobs import files
from hallapp.jobs.models import Job, JobState
from hallapp.origins.china import DIVISIONS
from hallapp.reports.mailing import sending
from hallapp.reports.mailing.sending import AddRecipient
from hallapp.reports.models import ReportRecipient
from hallapp.schedule.models import Hall
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import DESKTOP, Scene
from tests.conftest import tried

LONG_ADDRESS = "office-of-exhibitions.and-visitor-services@department-of-publicity.lingnan.example.org"


@pytest.mark.parametrize("script", tried([True, False], 1), ids={True: "script", False: "no script"}.get)
def test_file_comes_by_itself_and_is_there_after_a_reload(open_page: Opener, stage: Scene, script: bool) -> None:
    page = _sign_in(open_page(size=DESKTOP, language="en", java_script_enabled=script), stage)
    page.locator("#form").select_option("csv")
    page.locator("#division").select_option(list(DIVISIONS)[3 + script])  # another file than that of the other run
    page.get_by_role("button", name="Create the file").click()
    newest = page.locator("[data-job]").first
    stage.do_jobs()
    if not script:  # with scripts nobody reloads
        page.reload()
    expect(newest.get_by_role("button", name="Download")).to_be_visible(timeout=60_000)
    page.reload()
    with page.expect_download() as download:
        newest.get_by_role("button", name="Download").click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file))[:3] == ["Day", "Year", "Month"]
    number = newest.get_attribute("data-job")
    newest.get_by_role("button", name="Delete").click()
    expect(page.locator(f'[data-job="{number}"]')).to_have_count(0)


@pytest.fixture
def rows(stage: Scene) -> Iterator[None]:
    """An export in each state, and a list of addresses; they would keep the hall's own exports waiting."""
    params = {"what": "data", "first": "2017-06-29", "last": "2026-11-25", "division": "440000", "kind": "party"}
    with stage.live.app.app_context(), transaction():
        for state in JobState:
            db.session.add(
                Job(
                    hall_id=stage.hall_id,
                    key=files.new_key(),
                    kind="report_export",
                    params={**params, "programme": None, "form": "xlsx", "language": "zh", "n": state.value},
                    state=state,
                    attempts=3,
                    done=345_678,
                    total=1_000_000,
                    file_bytes=34_200_000,
                    made_at=clock.now(),
                    heartbeat_at=clock.now(),
                    finished_at=None if state in (JobState.WAITING, JobState.RUNNING) else clock.now(),
                    error={"code": "x", "message": "There is nothing at this address.", "params": {}},
                )
            )
        hall = db.session.get_one(Hall, stage.hall_id)
        sending.set_day(hall.id, 5)
        sending.add_recipient(hall.id, AddRecipient(email=LONG_ADDRESS, language="zh", pdf=True, xlsx=True))
    yield
    with stage.live.app.app_context(), transaction():
        db.session.execute(delete(Job))
        db.session.execute(delete(ReportRecipient))


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_are_accessible_and_fit(
    open_page: Opener, stage: Scene, rows: None, language: str, scheme: str, size: dict[str, int]
) -> None:
    page = _sign_in(open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce"), stage)
    problems = faults(page)
    page.goto(stage.url("/reports/mailing"))
    problems += faults(page)
    page.fill("#email", "nobody")
    page.locator("form:has(#email) button").click()
    expect(page.locator("#email-error")).to_be_visible()
    problems += faults(page)
    assert not problems, "\n".join(problems)


def _sign_in(page: Page, stage: Scene) -> Page:
    stage.hold_session(page)
    page.goto(stage.url("/reports/exports"))
    expect(page.locator("#exports")).to_be_visible()
    return page
