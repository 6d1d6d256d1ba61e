"""The bookings that were settled by one change of the hall's days, with those whose organisers must be phoned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from hallapp.booking.models import Actor, Booking, BookingEvent, Verb
from hallapp.booking.queries import whole_bookings
from hallapp.core.database import db
from hallapp.messages import organiser_messages
from hallapp.messages import queries as messages
from hallapp.messages.models import MessageKind
from hallapp.messages.queries import Ways

_VERBS = (Verb.MOVED, Verb.CANCELLED, Verb.LEFT)
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A booking and what became of it: moved from `before` to `after`, cancelled, or left at its time.

    `to_phone` says that it was changed, and that no message tells its organiser.
    """

    booking: Booking
    verb: Verb
    before: datetime
    after: datetime | None
    to_phone: bool


def find_range(hall_id: int, booking_ids: Collection[int], *, staff_id: int) -> tuple[int, int] | None:
    """Return the first and last number of the events that have just settled these bookings, or None."""
    latest: dict[int, int] = {}
    for number, booking_id in db.session.execute(
        select(BookingEvent.id, BookingEvent.booking_id)
        .where(_settling(hall_id), BookingEvent.staff_id == staff_id, BookingEvent.booking_id.in_(booking_ids))
        .order_by(BookingEvent.id)
    ):
        latest[booking_id] = number
    return (min(latest.values()), max(latest.values())) if latest else None


def list_settled(hall_id: int, first: int, last: int) -> Sequence[Settled]:
    """Return the bookings of a range of events by the person of its first one, by the time of the visit."""
    begun = aliased(BookingEvent)
    person = select(begun.staff_id).where(begun.id == first, begun.hall_id == hall_id).scalar_subquery()
    events = db.session.scalars(
        select(BookingEvent)
        .where(_settling(hall_id), BookingEvent.id.between(first, last), BookingEvent.staff_id == person)
        .order_by(BookingEvent.id)
        .limit(_MOST)
    ).all()
    of_booking = {event.booking_id: event for event in events}
    bookings = db.session.scalars(whole_bookings().where(Booking.hall_id == hall_id, Booking.id.in_(of_booking))).all()
    ways = messages.list_ways(hall_id)
    rows = [_settled(booking, of_booking[booking.id], ways) for booking in bookings]
    return sorted(rows, key=lambda row: (row.before, row.booking.id))


def _settling(hall_id: int) -> ColumnElement[bool]:
    return and_(BookingEvent.hall_id == hall_id, BookingEvent.verb.in_(_VERBS), BookingEvent.actor == Actor.STAFF)


def _settled(booking: Booking, event: BookingEvent, ways: Mapping[MessageKind, Ways]) -> Settled:
    ends = {
        end: datetime.fromisoformat(event.detail[end]["starts_at"]) for end in ("from", "to") if end in event.detail
    }
    told = organiser_messages.reaches(booking, event, ways)
    return Settled(
        booking=booking,
        verb=event.verb,
        before=ends.get("from", booking.slot.starts_at),
        after=ends.get("to"),
        to_phone=event.verb is not Verb.LEFT and not told,
    )
