"""The policy of a hall for one programme, and the times at which it takes bookings."""

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
    """The way in which bookings are confirmed."""

    AT_ONCE = "at_once"
    REVIEW = "review"


class NameList(StrEnum):
    """The rule on submitting the names of a group's people."""

    NONE = "none"
    OPTIONAL = "optional"


class AccessNeed(StrEnum):
    """A need of visitors that a hall asks for with a booking, because it can prepare for it."""

    WHEELCHAIRS = "wheelchairs"
    SIGN_LANGUAGE = "sign_language"
    SLOW_PACE = "slow_pace"
    HEARING_LOOP = "hearing_loop"
    LARGE_PRINT = "large_print"


#: The needs that a hall asks for until it chooses others. Not every hall has a hearing loop.
ACCESS_DEFAULT = "wheelchairs,sign_language,slow_pace,large_print"


class DoorRule(StrEnum):
    """The desk's action for a group that is earlier or later than the hall allows."""

    WARN = "warn"  # say so, and admit with one more touch
    MANAGER = "manager"  # a manager admits it, with a reason


class ProofOfWork(StrEnum):
    """The times at which a browser must compute a proof before a booking is taken."""

    OFF = "off"
    BUSY = "busy"  # once half of the brake's limit has been reached
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The admission window: `early_minutes` before the time to `late_minutes` after the start; None is no limit."""

    early_minutes: int | None
    late_minutes: int | None
    rule: DoorRule

    def is_too_early(self, minutes: int) -> bool:
        """Return whether this many minutes after the start (negative: before it) are too early."""
        return self.early_minutes is not None and -minutes > self.early_minutes

    def is_too_late(self, minutes: int) -> bool:
        """Return whether this many minutes after the start are too late."""
        return self.late_minutes is not None and minutes > self.late_minutes

    @property
    def early_news(self) -> int:
        """Return from how many minutes before its time an early group is mentioned: as early as the hall admits it."""
        return _EARLY_NEWS if self.early_minutes is None else self.early_minutes

    @property
    def late_news(self) -> int:
        """Return from how many minutes after its start a late group is mentioned, even if the hall admits it longer."""
        return _LATE_NEWS if self.late_minutes is None else min(self.late_minutes, _LATE_NEWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The numbers above which the desk asks first: beyond a booking by a share and a number, or for a walk-in.

    `walk_in` None is the largest group of the programme.
    """

    over_percent: int
    over_people: int
    walk_in: int | None

    def is_unusual(self, people: int, *, booked: int) -> bool:
        """Return whether this total of people of a booking needs confirmation."""
        beyond = people - booked
        return beyond > self.over_people and beyond * 100 > booked * self.over_percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A programme's policy: its own rules, else its hall's.

    A group has `group_min` to `group_max` people. It books at least `notice_hours` and at most `days_ahead` ahead; a
    new furthest day is released each day at `release_time` on the hall's clock. The organiser may change and cancel
    until `change_hours` before the start. A waiting group has `offer_hours` to accept an offer.
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

    def window(self, time_zone: str, now: datetime | None = None) -> "Window":
        """Return the time for which bookings are taken at an instant; None is now."""
        now = now or clock.now()
        here = clock.local(now, time_zone)
        held_back = 0 if here.time() >= self.release_time else 1
        return Window(
            first=here.date(),
            last=here.date() + timedelta(days=self.days_ahead - held_back),
            after=now + timedelta(hours=self.notice_hours),
        )

    def change_until(self, starts_at: datetime) -> datetime:
        """Return the last instant at which the organiser of a visit may change or cancel it."""
        return starts_at - timedelta(hours=self.change_hours)


#: The rules that a programme may set for itself: columns with these names in both tables.
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
        """Return the last place that is let in: none before the opening, and the first one at the opening."""
        seconds = math.floor((now - opening).total_seconds())
        return 0 if seconds < 0 else seconds * self.per_minute // _MINUTE + 1

    def _openings(self, now: datetime) -> Iterator[datetime]:
        today = clock.local_day(now, self.time_zone)
        return (clock.at(today + timedelta(days=days), self.opens, self.time_zone) for days in (-1, 0, 1))
