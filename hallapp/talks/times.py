"""The free times of hosts, computed from their hours and the talks that are booked; it asks no database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hallapp.core import clock
from hallapp.talks.models import TalkHost


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules by which times are offered, at one moment."""

    now: datetime
    zone: str
    minutes: int
    notice_hours: int
    days_ahead: int

    @property
    def earliest(self) -> datetime:
        """Return the first moment at which a talk may begin."""
        return self.now + timedelta(hours=self.notice_hours)

    @property
    def days(self) -> Sequence[date]:
        """Return the days on which talks are offered."""
        today = clock.local_day(self.now, self.zone)
        return [today + timedelta(days=number) for number in range(self.days_ahead + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A time at which a host is free."""

    starts_at: datetime
    ends_at: datetime
    day: date
    host: int


#: The talks of each host: their beginnings and ends.
Busy = Mapping[int, Sequence[tuple[datetime, datetime]]]


def list_openings(hosts: Iterable[TalkHost], busy: Busy, rules: Rules, *, days: Sequence[date]) -> list[Opening]:
    """Return the free times of these hosts on these days, by time; at one time the host with the fewest talks first.

    Talks begin at whole multiples of their length after the beginning of a period.
    """
    found = [one for host in hosts for day in days for one in _openings_of(host, day, busy.get(host.number, ()), rules)]
    on_day = {(number, day): _count(taken, day, rules) for number, taken in busy.items() for day in days}
    return sorted(found, key=lambda one: (one.starts_at, on_day.get((one.host, one.day), 0), one.host))


def _openings_of(
    host: TalkHost, day: date, taken: Sequence[tuple[datetime, datetime]], rules: Rules
) -> Iterator[Opening]:
    if any(off.day == day for off in host.days_off):
        return
    for hours in host.hours:
        if hours.weekday != day.weekday():
            continue
        for starts_at, ends_at in _divided(day, hours.starts, hours.ends, rules):
            is_taken = any(begin < ends_at and starts_at < end for begin, end in taken)
            if starts_at >= rules.earliest and not is_taken:
                yield Opening(starts_at=starts_at, ends_at=ends_at, day=day, host=host.number)


def _divided(day: date, starts: time, ends: time, rules: Rules) -> Iterator[tuple[datetime, datetime]]:
    """Yield the talks that fit into a period of a day."""
    begin, end = clock.at(day, starts, rules.zone), clock.at(day, ends, rules.zone)
    length = timedelta(minutes=rules.minutes)
    while begin + length <= end:
        yield begin, begin + length
        begin += length


def _count(taken: Sequence[tuple[datetime, datetime]], day: date, rules: Rules) -> int:
    return sum(clock.local_day(begin, rules.zone) == day for begin, _end in taken)
