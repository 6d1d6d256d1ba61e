"""The day's groups for paper: expected people, origins, and arrivals so far."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased, selectinload

from hallapp.booking.models import Booking, Origin
from hallapp.core.database import db
from hallapp.desk import queries as desk
from hallapp.ledger.models import DeskEvent, EventKind

#: A walk-in as paper has it: the minute, and the people by division.
WalkInLine = tuple[datetime, frozenset[tuple[str, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A group on paper: `booked` and `arrived` are its people by division."""

    booking: Booking
    booked: Counter[str]
    arrived: Counter[str]

    @property
    def divisions(self) -> list[str]:
        """Return the divisions booked or arrived, in their order."""
        return sorted({*self.booked, *self.arrived})

    def to_come(self, division: str) -> int:
        """Return booked people of a division who have not arrived."""
        return max(0, self.booked[division] - self.arrived[division])

    @property
    def known_to_come(self) -> dict[str, int]:
        """Return the people still to come, by division; people of another division use places too."""
        left = max(0, self.booked.total() - self.arrived.total())
        known = {}
        for division in self.divisions:
            known[division] = min(left, self.to_come(division))
            left -= known[division]
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperDay:
    """A day's groups by time, and all people who arrived on it, walk-ins too."""

    lines: Sequence[PaperLine]
    arrived: int

    @property
    def expected(self) -> int:
        """Return people booked for the day."""
        return sum(line.booked.total() for line in self.lines)


def get_day(hall_id: int, day: date) -> PaperDay:
    """Return a day in its present state: four queries, however many groups there are."""
    found = desk.get_day(hall_id, day)
    bookings = [one.booking for one in found.bookings]
    ids = [booking.id for booking in bookings]
    booked = _booked(ids)
    arrived = desk.count_arrived_by_division(ids)
    return PaperDay(
        lines=[
            PaperLine(
                booking=booking,
                booked=booked.get(booking.id, Counter()),
                arrived=Counter(arrived.get(booking.id, {})),
            )
            for booking in bookings
        ],
        arrived=found.arrived,
    )


def find_events(hall_id: int, event_ids: Collection[str]) -> dict[str, DeskEvent]:
    """Return the events of a hall with these ids, by id."""
    if not event_ids:
        return {}
    rows = db.session.scalars(select(DeskEvent).where(DeskEvent.hall_id == hall_id, DeskEvent.event_id.in_(event_ids)))
    return {event.event_id: event for event in rows}


def list_walk_ins(hall_id: int, day: date) -> frozenset[WalkInLine]:
    """Return the walk-ins of a day that were admitted and not taken back."""
    undone = aliased(DeskEvent)
    rows = db.session.scalars(
        select(DeskEvent)
        .where(DeskEvent.hall_id == hall_id, DeskEvent.day == day, DeskEvent.walk_in_id.is_not(None))
        .where(DeskEvent.kind == EventKind.ADMIT, ~exists().where(undone.undoes_id == DeskEvent.id))
        .options(selectinload(DeskEvent.arrivals))
    )
    return frozenset(
        (
            event.occurred_at.replace(second=0, microsecond=0),
            frozenset((one.division, one.visitors) for one in event.arrivals),
        )
        for event in rows
    )


def _booked(booking_ids: Collection[int]) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for origin in db.session.scalars(select(Origin).where(Origin.booking_id.in_(booking_ids))):
        found.setdefault(origin.booking_id, Counter())[origin.division] = origin.visitors
    return found
