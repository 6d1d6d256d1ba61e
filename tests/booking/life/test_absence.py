"""Absence, pauses, and the history of a booking."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.booking import absence, queries, service
from hallapp.booking.errors import (
    NotInThisState,
    NotOnline,
    Paused,
    VisitNotOver,
    VisitStarted,
)
from hallapp.booking.lifecycle import SYSTEM, by_staff
from hallapp.booking.models import (
    Actor,
    BookingEvent,
    Pause,
    Verb,
)
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Programme, Slot
from hallapp.schedule.no_shows import Consequence, NoShowScope, Tier, Unit
from tests import factories
from tests.booking.helpers import command
from tests.booking.life.conftest import State, do, later, place, refused, set_hall, state, taken
from tests.no_shows import pause_after
from tests.office import ZONE


def after(slot: Slot) -> datetime:
    return slot.ends_at + timedelta(days=1)


def nightly(slot: Slot) -> int:
    with transaction():
        return absence.mark_absent_bookings(slot.programme.hall)


def test_nobody_is_absent_before_the_visit_is_over(slot: Slot, manager: Staff) -> None:
    booked = place(slot)
    with time_machine.travel(slot.ends_at - timedelta(seconds=1), tick=False):
        refused(VisitNotOver, absence.mark_absent, booked, by=by_staff(manager.id))
        assert nightly(slot) == 0
    with time_machine.travel(slot.ends_at, tick=False):
        do(absence.mark_absent, booked, by=by_staff(manager.id))
    assert state(booked) is State.ABSENT


@pytest.mark.either_database
def test_the_night_marks_whom_nobody_saw_and_leaves_the_others(slot: Slot) -> None:
    came, missed, gone = place(slot, 10), place(slot, 10), place(slot, 10, wait=True)
    do(service.cancel, gone)
    do(absence.mark_arrived, came, arrived=True, by=SYSTEM)
    with time_machine.travel(after(slot), tick=False):
        assert nightly(slot) == 1
        assert nightly(slot) == 0
    assert [state(one) for one in (came, missed, gone)] == [State.ARRIVED, State.ABSENT, State.CANCELLED]


def test_an_arrived_group_is_neither_cancelled_nor_absent_until_it_is_taken_back(slot: Slot) -> None:
    booked = place(slot)
    do(absence.mark_arrived, booked, arrived=True, by=SYSTEM)
    refused(VisitStarted, service.cancel, booked)
    do(absence.mark_arrived, booked, arrived=False, by=SYSTEM)
    do(service.cancel, booked)
    assert taken(slot) == (0, 0)


def miss(programme: Programme, day: date, **group: Any) -> Pause | None:
    """One booking that is made a day before, and missed."""
    slot = factories.make(factories.slot, programme=programme, day=day)
    with time_machine.travel(slot.starts_at - timedelta(days=1), tick=False):
        booked = place(slot, **{"phone": "+8619900005555", **group})
    with time_machine.travel(slot.ends_at, tick=False):
        return do(absence.mark_absent, booked, by=SYSTEM)


@pytest.mark.either_database
def test_so_many_absences_in_a_period_pause_the_group(slot: Slot) -> None:
    hall = set_hall(slot, no_show_tiers=pause_after(2), notice_hours=0)
    tour = slot.programme
    assert miss(tour, date(2026, 6, 1)) is None  # too long ago to count for December
    assert miss(tour, date(2026, 12, 10)) is None
    pause = miss(tour, date(2026, 12, 12))
    assert pause
    assert (pause.absences, pause.since, pause.until) == (2, date(2026, 12, 12), date(2027, 3, 12))
    target = factories.make(factories.slot, programme=tour, day=date(2026, 12, 20))
    with time_machine.travel(clock.at(date(2026, 12, 13), time(9), ZONE), tick=False):
        asked = command(target, submission="p", phone="+8619900005555")
        told = refused(NotOnline, service.place, asked)
        assert (told.field, told.params) == ("phone", {})
        told = refused(Paused, service.place, replace(asked, by=SYSTEM))
        assert (told.field, told.params) == ("phone", {"until": "2027-03-12"})
        assert place(target, phone="+8619900006666").id
        assert [one.id for one in queries.list_pauses(hall.id, today=hall.today())] == [pause.id]
        do(absence.lift, pause, by=SYSTEM, reason="已说明原因")
        assert place(target, phone="+8619900005555").id
        assert queries.list_pauses(hall.id, today=hall.today()) == []
    # The absences that led to a pause are settled with it: only new ones count.
    assert miss(tour, date(2026, 12, 22)) is None
    again = miss(tour, date(2026, 12, 23))
    assert again
    assert again.absences == 2


def test_a_group_under_review_books_requests_and_a_pause_follows_the_review(slot: Slot, manager: Staff) -> None:
    rule = (Tier(1, 90, Unit.DAYS, Consequence.REVIEW, 60), Tier(2, 6, Unit.MONTHS, Consequence.PAUSE, 30))
    set_hall(slot, no_show_tiers=rule, notice_hours=0)
    tour, group = slot.programme, {"phone": "+8619900005555"}
    review = miss(tour, date(2026, 12, 10))
    assert review
    assert (review.consequence, review.absences, review.until) == (Consequence.REVIEW, 1, date(2027, 2, 8))
    with time_machine.travel(clock.at(date(2026, 12, 11), time(9), ZONE), tick=False):
        target = factories.make(factories.slot, programme=tour, day=date(2026, 12, 20), visitor_capacity=40)
        asked = place(target, **group)
        assert (asked.state, asked.held_until) == (State.REQUESTED, None)
        assert place(target, 8, phone="+8619900006666").state is State.CONFIRMED
        assert place(later(target, day=target.day), by=by_staff(manager.id), **group).state is State.CONFIRMED
        waiting = place(target, wait=True, **group)
        do(service.decline, asked, by=by_staff(manager.id), reply="-")
        assert state(waiting) is State.OFFERED
        do(service.take_offer, waiting)
        assert state(waiting) is State.REQUESTED
        do(service.cancel, waiting)
    pause = miss(tour, date(2026, 12, 12), by=SYSTEM)
    assert pause
    assert (pause.consequence, pause.absences, pause.until) == (Consequence.PAUSE, 2, date(2027, 1, 11))


def test_other_no_shows_still_count_after_one_was_corrected_but_not_after_a_pause_was_lifted(slot: Slot) -> None:
    set_hall(slot, no_show_tiers=pause_after(2), notice_hours=0)
    tour = slot.programme
    for day, corrected in ((10, False), (12, True), (14, True), (16, False)):
        pause = miss(tour, date(2026, 12, day))
        assert (pause is None) is (day == 10)
        if pause and corrected:
            do(absence.set_right, pause.booking, by=SYSTEM)
    assert pause
    do(absence.lift, pause, by=SYSTEM, reason="已说明原因")
    assert miss(tour, date(2026, 12, 18)) is None


@pytest.mark.parametrize(
    ("scope", "same"),
    [
        (NoShowScope.PHONE, {"organisation": "别的单位"}),
        (NoShowScope.ORGANISATION, {"phone": "+8619900007777"}),
        (NoShowScope.EITHER, {"phone": "+8619900007777"}),
    ],
)
def test_a_no_show_is_known_again_by_what_the_rule_says(slot: Slot, scope: NoShowScope, same: dict[str, str]) -> None:
    set_hall(slot, no_show_tiers=pause_after(2), no_show_scope=scope, notice_hours=0)
    assert miss(slot.programme, date(2026, 12, 10)) is None
    pause = miss(slot.programme, date(2026, 12, 12), **same)
    assert pause
    assert (pause.phone is None, pause.organisation_key is None) == (
        scope is NoShowScope.ORGANISATION,
        scope is NoShowScope.PHONE,
    )


def test_a_programme_may_leave_its_no_shows_out(slot: Slot) -> None:
    set_hall(slot, no_show_tiers=pause_after(1), notice_hours=0)
    with transaction():
        lenient = factories.programme(hall=slot.programme.hall, no_shows_count=False)
    assert miss(lenient, date(2026, 12, 10)) is None
    assert miss(slot.programme, date(2026, 12, 12)) is not None


@pytest.mark.either_database
def test_an_absence_that_was_none_takes_its_pause_with_it(slot: Slot, manager: Staff) -> None:
    set_hall(slot, no_show_tiers=pause_after(1), notice_hours=0)
    pause = miss(slot.programme, date(2026, 12, 10))
    assert pause
    booked = pause.booking
    do(absence.set_right, booked, by=by_staff(manager.id))
    db.session.expire_all()
    assert (booked.state, pause.lifted_by_id) == (State.CONFIRMED, manager.id)
    refused(NotInThisState, absence.set_right, booked, by=by_staff(manager.id))


@pytest.mark.either_database
def test_a_group_that_came_late_is_not_absent(slot: Slot) -> None:
    set_hall(slot, no_show_tiers=pause_after(1), notice_hours=0)
    pause = miss(slot.programme, date(2026, 12, 10))
    assert pause
    do(absence.mark_arrived, pause.booking, arrived=True, by=SYSTEM)
    db.session.expire_all()
    assert (pause.booking.state, pause.lifted_at is not None) == (State.ARRIVED, True)


def test_every_change_stands_in_the_history_with_who_did_it(slot: Slot, manager: Staff) -> None:
    booked = place(slot)
    do(service.change_people, booked, (("440000", 15),))
    do(service.move, booked, later(slot).id, by=by_staff(manager.id))
    do(service.cancel, booked)
    events = db.session.scalars(select(BookingEvent).order_by(BookingEvent.id)).all()
    assert [(event.verb, event.actor, event.staff_id, event.before, event.after) for event in events] == [
        (Verb.PLACED, Actor.ORGANISER, None, None, State.CONFIRMED),
        (Verb.CHANGED, Actor.ORGANISER, None, State.CONFIRMED, State.CONFIRMED),
        (Verb.MOVED, Actor.STAFF, manager.id, State.CONFIRMED, State.CONFIRMED),
        (Verb.CANCELLED, Actor.ORGANISER, None, State.CONFIRMED, State.CANCELLED),
    ]
    assert booked.kind == "school"
