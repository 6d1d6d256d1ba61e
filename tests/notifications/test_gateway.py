"""Text messages go to a real HTTP gateway that takes, refuses, hangs, speaks nonsense, or is not there."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.core.database import db, transaction
from hallapp.notifications import sender, service, transports
from hallapp.notifications.models import Channel, MessageState, OutboxMessage
from hallapp.notifications.service import NewMessage
from hallapp.notifications.transports import ServerAway
from tests import factories
from tests.notifications.sms_gateway import sms_gateway

NOON = datetime(2026, 12, 5, 4, 0, tzinfo=UTC)


def enqueue(*numbers: str) -> dict[str, str]:
    """Text messages, with their ids by number."""
    with transaction():
        hall = factories.hall()
        rows = [
            service.put(
                NewMessage(hall_id=hall.id, kind="booking_reminder", channel=Channel.SMS, recipient=one, body="明天见")
            )
            for one in numbers
        ]
        return {row.recipient: transports.bare_id(row.message_id) for row in rows}


def states() -> dict[str, tuple[MessageState, str | None]]:
    db.session.rollback()
    db.session.expire_all()
    return {row.recipient: (row.state, row.last_error) for row in db.session.scalars(select(OutboxMessage))}


def test_a_text_message_is_one_request(app: Flask) -> None:
    ids = enqueue("+8619900001050")
    with sms_gateway() as gateway:
        url = gateway.url.replace("//", "//hall:p%40ss@")
        assert sender.run_sms(sms_url=url) == sender.Tally(sent=1)
        assert sender.run_sms(sms_url=url) == sender.Tally()
        assert gateway.asked == [{"to": "+8619900001050", "text": "明天见", "id": ids["+8619900001050"]}]
        assert gateway.paths == ["/send?account=1"]
        assert gateway.headers[0]["Content-Type"] == "application/json; charset=utf-8"
        assert gateway.headers[0]["Authorization"] == f"Basic {base64.b64encode(b'hall:p@ss').decode()}"


def test_permanent_errors_are_given_up_and_others_are_tried_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "TIMEOUT_SECONDS", 1)
    ends = ("0001", "0002", "0302", "0400", "0404", "0429", "0500", "0503", "1050")
    ids = enqueue(*(f"+861990000{end}" for end in ends))
    with time_machine.travel(NOON) as clock, sms_gateway() as gateway:
        assert sender.run_sms(sms_url=gateway.url) == sender.Tally(sent=1, put_off=6, given_up=2)
        later, never = MessageState.WAITING, MessageState.GIVEN_UP
        assert {number[-4:]: state for number, state in states().items()} == {
            "0001": (later, "gateway: no answer in time"),
            "0002": (later, "gateway: BadStatusLine"),
            "0302": (later, "gateway: HTTP 302"),
            "0400": (never, "gateway: HTTP 400"),
            "0404": (never, "gateway: HTTP 404"),
            "0429": (later, "gateway: HTTP 429"),
            "0500": (later, "gateway: HTTP 500"),
            "0503": (later, "gateway: HTTP 503"),
            "1050": (MessageState.SENT, None),
        }
        clock.shift(timedelta(minutes=2))
        sender.run_sms(sms_url=gateway.url)
        assert set(gateway.paths) == {"/send?account=1"}
        again = [one["id"] for one in gateway.asked if one["to"].endswith("0500")]
        assert again == [ids["+8619900000500"]] * 2


def test_a_lost_answer_leads_to_the_same_id_again(app: Flask) -> None:
    ids = enqueue("+8619900000003")
    with time_machine.travel(NOON) as clock, sms_gateway() as gateway:
        assert sender.run_sms(sms_url=gateway.url) == sender.Tally(put_off=1)
        clock.shift(timedelta(minutes=2))
        assert sender.run_sms(sms_url=gateway.url) == sender.Tally(sent=1)
        assert [one["id"] for one in gateway.asked] == list(ids.values()) * 2


def test_a_gateway_that_is_away_costs_no_attempt(app: Flask) -> None:
    enqueue("+8619900001050")
    with sms_gateway() as gateway:
        url = gateway.url
    with pytest.raises(ServerAway, match=r"gateway at 127\.0\.0\.1 cannot be used: Connection refused"):
        sender.run_sms(sms_url=url)
    assert states() == {"+8619900001050": (MessageState.WAITING, None)}
    assert db.session.scalars(select(OutboxMessage.attempts)).one() == 0


def test_each_channel_sends_its_own_messages(app: Flask) -> None:
    enqueue("+8619900001050")
    with transaction():
        assert service.claim_next(Channel.EMAIL) is None
        assert service.claim_next(Channel.SMS) is not None
