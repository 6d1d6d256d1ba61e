"""The only place that asks for the time.

Instants are aware and in UTC; a visit's day is the hall's local day.
"""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MIDNIGHT = time.min


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name. Raises ZoneInfoNotFoundError for an unknown one."""
    return ZoneInfo(name)


def local(instant: datetime, zone_name: str) -> datetime:
    """Return the instant on the wall clock of a zone."""
    return instant.astimezone(zone(zone_name))


def local_day(instant: datetime, zone_name: str) -> date:
    """Return the calendar day of an instant in a zone: at 00:30 in Guangzhou it is already the new day."""
    return local(instant, zone_name).date()


def today(zone_name: str) -> date:
    """Return the calendar day that it is now in a zone."""
    return local_day(now(), zone_name)


def at(day: date, wall_time: time, zone_name: str) -> datetime:
    """Return the instant, in UTC, at which a zone's wall clock shows this day and time."""
    return datetime.combine(day, wall_time, zone(zone_name)).astimezone(UTC)


def month_range(year: int, month: int) -> tuple[date, date]:
    """First day of a month and first day of the next one: a half-open range of days."""
    first = date(year, month, 1)
    return first, (first + timedelta(days=31)).replace(day=1)


def months_before(day: date, months: int) -> date:
    """Return the same day of the month `months` months earlier, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
