"""What the big screen shows, as plain values: the page draws them, and `/screen.json` gives them to programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.desk import queries as desk
from hallapp.devices import queries as devices
from hallapp.divisions import UNKNOWN
from hallapp.presence.inside import Inside, get_inside
from hallapp.reports.figures import Places, get_places
from hallapp.reports.periods import SINCE_OPENING
from hallapp.schedule.models import Hall, Programme
from hallapp.screen import queries

GROUPS_MOST = 5
GREETED_MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedGroup:
    """A group of today. `organisation` is empty unless the hall lets the screen say it; `divisions` the most first."""

    starts_at: datetime
    ends_at: datetime
    programme: Programme
    people: int
    arrived: int
    divisions: tuple[str, ...]
    organisation: str

    @property
    def is_in(self) -> bool:
        """Whether all who are booked have arrived."""
        return self.arrived >= self.people


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The whole screen. `more` groups follow those that are shown; `greeted` are divisions, the latest first."""

    hall: Hall
    inside: Inside
    places: Places
    groups: tuple[ExpectedGroup, ...]
    more: int
    greeted: tuple[str, ...]
    today: frozenset[str]

    @property
    def since_opening(self) -> int:
        """People since the hall opened."""
        return self.places.visitors

    @property
    def divisions(self) -> int:
        """How many of the 34 divisions people came from since then."""
        return sum(1 for figure in self.places.divisions if figure.division.tile and figure.visitors > 0)


def get_board(hall: Hall) -> Board:
    """The screen of a hall, now."""
    day = hall.today()
    waiting = queries.list_groups(hall.id, day, after=clock.now())
    latest = queries.list_latest_divisions(hall.id, day)
    named = devices.get_words(hall.id).organisations
    shown = waiting[:GROUPS_MOST]
    arrived = desk.count_arrived([booking.id for booking in shown])
    return Board(
        hall=hall,
        inside=get_inside(hall),
        places=get_places(hall.id, SINCE_OPENING),
        groups=tuple(_group(booking, arrived.get(booking.id, 0), named=named) for booking in shown),
        more=len(waiting) - len(shown),
        greeted=tuple(code for code in latest if code != UNKNOWN)[:GREETED_MOST],
        today=frozenset(latest),
    )


def _group(booking: Booking, arrived: int, *, named: bool) -> ExpectedGroup:
    return ExpectedGroup(
        starts_at=booking.slot.starts_at,
        ends_at=booking.slot.ends_at,
        programme=booking.slot.programme,
        people=booking.visitors,
        arrived=arrived,
        divisions=tuple(_by_number(booking)),
        organisation=booking.organisation if named else "",
    )


def _by_number(booking: Booking) -> Iterator[str]:
    for origin in sorted(booking.origins, key=lambda one: (-one.visitors, one.division)):
        if origin.division != UNKNOWN:
            yield origin.division
