"""The first run: guarded by a code that works once, nothing typed is lost, and two browsers make one hall."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.first_run import service
from hallapp.first_run.errors import AlreadySetUp
from hallapp.first_run.models import SetupCode
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Slot
from hallapp.schedule.starter import CreateHall
from tests.booking.helpers import page
from tests.client import CheckingClient
from tests.processes import at_once

HALL = {
    "name_zh": "港口馆",
    "name_en": "",
    "address_zh": "广州市越秀区东风路一号",
    "phone": "020 8345 0000",
    "origin_set": "cn",
    "home_division": "440000",
    "time_zone": "Asia/Shanghai",
}
ACCOUNT = {"name": "馆长", "password": "harbour lantern quiet", "again": "harbour lantern quiet"}


@pytest.fixture
def code(app: Flask) -> Iterator[str]:
    with transaction():
        made = service.make_code()
    assert made
    yield made


def opening(**values: Any) -> dict[str, Any]:
    day = clock.today("Asia/Shanghai") + timedelta(days=1)  # whose first time has not begun, at whatever hour this runs
    while day.weekday() == 0:
        day += timedelta(days=1)
    return {"opened_on": day.isoformat(), "closed_weekdays": ["0"], "programmes": ["guided-tour"], **values}


def enter(client: CheckingClient, code: str) -> None:
    client.get("/first-run")
    assert client.submit("/first-run", {"code": code}).location == "/first-run/country"
    assert client.submit("/first-run/country", {"country": "CN"}).location == "/first-run/hall"


def go_to_account(client: CheckingClient, code: str) -> None:
    enter(client, code)
    assert client.submit("/first-run/hall", HALL).location == "/first-run/opening"
    assert client.submit("/first-run/opening", opening()).location == "/first-run/account"


@pytest.mark.either_database
def test_from_the_home_page_to_the_checklist(client: CheckingClient, code: str) -> None:
    assert client.get("/").location == "/first-run"
    go_to_account(client, code.lower().replace("-", " "))
    done = client.submit("/first-run/account", ACCOUNT)
    assert (done.status_code, done.location) == (303, "/admin")
    assert "开馆准备" in page(client.get("/admin"))
    (hall,) = schedule.list_halls()
    assert (hall.name("zh"), hall.draft, hall.languages, hall.closed_weekdays) == ("港口馆", True, "zh", "0")
    assert [programme.slug for programme in hall.programmes] == ["guided-tour"]
    assert db.session.scalar(select(func.count(Slot.id)).where(Slot.day == hall.opened_on)) == 4
    staff = db.session.scalars(select(Staff)).one()
    assert (staff.name, staff.role, staff.must_change_password) == ("馆长", Role.ADMIN, False)
    assert db.session.get(SetupCode, 1) is None


@pytest.mark.parametrize("typed", ["", "WRONG", "0000-0000-0000-0000", "\x00", "🙂" * 50])
def test_wrong_code_opens_nothing(client: CheckingClient, code: str, typed: str) -> None:
    client.get("/first-run")
    answer = client.submit("/first-run", {"code": typed})
    assert answer.status_code == 422
    for step in ("country", "hall", "opening", "account"):
        assert client.get(f"/first-run/{step}").location == "/first-run"
        assert (
            client.submit(f"/first-run/{step}", {"country": "CN", **HALL, **opening(), **ACCOUNT}).location
            == "/first-run"
        )
    assert schedule.list_halls() == []


@pytest.mark.either_database
def test_only_the_digest_is_stored_and_a_new_code_replaces_the_last_one(client: CheckingClient, code: str) -> None:
    stored = db.session.get(SetupCode, 1).digest
    assert code.replace("-", "") not in stored
    enter(client, code)
    with transaction():
        service.make_code()
    assert client.get("/first-run/hall").location == "/first-run", "the entered one is void"
    assert client.submit("/first-run", {"code": code}).status_code == 422


def test_tries_are_limited(client: CheckingClient, code: str) -> None:
    client.get("/first-run")
    answers = [client.submit("/first-run", {"code": f"NO{number}"}).status_code for number in range(11)]
    assert answers == [422] * 10 + [429]
    assert client.submit("/first-run", {"code": code}).status_code == 429, "the right one too"


def test_what_was_typed_is_kept(client: CheckingClient, code: str) -> None:
    enter(client, code)
    answer = client.submit("/first-run/hall", {**HALL, "name_zh": "", "phone": "12345"})
    assert answer.status_code == 422
    assert 'value="12345"' in page(answer)
    client.submit("/first-run/hall", HALL)
    late = opening(opened_on="2017-06-29", closed_weekdays=["0", "3"], programmes=["self-guided"])
    assert client.submit("/first-run/opening", {**late, "back": "1"}).location == "/first-run/hall"
    assert 'value="港口馆"' in page(client.get("/first-run/hall"))
    shown = page(client.get("/first-run/opening"))
    assert 'value="2017-06-29"' in shown
    assert re.findall(r'value="([^"]+)"\s+checked', shown) == ["0", "3", "self-guided"]
    client.submit("/first-run/opening", late)
    client.submit("/first-run/account", {**ACCOUNT, "back": "1"})
    shown = page(client.get("/first-run/account"))
    assert 'value="馆长"' in shown
    assert "lantern" not in shown
    with client.session_transaction() as kept:
        assert "lantern" not in str(dict(kept))


@pytest.mark.on_database("sqlite")
@pytest.mark.parametrize(
    ("country", "shown", "typed", "made"),
    [
        ("DE", "Bavaria", {"home_division": "DE-BE"}, ("DE", "DE-BE", "Europe/Berlin", "DE-BE")),
        ("DE", "Bavaria", {"origin_set": "world"}, ("world", "DE", "Europe/Berlin", "DE")),
        (
            "US",
            "Massachusetts",
            {"home_division": "US-MA", "time_zone": "America/New_York"},
            ("US", "US-MA", "America/New_York", "US-MA"),
        ),
        ("HK", "Macao", {}, ("cn", "810000", "Asia/Hong_Kong", "HK")),
        ("AW", "All countries and regions of the world", {}, ("world", "AW", "America/Aruba", "AW")),
    ],
)
def test_country_decides_what_the_hall_begins_with(
    client: CheckingClient, code: str, country: str, shown: str, typed: dict[str, str], made: tuple[str, ...]
) -> None:
    enter(client, code)
    assert client.submit("/first-run/hall", HALL).location == "/first-run/opening"
    client.submit("/first-run/country", {"country": country})
    form = page(client.get("/first-run/hall?lang=en"))
    assert shown in form and 'value="港口馆"' in form, "the name is kept, the places are those of the country"
    preset = dict(re.findall(r'<select[^>]*name="(\w+)".*?<option selected value="([^"]*)"', form, re.DOTALL))
    sent = {"name_en": "Harbour Hall", "name_zh": "", **preset, **typed}
    assert client.submit("/first-run/hall", sent).location == "/first-run/opening"
    assert client.submit("/first-run/opening", opening()).location == "/first-run/account"
    assert client.submit("/first-run/account", ACCOUNT).location == "/admin"
    (hall,) = schedule.list_halls()
    assert (hall.country, hall.languages) == (country, "en")
    assert (hall.origin_set, hall.home_division, hall.time_zone, hall.holiday_calendar) == made


@pytest.mark.on_database("sqlite")
def test_what_the_country_leaves_open_is_asked(client: CheckingClient, code: str) -> None:
    enter(client, code)
    assert client.submit("/first-run/country", {"country": "XX"}).status_code == 422
    client.submit("/first-run/country", {"country": "US"})
    for wrong in ({}, {"origin_set": "cn", "home_division": "440000", "time_zone": "Asia/Shanghai"}):
        answer = client.submit("/first-run/hall", {"name_en": "Hall", "origin_set": "US", **wrong})
        assert answer.status_code == 422
        shown = page(answer)
        assert 'id="home_division-error"' in shown and 'id="time_zone-error"' in shown
        assert ('id="origin_set-error"' in shown) is bool(wrong)
    assert 'id="name_zh_Hant' not in shown and 'id="name_en"' in shown
    assert 'id="name_zh"' in page(client.get("/first-run/hall?lang=zh")), "a reader of Chinese can name it so"
    client.submit("/first-run/hall", {"name_zh": "港口馆", "back": "1"})
    assert 'value="港口馆"' in page(client.get("/first-run/hall?lang=en")), "and the name stays for other readers"


def test_longest_texts_fit_into_the_cookie(client: CheckingClient, code: str) -> None:
    enter(client, code)
    rare = "".join(chr(0x4E00 + number * 97 % 20000) for number in range(400))
    texts = {"name_zh": rare[:80], "name_en": "x" * 120, "address_zh": rare[:200], "address_en": rare[200:400]}
    assert client.submit("/first-run/hall", HALL | texts).location == "/first-run/opening"
    assert client.submit("/first-run/opening", opening()).location == "/first-run/account"
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert len(cookie.value) < 3800


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"opened_on": ""}, "opened_on"),
        ({"opened_on": "2999-01-01"}, "opened_on"),
        ({"opened_on": "0001-01-01"}, "opened_on"),
        ({"closed_weekdays": [str(day) for day in range(7)]}, "opened_on"),
        ({"programmes": []}, "programmes"),
        ({"programmes": ["other"]}, "programmes"),
    ],
)
def test_bad_opening_is_refused_beside_its_field(
    client: CheckingClient, code: str, values: dict[str, Any], field: str
) -> None:
    enter(client, code)
    client.submit("/first-run/hall", HALL)
    answer = client.submit("/first-run/opening", opening(**values))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in page(answer)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"again": "another one"}, "again"),
        ({"password": "short", "again": "short"}, "password"),
        ({"name": ""}, "name"),
    ],
)
def test_bad_account_makes_nothing(client: CheckingClient, code: str, values: dict[str, Any], field: str) -> None:
    go_to_account(client, code)
    answer = client.submit("/first-run/account", ACCOUNT | values)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in page(answer)
    assert schedule.list_halls() == []
    assert client.submit("/first-run/account", ACCOUNT).location == "/admin", "the code is still valid"


def test_steps_are_done_in_their_order(client: CheckingClient, code: str) -> None:
    enter(client, code)
    assert client.get("/first-run/account").location == "/first-run/hall"
    client.submit("/first-run/hall", HALL)
    assert client.get("/first-run/account").location == "/first-run/opening"


def test_second_browser_finds_it_done(client: CheckingClient, app: Flask, code: str) -> None:
    other = app.test_client()
    for one in (client, other):
        go_to_account(one, code)
    assert client.submit("/first-run/account", ACCOUNT).location == "/admin"
    late = other.submit("/first-run/account", ACCOUNT | {"name": "二号"})
    assert late.status_code == 409
    assert "已经设置完成" in page(late)
    assert other.get("/first-run").location == "/sign-in"
    assert [staff.name for staff in db.session.scalars(select(Staff))] == ["馆长"]
    with transaction():
        assert service.make_code() is None


def set_up_in_time(app: Flask, name: str) -> str:
    with app.app_context():
        digest = db.session.get(SetupCode, 1).digest
        db.session.remove()
        hall = CreateHall(slug="hall", name={"zh": name})
        try:
            with transaction():
                service.set_up(service.SetUp(digest=digest, hall=hall, name=name, password=ACCOUNT["password"]))
        except AlreadySetUp:
            return "late"
        return name


@pytest.mark.both_databases
def test_of_many_browsers_at_once_one_makes_the_hall(code: str, database_url: str, tmp_path: Path) -> None:
    done = at_once(database_url, tmp_path, set_up_in_time, ["甲馆", "乙馆", "丙馆"])
    assert sorted(done, key=lambda name: name == "late")[1:] == ["late", "late"]
    (hall,) = schedule.list_halls()
    assert hall.name("zh") in done
    assert db.session.scalars(select(Staff.name)).all() == [hall.name("zh")]


def test_setup_prints_a_code_while_there_is_no_hall(app: Flask) -> None:
    run = app.test_cli_runner()
    printed = run.invoke(args=["hall", "setup"]).output
    code = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", printed)
    assert code
    assert service.is_valid(service.digest_of(code[0]))
    run.invoke(args=["hall", "setup", "--name-zh", "馆"])
    assert run.invoke(args=["hall", "setup"]).output == ""


def test_programs_get_the_reason(client: CheckingClient, app: Flask) -> None:
    answer = client.get("/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["reason"]) == (503, "no_hall")
