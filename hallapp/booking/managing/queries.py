"""Reads over several bookings at once, so that a list costs as many queries as one booking does."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select

from hallapp.booking.models import HOLDING, OPEN_STATES, Booking, BookingState, Pause, Source
from hallapp.booking.queries import of_group, whole_bookings
from hallapp.core.database import db
from hallapp.core.prepared import Prepared
from hallapp.schedule.models import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The visits, cancellations and no-shows of an organisation or phone, and its open bookings."""

    came: int
    cancelled: int
    absent: int
    standing: int

    @property
    def known(self) -> bool:
        """Return whether there is any other booking of the group."""
        return bool(self.came or self.cancelled or self.absent or self.standing)


def count_requested(hall_id: int) -> int:
    """Return how many bookings wait for an answer."""
    return int(_COUNT_REQUESTED.rows({"hall": hall_id})[0][0])


# Every page of a manager shows it.
_COUNT_REQUESTED = Prepared(
    select(func.count())
    .select_from(Booking)
    .where(Booking.hall_id == bindparam("hall"), Booking.state == BookingState.REQUESTED)
)


def list_recent(hall_id: int, *, since: datetime, limit: int) -> Sequence[Booking]:
    """Return the open online bookings that were made after an instant, the newest first."""
    return db.session.scalars(
        whole_bookings()
        .where(
            Booking.hall_id == hall_id,
            Booking.created_at > since,
            Booking.source == Source.ONLINE,
            Booking.state.in_(OPEN_STATES),
        )
        .order_by(Booking.created_at.desc(), Booking.id.desc())
        .limit(limit)
    ).all()


def count_records(hall_id: int, bookings: Sequence[Booking]) -> dict[int, Record]:
    """Return the record of each booking's organisation or phone, without the booking itself; one query."""
    if not bookings:
        return {}
    rows = db.session.execute(
        select(Booking.phone, Booking.organisation_key, Booking.state, func.count())
        .where(_of_any(hall_id, bookings))
        .group_by(Booking.phone, Booking.organisation_key, Booking.state)
    ).all()
    return {booking.id: _record(booking, rows) for booking in bookings}


def list_same_day(hall_id: int, bookings: Sequence[Booking]) -> dict[int, list[Booking]]:
    """Return for each booking the other open bookings of its day by the same phone or for the same organisation."""
    if not bookings:
        return {}
    others = db.session.scalars(
        whole_bookings()
        .where(
            Slot.day.in_({booking.slot.day for booking in bookings}),
            Booking.state.in_(HOLDING | OPEN_STATES),
            _of_any(hall_id, bookings),
        )
        .order_by(Slot.starts_at, Booking.id)
    ).all()
    return {
        booking.id: [
            other
            for other in others
            if other.id != booking.id and other.slot.day == booking.slot.day and _same(booking, other)
        ]
        for booking in bookings
    }


def list_absences(hall_id: int, pauses: Sequence[Pause]) -> dict[int, list[Booking]]:
    """Return for each pause the no-shows that led to it, the latest first; one query."""
    if not pauses:
        return {}
    absent = db.session.scalars(
        whole_bookings()
        .where(Booking.state == BookingState.ABSENT, _of_any(hall_id, pauses))
        .order_by(Slot.starts_at.desc(), Booking.id.desc())
    ).all()
    return {
        pause.id: [booking for booking in absent if _same(pause, booking) and booking.slot.day <= pause.since][
            : pause.absences
        ]
        for pause in pauses
    }


def _record(booking: Booking, rows: Iterable[tuple[str, str, BookingState, int]]) -> Record:
    counts: Counter[BookingState] = Counter()
    for phone, organisation_key, state, number in rows:
        if _matches(booking, phone=phone, organisation_key=organisation_key):
            counts[state] += number
    if _matches(booking, phone=booking.phone, organisation_key=booking.organisation_key):
        counts[booking.state] -= 1
    return Record(
        came=counts[BookingState.ARRIVED],
        cancelled=counts[BookingState.CANCELLED],
        absent=counts[BookingState.ABSENT],
        standing=sum(counts[state] for state in OPEN_STATES),
    )


def _of_any(hall_id: int, rows: Sequence[Booking] | Sequence[Pause]) -> ColumnElement[bool]:
    """Return bookings with the phone or the organisation of one of these; an erased one belongs to no one."""
    return of_group(
        Booking,
        hall_id,
        phones=[row.phone for row in rows],
        organisation_keys=[row.organisation_key for row in rows],
    )


def _same(one: Booking | Pause, other: Booking) -> bool:
    return _matches(one, phone=other.phone, organisation_key=other.organisation_key)


def _matches(one: Booking | Pause, *, phone: str, organisation_key: str) -> bool:
    same_phone = bool(one.phone) and one.phone == phone
    return same_phone or (bool(one.organisation_key) and one.organisation_key == organisation_key)
