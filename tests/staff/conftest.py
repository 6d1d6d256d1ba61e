"""The scene of the staff's pages: a hall with two administrators and a person at the desk."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from tests import factories

PERSON = ("deactivate", "reactivate", "sign-out", "reset", "revoke-link", "two-step", "two-step-off", "role")
DATA = {"role": "manager", "required": "on", "email": ""}


@pytest.fixture
def office(app: Flask) -> Iterator[SimpleNamespace]:
    """A hall with an administrator, whose browser it is, another one, and a person at the desk."""
    with transaction():
        hall = factories.hall(host="lingnan.example.org")
        admin = factories.staff(hall=hall, role=Role.ADMIN, name="boss")
        second = factories.staff(hall=hall, role=Role.ADMIN, name="second")
        desk = factories.staff(hall=hall, name="lina")
    client = app.test_client()
    client.sign_in(admin)
    client.get("/admin/staff")
    yield SimpleNamespace(app=app, client=client, hall=hall, admin=admin, second=second, desk=desk)


def browser_of(office: SimpleNamespace, staff: Staff) -> FlaskClient:
    client = office.app.test_client()
    client.sign_in(fresh(staff))
    client.get("/account")
    return client


def fresh(staff: Staff) -> Staff:
    db.session.rollback()
    return db.session.get_one(Staff, staff.id, populate_existing=True)


def post(office: SimpleNamespace, staff: Staff, verb: str, **data: str) -> Any:
    return office.client.submit(f"/admin/staff/{staff.id}/{verb}", data)


def link_on(page: str) -> str:
    found = re.search(r'id="link">https?://[^/]+(/invitations/[0-9A-Za-z_-]+)<', page)
    assert found
    return found.group(1)
