"""Reads that only the settings need."""

from datetime import date

from sqlalchemy import func, select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Permission, Role
from hallapp.booking.models import OPEN_STATES, Booking
from hallapp.core.database import db
from hallapp.schedule.models import Slot


def count_coming(hall_id: int, *, since: date) -> tuple[int, int]:
    """Return how many bookings of a day or later are open, and their people."""
    query = select(func.count(), func.coalesce(func.sum(Booking.visitors), 0)).join(Slot, Booking.slot_id == Slot.id)
    coming = (Booking.hall_id == hall_id, Slot.day >= since, Booking.state.in_(OPEN_STATES))
    bookings, people = db.session.execute(query.where(*coming)).one()
    return bookings, int(people)


def count_desk_staff(hall_id: int) -> int:
    """Return how many open accounts of this hall may admit groups."""
    roles = [role for role in Role if role.may(Permission.DESK_ADMIT)]
    query = select(func.count()).where(Staff.hall_id == hall_id, Staff.active, Staff.role.in_(roles))
    return db.session.scalar(query) or 0
