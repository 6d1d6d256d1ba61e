"""People inside now, compared with the hall's limit, and the flow by the quarter of an hour."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hallapp.core import clock
from hallapp.presence import queries
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall

QUARTER = timedelta(minutes=15)


class Crowd(StrEnum):
    """The level of people inside, compared with the limit."""

    FREE = "free"
    NEAR = "near"
    FULL = "full"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """People inside now; `limit` is None where the hall has none, `today` are all arrivals of the day.

    `estimated` where the hall does not record departures: people then count as inside for the length of their
    programme.
    """

    people: int
    today: int
    limit: int | None
    warn_at_percent: int
    estimated: bool

    @property
    def crowd(self) -> Crowd:
        """Return the level, compared with the limit."""
        if self.limit is None:
            return Crowd.FREE
        if self.people >= self.limit:
            return Crowd.OVER if self.people > self.limit else Crowd.FULL
        return Crowd.NEAR if self.people * 100 >= self.limit * self.warn_at_percent else Crowd.FREE


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """A quarter of an hour: the arrivals and departures in it, and their difference since the morning at its end."""

    starts: datetime
    arrived: int
    departed: int
    inside: int


def get_inside(hall: Hall) -> Inside:
    """Return how many people are inside now: the number starts at zero each day, and is never negative."""
    day, setting = hall.today(), queries.get_setting(hall.id)
    arrived = queries.count_arrived(hall.id, day)
    if setting.counts_leaving:
        people = arrived - queries.count_departed(hall.id, day)
    else:
        people = queries.estimate_inside(hall.id, day, clock.now())
    return Inside(
        people=max(0, people),
        today=arrived,
        limit=find_limit(hall),
        warn_at_percent=setting.warn_at_percent,
        estimated=not setting.counts_leaving,
    )


def find_limit(hall: Hall) -> int | None:
    """Return how many people may be inside at once today, or None for no limit."""
    special = schedule.find_calendar_day(hall.id, hall.today())
    own = special.inside_capacity if special else None
    return hall.inside_capacity if own is None else own


def get_flow(hall: Hall) -> list[Quarter]:
    """Return today by the quarter of an hour, from the first with arrivals or departures to the last, without gaps."""
    day = hall.today()
    arrived = _by_quarter(queries.list_arrivals(hall.id, day), hall.time_zone)
    departed = _by_quarter(queries.list_departures(hall.id, day), hall.time_zone)
    moved = [at for counter in (arrived, departed) for at, people in counter.items() if people]
    if not moved:
        return []
    quarters, inside, at = [], 0, min(moved)
    while at <= max(moved):
        inside += arrived[at] - departed[at]
        quarters.append(Quarter(starts=at, arrived=arrived[at], departed=departed[at], inside=max(0, inside)))
        at += QUARTER
    return quarters


def _by_quarter(moves: Iterable[tuple[datetime, int]], zone: str) -> Counter[datetime]:
    counted: Counter[datetime] = Counter()
    for instant, people in moves:
        local = clock.local(instant, zone)
        starts = local - timedelta(minutes=local.minute % 15, seconds=local.second, microseconds=local.microsecond)
        counted[clock.at(starts.date(), starts.time(), zone)] += people
    return counted
