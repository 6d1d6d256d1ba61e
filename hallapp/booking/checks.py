"""Checks on a booking before places are claimed: size, time, a pause, a second booking on the same day."""

from collections.abc import Collection
from datetime import datetime

from hallapp.booking import queries
from hallapp.booking.errors import (
    Duplicate,
    GroupTooLarge,
    GroupTooSmall,
    NotInThisState,
    NotOnline,
    Paused,
    ProgrammeInactive,
    SlotClosed,
    SlotOfOtherProgramme,
    SlotPast,
    SlotTooFar,
    SlotTooSoon,
    SlotUnknown,
    TooLateToChange,
    VisitStarted,
)
from hallapp.booking.lifecycle import By
from hallapp.booking.models import AGREED, OPEN_STATES, Actor, Booking, BookingState
from hallapp.core import clock
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall, Programme, Slot
from hallapp.schedule.policy import Confirmation


def get_slot(hall_id: int, slot_id: int, *, programme: str | None = None) -> Slot:
    """Return a slot of this hall, and of the programme (a slug), if named. Raises SlotUnknown, SlotOfOtherProgramme."""
    slot = schedule.find_slot(hall_id, slot_id)
    if slot is None:
        raise SlotUnknown
    if programme is not None and programme != slot.programme.slug:
        raise SlotOfOtherProgramme
    return slot


def check_size(programme: Programme, visitors: int) -> None:
    """Check the size of the group. Raises ProgrammeInactive, GroupTooSmall, GroupTooLarge."""
    if not programme.active:
        raise ProgrammeInactive
    policy = programme.policy
    if visitors < policy.group_min:
        raise GroupTooSmall(least=policy.group_min, people=visitors)
    if visitors > policy.group_max:
        raise GroupTooLarge(most=policy.group_max, people=visitors)


def check_time(slot: Slot) -> None:
    """Check that an organiser may book this time now. Raises SlotPast, SlotTooSoon, SlotTooFar, SlotClosed."""
    policy = slot.programme.policy
    window = policy.window(slot.programme.hall.time_zone)
    if slot.starts_at <= clock.now():
        raise SlotPast
    if slot.starts_at < window.after:
        raise SlotTooSoon(hours=policy.notice_hours)
    if slot.day > window.last:
        raise SlotTooFar(days=policy.days_ahead)
    if not slot.open:
        raise SlotClosed


def check_time_for_staff(slot: Slot) -> None:
    """Check that the staff may still book this time: until it ends, at any distance. Raises SlotPast, SlotClosed."""
    if slot.ends_at <= clock.now():
        raise SlotPast
    if not slot.open:
        raise SlotClosed


def check_cut_off(booking: Booking) -> None:
    """Check that the organiser may still change or cancel. Raises VisitStarted, TooLateToChange."""
    if booking.state is BookingState.ARRIVED or booking.slot.starts_at <= clock.now():
        raise VisitStarted
    if change_until(booking) < clock.now():
        raise TooLateToChange(hours=booking.slot.programme.policy.change_hours)


def change_until(booking: Booking) -> datetime:
    """Return the last instant at which the organiser may change it; the deadline does not apply without places."""
    starts_at = booking.slot.starts_at
    if booking.state in (BookingState.OFFERED, BookingState.WAITLISTED):
        return starts_at
    return booking.slot.programme.policy.change_until(starts_at)


def asks_hall(booking: Booking) -> bool:
    """Return whether the hall has reviewed it, so that only staff may agree to more people or another time."""
    looked_at = booking.slot.programme.policy.confirmation is Confirmation.REVIEW and booking.state in AGREED
    return looked_at or booking.over_limit is not None


def check_pause(hall: Hall, *, phone: str, organisation_key: str) -> None:
    """Check that the group is not paused after no-shows. Raises Paused."""
    pause = queries.find_pause(hall.id, phone=phone, organisation_key=organisation_key, today=hall.today())
    if pause is not None:
        raise Paused(until=pause.until)


def check_online(hall: Hall, *, phone: str, organisation_key: str) -> None:
    """Check for a pause like `check_pause`, without giving the reason. Raises NotOnline."""
    try:
        check_pause(hall, phone=phone, organisation_key=organisation_key)
    except Paused:
        raise NotOnline from None


def check_duplicate(slot: Slot, *, phone: str, organisation_key: str, known: Collection[int] | None) -> None:
    """Raise Duplicate where the same organisation or phone has a booking on the slot's day.

    `known` are the ids of those of which the reader may learn; None for a reader who may learn of all.
    """
    found = queries.list_same_group(slot.hall_id, slot.day, phone=phone, organisation_key=organisation_key)
    told = [booking for booking in found if known is None or booking.id in known]
    if told:
        raise Duplicate(told)


def agreed_state(slot: Slot, by: By) -> BookingState:
    """Return the state of a booking that has places: confirmed, or requested where the hall reviews it."""
    reviewed = slot.programme.policy.confirmation is Confirmation.REVIEW and by.actor is Actor.ORGANISER
    return BookingState.REQUESTED if reviewed else BookingState.CONFIRMED


def check_may(booking: Booking, by: By) -> None:
    """Check that a booking may be changed: by its organiser before the deadline, by others until the group arrives."""
    if booking.state is BookingState.ARRIVED:
        raise VisitStarted
    if booking.state not in OPEN_STATES:
        raise NotInThisState(booking.state)
    if by.actor is Actor.ORGANISER:
        check_cut_off(booking)
