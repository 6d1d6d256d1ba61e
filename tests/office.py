"""What tests of the staff's pages begin with: a hall at work, its people, slots of a coming day, and their browsers.

A file that needs another office has a fixture of the same name.
"""

from collections.abc import Iterator
from datetime import date, time
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from hallapp.accounts.roles import Role
from hallapp.booking import bigrams
from hallapp.booking.models import AGREED, Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.passes import service as passes
from hallapp.schedule.models import Slot
from tests import factories
from tests.client import CheckingClient

ZONE = "Asia/Shanghai"
DAY = date(2026, 12, 5)
NOON = clock.at(date(2026, 12, 1), time(12), ZONE)


def make_office(**hall: Any) -> SimpleNamespace:
    """A hall with a programme, two slots on a coming day, a desk and a manager, in a transaction of its own."""
    with transaction():
        row = factories.hall(**hall)
        programme = factories.programme(hall=row)
        return SimpleNamespace(
            hall=row,
            programme=programme,
            morning=factories.slot(programme=programme, day=DAY, guide_capacity=9),
            afternoon=factories.slot(programme=programme, day=DAY, starts=time(14), visitor_capacity=30),
            desk=factories.staff(hall=row, password_hash="none: these tests need no password"),
            manager=factories.staff(hall=row, role=Role.MANAGER, password_hash="none"),
        )


def book(slot: Slot, organisation: str = "广州市第三中学", **values: Any) -> Booking:
    """A booking, with its pass where there is one, in a transaction of its own."""
    with transaction():
        key = bigrams.organisation_key(organisation)
        row = factories.booking(slot=slot, organisation=organisation, organisation_key=key, **values)
        if row.state in AGREED:
            passes.issue(row)
    return row


def signed_in(app: Flask, staff: Any) -> CheckingClient:
    """The browser of a member of staff, with a page's token."""
    client: CheckingClient = app.test_client()  # type: ignore[assignment]
    client.sign_in(staff)
    return client


def plain_browser(client: CheckingClient) -> FlaskClient:
    """The same session in a browser that looks at no page: a text of anything makes pages of anything."""
    browser = FlaskClient(client.application)
    with client.session_transaction() as signed, browser.session_transaction() as session:
        session.update(signed)
    return browser


def again(row: Any) -> Any:
    """A row as the database has it now."""
    db.session.rollback()
    return db.session.get_one(type(row), row.id, populate_existing=True)


@pytest.fixture
def first_of_december() -> Iterator[time_machine.Traveller]:
    """It is noon of 1 December 2026 in Guangzhou, and stays so until a test moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(app: Flask, first_of_december: time_machine.Traveller) -> SimpleNamespace:
    """A hall at work, whose clock stands still at noon."""
    return make_office()


@pytest.fixture
def desk(app: Flask, office: SimpleNamespace) -> CheckingClient:
    """The browser of somebody at the desk."""
    return signed_in(app, office.desk)


@pytest.fixture
def manager(app: Flask, office: SimpleNamespace) -> CheckingClient:
    """The browser of a manager."""
    return signed_in(app, office.manager)
