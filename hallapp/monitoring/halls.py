"""The state of each hall on its own day: bookings, arrivals, people inside, conflicts."""

from collections.abc import Iterator, Sequence
from datetime import time, timedelta

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select

from hallapp.booking.models import HOLDING, Booking, BookingState
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.desk.queries import count_open_conflicts
from hallapp.monitoring.readings import Sample, gauge
from hallapp.presence.inside import Inside, get_inside
from hallapp.schedule.models import Hall, Slot

_BY_HALL = ["hall"]


def read(halls: Sequence[Hall]) -> Iterator[GaugeMetricFamily]:
    """Yield the gauges of these halls."""
    inside = {hall.slug: get_inside(hall) for hall in halls}
    yield gauge(
        "bookings",
        "Bookings of today and later",
        ["hall", "state"],
        [each for hall in halls for each in _bookings(hall)],
    )
    yield gauge(
        "bookings_made_today", "Bookings made today", _BY_HALL, [_of(hall, _made_today(hall)) for hall in halls]
    )
    yield gauge(
        "people_expected_today", "People booked for today", _BY_HALL, [_of(hall, _expected(hall)) for hall in halls]
    )
    yield gauge("people_arrived_today", "People who arrived today", _BY_HALL, _by_slug(inside, "today"))
    yield gauge("people_inside", "People inside now", _BY_HALL, _by_slug(inside, "people"))
    yield gauge("people_inside_limit", "Most people who may be inside", _BY_HALL, _by_slug(inside, "limit"))
    yield gauge(
        "conflicts",
        "Admissions that wait for a manager's decision",
        _BY_HALL,
        [_of(hall, count_open_conflicts(hall.id)) for hall in halls],
    )


def _of(hall: Hall, number: int) -> Sample:
    return (hall.slug,), number


def _by_slug(inside: dict[str, Inside], name: str) -> Iterator[Sample]:
    for slug, found in inside.items():
        if (number := getattr(found, name)) is not None:
            yield (slug,), number


def _bookings(hall: Hall) -> Iterator[Sample]:
    coming = select(Booking.state, func.count()).join(Slot, Slot.id == Booking.slot_id).group_by(Booking.state)
    rows = db.session.execute(coming.where(Slot.hall_id == hall.id, Slot.day >= hall.today()))
    found = dict.fromkeys(BookingState, 0)
    found.update((state, count) for state, count in rows)
    for state, count in found.items():
        yield (hall.slug, state.value), count


def _made_today(hall: Hall) -> int:
    midnight = clock.at(hall.today(), time.min, hall.time_zone)
    made = (Booking.created_at >= midnight, Booking.created_at < midnight + timedelta(days=1))
    return db.session.scalar(select(func.count()).where(Booking.hall_id == hall.id, *made)) or 0


def _expected(hall: Hall) -> int:
    today = (Slot.hall_id == hall.id, Slot.day == hall.today(), Booking.state.in_(HOLDING))
    people = select(func.sum(Booking.visitors)).join(Slot, Slot.id == Booking.slot_id)
    return int(db.session.scalar(people.where(*today)) or 0)
