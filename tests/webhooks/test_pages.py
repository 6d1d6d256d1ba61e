"""The administrators' pages of webhooks."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry, Staff
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.webhooks import sender
from hallapp.webhooks.models import Webhook, WebhookDelivery
from tests import factories
from tests.conftest import SECRET
from tests.webhooks.receiver import other_system

_SECRET = re.compile(r'value="(whsec_[A-Za-z0-9+/=]{44})"')
VALUES = {"name": "门禁", "url": "https://gate.example/in?token=t0ps3cret", "contact": "it@hall.example", "active": "y"}


@pytest.fixture
def administrator(client: FlaskClient, app: Flask) -> FlaskClient:
    client.sign_in(_another())
    return client


def _another() -> Staff:
    with transaction():
        return factories.staff(hall=factories.hall(), role=Role.ADMIN)


def add(client: FlaskClient, **values: Any) -> Any:
    client.get("/admin/webhooks")
    return client.submit("/admin/webhooks", {**VALUES, "kinds": ["booking.placed"], **values})


def test_secret_is_shown_once_and_again_a_new_one_after_renewing(
    administrator: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = add(administrator)
    assert answer.headers["Cache-Control"] == "no-store"
    [secret] = _SECRET.findall(answer.text)
    listed, page = (administrator.get(path).text for path in ("/admin/webhooks", "/admin/webhooks/1"))
    assert secret not in listed + page
    assert "t0ps3cret" not in listed, "an address can hold a key"
    renewed = administrator.submit("/admin/webhooks/1/rotate", {})
    assert _SECRET.findall(renewed.text) not in ([], [secret])
    row = db.session.scalars(select(Webhook)).one()
    trail = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action.like("webhook%")).order_by(AuditEntry.id)
    ).all()
    assert [one.action for one in trail] == ["webhook_saved", "webhook_secret_renewed"]
    written = "".join(str(vars(one)) for one in [row, *trail])
    assert secret not in written + caplog.text
    assert "t0ps3cret" not in "".join(str(one.detail) for one in trail) + caplog.text
    assert "事件推送" in administrator.get("/admin/audit").text


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"url": "http://gate.example/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://u:p@gate.example/"}, "url"),
        ({"contact": "nobody"}, "contact"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["webhook.test"]}, "kinds"),
    ],
)
def test_values_that_are_refused_stay_in_the_form(
    administrator: FlaskClient, values: dict[str, Any], word: str
) -> None:
    answer = add(administrator, **values)
    assert answer.status_code == 422
    assert f'id="{word}-error"' in answer.text
    assert VALUES["name"] in answer.text or word == "name"
    assert db.session.scalars(select(Webhook)).all() == []


def test_a_second_one_of_the_same_name_is_refused(administrator: FlaskClient) -> None:
    add(administrator)
    again = add(administrator)
    assert again.status_code == 422 and 'id="name-error"' in again.text


def test_test_event_log_and_sending_again(administrator: FlaskClient) -> None:
    add(administrator)
    with other_system() as system:
        system.answers = [500]
        with transaction():
            db.session.scalars(select(Webhook)).one().url = system.url
        page = administrator.submit("/admin/webhooks/1/test", {}, follow_redirects=True)
        assert "webhook.test" in page.text
        assert sender.run((SECRET,), private=True) == 1
        event = db.session.scalars(select(WebhookDelivery)).one().event_id
        path = f"/admin/webhooks/1/events/{event}"
        shown = administrator.get(path).text
        assert "HTTP 500" in shown and "&lt;p&gt;thanks&lt;/p&gt;" in shown
        administrator.submit(f"{path}/send-again", {})
        assert sender.run((SECRET,), private=True) == 1
        assert "HTTP 204" in administrator.get(path).text
    off = {**VALUES, "kinds": ["booking.placed"]}
    off.pop("active")
    administrator.submit("/admin/webhooks/1", off)
    assert administrator.submit(f"{path}/send-again", {}).status_code == 409
    administrator.submit("/admin/webhooks/1/remove", {})
    assert administrator.get("/admin/webhooks/1").status_code == 404


def test_other_halls_see_nothing(administrator: FlaskClient, app: Flask) -> None:
    add(administrator)
    other: Any = app.test_client()
    other.sign_in(_another())
    assert other.get("/admin/webhooks/1").status_code == 404
    assert "gate.example" not in other.get("/admin/webhooks").text
