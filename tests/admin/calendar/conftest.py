"""The scene of the calendar: 1 December at noon."""

import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.core.database import db
from hallapp.schedule.models import CalendarDay, Slot
from tests.admin.calendar_hall import SATURDAY, Stage, prepare
from tests.booking.helpers import page
from tests.client import sign_in_as

DAY = f"/days/{SATURDAY}"
RULES = {"opening": "rules", "kind": ""}
EXTRA = {"starts": "19:00", "visitor_capacity": "40", "guide_capacity": "2"}
DAY_FIELDS = (
    *("opening", "reason_zh", "reason_en", "like_weekday", "inside_capacity", "guides_on_duty"),
    *("kind", "name_zh", "name_en"),
)
SPAN_FIELDS = ("first", "last", "span")
NASTY = ("\0", "\ud800", "𠮷" * 300, "{{ 7 * 7 }} %(name)s", "²", "-1", "2147483648", "9" * 5000, "2026-02-30")
#: What is neither a number nor a day nor a time.
ODD = ("-1", "½", "1.5", "9" * 5000, "\0", "１００００００", "a", "长" * 3000)


@pytest.fixture(autouse=True)
def _first_of_december(first_of_december: object) -> None:
    """All tests of this folder are on that day."""


@pytest.fixture
def stage(client: FlaskClient) -> Stage:
    return prepare(client)


def special(stage: Stage, day: date = SATURDAY) -> CalendarDay | None:
    return db.session.get(CalendarDay, (stage.hall.id, day), populate_existing=True)


def see(stage: Stage, path: str = "/2026-12") -> str:
    answer = stage.client.get(f"/admin/calendar{path}")
    assert answer.status_code == 200
    return page(answer)


def cell(shown: str, day: date) -> str:
    """The words of a day in the month."""
    found = re.search(rf'<a class="cal-day" href="/admin/calendar/days/{day}".*?</a>', shown)
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group()))


def count_slots(stage: Stage) -> int:
    return db.session.scalar(select(func.count()).where(Slot.hall_id == stage.hall.id)) or 0


def send(stage: Stage, client: FlaskClient | None, path: str, data: dict[str, Any]) -> Any:
    """Send a form; by a client that does not look at the page where a NUL makes it none."""
    if client is None:
        return stage.submit(path, **data)
    app = stage.client.application
    sign_in_as(client, stage.manager)
    with app.app_context():
        shown = client.get("/account").get_data(as_text=True)
    found = re.search(r'name="csrf-token" content="([^"]+)"', shown)
    assert found
    with app.app_context():
        return client.post(f"/admin/calendar{path}", data={"csrf_token": found.group(1), **data})
