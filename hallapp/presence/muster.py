"""The muster list: the groups that are inside now, with their contact and guide, for an evacuation.

Where the hall records departures, a group is inside until all of its people have left. Elsewhere nobody knows who left:
a group counts as inside for the length of its programme after its last people came, and the groups that came earlier
are listed apart, because in an evacuation a group too many is better than one too few.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from hallapp.booking.models import Booking
from hallapp.categories.queries import list_families
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.guides.models import Guide
from hallapp.guides.roster import Roster
from hallapp.ledger import categories as ledger
from hallapp.ledger.models import Arrival, DeskEvent, WalkIn
from hallapp.presence import queries
from hallapp.presence.models import Departure
from hallapp.schedule.models import Hall, Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterLine:
    """A group inside: how many people, when the first ones came, and who leads it; a walk-in has no contact.

    `since` and `latest` are the times of its first and last admission, of those that were not taken back. `categories`
    are those of all its people who `arrived` today: of the people who left nobody knows the categories.
    """

    group: Booking | WalkIn
    booking: Booking | None
    programme: Programme
    people: int
    arrived: int
    categories: Mapping[int, int]
    since: datetime
    latest: datetime
    guides: Sequence[Guide]


@dataclass(frozen=True, slots=True, kw_only=True)
class Muster:
    """The groups inside, those that may have left, and the departures that name no group.

    `unnamed` people left without a group: as many of the people listed are outside already. `estimated` is true where
    the hall does not record departures.
    """

    made_at: datetime
    inside: Sequence[MusterLine]
    earlier: Sequence[MusterLine]
    unnamed: int
    estimated: bool

    @property
    def people(self) -> int:
        """Return the people of the groups inside."""
        return sum(line.people for line in self.inside)

    @property
    def arrived(self) -> int:
        """Return all people who arrived with the groups inside."""
        return sum(line.arrived for line in self.inside)

    @property
    def categories(self) -> Mapping[int, int]:
        """Return the people who arrived with the groups inside, by category."""
        total: Counter[int] = Counter()
        for line in self.inside:
            total.update(line.categories)
        return total


def get_muster(hall: Hall) -> Muster:
    """Return who is inside a hall now, in about six queries, however many groups there are."""
    now = clock.now()
    recorded = queries.get_setting(hall.id).counts_leaving
    left = _count_departed(hall) if recorded else Counter[int | None]()
    lines = _list_arrived(hall)
    if recorded:
        inside = [replace(line, people=line.people - left[line.booking.id]) if line.booking else line for line in lines]
        return Muster(
            made_at=now,
            inside=[line for line in inside if line.people > 0],
            earlier=(),
            unnamed=max(0, left[None]),
            estimated=False,
        )
    present = [line for line in lines if line.latest + timedelta(minutes=line.programme.minutes) > now]
    earlier = [line for line in lines if line not in present]
    return Muster(made_at=now, inside=present, earlier=earlier, unnamed=0, estimated=True)


def _order(line: MusterLine) -> tuple[datetime, int]:
    return line.since, line.group.id


def _count_departed(hall: Hall) -> Counter[int | None]:
    """Return the people who left today, by the number of their booking; None for those of no particular one."""
    rows = db.session.execute(
        select(Departure.booking_id, func.sum(Departure.visitors))
        .where(Departure.hall_id == hall.id, Departure.day == hall.today())
        .group_by(Departure.booking_id)
    )
    return Counter({booking_id: int(people) for booking_id, people in rows})


def _list_arrived(hall: Hall) -> list[MusterLine]:
    """Return the groups that arrived today with their people, less those taken back, in the order of arrival."""
    day, groups = hall.today(), dict[tuple[int | None, int | None], list[_Admission]]()
    for booking_id, walk_in_id, programme_id, occurred_at, people in db.session.execute(_admissions(hall.id, day)):
        admission = _Admission(programme_id, occurred_at, int(people))
        groups.setdefault((booking_id, walk_in_id), []).append(admission)
    booking_ids, walk_in_ids = [booking for booking, _ in groups], [walk_in for _, walk_in in groups]
    bookings = _by_id(
        select(Booking)
        .where(Booking.hall_id == hall.id, Booking.id.in_(filter(None, booking_ids)))
        .options(joinedload(Booking.slot))
    )
    walk_ins = _by_id(select(WalkIn).where(WalkIn.hall_id == hall.id, WalkIn.id.in_(filter(None, walk_in_ids))))
    programmes = _by_id(select(Programme).where(Programme.hall_id == hall.id))
    categories = ledger.count_arrived_on(hall.id, day) if list_families(hall.id) else {}
    roster = Roster(hall.id, first=day, last=day)
    lines = [
        MusterLine(
            group=bookings[booking_id] if booking_id else walk_ins[walk_in_id],
            booking=bookings.get(booking_id),
            programme=programmes[admitted[-1].programme_id],
            people=(people := sum(one.people for one in admitted)),
            arrived=people,
            categories=categories.get(booking_id or -(walk_in_id or 0), {}),
            since=admitted[0].occurred_at,
            latest=admitted[-1].occurred_at,
            guides=roster.leaders(bookings[booking_id]) if booking_id else (),
        )
        for (booking_id, walk_in_id), admitted in groups.items()
    ]
    return sorted(lines, key=_order)


class _Admission(NamedTuple):
    """An admission that stands, with its people and those of it who were counted later."""

    programme_id: int
    occurred_at: datetime
    people: int


def _admissions(hall_id: int, day: date) -> Select[*tuple[Any, ...]]:
    """Return the admissions of a day of which people remain, by their groups, the earliest first."""
    admission = aliased(DeskEvent)
    return (
        select(
            admission.booking_id,
            admission.walk_in_id,
            Arrival.programme_id,
            admission.occurred_at,
            func.sum(Arrival.visitors),
        )
        .join(DeskEvent, DeskEvent.id == Arrival.event_id)
        .join(admission, admission.id == func.coalesce(DeskEvent.undoes_id, DeskEvent.counts_id, DeskEvent.id))
        .where(Arrival.hall_id == hall_id, Arrival.day == day)
        .group_by(admission.id, admission.booking_id, admission.walk_in_id, admission.occurred_at, Arrival.programme_id)
        .having(func.sum(Arrival.visitors) > 0)
        .order_by(admission.occurred_at, admission.id)
    )


def _by_id(statement: Select[Any]) -> dict[int | None, Any]:
    return {row.id: row for row in db.session.scalars(statement)}
