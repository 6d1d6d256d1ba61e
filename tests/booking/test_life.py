"""A booking's life: review, changes, moves, the waiting list, absence and pauses; with the counters after each."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking import absence, queries, service, waiting
from hallapp.booking.errors import (
    AskTheHall,
    Duplicate,
    GroupTooLarge,
    GroupTooSmall,
    NotInThisState,
    NotOnline,
    Paused,
    SlotTooSoon,
    TooLateToChange,
    VisitNotOver,
    VisitStarted,
)
from hallapp.booking.lifecycle import SYSTEM, by_staff
from hallapp.booking.models import (
    TRANSITIONS,
    Actor,
    Booking,
    BookingEvent,
    BookingState,
    OrganisationKind,
    Pause,
    Source,
    Verb,
)
from hallapp.booking.recount import recount
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.passes import queries as passes
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Hall, NoShowScope, Programme, Slot
from hallapp.schedule.policy import Confirmation
from hallapp.settings import ROOT
from tests import factories
from tests.booking.helpers import command

pytestmark = pytest.mark.both_databases

ZONE = "Asia/Shanghai"
DAY = date(2026, 12, 5)
NOW = clock.at(date(2026, 12, 1), time(12), ZONE)
State = BookingState


@pytest.fixture(autouse=True)
def _first_of_december() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def slot(app: Flask) -> Iterator[Slot]:
    """A guided tour of 90 minutes for 8 to 50 people on Saturday 5 December at 09:30: 40 places, 2 guides."""
    with transaction():
        hall = factories.hall()
        made = factories.slot(programme=factories.programme(hall=hall), day=DAY, visitor_capacity=40, guide_capacity=2)
    yield made
    with transaction():
        assert recount(made.hall_id) == []


def later(slot: Slot, starts: time = time(14), **values: Any) -> Slot:
    return factories.make(factories.slot, **{"programme": slot.programme, "day": DAY, "starts": starts, **values})


_number = iter(range(10_000))


def place(slot: Slot, people: int = 20, **changes: Any) -> Booking:
    values = {"origins": (("440000", people),), "submission": f"page {next(_number)}", **changes}
    with transaction():
        return service.place(command(slot, **values))


def do(verb: Any, booking: Booking, *args: Any, **more: Any) -> Any:
    with transaction():
        return verb(booking, *args, **more)


def refused(error: type[DomainError], verb: Any, *args: Any, **more: Any) -> DomainError:
    with pytest.raises(error) as raised, transaction():
        verb(*args, **more)
    db.session.expire_all()
    return raised.value


def state(booking: Booking) -> BookingState:
    db.session.expire_all()
    return booking.state


def taken(slot: Slot) -> tuple[int, int]:
    db.session.expire_all()
    return slot.visitors_booked, slot.guides_booked


def set_hall(slot: Slot, **values: Any) -> Hall:
    with transaction():
        hall = slot.programme.hall
        for name, value in values.items():
            setattr(hall, name, value)
    return hall


def verbs(booking: Booking) -> list[tuple[Verb, Actor]]:
    return [(event.verb, event.actor) for event in queries.list_events(booking)]


@pytest.fixture
def manager(slot: Slot) -> Staff:
    return factories.make(factories.staff, hall=slot.programme.hall, role=Role.MANAGER)


def test_the_table_of_transitions_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for before, after in TRANSITIONS.items():
        line = f"| `{before}` | " + (" ".join(f"`{one}`" for one in BookingState if one in after) or "—") + " |"
        assert line in page, line


# Review


def test_where_the_hall_reviews_a_booking_is_asked_for_and_holds_its_places(slot: Slot, manager: Staff) -> None:
    set_hall(slot, confirmation=Confirmation.REVIEW)
    asked = place(slot)
    assert (state(asked), taken(slot)) == (State.REQUESTED, (20, 1))
    assert passes.find_current_pass(asked.id) is None
    do(service.confirm, asked, by=by_staff(manager.id))
    assert (state(asked), taken(slot)) == (State.CONFIRMED, (20, 1))
    assert passes.get_current_pass(asked.id).version == 1
    assert verbs(asked) == [(Verb.PLACED, Actor.ORGANISER), (Verb.CONFIRMED, Actor.STAFF)]
    refused(NotInThisState, service.confirm, asked, by=by_staff(manager.id))


def test_a_declined_request_gives_its_places_back_and_says_why(slot: Slot, manager: Staff) -> None:
    set_hall(slot, confirmation=Confirmation.REVIEW)
    asked = place(slot)
    do(service.decline, asked, by=by_staff(manager.id), reply="当天有接待任务")
    assert (state(asked), asked.reply, taken(slot)) == (State.DECLINED, "当天有接待任务", (0, 0))
    refused(NotInThisState, service.cancel, asked)


def test_staff_book_without_review(slot: Slot, manager: Staff) -> None:
    set_hall(slot, confirmation=Confirmation.REVIEW)
    booked = place(slot, by=by_staff(manager.id), source=Source.PHONE)
    assert (booked.state, booked.source) == (State.CONFIRMED, Source.PHONE)


def test_a_reviewed_booking_shrinks_but_neither_grows_nor_moves_by_its_organiser(slot: Slot, manager: Staff) -> None:
    set_hall(slot, confirmation=Confirmation.REVIEW)
    other = later(slot)
    asked = place(slot)
    do(service.change_people, asked, (("440000", 22),))  # nobody has looked at it yet
    do(service.confirm, asked, by=by_staff(manager.id))
    do(service.change_people, asked, (("440000", 12),))
    refused(AskTheHall, service.change_people, asked, (("440000", 13),))
    refused(AskTheHall, service.move, asked, other.id)
    do(service.move, asked, other.id, by=by_staff(manager.id))
    assert (taken(slot), taken(other)) == ((0, 0), (12, 1))


# Fewer and more people


def test_fewer_people_give_places_back_and_keep_the_pass(slot: Slot) -> None:
    booked = place(slot, 30)
    token = passes.get_current_pass(booked.id).token
    do(service.change_people, booked, (("440000", 10), ("430000", 8)))
    assert (booked.visitors, taken(slot)) == (18, (18, 1))
    assert {origin.division: origin.visitors for origin in booked.origins} == {"440000": 10, "430000": 8}
    assert passes.get_current_pass(booked.id).token == token
    event = queries.list_events(booked)[-1]
    assert (event.verb, event.detail) == (Verb.CHANGED, {"visitors": [30, 18]})


def test_more_people_need_room_and_only_the_difference(slot: Slot) -> None:
    booked = place(slot, 20)
    place(slot, 10)
    do(service.change_people, booked, (("440000", 30),))
    assert taken(slot) == (40, 2)
    refused(SlotFull, service.change_people, booked, (("440000", 31),))
    assert (booked.visitors, taken(slot)) == (30, (40, 2))


@pytest.mark.parametrize(("people", "error"), [(7, GroupTooSmall), (51, GroupTooLarge)])
def test_a_size_that_the_programme_does_not_take_is_refused(slot: Slot, people: int, error: type[DomainError]) -> None:
    booked = place(slot, 20)
    assert refused(error, service.change_people, booked, (("440000", people),)).field == "origins"
    assert taken(slot) == (20, 1)


def test_the_cut_off_binds_the_organiser_not_the_staff(slot: Slot, manager: Staff) -> None:
    set_hall(slot, change_hours=24)
    booked = place(slot)
    with time_machine.travel(slot.starts_at - timedelta(hours=24), tick=False):
        do(service.change_people, booked, (("440000", 19),))
    with time_machine.travel(slot.starts_at - timedelta(hours=24) + timedelta(seconds=1), tick=False):
        late = refused(TooLateToChange, service.change_people, booked, (("440000", 18),))
        assert late.params == {"hours": 24}
        refused(TooLateToChange, service.cancel, booked)
        refused(TooLateToChange, service.move, booked, later(slot).id)
        do(service.change_people, booked, (("440000", 18),), by=by_staff(manager.id))
        do(service.cancel, booked, by=by_staff(manager.id), reply="")
    assert taken(slot) == (0, 0)


def test_a_waiting_group_may_leave_the_list_after_the_cut_off(slot: Slot) -> None:
    set_hall(slot, change_hours=24)
    place(slot, 40)
    waits = place(slot, wait=True)
    with time_machine.travel(slot.starts_at - timedelta(hours=2), tick=False):
        do(service.change_people, waits, (("440000", 15),))
        do(service.cancel, waits)
    assert state(waits) is State.CANCELLED


def test_nobody_waits_for_room_that_there_can_never_be(slot: Slot) -> None:
    without_guides = later(slot, guide_capacity=0)
    narrow = later(slot, starts=time(16), inside_capacity=19)
    for full in (without_guides, narrow):
        with pytest.raises(SlotFull):
            place(full, wait=True)
    place(slot, 40)
    waits = place(slot, wait=True)
    refused(SlotFull, service.change_people, waits, (("440000", 41),))
    assert (state(waits), waits.visitors) == (State.WAITLISTED, 20)


def test_contact_data_change_and_are_found_under_their_new_names(slot: Slot) -> None:
    booked = place(slot)
    data = service.ContactData(
        contact_name="罗小龙", phone="+8619900002222", email="luo@example.org", note="轮椅一辆", organisation="佛山三中"
    )
    do(service.change_contact, booked, data, by=SYSTEM)
    db.session.expire_all()
    assert (booked.contact_name, booked.phone_tail, booked.organisation_key) == ("罗小龙", "2222", "佛山三中")
    assert queries.list_events(booked)[-1].detail == {
        "fields": ["contact_name", "email", "note", "organisation", "phone"]
    }
    do(service.change_contact, booked, data, by=SYSTEM)
    assert len(queries.list_events(booked)) == 2


# Moving


def test_a_move_takes_the_new_places_and_lets_the_old_ones_go(slot: Slot) -> None:
    other = later(slot)
    booked = place(slot, 30)
    token = passes.get_current_pass(booked.id).token
    do(service.move, booked, other.id)
    assert (booked.slot_id, taken(slot), taken(other)) == (other.id, (0, 0), (30, 1))
    assert passes.get_current_pass(booked.id).token == token


def test_a_move_to_a_full_time_leaves_everything_as_it_was(slot: Slot) -> None:
    other = later(slot, visitor_capacity=25)
    booked = place(slot, 30)
    refused(SlotFull, service.move, booked, other.id)
    assert (booked.slot_id, taken(slot), taken(other)) == (slot.id, (30, 1), (0, 0))


def test_a_move_within_the_room_that_the_group_itself_takes_is_possible(slot: Slot) -> None:
    """30 people at 09:30 and 40 inside at most: they may come at 10:00 instead, although both visits overlap."""
    with transaction():
        slot.inside_capacity = 40
    other = later(slot, time(10), inside_capacity=40)
    booked = place(slot, 30)
    do(service.move, booked, other.id)
    assert (taken(slot), taken(other)) == ((0, 0), (30, 1))


def test_a_move_to_another_programme_takes_its_guides_and_obeys_its_size(slot: Slot) -> None:
    with transaction():
        alone = factories.programme(hall=slot.programme.hall, guides=0, group_min=1, group_max=20, minutes=60)
        quiet = factories.slot(programme=alone, day=DAY, starts=time(15), guide_capacity=0)
    booked = place(slot, 20)
    do(service.move, booked, quiet.id)
    assert (booked.guides, taken(slot), taken(quiet)) == (0, (0, 0), (20, 0))
    large = place(slot, 21)
    refused(GroupTooLarge, service.move, large, quiet.id)


def test_an_organiser_moves_within_the_window_only(slot: Slot, manager: Staff) -> None:
    booked = place(slot)
    soon = later(slot, time(13), day=date(2026, 12, 1))
    refused(SlotTooSoon, service.move, booked, soon.id)
    do(service.move, booked, soon.id, by=by_staff(manager.id))
    assert taken(soon) == (20, 1)


# The waiting list


def test_a_group_that_does_not_fit_waits_only_if_it_wants_to(slot: Slot) -> None:
    place(slot, 30)
    refused(SlotFull, service.place, command(slot, submission="no", origins=(("440000", 20),)))
    waits = place(slot, 20, wait=True)
    assert (waits.state, taken(slot)) == (State.WAITLISTED, (30, 1))
    assert place(slot, 10, wait=True).state is State.CONFIRMED


def test_freed_places_are_offered_to_the_first_that_fits_before_anybody_else(slot: Slot) -> None:
    set_hall(slot, offer_hours=6)
    goes = place(slot, 40)
    first, second, third = (place(slot, people, wait=True) for people in (30, 15, 10))
    assert [queries.count_ahead(one) for one in (first, second, third)] == [0, 1, 2]
    do(service.change_people, goes, (("440000", 25),))
    assert [state(one) for one in (first, second, third)] == [State.WAITLISTED, State.OFFERED, State.WAITLISTED]
    assert (second.offered_until, taken(slot)) == (NOW + timedelta(hours=6), (40, 2))
    refused(SlotFull, service.place, command(slot, submission="public", origins=(("440000", 8),)))
    do(service.take_offer, second)
    assert state(second) is State.CONFIRMED
    assert passes.get_current_pass(second.id).version == 1


def test_an_offer_lapses_and_goes_on_to_the_next(slot: Slot) -> None:
    set_hall(slot, offer_hours=6)
    goes = place(slot, 40)
    first, second = place(slot, 40, wait=True), place(slot, 20, wait=True)
    do(service.cancel, goes)
    assert (state(first), state(second)) == (State.OFFERED, State.WAITLISTED)
    with time_machine.travel(NOW + timedelta(hours=6), tick=False):
        refused(NotInThisState, service.take_offer, first)
        assert queries.has_overdue(slot.hall_id, now=clock.now())
        with transaction():
            assert waiting.advance_waiting_list(slot.programme.hall) == 1
        assert (state(first), state(second)) == (State.LAPSED, State.OFFERED)
        assert not queries.has_overdue(slot.hall_id, now=clock.now())
        do(service.take_offer, second)
    assert taken(slot) == (20, 1)


def test_an_offer_that_is_given_up_goes_on_at_once(slot: Slot) -> None:
    goes = place(slot, 40)
    first, second = place(slot, 40, wait=True), place(slot, 40, wait=True)
    do(service.cancel, goes)
    do(service.cancel, first)
    assert (state(first), state(second), taken(slot)) == (State.CANCELLED, State.OFFERED, (40, 1))


def test_an_offer_is_held_until_the_visit_begins_at_most(slot: Slot) -> None:
    goes = place(slot, 40)
    waits = place(slot, 40, wait=True)
    with time_machine.travel(slot.starts_at - timedelta(hours=3), tick=False):
        do(service.cancel, goes)
    assert (state(waits), waits.offered_until) == (State.OFFERED, slot.starts_at)


def test_waits_and_requests_end_when_the_visit_begins(slot: Slot) -> None:
    set_hall(slot, confirmation=Confirmation.REVIEW)
    asked, waits = place(slot, 40), place(slot, 20, wait=True)
    with time_machine.travel(slot.starts_at, tick=False), transaction():
        assert waiting.advance_waiting_list(slot.programme.hall) == 2
    assert (state(asked), state(waits), taken(slot)) == (State.LAPSED, State.LAPSED, (0, 0))


def test_where_the_hall_reviews_a_taken_offer_is_asked_for(slot: Slot) -> None:
    goes = place(slot, 40)
    waits = place(slot, 40, wait=True)
    set_hall(slot, confirmation=Confirmation.REVIEW)
    do(service.cancel, goes)
    do(service.take_offer, waits)
    assert (state(waits), taken(slot)) == (State.REQUESTED, (40, 1))


def test_a_waiting_group_may_move_to_a_free_time(slot: Slot) -> None:
    place(slot, 40)
    waits = place(slot, 30, wait=True)
    other = later(slot)
    do(service.move, waits, other.id)
    assert (state(waits), taken(slot), taken(other)) == (State.CONFIRMED, (40, 1), (30, 1))
    assert passes.get_current_pass(waits.id).version == 1


def test_room_inside_that_becomes_free_is_offered_at_the_overlapping_times_too(slot: Slot) -> None:
    with transaction():
        slot.inside_capacity = 40
    overlapping = later(slot, time(10), inside_capacity=40)
    goes = place(slot, 40)
    waits = place(overlapping, 30, wait=True)
    do(service.cancel, goes)
    assert (state(waits), taken(overlapping)) == (State.OFFERED, (30, 1))


# Over the limit


def test_a_manager_lets_a_group_in_over_the_limit_with_a_reason(slot: Slot, manager: Staff) -> None:
    place(slot, 40)
    extra = place(slot, 60, by=by_staff(manager.id), over_limit="省外来宾")
    assert (extra.over_limit, taken(slot), slot.visitors_forced) == ("省外来宾", (100, 2), 60)
    refused(SlotFull, service.place, command(slot, submission="public", origins=(("440000", 8),)))
    refused(AskTheHall, service.change_people, extra, (("440000", 61),))
    do(service.cancel, extra, by=by_staff(manager.id))
    assert (taken(slot), slot.visitors_forced, slot.guides_forced) == ((40, 1), 0, 0)


def test_growing_over_the_limit_counts_the_whole_group_as_let_in(slot: Slot, manager: Staff) -> None:
    place(slot, 20)
    grows = place(slot, 20)
    do(service.change_people, grows, (("440000", 30),), by=by_staff(manager.id), over_limit="多来一车")
    assert (taken(slot), slot.visitors_forced, grows.over_limit) == ((50, 2), 30, "多来一车")
    do(service.change_people, grows, (("440000", 25),))
    assert (taken(slot), slot.visitors_forced) == ((45, 2), 25)


def test_a_waiting_group_is_taken_in_by_hand(slot: Slot, manager: Staff) -> None:
    place(slot, 40)
    waits = place(slot, 20, wait=True)
    refused(SlotFull, service.confirm, waits, by=by_staff(manager.id))
    do(service.confirm, waits, by=by_staff(manager.id), over_limit="重要接待")
    assert (state(waits), taken(slot), slot.visitors_forced) == (State.CONFIRMED, (60, 2), 20)


# Duplicates


def test_a_second_booking_of_a_group_on_a_day_is_shown_before_it_is_made(slot: Slot) -> None:
    first = place(slot, 10, organisation="广州市 第三中学", phone="+8619900003333")
    other = later(slot)
    for same in ({"organisation": "广州市第三中学（）", "phone": "+8619900004444"}, {"phone": "+8619900003333"}):
        asked = command(other, submission="again", duplicate_accepted=False, known=(first.id,), **same)
        found = refused(Duplicate, service.place, asked)
        assert isinstance(found, Duplicate)
        assert [booking.id for booking in found.found] == [first.id]
    by_staff = command(other, submission="staff", duplicate_accepted=False, phone="+8619900003333", by=SYSTEM)
    assert isinstance(refused(Duplicate, service.place, by_staff), Duplicate)
    # Whoever does not know the first booking learns nothing of it; the staff see both on the page of either.
    assert place(other, 10, organisation="广州市第三中学", duplicate_accepted=False).id
    do(service.cancel, first)
    tomorrow = later(slot, day=DAY + timedelta(days=1))
    assert place(tomorrow, 10, organisation="广州市第三中学", duplicate_accepted=False).id


# Absence


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


def test_so_many_absences_in_a_period_pause_the_group(slot: Slot) -> None:
    hall = set_hall(slot, no_show_count=2, no_show_months=6, no_show_pause_days=90, notice_hours=0)
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


@pytest.mark.parametrize(
    ("scope", "same"),
    [
        (NoShowScope.PHONE, {"organisation": "别的单位"}),
        (NoShowScope.ORGANISATION, {"phone": "+8619900007777"}),
        (NoShowScope.EITHER, {"phone": "+8619900007777"}),
    ],
)
def test_a_no_show_is_known_again_by_what_the_rule_says(slot: Slot, scope: NoShowScope, same: dict[str, str]) -> None:
    set_hall(slot, no_show_count=2, no_show_scope=scope, notice_hours=0)
    assert miss(slot.programme, date(2026, 12, 10)) is None
    pause = miss(slot.programme, date(2026, 12, 12), **same)
    assert pause
    assert (pause.phone is None, pause.organisation_key is None) == (
        scope is NoShowScope.ORGANISATION,
        scope is NoShowScope.PHONE,
    )


def test_a_programme_may_leave_its_no_shows_out(slot: Slot) -> None:
    set_hall(slot, no_show_count=1, notice_hours=0)
    with transaction():
        lenient = factories.programme(hall=slot.programme.hall, no_shows_count=False)
    assert miss(lenient, date(2026, 12, 10)) is None
    assert miss(slot.programme, date(2026, 12, 12)) is not None


def test_an_absence_that_was_none_takes_its_pause_with_it(slot: Slot, manager: Staff) -> None:
    set_hall(slot, no_show_count=1, notice_hours=0)
    pause = miss(slot.programme, date(2026, 12, 10))
    assert pause
    booked = pause.booking
    do(absence.set_right, booked, by=by_staff(manager.id))
    db.session.expire_all()
    assert (booked.state, pause.lifted_by_id) == (State.CONFIRMED, manager.id)
    refused(NotInThisState, absence.set_right, booked, by=by_staff(manager.id))


def test_a_group_that_came_late_is_not_absent(slot: Slot) -> None:
    set_hall(slot, no_show_count=1, notice_hours=0)
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
    assert OrganisationKind.SCHOOL is booked.kind
