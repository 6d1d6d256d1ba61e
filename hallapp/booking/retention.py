"""Erase personal data when the promise on the booking page says so; what is counted stays.

Source: Personal Information Protection Law of the PRC, article 19 (the shortest time that the purpose needs).
"""

from datetime import date, time

from sqlalchemy import case, select, update

from hallapp.booking.models import Booking, OrganisationKind
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.notifications import service as notifications
from hallapp.schedule.models import Hall, Slot


def kept_from(hall: Hall) -> date:
    """The first day whose visits keep their details; those before it lie more than `retention_months` back."""
    return clock.months_before(hall.today(), hall.retention_months)


def erase(hall: Hall) -> int:
    """Erase who came from the bookings whose visit lies `retention_months` back, and the messages of that time.

    Contact, phone, e-mail and note go, and the name of individuals, who stand under their own. Organisation, kind,
    origins and head counts stay. Gives the number of bookings that were erased now; needs a transaction.
    """
    before = kept_from(hall)
    notifications.erase(hall_id=hall.id, before=clock.at(before, time.min, hall.time_zone))
    return _erase_bookings(hall.id, before)


def _erase_bookings(hall_id: int, before: date) -> int:
    past = select(Slot.id).where(Slot.hall_id == hall_id, Slot.day < before)
    erased = db.session.execute(
        update(Booking)
        .where(Booking.hall_id == hall_id, Booking.slot_id.in_(past), Booking.phone != "")
        .values(
            contact_name="",
            phone="",
            phone_tail="",
            email=None,
            note="",
            organisation=case((Booking.kind == OrganisationKind.INDIVIDUAL, ""), else_=Booking.organisation),
        )
        .returning(Booking.id),
        execution_options={"synchronize_session": False},
    )
    return len(erased.all())
