"""The page of the outbox: what became of each message, masked until opened, and sent again where it was given up."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.notifications import service
from hallapp.notifications.models import Channel, MessageState, OutboxFile, OutboxMessage
from hallapp.notifications.service import NewFile, NewMessage
from tests import factories
from tests.booking.helpers import page
from tests.client import CheckingClient
from tests.office import NOON, again, signed_in
from tests.queries import Queries


def put(hall_id: int, **values: Any) -> OutboxMessage:
    given = {
        "kind": "booking_placed",
        "recipient": "hexiuzhen@example.org",
        "subject": "您已预约",
        "body": "何秀珍，您好！",
    }
    with transaction():
        return service.put(NewMessage(**{"hall_id": hall_id, **given, **values}))


def claim_and_fail(message: OutboxMessage, *, for_good: bool) -> None:
    with transaction():
        claimed = service.claim_next(message.channel)
    assert claimed and claimed.id == message.id
    with transaction():
        service.mark_failed(message.id, error="550 no such user", for_good=for_good)


def test_every_delivery_state_is_shown_and_can_be_filtered(office: SimpleNamespace, manager: CheckingClient) -> None:
    given_up = put(office.hall.id)
    claim_and_fail(given_up, for_good=True)
    put_off = put(office.hall.id, kind="booking_reminder", channel=Channel.SMS, recipient="+8619900001050")
    claim_and_fail(put_off, for_good=False)
    sent = put(office.hall.id, kind="booking_thanks", recipient="li@example.org")
    with transaction():
        service.mark_sent(sent.id)
    put(office.hall.id, kind="booking_moved", recipient="wu@example.org")
    with transaction():
        service.claim_next()
    text = page(manager.get("/admin/outbox"))
    assert "有1条消息未能发出" in text
    assert "h…@example.org" in text and "+86…1050" in text
    assert "hexiuzhen" not in text and "19900001050" not in text
    for fate, kind in (("given_up", "即时预约成功"), ("waiting", "提醒"), ("sent", "致谢"), ("sending", "改期")):
        listed = page(manager.get(f"/admin/outbox?fate={fate}")).partition("<tbody>")[2]
        assert listed.count("<tr>") == 1, fate
        assert kind in listed or fate == "sending"
    for query, number in (("kind=thanks", 1), ("channel=sms", 1), ("day=2026-12-01", 4), ("day=2026-12-02", 0)):
        assert page(manager.get(f"/admin/outbox?{query}")).partition("<tbody>")[2].count("<tr>") == number, query
    waiting = page(manager.get("/admin/outbox?fate=waiting"))
    assert "12月1日 周二 12:01" in waiting and "550 no such user" in waiting


def test_what_was_given_up_is_opened_and_sent_again(office: SimpleNamespace, manager: CheckingClient) -> None:
    message = put(office.hall.id)
    claim_and_fail(message, for_good=True)
    number, before = message.id, message.message_id
    text = page(manager.get(f"/admin/outbox/{number}"))
    assert "hexiuzhen@example.org" in text and "何秀珍，您好！" in text and "550 no such user" in text
    answer = manager.submit(f"/admin/outbox/{number}/send-again")
    assert answer.location == f"/admin/outbox/{number}?again=1"
    row = again(message)
    assert (row.state, row.attempts, row.due_at, row.message_id) == (MessageState.WAITING, 0, NOON, before)
    assert db.session.execute(select(AuditEntry.action, AuditEntry.subject)).one() == (
        "message_sent_again",
        f"outbox {number}",
    )
    with transaction():
        service.mark_sent(number)
    refused = manager.submit(f"/admin/outbox/{number}/send-again")
    assert refused.status_code == 409 and "此消息已发送" in page(refused)
    assert "重新发送" not in page(refused)


def test_what_was_sent_goes_out_once_more_as_a_copy(office: SimpleNamespace, manager: CheckingClient) -> None:
    file = NewFile(name="月报.pdf", mimetype="application/pdf", content=b"%PDF-")
    message = put(office.hall.id, once="report 2026-11", html="<p>一</p>", calendar="BEGIN:VCALENDAR", files=[file])
    path = f"/admin/outbox/{message.id}"
    refused = manager.submit(f"{path}/copy")
    assert refused.status_code == 409 and "此消息尚未发送" in page(refused)
    with transaction():
        service.mark_sent(message.id)
    assert "再发一份" in page(manager.get(path))
    done = manager.submit(f"{path}/copy").location
    copy = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert copy and done == f"/admin/outbox/{copy.id}?again=1"
    for name in ("recipient", "subject", "body", "html", "calendar", "kind", "channel"):
        assert getattr(copy, name) == getattr(message, name), name
    assert copy.state is MessageState.WAITING and copy.message_id != message.message_id
    assert [(one.name, one.file.content) for one in copy.attachments] == [("月报.pdf", b"%PDF-")]
    assert db.session.scalar(select(func.count()).select_from(OutboxFile)) == 1
    twice = manager.submit(f"{path}/copy")
    assert twice.status_code == 409 and f'action="{path}/copy"' not in twice.text
    assert f'href="/admin/outbox/{copy.id}"' in page(twice)


def test_a_link_for_the_staff_is_not_copied(office: SimpleNamespace, manager: CheckingClient) -> None:
    message = put(office.hall.id, kind="staff_invitation")
    with transaction():
        service.mark_sent(message.id)
    assert "再发一份" not in page(manager.get(f"/admin/outbox/{message.id}"))
    assert manager.submit(f"/admin/outbox/{message.id}/copy").status_code == 409
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 1


def test_a_link_for_the_staff_is_not_shown(office: SimpleNamespace, manager: CheckingClient) -> None:
    message = put(office.hall.id, kind="staff_invitation", body="http://127.0.0.1:8000/invitations/secret")
    text = page(manager.get(f"/admin/outbox/{message.id}"))
    assert "不予显示" in text and "secret" not in text


def test_messages_of_another_hall_are_not_shown(app: Flask, office: SimpleNamespace) -> None:
    message = put(office.hall.id)
    claim_and_fail(message, for_good=True)
    with transaction():
        other = factories.staff(hall=factories.hall(), role=Role.MANAGER, password_hash="none")
    elsewhere = signed_in(app, other)
    assert "example.org" not in page(elsewhere.get("/admin/outbox"))
    assert elsewhere.get(f"/admin/outbox/{message.id}").status_code == 404
    assert elsewhere.submit(f"/admin/outbox/{message.id}/send-again").status_code == 404
    assert again(message).state is MessageState.GIVEN_UP


def test_many_messages_are_paged_at_the_same_cost(office: SimpleNamespace, manager: CheckingClient) -> None:
    put(office.hall.id)
    manager.get("/admin/outbox")
    with Queries() as few:
        manager.get("/admin/outbox")
    with transaction():
        for number in range(119):
            service.enqueue(
                hall_id=office.hall.id, kind="booking_placed", recipient=f"n{number}@example.org", subject="s", body="b"
            )
    with Queries() as many:
        first = page(manager.get("/admin/outbox"))
    assert many.number == few.number
    numbers = [row.id for row in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()))]
    assert first.partition("<tbody>")[2].count("<tr>") == 50
    assert f"before={numbers[49]}" in first and 'rel="prev"' not in first
    last = page(manager.get(f"/admin/outbox?before={numbers[99]}"))
    assert last.partition("<tbody>")[2].count("<tr>") == 20
    assert f"after={numbers[100]}" in last and 'rel="next"' not in last
    back = page(manager.get(f"/admin/outbox?after={numbers[100]}"))
    assert f"before={numbers[99]}" in back and f"after={numbers[50]}" in back


def test_days_are_those_of_the_halls_time_zone(office: SimpleNamespace, manager: CheckingClient) -> None:
    with time_machine.travel(NOON + timedelta(hours=12, minutes=30), tick=False):
        put(office.hall.id)
    assert "<tbody>" in page(manager.get("/admin/outbox?day=2026-12-02"))
    assert "<tbody>" not in page(manager.get("/admin/outbox?day=2026-12-01"))
