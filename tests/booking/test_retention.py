"""Contact details go when the booking page says so; what is counted stays."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.booking import retention
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications import service as notifications
from hallapp.notifications.models import MessageState, OutboxMessage
from hallapp.passes import service as passes
from hallapp.schedule.models import Hall
from tests import factories

VISIT = date(2026, 3, 10)
ERASED_FROM = datetime(2026, 9, 11, 4, tzinfo=UTC)  # 12:00 in Guangzhou: the visit lies six months and a day back


def past_booking(hall: Hall, **values: object) -> Booking:
    with transaction():
        slot = factories.slot(programme=factories.programme(hall=hall), day=VISIT)
        return factories.booking(slot=slot, note="请安排轮椅", email="he@example.com", **values)


def erase(hall: Hall) -> int:
    with transaction():
        return retention.erase(hall)


@pytest.mark.either_database
def test_erase_takes_contacts_and_leaves_counts(app: Flask) -> None:
    hall = factories.make(factories.hall, retention_months=6)
    booking = past_booking(hall, origins={"440000": 12, "810000": 3})
    with time_machine.travel(ERASED_FROM):
        assert erase(hall) == 1
        assert erase(hall) == 0
    db.session.expire_all()
    assert (booking.contact_name, booking.phone, booking.phone_tail, booking.email, booking.note) == (
        *("", "", "", None, ""),
    )
    assert booking.organisation == "广州市越秀区东湖街老年大学"
    assert booking.visitors == 15
    assert {origin.division: origin.visitors for origin in booking.origins} == {"440000": 12, "810000": 3}


@pytest.mark.either_database
def test_erase_takes_the_name_of_individuals(app: Flask) -> None:
    hall = factories.make(factories.hall, retention_months=6)
    booking = past_booking(hall, kind="individual", organisation="罗小龙")
    with time_machine.travel(ERASED_FROM):
        erase(hall)
    db.session.expire_all()
    assert booking.organisation == ""


@pytest.mark.either_database
def test_erase_waits_for_the_last_day_of_the_promise(app: Flask) -> None:
    hall = factories.make(factories.hall, retention_months=6)
    booking = past_booking(hall)
    with time_machine.travel(ERASED_FROM - timedelta(days=1)):
        assert erase(hall) == 0
    db.session.expire_all()
    assert booking.contact_name == "何秀珍"


@pytest.mark.either_database
def test_erase_leaves_another_hall_alone(app: Flask) -> None:
    hall, other = factories.make(factories.hall), factories.make(factories.hall)
    booking = past_booking(other)
    with time_machine.travel(ERASED_FROM):
        assert erase(hall) == 0
    db.session.expire_all()
    assert booking.contact_name == "何秀珍"


@pytest.mark.either_database
def test_erase_takes_messages_that_were_sent_and_those_that_wait_for_ever(app: Flask) -> None:
    hall = factories.make(factories.hall, retention_months=6)
    with transaction(), time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        for recipient in ("sent@example.com", "waits@example.com"):
            message = notifications.enqueue(
                hall_id=hall.id, kind="placed", recipient=recipient, subject="预约成功", body="…"
            )
            if recipient.startswith("sent"):
                message.state = MessageState.SENT
    with time_machine.travel(ERASED_FROM):
        erase(hall)
    assert db.session.scalars(select(OutboxMessage.recipient)).all() == []


@pytest.mark.parametrize("below", ["", "/pass", "/pass.pdf", "/visit.ics"])
def test_pages_of_an_erased_booking_still_open(app: Flask, client: FlaskClient, below: str) -> None:
    hall = factories.make(factories.hall, retention_months=6)
    booking = past_booking(hall)
    with transaction():
        passes.issue(booking)
    with time_machine.travel(ERASED_FROM):
        erase(hall)
        assert client.get(f"/visits/{booking.key}{below}").status_code == 200


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 1), 12, date(2025, 12, 1)),
    ],
)
def test_months_before_stays_inside_the_month(day: date, months: int, expected: date) -> None:
    assert clock.months_before(day, months) == expected
