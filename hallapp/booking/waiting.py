"""The waiting list: whole groups, first come first served among those who fit, ahead of the public."""

from collections.abc import Sequence
from datetime import date, timedelta

from hallapp.booking import blocks, queries
from hallapp.booking.errors import NotInThisState
from hallapp.booking.lifecycle import SYSTEM, By, LetterAbout, advance, hold, hold_rows, hold_still
from hallapp.booking.models import Booking, BookingState, CodePurpose, Verb
from hallapp.core import clock
from hallapp.resources.errors import ResourceTaken
from hallapp.schedule import capacity
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Hall


def offer_freed(hall_id: int, day: date) -> int:
    """Offer free places of a day to the groups waiting for it, in the transaction in which they became free.

    So the public never sees places that a waiting group fits into. Each offer holds its places until it is taken, given
    up or lapses. A group on the block list could not accept an offer: it gets none, and keeps its place on the list.
    Returns the number of offers. The caller has locked the slots of the day.
    """
    waiting = queries.list_waiting(hall_id, day, after=clock.now(), lock=True)
    if not waiting:
        return 0
    blocked = blocks.list_blocked(hall_id, waiting[0].hall.today(), waiting)
    return sum(_offer(booking) for booking in waiting if booking.id not in blocked)


def lift_block(hall: Hall, number: int, *, by: By) -> None:
    """End an entry of the block list, and offer places to groups that it kept from offers. Raises as `blocks.lift`."""
    blocks.lift(hall.id, number, by=by)
    offer_all(hall)


def offer_all(hall: Hall) -> int:
    """Offer the free places of all days to the groups waiting for them, as when a block has ended meanwhile.

    Returns the number of offers.
    """
    days = queries.list_days_waited_for(hall.id, after=clock.now())
    capacity.lock_days(hall.id, days)
    return sum(offer_freed(hall.id, day) for day in days)


def advance_waiting_list(hall: Hall) -> int:
    """End expired offers and holds, and requests and waits whose visit has begun; offer their places to the next.

    It runs often, for example at every visit of the booking page: `queries.has_overdue` tests cheaply whether anything
    is due. Returns the number of bookings that lapsed.
    """
    overdue = queries.list_overdue(hall.id, now=clock.now())
    days = sorted({booking.slot.day for booking in overdue})
    capacity.lock_days(hall.id, days)
    hold_rows(overdue)
    lapsed = sum(_lapse(booking, days) for booking in overdue)
    for day in days:
        offer_freed(hall.id, day)
    return lapsed


def _offer(booking: Booking) -> bool:
    slot = booking.slot
    try:
        hold(booking, slot)
    except (SlotFull, ResourceTaken):  # a group is offered its places together with its resources
        return False
    hours = slot.programme.policy.offer_hours
    until = min(clock.now() + timedelta(hours=hours), slot.starts_at)
    advance(booking, BookingState.OFFERED, Verb.OFFERED, by=SYSTEM, offered_until=until)
    return True


def _lapse(booking: Booking, days: Sequence[date]) -> bool:
    try:
        hold_still(booking, *days)
    except NotInThisState:  # moved to another day meanwhile: the next call finds it there
        return False
    if not queries.is_overdue(booking, now=clock.now()):  # taken in the meantime
        return False
    # An address whose code was never entered receives no message.
    unproved = queries.find_code(booking, CodePurpose.HOLD) is not None
    letter = LetterAbout.NOTHING if unproved else _letter_about(booking)
    advance(booking, BookingState.LAPSED, Verb.LAPSED, by=SYSTEM, detail=letter.detail)
    return True


def _letter_about(booking: Booking) -> LetterAbout:
    """Return what the message about a lapse covers: one message for all parts of a large group, with the last one."""
    if booking.party is None:
        return LetterAbout.BOOKING
    now = clock.now()
    follow = any(part.id != booking.id and queries.is_overdue(part, now=now) for part in queries.list_parts(booking))
    return LetterAbout.NOTHING if follow else LetterAbout.GROUP
