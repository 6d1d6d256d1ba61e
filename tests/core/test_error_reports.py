"""A report of an error reaches Sentry, from the pages and from the worker, and holds nothing of anybody."""

import http.cookiejar
import json
import logging
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk

from hallapp import create_app
from hallapp.core import error_reports
from hallapp.core.database import db, transaction
from hallapp.core.version import get_version
from hallapp.schedule.models import Slot
from tests import factories, warm
from tests.booking.helpers import typed
from tests.conftest import SECRET, settings_for
from tests.core.sentry_server import Taken, sentry
from tests.live import Live, _let_go, serve

PERSON = {
    "contact_name": "鄢龑堃",
    "phone": "13911172634",
    "email": "yanyankun@mail.example.org",
    "note": "膝盖手术后需要轮椅",
    "organisation": "广州市荔湾区梧桐里合唱团",
}
FAILING = "tests.core.failing_wsgi:app"
AGENT, COOKIE = "Mozilla-of-somebody", "cookie-of-somebody"
PERSONAL = (*PERSON.values(), "911172634", "yanyankun", AGENT, COOKIE, "key-of-a-visit")


@pytest.mark.slow
def test_nothing_personal_is_sent_from_the_pages_and_from_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'live.sqlite3'}"
    with sentry() as taken:
        monkeypatch.setenv("HALL_SENTRY_DSN", taken.dsn)  # for the server and the worker, not for this process
        with serve(url, tmp_path, application=FAILING) as live:
            key = prepare(live)
            let_a_booking_fail(live)
            taken.wait(2)
            with worker(live):
                taken.wait(4)
    everything = "\n".join(taken.texts)
    for personal in (*PERSONAL, key, SECRET):
        assert personal not in everything
        assert json.dumps(personal)[1:-1] not in everything, "written in escapes"
        assert urllib.parse.quote(personal) not in everything, "as in an address"
    check_what_helps(taken)


def prepare(live: Live) -> str:
    """A hall with a booking that the worker shall fail at, and the address of a free time; gives the booking's key."""
    with live.app.app_context(), transaction():
        slot = factories.slot(programme=factories.programme(hall=factories.hall()))
        return factories.booking(slot=slot, **{**PERSON, "phone": "+8613911172634"}).key


def let_a_booking_fail(live: Live) -> None:
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with browser.open(f"{live.url}/book") as answer:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
    assert token
    with live.app.app_context():
        form = typed(db.session.get_one(Slot, 1), **PERSON) | {"csrf_token": token[1]}
    cookies = "; ".join([*(f"{cookie.name}={cookie.value}" for cookie in jar), f"other={COOKIE}"])
    request = urllib.request.Request(
        f"{live.url}/book?visit=key-of-a-visit&name={urllib.parse.quote(PERSON['contact_name'])}",
        urllib.parse.urlencode(form).encode(),
        {
            "Cookie": cookies,
            "User-Agent": AGENT,
            "Referer": f"{live.url}/visits/key-of-a-visit",
            "X-Forwarded-For": PERSON["phone"],
        },
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    with refused.value as page:
        assert page.code == 500, page.read().decode()


@contextmanager
def worker(live: Live) -> Iterator[None]:
    folder = live.app.config["SETTINGS"].instance
    given = {"HALL_DATABASE_URL": live.app.config["SETTINGS"].database_url, "HALL_INSTANCE": str(folder)}
    with (folder / "worker.log").open("wb") as log:
        command = ["-m", "flask", "--app", FAILING.partition(":")[0], "worker"]
        process = warm.start(command, env={**os.environ, **given, "HALL_SECRET_KEY": SECRET}, output=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def check_what_helps(taken: Taken) -> None:
    """A report says what failed, where, and in which version."""
    unlike: dict[str, dict[str, Any]] = {event["logentry"]["message"]: event for event in taken.events}
    assert {"unexpected error", "cannot index %s of %s"} < set(unlike)
    page = unlike["unexpected error"]
    assert (page["release"], page["transaction"]) == (f"hallapp@{get_version()}", "POST /book")
    assert set(page["tags"]) == {"method", "route", "request_id"}
    types = [each["type"] for each in page["exception"]["values"]]
    assert {"IntegrityError", "ValueError"} <= set(types)
    functions = [frame["function"] for each in page["exception"]["values"] for frame in each["stacktrace"]["frames"]]
    assert "_fail" in functions
    (task,) = [event for message, event in unlike.items() if message.startswith("task absences of ")]
    assert "transaction" not in task
    for event in taken.events:
        assert not {"request", "user", "extra", "breadcrumbs"} & set(event)


def test_report_is_built_of_what_is_known_and_of_nothing_else() -> None:
    """Whatever the library adds in a later version stays here."""
    filled = dict.fromkeys(("request", "user", "extra", "breadcrumbs", "message", "new_in_2027"), "何秀珍")
    frame = {"function": "place", "vars": {"phone": "13911172634"}, "new_in_2027": "何秀珍"}
    exception = {
        "type": "ValueError",
        "value": "何秀珍",
        "stacktrace": {"frames": [frame]},
        "mechanism": {"data": "何秀珍"},
    }
    record = logging.LogRecord("urllib3", logging.ERROR, "", 1, "no answer to %s", ("13911172634",), None)
    event: Any = {
        **filled,
        "event_id": "e",
        "exception": {"values": [exception]},
        "contexts": {"who": "何秀珍", "os": {}},
    }
    assert error_reports.rebuild(event, record, {}) == {
        "event_id": "e",
        "logentry": {"message": "no answer to %s"},
        "exception": {
            "values": [
                {"type": "ValueError", "module": None, "value": "", "stacktrace": {"frames": [{"function": "place"}]}}
            ]
        },
        "contexts": {"os": {}},
    }


@pytest.mark.parametrize(
    "message", [ValueError("no answer to 13911172634"), "no answer to 13911172634", "no answer to 100% of 鄢龑堃"]
)
def test_messages_that_libraries_have_filled_in_stay_here(message: object) -> None:
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 1, message, (), None, func="run")
    report = error_reports.rebuild({}, record, {})
    assert report["logentry"] == {"message": "gunicorn.error: a message in run"}


def test_nothing_is_reported_without_an_address(tmp_path: Path) -> None:
    _let_go(create_app(settings_for(f"sqlite:///{tmp_path / 'hall.sqlite3'}", tmp_path)))
    assert not sentry_sdk.is_initialized()
