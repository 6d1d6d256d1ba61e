"""The life of a message: written with what it tells about, claimed once, sent or failed."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications import service
from hallapp.notifications.models import MessageState, OutboxMessage
from hallapp.schedule.models import Hall
from tests import factories

NOON = datetime(2026, 12, 5, 4, 0, tzinfo=UTC)


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall)


def enqueue(hall: Hall, **values: str) -> OutboxMessage:
    return service.enqueue(
        **{
            "hall_id": hall.id,
            "kind": "booking_placed",
            "recipient": "he@example.org",
            "subject": "您的参观预约",
            "body": "您好",
            **values,
        }
    )


def claim() -> OutboxMessage | None:
    with transaction():
        return service.claim_next()


def test_message_waits_and_is_due_at_once(hall: Hall) -> None:
    with time_machine.travel(NOON, tick=False), transaction():
        message = enqueue(hall)
    assert (message.state, message.attempts, message.due_at, message.created_at) == (
        MessageState.WAITING,
        0,
        NOON,
        NOON,
    )
    assert message.message_id.startswith("<") and message.message_id.endswith("@outbox.hallapp>")


@pytest.mark.either_database
def test_message_is_rolled_back_with_its_transaction(hall: Hall) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        enqueue(hall)
        raise ZeroDivisionError
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_subject_is_one_line_that_fits(hall: Hall) -> None:
    with transaction():
        message = enqueue(hall, subject="展览\r\nBcc: all@example.org\x85\u2028" + "长" * 400)
    assert message.subject.startswith("展览 Bcc: all@example.org 长")
    assert len(message.subject) == 300


@pytest.mark.parametrize("recipient", ["a@b.c\r\nBcc: x@y.z", "a@b.c\nx", "a b@c.d", "a@b.c\x00", "a@b.c\u2028"])
def test_recipient_that_could_end_its_line_is_refused(hall: Hall, recipient: str) -> None:
    with pytest.raises(ValueError, match="plain mail address"), transaction():
        enqueue(hall, recipient=recipient)


@pytest.mark.both_databases
def test_claim_takes_the_message_that_is_due_longest_and_each_once(hall: Hall) -> None:
    with transaction():
        numbers = [enqueue(hall).id for _ in range(3)]
    claimed = [claim(), claim(), claim()]
    assert [message.id for message in claimed if message] == numbers
    assert [message.attempts for message in claimed if message] == [1, 1, 1]
    assert claim() is None


@pytest.mark.both_databases
def test_claim_ends_by_itself_when_its_run_died(hall: Hall) -> None:
    with time_machine.travel(NOON, tick=False) as clockwork:
        with transaction():
            enqueue(hall)
        assert claim().claimed_until == NOON + timedelta(minutes=10)
        clockwork.shift(timedelta(minutes=9, seconds=59))
        assert claim() is None
        clockwork.shift(timedelta(seconds=1))
        again = claim()
        assert (again.attempts, again.claimed_until) == (2, NOON + timedelta(minutes=20))


@pytest.mark.either_database
def test_failures_delay_a_message_longer_each_time_until_it_is_given_up(hall: Hall) -> None:
    pauses = []
    with time_machine.travel(NOON, tick=False) as clockwork:
        with transaction():
            number = enqueue(hall).id
        state = MessageState.WAITING
        while state is MessageState.WAITING:
            message = claim()
            with transaction():
                state = service.mark_failed(message.id, error="450 later")
            message = db.session.get_one(OutboxMessage, number)
            if state is MessageState.WAITING:
                pauses.append(message.due_at - clock.now())
                assert claim() is None
                clockwork.move_to(message.due_at)
    assert [pause.total_seconds() / 60 for pause in pauses] == [1, 5, 30, 120, 360, 720]
    assert (message.state, message.attempts, message.last_error, message.sent_at) == (
        MessageState.GIVEN_UP,
        7,
        "450 later",
        None,
    )
    assert claim() is None


def test_failure_for_good_gives_up_at_once(hall: Hall) -> None:
    with transaction():
        enqueue(hall)
    number = claim().id
    with transaction():
        assert service.mark_failed(number, error="550 no such user", for_good=True) is MessageState.GIVEN_UP
    assert claim() is None


@pytest.mark.both_databases
def test_failure_of_a_late_run_does_not_undo_a_sent_message(hall: Hall) -> None:
    with transaction():
        enqueue(hall)
    number = claim().id
    with transaction():
        service.mark_sent(number)
    with transaction():
        assert service.mark_failed(number, error="late") is MessageState.SENT
    message = db.session.get_one(OutboxMessage, number)
    assert (message.state, message.last_error, message.claimed_until) == (MessageState.SENT, None, None)


@pytest.mark.both_databases
def test_failure_of_a_late_run_leaves_the_message_to_its_present_run(hall: Hall) -> None:
    with time_machine.travel(NOON, tick=False) as clockwork:
        with transaction():
            enqueue(hall)
        number, late = claim().id, NOON + service.CLAIM
        clockwork.shift(service.CLAIM)
        now = claim().claimed_until
        with transaction():
            service.mark_failed(number, error="550 no such user", for_good=True, claim=late)
        message = db.session.get_one(OutboxMessage, number)
        assert (message.state, message.last_error, message.claimed_until) == (MessageState.WAITING, None, now)
        assert claim() is None
        with transaction():
            state = service.mark_failed(number, error="550 no such user", for_good=True, claim=now)
        assert state is MessageState.GIVEN_UP


def test_long_error_is_cut_to_its_column(hall: Hall) -> None:
    with transaction():
        enqueue(hall)
    number = claim().id
    with transaction():
        service.mark_failed(number, error="x" * 1000)
    assert db.session.get_one(OutboxMessage, number).last_error == "x" * 300
