"""Whatever is sent to the pages of accounts, of the staff and of the trail: a page or a refusal, never an error."""

from types import SimpleNamespace
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hallapp.accounts import joining, passwords, service
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from tests import factories
from tests.accounts.helpers import enrol
from tests.client import sign_in_as
from tests.conftest import pairs
from tests.test_bad_input import TEXTS, check, encoded, stranger, token_of


@pytest.fixture
def door(app: Flask, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An administrator's browser, a person at the desk, somebody's link, and a browser that owes a code."""
    monkeypatch.setitem(app.config, "RATE_LIMITS", False)
    with transaction():
        hall = factories.hall()
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        factories.staff(hall=hall, role=Role.ADMIN)
        desk, coded = factories.staff(hall=hall), factories.staff(hall=hall)
        link = joining.invite(joining.Invite(hall_id=hall.id, by=None, name="newcomer", role=Role.DESK)).token
    enrol(coded)
    client = FlaskClient(app)
    sign_in_as(client, admin)
    half, token = stranger(app)
    form = {"csrf_token": token, "name": coded.name, "password": factories.PASSWORD}
    assert check(half, "/sign-in", **encoded(form)) == 303
    monkeypatch.setattr(passwords, "matches", lambda *_: False)
    monkeypatch.setattr(passwords, "digest", lambda *_: "none")
    return SimpleNamespace(app=app, client=client, token=token_of(client), admin=admin, desk=desk, link=link, half=half)


def test_forms_answer_any_input_without_an_error(door: SimpleNamespace) -> None:
    person = f"/admin/staff/{door.desk.id}"
    fields = {
        "/account": ("name",),
        "/account/password": ("old", "password", "again"),
        "/account/two-step": ("code",),
        "/admin/staff/invite": ("name", "role", "email"),
        "/admin/staff/two-step": ("two_step",),
        f"{person}/role": ("role",),
        f"{person}/reset": ("email",),
        f"{person}/two-step": ("required",),
    }
    good = {"name": "x" * 65, "old": "a" * 12, "password": "b" * 12, "again": "b" * 12, "code": "1", "role": "desk"}
    for path, names in fields.items():
        for text, name in pairs(TEXTS, names):
            check(door.client, path, **encoded({"csrf_token": door.token, **good, name: text}))


def test_any_code_or_link_gets_no_server_error(door: SimpleNamespace) -> None:
    half, token = door.half, token_of(door.half)
    outside, outside_token = stranger(door.app)
    for text in TEXTS:
        assert check(half, "/sign-in/code", **encoded({"csrf_token": token, "code": text})) == 422
        form = {"csrf_token": outside_token, "password": text, "again": text}
        status = check(outside, f"/invitations/{door.link}", **encoded(form))
        assert status in (303, 413, 422)
        if status == 303:  # it is a password: give the link anew
            with transaction():
                door.link = joining.reset(service.get_staff_by_name("newcomer"), by=None).token
            outside, outside_token = stranger(door.app)


def test_any_address_gets_no_server_error(door: SimpleNamespace) -> None:
    paths = ("/invitations/", "/admin/staff/", "/account?saved=", "/admin/staff?saved=")
    filters = (f"/admin/audit?{name}=" for name in ("who", "action", "from", "to", "subject", "before", "after"))
    for text, path in pairs(TEXTS, (*paths, *filters)):
        check(door.client, path + quote(text[:2000].encode("utf-8", "surrogatepass"), safe=""), method="GET")


def test_any_session_cookie_gets_no_server_error(door: SimpleNamespace) -> None:
    for name, value in (("two_step_offered", "x"), ("two_step_offered", "é"), ("sign_in_name", "x" * 300)):
        with door.client.session_transaction() as session:
            session[name] = value
        assert check(door.client, "/account/two-step", method="GET") == 200
    assert db.session.get_one(Staff, door.admin.id).active
