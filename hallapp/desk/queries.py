"""Reads of the desk: one booking with all that a card shows, events, and the day's list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, load_only, selectinload

from hallapp.booking.arrivals import counts_arrived
from hallapp.booking.models import AGREED, Booking, BookingState
from hallapp.core.database import db
from hallapp.core.prepared import Prepared
from hallapp.desk.models import DeskConflict
from hallapp.ledger import queries as ledger
from hallapp.ledger.models import Arrival, DeskEvent, EventKind
from hallapp.passes.models import Pass
from hallapp.schedule.models import Mode, Programme, Slot

LAST_EVENTS = 5


def get_event(hall_id: int, event_id: str) -> DeskEvent:
    """Return an event of this hall by the id that its device gave it. Raises NoResultFound."""
    return db.session.scalars(
        select(DeskEvent).where(DeskEvent.hall_id == hall_id, DeskEvent.event_id == event_id)
    ).one()


def find_latest_event(hall_id: int) -> int:
    """Return the number of the newest event of a hall; 0 before the first."""
    return db.session.scalar(select(func.max(DeskEvent.id)).where(DeskEvent.hall_id == hall_id)) or 0


def list_open_conflicts(hall_id: int) -> list[tuple[DeskEvent, list[DeskConflict]]]:
    """Return the open conflicts of a hall, by admission, oldest first."""
    return _by_event(select(DeskConflict).where(DeskConflict.hall_id == hall_id))


def count_open_conflicts(hall_id: int) -> int:
    """Return how many admissions of a hall wait for a manager to settle them."""
    return count_conflicts_of_halls([hall_id]).get(hall_id, 0)


def count_conflicts_of_halls(hall_ids: Collection[int]) -> dict[int, int]:
    """Return how many admissions wait for a manager to settle them, by hall; a hall without any is left out."""
    return dict(_CONFLICTS.rows({"halls": hall_ids}))


_CONFLICTS = Prepared(
    select(DeskConflict.hall_id, func.count(DeskConflict.event_id.distinct()))
    .where(DeskConflict.hall_id.in_(bindparam("halls", expanding=True)), DeskConflict.decision.is_(None))
    .group_by(DeskConflict.hall_id)
)


def list_admissions_of(booking_ids: Collection[int]) -> list[DeskEvent]:
    """Return the admissions of these bookings, with who did them, oldest first: the other truth of a conflict."""
    return list(
        db.session.scalars(
            select(DeskEvent)
            .where(DeskEvent.booking_id.in_(booking_ids), DeskEvent.kind == EventKind.ADMIT)
            .options(joinedload(DeskEvent.staff, innerjoin=True), selectinload(DeskEvent.arrivals))
            .order_by(DeskEvent.occurred_at, DeskEvent.id)
        )
    )


def _by_event(query: Select[Any]) -> list[tuple[DeskEvent, list[DeskConflict]]]:
    found = db.session.scalars(
        query.join(DeskConflict.event)
        .where(DeskConflict.decision.is_(None))
        .options(contains_eager(DeskConflict.event).joinedload(DeskEvent.staff, innerjoin=True))
        .order_by(DeskConflict.event_id, DeskConflict.division)
    )
    return [(event, list(conflicts)) for event, conflicts in groupby(found, key=lambda one: one.event)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """An event as the desk lists it.

    `visitors` is signed; `taken_back` says that another event undid this one; `open` are people of an offline
    admission whom a manager has to settle.
    """

    event: DeskEvent
    visitors: int
    taken_back: bool
    open: int = 0


def list_last_events(hall_id: int, *, limit: int = LAST_EVENTS) -> list[EventLine]:
    """Return the newest events of a hall, newest first, with their group, their staff and their people."""
    undo = aliased(DeskEvent)
    people = select(func.sum(Arrival.visitors)).where(Arrival.event_id == DeskEvent.id).scalar_subquery()
    waiting = (
        select(func.sum(DeskConflict.visitors - DeskConflict.counted))
        .where(DeskConflict.event_id == DeskEvent.id, DeskConflict.decision.is_(None))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(DeskEvent, people, exists().where(undo.undoes_id == DeskEvent.id), waiting)
        .where(DeskEvent.hall_id == hall_id)
        .options(
            joinedload(DeskEvent.booking),
            joinedload(DeskEvent.walk_in),
            joinedload(DeskEvent.staff, innerjoin=True),
        )
        .order_by(DeskEvent.id.desc())
        .limit(limit)
    )
    return [
        EventLine(event=event, visitors=int(visitors or 0), taken_back=undone, open=int(unsettled or 0))
        for event, visitors, undone, unsettled in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A booking in a day's list, with its people so far; `other_days` of them arrived on another day."""

    booking: Booking
    arrived: int
    other_days: int = 0

    @property
    def booked(self) -> int:
        """Return the people whom the hall expects; none where the booking is not agreed."""
        expected = self.booking.state in AGREED and not self.booking.slot.programme.is_online
        return self.booking.visitors if expected else 0

    @property
    def arrived_of_booked(self) -> int:
        """Return arrived people who were expected; with those to come they are the booked people."""
        return min(self.booked, self.arrived)

    @property
    def extra(self) -> int:
        """Return arrived people beyond those who were expected."""
        return self.arrived - self.arrived_of_booked

    @property
    def to_come(self) -> int:
        """Return booked people who have not arrived; none where the hall does not expect the group."""
        return self.booked - self.arrived_of_booked


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day at the desk: its bookings by time, and all who arrived, walk-ins and other days' bookings included.

    `expected` is always `arrived_of_booked` and `to_come` together: who came beyond a booking is counted apart.
    `arrived_of_booked` and `besides` together are `arrived` and `other_days`.
    """

    bookings: Sequence[Expected]
    arrived: int
    arrived_otherwise: int

    @property
    def expected(self) -> int:
        """Return people booked for the day."""
        return sum(one.booked for one in self.bookings)

    @property
    def arrived_of_booked(self) -> int:
        """Return arrived people who were expected."""
        return sum(one.arrived_of_booked for one in self.bookings)

    @property
    def besides(self) -> int:
        """Return arrived people who were not expected today: beyond a booking, walk-ins, and other days' bookings."""
        return sum(one.extra for one in self.bookings) + self.arrived_otherwise

    @property
    def other_days(self) -> int:
        """Return people with a booking for the day who arrived on another one, as a manager may let them."""
        return sum(one.other_days for one in self.bookings)

    @property
    def to_come(self) -> int:
        """Return booked people who have not arrived."""
        return sum(one.to_come for one in self.bookings)


def get_day(hall_id: int, day: date) -> Day:
    """Return the day's bookings with the arrivals of each: two queries, however many they are.

    A booking that is not agreed, or is online, is in the list only if people of it were admitted nevertheless.
    """
    arrived = func.coalesce(func.sum(Arrival.visitors), 0)
    of_booking = select(arrived).join(DeskEvent).where(DeskEvent.booking_id == Booking.id).correlate(Booking)
    total = of_booking.scalar_subquery()
    on_the_day = of_booking.where(Arrival.day == day).scalar_subquery()
    rows = db.session.execute(
        select(Booking, total, on_the_day)
        .join(Booking.slot)
        .join(Slot.programme)
        .options(contains_eager(Booking.slot).contains_eager(Slot.programme))
        .where(Slot.hall_id == hall_id, Slot.day == day, _listed(total))
        .order_by(Slot.starts_at, Booking.id)
    ).all()
    everybody = ledger.count_visitors(hall_id, day)
    return Day(
        bookings=[
            Expected(booking=booking, arrived=int(people), other_days=int(people) - int(today))
            for booking, people, today in rows
        ],
        arrived=everybody,
        arrived_otherwise=everybody - sum(int(people) for _, _, people in rows),
    )


def _listed(arrived: ColumnElement[int]) -> ColumnElement[bool]:
    return or_(and_(Booking.state.in_(AGREED), Programme.mode == Mode.ON_SITE), arrived > 0)


@counts_arrived
def count_arrived(booking_ids: Collection[int]) -> dict[int, int]:
    """Return the arrived people of each of these bookings, by the ledger, in one query; others have none."""
    if not booking_ids:
        return {}
    rows = db.session.execute(
        select(DeskEvent.booking_id, func.sum(Arrival.visitors))
        .join(Arrival.event)
        .where(DeskEvent.booking_id.in_(booking_ids))
        .group_by(DeskEvent.booking_id)
    )
    return {booking_id: int(people) for booking_id, people in rows if booking_id is not None}


def list_bookings_of(hall_id: int, days: Collection[date]) -> list[Booking]:
    """Return the expected and the cancelled bookings of these days, by time, with all numbers.

    They have the columns that a device is sent, and no others.
    """
    return list(
        db.session.scalars(
            select(Booking)
            .join(Booking.slot)
            .join(Slot.programme)
            .options(
                load_only(*_FOR_DEVICES, raiseload=True),
                selectinload(Booking.slot).joinedload(Slot.programme, innerjoin=True),
                selectinload(Booking.origins),
            )
            .where(
                Slot.hall_id == hall_id,
                Slot.day.in_(days),
                Programme.mode == Mode.ON_SITE,
                Booking.state.in_([*AGREED, BookingState.CANCELLED]),
            )
            .order_by(Slot.starts_at, Booking.id)
        )
    )


_FOR_DEVICES = (
    *(Booking.hall_id, Booking.slot_id, Booking.party, Booking.state, Booking.kind, Booking.organisation),
    *(Booking.contact_name, Booking.phone, Booking.note, Booking.access, Booking.reference, Booking.resources),
    *(Booking.guides, Booking.tour_language),
)


def count_arrived_by_division(booking_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Return people of each of these bookings who have arrived, by division, in one query."""
    found: dict[int, dict[str, int]] = {}
    for booking_id, division, people in _ARRIVED.rows({"bookings": booking_ids}):
        if people:
            found.setdefault(booking_id, {})[division] = int(people)
    return found


_OF_BOOKINGS: BindParameter[Any] = bindparam("bookings", expanding=True)
_ARRIVED = Prepared(
    select(DeskEvent.booking_id, Arrival.division, func.sum(Arrival.visitors))
    .join(Arrival.event)
    .where(DeskEvent.booking_id.in_(_OF_BOOKINGS))
    .group_by(DeskEvent.booking_id, Arrival.division)
)


class IssuedPass(NamedTuple):
    """A pass as a device needs it; `revoked_at` is None for the one in force."""

    version: int
    token: str
    revoked_at: datetime | None


def list_passes(booking_ids: Collection[int]) -> dict[int, list[IssuedPass]]:
    """Return all passes of these bookings, replaced ones too, by booking, oldest first."""
    found: dict[int, list[IssuedPass]] = {}
    for booking_id, *values in _PASSES.rows({"bookings": booking_ids}):
        found.setdefault(booking_id, []).append(IssuedPass(*values))
    return found


_PASSES = Prepared(
    select(Pass.booking_id, Pass.version, Pass.token, Pass.revoked_at)
    .where(Pass.booking_id.in_(_OF_BOOKINGS))
    .order_by(Pass.version)
)
