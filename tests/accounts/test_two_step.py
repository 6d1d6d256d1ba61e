"""Two-step codes: turned on, asked for, taken once, recovered, required, and turned off."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts import errors, service, twostep
from hallapp.accounts.models import RecoveryCode, Staff, TwoStepRule
from hallapp.accounts.roles import Role
from hallapp.accounts.web import checking, routes
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests import factories
from tests.accounts.helpers import (
    KEYS,
    PHONE,
    at_once,
    code,
    enrol,
    is_in,
    opened,
    sign_in,
    sign_in_with_code,
    trail,
    wrong_code,
)

START = "2026-11-25 10:00:00+00:00"


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


@pytest.fixture
def lina(hall: Hall) -> Staff:
    return factories.make(factories.staff, hall=hall, name="lina")


@pytest.fixture
def codes(lina: Staff) -> list[str]:
    """Lina has two-step codes; these are her recovery codes."""
    return enrol(lina)


def secret_on(page: str) -> str:
    found = re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert found
    return found.group(1).replace(" ", "")


def reload(staff: Staff) -> Staff:
    db.session.rollback()
    return db.session.get_one(Staff, staff.id, populate_existing=True)


# Turning on


def test_codes_are_turned_on_by_the_first_one(app: Flask, lina: Staff) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    here.sign_in(lina)
    elsewhere.sign_in(lina)
    secret = secret_on(here.get("/account/two-step").text)
    assert secret == secret_on(here.get("/account/two-step").text)  # a page that is loaded again shows the same

    page = here.submit("/account/two-step", {"code": code(secret=secret)})

    assert page.status_code == 200
    shown = re.findall(r"<code>([A-Z2-7-]+)</code>", page.text)
    assert len(set(shown)) == 10
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", one) for one in shown)
    assert is_in(here)
    assert not is_in(elsewhere)
    row = reload(lina)
    assert opened(row) == secret
    assert secret not in str(row.totp_secret)
    digests = set(db.session.scalars(select(RecoveryCode.digest)))
    assert len(digests) == 10
    assert not digests & set(shown)
    assert trail() == [("two_step_on", lina.id, f"staff {lina.id}", {})]
    again = here.get("/account/two-step")
    assert secret not in again.text
    assert not any(one in again.text for one in shown)


def test_first_code_cannot_sign_in_afterwards(app: Flask, client: FlaskClient, lina: Staff) -> None:
    with time_machine.travel(START, tick=False):
        client.sign_in(lina)
        secret = secret_on(client.get("/account/two-step").text)
        client.submit("/account/two-step", {"code": code(secret=secret)})
        assert sign_in_with_code(app.test_client(), lina, code(secret=secret)).status_code == 422
        assert sign_in_with_code(app.test_client(), lina, code(30, secret=secret)).status_code == 303


@pytest.mark.parametrize("typed", ["", "12", "x" * 40, "\0", "²²²²²²", "9" * 5000])
def test_wrong_code_turns_nothing_on(client: FlaskClient, lina: Staff, typed: str) -> None:
    client.sign_in(lina)
    secret = secret_on(client.get("/account/two-step").text)
    answer = client.submit("/account/two-step", {"code": typed})
    assert answer.status_code == 422
    assert secret_on(answer.text) == secret
    assert not reload(lina).has_two_step


def test_secret_in_the_cookie_is_neither_readable_nor_good_for_another_account(
    app: Flask, hall: Hall, lina: Staff
) -> None:
    other = factories.make(factories.staff, hall=hall)
    client = app.test_client()
    client.sign_in(lina)
    secret = secret_on(client.get("/account/two-step").text)
    with client.session_transaction() as session:
        assert secret not in str(dict(session))
    client.sign_in(other)
    assert secret_on(client.get("/account/two-step").text) != secret


def test_turning_on_twice_changes_nothing(client: FlaskClient, lina: Staff, codes: list[str]) -> None:
    client.sign_in(reload(lina))
    client.get("/account/two-step")
    assert client.submit("/account/two-step", {"code": code()}).location == "/account/two-step"
    with pytest.raises(errors.TwoStepChanged), transaction():
        twostep.turn_on(db.session.get_one(Staff, lina.id), secret=PHONE, typed=code(), keys=KEYS)
    assert opened(reload(lina)) == PHONE


# Signing in


def test_sign_in_asks_for_the_code_and_nothing_opens_before(client: FlaskClient, lina: Staff, codes: list[str]) -> None:
    assert sign_in(client, lina, next="/bookings").location == "/sign-in/code"
    for path in ("/desk", "/account", "/bookings"):
        assert client.get(path).status_code == 303
    assert trail(action="sign_in") == []
    assert reload(lina).last_sign_in_at is None

    client.get("/sign-in/code")
    answer = client.submit("/sign-in/code", {"code": code()})

    assert (answer.status_code, answer.location) == (303, "/bookings")
    assert is_in(client, "/desk")
    assert trail(action="sign_in") == [("sign_in", lina.id, f"staff {lina.id}", {})]
    assert reload(lina).last_sign_in_at is not None


@pytest.mark.parametrize("typed", ["{0} {1}", "{0}-{1}", " {0}{1} ", "{0}\u2009{1}"])
def test_code_is_read_as_people_type_it(client: FlaskClient, lina: Staff, codes: list[str], typed: str) -> None:
    now = code()
    assert sign_in_with_code(client, lina, typed.format(now[:3], now[3:])).status_code == 303


def test_full_width_code_is_read(client: FlaskClient, lina: Staff, codes: list[str]) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code())
    assert sign_in_with_code(client, lina, wide).status_code == 303


def test_wrong_code_is_refused_and_written_down(client: FlaskClient, lina: Staff, codes: list[str]) -> None:
    typed = wrong_code()
    answer = sign_in_with_code(client, lina, typed)
    assert (answer.status_code, "动态验证码不正确" in answer.text) == (422, True)
    assert not is_in(client)
    assert trail(action="two_step_failed") == [("two_step_failed", lina.id, f"staff {lina.id}", {})]
    assert typed not in str(trail())


def test_code_is_taken_once(app: Flask, lina: Staff, codes: list[str]) -> None:
    with time_machine.travel(START, tick=False) as clockwork:
        used = code()
        assert sign_in_with_code(app.test_client(), lina, used).status_code == 303
        assert sign_in_with_code(app.test_client(), lina, used).status_code == 422
        assert sign_in_with_code(app.test_client(), lina, code(-30)).status_code == 422  # an older one neither
        clockwork.shift(timedelta(seconds=30))
        assert sign_in_with_code(app.test_client(), lina, used).status_code == 422
        assert sign_in_with_code(app.test_client(), lina).status_code == 303


def test_of_two_with_the_same_code_at_once_one_gets_in(app: Flask, lina: Staff, codes: list[str]) -> None:
    now = code()

    def work() -> bool:
        with transaction():
            return twostep.check(db.session.get_one(Staff, lina.id), now, keys=KEYS)

    assert sorted(at_once(app, work, times=4)) == [False, False, False, True]


def test_recovery_code_works_once(app: Flask, lina: Staff, codes: list[str]) -> None:
    typed = codes[3].lower().replace("-", " ")
    assert sign_in_with_code(app.test_client(), lina, typed).status_code == 303
    assert sign_in_with_code(app.test_client(), lina, codes[3]).status_code == 422
    assert sign_in_with_code(app.test_client(), lina, codes[4]).status_code == 303
    assert len(trail(action="two_step_recovery_used")) == 2


def test_of_two_with_the_same_recovery_code_at_once_one_gets_in(app: Flask, lina: Staff, codes: list[str]) -> None:
    def work() -> bool:
        with transaction():
            return twostep.check(db.session.get_one(Staff, lina.id), codes[0], keys=KEYS)

    assert sorted(at_once(app, work, times=4)) == [False, False, False, True]


def test_recovery_code_of_somebody_else_opens_nothing(client: FlaskClient, hall: Hall, lina: Staff) -> None:
    other = factories.make(factories.staff, hall=hall)
    theirs = enrol(other)
    enrol(lina)
    assert sign_in_with_code(client, lina, theirs[0]).status_code == 422


def test_code_attempts_are_limited_per_account_from_any_address(app: Flask, lina: Staff, codes: list[str]) -> None:
    with time_machine.travel(START, tick=False) as clockwork:
        wrong = wrong_code()
        for number in range(checking.LIMIT):
            client = app.test_client()
            client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
            assert sign_in_with_code(client, lina, wrong).status_code == 422
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = "198.51.100.1"
        answer = sign_in_with_code(client, lina)
        assert (answer.status_code, "后再试" in answer.text) == (429, True)
        assert len(trail(action="two_step_failed")) == checking.LIMIT
        clockwork.shift(timedelta(seconds=checking.LIMIT_SECONDS))
        assert sign_in_with_code(client, lina).status_code == 303


def test_time_between_password_and_code_is_short(client: FlaskClient, lina: Staff, codes: list[str]) -> None:
    with time_machine.travel(START, tick=False) as clockwork:
        sign_in(client, lina)
        assert client.get("/sign-in/code").status_code == 200
        clockwork.shift(timedelta(seconds=routes.HALF_SECONDS + 1))
        assert client.submit("/sign-in/code", {"code": code()}).location == "/sign-in"
        assert client.get("/sign-in/code").location == "/sign-in"
        assert not is_in(client)


def test_code_page_needs_the_password_first(client: FlaskClient, lina: Staff, codes: list[str]) -> None:
    client.get("/sign-in")
    assert client.get("/sign-in/code").location == "/sign-in"
    assert client.submit("/sign-in/code", {"code": code()}).location == "/sign-in"


@pytest.mark.parametrize("change", ["password", "deactivate", "codes off"])
def test_change_between_password_and_code_starts_again(
    client: FlaskClient, lina: Staff, codes: list[str], change: str
) -> None:
    sign_in(client, lina)
    client.get("/sign-in/code")
    with transaction():
        row = db.session.get_one(Staff, lina.id)
        if change == "password":
            service.change_password(name="lina", password="another long password")
        elif change == "deactivate":
            service.close(row, by=None)
        else:
            twostep.switch_off(row, by=None)
    assert client.submit("/sign-in/code", {"code": code()}).location == "/sign-in"
    assert not is_in(client)


def test_sign_out_forgets_the_first_step(client: FlaskClient, lina: Staff, codes: list[str]) -> None:
    sign_in(client, lina)
    client.get("/sign-in/code")
    client.submit("/sign-out")
    assert client.get("/sign-in/code").location == "/sign-in"


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_way_after_the_code_never_leads_elsewhere(
    client: FlaskClient, lina: Staff, codes: list[str], path: str
) -> None:
    assert sign_in_with_code(client, lina, next=path).location == "/desk"


# Keys


def test_rotated_key_reads_old_secrets_and_encrypts_them_again(lina: Staff, codes: list[str], app: Flask) -> None:
    before = reload(lina).totp_secret
    keys = ("a-new-secret-key-0123456789", *KEYS)
    with transaction():
        assert twostep.check(db.session.get_one(Staff, lina.id), code(), keys=keys)
    assert reload(lina).totp_secret != before
    with transaction():
        assert twostep.check(db.session.get_one(Staff, lina.id), code(30), keys=keys[:1])


def test_lost_key_is_reported_and_recovery_codes_still_work(lina: Staff, codes: list[str]) -> None:
    keys = ("somebody-elses-key-0123456789",)
    with pytest.raises(errors.CodesUnreadable), transaction():
        twostep.check(db.session.get_one(Staff, lina.id), code(), keys=keys)
    with transaction():
        assert twostep.check(db.session.get_one(Staff, lina.id), codes[0], keys=keys)


# The page of one's own codes


def test_new_recovery_codes_replace_the_earlier_ones(client: FlaskClient, lina: Staff, codes: list[str]) -> None:
    client.sign_in(reload(lina))
    assert "还剩10个备用码" in client.get("/account/two-step").text
    page = client.submit("/account/two-step/recovery-codes", {"code": codes[0]})
    fresh = re.findall(r"<code>([A-Z2-7-]+)</code>", page.text)
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    for old, taken in ((codes[1], False), (fresh[0], True)):
        with transaction():
            assert twostep.check(db.session.get_one(Staff, lina.id), old, keys=KEYS) is taken
    assert "还剩9个备用码" in client.get("/account/two-step").text
    assert is_in(client)


@pytest.mark.parametrize("path", ["/account/two-step/recovery-codes", "/account/two-step/off"])
def test_own_codes_are_changed_with_a_code_only(client: FlaskClient, lina: Staff, codes: list[str], path: str) -> None:
    client.sign_in(reload(lina))
    client.get("/account/two-step")
    for typed in ("", wrong_code()):
        answer = client.submit(path, {"code": typed})
        assert answer.status_code == 422
    assert reload(lina).has_two_step
    assert set(db.session.scalars(select(RecoveryCode.used_at))) == {None}


def test_turning_off_ends_other_sessions_and_asks_no_code_any_more(
    app: Flask, client: FlaskClient, lina: Staff, codes: list[str]
) -> None:
    elsewhere = app.test_client()
    for browser in (client, elsewhere):
        browser.sign_in(reload(lina))
    client.get("/account/two-step")
    assert client.submit("/account/two-step/off", {"code": code()}).location == "/account?saved=two-step"
    assert is_in(client)
    assert not is_in(elsewhere)
    assert sign_in(app.test_client(), lina).location == "/desk"
    assert db.session.scalars(select(RecoveryCode)).all() == []
    assert trail(action="two_step_off") == [("two_step_off", lina.id, f"staff {lina.id}", {})]


@pytest.mark.parametrize("path", ["/account/two-step/recovery-codes", "/account/two-step/off"])
def test_person_without_required_codes_is_sent_to_turn_them_on(client: FlaskClient, lina: Staff, path: str) -> None:
    client.sign_in(lina)
    client.get("/account/two-step")
    assert client.submit(path, {"code": "123456"}).location == "/account/two-step"


# Required


def set_rule(hall: Hall, rule: TwoStepRule) -> None:
    with transaction():
        service.set_two_step_rule(hall_id=hall.id, rule=rule, by=None)


@pytest.mark.parametrize(
    ("rule", "required"),
    [
        (TwoStepRule.NOBODY, set()),
        (TwoStepRule.MANAGERS, {Role.MANAGER, Role.ADMIN}),
        (TwoStepRule.EVERYBODY, set(Role)),
    ],
)
def test_rule_of_the_hall_covers_roles(app: Flask, hall: Hall, rule: TwoStepRule, required: set[Role]) -> None:
    set_rule(hall, rule)
    elsewhere = factories.make(factories.hall)
    for role in Role:
        for at, wanted in ((hall, role in required), (elsewhere, False)):
            client = app.test_client()
            client.sign_in(factories.make(factories.staff, hall=at, role=role))
            answer = client.get("/account")
            assert answer.status_code == (303 if wanted else 200)
            assert answer.location == ("/account/two-step" if wanted else None)


def test_required_codes_come_first_and_nothing_else_opens(app: Flask, hall: Hall, lina: Staff) -> None:
    client = app.test_client()
    client.sign_in(lina)
    assert is_in(client, "/desk")
    with transaction():
        service.require_two_step(db.session.get_one(Staff, lina.id), required=True, by=None)

    for path in ("/desk", "/bookings", "/account", "/account/password"):  # at once, in a session that was open
        assert client.get(path).location == "/account/two-step"
    answer = client.get("/desk", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["reason"]) == (403, "account_unfinished")
    assert 'href="/desk"' not in client.get("/").text
    assert client.get("/sign-in").location == "/account/two-step"
    page = client.get("/account/two-step")
    assert "展馆要求您的账号开启动态验证码" in page.text
    assert client.submit("/desk/lookup", {"q": "x"}).location == "/account/two-step"
    assert client.submit("/account/two-step/off", {"code": "1"}).location == "/account/two-step"

    assert client.submit("/account/two-step", {"code": code(secret=secret_on(page.text))}).status_code == 200
    assert is_in(client, "/desk")


def test_sign_in_of_who_must_have_codes_leads_to_them(client: FlaskClient, hall: Hall, lina: Staff) -> None:
    set_rule(hall, TwoStepRule.EVERYBODY)
    assert sign_in(client, lina, next="/bookings").location == "/account/two-step"


def test_required_codes_cannot_be_turned_off(client: FlaskClient, hall: Hall, lina: Staff, codes: list[str]) -> None:
    set_rule(hall, TwoStepRule.EVERYBODY)
    client.sign_in(reload(lina))
    page = client.get("/account/two-step")
    assert "/account/two-step/off" not in page.text
    assert client.submit("/account/two-step/off", {"code": code()}).location == "/account/two-step"
    assert reload(lina).has_two_step
    with pytest.raises(errors.TwoStepRequired), transaction():
        twostep.turn_off(db.session.get_one(Staff, lina.id), rule=TwoStepRule.EVERYBODY)


def test_rule_is_recorded_once_in_the_audit_trail(hall: Hall) -> None:
    for _ in range(2):
        set_rule(hall, TwoStepRule.MANAGERS)
    assert trail() == [
        (
            "two_step_rule_set",
            None,
            f"hall {hall.id}",
            {"before": {"two_step": "nobody"}, "after": {"two_step": "managers"}},
        )
    ]


def test_secrets_are_never_logged_or_recorded(
    client: FlaskClient, lina: Staff, codes: list[str], capsys: pytest.CaptureFixture[str], caplog
) -> None:
    sign_in_with_code(client, lina, wrong_code())
    sign_in_with_code(client, lina, codes[0])
    client.get("/account/two-step")
    client.submit("/account/two-step/off", {"code": code()})
    written = capsys.readouterr().err + caplog.text + str(trail())
    assert "two_step_off" in written
    for secret in (PHONE, codes[0], codes[0].replace("-", ""), code(), factories.PASSWORD):
        assert secret not in written
