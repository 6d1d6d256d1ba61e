"""The manager's overview: the checklist up to the first bookable day, and the hall's rules in numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hallapp.admin.setup import queries
from hallapp.admin.setup.weeks import Weeks, sort_weeks
from hallapp.core import clock
from hallapp.schedule import queries as schedule
from hallapp.schedule.holidays import NO_HOLIDAYS
from hallapp.schedule.models import Hall, Programme, Slot
from hallapp.schedule.planning import Rules
from hallapp.schedule.policy import Policy

_FACTS = ("name", "address", "directions", "bring", "late")
_SOME_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The items of the checklist up to the first bookable day, set or missing.

    `missing_facts` are the names of texts that the hall has in none of its languages, or lacks in one of them.
    `without_week` are the offered programmes for which no template has a time, now or later. `unread_years` are
    the years in which one can book and whose statutory holidays are not in the calendar.
    """

    missing_facts: Sequence[str]
    programmes: Sequence[Programme]
    offered: Sequence[Programme]
    without_week: Sequence[Programme]
    unread_years: Sequence[int]
    first_free: Slot | None
    desk_staff: int

    @property
    def has_weeks(self) -> bool:
        """Return whether some offered programme has times in a weekly template."""
        return len(self.without_week) < len(self.offered)

    @property
    def complete(self) -> bool:
        """Return whether nothing of the checklist is missing; years that are not announced yet need nobody."""
        return bool(self.first_free and self.desk_staff) and not self.missing_facts and not self.without_week


def look_over(hall: Hall) -> Overview:
    """Check everything that a hall needs before it can be booked."""
    programmes = schedule.list_all_programmes(hall.id)
    offered = [one for one in programmes if one.active]
    free = schedule.list_next_free(offered, each=1)
    years = range(hall.today().year, _last_day(hall).year + 1)
    return Overview(
        missing_facts=[name for name in _FACTS if not _said(hall, name)] + ([] if hall.phone else ["phone"]),
        programmes=programmes,
        offered=offered,
        without_week=list_without_week(hall, programmes),
        unread_years=[year for year in years if _lacks_holidays(hall, year)],
        first_free=min(free, key=lambda slot: slot.starts_at, default=None),
        desk_staff=queries.count_desk_staff(hall.id),
    )


def _lacks_holidays(hall: Hall, year: int) -> bool:
    return hall.holiday_calendar != NO_HOLIDAYS and str(year) not in hall.holiday_years.split(",")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The present meaning of the hall's rules. `open_days` of the `days` from `first` to `last` are open."""

    first: date
    last: date
    after: datetime
    days: int
    open_days: int
    visit_at: datetime
    change_until: datetime
    kept_until: date


def look_ahead(hall: Hall) -> Outlook:
    """Return the rules of a hall in numbers and days of today."""
    today = hall.today()
    policy = Policy(**{name: getattr(hall, name) for name in Policy.__dataclass_fields__})
    window = policy.window(hall.time_zone)
    days = max(hall.days_ahead, _SOME_DAYS)
    rules = Rules(hall, first=today, last=today + timedelta(days=days))
    open_days = [day for number in range(days) if rules.facts(day := today + timedelta(days=number)).open]
    visit_at = clock.at(
        open_days[-1] if open_days else today + timedelta(days=7), datetime.min.time().replace(hour=10), hall.time_zone
    )
    return Outlook(
        first=window.first,
        last=window.last,
        after=window.after,
        days=days,
        open_days=len(open_days),
        visit_at=visit_at,
        change_until=policy.change_until(visit_at),
        kept_until=clock.months_before(today, -hall.retention_months),
    )


def _said(hall: Hall, name: str) -> bool:
    return all(getattr(hall, name).get(language) for language in hall.language_codes)


def _last_day(hall: Hall) -> date:
    return hall.today() + timedelta(days=hall.days_ahead)


def list_without_week(hall: Hall, programmes: Sequence[Programme]) -> list[Programme]:
    """Return the offered programmes for which no template has a time, now or later."""
    weeks = sort_weeks(programmes, schedule.list_templates(hall.id), today=hall.today())
    return _without_times([one for one in programmes if one.active], weeks)


def _without_times(offered: Iterable[Programme], weeks: Iterable[Weeks]) -> list[Programme]:
    with_times = {
        week.programme.id if week.programme else None
        for week in weeks
        if any(template.openings for template in (week.now, *week.coming) if template)
    }
    own = {week.programme.id for week in weeks if week.programme and (week.now or week.coming)}
    return [one for one in offered if (one.id if one.id in own else None) not in with_times]
