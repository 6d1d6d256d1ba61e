"""Reads of lists."""

from collections.abc import Sequence

from sqlalchemy import func, select

from hallapp.core.database import db
from hallapp.namelist.models import GroupList, ListColumns, Person


def find_list(booking_id: int) -> GroupList | None:
    """Return the list that a booking's organiser has handed in, or None."""
    return db.session.get(GroupList, booking_id)


def list_people(booking_id: int) -> Sequence[Person]:
    """Return the people of a booking's list, in its order."""
    return db.session.scalars(select(Person).where(Person.booking_id == booking_id).order_by(Person.position)).all()


def count_people(booking_id: int) -> int:
    """Return how many people are on a booking's list."""
    query = select(func.count()).select_from(Person).where(Person.booking_id == booking_id)
    return db.session.scalar(query) or 0


def get_columns(hall_id: int) -> ListColumns:
    """Return the columns that a hall collects; an empty row, not stored, where it collects none."""
    return db.session.get(ListColumns, hall_id) or ListColumns(hall_id=hall_id, columns=[])
