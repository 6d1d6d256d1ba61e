"""What devices send and fetch over HTTP: batches, snapshots, the files of the page; and conflicts settled on theirs."""

import base64
import hashlib
import json
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.booking.models import BookingState
from hallapp.core.database import db, transaction
from hallapp.ledger.models import DeskEvent
from hallapp.passes import service as passes
from tests import factories
from tests.client import check_page
from tests.desk.conftest import NOW, TODAY, admit, code_of, make_booking, make_counter, summaries

WHOLE = {"440000": 38, "430000": 2}
NAME = "广州市越秀区东湖街老年大学"


@pytest.fixture
def desk(client: FlaskClient, counter: SimpleNamespace) -> FlaskClient:
    client.sign_in(counter.desk)
    return client


def event(counter: SimpleNamespace, **values: Any) -> dict[str, Any]:
    """An offline admission of the counter's whole booking."""
    return {
        "event_id": str(uuid4()),
        "type": "admit",
        "booking": counter.booking.id,
        "pass_version": 1,
        "counts": WHOLE,
        "known_to_come": WHOLE,
        "occurred_at": NOW.isoformat(),
        "offline": True,
        "snapshot_at": (NOW - timedelta(minutes=8)).isoformat(),
        **values,
    }


def send(desk: FlaskClient, *events: Any, **values: Any) -> dict[str, Any]:
    body = {"now": NOW.isoformat(), "device": "门口平板", "events": events, **values}
    response = desk.send_json("/desk/arrivals/batch", body)
    assert response.status_code == 200
    return dict(response.get_json())


def outcomes(answer: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(one["outcome"], one["reason"]) for one in answer["answers"]]


def test_booking_of_another_hall_is_unknown_even_if_its_group_came(desk: FlaskClient, counter: SimpleNamespace) -> None:
    other = make_counter()
    admit(other)
    answer = send(desk, event(counter, booking=other.booking.id), event(counter))
    assert outcomes(answer) == [("refused", "unknown"), ("admitted", None)]


@pytest.mark.either_database
def test_batch_does_each_event_by_itself_and_twice_the_same(desk: FlaskClient, counter: SimpleNamespace) -> None:
    first = event(counter, counts={"440000": 30, "430000": 2})
    walk_in = {
        **event(counter, type="walk_in", counts={"110000": 3}, organisation="合唱团", kind="association"),
        "programme": counter.programme.slug,
    }
    lost = event(counter, booking=2**31 - 1)
    back = event(counter, type="take_back", undoes=first["event_id"])
    again = event(counter)
    online = {"event_id": str(uuid4()), "type": "admit", "code": counter.booking.reference, "counts": {"440000": 1}}
    online["known_to_come"] = {"440000": 0}
    sent = [first, walk_in, lost, back, again, online, "nothing", {"type": "?", "event_id": 7}]
    answer = send(desk, *sent)
    assert outcomes(answer) == [
        ("admitted", None),
        ("admitted", None),
        ("refused", "unknown"),
        ("taken_back", None),
        ("admitted", None),
        ("admitted", None),
        ("refused", "invalid_event"),
        ("refused", "invalid_event"),
    ]
    assert [one["event_id"] for one in answer["answers"]][:6] == [one["event_id"] for one in sent[:6]]
    assert (answer["skew_seconds"], answer["corrected"]) == (0, False)
    repeated = send(desk, *sent)
    assert [outcome for outcome, _ in outcomes(repeated)] == [
        "repeated",
        "repeated",
        "refused",
        *["repeated"] * 3,
        *["refused"] * 2,
    ]
    assert summaries(counter)[1] == {"11-21": (44, 2)}
    stored = db.session.scalars(select(DeskEvent).order_by(DeskEvent.id)).first()
    assert (stored.device, stored.snapshot_at, stored.device_at) == ("门口平板", NOW - timedelta(minutes=8), None)


@pytest.mark.either_database
def test_whole_twice_is_stored_with_a_conflict(desk: FlaskClient, counter: SimpleNamespace) -> None:
    send(desk, event(counter))
    second = event(counter)
    for outcome in ("conflict", "repeated"):
        [answer] = send(desk, second)["answers"]
        assert (answer["outcome"], answer["conflict"], answer["unsettled"]) == (outcome, "surplus", WHOLE)
        assert answer["group"]["arrived"] == 40
    page = desk.get("/desk").get_data(as_text=True)
    assert "断网入馆" in page and "待处理40人" in page and "待处理的冲突" not in page
    desk.sign_in(counter.manager)
    assert '<span class="badge">1</span>' in desk.get("/desk").get_data(as_text=True)


def test_clock_of_the_device_is_noticed_and_corrected(desk: FlaskClient, counter: SimpleNamespace) -> None:
    said = NOW - timedelta(minutes=100)
    answer = send(desk, event(counter, occurred_at=said.isoformat()), now=(NOW - timedelta(minutes=90)).isoformat())
    assert (answer["skew_seconds"], answer["corrected"]) == (-5400, True)
    assert answer["answers"][0]["occurred_at"].startswith("2026-11-21T01:30")
    stored = db.session.scalars(select(DeskEvent)).one()
    assert (stored.occurred_at, stored.device_at) == (NOW - timedelta(minutes=10), said)
    answer = send(desk, event(counter, counts={"440000": 1}), now=(NOW + timedelta(seconds=90)).isoformat())
    assert (answer["skew_seconds"], answer["corrected"]) == (90, False)


BAD = (None, "", 0, -1, 2**31, 10**4000, 1.5, True, [], [1], {}, {"440000": -1}, {"x": 1}, {"440000": 10**30})
TEXTS = ("\x00", "\ud800", "²", "9" * 5000, "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "9999-12-31")


@pytest.mark.both_databases
def test_batch_of_anything_is_answered(desk: FlaskClient, counter: SimpleNamespace) -> None:
    names = [*event(counter), "undoes", "code", "reason", "organisation", "kind", "programme"]
    values = [*BAD, *TEXTS]
    events = [
        {**event(counter, type=kind, undoes=str(uuid4())), name: value}
        for kind in ("admit", "walk_in", "take_back")
        for name in names
        for value in values
        if name != "type"
    ]
    for start in range(0, len(events), 100):
        some = events[start : start + 100]
        body = json.loads(json.dumps({"now": NOW.isoformat(), "device": "\x00\ud800" * 90, "events": some}))
        answer = desk.send_json("/desk/arrivals/batch", body)
        assert answer.status_code == 200 and len(answer.get_json()["answers"]) == len(some)
    for body in ({"events": [event(counter)] * 101}, {"events": "x"}, [], {}, {"events": [], "now": "²"}):
        response = desk.send_json("/desk/arrivals/batch", body)
        assert (response.status_code, response.get_json()["reason"]) == (422, "invalid_batch")
    for now in ("9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"):
        response = desk.send_json("/desk/arrivals/batch", {"events": [event(counter)], "now": now})
        assert response.status_code == 200


def open_row(snapshot: dict[str, Any], scanned: str) -> dict[str, Any]:
    """What the page's script does with a scanned pass."""
    code = scanned.rpartition("/")[2].encode()
    found = HKDF(SHA256(), 48, base64.b64decode(snapshot["salt"]), snapshot["info"].encode()).derive(code)
    find = base64.b64encode(found[:16]).decode()
    for group in snapshot["groups"]:
        for digest, sealed in group.get("passes", ()):
            if digest == find:
                octets = base64.b64decode(sealed)
                card = AESGCM(found[16:]).decrypt(octets[:12], octets[12:], None)
                return {**group, "who": json.loads(card)}
    return {"replaced": find in snapshot["replaced"]}


def test_snapshot_is_opened_by_a_pass_and_by_nothing_else(desk: FlaskClient, counter: SimpleNamespace) -> None:
    admit(counter, counts={"440000": 30, "110000": 1})
    with transaction():
        programme = factories.programme(hall=counter.hall)
        make_booking(programme, day=TODAY + timedelta(days=1))
        other = make_booking(factories.programme(hall=counter.hall), day=TODAY, state=BookingState.CANCELLED)
        cancelled = code_of(other)
        make_booking(factories.programme(hall=counter.hall), day=TODAY, state=BookingState.LAPSED)
    make_counter()
    response = desk.get("/desk/snapshot")
    snapshot = response.get_json()
    text = response.get_data(as_text=True)
    secrets = (NAME, "何秀珍", "1050", counter.booking.reference, counter.code.rpartition("/")[2])
    assert [secret for secret in secrets if secret in json.dumps(snapshot, ensure_ascii=False) or secret in text] == []
    found = open_row(snapshot, counter.code)
    assert (found["booking"], found["version"], found["state"]) == (counter.booking.id, 1, "arrived")
    assert found["people"] == {"110000": [0, 1], "430000": [2, 0], "440000": [38, 30]}
    assert (found["who"]["organisation"], found["who"]["contact"]) == (NAME, "何秀珍")
    assert open_row(snapshot, cancelled)["state"] == "cancelled"
    assert open_row(snapshot, "HTTP://X/T/" + "A" * 32) == {"replaced": False}
    assert len(snapshot["groups"]) == 2 and snapshot["days"][0]["ends_at"] == "2026-11-21T16:00:00+00:00"
    assert len(desk.get("/desk/snapshot?days=2").get_json()["groups"]) == 3
    assert desk.get("/desk/snapshot?days=²").status_code == 200
    with transaction():
        passes.issue(counter.booking)
    assert open_row(desk.get("/desk/snapshot").get_json(), counter.code) == {"replaced": True}


def test_snapshot_is_sent_again_only_when_it_has_changed(
    desk: FlaskClient, counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    first = desk.get("/desk/snapshot")
    clock.shift(timedelta(minutes=5))
    second = desk.get("/desk/snapshot", headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.get_data()) == (304, b"")
    assert second.headers["X-Made-At"].startswith("2026-11-21T01:45")
    admit(counter)
    third = desk.get("/desk/snapshot", headers={"If-None-Match": first.headers["ETag"]})
    assert third.status_code == 200 and third.headers["Cache-Control"] == "no-store"


def test_shell_has_nobody_on_it_and_the_worker_knows_its_files(desk: FlaskClient, counter: SimpleNamespace) -> None:
    admit(counter)
    shell = desk.get("/desk/shell").get_data(as_text=True)
    assert [one for one in (NAME, counter.desk.name, counter.booking.reference) if one in shell] == []
    worker = desk.get("/desk/sw.js")
    assert (worker.mimetype, worker.headers["Service-Worker-Allowed"]) == ("text/javascript", "/desk")
    listed = json.loads(re.search(r"const FILES = (.*);", worker.get_data(as_text=True))[1])
    for address, (kind, digest) in listed.items():
        answer = desk.get(address)
        assert (answer.status_code, answer.mimetype) == (200, kind), address
        assert hashlib.sha256(answer.get_data()).hexdigest() == digest
        assert answer.headers["Cache-Control"] == "no-store"  # the worker keeps it, and checks it
        assert "Set-Cookie" not in answer.headers
    linked = set(re.findall(r'(?:href|src)="([^"]+[.](?:js|css|svg))"', shell))
    assert linked and linked <= set(listed)
    prefix = next(iter(listed)).partition("vendor/")[0]
    scripts = [address for address in listed if address.startswith(f"{prefix}js/")]
    imported = {
        f"{prefix}js/{name}.js"
        for address in scripts
        for name in re.findall(r'from "\./([a-z-]+)\.js"', desk.get(address).get_data(as_text=True))
    }
    assert imported <= set(scripts)
    other = f"{prefix.rsplit('/', 2)[0]}/{'0' * 12}/js/desk.js"
    for address in (other, f"{prefix}js/booking.js", f"{prefix}../wsgi.py"):
        assert desk.get(address).status_code == 404, address
    manifest = desk.get("/desk/manifest.webmanifest").get_json(force=True)
    assert (manifest["scope"], manifest["start_url"]) == ("/desk", "/desk")


def test_manager_settles_a_conflict_with_both_truths_before_them(desk: FlaskClient, counter: SimpleNamespace) -> None:
    send(desk, event(counter))
    second, third = event(counter), event(counter)
    send(desk, second, third, device="二号台")
    paths = [f"/desk/conflicts/{one['event_id']}/settle" for one in (second, third)]
    assert desk.get("/desk/conflicts").status_code == 403
    assert desk.submit(paths[0], {"decision": "counted"}).status_code == 403
    desk.sign_in(counter.manager)
    page = desk.get("/desk/conflicts")
    text = page.get_data(as_text=True)
    assert check_page(text, csp=page.headers["Content-Security-Policy"]) == []
    assert text.count("二号台") >= 2 and "门口平板" in text and NAME in text and "断网入馆，依据09:32的名单" in text
    assert desk.submit(paths[0], {"decision": "?"}).status_code == 422
    for path, decision in zip(paths, ("counted", "dropped"), strict=True):
        assert desk.submit(path, {"decision": decision}).location == "/desk/conflicts"
        assert desk.submit(path, {"decision": decision}).status_code == 409
    assert desk.submit(f"/desk/conflicts/{uuid4()}/settle", {"decision": "counted"}).status_code == 409
    assert summaries(counter)[1] == {"11-21": (80, 1)}
    assert "没有要处理的冲突" in desk.get("/desk/conflicts").get_data(as_text=True)
    actions = [
        (one.action, one.detail["people"]) for one in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    ]
    assert actions == [("conflict_settled", 40), ("conflict_settled", 40)]
    assert "事后计入" in desk.get("/desk").get_data(as_text=True)
