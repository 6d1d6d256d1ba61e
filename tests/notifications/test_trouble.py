"""No mail is lost, whatever the server does, and none is sent twice but where it took one and its answer was lost."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.core.database import db, transaction
from hallapp.notifications import sender, service, transports
from hallapp.notifications.errors import NotToBeSentAgain
from hallapp.notifications.models import Fate, MessageState, OutboxMessage
from hallapp.notifications.transports import ServerAway
from tests import factories
from tests.notifications.mail_process import MailProcess, mail_process
from tests.processes import at_once

BASE_URL = "https://visit.example.org"
NOON = datetime(2026, 12, 5, 4, 0, tzinfo=UTC)


def enqueue(*recipients: str) -> dict[str, str]:
    """Messages, with their Message-IDs by recipient."""
    with transaction():
        hall = factories.hall()
        rows = [
            service.enqueue(hall_id=hall.id, kind="booking_placed", recipient=one, subject="预约", body="您好")
            for one in recipients
        ]
        return {row.recipient: row.message_id for row in rows}


def run(server: MailProcess) -> sender.Tally:
    return sender.run(mail_url=server.url, base_url=BASE_URL)


def fates() -> dict[str, Fate]:
    db.session.rollback()
    db.session.expire_all()
    return {row.recipient: row.fate for row in db.session.scalars(select(OutboxMessage))}


def test_a_server_that_is_down_for_an_hour_loses_and_doubles_nothing(app: Flask, tmp_path: Path) -> None:
    people = [f"visitor{number}@example.org" for number in range(5)]
    with time_machine.travel(NOON) as clock, mail_process(tmp_path, up=False) as server:
        ids = enqueue(*people)
        for _minutes in range(0, 60, 10):
            with pytest.raises(ServerAway):
                run(server)
            clock.shift(timedelta(minutes=10))
        assert set(fates().values()) == {Fate.WAITING}
        server.start()
        assert run(server) == sender.Tally(sent=5)
        assert run(server) == sender.Tally()
        assert sorted(server.taken) == sorted(ids.items())
    assert {row.attempts for row in db.session.scalars(select(OutboxMessage))} == {1}


def test_a_lost_answer_leads_to_the_same_message_id_again(app: Flask, tmp_path: Path) -> None:
    with time_machine.travel(NOON) as clock, mail_process(tmp_path) as server:
        ids = enqueue("lost@example.org", "he@example.org")
        assert run(server) == sender.Tally(sent=1, put_off=1)
        assert fates() == {"lost@example.org": Fate.WAITING, "he@example.org": Fate.SENT}
        clock.shift(timedelta(minutes=2))
        assert run(server) == sender.Tally(sent=1)
        assert run(server) == sender.Tally()
        twice = ("lost@example.org", ids["lost@example.org"])
        assert Counter(server.taken) == {twice: 2, ("he@example.org", ids["he@example.org"]): 1}


def test_a_server_that_hangs_holds_up_its_own_message_only(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "TIMEOUT_SECONDS", 1)
    enqueue("hang@example.org", "he@example.org")
    with mail_process(tmp_path) as server:
        began = time.monotonic()
        assert run(server) == sender.Tally(sent=1, put_off=1)
        assert time.monotonic() - began < 8
        assert [to for to, _id in server.taken] == ["he@example.org"]
    assert fates()["hang@example.org"] is Fate.WAITING


def test_a_given_up_message_is_shown_and_can_be_sent_again(app: Flask, tmp_path: Path) -> None:
    with time_machine.travel(NOON) as clock, mail_process(tmp_path) as server:
        ids = enqueue("refused@example.org", "busy@example.org", "he@example.org")
        assert run(server) == sender.Tally(sent=1, put_off=1, given_up=1)
        for pause in service.PAUSES:
            clock.shift(pause + timedelta(seconds=1))
            run(server)
        assert fates() == {
            "refused@example.org": Fate.GIVEN_UP,
            "busy@example.org": Fate.GIVEN_UP,
            "he@example.org": Fate.SENT,
        }
        for row in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all():
            if row.state is MessageState.SENT:
                with pytest.raises(NotToBeSentAgain), transaction():
                    service.send_again(row)
                continue
            with transaction():
                row.recipient = f"now-{row.recipient}"  # the mailbox has come to be
                service.send_again(row)
        assert run(server) == sender.Tally(sent=2)
        assert sorted(message_id for _to, message_id in server.taken) == sorted(ids.values())


def test_a_claimed_message_is_not_sent_by_another_run(app: Flask) -> None:
    enqueue("he@example.org")
    with transaction():
        message = service.claim_next()
    assert message
    assert message.fate is Fate.SENDING
    with pytest.raises(NotToBeSentAgain), transaction():
        service.send_again(message)


def _run_in_a_process(app: Flask, mail_url: str) -> int:
    with app.app_context():
        return sender.run(mail_url=mail_url, base_url=BASE_URL).sent


def test_four_runs_at_once_send_each_message_once(app: Flask, database_url: str, tmp_path: Path) -> None:
    ids = enqueue(*(f"visitor{number}@example.org" for number in range(40)))
    with mail_process(tmp_path) as server:
        sent = at_once(database_url, tmp_path, _run_in_a_process, [server.url] * 4)
        assert sum(sent) == 40
        assert sorted(server.taken) == sorted(ids.items())
    assert set(fates().values()) == {Fate.SENT}
