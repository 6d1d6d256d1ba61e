"""A pass that was replaced opens nothing any more, wherever it is shown; a device without a network learns it later."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from hallapp.core.database import db, transaction
from hallapp.devices import service as devices
from hallapp.devices.models import DeviceKind
from hallapp.ledger.models import Arrival
from hallapp.passes import codes, queries
from hallapp.presence import service as presence
from tests.desk.conftest import KEYS, NOW, clock, counter  # noqa: F401
from tests.desk.test_batch import event, open_row, outcomes, send

pytestmark = pytest.mark.either_database


def test_old_pass_is_refused_everywhere(app: Flask, counter: SimpleNamespace) -> None:  # noqa: F811
    old, booking = counter.code, counter.booking
    desk, organiser, tablet = (app.test_client() for _ in range(3))
    by_manager = {"hall_id": counter.hall.id, "by": counter.manager.id}
    with transaction():
        presence.set_presence(presence.SetPresence(**by_manager, counts_leaving=True, warn_at_percent=90))
        kiosk = devices.add(devices.AddDevice(**by_manager, name="Lobby", kind=DeviceKind.KIOSK))
    desk.sign_in(counter.desk)
    desk.get("/desk?lang=en")
    held = desk.get("/desk/snapshot").get_json()  # by a device that hears of nothing for a while
    organiser.get(f"/visits/{booking.key}/pass/reissue")
    assert organiser.submit(f"/visits/{booking.key}/pass/reissue").status_code == 303
    db.session.rollback()
    new = codes.qr_text(codes.sign(queries.get_current_pass(booking.id).token, KEYS), "http://127.0.0.1:8000")

    code, path = old.rpartition("/")[2], f"/t/{old.rpartition('/')[2]}"
    assert booking.organisation not in organiser.get(path).text
    assert desk.get(path).location == f"/desk?code={code}"
    page = desk.get(f"/desk?code={code}").text
    assert "Pass replaced" in page and booking.organisation not in page.split('id="day"')[0]
    for where, sent in (
        ("/desk/lookup", {"q": old}),
        ("/desk/arrivals", {"event_id": str(uuid4()), "code": old}),
        ("/desk/departures", {"event_id": str(uuid4()), "code": old}),
        ("/desk/notes", {"code": old, "note": "x"}),
    ):
        refused = desk.send_json(where, sent)
        assert (refused.status_code, refused.get_json()["reason"]) == (409, "replaced"), where
    assert desk.send_json("/desk/badges", {"event_id": str(uuid4()), "code": old}).status_code == 409
    tablet.get(f"/devices/{kiosk.token}")
    tablet.get("/kiosk")
    for where in ("/kiosk/look-up", "/kiosk/arrivals"):
        sent = {"code": old, "event_id": str(uuid4()), "origins-0-division": "440000", "origins-0-visitors": "3"}
        answer = tablet.submit(where, sent)
        assert 'data-step="counter"' in answer.text and booking.organisation not in answer.text, where

    assert open_row(held, old)["booking"] == booking.id
    answer = send(desk, event(counter, snapshot_at=(NOW - timedelta(minutes=8)).isoformat()))
    assert outcomes(answer) == [("conflict", None)] and answer["answers"][0]["conflict"] == "replaced"
    fresh = desk.get("/desk/snapshot").get_json()
    assert open_row(fresh, old) == {"replaced": True}
    assert open_row(fresh, new)["version"] == 2
    assert db.session.scalar(select(func.sum(Arrival.visitors))) is None
    done = desk.send_json("/desk/arrivals", {"event_id": str(uuid4()), "code": new, "counts": {"440000": 30}})
    assert done.get_json()["outcome"] == "admitted"
