"""An organiser who gave an address is written, in the booking's language, in the booking's own transaction."""

import re
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.booking import service
from hallapp.booking.lifecycle import By, by_staff
from hallapp.booking.models import Booking
from hallapp.booking.waiting import advance_waiting_list
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule.models import Slot
from hallapp.schedule.policy import Confirmation
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
def test_a_booking_is_confirmed_in_chinese(slot: Slot) -> None:
    with transaction():
        booking = service.place(command(slot, email="g@example.com", organisation="A & B <企业>"))
    message = messages()[0]
    assert (message.kind, message.recipient) == ("booking_placed", "g@example.com")
    assert message.subject.startswith("您已预约12月5日 周六 09:30–11:00参观，预约编号")
    assert "何秀珍，您好！" in message.body
    assert "团队：A & B <企业>" in message.body
    assert "地铁二号线纪念堂站 C 出口" in message.body
    assert f"http://127.0.0.1:8000/visits/{booking.key}\n" in message.body


@time_machine.travel(BEFORE, tick=False)
def test_a_booking_is_confirmed_in_english(slot: Slot) -> None:
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
def test_no_message_is_written_without_an_address(slot: Slot) -> None:
    with transaction():
        booking = service.place(command(slot))
        service.cancel(booking)
    assert messages() == []


@time_machine.travel(BEFORE, tick=False)
def test_a_repeated_submit_writes_one_message(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    for _ in range(2):
        client.submit("/book", typed(slot, email="g@example.com"))
    assert [message.kind for message in messages()] == ["booking_placed"]


@time_machine.travel(BEFORE, tick=False)
def test_a_cancellation_writes_one_message_in_the_bookings_language(client: CheckingClient, slot: Slot) -> None:
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


def placed(slot: Slot, language: str, email: str | None = "g@example.com", **changes: Any) -> Booking:
    return service.place(command(slot, email=email, language=language, **changes))


def full(slot: Slot) -> Booking:
    """The group without an address that takes all of a slot."""
    slot.visitor_capacity = 20
    return service.place(command(slot, submission="full", phone="+8619900001099", organisation="先到的团队"))


def by_hall(slot: Slot) -> By:
    return by_staff(factories.staff(hall=slot.programme.hall).id)


def reviewed(slot: Slot, language: str, **address: None) -> Booking:
    slot.programme.confirmation = Confirmation.REVIEW
    return placed(slot, language, **address)


def waiting(slot: Slot, language: str, **address: None) -> tuple[Booking, Booking]:
    before = full(slot)
    return before, placed(slot, language, wait=True, **address)


def offered(slot: Slot, language: str, **address: None) -> Booking:
    before, booking = waiting(slot, language, **address)
    service.cancel(before)
    return booking


def confirm(slot: Slot, language: str, **address: None) -> None:
    service.confirm(reviewed(slot, language, **address), by=by_hall(slot))


def decline(slot: Slot, language: str, **address: None) -> None:
    service.decline(reviewed(slot, language, **address), by=by_hall(slot), reply="当天另有活动 / an event of our own")


def take(slot: Slot, language: str, **address: None) -> None:
    service.take_offer(offered(slot, language, **address))


def lapse(slot: Slot, language: str, **address: None) -> None:
    booking = offered(slot, language, **address)
    with time_machine.travel(BEFORE + timedelta(hours=25), tick=False):
        advance_waiting_list(booking.slot.programme.hall)


def move(slot: Slot, language: str, **address: None) -> None:
    other = factories.slot(programme=slot.programme, day=DAY + timedelta(days=1))
    service.move(placed(slot, language, **address), other.id, by=by_hall(slot))


def change(slot: Slot, language: str, **address: None) -> None:
    service.change_people(placed(slot, language, **address), (("440000", 12),), by=by_hall(slot))


def cancel(slot: Slot, language: str, **address: None) -> None:
    service.cancel(placed(slot, language, **address), by=by_hall(slot), reply="因检修闭馆 / closed for repairs")


#: What leads to the last message; its kind; and what its subject and its text say in Chinese and in English.
KINDS: list[Any] = [
    (
        reviewed,
        "requested",
        "您已申请12月5日",
        "展馆审核后会立即写信告知您",
        "Your request for Sat 5 Dec",
        "hold the places",
    ),
    (
        waiting,
        "waitlisted",
        "您已候补12月5日",
        "您的团队已列入候补",
        "On the waiting list for Sat",
        "on the waiting list",
    ),
    (
        offered,
        "offered",
        "请在12月2日 周三 12:00前确认",
        "为您保留到12月2日",
        "answer by Wed 2 Dec",
        "until Wed 2 Dec, 12:00",
    ),
    (confirm, "confirmed", "已确认：12月5日", "您的参观已确认", "Confirmed: your visit on Sat 5 Dec", "is confirmed"),
    (take, "confirmed", "已确认：12月5日", "您的参观已确认", "Confirmed: your visit on Sat 5 Dec", "is confirmed"),
    (decline, "declined", "未通过：12月5日", "当天另有活动", "Declined: your request for Sat", "an event of our own"),
    (lapse, "lapsed", "已失效：12月5日", "您的预约已失效", "Lapsed: your booking for Sat", "your booking has lapsed"),
    (move, "moved", "参观改为12月6日", "入馆凭证继续有效", "your visit is now on Sun 6 Dec", "moved to another time"),
    (change, "changed", "已更改：12月5日", "人数：12", "Changed: your visit on Sat", "People: 12"),
    (
        cancel,
        "cancelled_by_hall",
        "展馆已取消：12月5日",
        "因检修闭馆",
        "Cancelled by the hall: your visit on Sat",
        "closed for repairs",
    ),
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("case", KINDS, ids=lambda case: f"{case[0].__name__}")
@time_machine.travel(BEFORE, tick=False)
def test_each_event_writes_a_message_in_the_bookings_language(slot: Slot, case: Any, language: str) -> None:
    happen, kind, *words = case
    with transaction():
        happen(slot, language)
    message = messages()[-1]
    subject, text = words[:2] if language == "zh" else words[2:]
    assert (message.kind, message.recipient) == (f"booking_{kind}", "g@example.com")
    assert subject in message.subject
    assert text in message.body
    stands = kind not in ("declined", "lapsed", "cancelled_by_hall")
    assert ("/visits/" in message.body, "/book\n" in message.body) == (stands, not stands)
    chinese = re.search(r"[\u4e00-\u9fff]", message.subject)
    assert bool(chinese) == (language == "zh")


@pytest.mark.parametrize("case", KINDS, ids=lambda case: f"{case[0].__name__}")
@time_machine.travel(BEFORE, tick=False)
def test_no_event_writes_a_message_without_an_address(slot: Slot, case: Any) -> None:
    with transaction():
        case[0](slot, "zh", email=None)
    assert messages() == []


@time_machine.travel(BEFORE, tick=False)
def test_organisers_own_changes_write_no_message(slot: Slot) -> None:
    with transaction():
        booking = placed(slot, "zh")
        service.change_people(booking, (("440000", 12),))
    assert [message.kind for message in messages()] == ["booking_placed"]
