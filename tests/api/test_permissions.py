"""Who may do what by a key: every route of the API, for every scope, for dead keys, and for the key of another hall.

The walk goes along the application's own map of routes, so a new route is in it, or fails for want of a sample.
"""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Permission, Role
from hallapp.api import keys
from hallapp.api.keys import SCOPES
from hallapp.api.web import access
from hallapp.api.web.spec import PREFIX
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.passes import service as passes
from hallapp.presence.models import PresenceSetting
from hallapp.schedule.models import Slot
from tests import factories
from tests.api.table import ANY, OF_KEYS, Program, program

_PUBLIC = {f"{PREFIX}/openapi.json", f"{PREFIX}/docs"}
#: Arguments that name no row of a hall.
_PLAIN = {"<period:period>": "2026-10", "<any(csv,xlsx,pdf):form>": "csv"}
_ARGUMENT = re.compile(r"<[^<>]+>")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one client be refused more often than a real one would."""
    monkeypatch.setattr(access, "REFUSALS_A_MINUTE", 10**6)


def routes_of(app: Flask) -> Iterator[tuple[str, str]]:
    """Every route of the application below the prefix of the API, by method and rule."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PREFIX) and rule.rule not in _PUBLIC:
            yield from ((method, rule.rule) for method in rule.methods or () if method not in ("HEAD", "OPTIONS"))


def a_hall(slug: str) -> tuple[Staff, Slot]:
    with transaction():
        hall = factories.hall(slug=slug)
        db.session.add(PresenceSetting(hall_id=hall.id, counts_leaving=True, warn_at_percent=90))
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        programme = factories.programme(hall=hall, guides=0, slug=f"tour-{slug}")
        return admin, factories.slot(programme=programme, day=hall.today(), visitor_capacity=500)


def own_rows(key: Program, slot: Slot) -> dict[str, str]:
    """One of each thing that an address can name, made by the API itself."""
    with transaction():
        slot = db.session.get_one(Slot, slot.id)
        booking = factories.booking(slot=slot)
        passes.issue(booking)  # once its time has come today it is not cancelled by its own operation any more
        reference = booking.reference
        factories.staff(hall=slot.programme.hall, role=Role.DESK)
        hall_slug, programme_slug = slot.programme.hall.slug, slot.programme.slug
    event, left = str(uuid.uuid4()), str(uuid.uuid4())
    walk_in = {"event_id": event, "counts": {"440000": 9}}
    assert key.post("/walk-ins", walk_in).status_code == 200
    assert key.post("/departures", {"event_id": left, "visitors": 2}).status_code == 200
    wanted = {"what": "arrivals", "first": "2026-10-01", "last": "2026-10-31"}
    person = key.get("/staff").json["items"]
    return {
        "/halls/<slug>": hall_slug,
        "/programmes/<slug>": programme_slug,
        "<int(max=2147483647):slot_id>": str(slot.id),
        "<reference>": reference,
        "/arrivals/<uuid:event_id>": event,
        "/departures/<uuid:event_id>": left,
        "/exports/<int(max=2147483647):number>": str(key.post("/exports", wanted).json["number"]),
        "/staff/<int:number>": str(next(one["number"] for one in person if one["role"] == "desk")),
    }


def path_of(rule: str, rows: dict[str, str]) -> str:
    """The address of a rule with real values; a new kind of argument needs a sample here."""
    path = rule.removeprefix(PREFIX)
    for place, value in {**rows, **_PLAIN}.items():
        head, _slash, argument = place.rpartition("/")
        path = path.replace(place, f"{head}/{value}" if argument != place else value)
    assert not _ARGUMENT.search(path), rule
    return path


#: Bodies that are good enough to reach the row that the address names.
_BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/bookings/<reference>"): {"note": "x"},
    ("POST", "/bookings/<reference>/decline"): {"reply": "x"},
    ("POST", "/bookings/<reference>/move-parts"): {"day": "2026-12-05"},
    ("PATCH", "/staff/<int:number>"): {"role": "guide"},
}


def body_of(method: str, rule: str) -> dict[str, Any] | None:
    return None if method == "GET" else _BODIES.get((method, rule.removeprefix(PREFIX)), {})


def test_each_scope_opens_its_routes_and_no_others(app: Flask) -> None:
    admin, slot = a_hall("ours")
    rows = own_rows(program(app, admin), slot)
    holders: list[tuple[frozenset[Permission], Program]] = [
        (frozenset({scope}), program(app, admin, scope)) for scope in SCOPES
    ]
    for method, rule in routes_of(app):
        needed, path, body = OF_KEYS[method, rule], path_of(rule, rows), body_of(method, rule)
        for scopes, holder in holders:
            answer = holder.send(method, path, body)
            if needed is not ANY and needed not in scopes:
                assert (answer.status_code, answer.json["code"]) == (403, "key_scope_missing"), (rule, scopes)
                continue
            refused = answer.json["code"] if answer.status_code >= 400 else None
            assert refused not in ("key_scope_missing", "not_found", "unknown_event"), (rule, scopes, answer.json)
            if "<" in rule:  # the row itself was reached, so that what another hall's key gets means something
                assert answer.status_code != 422 or refused == "no_party", (method, rule, answer.json)


def test_another_hall_has_none_of_our_rows(app: Flask) -> None:
    admin, slot = a_hall("ours")
    rows = own_rows(program(app, admin), slot)
    slot_id, reference = int(rows["<int(max=2147483647):slot_id>"]), rows["<reference>"]
    guest, own_slot = a_hall("theirs")
    stranger = program(app, guest)
    for method, rule in routes_of(app):
        if _ARGUMENT.sub("", rule) != rule and not any(place in rule for place in _PLAIN):
            answer = stranger.send(method, path_of(rule, rows), body_of(method, rule))
            assert answer.status_code == 404, (method, rule, answer.json)
    own = own_rows(stranger, own_slot)["<reference>"]
    group = {
        **{"organisation": "东湖小学", "kind": "school", "contact_name": "何秀珍", "phone": "020 8345 0000"},
        **{"origins": [{"division": "440000", "visitors": 20}], "consent": True},
    }
    event = {"event_id": str(uuid.uuid4())}
    series = {**group, "slot": slot_id, "repeat": "weekly", "visits": 2}
    for method, path, body, code in (
        ("POST", "/bookings", {**group, "slot": slot_id}, "slot_unknown"),
        ("PATCH", f"/bookings/{own}", {"slot": slot_id}, "slot_unknown"),
        ("POST", "/parties", {**group, "parts": [{"slot": slot_id, "visitors": 10}] * 2}, "slot_unknown"),
        ("POST", "/series/dates", series, "slot_unknown"),
        ("POST", "/series", {**series, "slots": [slot_id]}, "slot_unknown"),
        ("POST", "/arrivals", {**event, "code": reference}, "unknown"),
        ("POST", "/departures", {**event, "code": reference}, "unknown"),
        ("POST", "/lookups", {"code": reference}, "unknown"),
        ("POST", "/walk-ins", {**event, "counts": {"440000": 2}, "programme": "tour-ours"}, "invalid_walk_in"),
        (
            "POST",
            "/exports",
            {"what": "arrivals", "first": "2026-10-01", "last": "2026-10-31", "programme": "tour-ours"},
            "invalid_input",
        ),
    ):
        answer = stranger.send(method, path, body)
        assert answer.json.get("code") == code, (path, answer.json)
    for path in (f"/bookings?slot={slot_id}", "/parties/proposals?day=2026-12-01&programme=tour-ours&visitors=90"):
        assert stranger.get(path).json["items"] == [], path
    assert [one["reference"] for one in stranger.get("/bookings").json["items"]] == [own]
    assert {one["number"] for one in stranger.get("/staff").json["items"]}.isdisjoint({admin.id})


def test_no_dead_key_opens_any_route(app: Flask) -> None:
    admin, _slot = a_hall("ours")
    now, hall_id, by = clock.now(), admin.hall_id, admin.id
    expired = program(app, admin, expires_at=now + timedelta(minutes=1))
    revoked, rotated = program(app, admin, name="revoked"), program(app, admin, name="rotated")
    with transaction():
        known = {key.name: key for key in keys.list_keys(hall_id)}
        keys.revoke(known["revoked"], by=by)
        keys.rotate(known["rotated"], by=by, old_for=timedelta(minutes=1))
    lookup, secret = rotated.key.split("_", 2)[1:]
    wrong = [Program(app, text) for text in ("hall_0_0", f"hall_{lookup}_{secret[::-1]}", f"Hall_{lookup}_{secret}")]
    assert all(one.get("/halls").status_code == 200 for one in (expired, rotated))
    with time_machine.travel(now + timedelta(minutes=2)):
        for method, rule in routes_of(app):
            path = _ARGUMENT.sub("1", rule).removeprefix(PREFIX).replace("/1/take", f"/{uuid.uuid4()}/take")
            path = path.replace("/reports/1/1", "/reports/2026/csv").replace("/reports/1", "/reports/2026")
            for dead in (expired, revoked, rotated, *wrong):
                answer = dead.send(method, path, body_of(method, rule))
                assert (answer.status_code, answer.json["code"]) == (401, "key_invalid"), (rule, dead.key)
                assert answer.headers["WWW-Authenticate"] == "Bearer"


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
    for method, rule in routes_of(app):
        path = _ARGUMENT.sub("1", rule).replace("/1/take", f"/{uuid.uuid4()}/take").replace("reports/1", "reports/2026")
        path = path.replace("2026/1", "2026/csv")
        assert client.open(path, method=method).status_code == 401, rule
    key = program(app, admin)
    page = key.client.get("/today", headers={"Authorization": f"Bearer {key.key}"})
    assert (page.status_code, page.location) == (303, "/sign-in?next=/today")


def test_errors_without_a_view_are_problems_too(app: Flask) -> None:
    client = app.test_client()
    unknown, wrong = client.get("/api/v1/nothing"), client.delete("/api/v1/halls")
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json["code"], "GET" in wrong.headers["Allow"]) == (405, "method_not_allowed", True)
    assert unknown.mimetype == wrong.mimetype == "application/problem+json"
