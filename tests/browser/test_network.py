"""A director over two halls: goal, forecast, ranking, map, months and files; a report by a link; and a delegation."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select, update

from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.delegations import service as delegations
from hallapp.desk import service as desk
from hallapp.desk.commands import AdmitWalkIn
from hallapp.reports.models import ReportLink, VisitorGoal
from hallapp.reports.network import service as network
from hallapp.schedule.models import Hall, Slot
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, PHONE, Scene

PEOPLE = {"stage": 15, "second": 925}


@pytest.fixture
def two_halls(stage: Scene) -> Iterator[Scene]:
    """The hall of the journeys and a second one of another address, both with people of today, and their director."""
    with stage.live.app.app_context(), transaction():
        own = db.session.get_one(Hall, stage.hall_id)
        second = factories.hall(
            slug="second", host="second.example", name_en="Second hall", name_zh="第二展馆", time_zone=own.time_zone
        )
        factories.programme(hall=second)
        factories.staff(hall=own, role=Role.DIRECTOR, name="director")
        network.grant(second.id, "director", by=factories.staff(hall=second, role=Role.ADMIN).id)
        for hall in (own, second):
            _admit(hall, PEOPLE[hall.slug])
        delegations.save_levels(own.id, "部级", asked=True, by=None)
    yield stage
    with stage.live.app.app_context(), transaction():
        delegations.save_levels(stage.hall_id, "", by=None)
        db.session.execute(delete(VisitorGoal).where(VisitorGoal.hall_id == stage.hall_id))


def _admit(hall: Hall, people: int) -> None:
    counts = {"440000": people - 5, "110000": 5}
    programme = hall.programmes[0]
    desk.admit_walk_in(
        AdmitWalkIn(
            **{"hall_id": hall.id, "staff_id": factories.staff(hall=hall).id, "event_id": str(uuid4())},
            **{"programme": programme.slug, "kind": "school", "counts": counts, "sure": people},
        )
    )


@pytest.mark.nightly
def test_director_sees_two_halls_a_stranger_one_report_and_the_gate_a_delegation(
    open_page: Opener, two_halls: Scene, tmp_path: Path
) -> None:
    stage, year = two_halls, two_halls.month[:4]
    manager = open_page(size=DESKTOP, language="en")
    stage.hold_session(manager)
    manager.goto(stage.url("/reports/goals"))
    manager.get_by_label("Year").fill(year)
    manager.get_by_label("People").fill("5000")
    manager.get_by_role("button", name="Save").click()
    expect(manager.locator("main")).to_contain_text("Saved.")

    director = open_page(size=DESKTOP, language="en")
    stage.hold_session(director, name="director")
    director.goto(stage.url(f"/reports/{year}"))
    goal = director.locator(".report-goal")
    expect(goal.locator("progress")).to_have_attribute("max", "5000")
    expect(goal).to_contain_text(re.compile("end of the year|forecast", re.I))
    director.get_by_role("link", name="All reports").click()
    director.get_by_role("link", name="All halls").click()
    first = director.locator("table", has=director.locator("#halls")).locator("tbody tr").first
    expect(first).to_contain_text("Second hall")
    expect(first).to_contain_text("925")
    expect(director.locator(".report-map svg").first).to_be_visible()
    expect(director.locator("table", has=director.locator("#months")).locator("tfoot")).to_contain_text(
        re.compile("9[0-9][0-9]|1,")
    )
    assert faults(director) == []
    for form, begins in (("PDF", b"%PDF-"), ("CSV", b"\xef\xbb\xbf")):
        with director.expect_download() as saved:
            director.locator(".report-files").get_by_role("button", name=form).click()
        assert Path(saved.value.path()).read_bytes().startswith(begins)

    manager.goto(stage.url(f"/reports/links?period={stage.month}"))
    manager.get_by_role("button", name="Make the link").click()
    link = manager.locator("#made-link").input_value()
    stranger = open_page(size=PHONE, language="zh")
    stranger.goto(stage.url(link[link.index("/shared/") :]))
    expect(stranger.locator("h1")).to_contain_text(f"{year}年")
    assert faults(stranger) == []
    with stage.live.app.app_context(), transaction():
        past = clock.now() - timedelta(minutes=1)
        db.session.execute(update(ReportLink).where(ReportLink.hall_id == stage.hall_id).values(expires_at=past))
    gone = stranger.reload()
    assert gone is not None and gone.status in (404, 410)

    with stage.live.app.app_context(), transaction():
        coming = select(Slot).where(Slot.hall_id == stage.hall_id, Slot.starts_at > clock.now() + timedelta(hours=1))
        slot = db.session.scalars(coming.order_by(Slot.starts_at)).first()
        assert slot is not None
        booking = factories.booking(slot=slot, organisation="代表团检验", origins={"110000": 12})
        key, reference, day = booking.key, booking.reference, slot.day
    stranger.goto(stage.url(f"/visits/{key}"))
    stranger.get_by_role("button", name="填写代表团信息").click()
    stranger.get_by_label("团长").fill("赵团长")
    stranger.get_by_label("车牌号").fill("京A·D12345\n司机李")
    stranger.get_by_label("大屏欢迎词").fill("热烈欢迎代表团")
    stranger.get_by_role("button", name="保存").click()
    expect(stranger.locator(".field-error")).to_be_visible()  # nobody is welcomed without agreeing
    assert faults(stranger) == []
    stranger.locator("[name=welcome_agreed]").check()
    stranger.get_by_role("button", name="保存").click()
    expect(stranger.locator("main")).to_contain_text("已保存")

    manager.goto(stage.url(f"/bookings/{reference}/delegation"))
    expect(manager.locator("main")).to_contain_text("Read them, tick the box below")
    manager.select_option("[name=level]", "部级")
    manager.locator("[name=welcome_agreed]").check()
    manager.get_by_role("button", name="Save the delegation").click()
    manager.goto(stage.url(f"/gate?day={day}"))
    row = manager.locator("tr", has_text="代表团检验")
    for words in ("部级", "赵团长", "京A·D12345", "司机李"):
        expect(row).to_contain_text(words)
    assert faults(manager) == []
