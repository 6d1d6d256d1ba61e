"""A hall's pages: its logo, its languages, and slots that are made when a day comes into reach."""

import io
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from hallapp.core.database import db, transaction
from hallapp.schedule import policies, queries
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import keep_slots_ahead
from tests import factories
from tests.schedule.helpers import every_day, slots, template

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


def picture(colour: str, form: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(content, form)
    return content.getvalue()


def put_logo(hall: Hall, content: bytes) -> str:
    with transaction():
        policies.save_logo(hall.id, content, by=None)
    logo = queries.find_logo(hall.id)
    assert logo is not None
    return logo.digest


def test_a_hall_without_a_logo_shows_none(client: FlaskClient, hall: Hall) -> None:
    assert client.get("/logo").status_code == 404
    assert "site-logo" not in client.get("/sign-in").text


def test_there_is_no_logo_where_there_is_no_hall(client: FlaskClient) -> None:
    assert client.get("/logo").status_code == 404


def test_a_logo_is_on_each_page_and_cached_by_browsers(client: FlaskClient, hall: Hall) -> None:
    digest = put_logo(hall, picture("red", "JPEG"))
    assert f'<img class="site-logo" src="/logo?v={digest}" alt=""' in client.get("/sign-in").text
    answer = client.get(f"/logo?v={digest}")
    assert (answer.status_code, answer.content_type, answer.data) == (200, "image/jpeg", picture("red", "JPEG"))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get("/logo", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-cache")


@pytest.mark.parametrize("version", ["", "x", "0" * 63, "0" * 65, "\0" * 64, "²" * 64])
def test_without_its_digest_the_hosts_logo_is_served_and_not_kept(
    client: FlaskClient, hall: Hall, version: str
) -> None:
    put_logo(hall, picture("red"))
    answer = client.get("/logo", query_string={"v": version})
    assert (answer.data, answer.headers["Cache-Control"]) == (picture("red"), "no-cache")


def test_a_digest_finds_its_own_picture_on_any_host_and_an_old_one_nothing(client: FlaskClient, hall: Hall) -> None:
    other = factories.make(factories.hall, host="other.example.org")
    put_logo(hall, picture("red"))
    theirs = put_logo(other, picture("blue"))
    assert client.get(f"/logo?v={theirs}").data == picture("blue")
    put_logo(other, picture("green"))
    assert client.get(f"/logo?v={theirs}").status_code == 404


def language_of(page: str) -> str:
    return page.partition('<html lang="')[2].partition('"')[0]


def test_a_hall_of_one_language_has_no_switch_and_every_page_in_it(client: FlaskClient, hall: Hall) -> None:
    factories.make(factories.programme, hall=hall)
    assert "language-switch" in client.get("/sign-in").text
    assert 'value="language"' in client.get("/book").text
    for only, tag in (("en", "en"), ("zh", "zh-CN")):
        with transaction():
            hall.languages = only
        for address in ("/sign-in", "/sign-in?lang=zh", "/sign-in?lang=en", "/book", "/no-such-page"):
            page = client.get(address, headers={"Accept-Language": "en" if only == "zh" else "zh-CN"}).text
            assert language_of(page) == tag
            assert "language-switch" not in page
            assert 'value="language"' not in page


def test_the_first_language_of_a_hall_is_the_fallback(client: FlaskClient, hall: Hall) -> None:
    with transaction():
        hall.languages = "en,zh"
    for wish, tag in (("fr", "en"), ("zh-TW", "zh-CN"), ("", "en")):
        assert language_of(client.get("/sign-in", headers={"Accept-Language": wish}).text) == tag


def test_languages_are_those_of_the_staffs_own_hall(app: Flask, hall: Hall) -> None:
    with transaction():
        other = factories.hall(languages="en", host="other.example.org")
        staff = factories.staff(hall=other, role=factories.Role.DESK)
    client = app.test_client()
    client.sign_in(staff)
    page = client.get("/desk", headers={"Accept-Language": "zh-CN"}).text
    assert (language_of(page), "language-switch" in page) == ("en", False)


@time_machine.travel(NOW, tick=False)
def test_slots_are_made_when_a_day_comes_into_reach_and_only_then(hall: Hall) -> None:
    with transaction():
        hall.days_ahead = 7
        template(factories.programme(hall=hall), *every_day(time(10)))
    keep_slots_ahead(hall)
    assert (len(slots()), hall.slots_until) == (8, date(2026, 11, 30))
    with db.engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM audit_entry").scalar()
    keep_slots_ahead(hall)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        keep_slots_ahead(hall)
    assert (len(slots()), hall.slots_until) == (9, date(2026, 12, 1))
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_entry").scalar() == before
