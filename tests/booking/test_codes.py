"""Codes: a booking is held for half an hour until its code is typed; a new mail address counts once it is confirmed."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.booking import codes, service, waiting
from hallapp.booking.models import Booking, BookingCode, BookingState
from hallapp.booking.retention import erase
from hallapp.booking.web import limiting
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications.models import Channel, OutboxMessage
from hallapp.schedule.models import Hall, Slot
from hallapp.schedule.policy import Confirmation
from tests import factories
from tests.booking.helpers import MADE, command, page, typed
from tests.client import CheckingClient
from tests.messages.helpers import with_gateway

DAY = date(2026, 12, 5)
NOON = clock.at(DAY - timedelta(days=4), time(12), "Asia/Shanghai")
OLD, NEW = "he@example.com", "new@example.com"


@pytest.fixture(autouse=True)
def clockwork() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall(slots_until=MADE, confirm_by_code=True)
        return factories.slot(programme=factories.programme(hall=hall), day=DAY, visitor_capacity=60, guide_capacity=9)


@pytest.fixture
def booking(slot: Slot) -> Booking:
    """A booking that stands, with a mail address; the hall wants no codes for bookings."""
    with transaction():
        slot.programme.hall.confirm_by_code = False
        return service.place(command(slot, email=OLD))


def stored() -> Booking:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Booking)).one()


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def code_in(message: OutboxMessage) -> str:
    found = re.search(r"\b[0-9]{6}\b", message.body)
    assert found
    return found.group()


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def send(client: CheckingClient, code: str, purpose: str = "hold") -> Any:
    return client.submit(f"/visits/{stored().key}/code", {"code": code, "purpose": purpose})


def book(client: CheckingClient, slot: Slot, **changes: Any) -> Any:
    client.get("/book")
    return client.submit("/book", typed(slot, **{"email": OLD, **changes}))


# A booking


def test_a_booking_stands_once_its_code_is_typed(client: CheckingClient, slot: Slot) -> None:
    answer = book(client, slot)
    placed = stored()
    assert (placed.state, placed.held_until) == (BookingState.REQUESTED, NOON + timedelta(minutes=30))
    (mail,) = mails()
    code = code_in(mail)
    assert (mail.recipient, placed.key in mail.body, code in mail.subject) == (OLD, False, True)
    shown = page(client.get(answer.location))
    assert f"六位验证码已发送至{OLD}" in shown and "12月1日 周二 12:30前填写" in shown and code not in shown
    full_width = code.translate({ord(digit): 0xFF10 + int(digit) for digit in "0123456789"})
    assert send(client, f" {full_width[:3]} {full_width[3:]} ").status_code == 303
    proved = stored()
    assert (proved.state, proved.held_until) == (BookingState.CONFIRMED, None)
    assert [mail.kind for mail in mails()] == ["booking_code", "booking_placed"]
    assert "/pass" in page(client.get(answer.location)) and not db.session.scalars(select(BookingCode)).all()


def test_without_the_code_the_places_go_back_and_nobody_is_written_to(
    client: CheckingClient, slot: Slot, clockwork: Any
) -> None:
    answer = book(client, slot)
    code = code_in(mails()[0])
    db.session.expire_all()
    assert slot.visitors_booked == 20
    clockwork.shift(timedelta(minutes=30))
    client.get("/book")
    assert stored().state is BookingState.LAPSED
    assert slot.visitors_booked == 0
    assert len(mails()) == 1
    assert send(client, code).status_code == 409
    assert 'name="code"' not in page(client.get(answer.location))


def test_attempts_are_few_and_count_although_they_are_refused(client: CheckingClient, slot: Slot) -> None:
    book(client, slot)
    code = code_in(mails()[0])
    for _attempt in range(codes.MOST_ATTEMPTS):
        answer = send(client, wrong(code))
        assert answer.status_code == 422 and "验证码有误或已过期" in page(answer)
    assert send(client, code).status_code == 422
    assert client.submit(f"/visits/{stored().key}/code/again", {"purpose": "hold"}).status_code == 303
    newer = code_in(mails()[-1])
    assert stored().held_until == NOON + timedelta(minutes=30)  # another code is no more time
    assert send(client, newer).status_code == 303


def test_codes_are_sent_again_a_few_times_an_hour(client: CheckingClient, slot: Slot) -> None:
    book(client, slot)
    path = f"/visits/{stored().key}/code/again"
    answers = [client.submit(path, {"purpose": "hold"}).status_code for _ in range(limiting.CODES_AN_HOUR + 2)]
    assert answers == [303] * limiting.CODES_AN_HOUR + [429] * 2
    assert len(mails()) == 1 + limiting.CODES_AN_HOUR


@pytest.mark.parametrize("typed_code", ["", "12345", "1234567", "abcdef", "\0", "²²²²²²", "9" * 5_000, "，"])
def test_odd_codes_are_wrong_codes(client: CheckingClient, slot: Slot, typed_code: str) -> None:
    book(client, slot)
    assert send(client, typed_code).status_code == 422
    assert send(client, "123456", purpose="email").status_code == 422
    assert send(client, "123456", purpose="nothing").status_code == 404


def test_a_reviewed_booking_stays_a_request_after_its_code(client: CheckingClient, slot: Slot) -> None:
    with transaction():
        slot.programme.confirmation = Confirmation.REVIEW
    book(client, slot)
    assert send(client, code_in(mails()[0])).status_code == 303
    assert (stored().state, stored().held_until) == (BookingState.REQUESTED, None)
    assert [mail.kind for mail in mails()] == ["booking_code", "booking_requested"]


def test_under_the_brake_it_stays_a_request_for_a_limited_time(client: CheckingClient, slot: Slot) -> None:
    with transaction():
        slot.programme.hall.brake_per_hour = 1
    book(client, slot, phone="13800138000", organisation="先到的团队", submission="first")
    with transaction():
        service.cancel(stored())
    with transaction():
        second = service.place(command(slot, submission="second", email=OLD))
    assert second.held_until == NOON + timedelta(minutes=30)
    code = code_in(mails()[-1])
    client.submit(f"/visits/{second.key}/code", {"code": code, "purpose": "hold"})
    db.session.rollback()
    db.session.expire_all()
    assert (second.state, second.held_until) == (BookingState.REQUESTED, NOON + timedelta(hours=48))


def test_a_mistyped_address_is_corrected_and_gets_the_code(client: CheckingClient, slot: Slot) -> None:
    book(client, slot, email="he@exmaple.com")
    new = {"what": "contact", "contact_name": "何秀珍", "phone": "19900001050", "email": OLD, "note": ""}
    assert client.submit(f"/visits/{stored().key}/change", new).status_code == 303
    assert [mail.recipient for mail in mails()] == ["he@exmaple.com", OLD]
    without = client.submit(f"/visits/{stored().key}/change", new | {"email": ""})
    assert without.status_code == 422 and '<a href="#email">' in page(without)
    assert send(client, code_in(mails()[0])).status_code == 422
    assert send(client, code_in(mails()[1])).status_code == 303
    assert (stored().state, stored().email) == (BookingState.CONFIRMED, OLD)


def test_an_address_is_needed_where_no_text_message_can_be_sent(
    app: Flask, client: CheckingClient, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = book(client, slot, email="")
    assert refused.status_code == 422 and '<a href="#email">本馆预约需用验证码确认' in page(refused)
    with_gateway(app, monkeypatch)
    assert book(client, slot, email="").status_code == 303
    (text,) = mails()
    assert (text.channel, text.recipient) == (Channel.SMS, "+8619900001050")
    assert send(client, code_in(text)).status_code == 303


def test_the_staff_and_the_waiting_list_need_no_code(slot: Slot) -> None:
    with transaction():
        slot.visitor_capacity = 20
        full = service.place(command(slot, submission="1", by=service.By(actor=service.Actor.STAFF)))
        waits = service.place(command(slot, submission="2", wait=True, phone="+8613800138000", email=OLD))
    assert (full.state, waits.state, waits.held_until) == (BookingState.CONFIRMED, BookingState.WAITLISTED, None)
    assert [mail.kind for mail in mails()] == ["booking_waitlisted"]


# A new mail address


def change(client: CheckingClient, email: str) -> Any:
    new = {"what": "contact", "contact_name": "何秀珍", "phone": "19900001050", "email": email, "note": ""}
    client.get(f"/visits/{stored().key}")
    return client.submit(f"/visits/{stored().key}/change", new)


def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(
    client: CheckingClient, booking: Booking
) -> None:
    assert change(client, NEW).status_code == 303
    assert stored().email == OLD
    _placed, told, asked = mails()
    assert (told.recipient, asked.recipient) == (OLD, NEW)
    assert NEW not in told.body and booking.key not in asked.body + told.body
    assert "请确认新邮箱" in page(client.get(f"/visits/{booking.key}"))
    assert send(client, wrong(code_in(asked)), purpose="email").status_code == 422
    assert stored().email == OLD
    assert send(client, code_in(asked), purpose="email").status_code == 303
    assert (stored().email, stored().state) == (NEW, BookingState.CONFIRMED)


def test_the_first_address_of_a_booking_is_confirmed_too(client: CheckingClient, booking: Booking) -> None:
    with transaction():
        booking.email = None
    change(client, NEW)
    assert stored().email is None
    assert [mail.recipient for mail in mails()[1:]] == [NEW]
    send(client, code_in(mails()[-1]), purpose="email")
    assert stored().email == NEW


def test_an_address_is_taken_away_at_once_and_told(client: CheckingClient, booking: Booking) -> None:
    change(client, "")
    assert stored().email is None
    assert [mail.recipient for mail in mails()[1:]] == [OLD]


def test_the_staff_change_an_address_at_once(booking: Booking) -> None:
    data = service.ContactData(contact_name="何秀珍", phone=booking.phone, email=NEW, note="")
    with transaction():
        service.change_contact(booking, data, by=service.By(actor=service.Actor.STAFF))
    assert stored().email == NEW


def test_a_code_for_an_address_expires(client: CheckingClient, booking: Booking, clockwork: Any) -> None:
    change(client, NEW)
    code = code_in(mails()[-1])
    clockwork.shift(timedelta(hours=25))
    client.get("/book")
    assert send(client, code, purpose="email").status_code == 422
    assert stored().email == OLD


def test_waiting_codes_are_erased_with_the_contact(client: CheckingClient, booking: Booking) -> None:
    change(client, NEW)
    with time_machine.travel(NOON + timedelta(days=300)), transaction():
        erase(db.session.get_one(Hall, booking.hall_id))
    assert not db.session.scalars(select(BookingCode)).all()


def test_tending_does_not_touch_a_request_without_a_limit(slot: Slot, clockwork: Any) -> None:
    with transaction():
        slot.programme.hall.confirm_by_code = False
        slot.programme.confirmation = Confirmation.REVIEW
        service.place(command(slot))
    clockwork.shift(timedelta(days=2))
    with transaction():
        assert waiting.advance_waiting_list(db.session.get_one(Hall, slot.hall_id)) == 0
