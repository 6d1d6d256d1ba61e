"""Checks on a booking before places are claimed or given back: size, time, state; none of them asks a database."""

from datetime import datetime

from hallapp.booking.access import NOTHING, AccessNeeds
from hallapp.booking.errors import (
    AccessNotOffered,
    GroupTooLarge,
    GroupTooSmall,
    NotInThisState,
    ProgrammeInactive,
    SlotClosed,
    SlotPast,
    SlotTooFar,
    SlotTooSoon,
    TooLateToChange,
    TooManyWheelchairs,
    VisitStarted,
)
from hallapp.booking.lifecycle import By
from hallapp.booking.models import AGREED, OPEN_STATES, Actor, Booking, BookingState
from hallapp.core import clock
from hallapp.schedule.hall_facts import ProgrammeFacts, SlotFacts
from hallapp.schedule.models import Programme, Slot
from hallapp.schedule.policy import AccessNeed, Confirmation


def check_slot(slot: Slot | SlotFacts, visitors: int, *, by: By, over_limit: str | None, now: datetime) -> None:
    """Check the size of a group, unless a manager lets it in over the limit, and the time. Raises as they do."""
    if over_limit is None:
        check_size(slot.programme, visitors)
    if by.actor is Actor.ORGANISER:
        check_time(slot, now)
    else:
        check_time_for_staff(slot, now)


def check_size(programme: Programme | ProgrammeFacts, visitors: int) -> None:
    """Check the size of the group. Raises ProgrammeInactive, GroupTooSmall, GroupTooLarge."""
    if not programme.active:
        raise ProgrammeInactive
    policy = programme.policy
    if visitors < policy.group_min:
        raise GroupTooSmall(least=policy.group_min, people=visitors)
    if visitors > policy.group_max:
        raise GroupTooLarge(most=policy.group_max, people=visitors)


def check_time(slot: Slot | SlotFacts, now: datetime) -> None:
    """Check that an organiser may book this time now. Raises SlotPast, SlotTooSoon, SlotTooFar, SlotClosed."""
    policy = slot.programme.policy
    window = policy.window(slot.programme.hall.time_zone, now)
    if slot.starts_at <= now:
        raise SlotPast
    if slot.starts_at < window.after:
        raise SlotTooSoon(hours=policy.notice_hours)
    if slot.day > window.last:
        raise SlotTooFar(days=policy.days_ahead)
    if not slot.open:
        raise SlotClosed


def check_time_for_staff(slot: Slot | SlotFacts, now: datetime) -> None:
    """Check that the staff may still book this time: until it ends, at any distance. Raises SlotPast, SlotClosed."""
    if slot.ends_at <= now:
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


def agreed_state(slot: Slot | SlotFacts, by: By, *, reviewed: bool = False) -> BookingState:
    """Return the state of a booking that has places: confirmed, or requested where the hall reviews it.

    `reviewed` is true if an organiser's booking waits for another reason, whatever the hall's policy.
    """
    waits = reviewed or slot.programme.policy.confirmation is Confirmation.REVIEW
    return BookingState.REQUESTED if waits and by.actor is Actor.ORGANISER else BookingState.CONFIRMED


def check_may(booking: Booking, by: By) -> None:
    """Check that a booking may be changed: by its organiser before the deadline, by others until the group arrives."""
    if booking.state is BookingState.ARRIVED:
        raise VisitStarted
    if booking.state not in OPEN_STATES:
        raise NotInThisState(booking.state)
    if by.actor is Actor.ORGANISER:
        check_cut_off(booking)


def check_access(
    access: AccessNeeds, *, offered: tuple[AccessNeed, ...], visitors: int, before: AccessNeeds = NOTHING
) -> None:
    """Check the needs of a group against what its hall offers; needs that it named `before` stay possible.

    Raises:
        AccessNotOffered: the hall does not offer one of them (any more).
        TooManyWheelchairs: there are more wheelchair places than people.
    """
    if access.kinds - before.kinds - set(offered) or (access.remark and not (offered or before)):
        raise AccessNotOffered
    if access.wheelchairs > visitors:
        raise TooManyWheelchairs
