"""The real application, in which storing a booking and erasing details fail with everything personal in the error."""

import logging

from sqlalchemy import text

from hallapp.booking import bigrams
from hallapp.booking.models import Booking
from hallapp.core.database import db
from hallapp.schedule.models import Hall
from hallapp.worker import bodies
from hallapp.worker.bodies import Report
from wsgi import app

__all__ = ["app"]


_INSERT = text("INSERT INTO booking (contact_name, phone, email, note) VALUES (:contact, :phone, :email, :note)")


def _fail(booking: Booking) -> None:
    contact, phone, email, note = booking.contact_name, booking.phone, booking.email, booking.note
    logging.getLogger("a.library").error("cannot index %s of %s", contact, phone)
    try:
        values = {"contact": contact, "phone": phone, "email": email, "note": note}
        db.session.execute(_INSERT, values)
    except Exception as error:
        raise ValueError(f"{contact} {phone} {email} {note} {booking.key}") from error


def _fail_at_night(hall: Hall) -> Report:
    booking = db.session.query(Booking).filter_by(hall_id=hall.id).one()
    _fail(booking)
    return Report()


bigrams.index = _fail
bodies.BODIES["absences"] = _fail_at_night
