"""People inside now, compared with the hall's limit, and the flow by the quarter of an hour."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from hallapp.core import clock
from hallapp.ledger import queries as ledger
from hallapp.presence import queries
from hallapp.presence.models import WARN_AT_PERCENT
from hallapp.presence.queries import Move
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
    moves = queries.list_moves(records) if records else {}
    estimated = queries.estimate_inside(others, clock.now()) if others else {}
    inside = {hall.id: (max(0, estimated.get(hall.id, 0)), 0) for hall in others}
    for hall in records:
        inside[hall.id] = (0, 0)
        for state in _follow(moves.get(hall.id, ())):
            inside[hall.id] = (state.people, state.uncounted)
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
    moves = [one for one in queries.list_moves([hall]).get(hall.id, ()) if one.people]
    if not moves:
        return []
    arrived, departed = Counter[datetime](), Counter[datetime]()
    for one in moves:
        (arrived if one.people > 0 else departed)[_quarter_of(one.at)] += abs(one.people)
    at_end = {_quarter_of(state.at): state.people for state in _follow(moves)}
    quarters, inside, at = [], 0, min(at_end)
    while at <= max(at_end):
        inside = at_end.get(at, inside)
        quarters.append(Quarter(starts=at, arrived=arrived[at], departed=departed[at], inside=inside))
        at += QUARTER
    return quarters


class _State(NamedTuple):
    """People inside after a moment, and how many have left so far although they were not inside by the count."""

    at: datetime
    people: int
    uncounted: int


def _follow(moves: Collection[Move]) -> Iterator[_State]:
    """Yield the people inside after each arrival and departure of a day.

    Nobody leaves an empty hall, and of a group no more leave than came: who leaves beyond that was not counted on
    arrival, or the admission was taken back. They do not make up for people who are inside.
    """
    came = Counter[int | None]()
    for move in moves:
        came[move.booking_id] += max(0, move.people)
    inside, uncounted = 0, 0
    for move in sorted(moves, key=lambda one: (one.at, one.people < 0)):
        left = max(0, -move.people)
        counted = min(left, inside) if move.booking_id is None else min(left, inside, came[move.booking_id])
        came[move.booking_id] -= counted
        inside += max(0, move.people) - counted
        uncounted += left - counted
        yield _State(move.at, inside, uncounted)


def _quarter_of(instant: datetime) -> datetime:
    """Return the beginning of the quarter, in UTC: the hour that the end of summer time repeats is two hours.

    All time zones differ from UTC by whole quarters.
    """
    return instant.replace(minute=instant.minute // 15 * 15, second=0, microsecond=0)
