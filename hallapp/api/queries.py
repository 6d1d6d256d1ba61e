"""Lists of the API, in an order in which a row keeps its place."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, undefer

from hallapp.booking.models import Booking, BookingState
from hallapp.booking.queries import whole_bookings
from hallapp.core.database import db
from hallapp.schedule.models import Programme, Slot


def list_bookings(
    hall_id: int,
    *,
    after: int,
    limit: int,
    states: Collection[BookingState] = (),
    first: date | None = None,
    last: date | None = None,
    slot_id: int | None = None,
    party: int | None = None,
    series: int | None = None,
) -> Sequence[Booking]:
    """Return bookings in the order in which they were made, after the one with this id."""
    rows = whole_bookings().where(Booking.hall_id == hall_id, Booking.id > after)
    for column, value in ((Booking.slot_id, slot_id), (Booking.party, party), (Booking.series, series)):
        if value is not None:
            rows = rows.where(column == value)
    if states:
        rows = rows.where(Booking.state.in_(states))
    if first is not None:
        rows = rows.where(Slot.day >= first)
    if last is not None:
        rows = rows.where(Slot.day <= last)
    return db.session.scalars(rows.order_by(Booking.id).limit(limit)).all()


def list_slots(
    hall_id: int,
    *,
    first: date,
    last: date,
    programme: str | None,
    after: tuple[datetime, int] | None,
    limit: int,
) -> Sequence[Slot]:
    """Return the open slots of these days by time, after a start and an id, with their free places."""
    rows = (
        select(Slot)
        .join(Slot.programme)
        .join(Programme.hall)
        .options(
            contains_eager(Slot.programme).contains_eager(Programme.hall),
            undefer(Slot.inside_free),
            undefer(Slot.guides_free),
        )
        .where(Slot.hall_id == hall_id, Slot.day.between(first, last), Slot.open, Programme.active)
    )
    if programme is not None:
        rows = rows.where(Programme.slug == programme)
    if after is not None:
        starts_at, slot_id = after
        rows = rows.where(or_(Slot.starts_at > starts_at, (Slot.starts_at == starts_at) & (Slot.id > slot_id)))
    return db.session.scalars(rows.order_by(Slot.starts_at, Slot.id).limit(limit)).all()
