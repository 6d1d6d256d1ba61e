"""The suitability of a guide for a group, computed without the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from hallapp.booking.models import Booking
from hallapp.core import clock, formats
from hallapp.guides.models import Duty, Guide, Obstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit that a guide must attend; `first` and `last` are its ends on the hall's wall clock."""

    booking_id: int
    programme_id: int
    language: str | None
    starts_at: datetime
    ends_at: datetime
    first: datetime
    last: datetime

    @classmethod
    def of(cls, booking: Booking) -> Self:
        """Return the visit of a booking in its present state."""
        slot, zone = booking.slot, booking.hall.time_zone
        return cls(
            booking_id=booking.id,
            programme_id=slot.programme_id,
            language=booking.tour_language,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            first=clock.local(slot.starts_at, zone),
            last=clock.local(slot.ends_at, zone),
        )

    @property
    def day(self) -> date:
        """Return the hall's day on which it begins."""
        return self.first.date()

    @property
    def minutes(self) -> int:
        """Return its length in minutes."""
        return int((self.ends_at - self.starts_at) / timedelta(minutes=1))

    def overlaps(self, other: "Visit") -> bool:
        """Return whether no guide can attend both."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def monday_of(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def is_on_duty(duties: Iterable[Duty], first: datetime, last: datetime) -> bool:
    """Return whether a guide is on duty from one moment of the wall clock to another; adjoining times are one."""
    if last.date() != first.date():
        return False
    spans: list[tuple[time, time]] = []
    for duty in sorted((each for each in duties if each.holds_on(first.date())), key=lambda each: each.starts):
        if spans and duty.starts <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], duty.ends))
        else:
            spans.append((duty.starts, duty.ends))
    return any(starts <= first.time() and last.time() <= ends for starts, ends in spans)


def is_on_leave(guide: Guide, day: date) -> bool:
    """Return whether a guide is away on a day."""
    return any(leave.first <= day <= leave.last for leave in guide.leaves)


def find_obstacles(guide: Guide, visit: Visit, *, taken: Sequence[Visit]) -> tuple[Obstacle, ...]:
    """Return all obstacles, those that cannot be overridden first. `taken` are the guide's other visits."""
    busy = any(other.booking_id != visit.booking_id and visit.overlaps(other) for other in taken)
    found = {
        Obstacle.INACTIVE: not guide.active,
        Obstacle.ON_LEAVE: is_on_leave(guide, visit.day),
        Obstacle.OFF_DUTY: not is_on_duty(guide.duties, visit.first, visit.last),
        Obstacle.BUSY: busy,
        Obstacle.LANGUAGE: visit.language is not None and visit.language not in guide.language_codes,
        Obstacle.PROGRAMME: visit.programme_id not in guide.programme_ids,
    }
    return tuple(obstacle for obstacle, stands in found.items() if stands)


@dataclass(frozen=True, slots=True)
class Period:
    """A guide's week on some days; `hours` are the weekdays that have the same times, with these."""

    first: date
    last: date | None
    hours: tuple[tuple[tuple[int, ...], str], ...]


def list_periods(duties: Iterable[Duty], *, today: date) -> list[Period]:
    """Return the weeks of a guide from a day on, by their first days."""
    periods: dict[tuple[date, date | None], dict[int, list[str]]] = {}
    for duty in duties:
        if duty.valid_until is None or duty.valid_until >= today:
            times = periods.setdefault((duty.valid_from, duty.valid_until), {}).setdefault(duty.weekday, [])
            times.append(f"{formats.clock_time(duty.starts)}–{formats.clock_time(duty.ends)}")
    shown = []
    for (first, last), days in sorted(periods.items(), key=lambda item: (item[0][0], item[0][1] or date.max)):
        hours: dict[str, list[int]] = {}
        for weekday, times in sorted(days.items()):
            hours.setdefault(" ".join(sorted(times)), []).append(weekday)
        shown.append(Period(first, last, tuple((tuple(each), times) for times, each in hours.items())))
    return shown
