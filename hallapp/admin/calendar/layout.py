"""A month of the hall as a grid of weeks, with the days that wait for a decision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hallapp.admin.calendar import queries
from hallapp.core.i18n import region
from hallapp.periods import Period
from hallapp.schedule import queries as schedule
from hallapp.schedule.checks import PLAN_DAYS_MOST
from hallapp.schedule.holidays import NO_HOLIDAYS, is_announced
from hallapp.schedule.models import Hall
from hallapp.schedule.month import Fullness, MonthDay
from hallapp.schedule.planning import plan_days

_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarMonth:
    """A month; a week is seven days, None where one lies in another month. `unsettled` days wait for a decision.

    `holidays` is None if the year's holidays are in the calendar, True if they can be imported, False if they are not
    known yet.
    """

    period: Period
    weeks: Sequence[Sequence[MonthDay | None]]
    days: Sequence[MonthDay]
    waiting: dict[date, int]
    unsettled: Sequence[date]
    previous: Period | None
    following: Period | None
    holidays: bool | None

    @property
    def open_days(self) -> int:
        """Days on which something is, or was, offered."""
        return sum(day.state is not Fullness.CLOSED for day in self.days)

    @property
    def places(self) -> int:
        """Places of all open slots."""
        return sum(day.places for day in self.days)

    @property
    def booked(self) -> int:
        """Return people who have booked."""
        return sum(day.booked for day in self.days)


def lay_out(hall: Hall, period: Period) -> CalendarMonth:
    """Return a month of a hall."""
    first, last = period.first, period.end - timedelta(days=1)
    days = schedule.list_month(hall, first, last)
    before = (first.weekday() - region().first_weekday) % _WEEK
    after = -(before + len(days)) % _WEEK
    cells = [*[None] * before, *days, *[None] * after]
    return CalendarMonth(
        period=period,
        weeks=[cells[start : start + _WEEK] for start in range(0, len(cells), _WEEK)],
        days=days,
        waiting=queries.count_waiting(hall.id, first=first, last=last),
        unsettled=list_unsettled(hall, first=first, last=last),
        previous=_shown(hall, period.previous),
        following=_shown(hall, period.following),
        holidays=_holidays(hall, first.year),
    )


def list_unsettled(hall: Hall, *, first: date, last: date) -> Sequence[date]:
    """Return the days from today on with bookings that the rules would close or leave without room."""
    first = max(first, hall.today())
    if first > last:
        return ()
    plan = plan_days(hall, first=first, last=last, add_until=first - timedelta(days=1))
    return sorted({change.slot.day for change in plan.hits})


def is_shown(hall: Hall, day: date) -> bool:
    """Return whether the calendar reaches a day: from the year of the hall's opening as far as one can plan."""
    return hall.opened_on.year <= day.year and day <= furthest(hall)


def furthest(hall: Hall) -> date:
    """Return the last day that the calendar reaches: the end of the last month that can be planned."""
    planned = hall.today() + timedelta(days=PLAN_DAYS_MOST)
    return Period.month(planned.year, planned.month).end - timedelta(days=1)


def _shown(hall: Hall, neighbour: Callable[[], Period]) -> Period | None:
    try:
        period = neighbour()
    except (ValueError, OverflowError):
        return None
    return period if is_shown(hall, period.first) else None


def _holidays(hall: Hall, year: int) -> bool | None:
    if hall.holiday_calendar == NO_HOLIDAYS or str(year) in hall.holiday_years.split(",") or year < hall.today().year:
        return None
    return is_announced(hall.holiday_calendar, year)
