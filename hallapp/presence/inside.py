"""People inside now, compared with the hall's limit, and the flow by the quarter of an hour."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hallapp.core import clock
from hallapp.ledger import queries as ledger
from hallapp.presence import queries
from hallapp.presence.models import WARN_AT_PERCENT
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
    return list_inside([hall])[hall.id]


def list_inside(halls: Sequence[Hall]) -> dict[int, Inside]:
    """Return how many people are inside each of these halls, by its number; a few queries, however many there are."""
    settings = queries.list_settings([hall.id for hall in halls])
    recording = {number for number, setting in settings.items() if setting.counts_leaving}
    records = [hall for hall in halls if hall.id in recording]
    others = [hall for hall in halls if hall.id not in recording]
    arrived, limits = ledger.count_visitors_today(halls), queries.list_limits(halls)
    departed = queries.count_departed(records) if records else {}
    estimated = queries.estimate_inside(others, clock.now()) if others else {}
    inside = {hall.id: arrived.get(hall.id, 0) - departed.get(hall.id, 0) for hall in records}
    inside |= {hall.id: estimated.get(hall.id, 0) for hall in others}
    return {
        hall.id: Inside(
            people=max(0, inside[hall.id]),
            today=arrived.get(hall.id, 0),
            limit=limits.get(hall.id, hall.inside_capacity),
            warn_at_percent=settings[hall.id].warn_at_percent if hall.id in settings else WARN_AT_PERCENT,
            estimated=hall.id not in recording,
        )
        for hall in halls
    }


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
