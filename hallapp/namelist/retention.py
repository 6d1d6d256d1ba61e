"""Erase lists of people: with the contact details of their booking, and soon where the visit does not take place.

Source: Personal Information Protection Law of the PRC, article 19 (the shortest time that the purpose needs).
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select

from hallapp.booking.models import Booking, BookingEvent, BookingState
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.namelist.models import GroupList, Person
from hallapp.schedule.models import Hall, Slot

#: The time for which the list of a cancelled visit is kept, in case the group books again.
KEPT_AFTER_THE_END = timedelta(days=30)
_ENDED = (BookingState.CANCELLED, BookingState.DECLINED, BookingState.LAPSED)


def erase(hall: Hall, *, before: date) -> None:
    """Erase the lists of a hall's visits from before a day, and of bookings that ended 30 days ago.

    Needs a transaction.
    """
    gone = select(Booking.id).where(Booking.hall_id == hall.id, or_(_past(hall.id, before), _ended()))
    for table in (Person, GroupList):
        db.session.execute(
            delete(table).where(table.hall_id == hall.id, table.booking_id.in_(gone)),
            execution_options={"synchronize_session": False},
        )
    db.session.expire_all()


def _past(hall_id: int, before: date) -> ColumnElement[bool]:
    return Booking.slot_id.in_(select(Slot.id).where(Slot.hall_id == hall_id, Slot.day < before))


def _ended() -> ColumnElement[bool]:
    """Return whether the state is final."""
    until = clock.now() - KEPT_AFTER_THE_END
    end = exists().where(
        BookingEvent.booking_id == Booking.id, BookingEvent.after == Booking.state, BookingEvent.at <= until
    )
    return and_(Booking.state.in_(_ENDED), or_(end, Booking.cancelled_at <= until))
