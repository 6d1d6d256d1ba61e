"""An organiser who has lost the link finds the booking; a stranger learns nothing."""

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.booking import reference
from hallapp.booking.models import Booking, BookingState
from hallapp.booking.web.limiting import FINDS_OF_REFERENCE_AN_HOUR, LINKS_TO_AN_HOUR
from hallapp.core import formats
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.settings import Settings
from tests import factories
from tests.client import CheckingClient


@pytest.fixture
def booking(app: Flask) -> Booking:
    with transaction():
        slot = factories.slot(programme=factories.programme(hall=factories.hall()))
        return factories.booking(slot=slot, email="He.Xiuzhen@example.com")


def find(client: CheckingClient, **typed: str) -> tuple[int, str]:
    client.get("/find")
    answer = client.submit("/find", typed)
    return answer.status_code, answer.location or answer.get_data(as_text=True)


def outbox() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


@pytest.mark.parametrize("end", ["1050", "１０５０", "199 0000 1050", "+86 199-0000-1050"])
def test_reference_and_end_of_the_phone_open_the_booking(client: CheckingClient, booking: Booking, end: str) -> None:
    typed = formats.reference(booking.reference).lower()
    assert find(client, reference=f" {typed} ", phone_end=end) == (303, f"/visits/{booking.key}")


def test_wrong_reference_and_wrong_phone_are_refused_alike(client: CheckingClient, booking: Booking) -> None:
    with transaction():
        other = factories.booking(slot=booking.slot, phone="+8613800138000", phone_tail="8000")
    wrong_phone = find(client, reference=booking.reference, phone_end="8000")
    wrong_reference = find(client, reference=reference.make(), phone_end="1050")
    assert wrong_phone[0] == wrong_reference[0] == 422
    for status, page in (wrong_phone, wrong_reference):
        assert "没有找到编号与手机号后4位相符的预约" in page, status
        assert booking.key not in page and other.key not in page
    assert f'value="{booking.reference}"' in wrong_phone[1]  # what was typed is still there


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reference": "", "phone_end": ""}, "请填写预约编号"),
        ({"reference": "K7M29QXS", "phone_end": "1050"}, "请核对预约编号"),
        ({"reference": "K7M29QXH", "phone_end": "105"}, "请填写预约手机号的后4位"),
        ({"reference": "\x00" * 8, "phone_end": "1050"}, "请核对预约编号"),
        ({"reference": "K7M29QXH", "phone_end": "١٠٥٠"}, "请填写预约手机号的后4位"),
        ({"contact": ""}, "请在此填写"),
        ({"contact": "何秀珍"}, "请检查邮箱地址"),
        ({"contact": "a@b"}, "请检查邮箱地址"),
        ({"contact": "19900001050"}, "请检查邮箱地址"),  # no text messages can be sent here
    ],
)
def test_slips_are_told_beside_their_field(
    client: CheckingClient, booking: Booking, typed: dict[str, str], said: str
) -> None:
    status, page = find(client, **typed)
    assert status == 422
    assert said in page and " · 请修改：" in page


def test_guesses_at_the_end_of_a_phone_are_limited(client: CheckingClient, booking: Booking) -> None:
    statuses = [
        find(client, reference=booking.reference, phone_end=f"{guess:04}")[0]
        for guess in range(FINDS_OF_REFERENCE_AN_HOUR + 1)
    ]
    assert statuses == [422] * FINDS_OF_REFERENCE_AN_HOUR + [429]
    assert find(client, reference=booking.reference, phone_end="1050")[0] == 429


def test_links_go_to_the_contact_and_the_page_tells_nothing(client: CheckingClient, booking: Booking) -> None:
    with transaction():
        second = factories.booking(slot=booking.slot, email="he.xiuzhen@EXAMPLE.com", origins={"430000": 9})
        over = factories.booking(slot=booking.slot, email="he.xiuzhen@example.com", state=BookingState.CANCELLED)
    known = find(client, contact="he.xiuzhen@example.com")
    stranger = find(client, contact="nobody@example.com")
    assert known == stranger == (303, "/find?sent=1")
    [mail] = outbox()
    assert mail.recipient == "he.xiuzhen@example.com"
    assert f"/visits/{booking.key}" in mail.body and f"/visits/{second.key}" in mail.body
    assert over.key not in mail.body
    assert "链接已发送" in client.get("/find?sent=1").get_data(as_text=True)


def test_links_to_one_contact_are_limited_whether_it_has_bookings_or_not(
    client: CheckingClient, booking: Booking
) -> None:
    for contact in ("he.xiuzhen@example.com", "nobody@example.com"):
        statuses = [find(client, contact=contact)[0] for _ in range(LINKS_TO_AN_HOUR + 1)]
        assert statuses == [303] * LINKS_TO_AN_HOUR + [429]
    assert len(outbox()) == LINKS_TO_AN_HOUR


def test_link_goes_by_text_message_where_the_deployment_has_a_gateway(
    client: CheckingClient, booking: Booking, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "sms_url", "http://127.0.0.1:9/", raising=False)
    assert find(client, contact="199 0000 1050") == (303, "/find?sent=1")
    [text] = outbox()
    assert (text.channel, text.recipient) == ("sms", "+8619900001050")
    assert f"/visits/{booking.key}" in text.body
