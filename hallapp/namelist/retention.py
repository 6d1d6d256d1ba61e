"""Erase lists of people: with the contact details of their booking, and soon where the visit does not take place.

Source: Personal Information Protection Law of the PRC, article 19 (the shortest time that the purpose needs).
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select

from hallapp.booking.models import Booking, BookingEvent, BookingState
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.namelist.models import GroupList, Person
from hallapp.schedule.models import Hall

#: The time for which the list of a cancelled visit is kept, in case the group books again.
KEPT_AFTER_THE_END = timedelta(days=30)
_ENDED = (BookingState.CANCELLED, BookingState.DECLINED, BookingState.LAPSED)


def erase(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Erase the lists of these bookings; where the clock asks (`before`), also those of bookings that ended long ago.

    Needs a transaction.
    """
    gone = Booking.id.in_(bookings) if before is None else or_(Booking.id.in_(bookings), _ended())
    ids = select(Booking.id).where(Booking.hall_id == hall.id, gone)
    for table in (Person, GroupList):
        db.session.execute(
            delete(table).where(table.hall_id == hall.id, table.booking_id.in_(ids)),
            execution_options={"synchronize_session": False},
        )
    db.session.expire_all()


def _ended() -> ColumnElement[bool]:
    """Return the condition for bookings that ended more than `KEPT_AFTER_THE_END` ago without a visit."""
    until = clock.now() - KEPT_AFTER_THE_END
    end = exists().where(
        BookingEvent.booking_id == Booking.id, BookingEvent.after == Booking.state, BookingEvent.at <= until
    )
    return and_(Booking.state.in_(_ENDED), or_(end, Booking.cancelled_at <= until))
