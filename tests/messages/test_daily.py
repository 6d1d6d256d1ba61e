"""Reminders and thanks: by command, once, whoever runs it how often."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from hallapp.booking import service
from hallapp.booking.lifecycle import ORGANISER, by_staff
from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db, transaction
from hallapp.feedback import keys
from hallapp.messages import daily
from hallapp.notifications import service as outbox
from hallapp.schedule.models import Slot
from tests import factories
from tests.conftest import SECRET
from tests.messages.helpers import BEFORE, DAY, EVE, EVENING, make_slot, messages, with_gateway


@pytest.fixture
def slot(app: Flask) -> Slot:
    return make_slot()


def visit(slot: Slot, **values: object) -> Booking:
    with time_machine.travel(BEFORE, tick=False), transaction():
        return factories.booking(slot=slot, **{"email": "g@example.com", **values})


def carry_out(work: Callable[..., int], slot: Slot) -> int:
    with transaction():
        return work(slot.programme.hall)


@pytest.mark.either_database
def test_a_reminder_is_sent_the_day_before_and_once(slot: Slot, app: Flask) -> None:
    booking = visit(slot)
    visit(slot, language="en", email="e@example.com")
    visit(slot, email=None)
    visit(slot, state=BookingState.REQUESTED)
    visit(slot, state=BookingState.CANCELLED)
    for days in (-1, 1):
        with time_machine.travel(EVE + timedelta(days=days), tick=False):
            assert carry_out(daily.remind, slot) == 0
    with time_machine.travel(EVE, tick=False):
        told = app.test_cli_runner().invoke(args=("bookings", "remind"))
        assert (told.exit_code, told.stdout) == (0, f"{slot.programme.hall.slug}: 2 bookings reminded\n")
        assert carry_out(daily.remind, slot) == 0
    chinese, english = messages()
    assert (chinese.kind, chinese.subject) == ("booking_reminder", "明天参观：12月5日 周六 09:30–11:00")
    assert f"/visits/{booking.key}/pass\n" in chinese.body and "地铁二号线" in chinese.body
    assert "STATUS:CONFIRMED" in (chinese.calendar or "")
    assert english.subject == "Tomorrow: your visit on Sat 5 Dec, 09:30–11:00"


def test_a_visit_that_moves_is_reminded_of_its_new_day(slot: Slot) -> None:
    booking = visit(slot)
    with time_machine.travel(EVE, tick=False):
        carry_out(daily.remind, slot)
        with transaction():
            other = factories.slot(programme=slot.programme, day=DAY + timedelta(days=2))
            service.move(booking, other.id, by=by_staff(factories.staff(hall=slot.programme.hall).id))
    with time_machine.travel(EVE + timedelta(days=2), tick=False):
        assert (carry_out(daily.remind, slot), carry_out(daily.remind, slot)) == (1, 0)
    assert [message.kind for message in messages()] == ["booking_reminder", "booking_moved", "booking_reminder"]


def test_a_reminder_goes_by_both_ways_once(slot: Slot, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with_gateway(app, monkeypatch)
    visit(slot)
    visit(slot, email=None, phone="+8619900001051")
    with time_machine.travel(EVE, tick=False):
        assert (carry_out(daily.remind, slot), carry_out(daily.remind, slot)) == (2, 0)
    assert [(one.channel.value, one.recipient) for one in messages()] == [
        ("email", "g@example.com"),
        ("sms", "+8619900001050"),
        ("sms", "+8619900001051"),
    ]


@pytest.mark.either_database
def test_thanks_are_sent_after_the_visit_to_who_came(slot: Slot, app: Flask) -> None:
    booking = visit(slot, state=BookingState.ARRIVED)
    visit(slot)
    visit(slot, state=BookingState.ABSENT)
    with time_machine.travel(slot.ends_at - timedelta(minutes=1), tick=False):
        assert carry_out(daily.thank, slot) == 0
    with time_machine.travel(EVENING, tick=False):
        told = app.test_cli_runner().invoke(args=("bookings", "thank"))
        assert (told.exit_code, told.stdout) == (0, f"{slot.programme.hall.slug}: 1 booking thanked\n")
        assert carry_out(daily.thank, slot) == 0
    (message,) = messages()
    assert (message.kind, message.subject, message.calendar) == ("booking_thanks", "感谢您的参观", None)
    assert f"http://127.0.0.1:8000/feedback/{keys.make(booking.reference, (SECRET,))}\n" in message.body
    assert booking.key not in message.body


def test_thanks_are_caught_up_on_for_a_week(slot: Slot) -> None:
    visit(slot, state=BookingState.ARRIVED)
    with time_machine.travel(EVENING + timedelta(days=8), tick=False):
        assert carry_out(daily.thank, slot) == 0
    with time_machine.travel(EVENING + timedelta(days=7), tick=False):
        assert carry_out(daily.thank, slot) == 1


def test_another_hall_is_left_alone(slot: Slot) -> None:
    visit(slot)
    other = make_slot()
    with time_machine.travel(EVE, tick=False):
        assert (carry_out(daily.remind, other), carry_out(daily.remind, slot)) == (0, 1)
    db.session.rollback()


def _put_off_all() -> None:
    """Let the mail server refuse every message for the moment."""
    while True:
        with transaction():
            claimed = outbox.claim_next()
        if claimed is None:
            return
        with transaction():
            outbox.mark_failed(claimed.id, error="the server is busy", claim=claimed.claimed_until)


def test_a_reminder_that_was_put_off_does_not_follow_a_cancellation(slot: Slot) -> None:
    cancelled, other = visit(slot), visit(slot, email="e@example.com")
    with time_machine.travel(EVE, tick=False):
        carry_out(daily.remind, slot)
        _put_off_all()
        with transaction():
            service.cancel(cancelled, by=ORGANISER)
    found = [(one.booking_id, one.kind) for one in messages()]
    assert found == [(other.id, "booking_reminder"), (cancelled.id, "booking_cancelled")]


def test_a_reminder_of_the_old_time_does_not_follow_a_move(slot: Slot) -> None:
    booking = visit(slot)
    with time_machine.travel(EVE, tick=False):
        carry_out(daily.remind, slot)
        _put_off_all()
        with transaction():
            later = factories.slot(programme=slot.programme, day=DAY + timedelta(days=2))
            service.move(booking, later.id, by=by_staff(factories.staff(hall=slot.programme.hall).id))
    assert [one.kind for one in messages()] == ["booking_moved"]


def test_a_reminder_that_is_being_sent_stays_in_the_outbox(slot: Slot) -> None:
    booking = visit(slot)
    with time_machine.travel(EVE, tick=False):
        carry_out(daily.remind, slot)
        with transaction():
            outbox.claim_next()
        with transaction():
            service.cancel(booking, by=ORGANISER)
    assert [one.kind for one in messages()] == ["booking_reminder", "booking_cancelled"]
