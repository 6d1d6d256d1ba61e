"""The month close as a manager sees it: from a number to its rows, to the entry, and back with a correction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.desk import service as desk
from hallapp.desk.merging import Offline
from hallapp.periods import Period
from hallapp.reports.closing import month_close
from hallapp.schedule.models import Hall
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_pages import LONG_NAME

ADMIN = "closing-admin"


@dataclass(frozen=True, slots=True)
class Closed:
    """A month that was closed, corrected, reopened and closed again; and the one before, which is open."""

    month: Period
    open: Period
    now: Period
    digest: str
    entry: str


@pytest.fixture(scope="module")
def closed(stage: Scene) -> Closed:
    """The last month of the scene's hall."""
    with stage.live.app.app_context():
        with transaction():
            hall = db.session.get_one(Hall, stage.hall_id)
            admin = factories.staff(hall=hall, role=Role.ADMIN, name=ADMIN)
            end = hall.today().replace(day=1)
            ended = clock.at(end, clock.MIDNIGHT, hall.time_zone) - timedelta(hours=1)
            entries = [_admit(hall, admin.id, ended, people) for people in (12, 7, 5)]
        month = Period.month((end - timedelta(days=1)).year, (end - timedelta(days=1)).month)
        for act in ("close", "correct", "reopen", "close"):
            with transaction():
                if act == "close":
                    made = month_close.close(stage.hall_id, month, staff_id=admin.id)
                elif act == "reopen":
                    month_close.reopen(stage.hall_id, month, reason="演练时登记了两次", staff_id=admin.id)
                else:
                    _take_back(stage, admin.id, entries[0])
        with transaction():
            _take_back(stage, admin.id, entries[1])
        return Closed(month, month.previous(), Period.month(end.year, end.month), made.digest, entries[2])


def _admit(hall: Hall, staff_id: int, at: datetime, people: int) -> str:
    event_id = str(uuid4())
    desk.admit_walk_in(
        desk.AdmitWalkIn(
            hall_id=hall.id,
            staff_id=staff_id,
            event_id=event_id,
            occurred_at=at,
            device="东门平板电脑",
            offline=Offline(snapshot_at=at),
            kind="school",
            organisation=LONG_NAME,
            counts={"440000": people, "810000": 1},
        )
    )
    return event_id


def _take_back(stage: Scene, staff_id: int, event_id: str) -> None:
    reason = "同一个团队在东门和西门各登记了一次，以西门为准"
    desk.take_back(desk.TakeBack(hall_id=stage.hall_id, staff_id=staff_id, event_id=event_id, reason=reason))


def _sign_in(page: Page, stage: Scene) -> Page:
    stage.hold_session(page, name=ADMIN)
    page.goto(stage.url("/reports"))
    expect(page.locator("#months")).to_be_visible()
    return page


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_of_a_close_are_accessible_and_fit(
    open_page: Opener, stage: Scene, closed: Closed, language: str, scheme: str, size: dict[str, int]
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    _sign_in(page, stage)
    month = f"/reports/{closed.month}"
    problems = []
    for path in (
        f"/reports/{closed.open}/close",
        "/reports/close",
        f"/reports/{closed.now}",  # with the adjustments that were made in it
        *(
            f"{month}{rest}"
            for rest in ("", "/reopen", "/versions", "/versions/1", "/arrivals", "/arrivals?kind=school")
        ),
        f"/reports/{closed.month.first.year}/arrivals?division=440000",
        f"/reports/entries/{closed.entry}",
        f"/reports/verify?digest={closed.digest[:10]}",
        "/reports/verify?digest=x",
        "/reports/verify",
        f"/verify/{closed.digest[:16]}",
    ):
        page.goto(stage.url(path))
        expect(page.locator("h1")).to_be_visible()
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        problems += [f"{path}: {problem}" for problem in faults(page)]
    assert not problems, "\n".join(problems)


@pytest.mark.nightly
def test_number_leads_to_an_entry_that_is_taken_back(open_page: Opener, stage: Scene, closed: Closed) -> None:
    page = _sign_in(open_page(size=DESKTOP, language="en"), stage)
    page.goto(stage.url(f"/reports/{closed.month}"))
    expect(page.locator("#closed")).to_contain_text("Adjustments since")
    page.locator(".report-figures a").first.click()
    expect(page.locator(".report-check")).to_contain_text("Filed")
    page.goto(stage.url(f"/reports/entries/{closed.entry}"))
    page.get_by_text("Take this admission back").click()
    page.get_by_label("Reason").fill("Counted at two doors")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("main")).to_contain_text("Counted at two doors")
    page.goto(stage.url(f"/reports/{closed.month}"))
    expect(page.locator("#closed")).to_contain_text("Counted at two doors")
    page.get_by_role("link", name="Verify these figures").click()
    expect(page.locator(".state.good")).to_contain_text("Consistent")
