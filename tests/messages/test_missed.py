"""An organiser is told of a missed visit, and of the pause that follows from it, in the language of the booking."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from hallapp.booking import absence, service
from hallapp.booking.lifecycle import SYSTEM
from hallapp.core.database import transaction
from hallapp.schedule.models import Slot
from hallapp.schedule.no_shows import Consequence, Tier, Unit
from tests.booking.helpers import command
from tests.messages.test_organiser_messages import BEFORE, messages, slot
from tests.no_shows import pause_after

__all__ = ["slot"]


def miss(slot: Slot, *, after: timedelta, language: str = "en") -> list[tuple[str, str, str]]:
    """Let a group miss its visit, and have that recorded so long after its end; return the new messages."""
    with time_machine.travel(BEFORE, tick=False), transaction():
        booking = service.place(command(slot, email="g@example.com", language=language))
    told = len(messages())
    with time_machine.travel(slot.ends_at + after, tick=False), transaction():
        absence.mark_absent(booking, by=SYSTEM)
    return [(one.kind, one.subject, one.body) for one in messages()[told:]]


@pytest.mark.either_database
def test_missed_visit_and_pause_are_told(slot: Slot, app: Flask) -> None:
    with transaction():
        hall = slot.programme.hall
        hall.no_show_tiers = pause_after(1, days=30)
    (missed, paused) = miss(slot, after=timedelta(hours=8))
    assert missed[:2] == ("booking_missed", "We did not see you: your visit on Sat 5 Dec, 09:30–11:00")
    assert slot.programme.hall.phone in missed[2]
    assert paused[0] == "booking_paused"
    assert "is paused until" in paused[1]
    assert "4 Jan 2027" in paused[1]
    assert slot.programme.hall.phone in paused[2]


def test_the_message_of_a_review_has_its_end_and_the_rule_in_words(slot: Slot) -> None:
    with transaction():
        slot.programme.hall.no_show_tiers = (Tier(1, 90, Unit.DAYS, Consequence.REVIEW, 60), *pause_after(3))
    rule = "3 missed visits within 6 months: online booking is paused for 90 days."
    missed, reviewed = miss(slot, after=timedelta(hours=8))
    assert (rule in missed[2], rule in reviewed[2]) == (True, True)
    assert reviewed[:2] == ("booking_reviewed", "Your online bookings need our confirmation until Wed 3 Feb 2027")


def test_missed_visit_without_a_rule_leads_to_one_message_in_chinese(slot: Slot) -> None:
    with transaction():
        slot.programme.hall.no_show_tiers = ()
    (missed,) = miss(slot, after=timedelta(days=1), language="zh")
    assert "{" not in missed[1] + missed[2]
    assert missed[1].startswith("未见您的团队到馆")


def test_missed_visit_that_is_recorded_late_is_told_to_nobody(slot: Slot) -> None:
    with transaction():
        slot.programme.hall.no_show_tiers = pause_after(1)
    assert miss(slot, after=timedelta(days=4)) == []
