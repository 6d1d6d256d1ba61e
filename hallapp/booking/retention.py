"""Erase personal data: of visits for which the promised period has passed, or of a person who asks for it; counts stay.

Sources: Personal Information Protection Law of the PRC, articles 19 (the shortest time that the purpose needs) and 47
(erasure on request); General Data Protection Regulation of the EU, articles 5 (1) (e) and 17.
"""

from collections.abc import Collection, Sequence
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, delete, or_, select, update

from hallapp.booking import bigrams, blocks
from hallapp.booking.access import NOTHING
from hallapp.booking.bigrams import Forgotten
from hallapp.booking.models import Appeal, Booking, BookingCode, BookingEvent, Pause
from hallapp.booking.pseudonyms import pseudonym_of
from hallapp.booking.signals import details_erased
from hallapp.core import clock, embedded
from hallapp.core.database import db
from hallapp.kinds.values import individual_in_sql, is_individual
from hallapp.notifications import service as notifications
from hallapp.questions import service as questions
from hallapp.schedule.models import Hall, Slot

#: The personal columns of a booking, with their values after the erasure. The name of an organisation is none.
_BLANK: dict[str, Any] = {
    "contact_name": "",
    "phone": "",
    "phone_tail": "",
    "email": None,
    "network": None,
    "note": "",
    "access": NOTHING,
    "reply": "",
    "guide_note": "",
}
_BULK = {"synchronize_session": False}


def kept_from(hall: Hall) -> date:
    """Return the first day whose visits keep their details; those before it lie more than `retention_months` back."""
    return clock.months_before(hall.today(), hall.retention_months)


def erase(hall: Hall) -> int:
    """Erase the personal data of bookings whose visit is `retention_months` back, and the messages of that time.

    Pauses and blocks that have ended lose what identified the group. Returns the number of bookings erased now; needs a
    transaction.
    """
    before = kept_from(hall)
    notifications.erase_before(hall.id, clock.at(before, time.min, hall.time_zone))
    _erase_pauses(hall, Pause.until < hall.today(), Pause.until < before)
    blocks.erase(hall, before)
    return _erase(hall, select(Booking.id).join(Booking.slot).where(Slot.hall_id == hall.id, Slot.day < before), before)


def erase_bookings(hall: Hall, bookings: Sequence[Booking]) -> int:
    """Erase the personal data of these bookings of a hall now, because a person asks for it; needs a transaction.

    A pause or a block that is in force remains, with digests in place of the phone and of an individual's name. The
    nightly task then removes the copies that an embedded database has between its rows. Returns the number of bookings
    erased.
    """
    embedded.note_traces()
    ids = [booking.id for booking in bookings]
    recipients = {address for booking in bookings for address in (booking.email, booking.phone) if address}
    _pseudonymise_pauses(hall, ids)
    blocks.erase_phones(hall, {booking.phone for booking in bookings if booking.phone})
    return _erase(hall, select(Booking.id).where(Booking.hall_id == hall.id, Booking.id.in_(ids)), None, recipients)


def _erase(hall: Hall, ids: Select[int], before: date | None, recipients: Collection[str] = ()) -> int:
    """Erase everything that is personal about these bookings, in this room and in all others.

    Erased are contact, phone, e-mail, notes, access needs, answers with their files, messages, and the digest of the
    client network; the hall's reply, and the reasons for a move or for exceeding a limit; the name of individuals; and
    their entries in the search index. Organisation, kind, origins and head counts stay.
    """
    mine = (Booking.hall_id == hall.id, Booking.id.in_(ids))
    present = list(db.session.scalars(select(Booking).where(*mine, _is_present())))
    bigrams.forget_contacts(_forgotten(booking) for booking in present)
    questions.erase(hall.id, ids)
    notifications.erase_of(hall.id, ids, recipients=recipients)
    codes = delete(BookingCode).where(BookingCode.hall_id == hall.id, BookingCode.booking_id.in_(ids))
    db.session.execute(codes, execution_options=_BULK)
    _erase_reasons(hall, ids)
    details_erased.send(hall, bookings=ids, before=before)
    individual = individual_in_sql(Booking.kind)
    db.session.execute(
        update(Appeal)
        .where(Appeal.hall_id == hall.id, Appeal.booking_id.in_(ids), or_(Appeal.words != "", Appeal.answer != ""))
        .values(words="", answer=""),
        execution_options=_BULK,
    )
    db.session.execute(
        update(Booking)
        .where(*mine, _is_present())
        .values(
            **_BLANK,
            pinyin="",
            over_limit=case((Booking.over_limit.is_not(None), "")),
            organisation=case((individual, ""), else_=Booking.organisation),
            organisation_key=case((individual, ""), else_=Booking.organisation_key),
        ),
        execution_options=_BULK,
    )
    db.session.expire_all()
    return len(present)


def _is_present() -> ColumnElement[bool]:
    """Return the condition for bookings that have anything to erase."""
    filled = (getattr(Booking, name).is_distinct_from(value) for name, value in _BLANK.items())
    named = individual_in_sql(Booking.kind) & (Booking.organisation != "")
    return or_(*filled, Booking.over_limit != "", named)


def _forgotten(booking: Booking) -> Forgotten:
    return Forgotten(
        hall_id=booking.hall_id,
        booking_id=booking.id,
        organisation_before=booking.organisation,
        organisation_after="" if is_individual(booking.kind) else booking.organisation,
        contact_before=booking.contact_name,
    )


def _erase_reasons(hall: Hall, ids: Select[int]) -> None:
    """Erase what the staff wrote to the organiser about a move: free text may name a person."""
    told = cast(BookingEvent.detail, String).contains('"reason"')
    mine = (BookingEvent.hall_id == hall.id, BookingEvent.booking_id.in_(ids), told)
    for event in db.session.scalars(select(BookingEvent).where(*mine)):
        event.detail = {name: value for name, value in event.detail.items() if name != "reason"}
    db.session.flush()


def _erase_pauses(hall: Hall, *conditions: ColumnElement[bool]) -> None:
    """Erase what identified the group of a pause."""
    columns = (Pause.phone, Pause.organisation_key, Pause.lift_reason)
    db.session.execute(
        update(Pause)
        .where(Pause.hall_id == hall.id, *conditions, or_(*(column.is_not(None) for column in columns)))
        .values(phone=None, organisation_key=None, lift_reason=None),
        execution_options=_BULK,
    )


def _pseudonymise_pauses(hall: Hall, booking_ids: Sequence[int]) -> None:
    """Erase the pauses of these bookings that are over; one in force keeps digests, so that nobody evades it."""
    over = (Pause.until < hall.today()) | Pause.lifted_at.is_not(None)
    _erase_pauses(hall, Pause.booking_id.in_(booking_ids), over)
    for pause in db.session.scalars(select(Pause).where(Pause.hall_id == hall.id, Pause.booking_id.in_(booking_ids))):
        pause.phone = pause.phone and pseudonym_of(pause.phone)
        if pause.organisation_key and is_individual(pause.booking.kind):
            pause.organisation_key = pseudonym_of(pause.organisation_key)
    db.session.flush()
