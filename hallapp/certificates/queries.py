"""Reads of certificates."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from hallapp.booking.arrivals import count_arrived
from hallapp.booking.models import Booking
from hallapp.booking.queries import list_parts
from hallapp.certificates.models import Certificate, CertificateProgramme, CertificateSetting, Scope
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.ledger.models import Arrival, DeskEvent
from hallapp.schedule.models import Programme, Slot


def find_setting(hall_id: int) -> CertificateSetting | None:
    """Return what a hall says about its certificates, or None where it never said anything."""
    return db.session.get(CertificateSetting, hall_id)


def list_programme_ids(hall_id: int) -> frozenset[int]:
    """Return the programmes that a hall has chosen for certificates."""
    chosen = select(CertificateProgramme.programme_id).where(CertificateProgramme.hall_id == hall_id)
    return frozenset(db.session.scalars(chosen))


def is_offered(booking: Booking) -> bool:
    """Return whether the hall issues certificates for the programme of a booking."""
    setting = find_setting(booking.hall_id)
    if setting is None or setting.scope is Scope.NONE:
        return False
    return setting.scope is Scope.ALL or booking.slot.programme_id in list_programme_ids(booking.hall_id)


def count_people(booking: Booking) -> int:
    """Return the people of a booking, with all parts of its large group, who arrived and were not taken back."""
    return sum(count_arrived([part.id for part in list_parts(booking)]).values())


def list_days(booking: Booking) -> Sequence[date]:
    """Return the days on which people of a booking, with all parts of its large group, arrived, as reports count them.

    They can differ from the booked day: a group may be admitted on another day, and a part may come later.
    """
    parts = [part.id for part in list_parts(booking)]
    return db.session.scalars(
        select(DeskEvent.day)
        .join(Arrival.event)
        .where(DeskEvent.hall_id == booking.hall_id, DeskEvent.booking_id.in_(parts))
        .group_by(DeskEvent.day)
        .having(func.sum(Arrival.visitors) > 0)
        .order_by(DeskEvent.day)
    ).all()


def list_stated_days(certificate: Certificate) -> list[date]:
    """Return the day of a certificate, and the later days on which further people of its large group arrived."""
    return [certificate.day, *(day for day in list_days(certificate.booking) if day > certificate.day)]


def may_have(booking: Booking) -> bool:
    """Return whether a group may have its certificate now: it came, all its visits are over, and the hall issues it."""
    if not is_offered(booking):
        return False
    over = max(part.slot.ends_at for part in list_parts(booking)) <= clock.now()
    return over and count_people(booking) > 0


def find_of_booking(booking: Booking) -> Certificate | None:
    """Return the certificate of a booking that no newer one has replaced, or None."""
    first = list_parts(booking)[0]
    mine = (Certificate.hall_id == booking.hall_id, Certificate.booking_id == first.id)
    return db.session.scalar(select(Certificate).where(*mine, Certificate.replaced_at.is_(None)))


def list_of_booking(booking: Booking) -> Sequence[Certificate]:
    """Return the certificates of a booking, also those that were replaced, the first issued first."""
    mine = (Certificate.hall_id == booking.hall_id, Certificate.booking_id == booking.id)
    return db.session.scalars(select(Certificate).where(*mine).order_by(Certificate.issued_at)).all()


def find_by_code(code: str) -> Certificate | None:
    """Return the certificate with a code, of any hall, with its booking, programme and hall; or None."""
    return db.session.scalar(
        select(Certificate)
        .join(Certificate.booking)
        .join(Booking.slot)
        .join(Slot.programme)
        .join(Programme.hall)
        .options(
            contains_eager(Certificate.booking)
            .contains_eager(Booking.slot)
            .contains_eager(Slot.programme)
            .contains_eager(Programme.hall)
        )
        .where(Certificate.code == code)
    )


def is_valid(certificate: Certificate) -> bool:
    """Return whether a certificate is true: it is the newest, and the arrivals it states have not been taken back."""
    return certificate.replaced_at is None and count_people(certificate.booking) >= certificate.people


def is_current(certificate: Certificate) -> bool:
    """Return whether a certificate states what a new one of the booking would state."""
    booking = certificate.booking
    if certificate.organisation != booking.organisation or certificate.people != count_people(booking):
        return False
    return certificate.day in list_days(booking)[:1]
