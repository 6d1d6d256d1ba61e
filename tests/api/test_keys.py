"""Keys of the API: shown once, stored as digests, with scopes, an end, and a rotation."""

import re
from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts import service as accounts
from hallapp.accounts.models import AuditEntry, Staff
from hallapp.accounts.roles import Permission, Role
from hallapp.api.models import ApiKey
from hallapp.core import clock
from hallapp.core.database import db, transaction
from tests import factories
from tests.api.table import Program

_KEY = re.compile(r'value="(hall_[0-9a-f]{16}_[A-Za-z0-9_-]{43})"')


def administrator() -> Staff:
    with transaction():
        return factories.staff(hall=factories.hall(), role=Role.ADMIN)


def shown(page: str) -> str:
    [key] = _KEY.findall(page)
    return str(key)


def make(client: FlaskClient, **values: object) -> str:
    client.get("/admin/api-keys")
    answer = client.submit("/admin/api-keys", {"name": "官网", "scopes": ["reports.read"], **values})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return shown(answer.text)


def works(app: Flask, key: str) -> bool:
    return Program(app, key).get("/halls").status_code == 200


def test_key_is_shown_once_and_stored_as_a_digest(app: Flask, client: FlaskClient, caplog) -> None:  # type: ignore[no-untyped-def]
    client.sign_in(administrator())
    key = make(client)
    assert Program(app, key).get("/reports/2026-10").status_code == 200
    assert Program(app, key).get("/bookings").status_code == 403
    own = Program(app, key).get("/key").json
    assert (own["name"], own["scopes"], own["expires_at"]) == ("官网", ["reports.read"], None)
    secret = key.rpartition("_")[2] if key.count("_") == 2 else key.split("_", 2)[2]
    page = client.get("/admin/api-keys").text
    assert secret not in page
    assert "官网" in page
    row = db.session.scalars(select(ApiKey)).one()
    assert all(secret not in str(getattr(row, column.key)) for column in ApiKey.__table__.columns)
    assert row.last_used_at is not None
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action.like("api_key%")).order_by(AuditEntry.id)
    ).all()
    assert [(one.action, one.detail["name"]) for one in entries] == [("api_key_made", "官网")]
    assert secret not in caplog.text
    assert "官网" in client.get("/admin/audit").text


def test_previous_key_is_valid_for_the_chosen_while_after_a_rotation(app: Flask, client: FlaskClient) -> None:
    client.sign_in(administrator())
    first = make(client)
    client.get("/admin/api-keys/1")
    second = shown(client.submit("/admin/api-keys/1/rotate", {"old_for": "24"}).text)
    assert works(app, first)
    assert works(app, second)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert not works(app, first)
        assert works(app, second)
    third = shown(client.submit("/admin/api-keys/1/rotate", {"old_for": "0"}).text)
    assert [works(app, key) for key in (first, second, third)] == [False, False, True]
    client.submit("/admin/api-keys/1/revoke")
    assert not works(app, third)
    assert client.get("/admin/api-keys/1").status_code == 404


def test_key_ends_with_its_last_day_in_the_time_of_the_hall(app: Flask, client: FlaskClient) -> None:
    client.sign_in(administrator())
    today = clock.today("Asia/Shanghai")
    client.get("/admin/api-keys")
    past = client.submit("/admin/api-keys", {"name": "x", "expires_on": str(today - timedelta(days=1))})
    assert past.status_code == 422
    key = make(client, expires_on=str(today))
    assert works(app, key)
    midnight = clock.at(today + timedelta(days=1), clock.MIDNIGHT, "Asia/Shanghai")
    with time_machine.travel(midnight - timedelta(seconds=2)):
        assert works(app, key)
    with time_machine.travel(midnight + timedelta(seconds=1)):
        assert not works(app, key)


def test_key_asks_no_more_than_its_limit(app: Flask, client: FlaskClient, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    client.sign_in(administrator())
    one, other = make(client), make(client, name="other")
    monkeypatch.setattr("hallapp.api.web.access.REQUESTS_A_MINUTE", 3)
    with time_machine.travel(clock.now().replace(second=1), tick=False):
        answers = [Program(app, one).get("/halls") for _number in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].json["code"] == "too_many_requests"
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
        left = int(answers[-1].headers["Retry-After"])
        assert [answer.headers["RateLimit"] for answer in answers] == [
            f'"key";r={uses};t={left}' for uses in (2, 1, 0, 0)
        ]
        assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"key";q=3;w=60'}
        assert works(app, other)


def test_only_administrators_have_the_permission() -> None:
    assert [role for role in Role if role.may(Permission.KEYS_MANAGE)] == [Role.ADMIN]


def test_the_privacy_notice_tells_of_keys_that_open_contacts(client: FlaskClient) -> None:
    client.sign_in(administrator())

    def tells() -> bool:
        return "展馆接入的其他系统" in client.get("/privacy?lang=zh").text

    make(client)
    assert not tells(), "figures name nobody"
    make(client, name="门禁", scopes=["desk.admit"])
    assert tells()
    client.get("/admin/api-keys/2")
    client.submit("/admin/api-keys/2/revoke")
    assert not tells()


def test_the_page_says_that_the_account_of_a_keys_maker_is_deactivated(client: FlaskClient) -> None:
    with transaction():
        hall = factories.hall()
        maker, successor = (factories.staff(hall=hall, role=Role.ADMIN) for _number in range(2))
    client.sign_in(maker)
    make(client)
    pages = "/admin/api-keys", f"/admin/api-keys/{db.session.scalars(select(ApiKey.number)).one()}"
    client.sign_in(successor)
    before = [client.get(page).text for page in pages]
    assert all(f"创建人：{maker.name}" in page and "账号已停用" not in page for page in before)
    with transaction():
        accounts.close(db.session.get_one(Staff, maker.id), by=successor.id)
    assert all("账号已停用" in client.get(page).text for page in pages)
