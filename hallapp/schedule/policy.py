"""What a hall's policy says for one programme, and the times for which it takes bookings."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from hallapp.core import clock

_EARLY_NEWS = 30  # minutes, where the hall has no rule
_LATE_NEWS = 10
_LINE_GATHERS = timedelta(minutes=30)
_MINUTE = 60


class Confirmation(StrEnum):
    """Who says yes to a booking."""

    AT_ONCE = "at_once"
    REVIEW = "review"


class NameList(StrEnum):
    """Whether a group may hand in the names of its people."""

    NONE = "none"
    OPTIONAL = "optional"


class DoorRule(StrEnum):
    """What the desk does with a group that comes earlier or later than the hall lets in."""

    WARN = "warn"  # say so, and admit with one more touch
    MANAGER = "manager"  # a manager admits it, with a reason


class ProofOfWork(StrEnum):
    """When a browser must do some computing before a booking is taken."""

    OFF = "off"
    BUSY = "busy"  # once half of the bookings have come in after which the brake goes on
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """When a group is let in: `early_minutes` before its time to `late_minutes` after its start, None is no limit."""

    early_minutes: int | None
    late_minutes: int | None
    rule: DoorRule

    def is_too_early(self, minutes: int) -> bool:
        """Whether so many minutes after the start (negative: before it) are too early."""
        return self.early_minutes is not None and -minutes > self.early_minutes

    def is_too_late(self, minutes: int) -> bool:
        """Whether so many minutes after the start are too late."""
        return self.late_minutes is not None and minutes > self.late_minutes

    @property
    def early_news(self) -> int:
        """From more minutes before its time on a group is worth a word: as early as the hall lets in."""
        return _EARLY_NEWS if self.early_minutes is None else self.early_minutes

    @property
    def late_news(self) -> int:
        """From more minutes after its start on a group is worth a word, though the hall may let it in for longer."""
        return _LATE_NEWS if self.late_minutes is None else min(self.late_minutes, _LATE_NEWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """From how many people on the desk asks first: beyond a booking by more than a share and a number, or walking in.

    `walk_in` None is the largest group of the programme.
    """

    over_percent: int
    over_people: int
    walk_in: int | None

    def is_unusual(self, people: int, *, booked: int) -> bool:
        """Whether so many people of a booking in all are to be asked about."""
        beyond = people - booked
        return beyond > self.over_people and beyond * 100 > booked * self.over_percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A programme's policy: what it sets for itself, else what its hall sets.

    A group has `group_min` to `group_max` people. It books at least `notice_hours` and at most `days_ahead` ahead; a
    new furthest day is released each day at `release_time` on the hall's clock. The organiser may change and cancel
    until `change_hours` before the start. A waiting group has `offer_hours` to take an offer.
    """

    group_min: int
    group_max: int
    notice_hours: int
    days_ahead: int
    release_time: time
    change_hours: int
    offer_hours: int
    confirmation: Confirmation
    name_list: NameList

    def window(self, time_zone: str) -> "Window":
        """The time for which bookings are taken now."""
        now = clock.now()
        here = clock.local(now, time_zone)
        held_back = 0 if here.time() >= self.release_time else 1
        return Window(
            first=here.date(),
            last=here.date() + timedelta(days=self.days_ahead - held_back),
            after=now + timedelta(hours=self.notice_hours),
        )

    def change_until(self, starts_at: datetime) -> datetime:
        """The last instant at which the organiser of a visit may change or cancel it."""
        return starts_at - timedelta(hours=self.change_hours)


#: What a programme may set for itself: the columns of these names on both tables.
OVERRIDABLE = tuple(field.name for field in fields(Policy))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days `first` to `last`, both included, and the instant from which on a slot is not too near."""

    first: date
    last: date
    after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRule:
    """The line before the booking page: it opens at `opens` on the hall's clock and lets in `per_minute` a minute.

    It gathers from half an hour before; places are let in by the clock alone, in their order.
    """

    hall_id: int
    opens: time
    per_minute: int
    time_zone: str

    def find_opening(self, now: datetime) -> datetime | None:
        """Return the last opening of which the line had begun to gather by now, within a day."""
        begun = [opening for opening in self._openings(now) if opening - _LINE_GATHERS <= now]
        return max(begun, default=None)

    def due(self, place: int, opening: datetime) -> datetime:
        """Return when a place is let in; the first one at the opening itself."""
        return opening + timedelta(seconds=-(-(place - 1) * _MINUTE // self.per_minute))

    def count_let_in(self, opening: datetime, now: datetime) -> int:
        """Return up to which place the line is let in: nobody before the opening, and the first one at it."""
        seconds = math.floor((now - opening).total_seconds())
        return 0 if seconds < 0 else seconds * self.per_minute // _MINUTE + 1

    def _openings(self, now: datetime) -> Iterator[datetime]:
        today = clock.local_day(now, self.time_zone)
        return (clock.at(today + timedelta(days=days), self.opens, self.time_zone) for days in (-1, 0, 1))
