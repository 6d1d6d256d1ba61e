"""The scope that each route of the API needs, by hand, with a way to send keys."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Permission
from hallapp.api import keys
from hallapp.api.keys import SCOPES, MakeKey
from hallapp.core.database import db, transaction

ANY = "any key"
_FILE = "/api/v1/reports/<period:period>/<any(csv,xlsx,pdf):form>"
_EXPORT = "/api/v1/exports/<int(max=2147483647):number>"
_PERSON = "/api/v1/staff/<int:number>"
OF_KEYS = {
    ("GET", "/api/v1/key"): ANY,
    ("GET", "/api/v1/halls"): ANY,
    ("GET", "/api/v1/halls/<slug>"): ANY,
    ("GET", "/api/v1/programmes"): ANY,
    ("GET", "/api/v1/programmes/<slug>"): ANY,
    ("GET", "/api/v1/categories"): ANY,
    ("GET", "/api/v1/resources"): ANY,
    ("GET", "/api/v1/questions"): ANY,
    ("GET", "/api/v1/divisions"): ANY,
    ("GET", "/api/v1/closures"): ANY,
    ("GET", "/api/v1/slots"): ANY,
    ("GET", "/api/v1/slots/<int(max=2147483647):slot_id>"): ANY,
    ("GET", "/api/v1/bookings"): Permission.BOOKINGS_CHANGE,
    ("POST", "/api/v1/bookings"): Permission.BOOKINGS_CHANGE,
    ("GET", "/api/v1/bookings/<reference>"): Permission.BOOKINGS_CHANGE,
    ("PATCH", "/api/v1/bookings/<reference>"): Permission.BOOKINGS_CHANGE,
    ("POST", "/api/v1/bookings/<reference>/cancel"): Permission.BOOKINGS_CHANGE,
    ("POST", "/api/v1/bookings/<reference>/confirm"): Permission.BOOKINGS_REVIEW,
    ("POST", "/api/v1/bookings/<reference>/decline"): Permission.BOOKINGS_REVIEW,
    ("POST", "/api/v1/bookings/<reference>/accept"): Permission.BOOKINGS_CHANGE,
    ("POST", "/api/v1/bookings/<reference>/move-parts"): Permission.BOOKINGS_CHANGE,
    ("GET", "/api/v1/parties/proposals"): ANY,
    ("POST", "/api/v1/parties"): Permission.BOOKINGS_CHANGE,
    ("POST", "/api/v1/series/dates"): Permission.BOOKINGS_CHANGE,
    ("POST", "/api/v1/series"): Permission.BOOKINGS_CHANGE,
    ("GET", "/api/v1/bookings/<reference>/pass.pdf"): Permission.BOOKINGS_CHANGE,
    ("GET", "/api/v1/bookings/<reference>/pass.png"): Permission.BOOKINGS_CHANGE,
    ("POST", "/api/v1/arrivals"): Permission.DESK_ADMIT,
    ("POST", "/api/v1/arrivals/<uuid:event_id>/take-back"): Permission.DESK_ADMIT,
    ("POST", "/api/v1/arrivals/batch"): Permission.DESK_ADMIT,
    ("POST", "/api/v1/walk-ins"): Permission.DESK_ADMIT,
    ("POST", "/api/v1/lookups"): Permission.DESK_ADMIT,
    ("POST", "/api/v1/departures"): Permission.DESK_ADMIT,
    ("POST", "/api/v1/departures/<uuid:event_id>/take-back"): Permission.DESK_ADMIT,
    ("GET", "/api/v1/inside"): Permission.DESK_ADMIT,
    ("GET", "/api/v1/reports/<period:period>"): Permission.REPORTS_READ,
    ("GET", _FILE): Permission.REPORTS_READ,
    ("POST", "/api/v1/exports"): Permission.BOOKINGS_EXPORT,
    ("GET", _EXPORT): Permission.BOOKINGS_EXPORT,
    ("GET", f"{_EXPORT}/file"): Permission.BOOKINGS_EXPORT,
    ("GET", "/api/v1/staff"): Permission.STAFF_MANAGE,
    ("POST", "/api/v1/staff"): Permission.STAFF_MANAGE,
    ("GET", _PERSON): Permission.STAFF_MANAGE,
    ("PATCH", _PERSON): Permission.STAFF_MANAGE,
}


_ARGUMENT = re.compile(r"<(?:[^<>]*:)?([a-z_]+)>")
#: Headers of some of the answers with a status; those of the limit are missing where limits are off.
_SOMETIMES = {"Link", "Idempotency-Replayed", "Retry-After", "RateLimit", "RateLimit-Policy"}


class Program:
    """A program that sends its key with every request, and has no cookie.

    Each answer is held against the document: its status, the code of an error, and its headers.
    """

    def __init__(self, app: Flask, key: str) -> None:
        self.client: FlaskClient = app.test_client(use_cookies=False)
        self.key = key

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request with JSON; `If_Match` is the header If-Match."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self.key}", "Accept-Language": "en", **given}
        json = {} if body is None else {"json": body}
        answer = self.client.open(f"/api/v1{path}", method=method, headers=sent, **json)
        check_documented(self.client.application, method, answer)
        return answer

    def get(self, path: str, **headers: str) -> TestResponse:
        """Send a GET."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        """Send a POST."""
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> TestResponse:
        """Send a PATCH."""
        return self.send("PATCH", path, body, **headers)


def check_documented(app: Flask, method: str, answer: TestResponse) -> None:
    """An answer has a status, an error code and the headers that the OpenAPI document names."""
    endpoint, _values = app.url_map.bind("").match(answer.request.path, method)
    rule = next(app.url_map.iter_rules(endpoint)).rule
    document = app.extensions["hallapp_openapi"]
    if rule not in {one for _method, one in OF_KEYS}:  # the document itself, and its page
        return
    operation = document["paths"][_ARGUMENT.sub(r"{\1}", rule)][method.lower()]
    stated = operation["responses"].get(str(answer.status_code))
    assert stated, (method, rule, answer.status_code, answer.text)
    if answer.status_code >= 400:
        assert answer.json["code"] in stated["x-codes"], (method, rule, answer.json)
    for media in stated.get("content", {}).values() if answer.is_json else ():
        check_fields(answer.json, media["schema"], document["components"]["schemas"])
    missing = stated["headers"].keys() - set(answer.headers.keys()) - _SOMETIMES
    assert not missing, (method, rule, answer.status_code, missing)


def check_fields(value: Any, schema: dict[str, Any], known: dict[str, Any], place: str = "") -> None:
    """An answer has no field that its schema does not name, although programs let new ones pass."""
    names = [one["$ref"] for one in (schema, *schema.get("anyOf", ())) if "$ref" in one]
    if names:
        schema = known[names[0].rpartition("/")[2]]
    if isinstance(value, list):
        for one in value:
            check_fields(one, schema.get("items", {}), known, f"{place}/0")
    elif isinstance(value, dict) and "properties" in schema:
        assert value.keys() <= schema["properties"].keys(), (place, value.keys() - schema["properties"].keys())
        for name, one in value.items():
            check_fields(one, schema["properties"][name], known, f"{place}/{name}")


def program(app: Flask, staff: Staff, *scopes: Permission, name: str = "", **values: Any) -> Program:
    """A program whose key a member of staff has just made; with every scope unless some are named."""
    by, hall_id = staff.id, staff.hall_id
    with app.app_context(), transaction():
        count = len(keys.list_keys(hall_id))
        command = MakeKey(
            hall_id=hall_id,
            by=by,
            name=name or f"gate {count}",
            scopes=scopes or SCOPES,
            **{"expires_at": None, **values},
        )
        _row, text = keys.make(command)
    db.session.expire_all()
    return Program(app, text)
