"""Sessions on the server: what ends them, what a copied cookie still opens, and the list of one's own."""

import http.cookiejar
import re
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from hallapp.accounts import agents, joining, service, sessions
from hallapp.accounts.models import AuditEntry, Staff, StaffSession
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.web.responses import PROLONGED_EVERY
from hallapp.schedule.models import Hall
from tests import factories
from tests.accounts.helpers import at_once, is_in, sign_in, trail
from tests.client import CheckingClient, sign_in_as
from tests.conftest import SECRET
from tests.core.conftest import MakeApp, make_app
from tests.live import serve

__all__ = ["make_app"]

NOON = "2026-12-05 04:00:00+00:00"
SNAPSHOT = {"Sec-Fetch-Mode": "cors"}
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
NEW_KEY = "another-key-Kw8sT4vYb2NqRx7m"


@pytest.fixture
def lina(app: Flask) -> Staff:
    with transaction():
        return factories.staff(hall=factories.hall(), name="lina")


@pytest.fixture
def here(app: Flask, lina: Staff) -> CheckingClient:
    client: CheckingClient = app.test_client()  # type: ignore[assignment]
    assert sign_in(client, lina).status_code == 303
    client.get("/account")
    return client


def copy_of(client: FlaskClient, app: Flask | None = None, name: str = "session") -> FlaskClient:
    """Another browser with a copy of this one's session cookie."""
    cookie = client.get_cookie(name)
    assert cookie
    thief = (app or client.application).test_client()
    thief.set_cookie(name, cookie.value)
    return thief


def rows() -> list[StaffSession]:
    db.session.rollback()
    return list(db.session.scalars(select(StaffSession).order_by(StaffSession.id)))


@contextmanager
def written() -> Iterator[list[str]]:
    """The statements that change something within a `with`."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if re.match(r"(?i)\s*(insert|update|delete|begin immediate)", statement):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


# What ends a session


def test_copied_cookie_opens_nothing_after_sign_out(here: CheckingClient, lina: Staff) -> None:
    thief = copy_of(here)
    assert is_in(thief)
    assert here.submit("/sign-out").location == "/sign-in"
    assert not is_in(thief) and not is_in(here)
    assert rows() == []
    assert thief.get("/desk", headers={"Accept": "application/json"}).status_code == 401
    assert [entry[0] for entry in trail()] == ["sign_in", "signed_out"]


def test_cookie_and_database_hold_no_token_of_one_another(here: CheckingClient, lina: Staff) -> None:
    (row,) = rows()
    with here.session_transaction() as session:
        token = session["_user_id"]
    assert len(token) == 32 and token != row.digest
    assert row.digest not in str(here.get_cookie("session"))
    assert (row.hall_id, row.staff_id) == (lina.hall_id, lina.id)


def test_every_sign_in_has_a_token_of_its_own(app: Flask, here: CheckingClient, lina: Staff) -> None:
    sign_in(app.test_client(), lina)
    first, second = rows()
    assert first.digest != second.digest


def test_session_ends_after_a_day_however_much_it_is_used(app: Flask, lina: Staff) -> None:
    client = app.test_client()
    with time_machine.travel(NOON, tick=False) as clockwork:
        sign_in(client, lina)
        for _ in range(23):
            clockwork.shift(timedelta(hours=1))
            assert is_in(client)
        clockwork.shift(timedelta(minutes=59))
        assert is_in(client)
        clockwork.shift(timedelta(minutes=1))
        assert not is_in(client)


def test_idle_session_ends_on_the_server_whatever_the_cookie_says(app: Flask, lina: Staff) -> None:
    client = app.test_client()
    with time_machine.travel(NOON, tick=False):
        sign_in(client, lina)
        with transaction():
            row = db.session.scalars(select(StaffSession)).one()
            row.last_used_at = clock.now() - sessions.IDLE - sessions.NOTED_EVERY
        assert not is_in(client)


def test_page_that_fetches_by_itself_prolongs_nothing(app: Flask, lina: Staff) -> None:
    client = app.test_client()
    with time_machine.travel(NOON, tick=False) as clockwork:
        sign_in(client, lina)
        for _ in range(11):
            clockwork.shift(timedelta(hours=1))
            assert client.get("/desk/snapshot", headers=SNAPSHOT).status_code == 200
        assert rows()[0].last_used_at == clock.now() - timedelta(hours=11)
        clockwork.shift(timedelta(hours=1, seconds=1) + PROLONGED_EVERY)
        assert client.get("/desk/snapshot", headers=SNAPSHOT).status_code in (303, 401)


def test_opening_a_page_writes_once_in_a_few_minutes(app: Flask, lina: Staff) -> None:
    client = app.test_client()
    with time_machine.travel(NOON, tick=False) as clockwork:
        sign_in(client, lina)
        counts = []
        for _ in range(4):
            clockwork.shift(timedelta(minutes=2))
            with written() as sent:
                assert is_in(client)
            counts.append(sum("staff_session" in statement for statement in sent))
        assert counts == [0, 0, 1, 0]


def test_request_asks_for_its_owner_once(here: CheckingClient) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    here.get("/sign-in")
    event.remove(db.engine, "before_cursor_execute", note)
    about_people = [one for one in asked if "staff" in one]
    assert len(about_people) == 1 and "JOIN staff" in about_people[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda staff: service.change_role(staff, Role.GUIDE, by=None),
        lambda staff: service.close(staff, by=None),
        lambda staff: service.end_sessions(staff, by=None),
        lambda staff: service.change_password(name=staff.name, password="quite another password"),
    ],
    ids=["role", "closed", "everywhere", "password"],
)
def test_changes_of_the_account_end_its_sessions(
    here: CheckingClient, lina: Staff, change: Callable[[Staff], object]
) -> None:
    with transaction():
        change(db.session.get_one(Staff, lina.id))
    assert not is_in(here)


def test_session_that_begins_while_the_password_changes_opens_nothing(app: Flask, lina: Staff) -> None:
    with transaction():
        stale = db.session.get_one(Staff, lina.id)
        version = stale.session_version
        service.end_all(stale)
        token = sessions.begin(stale, browser="chrome", system="linux")
        row = db.session.scalars(select(StaffSession)).one()
        row.session_version = version
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    assert not is_in(client)


def test_new_password_gives_this_browser_a_new_token(here: CheckingClient, lina: Staff) -> None:
    thief, row = copy_of(here), rows()[0]
    before, digest = (row.id, row.made_at, row.ends_at), row.digest
    form = {"old": factories.PASSWORD, "password": "quite another password", "again": "quite another password"}
    assert here.submit("/account/password", form).status_code == 303
    assert is_in(here) and not is_in(thief)
    (after,) = rows()
    assert (after.id, after.made_at, after.ends_at) == before
    assert after.digest != digest


@pytest.mark.parametrize("held", ["", "1.1", "x" * 5000, "\0", "\ud800", "1"])
def test_token_of_anything_opens_nothing(app: Flask, lina: Staff, held: str) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = held
    assert not is_in(client)


def test_cookie_from_before_the_upgrade_asks_for_a_sign_in(app: Flask, lina: Staff) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{lina.id}.1", True
    assert client.get("/desk").location == "/sign-in?next=/desk"
    assert sign_in(client, lina).status_code == 303


def test_invitation_opened_by_somebody_signed_in_ends_their_session(here: CheckingClient, lina: Staff) -> None:
    thief = copy_of(here)
    invite = joining.Invite(hall_id=lina.hall_id, by=None, name="newcomer", role=Role.DESK)
    with transaction():
        token = joining.invite(invite).token
    here.get(f"/invitations/{token}")
    form = {"password": "quite another password", "again": "quite another password"}
    assert here.submit(f"/invitations/{token}", form).location == "/sign-in"
    assert not is_in(thief)


def test_sweep_deletes_ended_sessions_only(app: Flask, lina: Staff) -> None:
    other = factories.make(factories.staff, hall=factories.make(factories.hall))
    with time_machine.travel(NOON, tick=False) as clockwork:
        for staff in (lina, other):
            sign_in_as(app.test_client(), staff)
        clockwork.shift(timedelta(hours=13))
        sign_in_as(app.test_client(), lina)
        sign_in_as(app.test_client(), other)
        with transaction():
            service.end_all(db.session.get_one(Staff, other.id))
        remaining = [row.id for row in rows()][2:3]
        answer = app.test_cli_runner().invoke(args=["bookings", "erase"])
        assert answer.exit_code == 0, answer.output
        assert [row.id for row in rows()] == remaining


# The list of one's own


def test_list_shows_browsers_and_no_address(app: Flask, here: CheckingClient, lina: Staff) -> None:
    elsewhere = app.test_client()
    elsewhere.environ_base.update({"REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": CHROME})
    sign_in(elsewhere, lina)
    page = here.get("/account?lang=en")
    assert "Chrome on Windows" in page.text and "203.0.113" not in page.text
    assert page.text.count("This browser") == 1
    assert page.text.count('/end"') == 1


def test_person_ends_one_of_their_sessions(app: Flask, here: CheckingClient, lina: Staff) -> None:
    elsewhere, third = app.test_client(), app.test_client()
    sign_in(elsewhere, lina)
    sign_in(third, lina)
    ended = rows()[1].id
    answer = here.submit(f"/account/sessions/{ended}/end")
    assert (answer.status_code, answer.location) == (303, "/account?saved=session#sessions")
    assert not is_in(elsewhere)
    assert is_in(here) and is_in(third)
    assert trail(action="session_ended") == [("session_ended", lina.id, f"staff {lina.id}", {"number": 1})]
    assert here.submit(f"/account/sessions/{ended}/end").status_code == 303  # it has ended: that is what was wanted
    assert len(trail(action="session_ended")) == 1


def test_person_ends_all_their_other_sessions(app: Flask, here: CheckingClient, lina: Staff) -> None:
    others = [app.test_client(), app.test_client()]
    for client in others:
        sign_in(client, lina)
    stranger = app.test_client()
    sign_in_as(stranger, factories.make(factories.staff, hall=_hall(lina)))
    answer = here.submit("/account/sessions/end-others")
    assert (answer.status_code, answer.location) == (303, "/account?saved=sessions#sessions")
    assert [is_in(client) for client in others] == [False, False]
    assert is_in(here) and is_in(stranger)
    assert trail(action="session_ended") == [("session_ended", lina.id, f"staff {lina.id}", {"number": 2})]


def _hall(staff: Staff) -> Hall:
    return db.session.get_one(Hall, staff.hall_id)


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "１"])
def test_unknown_session_number_is_not_found(here: CheckingClient, number: str) -> None:
    assert here.submit(f"/account/sessions/{number}/end").status_code == 404


def test_person_cannot_end_the_session_of_another_person(app: Flask, here: CheckingClient, lina: Staff) -> None:
    other = factories.make(factories.staff, hall=_hall(lina))
    theirs = app.test_client()
    sign_in_as(theirs, other)
    number = rows()[-1].id
    here.submit(f"/account/sessions/{number}/end")
    assert is_in(theirs)
    assert db.session.scalars(select(AuditEntry.action).where(AuditEntry.action == "session_ended")).all() == []


def test_ended_at_once_from_both_sides_ends_once(app: Flask, here: CheckingClient, lina: Staff) -> None:
    sign_in(app.test_client(), lina)
    ended, staff_id = rows()[1].id, lina.id

    def end() -> bool:
        with transaction():
            return sessions.end_one(db.session.get_one(Staff, staff_id), ended)

    assert sorted(at_once(app, end)) == [False, True]
    assert len(rows()) == 1
    assert len(trail(action="session_ended")) == 1


# Keys and names of the cookie


def test_new_key_in_front_keeps_the_sessions(app: Flask, here: CheckingClient, make_app: MakeApp) -> None:
    url = app.config["SETTINGS"].database_url
    rotated = make_app(url, HALL_SECRET_KEY=f"{NEW_KEY},{SECRET}")
    browser = copy_of(here, rotated)
    assert is_in(browser)
    only_new = make_app(url, HALL_SECRET_KEY=NEW_KEY)
    assert is_in(copy_of(browser, only_new))  # its cookie has been signed anew meanwhile
    assert not is_in(copy_of(here, only_new))


def test_cookies_are_bound_to_the_host_over_https(app: Flask, lina: Staff, make_app: MakeApp) -> None:
    url = app.config["SETTINGS"].database_url
    client = make_app(url, HALL_BASE_URL="https://visit.example.org").test_client()
    base = {"base_url": "https://visit.example.org"}
    client.get("/sign-in", **base)
    form = {"name": "lina", "password": factories.PASSWORD}
    cookies = client.submit("/sign-in", form, **base).headers.getlist("Set-Cookie")
    named = {cookie.partition("=")[0]: cookie for cookie in cookies}
    assert set(named) == {"__Host-session", "__Host-known"}
    for cookie in named.values():
        attributes = {one.strip().lower() for one in cookie.split(";")[1:]}
        assert {"secure", "path=/", "httponly", "samesite=lax"} <= attributes
        assert not any(one.startswith("domain") for one in attributes)
    assert client.get("/account", **base).status_code == 200


# Families of browsers


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, ("chrome", "windows")),
        (CHROME + " Edg/131.0.0.0", ("edge", "windows")),
        (CHROME.replace("Windows NT 10.0", "Linux; Android 14") + " MicroMessenger/8.0", ("wechat", "android")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", ("firefox", "linux")),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1", ("safari", "ios")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.5 Safari/605.1", ("safari", "macos")),
        ("curl/8.5.0", ("other", "other")),
        ("", ("other", "other")),
        ("\ud800" * 9000, ("other", "other")),
    ],
)
def test_browser_and_system_are_read_from_the_user_agent(agent: str, words: tuple[str, str]) -> None:
    assert agents.family(agent) == words
    assert all(len(word) <= 20 for word in words)


# Two processes


def test_session_ended_here_opens_nothing_in_another_process(
    app: Flask, database_url: str, tmp_path: Path, lina: Staff
) -> None:
    """The browser talks to a server of its own; the session is ended by this process."""
    with serve(database_url, tmp_path) as live:
        browser = app.test_client()
        sign_in_as(browser, lina)
        cookie = browser.get_cookie("session")
        assert cookie

        def opens() -> bool:
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
            request = urllib.request.Request(f"{live.url}/account", headers={"Cookie": f"session={cookie.value}"})
            with opener.open(request, timeout=30) as answer:
                return "/sign-in" not in str(answer.url)

        assert opens()
        browser.get("/account")
        assert browser.submit("/sign-out").status_code == 303
        assert not opens()
