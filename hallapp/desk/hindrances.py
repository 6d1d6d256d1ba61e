"""The rule that stands against admitting a group at a moment."""

from datetime import datetime

from hallapp.booking.models import AGREED, BookingState
from hallapp.desk import errors, timing
from hallapp.desk.group import Group


def find(group: Group, at: datetime) -> errors.Refusal | None:
    """Return the rule that prevents admitting a booking at a moment, if any.

    A manager may override it, except that a programme is online.
    """
    booking = group.booking
    if booking is None:
        return None
    if booking.slot.programme.online:
        return errors.TakesPlaceOnline(group=group)
    if booking.state is BookingState.CANCELLED:
        return errors.Cancelled(group=group)
    if booking.state not in AGREED:
        return errors.NotAgreed(group=group)
    found = timing.find_timing(booking, at)
    if found is None:
        return errors.AnotherDay(group=group)
    if found.beyond and not group.arrived:  # who follows a group that is in belongs to it
        return errors.TooEarly(group=group) if found.early else errors.TooLate(group=group)
    return None
