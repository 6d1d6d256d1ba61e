"""Alerts to the staff: who is told of what, when, in which language, and what is never told."""

from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.alerts import queries, service
from hallapp.alerts.alert import Summary, write_summary
from hallapp.alerts.errors import RecipientListed
from hallapp.alerts.models import AlertKind, Pace
from hallapp.alerts.service import SaveRecipient
from hallapp.booking import parties, proving
from hallapp.booking import service as bookings
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, BookingState
from hallapp.booking.queries import list_parts
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications import service as outbox
from hallapp.notifications.models import MessageState, OutboxMessage
from hallapp.schedule.policy import Confirmation
from tests import factories
from tests.booking.helpers import command, page
from tests.booking.test_codes import code_in
from tests.client import CheckingClient

ALL = tuple(AlertKind)
EIGHT = datetime(2026, 12, 1, 0, tzinfo=UTC)  # in the morning, in Guangzhou


@pytest.fixture
def scene(app: Flask) -> SimpleNamespace:
    """A hall that reviews requests, with a time and a manager."""
    with transaction():
        hall = factories.hall(confirmation=Confirmation.REVIEW, slots_until=datetime(2099, 12, 31).date())
        slot = factories.slot(programme=factories.programme(hall=hall), visitor_capacity=5000, guide_capacity=200)
        manager = factories.staff(hall=hall, role=Role.MANAGER)
    return SimpleNamespace(hall=hall, slot=slot, manager=manager)


def add(scene: SimpleNamespace, address: str = "wang@hall.example", **values: Any) -> None:
    usual = {"name": "王主管", "language": "zh", "kinds": ALL, "pace": Pace.AT_ONCE, "active": True, "number": None}
    with transaction():
        service.save_recipient(
            SaveRecipient(hall_id=scene.hall.id, by=scene.manager.id, address=address, **usual | values)
        )


def place(scene: SimpleNamespace, **values: Any) -> Booking:
    with transaction():
        return bookings.place(command(scene.slot, submission=str(uuid4()), **values))


def mails(to: str = "wang@hall.example") -> list[OutboxMessage]:
    return list(
        db.session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == to).order_by(OutboxMessage.id))
    )


@pytest.mark.either_database
def test_a_new_request_is_told_at_once_in_the_language_of_each_reader(scene: SimpleNamespace) -> None:
    add(scene)
    add(scene, "smith@hall.example", language="en")
    add(scene, "off@hall.example", active=False)
    add(scene, "other@hall.example", kinds=(AlertKind.CANCELLED,))
    place(scene, email="he@example.com", note="一位客人有病")
    [zh], [en] = mails(), mails("smith@hall.example")
    assert zh.subject == "岭南展览馆：新的预约申请等待审核"
    assert en.subject == "Lingnan Exhibition Hall: A new request waits for review"
    for mail in (zh, en):
        assert "广州市越秀区东湖街老年大学" in mail.body
        assert "/bookings/review" in mail.body
        for secret in ("何秀珍", "19900001050", "he@example.com", "有病"):
            assert secret not in mail.body + str(mail.html), secret
    assert "20 people" in en.body
    assert not mails("off@hall.example") + mails("other@hall.example")


def test_an_individual_is_not_named(scene: SimpleNamespace) -> None:
    add(scene)
    place(scene, kind="individual", organisation="罗小龙")
    [mail] = mails()
    assert "罗小龙" not in mail.body + str(mail.html)
    assert "个人" in mail.body


def test_what_the_staff_do_and_what_needs_no_review_is_not_told(scene: SimpleNamespace) -> None:
    add(scene)
    by = by_staff(scene.manager.id)
    booking = place(scene, by=by)
    with transaction():
        bookings.cancel(booking, by=by)
    with transaction():
        db.session.merge(scene.hall).confirmation = Confirmation.AT_ONCE
    place(scene)
    assert mails() == []


def test_a_request_that_waits_for_its_code_is_told_once_the_code_was_entered(scene: SimpleNamespace) -> None:
    with transaction():
        db.session.merge(scene.hall).confirm_by_code = True
    add(scene)
    booking = place(scene, email="he@example.com")
    assert mails() == []
    [sent] = mails("he@example.com")
    with transaction():
        assert proving.prove(db.session.merge(booking), code_in(sent))
    assert [mail.kind for mail in mails()] == ["staff_new_request"]


def test_a_cancellation_by_the_organiser_is_told(scene: SimpleNamespace) -> None:
    add(scene, kinds=(AlertKind.CANCELLED,))
    booking = place(scene)
    with transaction():
        bookings.cancel(booking)
    [mail] = mails()
    assert mail.kind == "staff_cancelled"
    assert f"/bookings/{booking.reference}" in mail.body


def test_a_large_group_is_told_once_with_all_its_people(scene: SimpleNamespace) -> None:
    with transaction():
        scene.hall.large_group_max = 200
        later = factories.slot(programme=scene.slot.programme, starts=time(14), visitor_capacity=500)
    add(scene)
    booking = place(scene, origins=(("440000", 90),), parts=((scene.slot.id, 45), (later.id, 45)))
    single = place(scene, organisation="晨光小学", phone="+862083450002")
    summary = Summary(requests=[*list_parts(booking), single], cancelled=[], failed=0)
    text = write_summary(scene.hall, summary, "en").body
    assert text.startswith("2 requests wait for review") and text.count("90 people") == 1
    with transaction():
        parties.cancel(db.session.get_one(Booking, booking.id))
    told = [mail for mail in mails() if "90" in mail.body]
    assert [mail.kind for mail in told] == ["staff_new_request", "staff_cancelled"]
    assert all("15:30 · " in mail.body and "90人" in mail.body for mail in told)


def test_a_message_that_failed_is_told_and_an_alert_that_failed_is_not(scene: SimpleNamespace) -> None:
    add(scene)
    with transaction():
        lost = outbox.enqueue(
            hall_id=scene.hall.id, kind="booking_moved", recipient="a@example.com", subject="x", body="x"
        )
        outbox.mark_failed(lost.id, error="550 no such user", for_good=True)
    [mail] = mails()
    assert mail.kind == "staff_failed"
    assert "/admin/outbox?fate=given_up" in mail.body
    assert "a@example.com" not in mail.body
    with transaction():
        outbox.mark_failed(mail.id, error="550 no such user", for_good=True)
    assert [one.state for one in mails()] == [MessageState.GIVEN_UP]


def test_a_flood_of_requests_is_no_flood_of_mails(scene: SimpleNamespace) -> None:
    add(scene)
    for number in range(service.MOST_AN_HOUR + 3):
        place(scene, organisation=f"第{number}中学")
    told = mails()
    assert len(told) == service.MOST_AN_HOUR
    assert "一小时内" in told[-1].body
    assert "一小时内" not in told[-2].body


@pytest.mark.either_database
def test_a_summary_tells_in_the_morning_what_waits_and_once_a_day(scene: SimpleNamespace) -> None:
    with time_machine.travel(EIGHT - timedelta(hours=12)):
        with transaction():
            scene.slot = factories.slot(
                programme=scene.slot.programme,
                day=(EIGHT + timedelta(days=5)).date(),
                visitor_capacity=5000,
                guide_capacity=99,
            )
        add(scene, pace=Pace.MORNING, language="en")
        place(scene, organisation="晨光小学")
        cancelled = place(scene, organisation="育才中学")
        with transaction():
            bookings.cancel(cancelled)
        for number in range(12):
            place(scene, organisation=f"第{number}中学")
    assert mails() == []
    with time_machine.travel(EIGHT):
        for _run in range(2):
            with transaction():
                service.summarise(scene.hall)
    [mail] = mails()
    assert "13 requests wait for review" in mail.body
    assert "1 visit was cancelled by its organiser" in mail.body
    assert "育才中学" in mail.body
    assert "and 3 more" in mail.body
    with transaction():
        for booking in db.session.scalars(select(Booking).where(Booking.state == BookingState.REQUESTED)).all():
            bookings.confirm(booking, by=by_staff(scene.manager.id))
    with time_machine.travel(EIGHT + timedelta(days=1)), transaction():
        assert service.summarise(scene.hall) == 0  # nothing waits, and the cancellation has been told


@pytest.mark.parametrize(
    ("zone", "at", "sent"),
    [
        ("Asia/Shanghai", None, "2026-12-03T23:00"),  # the hall's usual hour, 07:00
        ("Asia/Shanghai", time(17, 30), "2026-12-03T09:30"),
        ("Asia/Shanghai", time(0), "2026-12-03T16:00"),
        ("America/New_York", time(17, 30), "2026-12-03T22:30"),
    ],
)
def test_summary_is_sent_at_the_hour_that_each_reader_has_chosen(
    scene: SimpleNamespace, zone: str, at: time | None, sent: str
) -> None:
    begun = datetime(2026, 12, 3, 3, tzinfo=UTC)
    with time_machine.travel(begun, tick=False) as moment:
        with transaction():
            db.session.merge(scene.hall).time_zone = zone
        hall = db.session.merge(scene.hall)
        add(scene, pace=Pace.MORNING, summary_at=at)
        place(scene)
        found = []
        for _quarter in range(24 * 4):
            moment.shift(timedelta(minutes=15))
            with transaction():
                if service.summarise(hall):
                    found.append(f"{clock.now():%Y-%m-%dT%H:%M}")
        assert found == [sent]
        if zone == "Asia/Shanghai":
            moment.move_to(datetime(2026, 12, 8, 15, tzinfo=UTC))  # the worker comes back at 23:00: nobody is woken up
            with transaction():
                assert service.summarise(hall) == 0


def test_managers_keep_the_list(scene: SimpleNamespace, client: CheckingClient) -> None:
    client.sign_in(scene.manager)
    client.get("/admin/alerts?lang=en")
    typed = {
        "name": "王",
        "address": " Wang@Hall.example",
        "language": "zh",
        "kinds": ["new_request"],
        "pace": "morning",
    }
    for changes, said in (
        ({"address": "wang"}, "name@example.com"),
        ({"kinds": []}, "Please choose one of these."),
        ({"kinds": ["coffee"]}, "Please choose one of these."),
        ({"pace": "never"}, "Please choose one of these."),
        ({"language": "fr"}, "Not a valid choice."),
        ({"name": ""}, "Enter a name."),
        ({"summary_at": "24:30"}, "Enter a time such as 09:30."),
    ):
        refused = client.submit("/admin/alerts?lang=en", typed | changes)
        assert (refused.status_code, said in page(refused)) == (422, True), changes
    assert client.submit("/admin/alerts", typed | {"active": "y", "summary_at": "1730"}).status_code == 303
    assert client.submit("/admin/alerts", typed).status_code == 422  # listed already
    [one] = queries.list_recipients(scene.hall.id)
    assert (one.address, one.chosen_kinds, one.pace, one.active, one.summary_at) == (
        *("Wang@hall.example", (AlertKind.NEW_REQUEST,), Pace.MORNING, True, time(17, 30)),
    )
    listed = page(client.get("/admin/alerts"))
    assert "Wang@hall.example" in listed and "17:30" in listed
    assert 'value="new_request" checked' in page(client.get("/admin/alerts/1"))
    assert client.submit("/admin/alerts/1", typed | {"kinds": ["failed", "cancelled"]}).status_code == 303
    db.session.expire_all()
    [one] = queries.list_recipients(scene.hall.id)
    assert (one.chosen_kinds, one.active) == ((AlertKind.CANCELLED, AlertKind.FAILED), False)
    assert client.submit("/admin/alerts/1/remove").status_code == 303
    assert not queries.list_recipients(scene.hall.id)
    assert client.get("/admin/alerts/1").status_code == 404


def test_an_address_is_listed_once_however_it_is_written(scene: SimpleNamespace) -> None:
    add(scene)
    with pytest.raises(RecipientListed):
        add(scene, "WANG@hall.example")
