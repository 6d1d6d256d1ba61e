"""Sign-in: who gets in, who hears what, how often one may try, and where one lands."""

import re
from datetime import timedelta

import pytest
import time_machine
from argon2 import PasswordHasher, extract_parameters
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hallapp.accounts import passwords, queries, service, sessions
from hallapp.accounts.errors import SignInRefused
from hallapp.accounts.models import AuditEntry, Staff
from hallapp.accounts.roles import Role
from hallapp.accounts.web import attempts
from hallapp.core import clock
from hallapp.core.database import db, transaction
from tests import factories

REFUSAL = "用户名与密码不匹配"


@pytest.fixture
def desk(app: Flask) -> Staff:
    with transaction():
        return factories.staff(hall=factories.hall(), name="lina")


def sign_in(client: FlaskClient, **data: str) -> TestResponse:
    client.get("/sign-in")
    return client.submit("/sign-in", {"name": "lina", "password": factories.PASSWORD, **data})


@pytest.mark.parametrize(
    ("role", "landing"),
    [
        (Role.GUIDE, "/guide"),
        (Role.DESK, "/desk"),
        (Role.MANAGER, "/today"),
        (Role.DIRECTOR, "/reports"),
        (Role.ADMIN, "/today"),
    ],
)
def test_sign_in_lands_where_the_role_works(client: FlaskClient, role: Role, landing: str) -> None:
    with transaction():
        factories.staff(hall=factories.hall(), name="lina", role=role)
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, landing)


def test_sign_in_finds_a_name_as_a_phone_types_it(client: FlaskClient, desk: Staff) -> None:
    assert sign_in(client, name="  Ｌｉｎa ").status_code == 303


def test_sign_in_writes_the_audit_trail(client: FlaskClient, desk: Staff) -> None:
    sign_in(client)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.staff_id, entry.hall_id, entry.subject, entry.detail) == (
        "sign_in",
        desk.id,
        desk.hall_id,
        f"staff {desk.id}",
        {},
    )


@pytest.mark.parametrize("wrong", [{"password": "wrong password"}, {"name": "nobody"}, {"name": "", "password": ""}])
def test_sign_in_refused_keeps_the_name_only(client: FlaskClient, desk: Staff, wrong: dict[str, str]) -> None:
    answer = sign_in(client, **wrong)
    assert answer.status_code == 422
    assert f'value="{wrong.get("name", "lina")}"' in answer.text
    assert "wrong password" not in answer.text and factories.PASSWORD not in answer.text
    assert answer.text.count('aria-invalid="true"') == (2 if wrong.get("name") == "" else 1)
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_sign_in_says_the_same_of_an_unknown_name_a_wrong_password_and_a_closed_account(
    client: FlaskClient, desk: Staff
) -> None:
    with transaction():
        factories.staff(hall=factories.hall(), name="gone", active=False)
    texts = set()
    for name, password in (("lina", "wrong password"), ("nobody", "wrong password"), ("gone", factories.PASSWORD)):
        answer = sign_in(client, name=name, password=password)
        assert (answer.status_code, REFUSAL in answer.text) == (422, True)
        texts.add(re.sub(rf'csrf[-_]token" (content|value)="[^"]+"|{name}', "", answer.text))
    assert len(texts) == 1


def test_sign_in_checks_one_digest_of_the_same_cost_for_an_unknown_name(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        factories.staff(hall=factories.hall(), name="lina", password_hash=passwords.digest(factories.PASSWORD))
    checked = []
    monkeypatch.setattr(passwords, "matches", lambda _password, stored: checked.append(stored))
    for name in ("lina", "nobody"):
        with pytest.raises(SignInRefused):
            service.authenticate(name=name, password="wrong password")
    known, unknown = checked
    assert known != unknown
    assert extract_parameters(known) == extract_parameters(unknown)


def test_sign_in_slows_down_one_name_and_forgives_it_later(client: FlaskClient, desk: Staff) -> None:
    with time_machine.travel("2026-12-05 10:00:00+00:00", tick=False) as clockwork:
        for _ in range(attempts.LIMIT_PER_NAME):
            assert sign_in(client, password="wrong password").status_code == 422
        refused = sign_in(client, name="LINA")
        assert refused.status_code == 429
        assert "后再试" in refused.text
        assert sign_in(client, name="other", password="wrong password").status_code == 422
        clockwork.shift(timedelta(seconds=attempts.LIMIT_SECONDS))
        assert sign_in(client).status_code == 303


def test_attacker_elsewhere_does_not_lock_the_owner_out(app: Flask, desk: Staff) -> None:
    afar, owner = app.test_client(), app.test_client()
    afar.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    with time_machine.travel("2026-12-05 10:00:00+00:00", tick=False):
        for _ in range(attempts.LIMIT_PER_NAME):
            assert sign_in(afar, password="wrong password").status_code == 422
        assert sign_in(afar).status_code == 429
        assert sign_in(owner).status_code == 303


def test_sign_in_slows_down_one_name_from_many_addresses(app: Flask, desk: Staff, monkeypatch) -> None:
    monkeypatch.setattr(passwords, "matches", lambda *_: False)
    client = app.test_client()
    with time_machine.travel("2026-12-05 10:00:00+00:00", tick=False):
        for number in range(attempts.LIMIT_PER_NAME_ANYWHERE):
            client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
            assert sign_in(client).status_code == 422
        client.environ_base["REMOTE_ADDR"] = "198.51.100.1"
        assert sign_in(client).status_code == 429


def test_sign_in_slows_down_one_address_whatever_the_name(app: Flask, desk: Staff, monkeypatch) -> None:
    monkeypatch.setattr(passwords, "matches", lambda *_: False)  # 60 digests would take a while
    client = app.test_client()
    with time_machine.travel("2026-12-05 10:00:00+00:00", tick=False):
        for number in range(attempts.LIMIT_PER_NETWORK):
            assert sign_in(client, name=f"name{number}").status_code == 422
        assert sign_in(client, name="another").status_code == 429
        client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
        assert sign_in(client, name="another").status_code == 422


def test_sign_in_forgets_the_failures_of_a_name_after_a_success(client: FlaskClient, desk: Staff) -> None:
    with time_machine.travel("2026-12-05 10:00:00+00:00", tick=False):
        for _ in range(attempts.LIMIT_PER_NAME - 1):
            sign_in(client, password="wrong password")
        assert sign_in(client).status_code == 303
        client.get("/no-such-page")
        client.submit("/sign-out")
        assert sign_in(client, password="wrong password").status_code == 422
        assert sign_in(client).status_code == 303


@pytest.mark.parametrize("path", ["/desk", "/reports/2026-11", "/desk?text=%E4%B8%9C%E6%B9%96&day=2026-12-05", "/"])
def test_next_leads_to_a_page_of_this_site(client: FlaskClient, desk: Staff, path: str) -> None:
    assert sign_in(client, next=path).location == path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/desk\r\nSet-Cookie: a=b",
        "///evil.example",
        "/\x00/evil.example",
        "",
    ],
)
def test_next_never_leads_elsewhere(client: FlaskClient, desk: Staff, path: str) -> None:
    assert sign_in(client, next=path).location == "/desk"


def test_next_survives_a_mistake_and_the_other_language(client: FlaskClient, desk: Staff) -> None:
    page = client.get("/sign-in?next=/reports/2026-11")
    assert 'name="next" value="/reports/2026-11"' in page.text
    assert "?next=%2Freports%2F2026-11&amp;lang=en" in page.text
    again = client.submit("/sign-in", {"name": "lina", "password": "wrong", "next": "/reports/2026-11"})
    assert 'name="next" value="/reports/2026-11"' in again.text


def test_sign_in_page_redirects_a_signed_in_person(client: FlaskClient, desk: Staff) -> None:
    client.sign_in(desk)
    assert client.get("/sign-in").location == "/desk"


def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient, desk: Staff) -> None:
    with time_machine.travel("2026-12-05 10:00:00+00:00", tick=False):
        sign_in(client)
        cookie = client.get_cookie("session")
        assert cookie is not None
        assert (cookie.http_only, cookie.same_site, cookie.path, cookie.domain) == (True, "Lax", "/", "localhost")
        assert cookie.expires == clock.now() + timedelta(hours=12, minutes=5)  # it is prolonged once in five minutes


def test_session_ends_after_twelve_hours_without_use(client: FlaskClient, desk: Staff) -> None:
    with time_machine.travel("2026-12-05 00:00:00+00:00", tick=False) as clockwork:
        sign_in(client)
        clockwork.shift(timedelta(hours=11, minutes=59))
        assert client.get("/sign-in").status_code == 303
        clockwork.shift(timedelta(hours=12, seconds=1))
        assert client.get("/sign-in").status_code == 200


def test_sign_in_starts_a_session_of_its_own(client: FlaskClient, desk: Staff) -> None:
    with client.session_transaction() as session:
        session["planted"] = "before"
    sign_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        found = queries.find_session(sessions.digest_of(session["_user_id"]))
        assert found and found.staff_id == desk.id


def test_background_requests_do_not_restore_a_session(client: FlaskClient, desk: Staff) -> None:
    """It may have been under way while its person signed out."""
    sign_in(client)
    client.get("/desk")
    by_itself = client.get("/desk/snapshot", headers={"Sec-Fetch-Mode": "cors"})
    assert (by_itself.status_code, by_itself.headers.getlist("Set-Cookie")) == (200, [])
    assert cookies_of(client.get("/desk", headers={"Sec-Fetch-Mode": "navigate"})) == []


def test_a_person_who_works_on_gets_a_new_cookie_once_in_a_few_minutes(client: FlaskClient, desk: Staff) -> None:
    with time_machine.travel("2026-12-05 00:00:00+00:00", tick=False) as clockwork:
        sign_in(client)
        client.get("/desk")  # its forms get their token
        given = []
        for _ in range(6):
            clockwork.shift(timedelta(minutes=2))
            by_itself = client.get("/desk/snapshot", headers={"Sec-Fetch-Mode": "cors"})
            given.append((cookies_of(by_itself), cookies_of(client.get("/desk"))))
        assert given == [([], []), ([], []), ([], ["session"])] * 2


def cookies_of(answer: TestResponse) -> list[str]:
    return [cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")]


def test_sign_out_ends_the_session(client: FlaskClient, desk: Staff) -> None:
    client.sign_in(desk)
    client.get("/no-such-page")
    answer = client.submit("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert client.get("/sign-in").status_code == 200
    with client.session_transaction() as session:
        assert set(session) == {"csrf_token"}


def test_sign_out_by_a_link_is_not_possible(client: FlaskClient, desk: Staff) -> None:
    client.sign_in(desk)
    assert client.get("/sign-out").status_code == 405
    assert client.get("/sign-in").status_code == 303


def test_deactivated_account_is_out_at_once(client: FlaskClient, desk: Staff) -> None:
    sign_in(client)
    assert client.get("/sign-in").status_code == 303
    with transaction():
        service.deactivate(name="lina")
    assert client.get("/sign-in").status_code == 200
    assert sign_in(client).status_code == 422


def test_new_password_ends_every_session_and_works(client: FlaskClient, desk: Staff) -> None:
    sign_in(client)
    with transaction():
        service.change_password(name="lina", password="another long password")
    assert client.get("/sign-in").status_code == 200
    assert sign_in(client).status_code == 422
    assert sign_in(client, password="another long password").status_code == 303


def test_sign_in_renews_a_digest_of_another_cost(client: FlaskClient, app: Flask) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8192).hash(factories.PASSWORD)
    with transaction():
        staff = factories.staff(hall=factories.hall(), name="lina", password_hash=cheap)
    assert sign_in(client).status_code == 303
    db.session.refresh(staff)
    assert staff.password_hash != cheap
    assert passwords.renewed(factories.PASSWORD, staff.password_hash) is None
    assert passwords.matches(factories.PASSWORD, staff.password_hash)


def test_renewed_digest_never_brings_an_old_password_back(app: Flask, desk: Staff) -> None:
    with transaction():
        service.change_password(name="lina", password="another long password")
    with transaction():
        service.keep_digest(staff_id=desk.id, version=1, digest="digest of the old password")
    assert service.authenticate(name="lina", password="another long password").id == desk.id


def test_limits_off_lets_load_tests_try_for_ever(app: Flask, desk: Staff, monkeypatch) -> None:
    monkeypatch.setitem(app.config, "RATE_LIMITS", False)
    monkeypatch.setattr(passwords, "matches", lambda *_: False)
    client = app.test_client()
    assert {sign_in(client).status_code for _ in range(attempts.LIMIT_PER_NAME + 2)} == {422}
