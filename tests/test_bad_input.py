"""Whatever is sent, the answer is a page or a refusal: never an error of the server's own."""

import json
from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hallapp.accounts import passwords
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.passes import service as passes
from tests import factories
from tests.client import sign_in_as
from tests.conftest import pairs, thinned

#: PostgreSQL keeps no NUL, no database a number beyond 64 bits, Python reads no number of more than 4,300 digits, `²`
#: is a digit that is no number, and a lone surrogate cannot be written as UTF-8.
TEXTS = (
    *(
        "",
        "\0",
        "a\0b",
        "\ud800",
        "\x1b[0m",
        "\u202e",
        "𠮷" * 300,
        "長" * 70_000,
        "%_\\/'\"`;--",
        "{{ 7 * 7 }} %(name)s",
    ),
    *("0", "-1", "²", "٣", "NaN", "1e9", "2147483648", "9223372036854775808", "9" * 5000, "../" * 40, "a\r\nX-Evil: 1"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "2026-02-30", "20261123T100000"),
)
VALUES = (None, True, 0, -1, 2**31, 2**63, 2**70, 1e308, float("nan"), [], [[]], ["a"], {}, {"a": {}}, "\ud800", "\0")
BODIES = (
    *(b"", b"\0", b"\xff\xfe", b"null", b"1", b'"text"', b"[]", b"[1]", b"{", b'{"a":1}{', b"[" * 100_000),
    *(
        b'{"counts":' * 30_000,
        b'{"n":' + b"9" * 5000 + b"}",
        b'{"code":"a","code":1}',
        b'{"\\ud800":"\\ud800"}',
        b"NaN",
    ),
    *(b"code=%00&q=%ff%fe&name=%ED%A0%80&next=%", b"&" * 2000, b"--b\r\n\r\n", b"x" * (1024 * 1024 + 1)),
    b'--b\r\nContent-Disposition: form-data; name="code"; filename="\0"\r\n\r\n\0\r\n--b--\r\n',
)
TYPES = (
    *("application/json; charset=nonsense", "application/vnd.api+json", "application/x-www-form-urlencoded"),
    *("multipart/form-data; boundary=b", "multipart/form-data", "\xff"),
)
HEADERS = (
    *("Host", "Cookie", "Accept", "Accept-Language", "Referer", "Origin", "X-Request-ID", "X-Forwarded-For", "Range"),
    *("X-CSRFToken", "If-None-Match", "If-Modified-Since", "X-Requested-With", "Content-Encoding", "User-Agent"),
)
PATHS = (
    *("/visits/{}", "/visits/{}/pass", "/visits/{}/pass.pdf", "/visits/{}/visit.ics", "/t/{}", "/T/{}", "/static/{}"),
    *("/reports/{}", "/reports/{}.json", "/desk/arrivals/{}/take-back", "/{}"),
)
MONTHS = ("0000", "0001", "9999", "0000-01", "0001-01", "9999-12", "2026-13", "2026-00", "٢٠٢٦-١١", "2017-06", "1e03")


@pytest.fixture
def door(app: Flask, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A hall with one slot, a booking for today with its pass, and the browser of an administrator."""
    monkeypatch.setitem(app.config, "RATE_LIMITS", False)
    monkeypatch.setattr(passwords, "matches", lambda *_: False)  # a digest takes longer than all the rest
    with transaction():
        hall = factories.hall(days_ahead=8, slots_until=date.max)  # few days make light pages
        programme = factories.programme(hall=hall)
        slot = factories.slot(programme=programme, visitor_capacity=10_000, guide_capacity=1000)
        today = factories.slot(programme=programme, day=hall.today())
        booking = factories.booking(slot=today)
        passes.issue(booking)
        coming = factories.booking(slot=slot)
        admin = factories.staff(hall=hall, role=Role.ADMIN, password_hash="none")
    client = FlaskClient(app)
    sign_in_as(client, admin)
    return SimpleNamespace(
        app=app,
        client=client,
        token=token_of(client),
        programme=programme,
        slot=slot,
        booking=booking,
        coming=coming,
    )


def stranger(app: Flask) -> tuple[FlaskClient, str]:
    client = FlaskClient(app)
    return client, token_of(client)


def token_of(client: FlaskClient) -> str:
    with client.application.app_context():
        page = client.get("/sign-in", follow_redirects=True, buffered=True).text
    return page.partition('name="csrf-token" content="')[2].partition('"')[0]


def check(client: FlaskClient, path: str, **request: Any) -> int:
    with client.application.app_context():
        answer = client.open(path, **{"method": "POST", "buffered": True, **request})
    assert answer.status_code < 500, (path, {k: str(v)[:300] for k, v in request.items()}, answer.status_code)
    assert "X-Evil" not in answer.headers
    return answer.status_code


def encoded(fields: dict[str, Any]) -> dict[str, Any]:
    """A form as bytes that need not be text: a lone surrogate goes as the bytes that stand for it in no UTF-8."""
    body = urlencode([tuple(str(part).encode("utf-8", "surrogatepass") for part in field) for field in fields.items()])
    return {"data": body, "content_type": "application/x-www-form-urlencoded"}


def booking_form(door: SimpleNamespace) -> dict[str, Any]:
    return {
        "csrf_token": door.token,
        "submission": "fixed",
        "programme": door.programme.slug,
        "day": door.slot.day.isoformat(),
        "slot": door.slot.id,
        "organisation": "广州市第三中学",
        "kind": "school",
        "origins-0-division": "440000",
        "origins-0-visitors": "20",
        "contact_name": "何秀珍",
        "phone": "19900001050",
        "email": "he@example.org",
        "note": "",
        "consent": "y",
    }


def desk_form(door: SimpleNamespace) -> dict[str, Any]:
    return {
        "q": door.booking.reference,
        "event_id": str(uuid4()),
        "code": door.booking.reference,
        "occurred_at": clock.now().isoformat(),
        "reason": "",
        "programme": door.programme.slug,
        "kind": "school",
        "organisation": "广州市第三中学",
        "origins-0-division": "440000",
        "origins-0-visitors": "1",
    }


#: What each address of the desk reads.
DESK = {
    "/desk/lookup": ("q",),
    "/desk/arrivals": ("event_id", "code", "occurred_at", "reason", "counts"),
    "/desk/walk-ins": ("event_id", "occurred_at", "programme", "kind", "organisation", "counts"),
    f"/desk/arrivals/{uuid4()}/take-back": ("event_id",),
}


JSON = {"Accept": "application/json"}
#: What each change of a booking reads.
CHANGES = {
    "people": ("origins-0-division", "origins-0-visitors", "remove_origin"),
    "time": ("slot", "programme", "day", "show_day", "show_programme"),
    "contact": ("contact_name", "phone", "email", "note", "csrf_token"),
}
REACH_THE_SERVICE = ("submission", "programme", "slot", "organisation", "contact_name", "note", "phone", "email")


def test_booking_form_answers_any_input_without_an_error(door: SimpleNamespace) -> None:
    good = booking_form(door)
    for text, name in pairs(TEXTS, REACH_THE_SERVICE):
        check(door.client, "/book", **encoded({**good, name: text}))
    for text in thinned(TEXTS):
        buttons = ("add_origin", "remove_origin", "show_day", "show_programme")
        check(door.client, "/book", **encoded({**good, buttons[len(text) % len(buttons)]: text}))
        check(door.client, "/book", **encoded({**good, f"origins-{text}-division": "440000"}))
        check(door.client, "/book", **encoded(dict.fromkeys(good, text)))


def test_change_form_answers_any_input_without_an_error(door: SimpleNamespace) -> None:
    path = f"/visits/{door.coming.key}/change"
    good = {name: value for name, value in booking_form(door).items() if name != "submission"}
    for what, names in CHANGES.items():
        for text, name in pairs(TEXTS, names):
            check(door.client, path, **encoded({**good, "what": what, name: text}))
    for text, what in pairs(TEXTS, CHANGES):
        check(door.client, path, **encoded({**good, "what": what, f"origins-{text}-division": "440000"}))
        word = quote(text[:3000].encode("utf-8", "surrogatepass"), safe="")
        check(door.client, f"{path}?what={what}&programme={word}&day={word}&slot={word}&lang={word}", method="GET")
    for text in thinned(TEXTS):
        check(door.client, path, **encoded(dict.fromkeys([*good, "what"], text)))
        word = quote(text[:3000].encode("utf-8", "surrogatepass"), safe="")
        check(door.client, f"{path}?what={word}&programme={word}", method="GET")
        check(door.client, f"/visits/{word}/take", headers={"X-CSRFToken": door.token})


def test_sign_in_form_answers_any_input_without_an_error(door: SimpleNamespace) -> None:
    client, token = stranger(door.app)
    for text in thinned(TEXTS):
        for name in ("name", "password", "next"):
            form = {"csrf_token": token, "name": "lina", "password": "long password", "next": "/desk", name: text}
            assert check(client, "/sign-in", **encoded(form)) == 422


def test_desk_form_answers_any_input_without_an_error(door: SimpleNamespace) -> None:
    good = {"csrf_token": door.token, **desk_form(door)}
    for path, names in DESK.items():
        for text, name in pairs(TEXTS, names):
            check(door.client, path, headers=JSON, **encoded({**good, "event_id": uuid4(), name: text}))
    for text in thinned(TEXTS):
        path, names = list(DESK.items())[len(text) % len(DESK)]  # pages are dear: one of them for each text
        check(door.client, path, **encoded({**good, **dict.fromkeys(names, text)}))
        rows = {f"origins-{text}-visitors": 1, "origins-0-division": text}
        for path in ("/desk/arrivals", "/desk/walk-ins"):
            check(door.client, path, headers=JSON, **encoded({**good, **rows, "event_id": uuid4()}))


def test_desk_form_with_malformed_counts_is_refused(door: SimpleNamespace) -> None:
    form = {"csrf_token": door.token, "event_id": uuid4(), "code": door.booking.reference, "counts": "many"}
    assert check(door.client, "/desk/arrivals", **encoded(form)) == 200


def test_desk_json_answers_any_input_without_an_error(door: SimpleNamespace) -> None:
    good = {**desk_form(door), "counts": {"440000": 1}}
    values = (*VALUES, *TEXTS[-4:])
    for path, names in DESK.items():
        for value, name in pairs(values, names):
            send_json(door, path, {**good, "event_id": str(uuid4()), name: value})
    for value in values:
        for path in ("/desk/arrivals", "/desk/walk-ins"):
            send_json(door, path, {**good, "event_id": str(uuid4()), "counts": {"440000": value}})
            send_json(door, path, {**good, "event_id": str(uuid4()), "counts": {str(value): 1}})


def send_json(door: SimpleNamespace, path: str, data: Any) -> None:
    headers = {"X-CSRFToken": door.token}
    check(door.client, path, data=json.dumps(data), content_type="application/json", headers=headers)


def test_requests_with_any_body_get_no_server_error(door: SimpleNamespace) -> None:
    client, token = stranger(door.app)
    for kind in TYPES:
        for body, path in pairs(BODIES, ("/desk/lookup", "/desk/arrivals", "/sign-in", "/book")):
            browser, whose = (client, token) if path == "/sign-in" else (door.client, door.token)
            check(browser, path, data=body, content_type=kind, headers={"X-CSRFToken": whose, **JSON})


def test_any_address_gets_no_server_error(door: SimpleNamespace) -> None:
    texts = (*TEXTS, *MONTHS, door.booking.key)
    for text, path in pairs(texts, PATHS):
        check(door.client, path.format(quote(text[:3000].encode("utf-8", "surrogatepass"), safe="")), method="GET")
    names = ("code", "lang", "programme", "day", "slot", "next", "v")
    for text, path in pairs(texts, ("/book", "/desk", "/sign-in", f"/visits/{door.booking.key}/visit.ics")):
        word = quote(text[:3000].encode("utf-8", "surrogatepass"), safe="")
        check(door.client, f"{path}?" + "&".join(f"{name}={word}" for name in (*names, word)), method="GET")
        check(door.client, f"/visits/{word}/cancel", headers={"X-CSRFToken": door.token})


def test_any_headers_get_no_server_error(door: SimpleNamespace) -> None:
    for text, name in pairs(TEXTS, HEADERS):
        value = text.encode("utf-8", "surrogatepass").decode("latin-1").replace("\n", "").replace("\r", "")
        for path in ("/sign-in", "/static/icon.svg"):
            check(door.client, path, method="GET", headers={name: value[:8000]})
