"""The scene of the settings: a hall that is open every day, and its manager's browser."""

from datetime import time
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.schedule import queries, service
from hallapp.schedule.models import Hall, Slot
from hallapp.schedule.service import SetTemplate
from tests import factories, markup, scenes
from tests.booking.helpers import page

EVERY_DAY = tuple((weekday, time(10), 100, 3) for weekday in range(7))


@pytest.fixture
def house(app: Flask) -> SimpleNamespace:
    """A hall whose only programme is open every day at 10, and its manager's browser."""
    made = scenes.stored(_make)
    client = app.test_client()
    client.sign_in(made["manager"])
    return SimpleNamespace(app=app, client=client, **made)


def _make() -> scenes.Rows:
    hall = factories.hall(days_ahead=20, directions_zh="地铁二号线", closed_weekdays="0")
    programme = factories.programme(hall=hall, slug="tour", group_min=None, group_max=None)
    manager = factories.staff(hall=hall, role=Role.MANAGER)
    set_week(hall, "tour")
    service.extend_slots(hall)
    return {"hall": hall, "programme": programme, "manager": manager}


@pytest.fixture
def stranger(house: SimpleNamespace) -> SimpleNamespace:
    """Another hall with a programme and a week of its own."""
    with transaction():
        hall = factories.hall()
        factories.programme(hall=hall, slug="theirs")
        set_week(hall, "theirs")
    return SimpleNamespace(hall=hall, template=queries.list_templates(hall.id)[0].id)


def set_week(hall: Hall, programme: str | None, lines: Any = EVERY_DAY) -> None:
    command = SetTemplate(hall_id=hall.id, by=None, programme=programme, valid_from=hall.today(), lines=lines)
    service.set_template(command)


def form_of(response: TestResponse, **changes: Any) -> MultiDict[str, str]:
    """What a browser would send of the page's first form; a None as change leaves the field out."""
    root = markup.tree(response.get_data(as_text=True))
    form = next(one for one in root.iter("form") if one.get("method") == "post" and not one.get("action"))
    sent: MultiDict[str, str] = MultiDict()
    for element in form.iter():
        name, kind = element.get("name"), element.get("type")
        if not name or element.tag == "button" or (kind in ("radio", "checkbox") and element.get("checked") is None):
            continue
        if element.tag == "select":
            chosen = [one for one in element.iter("option") if one.get("selected") is not None]
            sent.add(name, (chosen or list(element.iter("option")))[0].get("value") or "")
        else:
            sent.add(
                name,
                (element.text or "").removeprefix("\n") if element.tag == "textarea" else element.get("value") or "",
            )
    for name, value in changes.items():
        sent.poplist(name)
        if value is not None:
            sent.setlist(name, value if isinstance(value, list) else [str(value)])
    return sent


def save(house: SimpleNamespace, path: str, **changes: Any) -> TestResponse:
    """Open a page, change some fields and send it."""
    return house.client.post(path, data=form_of(house.client.get(path), **changes))


def refused(response: TestResponse, field: str, message: str, status: int = 422) -> None:
    """The page again, with a message beside a field."""
    text = page(response)
    assert response.status_code == status
    assert f'id="{field}-error"' in text, field
    assert message in text.split(f'id="{field}-error"')[1].split("</p>")[0]


def slots(house: SimpleNamespace, *, is_open: bool = True) -> list[Slot]:
    query = select(Slot).where(Slot.hall_id == house.hall.id, Slot.open == is_open).order_by(Slot.starts_at)
    return list(db.session.scalars(query))


def last_entry(action: str) -> AuditEntry:
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc()))
    assert entry
    return entry


def hall_of(house: SimpleNamespace) -> Hall:
    return db.session.get_one(Hall, house.hall.id, populate_existing=True)
