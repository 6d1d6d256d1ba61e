"""The content of the big screen as plain values: the page draws them, and `/screen.json` sends them.

The lobby is public. So figures of the months are the published ones (`reports/publishing.py`), numbers of the day are
full tens, and groups of fewer than five people are not shown: recording the screen does not allow anyone to compute an
exact number, or to narrow down a small published one.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.desk import queries as desk
from hallapp.devices import queries as devices
from hallapp.kinds.values import is_individual
from hallapp.origins.values import UNKNOWN, division_of
from hallapp.presence.inside import Crowd, get_inside
from hallapp.reports.figures.parts import DivisionFigure, share
from hallapp.reports.figures.service import Places
from hallapp.reports.publishing import Received, find_received
from hallapp.reports.rounding import BASE
from hallapp.schedule.models import Hall, Programme
from hallapp.screen import queries

GROUPS_MOST = 5
GREETED_MOST = 4
#: Numbers of the day are shown as full tens. It is twice the base: a published 0 or 5 stands for at most nine people,
#: so "fewer than 10" adds nothing to it.
STEP = 2 * BASE


def full_tens(people: int) -> int:
    """Round a number of the day down."""
    return people // STEP * STEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedGroup:
    """A group of today. `organisation` is empty unless the hall allows it on the screen.

    `people` are those who are booked, in full tens; `divisions` are those with five people or more, the most first.
    `is_in` is true if all booked people of a group of five or more have arrived.
    """

    starts_at: datetime
    ends_at: datetime
    programme: Programme
    people: int
    is_in: bool
    divisions: tuple[str, ...]
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """People of the day and people inside now, both in full tens; `limit` is None where the hall has none."""

    people: int
    inside: int
    limit: int | None
    crowd: Crowd
    estimated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The whole screen. `more` groups follow those that are shown; `greeted` are divisions, the latest first.

    `came_today` are the divisions with five or more arrivals. `received` is None while nothing is published.
    """

    hall: Hall
    today: Today
    received: Received | None
    groups: tuple[ExpectedGroup, ...]
    more: int
    greeted: tuple[str, ...]
    came_today: frozenset[str]

    @property
    def places(self) -> Places:
        """Return the origins of the published people, for the map."""
        people, whole = (self.received.divisions, self.received.visitors) if self.received else ({}, 0)
        return Places(
            origins=self.hall.origins,
            divisions=tuple(
                DivisionFigure(code=code, visitors=number, groups=0, share=share(number, whole))
                for code in self.hall.origins.divisions
                for number in (people.get(code, 0),)
            ),
        )


def get_board(hall: Hall) -> Board:
    """Return the screen of a hall, now."""
    day = hall.today()
    waiting = queries.list_groups(hall.id, day, after=clock.now())
    latest = queries.list_latest_divisions(hall.id, day, least=BASE)
    named = devices.get_words(hall.id).organisations
    shown = waiting[:GROUPS_MOST]
    arrived = desk.count_arrived([booking.id for booking in shown])
    return Board(
        hall=hall,
        today=_today(hall),
        received=find_received(hall),
        groups=tuple(_group(booking, arrived.get(booking.id, 0), named=named) for booking in shown),
        more=len(waiting) - len(shown),
        greeted=tuple(code for code in latest if code != UNKNOWN)[:GREETED_MOST],
        came_today=frozenset(latest),
    )


def _today(hall: Hall) -> Today:
    """Return the day in full tens; a hall over its limit is full here, as one that has just reached it."""
    inside = get_inside(hall)
    return Today(
        people=full_tens(inside.today),
        inside=full_tens(inside.people),
        limit=inside.limit,
        crowd=Crowd.FULL if inside.crowd is Crowd.OVER else inside.crowd,
        estimated=inside.estimated,
    )


def _group(booking: Booking, arrived: int, *, named: bool) -> ExpectedGroup:
    return ExpectedGroup(
        starts_at=booking.slot.starts_at,
        ends_at=booking.slot.ends_at,
        programme=booking.slot.programme,
        people=full_tens(booking.visitors),
        is_in=arrived >= booking.visitors >= BASE,
        divisions=tuple(_by_number(booking)),
        organisation=booking.organisation if named and not is_individual(booking.kind) else "",
    )


def _by_number(booking: Booking) -> Iterator[str]:
    people: Counter[str] = Counter()
    for origin in booking.origins:
        people[division_of(origin.division)] += origin.visitors
    for division, visitors in sorted(people.items(), key=lambda one: (-one[1], one[0])):
        if division != UNKNOWN and visitors >= BASE:
            yield division
