"""Devices: their links, what they open, and what they do not."""

import re
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry, Staff
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.devices import service
from hallapp.devices.models import Device, DeviceKind
from tests import factories
from tests.core.conftest import MakeApp, make_app
from tests.test_routes import ALL, TABLE, path_of

__all__ = ["make_app"]

OWN = {"kiosk": ("/kiosk", "/kiosk/shell", "/kiosk/look-up", "/kiosk/arrivals"), "screen": ("/screen", "/screen.json")}


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    """A hall with a manager at a browser, and a browser of nobody's."""
    with transaction():
        hall = factories.hall()
        manager = factories.staff(hall=hall, role=Role.MANAGER, password_hash="none")
    client = app.test_client()
    client.sign_in(manager)
    return SimpleNamespace(app=app, hall=hall, manager=manager, client=client, tablet=app.test_client())


def add(office: SimpleNamespace, kind: str, name: str = "二楼东厅") -> str:
    """Add a device by its page; gives the path of its link."""
    office.client.get("/admin/devices")
    page = office.client.submit("/admin/devices", {"name": name, "kind": kind})
    assert page.status_code == 200, page.text
    return re.search(r'id="link">https?://[^/]+(/devices/[^<]+)<', page.text)[1]


@pytest.mark.either_database
def test_link_opens_the_page_of_the_device_and_is_kept(office: SimpleNamespace) -> None:
    link = add(office, "screen")
    opened = office.tablet.get(link)
    assert (opened.status_code, opened.location) == (303, "/screen")
    cookie = office.tablet.get_cookie("device")
    assert cookie and cookie.http_only and cookie.max_age and cookie.max_age > 300 * 24 * 3600
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert office.tablet.get("/screen").status_code == 200
    seen = db.session.scalars(select(Device)).one()
    assert seen.last_seen_at is not None and seen.staff_id is None
    assert link.rpartition("/")[2] not in (seen.digest, cookie.value)
    assert "二楼东厅" in office.client.get("/admin/devices").text


@pytest.mark.parametrize("kind", list(DeviceKind))
def test_device_opens_nothing_but_its_own_pages(office: SimpleNamespace, kind: DeviceKind) -> None:
    office.tablet.get(add(office, kind))
    office.tablet.get("/no-such-page")
    token = {"X-CSRFToken": office.tablet.csrf_token or ""}
    for (method, rule), least in TABLE.items():
        if least == ALL:
            continue
        page = office.tablet.open(path_of(rule), method=method, headers={"Accept": "text/html", **token})
        if rule in OWN[kind]:
            assert "/sign-in" not in (page.location or ""), rule
        else:
            assert page.status_code == 303 and page.location.startswith("/sign-in"), rule


@pytest.mark.either_database
def test_device_is_ended_by_a_new_link_and_by_taking_it_back(office: SimpleNamespace) -> None:
    old = add(office, "kiosk")
    office.tablet.get(old)
    assert office.tablet.get("/kiosk").status_code == 200
    number = db.session.scalars(select(Device.id)).one()
    page = office.client.submit(f"/admin/devices/{number}/link")
    new = re.search(r"(/devices/[^<]+)</code>", page.text)[1]
    assert office.tablet.get("/kiosk").location.startswith("/sign-in")
    assert office.tablet.get(old).status_code == 404
    assert office.tablet.get(new).location == "/kiosk"
    assert office.tablet.get("/kiosk").status_code == 200
    assert office.client.submit(f"/admin/devices/{number}/revoke").status_code == 303
    assert office.tablet.get("/kiosk").location.startswith("/sign-in")
    assert office.tablet.get("/kiosk", headers={"Accept": "application/json"}).status_code == 401
    assert office.tablet.get(new).status_code == 404
    assert office.client.submit(f"/admin/devices/{number}/link").status_code == 409
    trail = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert trail == ["device_added", "device_link_renewed", "device_revoked"]


def test_account_of_a_kiosk_is_closed_and_signs_nobody_in(office: SimpleNamespace) -> None:
    add(office, "kiosk", "Lobby")
    account = db.session.scalars(select(Staff).where(Staff.id != office.manager.id)).one()
    assert account.name.casefold() == "kiosk lobby"
    assert (account.active, account.password_hash, account.role) == (False, "", Role.DESK)
    thief = office.app.test_client()
    thief.sign_in(account)
    assert thief.get("/desk").location.startswith("/sign-in")


@pytest.mark.either_database
def test_devices_of_one_name_in_two_halls_have_accounts_of_their_own(app: Flask) -> None:
    with transaction():
        halls = [factories.hall(), factories.hall()]
        people = [factories.staff(hall=hall, role=Role.MANAGER, password_hash="none") for hall in halls]
        given = [
            service.add(service.AddDevice(hall_id=hall.id, by=one.id, name="Lobby", kind=DeviceKind.KIOSK))
            for hall, one in zip(halls, people, strict=True)
        ]
    assert len({one.device.staff_id for one in given}) == 2


def test_device_of_another_hall_is_not_found(office: SimpleNamespace) -> None:
    add(office, "screen")
    number = db.session.scalars(select(Device.id)).one()
    with transaction():
        other = factories.staff(hall=factories.hall(), role=Role.MANAGER, password_hash="none")
    stranger: FlaskClient = office.app.test_client()
    stranger.sign_in(other)
    assert "二楼东厅" not in stranger.get("/admin/devices").text
    for verb in ("link", "revoke"):
        assert stranger.submit(f"/admin/devices/{number}/{verb}").status_code == 404


def test_names_and_words_of_anything_are_refused_beside_their_fields(office: SimpleNamespace) -> None:
    office.client.get("/admin/devices")
    for name in ("", "  ", "a" * 41, "a\0b", "长" * 5000):
        page = office.client.submit("/admin/devices", {"name": name, "kind": "kiosk"})
        assert page.status_code == 422 and 'id="name-error"' in page.text
    assert office.client.submit("/admin/devices", {"name": "A", "kind": "toaster"}).status_code == 422
    assert office.client.submit("/admin/devices/words", {"kiosk_zh": "a" * 301, "kiosk_en": ""}).status_code == 422
    assert office.client.submit("/admin/devices/words", {"kiosk_zh": "\0", "kiosk_en": ""}).status_code == 422
    words = {"kiosk_zh": "讲解员在大沙盘前等候", "kiosk_en": "Meet at the model", "organisations": "y"}
    for _again in range(2):
        assert office.client.submit("/admin/devices/words", words).status_code == 303
    page = office.client.get("/admin/devices").text
    assert "讲解员在大沙盘前等候" in page and "checked" in page
    add(office, "kiosk", "A")
    assert office.client.submit("/admin/devices", {"name": "A", "kind": "screen"}).status_code == 409
    for path in ("/devices/x", "/devices/" + "a" * 32, "/devices/%00", "/admin/devices/0/link"):
        assert office.client.open(path, method="POST" if "admin" in path else "GET").status_code in (400, 404)


@pytest.mark.parametrize("value", ["", "x", "W1sx.XQ", "WzEsICJhIl0.AAAA"])
def test_cookie_with_a_wrong_signature_opens_nothing(office: SimpleNamespace, value: str) -> None:
    add(office, "screen")
    office.tablet.set_cookie("device", value)
    assert office.tablet.get("/screen").location.startswith("/sign-in")


@pytest.mark.parametrize("kind", list(DeviceKind))
def test_opening_a_link_ends_the_session_of_the_staff(office: SimpleNamespace, kind: DeviceKind) -> None:
    link = add(office, kind)
    cookie = office.client.get_cookie("session")
    copied = office.app.test_client()
    copied.set_cookie("session", cookie.value)
    elsewhere = office.app.test_client()
    elsewhere.sign_in(office.manager)
    assert office.client.get(link).location == f"/{kind}"
    for client in (office.client, copied):
        assert client.get("/account").location == "/sign-in?next=/account"
    assert office.client.get(f"/{kind}").status_code == 200
    assert elsewhere.get("/account").status_code == 200


def test_invalid_link_ends_no_session(office: SimpleNamespace) -> None:
    assert office.client.get(f"/devices/{'x' * 32}").status_code == 404
    assert office.client.get("/account").status_code == 200


def test_tablet_with_a_cookie_of_an_earlier_version_keeps_working(office: SimpleNamespace, make_app: MakeApp) -> None:
    office.tablet.get(add(office, "screen"))
    cookie = office.tablet.get_cookie("device")
    secure = make_app(office.app.config["SETTINGS"].database_url, HALL_BASE_URL="https://visit.example.org")
    tablet = secure.test_client()
    base = {"base_url": "https://visit.example.org"}
    tablet.set_cookie("device", cookie.value, domain="visit.example.org")
    answer = tablet.get("/screen", **base)
    assert answer.status_code == 200
    assert [one.partition("=")[0] for one in answer.headers.getlist("Set-Cookie")].count("__Host-device") == 1
    tablet.delete_cookie("device", domain="visit.example.org")
    assert tablet.get("/screen", **base).status_code == 200
