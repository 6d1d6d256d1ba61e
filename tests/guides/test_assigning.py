"""Assign, take off, suggest: every refusal by its name, the balance, and what follows when a booking changes."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, time, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from hallapp.accounts.models import AuditEntry
from hallapp.booking import service as bookings
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.guides import assigning, queries
from hallapp.guides.models import Assignment, Dropped, Guide, Leave
from hallapp.schedule.models import Programme
from tests import factories
from tests.guides.office import MONDAY, NOON, SUNDAY, TUESDAY, group, guide, make_office


@pytest.fixture
def office(app: Flask) -> Iterator[SimpleNamespace]:
    with time_machine.travel(NOON, tick=False):
        with transaction():
            made = make_office()
        yield made


def assign(office: SimpleNamespace, booking: Booking, leader: Guide, **how: bool) -> None:
    with transaction():
        assigning.assign(booking, leader.id, by=office.manager.id, **how)


def refusal(office: SimpleNamespace, booking: Booking, leader: Guide, **how: bool) -> str:
    with pytest.raises(DomainError) as refused:
        assign(office, booking, leader, **how)
    assert refused.value.field == "guide"
    return refused.value.code


def leaders(booking: Booking) -> list[str]:
    db.session.rollback()
    return [each.guide.name for each in queries.list_of_booking(booking.id)]


def test_assign_and_unassign_are_kept_and_told(office: SimpleNamespace) -> None:
    with transaction():
        booking = group(office.tour)
    assign(office, booking, office.an)
    assign(office, booking, office.an)  # the same again is the same
    assert leaders(booking) == ["An"]
    assert refusal(office, booking, office.bai) == "guides_complete"
    with transaction():
        assigning.replace(booking, office.an.id, office.bai.id, by=office.manager.id)
    assert leaders(booking) == ["Bai"]
    with transaction():
        assigning.unassign(booking, office.bai.id, by=office.manager.id)
        assigning.unassign(booking, office.chen.id, by=office.manager.id)
    assert leaders(booking) == []
    trail = db.session.execute(select(AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.id)).all()
    assert [(action, detail["guide"]) for action, detail in trail] == [
        ("guide_assigned", office.an.id),
        ("guide_unassigned", office.an.id),
        ("guide_assigned", office.bai.id),
        ("guide_unassigned", office.bai.id),
    ]


@pytest.mark.either_database
def test_each_conflict_is_refused_by_its_name(office: SimpleNamespace) -> None:
    with transaction():
        english = group(office.tour, language="en")
        early = group(office.tour, starts=time(8, 30))
        late = group(office.tour, starts=time(16))
        overlapping = group(office.tour, starts=time(11))
        after = group(office.tour, starts=time(11, 30))
        talk = factories.programme(hall=office.hall)
        other = group(talk, day=TUESDAY)
        gone = group(office.tour, day=TUESDAY, state=BookingState.CANCELLED)
        away = group(office.tour, day=SUNDAY)
        db.session.add(Leave(hall_id=office.hall.id, guide_id=office.bai.id, first=TUESDAY, last=SUNDAY))
    assert refusal(office, early, office.an) == refusal(office, late, office.an) == "guide_off_duty"
    assert refusal(office, away, office.bai) == "guide_on_leave"
    assert refusal(office, away, office.bai, accept=True) == "guide_on_leave"
    assert refusal(office, english, office.an) == "guide_language"
    assert refusal(office, other, office.an) == "guide_programme"
    assert refusal(office, gone, office.an) == "nobody_to_lead"
    assign(office, english, office.an, accept=True)
    assign(office, other, office.an, accept=True)
    assert refusal(office, overlapping, office.an, accept=True) == "guide_busy"
    assign(office, after, office.an)  # one visit ends when the other begins
    with transaction():
        db.session.get_one(Guide, office.chen.id).active = False
    assert refusal(office, overlapping, office.chen) == "guide_inactive"


def test_guide_of_another_hall_cannot_be_assigned(office: SimpleNamespace) -> None:
    with transaction():
        booking = group(office.tour)
        elsewhere = make_office()
    with pytest.raises(NoResultFound):
        assign(office, booking, elsewhere.an)


@pytest.mark.either_database
def test_suggestion_balances_load_and_keeps_the_language(office: SimpleNamespace) -> None:
    """Six groups at three times, two of them English: each guide leads two of them, Chen the English ones."""
    with transaction():
        for day in (MONDAY, TUESDAY, SUNDAY):
            group(office.tour, day=day, language="zh")
            group(office.tour, day=day, language="en" if day != SUNDAY else "zh", phone="+8619900001051")
        alone = group(office.tour, day=TUESDAY, starts=time(15, 30))
        factories.booking(slot=alone.slot, state=BookingState.OFFERED, offered_until=NOON)
    with transaction():
        done = assigning.assign_suggested(
            db.session.merge(office.hall), first=MONDAY, last=SUNDAY, by=office.manager.id
        )
        assert all(each.guide for each in done)
    rows = db.session.execute(
        select(Booking.language, Guide.name)
        .select_from(Assignment)
        .join(Assignment.booking)
        .join(Assignment.guide)
        .join(Booking.slot)
    ).all()
    assert Counter(name for _, name in rows) == {"An": 3, "Bai": 2, "Chen": 2}
    assert Counter(name for language, name in rows if language == "en") == {"Chen": 2}


def test_suggestion_is_the_same_each_time_and_changes_nothing(office: SimpleNamespace) -> None:
    with transaction():
        for hour in (9, 11, 13, 15):
            group(office.tour, starts=time(hour))
            group(office.tour, starts=time(hour, 30), language="en", phone="+8619900001051")
        double = group(factories.programme(hall=office.hall, guides=2), starts=time(14), phone="+8619900001052")
    hall = office.hall

    def once() -> list[tuple[int, str | None]]:
        found = assigning.suggest(hall, first=MONDAY, last=MONDAY)
        return [(each.booking.id, each.guide and each.guide.name) for each in found]

    first = once()
    assert once() == first
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 0
    assert [one for one in first if one[0] == double.id] == [(double.id, None)] * 2  # nobody knows that programme
    with transaction():
        done = assigning.assign_suggested(db.session.merge(hall), first=MONDAY, last=MONDAY, by=office.manager.id)
        assert [(each.booking.id, each.guide and each.guide.name) for each in done] == first
    with transaction():
        more = assigning.assign_suggested(db.session.merge(hall), first=MONDAY, last=MONDAY, by=office.manager.id)
        assert {each.guide for each in more} == {None}


@pytest.mark.either_database
def test_minutes_of_the_same_week_count_and_no_others(office: SimpleNamespace) -> None:
    with transaction():
        before, monday, tuesday = (group(office.tour, day=day) for day in (MONDAY - timedelta(days=1), MONDAY, TUESDAY))
    for booking in (before, monday):
        assign(office, booking, office.chen if booking is before else office.an)
    with transaction():
        db.session.get_one(Guide, office.bai.id).active = False
    [suggestion] = assigning.suggest(office.hall, first=TUESDAY, last=TUESDAY)
    assert (suggestion.booking.id, suggestion.guide and suggestion.guide.name) == (tuesday.id, "Chen")


def test_past_visits_get_no_suggestion(office: SimpleNamespace) -> None:
    with transaction():
        group(office.tour, day=date(2026, 11, 30))
    assert assigning.suggest(office.hall, first=date(2026, 11, 30), last=date(2026, 11, 30)) == []


def dropped(office: SimpleNamespace, booking: Booking) -> list[tuple[str, Dropped]]:
    db.session.rollback()
    rows = queries.list_needing_again(office.hall.id, after=NOON)
    return [(each.guide.name, each.dropped_why) for each in rows if each.booking_id == booking.id and each.dropped_why]


@pytest.mark.either_database
def test_moved_booking_keeps_who_can_and_needs_a_guide_again_where_nobody_can(office: SimpleNamespace) -> None:
    by = by_staff(office.manager.id)
    with transaction():
        booking, busy = group(office.tour), group(office.tour, starts=time(14), phone="+8619900001051")
        early = factories.slot(programme=office.tour, day=TUESDAY, starts=time(8))
        fine = factories.slot(programme=office.tour, day=TUESDAY, starts=time(13))
        talk = factories.slot(programme=factories.programme(hall=office.hall), day=TUESDAY, starts=time(13))
    assign(office, booking, office.an)
    assign(office, busy, office.an)
    with transaction():
        bookings.move(booking, fine.id, by=by)
    assert leaders(booking) == ["An"]
    for slot in (busy.slot, early, talk):
        with transaction():
            bookings.move(booking, slot.id, by=by)
        assert (leaders(booking), dropped(office, booking)) == ([], [("An", Dropped.MOVED)])
        with transaction():
            bookings.move(booking, fine.id, by=by)
        assign(office, booking, office.an)  # stands again
        assert (leaders(booking), dropped(office, booking)) == (["An"], [])


def test_booking_that_does_not_come_or_needs_fewer_lets_guides_go(office: SimpleNamespace) -> None:
    by = by_staff(office.manager.id)
    with transaction():
        two = factories.programme(hall=office.hall, guides=2)
        booking = group(two)
        one = factories.slot(programme=office.tour, day=TUESDAY)
    for leader in (office.bai, office.an):
        assign(office, booking, leader, accept=True)
    with transaction():
        bookings.move(booking, one.id, by=by)
    assert (leaders(booking), dropped(office, booking)) == (["Bai"], [])
    with transaction():
        bookings.cancel(booking, by=by)
    assert (leaders(booking), dropped(office, booking)) == ([], [])
    with transaction():
        asked = group(office.tour, state=BookingState.REQUESTED)
    assign(office, asked, office.bai)
    with transaction():
        bookings.decline(asked, by=by, reply="")
    assert leaders(asked) == []


@pytest.mark.both_databases
@pytest.mark.parametrize("same_booking", [True, False], ids=["one group", "two groups"])
def test_two_managers_at_once_never_share_a_guide_or_a_place(
    office: SimpleNamespace, app: Flask, same_booking: bool
) -> None:
    """Two threads, over and over: of two guides for one place, or two groups for one guide, one gets it."""
    with transaction():
        groups = [group(office.tour), group(office.tour, starts=time(10, 30), phone="+8619900001051")]
    guides = [office.an.id, office.bai.id]
    pairs = (
        [(groups[0].id, guide_id) for guide_id in guides] if same_booking else [(one.id, guides[0]) for one in groups]
    )
    by, codes = office.manager.id, []
    start = threading.Barrier(2)

    def run(booking_id: int, guide_id: int) -> None:
        with app.app_context():
            start.wait(10)
            try:
                with transaction():
                    assigning.assign(db.session.get_one(Booking, booking_id), guide_id, by=by)
                codes.append("assigned")
            except DomainError as error:
                codes.append(error.code)
            db.session.remove()

    for _round in range(5):
        threads = [threading.Thread(target=run, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(Assignment)) == 1
        with transaction():
            db.session.execute(Assignment.__table__.delete())
    assert Counter(codes) == {"assigned": 5, "guides_complete" if same_booking else "guide_busy": 5}


def test_programme_with_two_guides_gets_two(office: SimpleNamespace) -> None:
    with transaction():
        big: Programme = factories.programme(hall=office.hall, guides=2)
        booking = group(big)
        helpers = [guide(office.hall, name, big) for name in ("Du", "Er")]
    with transaction():
        assigning.assign_suggested(db.session.merge(office.hall), first=MONDAY, last=MONDAY, by=office.manager.id)
    assert sorted(leaders(booking)) == sorted(each.name for each in helpers) == ["Du", "Er"]
