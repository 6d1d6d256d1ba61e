"""People who had booked and did not come, counted booking by booking.

The closed months of a longer period count with the figure that was filed: so months add up to quarters and years, and
a period reads the bookings of its open months only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select

from hallapp.booking.models import HOLDING, Booking
from hallapp.core.database import db
from hallapp.ledger.models import Arrival, DeskEvent, MonthClose
from hallapp.reports.figures.parts import ABSENCES_IN_SUM
from hallapp.schedule.models import Mode, Programme, Slot


@dataclass(frozen=True, slots=True)
class Absent:
    """People who did not come; `in_sum_months` of the months in it were filed by the earlier method."""

    visitors: int
    in_sum_months: int


def count(
    hall_id: int, *, closed: Sequence[MonthClose], open_days: Sequence[tuple[date, date]], until: datetime
) -> Absent:
    """Return the absences of closed months as they were filed, and those of the other days from their bookings.

    A slot is past if it ends by `until`.
    """
    filed = list_filed([one.id for one in closed])
    return Absent(
        visitors=sum(visitors for visitors, _method in filed) + count_by_booking(hall_id, open_days, until=until),
        in_sum_months=sum(method == ABSENCES_IN_SUM for _visitors, method in filed),
    )


def count_by_booking(hall_id: int, stretches: Sequence[tuple[date, date]], *, until: datetime) -> int:
    """Sum up, over the bookings of some days, the people of each less those of it who arrived, never below 0.

    A booking counts on the day of its slot, once the slot is over, in the states that hold places. Its arrivals count
    on any day and from any place of origin.
    """
    if not stretches:
        return 0
    missing = (
        select((Booking.visitors - func.coalesce(func.sum(Arrival.visitors), 0)).label("visitors"))
        .select_from(Slot)
        .join(Slot.programme)
        .join(Booking, Booking.slot_id == Slot.id)
        .outerjoin(DeskEvent, DeskEvent.booking_id == Booking.id)
        .outerjoin(Arrival, Arrival.event_id == DeskEvent.id)
        .where(
            Slot.hall_id == hall_id,
            or_(*(and_(Slot.day >= first, Slot.day < end) for first, end in stretches)),
            Slot.ends_at <= until,
            Booking.state.in_(HOLDING),
            Programme.mode == Mode.ON_SITE,
        )
        .group_by(Booking.id, Booking.visitors)
        .subquery()
    )
    absent = func.coalesce(func.sum(missing.c.visitors), 0)
    return int(db.session.scalar(select(absent).where(missing.c.visitors > 0)) or 0)


def list_filed(close_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Return the filed no-shows of some closes, each with its method; the other figures are not read."""
    if not close_ids:
        return []
    visitors = MonthClose.figures["totals", "absent_visitors"].as_integer()
    method = func.coalesce(MonthClose.figures["absence_method"].as_integer(), ABSENCES_IN_SUM)
    return [
        (int(each), int(way))
        for each, way in db.session.execute(select(visitors, method).where(MonthClose.id.in_(close_ids)))
    ]
