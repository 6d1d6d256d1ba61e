"""Bookings, passes, arrivals and lists by the API, as a website, an access gate and a script use them."""

import io
import re
import uuid
from datetime import time
from typing import Any

import openpyxl
import pytest
from flask import Flask

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Permission, Role
from hallapp.booking import blocks, lists
from hallapp.booking.blocks import AddBlock
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, Source
from hallapp.core.database import db, read_snapshot, transaction
from hallapp.core.i18n import force_locale
from hallapp.ledger.models import DeskEvent
from hallapp.reports.lists.streams import Wanted, What, open_stream
from hallapp.schedule.models import Slot
from tests import factories
from tests.api.table import program
from tests.categories.conftest import AGES, MEMBERS, MINORS, OLDER, ROLES, STAFF, define
from tests.resources.define import headsets

#: They make nothing, or each event has an id of its own.
_WITHOUT_IDEMPOTENCY_KEY = ("listSeriesDates", "lookUpCode", "sendEvents")


def hall_with_slot(**values: Any) -> tuple[Staff, Slot]:
    with transaction():
        hall = factories.hall()
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        slot = factories.slot(programme=factories.programme(hall=hall, guides=0), **values)
    return admin, slot


def body(slot: Slot, people: int = 20, **values: Any) -> dict[str, Any]:
    return {
        "slot": slot.id,
        "organisation": "佛山市顺德区容桂龑书社",
        "kind": "association",
        "contact_name": "梁㛃",
        "phone": "020 8345 0000",
        "origins": [{"division": "440000", "visitors": people}],
        "consent": True,
        **values,
    }


def test_booking_is_placed_changed_shown_at_the_gate_and_cancelled(app: Flask) -> None:
    admin, slot = hall_with_slot()
    site = program(app, admin)
    placed = site.post("/bookings", body(slot))
    assert placed.status_code == 201, placed.json
    reference = placed.json["reference"]
    row = db.session.query(Booking).one()
    assert (row.source, row.state.value, row.organisation) == (Source.API, "confirmed", "佛山市顺德区容桂龑书社")
    assert site.get(f"/slots/{slot.id}").json["free"] == 80

    tag = site.get(f"/bookings/{reference}").headers["ETag"]
    assert site.get(f"/bookings/{reference}", If_None_Match=tag).status_code == 304
    changed = site.patch(f"/bookings/{reference}", {"origins": [{"division": "450000", "visitors": 12}]}, If_Match=tag)
    assert (changed.status_code, changed.json["visitors"]) == (200, 12)
    stale = site.patch(f"/bookings/{reference}", {"note": "x"}, If_Match=tag)
    assert (stale.status_code, stale.json["code"]) == (412, "changed")
    weakened = f"W/{changed.headers['ETag']}"  # by a proxy that compresses
    assert site.patch(f"/bookings/{reference}", {"note": "轮椅"}, If_Match=weakened).json["note"] == "轮椅"
    assert site.patch(f"/bookings/{reference}", {"note": "x"}, If_Match=f"W/{tag}").status_code == 412
    assert site.patch(f"/bookings/{reference}", {"note": "轮椅"}, If_Match="*").status_code == 200

    assert site.get(f"/bookings/{reference}/pass.pdf").data.startswith(b"%PDF-")
    assert site.get(f"/bookings/{reference}/pass.png").data.startswith(b"\x89PNG")
    cancelled = site.post(f"/bookings/{reference}/cancel", {})
    assert cancelled.json["state"] == "cancelled"
    assert site.get(f"/bookings/{reference}/pass.pdf").status_code == 410


def test_waiting_group_accepts_the_places_that_it_is_offered(app: Flask) -> None:
    admin, slot = hall_with_slot(visitor_capacity=20)
    site = program(app, admin)
    first = site.post("/bookings", body(slot)).json["reference"]
    waiting = site.post("/bookings", body(slot, organisation="候补", phone="020 8345 0001", wait=True)).json
    assert (waiting["state"], waiting["offered_until"]) == ("waitlisted", None)
    path = f"/bookings/{waiting['reference']}"
    soon = site.post(f"{path}/accept", {})
    assert (soon.status_code, soon.json["code"]) == (409, "not_in_this_state")
    site.post(f"/bookings/{first}/cancel", {})
    offered = site.get(path)
    assert (offered.json["state"], offered.json["offered_until"] is None) == ("offered", False)
    accepted = site.post(f"{path}/accept", {}, If_Match=offered.headers["ETag"])
    assert (accepted.json["state"], accepted.json["offered_until"]) == ("confirmed", None)
    assert [site.get(f"/slots/{slot.id}").json[name] for name in ("free", "bookable")] == [0, True]


def test_refusals_have_the_codes_of_the_pages_and_point_to_the_value(app: Flask) -> None:
    admin, slot = hall_with_slot(visitor_capacity=30)
    site = program(app, admin)
    wrong = site.post("/bookings", body(slot, phone="12", origins=[{"division": "999999", "visitors": 20}]))
    assert (wrong.status_code, wrong.mimetype) == (422, "application/problem+json")
    assert {one["pointer"] for one in wrong.json["errors"]} == {"/phone", "/origins/0/division"}
    types = site.post("/bookings", body(slot, origins=[{"division": "440000", "visitors": "20"}], x=1) | {"slot": "7"})
    assert {one["pointer"] for one in types.json["errors"]} == {"/slot", "/origins/0/visitors", "/x"}
    assert site.post("/bookings", body(slot)).status_code == 201
    full = site.post("/bookings", body(slot, organisation="另一个团队", phone="020 8345 0001"))
    assert (full.status_code, full.json["code"]) == (409, "slot_full")
    assert full.json["params"] == {"left": 10, "asked": 20}
    small = site.post("/bookings", body(slot, 3, organisation="三人", phone="020 8345 0002"))
    assert (small.status_code, small.json["code"], small.json["errors"][0]["pointer"]) == (
        *(422, "group_too_small"),
        "/origins",
    )
    limited = program(app, admin, Permission.BOOKINGS_CHANGE)
    over = limited.post("/bookings", body(slot, organisation="超额", over_limit="领导", rules="staff"))
    assert (over.status_code, over.json["code"]) == (403, "manager_needed")


def test_a_waiting_group_is_confirmed_only_with_its_resources(app: Flask) -> None:
    admin, slot = hall_with_slot(visitor_capacity=20)
    with transaction():
        number = str(headsets(admin.hall_id, quantity=20))
    site = program(app, admin)
    site.post("/bookings", body(slot, resources={number: 15}))
    waits = body(slot, organisation="候补", phone="020 8345 0001", wait=True, resources={number: 15})
    path = f"/bookings/{site.post('/bookings', waits).json['reference']}/confirm"
    with transaction():
        db.session.get_one(Slot, slot.id).visitor_capacity = 60
    refused = site.post(path, {})
    assert (refused.status_code, refused.json["code"]) == (409, "resource_taken")


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("people", "asked", "room"),
    [(40, None, 40), (10, None, 10), (20, 15, 20), (10, 8, 10), (40, 15, 40)],
    ids=["more", "fewer", "headsets", "fewer and headsets", "more and headsets"],
)
def test_what_changes_with_the_time_needs_room_at_the_new_time_only(
    app: Flask, people: int, asked: int | None, room: int
) -> None:
    admin, slot = hall_with_slot(visitor_capacity=40)
    with transaction():
        number = str(headsets(admin.hall_id, quantity=20))
        later = factories.slot(programme=slot.programme, starts=time(15), visitor_capacity=room)
    site = program(app, admin)
    site.post("/bookings", body(slot, resources={number: 18}))
    group = body(slot, organisation="西湖小学", phone="020 8345 0001", resources={number: 0})
    reference = site.post("/bookings", group).json["reference"]
    change = {"slot": later.id, "origins": [{"division": "330000", "visitors": people}]}
    if asked is not None:
        change["resources"] = {number: asked}
    changed = site.patch(f"/bookings/{reference}", change)
    assert changed.status_code == 200, changed.json
    assert (changed.json["slot"], changed.json["visitors"]) == (later.id, people)
    assert changed.json["resources"].get(number, 0) == (asked or 0)
    free = {one["id"]: one["free"] for one in site.get(f"/slots?first={slot.day}").json["items"]}
    assert free == {slot.id: 20, later.id: room - people}
    refused = site.patch(f"/bookings/{reference}", change | {"origins": [{"division": "330000", "visitors": 41}]})
    assert (refused.status_code, site.get(f"/bookings/{reference}").json) == (409, changed.json), "all or nothing"


@pytest.mark.both_databases
def test_words_that_no_database_stores_are_left_out(app: Flask) -> None:
    """JSON can hold null characters and halves of a character, which a page never sends."""
    odd, seen = "领\x00导\ud800", "领导"
    admin, slot = hall_with_slot(visitor_capacity=20)
    site = program(app, admin)
    first = site.post("/bookings", body(slot, over_limit=odd, rules="staff"))
    waits = [
        site.post("/bookings", body(slot, organisation=name, phone=f"020 8345 000{at}", wait=True, rules="staff")).json
        for at, name in ((1, "候补一"), (2, "候补二"))
    ]
    let_in, other = (f"/bookings/{one['reference']}" for one in waits)
    blank = site.post(f"{let_in}/confirm", {"over_limit": " "})
    assert (blank.status_code, blank.json["errors"][0]["pointer"]) == (422, "/over_limit")
    assert site.post(f"{let_in}/confirm", {"over_limit": odd}).json["state"] == "confirmed"
    people = {"origins": [{"division": "440000", "visitors": 21}], "over_limit": odd, "rules": "staff"}
    assert site.patch(let_in, people).json["visitors"] == 21
    assert {row.over_limit for row in db.session.query(Booking)} == {seen, None}
    for path in (let_in, f"/bookings/{first.json['reference']}"):
        assert site.post(f"{path}/cancel", {"reply": odd, "rules": "staff"}).json["state"] == "cancelled"
    unknown = site.patch(other, {"resources": {"77": 1}})
    assert unknown.json["detail"].startswith("77: not offered")


def test_a_blocked_group_is_booked_by_the_rules_of_the_staff_only(app: Flask) -> None:
    admin, slot = hall_with_slot()
    site = program(app, admin)
    with transaction():
        blocks.add(
            AddBlock(hall_id=admin.hall_id, phone="+862083450000", organisation=None, reason="-", until=None),
            by=by_staff(admin.id),
        )
    for accepted in (False, True):
        own = site.post("/bookings", body(slot, block_accepted=accepted))
        assert (own.status_code, own.json["code"]) == (409, "not_online")
    warned = site.post("/bookings", body(slot, rules="staff"))
    assert (warned.json["code"], warned.json["errors"][0]["pointer"]) == ("blocked", "/block_accepted")
    assert site.post("/bookings", body(slot, rules="staff", block_accepted=True)).status_code == 201


@pytest.mark.either_database
def test_repeated_request_gets_the_answer_of_the_first_one(app: Flask) -> None:
    admin, slot = hall_with_slot()
    site, other = program(app, admin), program(app, admin)
    first = site.post("/bookings", body(slot), Idempotency_Key="a-1")
    again = site.post("/bookings", body(slot), Idempotency_Key="a-1")
    assert (again.status_code, again.data, again.headers["ETag"]) == (201, first.data, first.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert db.session.query(Booking).count() == 1
    reused = site.post("/bookings", body(slot, 21), Idempotency_Key="a-1")
    assert (reused.status_code, reused.json["code"]) == (422, "idempotency_key_reused")
    stored = db.session.connection().exec_driver_sql("SELECT body FROM api_answer").scalars().all()
    assert "龑" not in "".join(stored)
    assert "8345" not in "".join(stored)
    # A refusal is an answer too; and the key of another program has idempotency keys of its own.
    refused = [other.post("/bookings", body(slot, 3), Idempotency_Key="a-1") for _number in range(2)]
    assert [one.status_code for one in refused] == [422, 422]
    assert refused[0].json["code"] == refused[1].json["code"] == "group_too_small"


def test_same_request_at_the_same_time_is_refused_and_answers_are_erased_after_a_day(app: Flask) -> None:
    from datetime import timedelta

    import time_machine

    from hallapp.api import idempotency, keys
    from hallapp.core import clock

    admin, slot = hall_with_slot()
    site, hall_id = program(app, admin), admin.hall_id
    caller = keys.check(site.key)
    sent = idempotency.Request.of(caller, "k", method="POST", path="/x", body=b"")
    with transaction():
        assert idempotency.claim(sent, keys=("s",)) is None
    with transaction(), pytest.raises(idempotency.InProgress):
        idempotency.claim(sent, keys=("s",))
    site.post("/bookings", body(slot), Idempotency_Key="k2")
    with time_machine.travel(clock.now() + timedelta(hours=25)), transaction():
        assert idempotency.erase(hall_id) == 2


def test_gate_admits_once_and_takes_back(app: Flask) -> None:
    admin, slot = hall_with_slot(day=None)
    with transaction():
        today = factories.slot(programme=slot.programme, day=slot.programme.hall.today())
        booking = factories.booking(slot=today, origins={"440000": 20})
    gate = program(app, admin, Permission.DESK_ADMIT, name="东门闸机")
    event = {"event_id": str(uuid.uuid4()), "code": booking.reference, "counts": {"440000": 5}, "anyway": True}
    admitted = gate.post("/arrivals", event)
    assert (admitted.status_code, admitted.json.get("outcome")) == (200, "admitted"), admitted.json
    assert gate.post("/arrivals", event).json["outcome"] == "repeated"
    assert gate.get("/inside").json["today"] == 5
    wrong = gate.post("/arrivals", event | {"event_id": str(uuid.uuid4()), "code": "nothing"})
    assert (wrong.status_code // 100, wrong.mimetype) == (4, "application/problem+json")
    events = [
        {"event_id": str(uuid.uuid4()), "undoes": event["event_id"]},
        {**event, "event_id": str(uuid.uuid4())},
        {"event_id": str(uuid.uuid4()), "code": "nothing"},
    ]
    answers = gate.post("/arrivals/batch", {"events": events}).json["answers"]
    assert [one["outcome"] for one in answers] == ["taken_back", "admitted", "refused"]
    assert gate.get("/inside").json["today"] == 5


def test_pages_of_a_list_hold_each_row_once_while_rows_are_added(app: Flask) -> None:
    admin, slot = hall_with_slot(visitor_capacity=1000)
    with transaction():
        made = [factories.booking(slot=slot).reference for _number in range(5)]
    site = program(app, admin)
    seen, path = [], "/bookings?limit=2"
    while path:
        page = site.get(path).json
        seen += [one["reference"] for one in page["items"]]
        if len(seen) == 2:
            with transaction():
                made.append(factories.booking(slot=db.session.get_one(Slot, slot.id)).reference)
        path = f"/bookings?limit=2&cursor={page['next']}" if page["next"] else ""
    assert seen == made
    cursor = site.get("/bookings?limit=2").json["next"]
    for query in (
        f"/bookings?cursor={cursor}&state=cancelled",
        f"/bookings?cursor={cursor}x",
        f"/slots?cursor={cursor}",
    ):
        assert (site.get(query).status_code, site.get(query).json["code"]) == (422, "cursor_invalid")


def test_days_in_the_wrong_order_are_refused_and_never_an_empty_list(app: Flask) -> None:
    site = program(app, hall_with_slot()[0])
    answer = site.get("/bookings?first=2026-12-31&last=2026-12-01")
    assert (answer.status_code, answer.json["code"]) == (422, "days_crossed")
    assert site.get("/bookings?first=2026-12-31&last=2026-12-31").json["items"] == []


def test_report_and_export_are_those_of_the_pages(app: Flask) -> None:
    admin, _slot = hall_with_slot()
    site = program(app, admin)
    assert site.get("/reports/2026-10").json["totals"]["visitors"] == 0
    assert site.get("/reports/2026-10/csv").mimetype == "text/csv"
    asked = site.post("/exports", {"what": "arrivals", "first": "2026-10-01", "last": "2026-10-31"})
    assert asked.status_code == 202, asked.json
    assert site.get(f"/exports/{asked.json['number']}").json["state"] == "waiting"
    assert site.get(f"/exports/{asked.json['number']}/file").status_code in (404, 410)


def test_document_and_its_page_are_for_everybody(app: Flask) -> None:
    client = app.test_client()
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"] == "3.1.0"
    page = client.get("/api/v1/docs")
    assert all(path in page.text for path in document["paths"])
    assert "<script" not in page.text


def test_document_names_its_operations_and_keys_of_repetition_in_one_way(app: Flask) -> None:
    document = app.extensions["hallapp_openapi"]
    operations = [
        (method, one)
        for path in document["paths"].values()
        for method, one in path.items()
        if method in ("get", "post", "patch", "put", "delete")
    ]
    names = [one["operationId"] for _method, one in operations]
    assert len(set(names)) == len(names) > 40
    verbs = "accept|get|list|place|change|move|cancel|confirm|decline|admit|takeBack|lookUp|send|record|request|invite"
    assert [name for name in names if not re.fullmatch(rf"({verbs})([A-Z][a-z]+)+", name)] == []
    for method, one in operations:
        headers = {parameter["name"] for parameter in one.get("parameters", ()) if parameter["in"] == "header"}
        is_repeatable = method != "get" and one["operationId"] not in _WITHOUT_IDEMPOTENCY_KEY
        assert ("Idempotency-Key" in headers) == is_repeatable, one["operationId"]
        is_change = one["operationId"].startswith(("accept", "change", "move", "cancel", "confirm", "decline"))
        assert ("If-Match" in headers) == is_change, one["operationId"]
        assert {"401", "429", "503"} <= one["responses"].keys()
        assert all(answer["x-codes"] for status, answer in one["responses"].items() if status[0] in "45")
        assert {"RateLimit", "RateLimit-Policy"} <= next(iter(one["responses"].values()))["headers"].keys()
    assert all(schema.get("description") for schema in document["components"]["schemas"].values())
    placing = document["paths"]["/api/v1/bookings"]["post"]["responses"]["409"]
    assert {"slot_full", "duplicate", "not_online", "in_progress"} <= set(placing["x-codes"])
    assert "- `slot_full`: The slot" in placing["description"]


def test_people_by_category_go_from_the_booking_through_the_gate_into_the_report_and_the_lists(app: Flask) -> None:
    admin, slot = hall_with_slot()
    hall = slot.programme.hall
    define(hall.id)
    site = program(app, admin)
    listed = site.get("/categories").json["items"]
    assert [(one["number"], one["name"]["en"], len(one["categories"])) for one in listed] == [
        (AGES, "Ages", 2),
        (ROLES, "Roles", 2),
    ]
    numbers = {str(MINORS): 12, str(MEMBERS): 3}
    placed = site.post("/bookings", body(slot, categories=numbers)).json
    assert placed["categories"] == {str(MINORS): 12, str(OLDER): 0, str(MEMBERS): 3, str(STAFF): 0}
    for wrong, code in (({"9": 1}, "category_not_asked"), ({str(MINORS): 21}, "categories_not_fitting")):
        refused = site.post("/bookings", body(slot, organisation="另一个单位", categories=wrong))
        assert (refused.status_code, refused.json["code"]) == (409 if "fitting" in code else 422, code)
        assert refused.json["errors"][0]["pointer"] == "/categories"

    arrival = {"event_id": str(uuid.uuid4()), "code": placed["reference"], "anyway": True, "reason": "early"}
    arrival |= {"counts": {"440000": 18}, "categories": {str(MINORS): 11, str(OLDER): 2}}
    odd = arrival | {"event_id": str(uuid.uuid4()), "categories": {"77": 1}}
    answers = site.post("/arrivals/batch", {"events": [odd, arrival]}).json["answers"]
    assert [one.get("code") or one["outcome"] for one in answers] == ["category_not_asked", "admitted"]

    today = hall.today()
    report = site.get(f"/reports/{today:%Y-%m}").json
    assert {row["code"]: row["visitors"] for row in report["categories"] if row["visitors"]} == {
        "1.2": 11,
        "1.3": 2,
        "1.rest": 5,
        "4.unknown": 18,
    }
    row = db.session.query(Booking).one()
    sheet = openpyxl.load_workbook(io.BytesIO(lists.write_xlsx([row], hall=hall, language="en"))).active
    cells = dict(zip(*([cell.value for cell in line] for line in sheet.iter_rows()), strict=True))
    assert (cells["Ages: Minors"], cells["Ages: 60 and older"], cells["Roles: Party members"]) == (12, 0, 3)
    with force_locale("en"):
        read_snapshot()
        stream = open_stream(hall, Wanted(what=What.ARRIVALS, first=today, last=today))
        entry = dict(zip([name for name, _type in stream.columns], next(stream.rows), strict=True))
    assert (entry["People"], entry["Ages: Minors"], entry["Roles: Staff of the group"]) == (18, 11, None)


def test_a_name_that_is_given_twice_is_refused_not_guessed(app: Flask) -> None:
    admin, _slot = hall_with_slot()
    site = program(app, admin)
    twice = site.get("/bookings?state=confirmed&state=cancelled")
    assert (twice.status_code, twice.json["code"]) == (422, "invalid_input")
    assert [one["pointer"] for one in twice.json["errors"]] == ["/state"]

    event = uuid.uuid4()
    sent = f'{{"event_id": "{event}", "counts": {{"440000": 10, "440000": 5}}}}'
    headers = {"Authorization": f"Bearer {site.key}", "Accept-Language": "en", "Content-Type": "application/json"}
    answer = site.client.post("/api/v1/walk-ins", data=sent.encode(), headers=headers)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input"), answer.json
    assert answer.json["errors"] == [
        {"pointer": "/counts/440000", "detail": "This name is given more than once. Please give it once."}
    ]
    assert db.session.query(DeskEvent).count() == 0
