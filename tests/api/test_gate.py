"""What an access gate, a website and a company's directory need beside bookings."""

import uuid
from datetime import timedelta
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Permission, Role
from hallapp.booking import blocks
from hallapp.booking.blocks import AddBlock
from hallapp.booking.lifecycle import by_staff
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.presence.models import PresenceSetting
from hallapp.schedule.models import CalendarDay
from tests import factories
from tests.api.table import program

NOON = "2026-12-01T04:00:00+00:00"  # in Guangzhou


def new_id() -> str:
    return str(uuid.uuid4())


@time_machine.travel(NOON)
def test_gate_looks_up_admits_walk_ins_and_counts_people_out(app: Flask) -> None:
    with transaction():
        hall = factories.hall()
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        programme = factories.programme(hall=hall, guides=0, slug="open")
        late = factories.slot(programme=programme, day=hall.today() + timedelta(days=1))
        booking = factories.booking(slot=factories.slot(programme=programme, day=hall.today(), starts=clock.MIDNIGHT))
        tomorrow = factories.booking(slot=late, organisation="明天")
        hall_id, reference, wrong_day = hall.id, booking.reference, tomorrow.reference
    gate = program(app, admin, Permission.DESK_ADMIT, name="东门")
    found = gate.post("/lookups", {"code": reference}).json
    assert (found["group"]["to_come"], found["group"]["reference"]) == (20, reference)
    early = gate.post("/lookups", {"code": wrong_day}).json
    assert (early["group"]["organisation"], early["problem"]["code"]) == ("明天", "another_day")
    assert early["problem"]["overridable"] is True
    unknown = gate.post("/lookups", {"code": "https://example.org/x"})
    assert (unknown.status_code, unknown.json["code"]) == (409, "not_a_pass")
    off = gate.post("/departures", {"event_id": new_id(), "visitors": 1})
    assert (off.status_code, off.json["code"]) == (409, "leaving_not_counted")
    with transaction():
        db.session.add(PresenceSetting(hall_id=hall_id, counts_leaving=True, warn_at_percent=90))

    walk_in = {"event_id": new_id(), "counts": {"440000": 7, "450000": 2}}
    done = gate.post("/walk-ins", walk_in)
    assert (done.json["outcome"], done.json["group"]["arrived"], done.json["group"]["reference"]) == (
        "admitted",
        9,
        None,
    )
    assert gate.post("/walk-ins", walk_in).json["outcome"] == "repeated"
    many = gate.post("/walk-ins", {"event_id": new_id(), "counts": {"440000": 300}})
    assert (many.status_code, many.json["code"], many.json["confirm"]) == (409, "too_many_people", {"sure": 300})
    for wrong, code in (
        ({"counts": {"440000": 0}}, "invalid_counts"),
        ({"counts": {"999999": 1}}, "invalid_counts"),
        ({"counts": {"440000": 1}, "programme": "none"}, "invalid_walk_in"),
        ({"counts": {}}, "invalid_input"),
    ):
        refused = gate.post("/walk-ins", {"event_id": new_id(), **wrong})
        assert (refused.status_code, refused.json["code"]) == (422, code), refused.json
    with transaction():
        blocked = AddBlock(hall_id=hall_id, phone=None, organisation="黑名单旅行社", reason="-", until=None)
        blocks.add(blocked, by=by_staff(admin.id))
    named = {"event_id": new_id(), "counts": {"440000": 1}, "organisation": "黑名单旅行社", "kind": "company"}
    asked = gate.post("/walk-ins", named)
    assert (asked.status_code, asked.json["code"]) == (409, "blocked")
    confirmed = gate.post("/walk-ins", named | asked.json["confirm"]).json  # a question is answered by what it says
    gate.post(f"/arrivals/{confirmed['event_id']}/take-back", {})
    left = {"event_id": new_id(), "visitors": 4}
    first = gate.post("/departures", left, Idempotency_Key="d")
    assert (first.json["outcome"], first.json["inside"]["people"]) == ("left", 5)
    assert gate.post("/departures", left).json["outcome"] == "repeated"
    undone = gate.post(f"/departures/{left['event_id']}/take-back", {})
    assert (undone.json["outcome"], undone.json["inside"]["people"]) == ("taken_back", 9)

    events: list[dict[str, Any]] = [
        {"type": "walk_in", "event_id": new_id(), "counts": {"440000": 3}, "organisation": "路过"},
        {"type": "admit", "event_id": new_id(), "code": reference, "anyway": True, "counts": {"440000": 20}},
        {"type": "leave", "event_id": new_id(), "code": reference},
        {"type": "leave_back", "event_id": new_id()},
        {"type": "take_back", "event_id": new_id(), "undoes": walk_in["event_id"]},
    ]
    events[3]["undoes"] = events[2]["event_id"]
    answers = gate.post("/arrivals/batch", {"events": [*events, {"type": "take_back", "event_id": new_id()}]}).json
    outcomes = [one["outcome"] for one in answers["answers"]]
    assert outcomes == ["admitted", "admitted", "left", "taken_back", "taken_back", "refused"], answers
    assert gate.get("/inside").json["people"] == 23
    late = {"event_id": new_id(), "code": reference, "counts": {"440000": 2}}
    question = gate.post("/arrivals", late)
    assert question.json["confirm"] and gate.post("/arrivals", late | question.json["confirm"]).status_code == 200


@time_machine.travel(NOON)
def test_website_reads_places_closed_days_and_what_each_programme_asks(app: Flask) -> None:
    with transaction():
        hall = factories.hall(large_group_max=120)
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        factories.programme(hall=hall, slug="tour", days_ahead=20)
        closed = hall.today() + timedelta(days=4)
        db.session.add(CalendarDay(hall_id=hall.id, day=closed, open=False, reason={"zh": "检修"}))
    site = program(app, admin, Permission.REPORTS_READ)
    known = site.get("/halls").json["items"][0]
    assert (known["large_group_max"], known["privacy"]) == (120, f"{app.config['SETTINGS'].base_url}/privacy")
    assert site.get("/programmes/tour").json["days_ahead"] == 20
    places = {one["code"]: one for one in site.get("/divisions").json["items"]}
    assert len([one for one in places.values() if one["part_of"] is None]) == 36
    assert (places["440000"]["name"]["zh"], places["440000"]["name"]["en"]) == ("广东", "Guangdong")
    found = site.get("/closures").json["items"]
    assert {
        "first": closed.isoformat(),
        "last": closed.isoformat(),
        "reason": {"zh": "检修", "en": "检修"},
    } in found or (any(one["first"] <= closed.isoformat() <= one["last"] for one in found))
    assert site.get(f"/closures?first={closed}&last={closed + timedelta(days=62)}").json["code"] == "range_invalid"
    assert site.get("/closures?first=9999-12-31").status_code == 200


def test_directory_keeps_accounts_in_step_and_leaves_administrators_alone(app: Flask) -> None:
    with transaction():
        hall = factories.hall()
        admin = factories.staff(hall=hall, role=Role.ADMIN, name="boss")
    admin_id = admin.id
    directory = program(app, admin, Permission.STAFF_MANAGE)
    made = directory.post("/staff", {"name": "li.na", "role": "desk"}, Idempotency_Key="e-1")
    assert (made.status_code, made.json["person"]["invited"]) == (201, True)
    assert directory.post("/staff", {"name": "li.na", "role": "desk"}, Idempotency_Key="e-1").json == made.json
    taken = directory.post("/staff", {"name": "li.na", "role": "desk"})
    assert (taken.status_code, taken.json["code"], taken.json["errors"][0]["pointer"]) == (
        *(409, "staff_name_taken", "/name"),
    )
    link = made.json["invitation"].removeprefix(app.config["SETTINGS"].base_url)
    assert app.test_client().get(link).status_code == 200
    mailed = directory.post("/staff", {"name": "wang", "role": "guide", "email": "wang@hall.example"})
    assert mailed.json["invitation"] is None
    assert db.session.scalars(select(OutboxMessage.recipient)).all() == ["wang@hall.example"]
    for email in ("a@b", "a@localhost", '"a b"@hall.example'):  # as on the page
        wrong = directory.post("/staff", {"name": "x", "role": "desk", "email": email})
        assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/email")
    assert directory.post("/staff", {"name": "x", "role": "admin"}).json["errors"][0]["pointer"] == "/role"

    path = made.headers["Location"].removeprefix("/api/v1")
    tag = directory.get(path).headers["ETag"]
    changed = directory.patch(path, {"role": "manager", "name": "li.na2", "active": False}, If_Match=tag)
    assert [changed.json[name] for name in ("role", "name", "active", "invited")] == ["manager", "li.na2", False, False]
    stale = directory.patch(path, {"active": True}, If_Match=tag)
    assert (stale.status_code, stale.json["code"]) == (412, "changed")
    assert directory.patch(path, {"active": True}).json["active"] is True
    assert directory.patch(path, {}).json["code"] == "nothing_to_change"
    for body in ({"active": False}, {"role": "desk"}, {"name": "x"}):
        refused = directory.patch(f"/staff/{admin_id}", body)
        assert (refused.status_code, refused.json["code"]) == (403, "administrator_protected")
    assert db.session.get_one(Staff, admin_id).active
    assert [one["name"] for one in directory.get("/staff").json["items"]] == ["boss", "li.na2", "wang"]
    assert directory.get("/staff/99999999999").status_code == directory.get("/staff/0").status_code == 404
