"""An organiser who gave an address is written, in the booking's language, in the booking's own transaction."""

from datetime import date, time

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.booking import service
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import MADE, command, typed
from tests.client import CheckingClient

DAY = date(2026, 12, 5)
BEFORE = clock.at(date(2026, 12, 1), time(12), "Asia/Shanghai")


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall(directions_zh="地铁二号线纪念堂站 C 出口", slots_until=MADE)
        return factories.slot(programme=factories.programme(hall=hall), day=DAY)


def messages() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


@time_machine.travel(BEFORE, tick=False)
def test_a_booking_is_told_in_chinese(slot: Slot) -> None:
    with transaction():
        booking = service.place(command(slot, email="g@example.com", organisation="A & B <企业>"))
    message = messages()[0]
    assert (message.kind, message.recipient) == ("booking_placed", "g@example.com")
    assert message.subject.startswith("您已预约 12月5日 周六 09:30–11:00 参观，预约编号 ")
    assert "何秀珍，您好！" in message.body
    assert "团队：A & B <企业>" in message.body
    assert "地铁二号线纪念堂站 C 出口" in message.body
    assert f"http://127.0.0.1:8000/visits/{booking.key}\n" in message.body


@time_machine.travel(BEFORE, tick=False)
def test_a_booking_is_told_in_english(slot: Slot) -> None:
    with transaction():
        service.place(command(slot, email="g@example.com", language="en"))
    message = messages()[0]
    assert message.subject.startswith("Your visit on Sat 5 Dec, 09:30–11:00: booking ")
    assert "Group: 广州市越秀区东湖街老年大学" in message.body


@time_machine.travel(BEFORE, tick=False)
def test_the_link_leads_to_the_halls_own_host(slot: Slot) -> None:
    with transaction():
        slot.programme.hall.host = "lingnan.example.org"
        booking = service.place(command(slot, email="g@example.com"))
    assert f"http://lingnan.example.org/visits/{booking.key}\n" in messages()[0].body


@time_machine.travel(BEFORE, tick=False)
def test_nobody_is_written_without_an_address(slot: Slot) -> None:
    with transaction():
        booking = service.place(command(slot))
        service.cancel(booking)
    assert messages() == []


@time_machine.travel(BEFORE, tick=False)
def test_the_same_submit_twice_is_told_once(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    for _ in range(2):
        client.submit("/book", typed(slot, email="g@example.com"))
    assert [message.kind for message in messages()] == ["booking_placed"]


@time_machine.travel(BEFORE, tick=False)
def test_a_cancelled_booking_is_told_once_in_its_own_language(client: CheckingClient, slot: Slot) -> None:
    client.get("/book?lang=en")
    client.submit("/book", typed(slot, email="g@example.com"))
    key = db.session.scalars(select(Booking.key)).one()
    client.get(f"/visits/{key}?lang=zh")
    for _ in range(2):
        client.submit(f"/visits/{key}/cancel")
    told = messages()[1:]
    assert [message.kind for message in told] == ["booking_cancelled"]
    assert told[0].subject == "Cancelled: your visit on Sat 5 Dec, 09:30–11:00"
    assert "http://127.0.0.1:8000/book\n" in told[0].body
