"""Find what a hall stores about a person, by phone, mail address or name; people then decide what belongs to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from hallapp.booking import blocks, search
from hallapp.booking.models import Booking, Pause
from hallapp.booking.pseudonyms import pseudonym
from hallapp.booking.queries import whole_bookings
from hallapp.booking.terms import Terms
from hallapp.core.database import db
from hallapp.delegations.models import Delegation
from hallapp.kinds.values import individual_in_sql
from hallapp.ledger.models import DeskEvent, WalkIn
from hallapp.namelist.models import Person
from hallapp.notifications import queries as outbox
from hallapp.personal.export import Found
from hallapp.schedule.models import Hall, Slot
from hallapp.talks.models import Talk

#: The entries of each kind that are shown; a person with more is found by a further search, when these are erased.
MOST = 200
#: The last digits by which a phone on a list of names, or of a driver, is recognised.
_TAIL = 7
#: What a phone on a list of names may have between its digits (`namelist/names.py`).
_BETWEEN_DIGITS = " ()-"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTerms:
    """A description of a person: any of a phone in E.164, a mail address and a name."""

    phone: str = ""
    email: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.phone or self.email or self.name)


def find(hall: Hall, terms: PersonTerms) -> Found:
    """Return every entry that fits one of the terms, the latest visit first."""
    bookings = _bookings(Booking.id.in_(_booking_ids(hall, terms)), hall)
    addresses = [address for address in (terms.phone, terms.email) if address]
    ids = [booking.id for booking in bookings]
    return Found(
        bookings=bookings,
        people=_people(hall, terms),
        walk_ins=_walk_ins(hall, terms),
        talks=_talks(hall, terms),
        blocks=blocks.find_of_person(hall.id, phone=terms.phone, name=terms.name, limit=MOST),
        messages=outbox.list_to(hall.id, addresses, limit=MOST, except_bookings=ids),
    )


def choose(
    hall: Hall,
    *,
    bookings: list[str],
    people: list[int],
    walk_ins: list[int],
    talks: list[int],
    entries: list[int],
    messages: list[int],
) -> Found:
    """Return chosen entries of a hall: bookings by reference, others by id or number; what is unknown here is left out.

    `entries` are numbers of the block list. No more are taken than a search shows, because a statement has a limited
    number of parameters.
    """
    of_person, of_walk_in = Person.id.in_(people[:MOST]), WalkIn.id.in_(walk_ins[:MOST])
    return Found(
        bookings=_bookings(Booking.reference.in_(bookings[:MOST]), hall),
        people=db.session.scalars(select(Person).where(Person.hall_id == hall.id, of_person)).all(),
        walk_ins=db.session.scalars(select(WalkIn).where(*_individuals(hall), of_walk_in)).all(),
        talks=db.session.scalars(select(Talk).where(Talk.hall_id == hall.id, Talk.number.in_(talks[:MOST]))).all(),
        blocks=blocks.list_chosen(hall.id, entries[:MOST]),
        messages=outbox.list_chosen(hall.id, messages[:MOST]),
    )


def visits_of(found: Found) -> dict[int, Booking]:
    """Return the bookings on whose lists people were found, by id."""
    ids = {person.booking_id for person in found.people}
    return {one.id: one for one in db.session.scalars(whole_bookings().where(Booking.id.in_(ids)))}


def days_of(found: Found) -> dict[int, object]:
    """Return the days on which individuals without a booking came, by the id of the walk-in."""
    ids = [one.id for one in found.walk_ins]
    query = select(DeskEvent.walk_in_id, func.min(DeskEvent.day)).where(DeskEvent.walk_in_id.in_(ids))
    return {number: day for number, day in db.session.execute(query.group_by(DeskEvent.walk_in_id)) if number}


def _bookings(condition: ColumnElement[bool], hall: Hall) -> list[Booking]:
    query = whole_bookings().where(Slot.hall_id == hall.id, condition)
    return list(db.session.scalars(query.order_by(Slot.starts_at.desc(), Booking.id.desc()).limit(MOST)))


def _booking_ids(hall: Hall, terms: PersonTerms) -> list[int]:
    conditions = []
    if terms.phone:
        conditions.append(Booking.phone == terms.phone)
        # Of a booking whose data was erased, a pause that is in force keeps a digest.
        paused = select(Pause.booking_id).where(Pause.hall_id == hall.id, Pause.phone == pseudonym(terms.phone))
        driven = select(Delegation.booking_id).where(
            Delegation.hall_id == hall.id, _has_phone(Delegation.vehicles, terms.phone)
        )
        conditions += [Booking.id.in_(paused), Booking.id.in_(driven)]
    if terms.email:
        conditions.append(func.lower(Booking.email) == terms.email.lower())
    found = list(
        db.session.scalars(select(Booking.id).where(Booking.hall_id == hall.id, or_(*conditions)).limit(MOST))
        if conditions
        else ()
    )
    return found + (list(_named(hall, terms.name)) if terms.name else [])


def _named(hall: Hall, name: str) -> Iterator[int]:
    """Yield the bookings whose contact, individual or delegation has a name."""
    found = search.search(hall.id, Terms(contact=name), today=hall.today(), limit=MOST)
    yield from (one.id for one in found.bookings)
    individual = (Booking.hall_id == hall.id, individual_in_sql(Booking.kind))
    of_name = Booking.organisation.icontains(name, autoescape=True)
    yield from db.session.scalars(select(Booking.id).where(*individual, of_name).limit(MOST))
    named = (column.icontains(name, autoescape=True) for column in (Delegation.leader, Delegation.vehicles))
    yield from db.session.scalars(
        select(Delegation.booking_id).where(Delegation.hall_id == hall.id, or_(*named)).limit(MOST)
    )


def _people(hall: Hall, terms: PersonTerms) -> list[Person]:
    conditions = []
    if terms.name:
        conditions.append(Person.name.icontains(terms.name, autoescape=True))
    extra = cast(Person.extra, String)
    if terms.phone:
        conditions.append(_has_phone(Person.extra, terms.phone))
    if terms.email:
        conditions.append(extra.icontains(terms.email, autoescape=True))
    query = select(Person).where(Person.hall_id == hall.id, or_(*conditions))
    return list(db.session.scalars(query.order_by(Person.id.desc()).limit(MOST))) if conditions else []


def _has_phone(column: InstrumentedAttribute[Any], phone: str) -> ColumnElement[bool]:
    """Return the condition that a column has a phone, however it was typed."""
    digits: ColumnElement[str] = cast(column, String)
    for sign in _BETWEEN_DIGITS:
        digits = func.replace(digits, sign, "")
    return digits.contains(phone[-_TAIL:], autoescape=True)


def _walk_ins(hall: Hall, terms: PersonTerms) -> list[WalkIn]:
    if not terms.name:
        return []
    query = select(WalkIn).where(*_individuals(hall), WalkIn.organisation.icontains(terms.name, autoescape=True))
    return list(db.session.scalars(query.order_by(WalkIn.id.desc()).limit(MOST)))


def _talks(hall: Hall, terms: PersonTerms) -> list[Talk]:
    conditions = []
    if terms.phone:
        conditions.append(Talk.phone == terms.phone)
    if terms.email:
        conditions.append(func.lower(Talk.email) == terms.email.lower())
    if terms.name:
        conditions.append(Talk.guest.icontains(terms.name, autoescape=True))
    query = select(Talk).where(Talk.hall_id == hall.id, or_(*conditions))
    return list(db.session.scalars(query.order_by(Talk.starts_at.desc()).limit(MOST))) if conditions else []


def _individuals(hall: Hall) -> tuple[ColumnElement[bool], ...]:
    return WalkIn.hall_id == hall.id, individual_in_sql(WalkIn.kind), WalkIn.organisation != ""
