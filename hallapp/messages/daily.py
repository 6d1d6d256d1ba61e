"""Daily messages: a reminder the day before a visit, and thanks after it."""

from collections.abc import Sequence
from datetime import date, timedelta

from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.messages import queries
from hallapp.messages.models import MessageKind
from hallapp.messages.organiser_messages import send
from hallapp.notifications import queries as outbox
from hallapp.notifications.models import Channel
from hallapp.schedule import capacity
from hallapp.schedule.models import Hall

#: The number of days after a visit within which missed thanks are still sent.
THANKS_DAYS = 7


def remind(hall: Hall) -> int:
    """Remind the confirmed bookings of tomorrow, each once for this day; returns their number. Needs a transaction."""
    tomorrow = hall.today() + timedelta(days=1)
    return _tell_once(hall, queries.list_expected(hall.id, tomorrow), MessageKind.REMINDER)


def thank(hall: Hall) -> int:
    """Thank the groups that came in the last days, each once; returns their number. Needs a transaction."""
    today = hall.today()
    arrived = queries.list_arrived(hall.id, first=today - timedelta(days=THANKS_DAYS), last=today, ended_by=clock.now())
    return _tell_once(hall, arrived, MessageKind.THANKS)


def _tell_once(hall: Hall, bookings: Sequence[Booking], kind: MessageKind) -> int:
    """Write the messages that are missing; the second of two commands waits for the first, and finds the work done."""
    capacity.hold_hall(hall.id)
    bookings = _first_parts(bookings)
    names = {booking.id: f"{kind.value} {booking.id} {booking.slot.day}" for booking in bookings}
    told = outbox.list_told(hall.id, [f"{name} {channel.value}" for name in names.values() for channel in Channel])
    count = 0
    for booking in bookings:
        name = names[booking.id]
        if not any(f"{name} {channel.value}" in told for channel in Channel):
            calendar, whole = kind is MessageKind.REMINDER, booking.party is not None
            count += bool(send(booking, kind, calendar=calendar, once=name, whole=whole))
    return count


def _first_parts(bookings: Sequence[Booking]) -> list[Booking]:
    """Return the bookings, but of a large group on one day only the first part: one message is for all of them."""
    first: dict[tuple[int, date], Booking] = {}
    for booking in bookings:
        if booking.party is not None:
            first.setdefault((booking.party, booking.slot.day), booking)
    return [one for one in bookings if one.party is None or first[one.party, one.slot.day] is one]
