"""What a message holds: the hall's words or the standard ones, as text, HTML, calendar entry and text message."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from typing import Any

import pytest
import time_machine
from flask import Flask

from hallapp.booking import service
from hallapp.booking.lifecycle import by_staff
from hallapp.core.database import transaction
from hallapp.messages import queries as messages_queries
from hallapp.messages import service as texts
from hallapp.messages.models import MessageKind
from hallapp.messages.queries import Ways
from hallapp.messages.service import SaveText
from hallapp.notifications import sender
from hallapp.notifications.models import Channel
from hallapp.schedule.models import Slot
from hallapp.schedule.policy import Confirmation
from tests import factories
from tests.booking.helpers import command
from tests.messages.helpers import BEFORE, make_slot, messages, with_gateway

NASTY = "何\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script> http://evil.example/visits/x {link} \u202egnp😀𠮷"


@pytest.fixture
def slot(app: Flask) -> Slot:
    return make_slot()


def save(slot: Slot, by: int, **values: Any) -> None:
    given = {"kind": MessageKind.PLACED, "language": "zh", "channel": Channel.EMAIL, "subject": "s", "body": "b"}
    texts.save_text(SaveText(**{"hall_id": slot.hall_id, "by": by, **given, **values}))


@time_machine.travel(BEFORE, tick=False)
def test_a_mail_is_text_html_and_a_calendar_entry(slot: Slot) -> None:
    with transaction():
        booking = service.place(command(slot, email="g@example.com", organisation="A & B <企业>"))
    message = messages()[0]
    mail = message_from_bytes(sender.compose(message, sender="no-reply@example.org").as_bytes(), policy=policy.default)
    assert [part.get_content_type() for part in mail.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar")
    ]
    plain, html, calendar = (part for part in mail.walk() if not part.is_multipart())
    link = f"http://127.0.0.1:8000/visits/{booking.key}"
    assert link in plain.get_content()
    assert f"{link}/pass\r\n" in plain.get_content()
    page = html.get_content()
    assert f'<a href="{link}">{link}</a>' in page
    assert f'<a href="{link}/pass">{link}/pass</a>' in page
    assert "A &amp; B &lt;企业&gt;" in page
    assert "<img" not in page and "src=" not in page and "url(" not in page
    assert '<html lang="zh-CN" dir="ltr">' in page and "prefers-color-scheme: dark" in page
    assert (calendar.get_filename(), calendar["Content-Type"].params["method"]) == ("visit.ics", "PUBLISH")
    assert "STATUS:CONFIRMED" in calendar.get_content()
    assert booking.key not in calendar.get_content()


@time_machine.travel(BEFORE, tick=False)
def test_a_cancelled_visit_is_taken_off_the_calendar(slot: Slot) -> None:
    with transaction():
        booking = service.place(command(slot, email="g@example.com"))
        staff = by_staff(factories.staff(hall=slot.programme.hall).id)
        service.cancel(booking, by=staff, reply="")
    message = messages()[-1]
    assert message.kind == "booking_cancelled"
    assert "STATUS:CANCELLED" in (message.calendar or "") and "METHOD:CANCEL" in (message.calendar or "")
    attached = list(sender.compose(message, sender="hall@example.org").iter_attachments())
    assert [part["Content-Type"].params["method"] for part in attached] == ["CANCEL"]
    assert "/pass" not in message.body


@time_machine.travel(BEFORE, tick=False)
def test_a_request_has_no_entry_and_no_pass_yet(slot: Slot) -> None:
    with transaction():
        slot.programme.confirmation = Confirmation.REVIEW
        service.place(command(slot, email="g@example.com"))
    assert messages()[0].calendar is None
    assert "/pass" not in messages()[0].body


@time_machine.travel(BEFORE, tick=False)
def test_names_bring_no_header_no_link_and_no_markup(slot: Slot) -> None:
    with transaction():
        staff = factories.staff(hall=slot.programme.hall)
        save(slot, staff.id, subject="{organisation} {name}", body="{organisation}\n\n{link}")
        service.place(command(slot, email="g@example.com", organisation=NASTY[:200], contact_name="长" * 79 + "😀"))
    message = messages()[0]
    raw = sender.compose(message, sender="no-reply@example.org").as_bytes()
    mail = message_from_bytes(raw, policy=policy.default)
    assert "Bcc" not in mail
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii() and all(len(line) <= 78 for line in head.split(b"\r\n"))
    subject = str(make_header(decode_header(message_from_bytes(raw)["Subject"].replace("\r\n", ""))))
    assert subject == message.subject
    assert subject.startswith("何 Bcc: all@example.org <script>") and subject.endswith("长😀")
    assert "\u202e" not in message.subject + message.body
    assert "<script>" not in (message.html or "") and "&lt;script&gt;" in (message.html or "")
    assert 'href="http://evil' not in (message.html or "")
    assert "{link}" in message.body


@time_machine.travel(BEFORE, tick=False)
def test_the_halls_own_words_are_sent_in_their_language_only(slot: Slot) -> None:
    with transaction():
        staff = factories.staff(hall=slot.programme.hall)
        save(slot, staff.id, subject="欢迎 {organisation}", body="{name}：\n\n{reference} %(name)s {people}")
        service.place(command(slot, email="g@example.com"))
        service.place(command(slot, email="g@example.com", language="en", submission="other"))
        texts.restore_text(slot.hall_id, MessageKind.PLACED, "zh", Channel.EMAIL, by=staff.id)
        service.place(command(slot, email="g@example.com", submission="third"))
    own, english, standard = messages()
    assert own.subject == "欢迎 广州市越秀区东湖街老年大学"
    assert own.body.startswith("何秀珍：\n\n") and own.body.endswith(" %(name)s 20")
    assert english.subject.startswith("Your visit on ")
    assert standard.subject.startswith("您已预约")


@time_machine.travel(BEFORE, tick=False)
def test_text_messages_go_where_the_hall_says(slot: Slot, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with_gateway(app, monkeypatch)
    with transaction():
        staff = factories.staff(hall=slot.programme.hall)
        booking = service.place(command(slot))  # neither mail nor, by the hall's ticks, text message
        service.cancel(booking, by=by_staff(staff.id), reply="因检修\n闭馆")
    (message,) = messages()
    assert (message.kind, message.channel, message.recipient) == (
        "booking_cancelled_by_hall",
        Channel.SMS,
        "+8619900001050",
    )
    assert message.body == "【岭南展览馆】非常抱歉，您12月5日 周六 09:30–11:00的参观已取消。因检修 闭馆"
    assert (message.subject, message.html, message.calendar) == ("", None, None)
    with transaction():
        ways = {**messages_queries.list_ways(slot.hall_id), MessageKind.PLACED: Ways(email=False, sms=True)}
        texts.set_ways(slot.hall_id, ways, by=staff.id)
        service.place(command(slot, email="g@example.com", submission="other"))
    assert [(one.kind, one.channel.value) for one in messages()[1:]] == [("booking_placed", "sms")]


@time_machine.travel(BEFORE, tick=False)
def test_without_a_gateway_no_text_message_waits_to_become_stale(slot: Slot) -> None:
    with transaction():
        booking = service.place(command(slot))
        service.cancel(booking, by=by_staff(factories.staff(hall=slot.programme.hall).id), reply="闭馆")
    assert messages() == []
