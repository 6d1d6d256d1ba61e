"""Single sign-on: who gets in and who does not, with an OpenID provider and the platforms on loopback."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hallapp.accounts import joining
from hallapp.accounts import service as accounts
from hallapp.accounts.joining import Invite
from hallapp.accounts.models import AuditEntry, Staff, TwoStepRule
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from hallapp.signon import platforms, service
from hallapp.signon.models import ProviderKind, SignOnIdentity, SignOnProvider
from hallapp.signon.service import SaveProvider
from tests import factories
from tests.accounts.helpers import at_once, code, enrol
from tests.signon.servers import CLIENT, SECRET, OpenIdProvider, Platform


@pytest.fixture(scope="module")
def server() -> Iterator[OpenIdProvider]:
    provider = OpenIdProvider(lambda: clock.now().timestamp())
    with provider.serve():
        yield provider


@pytest.fixture
def op(server: OpenIdProvider) -> OpenIdProvider:
    server.person = {"sub": "u-1", "email": "Lina@Example.org", "email_verified": True}
    server.user_info, server.spoilt, server.forge = {}, {}, None
    return server


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


@pytest.fixture
def lina(hall: Hall) -> Staff:
    """A member of the desk's staff who is found by an address."""
    with transaction():
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        staff = factories.staff(hall=hall, name="lina")
        service.set_address(staff, "lina@example.org", by=admin.id)
    return staff


def add(hall: Hall, *, kind: ProviderKind = ProviderKind.OIDC, **values: object) -> SignOnProvider:
    command = SaveProvider(
        **{"hall_id": hall.id, "by": None, "name": "Company", "client_id": CLIENT, "secret": SECRET, **values}  # type: ignore[arg-type]
    )
    with transaction():
        return service.add(kind, command)


def leave(client: FlaskClient, path: str = "/sign-on/1", **data: str) -> str:
    """Press the button of a provider; gives the address there."""
    client.get("/sign-in")
    page = client.submit(path, data)
    assert page.status_code == 200, (page.status_code, page.location)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    return str(page.headers["Refresh"]).removeprefix("0; url=")


def asked_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def sign_in(client: FlaskClient, op: OpenIdProvider, **data: str) -> TestResponse:
    """Go to the provider and come back."""
    return client.get(op.authorize(asked_of(leave(client, **data))))


def role_of(staff: Staff) -> Role:
    return db.session.scalars(select(Staff.role).where(Staff.id == staff.id)).one()


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.either_database
def test_verified_address_connects_once_and_then_the_subject_counts(
    client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider
) -> None:
    add(hall, issuer=op.url)
    answer = sign_in(client, op, next="/desk?day=2026-12-01")
    assert (answer.status_code, answer.location) == (303, "/desk?day=2026-12-01")
    assert client.get("/account").status_code == 200
    assert op.asked["scope"] == "openid email groups"
    assert actions()[-2:] == ["sign_on_connected", "sign_in"]
    out = client.submit("/sign-out", {})
    assert out.location == "/sign-on/1/signed-out"
    assert f"{op.url}/end?client_id={CLIENT}" in client.get(out.location).text
    op.rotate()
    op.person = {"sub": "u-1", "email": "other@example.org", "email_verified": True}
    assert sign_in(client, op).location == "/desk"
    assert db.session.scalars(select(SignOnIdentity.staff_id)).all() == [lina.id]


@pytest.mark.parametrize(
    "person",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "false"},
        {"email_verified": 1},
        {"email": ["lina@example.org"]},
        {"email": "lina@example.org.evil.test"},
        {"email": "nobody@example.org"},
    ],
)
def test_address_that_is_not_verified_opens_nothing(
    client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider, person: dict[str, object]
) -> None:
    add(hall, issuer=op.url)
    op.spoilt = person
    op.user_info = {"email": "lina@example.org"}  # without a word on whether it is verified
    answer = sign_in(client, op)
    assert answer.location == "/sign-in?refused=nobody"
    assert "没有" in client.get(answer.location).text
    assert client.get("/account").status_code == 303
    assert db.session.scalars(select(SignOnIdentity)).all() == []


def test_address_given_to_another_person_and_a_closed_account_open_nothing(
    client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider
) -> None:
    add(hall, issuer=op.url)
    sign_in(client, op)
    client.submit("/sign-out", {})
    op.person = {**op.person, "sub": "u-2"}
    assert sign_in(client, op).location == "/sign-in?refused=taken"
    with transaction():
        accounts.close(db.session.get_one(Staff, lina.id), by=None)
    op.person = {**op.person, "sub": "u-1"}
    assert sign_in(client, op).location == "/sign-in?refused=nobody"


@pytest.mark.parametrize(
    "spoilt",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://login.example.org"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},  # without azp
        {"azp": "another-client"},
        {"exp": 1},
        {"exp": None},
        {"iat": 9_999_999_999},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
)
def test_token_that_fails_a_check_opens_nothing(
    client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider, spoilt: dict[str, object]
) -> None:
    add(hall, issuer=op.url)
    op.spoilt = spoilt
    assert sign_in(client, op).location == "/sign-in?refused=answer"
    assert client.get("/account").status_code == 303


def test_only_a_signature_of_the_providers_key_counts(
    client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider
) -> None:
    add(hall, issuer=op.url)
    for forge in (op.sign_with_the_secret, op.sign_not_at_all, op.sign_with_another_key, lambda _claims: "a.b.c"):
        op.forge = forge
        assert sign_in(client, op).location == "/sign-in?refused=answer"


def test_clocks_may_differ_by_two_minutes(client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider) -> None:
    add(hall, issuer=op.url)
    now = int(clock.now().timestamp())
    op.spoilt = {"iat": now + 100, "exp": now - 100}
    assert sign_in(client, op).location == "/desk"


def test_answer_counts_once_in_the_browser_that_asked_and_for_this_provider_only(
    app: Flask, client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider
) -> None:
    add(hall, issuer=op.url)
    add(hall, issuer=op.url, name="Other")
    victim, lost = app.test_client(), "/sign-in?refused=state"
    back = op.authorize(asked_of(leave(client)))
    assert victim.get(back).location == lost  # login CSRF: the answer of an attacker's own sign-in
    assert client.get(back.replace("/sign-on/1/", "/sign-on/2/")).location == lost  # mix-up
    back = op.authorize(asked_of(leave(client)))
    assert client.get(re.sub("iss=[^&]*", "iss=https%3A%2F%2Fevil.test", back)).location == "/sign-in?refused=answer"
    back = op.authorize(asked_of(leave(client)))
    assert client.get(back.partition("&iss")[0]).location == "/sign-in?refused=answer"  # announced, and not there
    back = op.authorize(asked_of(leave(client)))
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert client.get(back).location == lost
    state = asked_of(leave(client))["state"]
    refused = client.get(f"/sign-on/1/back?state={state}&error=access_denied&error_description=call+555")
    assert refused.location == "/sign-in?refused=cancelled"
    assert "555" not in client.get(refused.location).text
    back = op.authorize(asked_of(leave(client)))
    assert client.get(back).location == "/desk"
    assert client.get(back).location == lost


@pytest.mark.parametrize("asked", ["//evil.test", "https://evil.test/", "/\\evil.test", "/\t/evil.test", "x" * 3000])
def test_way_back_stays_on_this_site(
    client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider, asked: str
) -> None:
    add(hall, issuer=op.url)
    assert sign_in(client, op, next=asked).location == "/desk"


def test_groups_give_the_role_and_the_last_local_administrator_stays(
    app: Flask, hall: Hall, lina: Staff, op: OpenIdProvider
) -> None:
    roles = (("leads", Role.MANAGER), ("desk", Role.DESK))
    add(hall, issuer=op.url, groups_claim="realm_access.roles", roles=roles)
    for groups, source, role in (
        (["desk", "leads"], "token", Role.MANAGER),
        (["desk"], "user info", Role.DESK),
    ):
        more = {"realm_access": {"roles": groups}}
        op.spoilt, op.user_info = (more, {}) if source == "token" else ({}, more)
        assert sign_in(app.test_client(), op).status_code == 303
        assert role_of(lina) is role
    op.user_info = {"realm_access": {"roles": ["cooks"]}}
    assert sign_in(app.test_client(), op).location == "/sign-in?refused=group"
    with transaction():
        [admin] = db.session.scalars(select(Staff).where(Staff.role == Role.ADMIN))
        service.set_address(admin, "chief@example.org", by=admin.id)
    op.person = {"sub": "chief", "email": "chief@example.org", "email_verified": True}
    op.user_info = {"realm_access": {"roles": ["desk"]}}
    assert sign_in(app.test_client(), op).location == "/today"
    assert role_of(admin) is Role.ADMIN
    assert "sign_on_role_kept" in actions()


def test_lost_group_takes_the_role_until_it_comes_back(
    app: Flask, client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider
) -> None:
    add(hall, issuer=op.url, roles=(("leads", Role.MANAGER),))
    op.user_info = {"groups": ["leads"]}
    assert sign_in(client, op).location == "/today"
    op.user_info = {}
    assert sign_in(app.test_client(), op).location == "/sign-in?refused=group"
    assert client.get("/today").status_code == 303  # the session there has ended
    assert (role_of(lina), "sign_on_role_taken" in actions()) == (Role.GUIDE, True)
    op.user_info = {"groups": ["leads"]}
    assert sign_in(app.test_client(), op).location == "/today"
    assert role_of(lina) is Role.MANAGER


@pytest.mark.parametrize("groups", [[], ["desk"]])
@pytest.mark.parametrize("has_password", [True, False])
def test_last_administrator_is_never_locked_out_by_groups(
    app: Flask, hall: Hall, lina: Staff, op: OpenIdProvider, groups: list[str], *, has_password: bool
) -> None:
    """The only administrator got a link for a new password from a command: the provider is the one way left."""
    [admin] = db.session.scalars(select(Staff).where(Staff.role == Role.ADMIN))
    add(hall, issuer=op.url, roles=(("leads", Role.MANAGER), ("desk", Role.DESK)))
    with transaction():
        service.set_address(admin, "chief@example.org", by=admin.id)
        if not has_password:
            joining.reset(db.session.get_one(Staff, admin.id), by=None)
    op.person = {"sub": "chief", "email": "chief@example.org", "email_verified": True}
    op.user_info = {"groups": groups}
    client = app.test_client()
    refused = has_password and not groups
    assert sign_in(client, op).location == ("/sign-in?refused=group" if refused else "/today")
    assert role_of(admin) is Role.ADMIN
    if refused:
        client.sign_in(admin)
    assert client.get("/admin/sign-on").status_code == 200


@pytest.mark.on_database("postgresql")
def test_two_providers_added_at_the_same_time_get_different_numbers(app: Flask, hall: Hall) -> None:
    hall_id = hall.id
    values = {"by": None, "name": "Company", "client_id": CLIENT, "secret": SECRET}

    def work() -> int:
        with transaction():
            return service.add(ProviderKind.FEISHU, SaveProvider(hall_id=hall_id, **values)).number  # type: ignore[arg-type]

    assert sorted(at_once(app, work, times=4)) == [1, 2, 3, 4]


def test_second_step_is_asked_here_unless_the_provider_has_asked_for_one(
    app: Flask, hall: Hall, lina: Staff, op: OpenIdProvider
) -> None:
    provider = add(hall, issuer=op.url)
    with transaction():
        accounts.set_two_step_rule(hall_id=hall.id, rule=TwoStepRule.EVERYBODY, by=None)
    assert sign_in(app.test_client(), op).location == "/account/two-step"
    enrol(lina)
    client = app.test_client()
    assert sign_in(client, op).location == "/sign-in/code"
    client.get("/sign-in/code")
    assert client.submit("/sign-in/code", {"code": code()}).location == "/desk"
    client.get("/account")
    assert client.submit("/sign-out", {}).location == "/sign-on/1/signed-out"
    with transaction():
        db.session.merge(provider).second_step = True
    assert sign_in(app.test_client(), op).location == "/desk"
    op.spoilt = {"amr": ["pwd"]}
    assert sign_in(app.test_client(), op).location == "/sign-in/code"
    with transaction():
        db.session.get_one(Staff, lina.id).totp_secret = None
    op.spoilt = {"amr": ["pwd", "otp"]}
    client = app.test_client()
    assert sign_in(client, op).location == "/desk"
    assert client.get("/desk").status_code == 200  # the rule is met there


def test_invitation_is_joined_without_a_password(client: FlaskClient, hall: Hall, op: OpenIdProvider) -> None:
    add(hall, issuer=op.url)
    op.person = {"sub": "new"}
    with transaction():
        token = joining.invite(Invite(hall_id=hall.id, by=None, name="wei", role=Role.GUIDE)).token
    client.get(f"/invitations/{token}")
    back = op.authorize(asked_of(leave(client, f"/invitations/{token}/sign-on/1")))
    assert client.get(back).location == "/guide"
    assert client.get(f"/invitations/{token}").status_code == 410
    client.get("/account/sign-on")
    assert client.submit("/account/sign-on/1/disconnect", {}).location == "/account/sign-on?refused=only"
    client.submit("/sign-out", {})
    assert sign_in(client, op).location == "/guide"


def test_own_account_is_connected_with_the_password_only(
    app: Flask, client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider
) -> None:
    add(hall, issuer=op.url)
    op.person = {"sub": "u-9"}
    client.sign_in(lina)
    client.get("/account/sign-on")
    assert client.submit("/account/sign-on/1", {"old": "wrong password"}).status_code == 422
    url = leave_signed_in(client)
    assert client.get(op.authorize(asked_of(url))).location == "/account/sign-on?saved=1"
    other = app.test_client()
    assert sign_in(other, op).location == "/desk"
    assert client.submit("/account/sign-on/1/disconnect", {}).location == "/account/sign-on?saved=1"
    assert other.get("/account").status_code == 303  # its session has ended, this one continues
    assert client.get("/account/sign-on").status_code == 200
    assert sign_in(app.test_client(), op).location == "/sign-in?refused=nobody"


def leave_signed_in(client: FlaskClient) -> str:
    page = client.submit("/account/sign-on/1", {"old": factories.PASSWORD})
    return str(page.headers["Refresh"]).removeprefix("0; url=")


@pytest.mark.parametrize(
    ("kind", "name", "subject", "wanted"),
    [
        (ProviderKind.WECOM, "code", "lina", {"login_type": "CorpApp", "appid": CLIENT, "agentid": "1000002"}),
        (ProviderKind.DINGTALK, "authCode", "union-lina", {"client_id": CLIENT, "scope": "openid"}),
        (ProviderKind.FEISHU, "code", "ou_lina", {"client_id": CLIENT, "code_challenge_method": "S256"}),
        (ProviderKind.LARK, "code", "ou_lina", {"client_id": CLIENT, "response_type": "code"}),
    ],
)
def test_platforms_open_connected_accounts(
    app: Flask,
    hall: Hall,
    lina: Staff,
    monkeypatch: pytest.MonkeyPatch,
    kind: ProviderKind,
    name: str,
    subject: str,
    wanted: dict[str, str],
) -> None:
    add(hall, kind=kind, agent_id="1000002")
    with Platform().serve_as(kind, monkeypatch):
        client = app.test_client()
        for given, page in (("bad", "answer"), ("outsider", "answer"), ("good", "nobody")):  # the mail counts nothing
            asked = asked_of(leave(client))
            assert wanted.items() <= asked.items()
            answer = client.get(f"/sign-on/1/back?{name}={given}&state={asked['state']}")
            assert answer.location == f"/sign-in?refused={page}", given
        with transaction():
            moment = clock.now()
            key = {"hall_id": hall.id, "provider_number": 1, "subject": subject}
            db.session.add(SignOnIdentity(**key, staff_id=lina.id, connected_at=moment))
            db.session.flush()
        state = asked_of(leave(client))["state"]
        assert client.get(f"/sign-on/1/back?{name}=good&state={state}").location == "/desk"
    state = asked_of(leave(other := app.test_client()))["state"]  # now nobody answers there
    assert other.get(f"/sign-on/1/back?{name}=good&state={state}").location == "/sign-in?refused=away"


def test_wecoms_own_browser_is_led_to_the_page_inside_of_it(app: Flask, hall: Hall) -> None:
    add(hall, kind=ProviderKind.WECOM, agent_id="1000002")
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux) wxwork/4.1 MicroMessenger/7.0"
    url = leave(client)
    assert url.startswith(f"{platforms.HOSTS['wecom'].inside}/connect/oauth2/authorize?appid={CLIENT}&")
    assert url.endswith("#wechat_redirect")


def test_settings_never_show_the_secret(client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider) -> None:
    with transaction():
        admin = factories.staff(hall=hall, role=Role.ADMIN)
    client.sign_in(admin)
    page = client.get("/admin/sign-on/new/oidc")
    assert "http://127.0.0.1:8000/sign-on/1/back" in page.text
    filled = {"name": "公司账号", "client_id": CLIENT, "secret": SECRET, "issuer": op.url, "groups_claim": "groups"}
    for wrong, words in (
        ({"issuer": "http://login.example.org"}, "https://"),
        ({"issuer": "ftp://login.example.org"}, "https://"),
        ({"issuer": op.url + "/"}, "issuer-error"),
        ({"roles": "desk: 前台"}, "roles-error"),
        ({"roles": "desk = Boss"}, "roles-error"),
        ({"secret": ""}, "secret-error"),
    ):
        answer = client.submit("/admin/sign-on/new/oidc", {**filled, **wrong})
        assert answer.status_code == 422 and words in answer.text, wrong
        assert SECRET not in answer.text and "s3cret" not in answer.text
    made = client.submit("/admin/sign-on/new/oidc", {**filled, "roles": "desk = 前台\nx=y = manager"})
    assert made.location == "/admin/sign-on/1?saved=1"
    page = client.get(made.location)
    assert "x=y = 主管" in page.text and "s3cret" not in page.text
    row = db.session.scalars(select(SignOnProvider)).one()
    assert "s3cret" not in row.secret
    assert row.roles == [["desk", "desk"], ["x=y", "manager"]]
    client.submit("/admin/sign-on/1", {**filled, "secret": "", "issuer": "https://evil.test", "name": "新名"})
    db.session.expire_all()
    row = db.session.scalars(select(SignOnProvider)).one()
    assert (row.name, row.issuer, service.opened(row).secret) == ("新名", op.url, SECRET)
    client.get(f"/admin/staff/{lina.id}/sign-on")
    assert client.submit(f"/admin/staff/{lina.id}/sign-on", {"email": "no address"}).status_code == 422
    details = db.session.scalars(
        select(AuditEntry.detail).where(AuditEntry.action == "sign_on_saved").order_by(AuditEntry.id)
    ).all()
    assert details == [{"provider": "公司账号"}, {"provider": "新名"}]
    for _click in range(2):
        assert client.submit("/admin/sign-on/1/remove", {}).location == "/admin/sign-on?saved=1"
    assert db.session.scalars(select(SignOnProvider)).all() == []


def test_scripts_set_up_a_provider_and_run_again(
    app: Flask, client: FlaskClient, hall: Hall, lina: Staff, op: OpenIdProvider
) -> None:
    def run(*arguments: str, secret: str = SECRET) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=("signon", *arguments), input=f"{secret}\n")
        assert "Traceback" not in done.output and "s3cret" not in done.output
        return done.exit_code, done.output

    usual = ("save", "公司账号", "--kind", "oidc", "--client-id", CLIENT, "--secret-stdin")
    assert run(*usual, "--issuer", op.url + "/")[0] == 1  # not letter by letter the issuer
    for wrong in (
        (*usual,),
        (*usual, "--issuer", op.url, "--role", "desk=boss"),
        (*usual, "--issuer", op.url, "--agent-id", "7"),
        ("save", "x", "--kind", "feishu", "--client-id", "a", "--role", "a=desk"),
        ("save", "x", "--kind", "wecom", "--client-id", "a", "--agent-id", "x"),
        ("save", " ", "--kind", "feishu", "--client-id", "a"),
        ("address", "lina", "no address"),
    ):
        status, told = run(*wrong)
        assert (status, told.startswith("Error: "), told.count("\n")) == (1, True, 1), (wrong, told)
    assert run(*usual, "--issuer", op.url, secret="")[0] == 1
    for _deployment in range(2):
        status, told = run(*usual, "--issuer", op.url, "--role", "leads=manager", "--role", "a=b=desk")
        assert (status, "http://127.0.0.1:8000/sign-on/1/back" in told) == (0, True), told
    assert run("save", "公司账号", "--kind", "feishu", "--client-id", "a")[0] == 1
    row = db.session.scalars(select(SignOnProvider)).one()
    assert row.roles == [["leads", "manager"], ["a=b", "desk"]]
    assert op.url in run("list")[1]
    assert run("address", "lina", "li.na@example.org")[0] == 0
    op.person = {"sub": "u-7", "email": "li.na@example.org", "email_verified": True}
    op.user_info = {"groups": ["leads"]}
    assert sign_in(client, op).location == "/today"
