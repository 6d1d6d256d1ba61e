"""Reads of the page of today that join several rooms; each is one query, whatever the hall holds."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, select

from hallapp.booking.models import HOLDING, Booking, BookingState
from hallapp.core.database import db
from hallapp.guides.models import TO_LEAD, Assignment, Guide
from hallapp.ledger.facets import ALL
from hallapp.ledger.models import Figure, MonthClose
from hallapp.periods import Span
from hallapp.schedule.models import Mode, Programme, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Bookings in one state: how many, the time of the oldest, and the first time at which an offer ends."""

    bookings: int
    oldest: datetime
    ends_at: datetime | None


def count_pending(hall_id: int) -> dict[BookingState, Pending]:
    """Return the requests and the offers of a hall that are open; a state without any is left out."""
    rows = db.session.execute(
        select(Booking.state, func.count(), func.min(Booking.created_at), func.min(Booking.offered_until))
        .where(Booking.hall_id == hall_id, Booking.state.in_((BookingState.REQUESTED, BookingState.OFFERED)))
        .group_by(Booking.state)
    )
    return {state: Pending(bookings=number, oldest=oldest, ends_at=ends) for state, number, oldest, ends in rows}


def count_without_guide(hall_id: int, *, first: date, last: date, after: datetime) -> dict[date, int]:
    """Return the number of groups on each day that lack a guide and whose visit ends after an instant.

    A hall that keeps no guides lacks none.
    """
    leaders = (
        select(func.count())
        .where(Assignment.booking_id == Booking.id, Assignment.dropped_at.is_(None))
        .correlate(Booking)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Slot.day, func.count().label("groups"))
        .select_from(Booking)
        .join(Booking.slot)
        .where(
            Booking.hall_id == hall_id,
            Booking.state.in_(TO_LEAD),
            Slot.hall_id == hall_id,
            Slot.day.between(first, last),
            Slot.ends_at > after,
            Booking.guides > leaders,
            exists().where(Guide.hall_id == hall_id, Guide.active),
        )
        .group_by(Slot.day)
        .order_by(Slot.day)
    )
    return {row.day: row.groups for row in rows}


def list_unclosed_months(hall_id: int, *, since: date, before: date) -> list[date]:
    """Return the months with visitors from one day up to another that are not closed, the earliest first."""
    closed = exists().where(
        MonthClose.hall_id == hall_id, MonthClose.month == Figure.first, MonthClose.reopened_at.is_(None)
    )
    return list(
        db.session.scalars(
            select(Figure.first)
            .where(
                Figure.hall_id == hall_id,
                Figure.span == Span.MONTH,
                Figure.facet == ALL,
                Figure.part == "",
                Figure.first >= since,
                Figure.first < before,
                Figure.visitors > 0,
                ~closed,
            )
            .order_by(Figure.first)
        )
    )


def count_booked(hall_id: int, day: date) -> tuple[int, int]:
    """Return the groups and the people who are expected in the hall on a day."""
    groups, people = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Booking.visitors), 0))
        .select_from(Booking)
        .join(Booking.slot)
        .join(Slot.programme)
        .where(
            Slot.hall_id == hall_id,
            Slot.day == day,
            Booking.state.in_(HOLDING),
            Programme.mode == Mode.ON_SITE,
        )
    ).one()
    return int(groups), int(people)
