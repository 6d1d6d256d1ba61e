"""A week for the page of assignments: groups, their guides, possible guides, and shortages."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.guides import queries
from hallapp.guides.eligibility import Visit
from hallapp.guides.models import TO_LEAD, Assignment, Guide, Obstacle
from hallapp.guides.roster import Roster
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True)
class Candidate:
    """A guide with the obstacles for one group, and the minutes of tours in that week."""

    guide: Guide
    obstacles: tuple[Obstacle, ...]
    minutes: int

    @property
    def can(self) -> bool:
        """Return whether there is no obstacle."""
        return not self.obstacles

    @property
    def may(self) -> bool:
        """Return whether all obstacles can be overridden by a manager."""
        return bool(self.obstacles) and all(each.is_soft for each in self.obstacles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group with its guides, those it lacks, who could lead it, and whose assignment was undone."""

    booking: Booking
    leaders: list[Guide]
    missing: int
    candidates: list[Candidate]
    dropped: list[Assignment]
    open: bool


@dataclass(frozen=True, slots=True)
class Shortage:
    """A moment at which more guides are booked than are on duty."""

    at: datetime
    booked: int
    on_duty: int


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One day of the week; `open` is false for a past day, whose shortages no longer matter."""

    day: date
    groups: list[Group]
    shortages: list[Shortage]
    open: bool

    @property
    def missing(self) -> int:
        """Return how many guides its groups still need."""
        return sum(group.missing for group in self.groups if group.open)


def lay_out(hall: Hall, first: date, last: date) -> list[DayPlan]:
    """Return the days of a week, at the same number of queries however many groups come."""
    roster = Roster(hall.id, first=first, last=last)
    dropped: dict[int, list[Assignment]] = defaultdict(list)
    for each in queries.list_assignments(hall.id, first=first, last=last, standing=False):
        dropped[each.booking_id].append(each)
    days: dict[date, list[Group]] = defaultdict(list)
    now = clock.now()
    for booking in queries.list_groups(hall.id, first=first, last=last):
        if booking.guides or roster.leaders(booking):
            days[booking.slot.day].append(_group(booking, roster, dropped.get(booking.id, []), now=now))
    today, week = hall.today(), [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        DayPlan(day, days[day], _shortages(days[day], roster) if day >= today else [], day >= today) for day in week
    ]


def _group(booking: Booking, roster: Roster, dropped: list[Assignment], *, now: datetime) -> Group:
    visit, missing = Visit.of(booking), roster.missing(booking)
    everybody = [
        Candidate(guide, roster.obstacles(guide, visit), roster.minutes(guide, visit.day)) for guide in roster.guides
    ]
    return Group(
        booking=booking,
        leaders=roster.leaders(booking),
        missing=missing,
        candidates=sorted(everybody, key=lambda one: (one.minutes, one.guide.name, one.guide.id)),
        dropped=dropped if missing else [],
        open=booking.state in TO_LEAD and booking.slot.ends_at > now,
    )


def _shortages(groups: Sequence[Group], roster: Roster) -> list[Shortage]:
    """Return the starts of visits at which fewer guides are on duty than are booked."""
    visits = [(Visit.of(group.booking), group.booking.guides) for group in groups]
    found = {}
    for visit, _guides in visits:
        booked = sum(guides for other, guides in visits if other.starts_at <= visit.starts_at < other.ends_at)
        on_duty = roster.count_on_duty(visit)
        if booked > on_duty:
            found[visit.starts_at] = Shortage(visit.starts_at, booked, on_duty)
    return list(found.values())
