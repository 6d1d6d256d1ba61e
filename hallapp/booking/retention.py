"""Erase personal data when the period promised on the booking page has passed; the counts remain.

Source: Personal Information Protection Law of the PRC, article 19 (the shortest time that the purpose needs).
"""

from datetime import date, time

from sqlalchemy import case, delete, or_, select, update

from hallapp.booking import bigrams, blocks
from hallapp.booking.access import NOTHING
from hallapp.booking.bigrams import Forgotten
from hallapp.booking.models import Appeal, Booking, BookingCode, OrganisationKind, Pause
from hallapp.booking.signals import details_erased
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.notifications import service as notifications
from hallapp.questions import service as questions
from hallapp.schedule.models import Hall, Slot


def kept_from(hall: Hall) -> date:
    """Return the first day whose visits keep their details; those before it lie more than `retention_months` back."""
    return clock.months_before(hall.today(), hall.retention_months)


def erase(hall: Hall) -> int:
    """Erase the personal data of bookings whose visit is `retention_months` back, and the messages of that time.

    Erased are contact, phone, e-mail, notes, access needs, answers with their files, and the digest of the client
    network; the hall's reply and its reason for exceeding a limit; the name of individuals; their entries in the
    search index; and the texts of appeals. Pauses and blocks that have ended lose what identified the group.
    Organisation, kind, origins and head counts stay. Returns the number of bookings erased now; needs a transaction.
    """
    before = kept_from(hall)
    notifications.erase(hall_id=hall.id, before=clock.at(before, time.min, hall.time_zone))
    _erase_pauses(hall)
    blocks.erase(hall, before)
    details_erased.send(hall, before=before)
    return _erase_bookings(hall.id, before)


def _erase_bookings(hall_id: int, before: date) -> int:
    past = select(Slot.id).where(Slot.hall_id == hall_id, Slot.day < before)
    individual = Booking.kind == OrganisationKind.INDIVIDUAL
    old = select(Booking).where(Booking.hall_id == hall_id, Booking.slot_id.in_(past), Booking.phone != "")
    bigrams.forget_contacts(_forgotten(booking) for booking in db.session.scalars(old))
    aged = select(Booking.id).where(Booking.hall_id == hall_id, Booking.slot_id.in_(past))
    questions.erase(hall_id, aged)
    db.session.execute(
        delete(BookingCode).where(BookingCode.hall_id == hall_id, BookingCode.booking_id.in_(aged)),
        execution_options={"synchronize_session": False},
    )
    db.session.execute(
        update(Appeal)
        .where(Appeal.hall_id == hall_id, Appeal.booking_id.in_(aged), or_(Appeal.words != "", Appeal.answer != ""))
        .values(words="", answer=""),
        execution_options={"synchronize_session": False},
    )
    erased = db.session.execute(
        update(Booking)
        .where(Booking.hall_id == hall_id, Booking.slot_id.in_(past), Booking.phone != "")
        .values(
            contact_name="",
            phone="",
            phone_tail="",
            email=None,
            network=None,
            note="",
            access=NOTHING,
            reply="",
            guide_note="",
            over_limit=case((Booking.over_limit.is_not(None), "")),
            organisation=case((individual, ""), else_=Booking.organisation),
            organisation_key=case((individual, ""), else_=Booking.organisation_key),
        )
        .returning(Booking.id),
        execution_options={"synchronize_session": False},
    )
    db.session.expire_all()
    return len(erased.all())


def _forgotten(booking: Booking) -> Forgotten:
    return Forgotten(
        hall_id=booking.hall_id,
        booking_id=booking.id,
        organisation_before=booking.organisation,
        organisation_after="" if booking.kind is OrganisationKind.INDIVIDUAL else booking.organisation,
        contact_before=booking.contact_name,
    )


def _erase_pauses(hall: Hall) -> None:
    db.session.execute(
        update(Pause)
        .where(Pause.hall_id == hall.id, Pause.until < hall.today(), Pause.until < kept_from(hall))
        .where(or_(*(column.is_not(None) for column in (Pause.phone, Pause.organisation_key, Pause.lift_reason))))
        .values(phone=None, organisation_key=None, lift_reason=None),
        execution_options={"synchronize_session": False},
    )
