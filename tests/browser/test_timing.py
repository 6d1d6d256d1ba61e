"""A group outside the hall's time at a desk without a network: it is said, takes one more touch, and counts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.ledger.models import DeskEvent
from hallapp.schedule.models import Hall
from hallapp.schedule.policy import DoorRule
from tests.browser.conftest import Opener
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_offline import cut, open_desk, stored


def _rule(stage: Scene, early: int | None, rule: DoorRule) -> None:
    with stage.live.app.app_context(), transaction():
        hall = db.session.get_one(Hall, stage.hall_id)
        hall.early_minutes, hall.door_rule = early, rule


@pytest.fixture
def early(stage: Scene) -> Iterator[Booking]:
    """A group that comes some fifty minutes early to a hall that lets in half an hour before."""
    booking = stage.book("早到检验组", {"440000": 20})
    with stage.live.app.app_context(), transaction():
        slot = db.session.get_one(Booking, booking.id).slot
        slot.starts_at, slot.ends_at = (at + timedelta(minutes=50) for at in (slot.starts_at, slot.ends_at))
    _rule(stage, 30, DoorRule.MANAGER)
    yield booking
    _rule(stage, None, DoorRule.WARN)


def test_early_group_without_a_network_takes_one_more_touch(open_page: Opener, stage: Scene, early: Booking) -> None:
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, stage)
    cut(page.context, page)
    page.locator("#q").focus()
    page.keyboard.type(stage.code(early))
    page.keyboard.press("Enter")
    answer = page.locator("#answer")
    expect(answer).to_have_attribute("data-outcome", "repeated")
    expect(answer).to_contain_text("cannot be asked offline")
    expect(page.locator("#card .state.warn")).to_contain_text("early: ")
    page.locator("#card button.admit").click()
    expect(answer).to_have_attribute("data-outcome", "repeated")  # the browser asks for the tick first
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(answer).to_have_attribute("data-outcome", "admitted")
    page.context.set_offline(False)
    stored(page)
    with stage.live.app.app_context():
        event = db.session.scalars(select(DeskEvent).where(DeskEvent.booking_id == early.id)).one()
        assert (event.override, event.reason) == ("too_early", None)
        assert sum(row.visitors for row in event.arrivals) == 20
