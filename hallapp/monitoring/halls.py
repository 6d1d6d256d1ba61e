"""The state of each hall on its own day: bookings, arrivals, people inside, conflicts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import and_, func, or_, select

from hallapp.booking.models import HOLDING, Booking, BookingState
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.desk.queries import count_conflicts_of_halls
from hallapp.monitoring.readings import Sample, gauge
from hallapp.presence.inside import list_inside
from hallapp.schedule.models import Hall, Mode, Programme, Slot, on_own_day


def read(halls: Sequence[Hall]) -> Iterator[GaugeMetricFamily]:
    """Yield the gauges of these halls; the number of queries does not depend on how many there are."""
    if not halls:
        return
    inside = list_inside(halls)
    conflicts = count_conflicts_of_halls([hall.id for hall in halls])
    made, expected = _made_today(halls), _expected(halls)
    yield gauge("bookings", "Bookings of today and later", ["hall", "state"], _bookings(halls))
    yield _of_halls("bookings_made_today", "Bookings made today", halls, made)
    yield _of_halls("people_expected_today", "People booked for today", halls, expected)
    arrived = {number: found.today for number, found in inside.items()}
    yield _of_halls("people_arrived_today", "People who arrived today", halls, arrived)
    people = {number: found.people for number, found in inside.items()}
    yield _of_halls("people_inside", "People inside now", halls, people)
    limits = {number: found.limit for number, found in inside.items() if found.limit is not None}
    limited = [hall for hall in halls if hall.id in limits]
    yield _of_halls("people_inside_limit", "Most people who may be inside", limited, limits)
    yield _of_halls("conflicts", "Admissions that wait for a manager's decision", halls, conflicts)


def _of_halls(name: str, text: str, halls: Sequence[Hall], numbers: Mapping[int, int]) -> GaugeMetricFamily:
    """Return a gauge with one number for each hall; zero where there is none."""
    return gauge(name, text, ["hall"], [((hall.slug,), numbers.get(hall.id, 0)) for hall in halls])


def _bookings(halls: Sequence[Hall]) -> Iterator[Sample]:
    today = min(hall.today() for hall in halls)
    counted = (
        select(Booking.hall_id, Booking.state, Slot.day, func.count())
        .join(Slot, Slot.id == Booking.slot_id)
        .where(Slot.hall_id.in_([hall.id for hall in halls]), Slot.day >= today)
        .group_by(Booking.hall_id, Booking.state, Slot.day)
    )
    days, found = {hall.id: hall.today() for hall in halls}, Counter[tuple[int, BookingState]]()
    for hall_id, state, day, number in db.session.execute(counted):
        if day >= days[hall_id]:  # halls of the west begin the day later
            found[hall_id, state] += number
    for hall in halls:
        for state in BookingState:
            yield (hall.slug, state.value), found[hall.id, state]


def _made_today(halls: Sequence[Hall]) -> dict[int, int]:
    midnights: dict[datetime, list[int]] = {}
    for hall in halls:
        midnights.setdefault(clock.at(hall.today(), time.min, hall.time_zone), []).append(hall.id)
    made = [
        and_(Booking.hall_id.in_(numbers), Booking.created_at >= at, Booking.created_at < at + timedelta(days=1))
        for at, numbers in midnights.items()
    ]
    counted = select(Booking.hall_id, func.count()).where(or_(*made)).group_by(Booking.hall_id)
    return dict(db.session.execute(counted).all())


def _expected(halls: Sequence[Hall]) -> dict[int, int]:
    people = (
        select(Booking.hall_id, func.sum(Booking.visitors))
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Slot.programme)
        .where(on_own_day(halls, Slot.hall_id, Slot.day), Booking.state.in_(HOLDING), Programme.mode == Mode.ON_SITE)
        .group_by(Booking.hall_id)
    )
    return {hall_id: int(number) for hall_id, number in db.session.execute(people)}
