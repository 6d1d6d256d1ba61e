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

    `uncounted` people left today although fewer were counted as inside: some of them were not counted on arrival, or
    were counted twice when they left. `estimated` where the hall does not record departures: people then count as
    inside for the length of their programme.
    """

    people: int
    today: int
    limit: int | None
    warn_at_percent: int
    estimated: bool
    uncounted: int = 0

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
    """A quarter of an hour: the arrivals and departures in it, and the people inside at its end."""

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
    counted = queries.count_inside(records) if records else {}
    estimated = queries.estimate_inside(others, clock.now()) if others else {}
    inside = {hall.id: counted.get(hall.id, (0, 0)) for hall in records}
    inside |= {hall.id: (max(0, estimated.get(hall.id, 0)), 0) for hall in others}
    return {
        hall.id: Inside(
            people=inside[hall.id][0],
            today=arrived.get(hall.id, 0),
            limit=limits.get(hall.id, hall.inside_capacity),
            warn_at_percent=settings[hall.id].warn_at_percent if hall.id in settings else WARN_AT_PERCENT,
            estimated=hall.id not in recording,
            uncounted=inside[hall.id][1],
        )
        for hall in halls
    }


def get_flow(hall: Hall) -> list[Quarter]:
    """Return today by the quarter of an hour, from the first with arrivals or departures to the last, without gaps."""
    day = hall.today()
    arrivals, departures = queries.list_arrivals(hall.id, day), queries.list_departures(hall.id, day)
    arrived, departed = _by_quarter(arrivals), _by_quarter(departures)
    moved = [at for counter in (arrived, departed) for at, people in counter.items() if people]
    if not moved:
        return []
    at_end = _inside_at_end([*arrivals, *((at, -people) for at, people in departures)])
    quarters, inside, at = [], 0, min(moved)
    while at <= max(moved):
        inside = at_end.get(at, inside)
        quarters.append(Quarter(starts=at, arrived=arrived[at], departed=departed[at], inside=inside))
        at += QUARTER
    return quarters


def _inside_at_end(moves: Iterable[tuple[datetime, int]]) -> dict[datetime, int]:
    """Return the people inside at the end of each quarter with moves, never below zero, as `queries.count_inside`."""
    net: Counter[datetime] = Counter()
    for at, people in moves:
        net[at] += people
    found, inside = {}, 0
    for at, people in sorted(net.items()):
        found[_quarter_of(at)] = inside = max(0, inside + people)
    return found


def _by_quarter(moves: Iterable[tuple[datetime, int]]) -> Counter[datetime]:
    counted: Counter[datetime] = Counter()
    for at, people in moves:
        counted[_quarter_of(at)] += people
    return counted


def _quarter_of(instant: datetime) -> datetime:
    """Return the beginning of the quarter, in UTC: the hour that the end of summer time repeats is two hours.

    All time zones differ from UTC by whole quarters.
    """
    return instant.replace(minute=instant.minute // 15 * 15, second=0, microsecond=0)
