"""Tries at signing in: a lock-out lets known devices through, and administrators see what was refused."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts import passwords, service
from hallapp.accounts.models import RefusedSignIn, Staff
from hallapp.accounts.roles import Role
from hallapp.accounts.web import attempts, known
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests import factories
from tests.accounts.helpers import at_once, sign_in
from tests.client import CheckingClient

NOON = "2026-12-05 04:00:00+00:00"
WRONG = "wrong password"


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


@pytest.fixture
def lina(hall: Hall) -> Staff:
    return factories.make(factories.staff, hall=hall, name="lina")


def browser(app: Flask, address: str = "198.51.100.1") -> CheckingClient:
    client: CheckingClient = app.test_client()  # type: ignore[assignment]
    client.environ_base["REMOTE_ADDR"] = address
    return client


def known_browser(app: Flask, staff: Staff, address: str = "198.51.100.1") -> CheckingClient:
    """A browser in which somebody has signed in before, and out again."""
    client = browser(app, address)
    assert sign_in(client, staff).status_code == 303
    client.get("/account")
    client.submit("/sign-out")
    return client


def lock_out(app: Flask, name: str, *, addresses: int, times: int) -> None:
    """Type wrong passwords until nobody unknown is let through, from so many addresses."""
    for number in range(addresses):
        client = browser(app, f"198.51.100.{number + 1}")
        client.get("/sign-in")
        for _ in range(times):
            client.submit("/sign-in", {"name": name, "password": WRONG})


def rows() -> list[RefusedSignIn]:
    db.session.rollback()
    return list(db.session.scalars(select(RefusedSignIn).order_by(RefusedSignIn.last_at, RefusedSignIn.name)))


# Known devices


def test_lock_out_of_the_halls_own_address_lets_known_devices_through(
    app: Flask, hall: Hall, lina: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(NOON, tick=False):
        mine = known_browser(app, lina)
        right = passwords.matches
        monkeypatch.setattr(passwords, "matches", lambda *_: False)
        for number in range(attempts.LIMIT_PER_NETWORK):
            lock_out(app, f"name{number}", addresses=1, times=1)
        monkeypatch.setattr(passwords, "matches", right)
        assert sign_in(browser(app), lina).status_code == 429
        assert sign_in(mine, lina).status_code == 303


def test_lock_out_of_a_name_lets_its_known_device_through(app: Flask, lina: Staff) -> None:
    with time_machine.travel(NOON, tick=False):
        mine = known_browser(app, lina)
        lock_out(app, "lina", addresses=1, times=attempts.LIMIT_PER_NAME)
        assert sign_in(browser(app), lina).status_code == 429
        assert sign_in(mine, lina).status_code == 303


def test_device_is_known_to_the_accounts_that_signed_in_there_only(app: Flask, hall: Hall, lina: Staff) -> None:
    other = factories.make(factories.staff, hall=hall, name="wang")
    with time_machine.travel(NOON, tick=False):
        mine = known_browser(app, lina)
        lock_out(app, "wang", addresses=1, times=attempts.LIMIT_PER_NAME)
        assert sign_in(mine, other).status_code == 429
        assert sign_in(mine, lina).status_code == 303


def test_shared_browser_is_known_to_all_who_use_it(app: Flask, hall: Hall, lina: Staff) -> None:
    people = [lina, *(factories.make(factories.staff, hall=hall) for _ in range(known.ACCOUNTS_MOST))]
    with time_machine.travel(NOON, tick=False):
        mine = browser(app)
        for staff in people:
            assert sign_in(mine, staff).status_code == 303
            mine.get("/account")
            mine.submit("/sign-out")
        lock_out(app, people[-1].name, addresses=1, times=attempts.LIMIT_PER_NAME)
        lock_out(app, lina.name, addresses=1, times=attempts.LIMIT_PER_NAME)
        assert sign_in(mine, lina).status_code == 429  # the first of too many is forgotten
        assert sign_in(mine, people[-1]).status_code == 303


def test_known_device_has_a_limit_of_its_own(app: Flask, lina: Staff) -> None:
    with time_machine.travel(NOON, tick=False) as clockwork:
        mine = known_browser(app, lina)
        for _ in range(attempts.LIMIT_PER_DEVICE):
            assert sign_in(mine, lina, password=WRONG).status_code == 422
        assert sign_in(mine, lina).status_code == 429
        assert sign_in(browser(app), lina).status_code == 303  # its mistakes lock nobody else out
        clockwork.shift(timedelta(seconds=attempts.LIMIT_SECONDS))
        assert sign_in(mine, lina).status_code == 303


def test_wrong_password_makes_no_device_known(app: Flask, lina: Staff) -> None:
    client = browser(app)
    sign_in(client, lina, password=WRONG)
    assert client.get_cookie(known.COOKIE) is None


@pytest.mark.parametrize("value", ["", "x", "W10.x.y", "x" * 3000])
def test_forged_device_is_unknown(app: Flask, lina: Staff, value: str) -> None:
    with time_machine.travel(NOON, tick=False):
        mine = known_browser(app, lina)
        lock_out(app, "lina", addresses=1, times=attempts.LIMIT_PER_NAME)
        mine.set_cookie(known.COOKIE, value)
        assert sign_in(mine, lina).status_code == 429


def test_device_is_forgotten_after_its_time(app: Flask, lina: Staff) -> None:
    with time_machine.travel(NOON, tick=False) as clockwork:
        mine = known_browser(app, lina)
        cookie = mine.get_cookie(known.COOKIE)
        assert cookie and cookie.http_only and "lina" not in cookie.value
        clockwork.shift(timedelta(seconds=known.SECONDS + 60))
        mine.set_cookie(known.COOKIE, cookie.value)
        lock_out(app, "lina", addresses=1, times=attempts.LIMIT_PER_NAME)
        assert sign_in(mine, lina).status_code == 429


# What was refused


@pytest.mark.either_database
def test_refused_sign_ins_are_kept_by_digest(
    app: Flask, hall: Hall, lina: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("hallapp").addHandler(caplog.handler)
    with time_machine.travel(NOON, tick=False):
        client = browser(app, "203.0.113.77")
        for name in ("lina", " ＬＩＮＡ", "my secret password"):
            client.get("/sign-in")
            assert client.submit("/sign-in", {"name": name, "password": WRONG}).status_code == 422
    logging.getLogger("hallapp").removeHandler(caplog.handler)
    known_row, unknown = sorted(rows(), key=lambda row: row.staff_id is None)
    assert (known_row.hall_id, known_row.staff_id, known_row.times) == (hall.id, lina.id, 2)
    assert (unknown.hall_id, unknown.staff_id, unknown.times) == (hall.id, None, 1)
    assert known_row.network == unknown.network
    lines = [record.getMessage() for record in caplog.records if "sign-in refused" in record.getMessage()]
    assert len(lines) == 3
    written = " ".join([*lines, *(f"{row.name} {row.network}" for row in rows())])
    assert not re.search(r"lina|secret|203\.0|wrong", written)


def test_digest_needs_the_key(app: Flask, lina: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(browser(app), lina, password=WRONG)
    before = rows()[0].name
    monkeypatch.setitem(app.config, "SECRET_KEY", "another-key-Kw8sT4vYb2NqRx7m")
    sign_in(browser(app), lina, password=WRONG)
    assert {row.name for row in rows()} != {before} and len(rows()) == 2


@pytest.mark.either_database
def test_refusals_over_the_limit_are_counted_and_fill_no_table(
    app: Flask, hall: Hall, lina: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "matches", lambda *_: False)
    with time_machine.travel(NOON, tick=False):
        client = browser(app)
        client.get("/sign-in")
        statuses = []
        for number in range(attempts.LIMIT_PER_NETWORK + 20):
            name = "lina" if number % 10 == 0 else f"name{number}"
            statuses.append(client.submit("/sign-in", {"name": name, "password": WRONG}).status_code)
    assert statuses.count(429) == 20
    assert len(rows()) == attempts.LIMIT_PER_NETWORK - 6 + 1
    assert next(row.times for row in rows() if row.staff_id) == 8  # two of them over the limit


@pytest.mark.both_databases
def test_simultaneous_refusals_are_all_counted(app: Flask, hall: Hall, lina: Staff) -> None:
    attempt = attempts.Attempt(name="lina", network="x", staff_id=lina.id, hall_id=hall.id, device=None)
    assert at_once(app, lambda: attempt.note_refusal(limited=False), times=4) == [None] * 4
    assert [row.times for row in rows()] == [4]


def test_administrators_see_what_was_refused(app: Flask, hall: Hall, lina: Staff) -> None:
    admin = factories.make(factories.staff, hall=hall, role=Role.ADMIN)
    other = factories.make(factories.staff, hall=factories.make(factories.hall, host="other.example.org"), name="far")
    for address in ("203.0.113.1", "203.0.113.2"):
        for name in ("lina", "nobody", f"nobody {address}", other.name):
            client = browser(app, address)
            client.get("/sign-in")
            client.submit("/sign-in", {"name": name, "password": WRONG})
    office = app.test_client()
    office.sign_in(admin)
    page = office.get("/admin/staff/refused?lang=en").text
    table = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:]]
    assert sorted(row[:3] for row in table if row[0] == "lina") == [["lina", "2", "2"]]
    assert [row[:9] for row in table if row[0] != "lina"] == [
        ["3", "user", "names", "that", "do", "not", "exist", "4", "2"]
    ]
    assert "far" not in page and "203.0.113" not in page
    assert f"/admin/staff/{lina.id}" in page


def test_page_says_that_nothing_was_refused(app: Flask, hall: Hall) -> None:
    office = app.test_client()
    office.sign_in(factories.make(factories.staff, hall=hall, role=Role.ADMIN))
    assert "这些天没有登录失败" in office.get("/admin/staff/refused").text


@pytest.mark.either_database
def test_refusals_are_deleted_after_thirty_days(app: Flask, lina: Staff) -> None:
    with time_machine.travel(NOON, tick=False) as clockwork:
        sign_in(browser(app), lina, password=WRONG)
        for days, left in ((30, 1), (1, 0)):
            clockwork.shift(timedelta(days=days))
            with transaction():
                service.sweep_refused()
            assert len(rows()) == left
        assert clock.now().day == 5


def test_sign_in_without_any_hall_is_refused_as_usual(app: Flask) -> None:
    client = FlaskClient(app)
    with app.app_context():
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)
        assert token
        form = {"csrf_token": token[1], "name": "nobody", "password": WRONG}
        assert client.post("/sign-in", data=form).status_code == 422
    assert rows() == []
