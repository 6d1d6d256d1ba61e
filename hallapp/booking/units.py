"""The monthly list of visiting units for a superior office: a page, a workbook, and paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload

from hallapp.booking.lists import Column, Table, list_columns, of_questions, write_xlsx
from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db
from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale
from hallapp.kinds.values import individual_in_sql
from hallapp.schedule.models import Hall, Slot

#: The columns that every list has, by their headings; the contact is added where it was chosen.
_HEADINGS = (
    *(N_("Day"), N_("Time"), N_("Programme"), N_("Organisation"), N_("Kind of organisation")),
    *(N_("People booked"), N_("People arrived")),
)
_CONTACT = (N_("Contact"), N_("Phone"))
_STATES = (BookingState.CONFIRMED, BookingState.ARRIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitList:
    """The contents of a list: its days, both included; whether it has the contact; the questions that it shows.

    It has the units of some `kinds` of organisation, by their codes; of all where none is named.
    """

    first: date
    last: date
    contact: bool = False
    questions: frozenset[int] = field(default=frozenset())
    kinds: frozenset[str] = field(default=frozenset())


def list_bookings(hall: Hall, wanted: UnitList) -> Sequence[Booking]:
    """Return the bookings of organisations that are expected or came, by time; individuals are no units."""
    query = (
        select(Booking)
        .join(Booking.slot)
        .where(Booking.hall_id == hall.id, Slot.day >= wanted.first, Slot.day <= wanted.last)
        .where(Booking.state.in_(_STATES), ~individual_in_sql(Booking.kind))
        .options(contains_eager(Booking.slot).joinedload(Slot.programme), selectinload(Booking.origins))
        .order_by(Slot.starts_at, Booking.id)
    )
    if wanted.kinds:
        query = query.where(Booking.kind.in_(wanted.kinds))
    return db.session.scalars(query).all()


def make_table(
    hall: Hall, wanted: UnitList, bookings: Sequence[Booking], arrived: Mapping[int, int], language: str
) -> Table:
    """Return the list as texts for the page and for paper."""
    with force_locale(language):
        return Table.of(_columns(hall, wanted, language), bookings, arrived, hall=hall, language=language)


def make_workbook(
    hall: Hall, wanted: UnitList, bookings: Sequence[Booking], arrived: Mapping[int, int], language: str
) -> bytes:
    """Return the list as a workbook."""
    with force_locale(language):
        columns = _columns(hall, wanted, language)
    return write_xlsx(bookings, hall=hall, language=language, arrived=lambda _ids: arrived, columns=columns)


def _columns(hall: Hall, wanted: UnitList, language: str) -> list[Column]:
    chosen = of_questions(hall, language, only=wanted.questions)
    return [*list_columns((*_HEADINGS, *(_CONTACT if wanted.contact else ()))), *chosen]
