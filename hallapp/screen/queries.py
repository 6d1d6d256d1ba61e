"""Reads of the big screen: the groups of a day, and where its people came from, the latest first."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, selectinload

from hallapp.booking.models import AGREED, Booking
from hallapp.core.database import db
from hallapp.ledger.models import Arrival
from hallapp.origins.values import division_in_sql
from hallapp.schedule.models import Mode, Programme, Slot


def list_groups(hall_id: int, day: date, *, after: datetime) -> Sequence[Booking]:
    """Return a day's expected groups whose time has not passed, by time: with slot, programme and origins."""
    return db.session.scalars(
        select(Booking)
        .join(Booking.slot)
        .join(Slot.programme)
        .options(contains_eager(Booking.slot).contains_eager(Slot.programme), selectinload(Booking.origins))
        .where(
            Slot.hall_id == hall_id,
            Slot.day == day,
            Slot.ends_at > after,
            Programme.mode == Mode.ON_SITE,
            Booking.state.in_(AGREED),
        )
        .order_by(Slot.starts_at, Booking.id)
    ).all()


def list_latest_divisions(hall_id: int, day: date, *, least: int) -> list[str]:
    """Return the divisions with at least this many arrivals on a day, the latest first."""
    last = func.max(Arrival.event_id)
    division = division_in_sql(Arrival.division)
    rows = db.session.scalars(
        select(division)
        .where(Arrival.hall_id == hall_id, Arrival.day == day)
        .group_by(division)
        .having(func.sum(Arrival.visitors) >= least)
        .order_by(last.desc(), division)
    )
    return list(rows)
