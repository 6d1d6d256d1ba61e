"""Notes of the desk for guides: written on the card, read on the guide's own page at once, erased with the contact."""

from datetime import date, timedelta
from types import SimpleNamespace

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking import retention
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.guides import assigning
from hallapp.schedule.models import Hall
from tests import factories
from tests.desk.conftest import NOW, make_counter
from tests.guides.office import guide

WRITE = "/desk/notes"


def note_of(counter: SimpleNamespace) -> str:
    db.session.rollback()
    return db.session.get_one(Booking, counter.booking.id).guide_note


def entries() -> list[AuditEntry]:
    return list(
        db.session.scalars(select(AuditEntry).where(AuditEntry.action == "guide_note_written").order_by(AuditEntry.id))
    )


def test_note_is_on_the_guides_page_at_once_and_can_be_changed(app: Flask, counter: SimpleNamespace) -> None:
    with transaction():
        me = factories.staff(hall=counter.hall, role=Role.GUIDE, password_hash="none")
        leader = guide(counter.hall, "An", counter.programme, staff_id=me.id)
        booking = db.session.get_one(Booking, counter.booking.id)
        assigning.assign(booking, leader.id, by=counter.manager.id)
    desk, phone = app.test_client(), app.test_client()
    desk.sign_in(counter.desk)
    phone.sign_in(me)
    desk.get("/desk?lang=en")
    assert "From the desk" not in phone.get("/guide?lang=en").text
    page = desk.submit(WRITE, {"code": counter.code, "note": " 两位坐轮椅\x00 "}).text
    assert 'class="note guide-note">For the guide: 两位坐轮椅</p>' in page and 'value="两位坐轮椅"' in page
    shown = phone.get("/guide").text
    assert "<strong>From the desk, 09:40:</strong> 两位坐轮椅" in shown and 'id="my-groups"' in shown
    reference = counter.booking.reference
    answer = desk.send_json(WRITE, {"code": reference, "note": "late by 20 minutes"}).get_json()
    assert (answer["outcome"], answer["group"]["guide_note"]) == ("noted", "late by 20 minutes")
    assert "late by 20 minutes" in phone.get("/guide").text
    desk.submit(WRITE, {"code": reference, "note": ""})
    assert "From the desk" not in phone.get("/guide").text
    assert [(entry.subject, entry.detail) for entry in entries()] == [(f"booking {counter.booking.id}", {})] * 3


def test_what_cannot_be_kept_is_said_and_stays_typed(client: FlaskClient, counter: SimpleNamespace) -> None:
    client.sign_in(counter.desk)
    client.get("/desk?lang=en")
    long = "轮" * 201
    answer = client.submit(WRITE, {"code": counter.code, "note": long})
    assert answer.status_code == 422 and long in answer.text and "Shorten the note" in answer.text
    theirs = make_counter()
    for code, reason, status in (
        (theirs.code, "other_hall", 409),
        (theirs.booking.reference, "unknown", 409),
        ("", "invalid_code", 422),
        ("\ud800", "invalid_code", 422),
    ):
        refused = client.send_json(WRITE, {"code": code, "note": "x"})
        assert (refused.get_json()["reason"], refused.status_code) == (reason, status)
    with time_machine.travel(NOW + timedelta(hours=15), tick=False):  # the next day
        client.sign_in(counter.desk)
        client.get("/desk?lang=en")
        assert client.send_json(WRITE, {"code": counter.code, "note": "x"}).get_json()["reason"] == "visit_over"
        page = client.submit("/desk/lookup", {"q": counter.code}).text
        assert 'id="guide-note"' not in page
    assert note_of(counter) == note_of(theirs) == "" and not entries()


def test_note_goes_with_the_contact(client: FlaskClient, counter: SimpleNamespace) -> None:
    client.sign_in(counter.desk)
    client.get("/desk")
    client.submit(WRITE, {"code": counter.code, "note": "陈老师行动不便"})
    assert note_of(counter) == "陈老师行动不便"
    with time_machine.travel(date(2027, 5, 22), tick=False), transaction():
        assert retention.erase(db.session.get_one(Hall, counter.hall.id)) == 1
    assert note_of(counter) == ""
