"""Review, changes and moves of a booking, with the counters after each."""

from datetime import date, time, timedelta

import pytest
import time_machine

from hallapp.accounts.models import Staff
from hallapp.booking import queries, service
from hallapp.booking.errors import (
    AskTheHall,
    Duplicate,
    GroupTooLarge,
    GroupTooSmall,
    NotInThisState,
    SlotTooSoon,
    TooLateToChange,
)
from hallapp.booking.lifecycle import SYSTEM, by_staff
from hallapp.booking.models import (
    TRANSITIONS,
    Actor,
    BookingState,
    Source,
    Verb,
)
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.passes import queries as passes
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Slot
from hallapp.schedule.policy import Confirmation
from hallapp.settings import ROOT
from tests import factories
from tests.booking.helpers import command
from tests.booking.life.conftest import State, do, later, place, refused, set_hall, state, taken, verbs
from tests.office import DAY


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


@pytest.mark.either_database
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


@pytest.mark.either_database
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


@pytest.mark.either_database
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


@pytest.mark.either_database
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


# Over the limit


def test_a_manager_lets_a_group_in_over_the_limit_with_a_reason(slot: Slot, manager: Staff) -> None:
    place(slot, 40)
    extra = place(slot, 60, by=by_staff(manager.id), over_limit="省外来宾")
    assert (extra.over_limit, taken(slot), slot.visitors_forced) == ("省外来宾", (100, 2), 60)
    refused(SlotFull, service.place, command(slot, submission="public", origins=(("440000", 8),)))
    refused(AskTheHall, service.change_people, extra, (("440000", 61),))
    do(service.cancel, extra, by=by_staff(manager.id))
    assert (taken(slot), slot.visitors_forced, slot.guides_forced) == ((40, 1), 0, 0)


@pytest.mark.either_database
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


@pytest.mark.either_database
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
