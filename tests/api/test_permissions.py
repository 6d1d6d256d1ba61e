"""Who may do what by a key: every route of the API, for every scope and for the key of another hall."""

import uuid

import pytest
from flask import Flask

from hallapp.accounts.roles import Permission, Role
from hallapp.api.keys import SCOPES
from hallapp.core.database import transaction
from tests import factories
from tests.api.table import ANY, OF_KEYS, Program, program

#: What a body needs to be readable; a route that is open may refuse it, but not as a matter of scope.
_PLACES = {
    "<slug>": "none",
    "<int(max=2147483647):slot_id>": "{slot}",
    "<reference>": "{reference}",
    "<uuid:event_id>": str(uuid.uuid4()),
    "<period:period>": "2026-10",
    "<any(csv,xlsx,pdf):form>": "csv",
    "<int(max=2147483647):number>": "1",
}


def path_of(rule: str, **values: object) -> str:
    for place, example in _PLACES.items():
        rule = rule.replace(place, example.format(**values))
    return rule.removeprefix("/api/v1")


def test_each_scope_opens_its_routes_and_no_others(app: Flask) -> None:
    with transaction():
        hall = factories.hall()
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        slot = factories.slot(programme=factories.programme(hall=hall))
        booking = factories.booking(slot=slot)
        values = {"slot": slot.id, "reference": booking.reference}
        guest = factories.staff(hall=factories.hall(), role=Role.ADMIN)
    holders: list[tuple[frozenset[Permission], Program]] = [
        (frozenset({scope}), program(app, admin, scope)) for scope in SCOPES
    ]
    stranger, nobody = program(app, guest), Program(app, "hall_0_0")
    for (method, rule), needed in OF_KEYS.items():
        path = path_of(rule, **values)
        body = None if method == "GET" else {}
        refused = nobody.send(method, path, body)
        assert (refused.status_code, refused.json["code"]) == (401, "key_invalid"), rule
        assert refused.headers["WWW-Authenticate"] == "Bearer"
        for scopes, holder in holders:
            answer = holder.send(method, path, body)
            if needed is ANY or needed in scopes:
                assert answer.status_code in (200, 404, 409, 410, 422), (rule, scopes, answer.json)
            else:
                assert (answer.status_code, answer.json["code"]) == (403, "key_scope_missing"), (rule, scopes)
        other = stranger.send(method, path, body)
        if "<" in rule and "period" not in rule:  # a row of this hall is unknown to the key of another hall
            assert other.status_code in (404, 409, 422), (rule, other.json)
    listed = stranger.get("/bookings"), stranger.get("/slots?first=2020-01-01&last=2020-01-02")
    assert [answer.json["items"] for answer in listed] == [[], []]


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer x", "Basic aGFsbDp4", "Bearer hall__", "Bearer hall_\0_x"])
def test_no_key_opens_nothing(app: Flask, sent: str) -> None:
    answer = app.test_client().get("/api/v1/halls", headers={"Authorization": sent.replace("\0", "%00")})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_session_opens_no_view_of_the_api_and_a_key_opens_no_page(app: Flask) -> None:
    with transaction():
        admin = factories.staff(hall=factories.hall(), role=Role.ADMIN)
    client = app.test_client()
    client.sign_in(admin)
    assert client.get("/admin/api-keys").status_code == 200
    for method, rule in OF_KEYS:
        assert client.open(f"/api/v1{path_of(rule, slot=1, reference='A')}", method=method).status_code == 401, rule
    key = program(app, admin)
    page = key.client.get("/today", headers={"Authorization": f"Bearer {key.key}"})
    assert (page.status_code, page.location) == (303, "/sign-in?next=/today")


def test_errors_without_a_view_are_problems_too(app: Flask) -> None:
    client = app.test_client()
    unknown, wrong = client.get("/api/v1/nothing"), client.delete("/api/v1/halls")
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json["code"], "GET" in wrong.headers["Allow"]) == (405, "method_not_allowed", True)
    assert unknown.mimetype == wrong.mimetype == "application/problem+json"
