"""Sending: by a real SMTP server, into a folder, by two runs at once, and when things go wrong."""

import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hallapp.core.database import db, transaction
from hallapp.notifications import sender, service, transports
from hallapp.notifications.models import MessageState, OutboxMessage
from hallapp.notifications.transports import ServerAway
from tests import factories
from tests.conftest import examples
from tests.notifications.mail_server import MailServer, mail_server
from tests.processes import at_once

BASE_URL = "https://visit.example.org"
NOON = datetime(2026, 12, 5, 4, 0, tzinfo=UTC)
TLS = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
TLS.load_cert_chain(Path(__file__).parent / "localhost.pem")


def enqueue(*recipients: str, subject: str = "您的参观预约", body: str = "您好\n.\n再见\n") -> None:
    with transaction():
        hall = factories.hall()
        for recipient in recipients:
            service.enqueue(hall_id=hall.id, kind="test", recipient=recipient, subject=subject, body=body)


def run(server: MailServer, *, user: str = "", scheme: str = "smtp", query: str = "", **options: Any) -> sender.Tally:
    url = f"{scheme}://{user}127.0.0.1:{server.port}{query}"
    return sender.run(mail_url=url, base_url=BASE_URL, **options)


def states() -> dict[str, tuple[MessageState, int, str | None]]:
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.scalars(select(OutboxMessage))
    return {row.recipient: (row.state, row.attempts, row.last_error) for row in rows}


def test_mail_arrives_as_it_was_written(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False), mail_server() as server:
        enqueue("he@example.org", subject="𠮷林省参观团 " + "很长的单位名称" * 12)
        assert run(server) == sender.Tally(sent=1)
    ((session, envelope),), (mail,) = server.taken, server.mails
    assert (session.host_name, envelope.mail_from, envelope.rcpt_tos) == (
        "visit.example.org",
        "no-reply@visit.example.org",
        ["he@example.org"],
    )
    message = db.session.scalars(select(OutboxMessage)).one()
    assert (mail["From"], mail["To"], mail["Message-ID"]) == (
        "no-reply@visit.example.org",
        "he@example.org",
        message.message_id,
    )
    assert mail["Subject"] == "𠮷林省参观团 " + "很长的单位名称" * 12
    assert mail["Date"].datetime == NOON
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content() == "您好\r\n.\r\n再见\r\n"
    assert all(len(line) <= 998 for line in envelope.content.split(b"\r\n"))
    assert states() == {"he@example.org": (MessageState.SENT, 1, None)}
    assert message.sent_at == NOON


@pytest.mark.either_database
def test_mail_is_sent_once(app: Flask) -> None:
    enqueue("he@example.org")
    with mail_server() as server:
        run(server)
        assert run(server) == sender.Tally()
        assert len(server.taken) == 1


def test_one_connection_serves_many_messages(app: Flask) -> None:
    enqueue(*(f"visitor{number}@example.org" for number in range(5)))
    with mail_server() as server:
        assert run(server) == sender.Tally(sent=5)
        assert (len(server.taken), server.connections) == (5, 1)


@pytest.mark.either_database
def test_limit_leaves_the_rest_for_later(app: Flask) -> None:
    enqueue("a@example.org", "b@example.org", "c@example.org")
    with mail_server() as server:
        assert run(server, limit=2).sent == 2
        assert [envelope.rcpt_tos for _, envelope in server.taken] == [["a@example.org"], ["b@example.org"]]


def test_refused_recipient_is_given_up_and_does_not_delay_others(app: Flask) -> None:
    enqueue("unknown@example.org", "he@example.org")
    with mail_server() as server:
        assert run(server) == sender.Tally(sent=1, given_up=1)
    assert states() == {
        "unknown@example.org": (MessageState.GIVEN_UP, 1, "recipient refused: 550 5.1.1 <…>: no such user"),
        "he@example.org": (MessageState.SENT, 1, None),
    }


def test_temporarily_refused_recipient_is_tried_again_with_the_same_message_id(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clockwork, mail_server() as server:
        enqueue("later@example.org")
        assert run(server) == sender.Tally(put_off=1)
        assert states()["later@example.org"] == (
            MessageState.WAITING,
            1,
            "recipient refused: 450 4.2.1 try again later",
        )
        assert run(server) == sender.Tally()
        number = db.session.scalars(select(OutboxMessage.message_id)).one()
        clockwork.shift(timedelta(minutes=1))
        with transaction():
            db.session.scalars(select(OutboxMessage)).one().recipient = "now@example.org"
        assert run(server) == sender.Tally(sent=1)
        assert [mail["Message-ID"] for mail in server.mails] == [number]


def test_next_message_gets_a_new_connection_after_a_dropped_one(app: Flask) -> None:
    enqueue("hang-up@example.org", "he@example.org")
    with mail_server() as server:
        assert run(server) == sender.Tally(sent=1, put_off=1)
        assert server.connections == 2
    state, attempts, error = states()["hang-up@example.org"]
    assert (state, attempts) == (MessageState.WAITING, 1)
    assert error == "Connection unexpectedly closed"


def test_server_away_costs_no_message_an_attempt(app: Flask) -> None:
    enqueue("he@example.org")
    with mail_server() as server:
        pass
    with pytest.raises(ServerAway, match=rf"127\.0\.0\.1:{server.port} cannot be used: Connection refused"):
        run(server)
    assert states() == {"he@example.org": (MessageState.WAITING, 0, None)}


def test_server_is_not_asked_when_nothing_is_due(app: Flask) -> None:
    with mail_server() as server:
        assert run(server) == sender.Tally()
        assert server.connections == 0


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_connection_is_encrypted_where_the_server_can(app: Flask, scheme: str) -> None:
    enqueue("he@example.org")
    with mail_server(tls=TLS, smtps=scheme == "smtps", password=True) as server:
        assert run(server, scheme=scheme, user="hall:p%40ss%3Aword@").sent == 1
        ((session, _),) = server.taken
        assert session.authenticated
        assert (session.ssl is not None) == (scheme == "smtp")


def test_wrong_password_stops_the_run_and_costs_nothing(app: Flask) -> None:
    enqueue("he@example.org")
    with (
        mail_server(tls=TLS, password=True) as server,
        pytest.raises(ServerAway, match="cannot be used: 535 ") as error,
    ):
        run(server, user="hall:wrong-password@")
    assert "wrong-password" not in str(error.value)
    assert states() == {"he@example.org": (MessageState.WAITING, 0, None)}


def test_password_is_not_sent_in_the_clear_to_another_machine(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "is_this_machine", lambda _host: False)
    enqueue("he@example.org")
    with mail_server() as server, pytest.raises(ServerAway, match="the password is not sent"):
        sender.run(mail_url=f"smtp://hall:p%40ss%3Aword@127.0.0.1:{server.port}?tls=off", base_url=BASE_URL)


def test_nothing_is_sent_in_the_clear_to_another_machine_but_on_purpose(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "is_this_machine", lambda _host: False)
    enqueue("he@example.org")
    with mail_server() as server:
        with pytest.raises(ServerAway, match="tls=off"):
            run(server)
        assert server.mails == []
        sender.run(mail_url=f"smtp://127.0.0.1:{server.port}?tls=off", base_url=BASE_URL)
        assert len(server.mails) == 1


def test_certificate_of_another_machine_is_checked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "is_this_machine", lambda _host: False)
    enqueue("he@example.org")
    with (
        mail_server(tls=TLS) as server,
        pytest.raises(ServerAway, match=r"CERTIFICATE_VERIFY_FAILED|certificate verify"),
    ):
        run(server)


@pytest.mark.parametrize(
    ("mail_url", "base_url", "expected"),
    [
        ("smtp://mail.example.org?from=visit@hall.example.org", BASE_URL, "visit@hall.example.org"),
        ("smtp://mail.example.org", BASE_URL, "no-reply@visit.example.org"),
        ("smtp://mail.example.org", "http://localhost:8000", "no-reply@localhost"),
        ("smtp://mail.example.org", "http://127.0.0.1:8000", "no-reply@[127.0.0.1]"),
    ],
)
def test_sender_is_the_one_given_or_the_host_that_visitors_know(mail_url: str, base_url: str, expected: str) -> None:
    assert sender.sender_address(mail_url, base_url) == expected


def test_folder_takes_each_message_as_a_file(app: Flask, tmp_path: Path) -> None:
    enqueue("he@example.org", "li@例子.中国")
    folder = tmp_path / "out box"
    assert sender.run(mail_url=f"file://{tmp_path}/out%20box", base_url=BASE_URL) == sender.Tally(sent=2)
    mails = {
        mail["To"]: mail
        for mail in (message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml"))
    }
    assert set(mails) == {"he@example.org", "li@xn--fsqu00a.xn--fiqs8s"}
    assert mails["he@example.org"].get_content() == "您好\r\n.\r\n再见\r\n"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2


def test_folder_that_cannot_be_made_stops_the_run(app: Flask, tmp_path: Path) -> None:
    enqueue("he@example.org")
    (tmp_path / "file").touch()
    with pytest.raises(ServerAway, match="cannot write to"):
        sender.run(mail_url=f"file://{tmp_path}/file/folder", base_url=BASE_URL)


def test_recipient_that_is_no_address_is_given_up(app: Flask, tmp_path: Path) -> None:
    enqueue("no-address", "he@example.org")
    assert sender.run(mail_url=f"file://{tmp_path}", base_url=BASE_URL) == sender.Tally(sent=1, given_up=1)
    assert states()["no-address"] == (MessageState.GIVEN_UP, 1, "not an address")


@given(subject=st.text(max_size=200), body=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_subject_and_no_body_adds_a_header(subject: str, body: str) -> None:
    message = OutboxMessage(
        recipient="he@example.org",
        subject=" ".join(subject.encode("utf-8", "replace").decode().split())[:300],
        body=body,
        message_id="<1@outbox.hallapp>",
        created_at=NOON,
    )
    mail = message_from_bytes(sender.compose(message, sender="no-reply@example.org").as_bytes(), policy=policy.default)
    assert sorted(mail.keys()) == sorted(
        [
            *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
            *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
        ]
    )


def _run_in_a_process(app: Flask, mail_url: str) -> int:
    with app.app_context():
        return sender.run(mail_url=mail_url, base_url=BASE_URL).sent


@pytest.mark.both_databases
def test_runs_at_once_send_each_message_once(app: Flask, database_url: str, tmp_path: Path) -> None:
    recipients = [f"visitor{number}@example.org" for number in range(40)]
    enqueue(*recipients)
    with mail_server() as server:
        sent = at_once(database_url, tmp_path, _run_in_a_process, [f"smtp://127.0.0.1:{server.port}"] * 3)
    assert sum(sent) == 40
    assert sorted(envelope.rcpt_tos[0] for _, envelope in server.taken) == sorted(recipients)
    assert len({mail["Message-ID"] for mail in server.mails}) == 40
    sent_states = select(func.count()).where(OutboxMessage.state == MessageState.SENT)
    db.session.rollback()
    assert db.session.scalar(sent_states) == 40
