"""Opening of days, and its reasons; the statutory holidays that seed a hall's own calendar."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

import chinese_calendar
from sqlalchemy import select

from hallapp.accounts.service import record
from hallapp.core.database import db
from hallapp.schedule.errors import HolidaysNotAnnounced
from hallapp.schedule.models import CalendarDay, DayKind, DayRule, Hall

_SATURDAY = 5


class Why(StrEnum):
    """The decision that opens or closes a day."""

    BY_HAND = "by_hand"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"
    CLOSED_WEEKDAY = "closed_weekday"
    USUAL = "usual"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """The opening of a day, what decides it, and the weekday whose lines of the template it follows."""

    day: date
    open: bool
    why: Why
    weekday: int

    @property
    def closed_by_hand(self) -> bool:
        """Return whether a person closed the whole day: no slot of it is open then, be it by hand."""
        return self.why is Why.BY_HAND and not self.open


def judge(hall: Hall, day: date, special: CalendarDay | None) -> DayFacts:
    """Return the rule for a day: a manual decision, else the rule for its kind, else its weekday.

    A day that was opened by hand follows another weekday's lines where that was wished.
    """
    weekday = day.weekday()
    if special is not None and special.open is not None:
        like = special.like_weekday if special.open else None
        return DayFacts(day=day, open=special.open, why=Why.BY_HAND, weekday=weekday if like is None else like)
    rule, why = _rule(hall, special)
    if rule is not DayRule.AS_USUAL:
        return DayFacts(day=day, open=rule is DayRule.OPEN, why=why, weekday=weekday)
    closed = str(weekday) in hall.closed_weekdays
    return DayFacts(day=day, open=not closed, why=Why.CLOSED_WEEKDAY if closed else Why.USUAL, weekday=weekday)


def _rule(hall: Hall, special: CalendarDay | None) -> tuple[DayRule, Why]:
    if special is not None and special.kind is DayKind.HOLIDAY:
        return hall.holidays, Why.HOLIDAY
    if special is not None and special.kind is DayKind.MAKEUP:
        return hall.makeup_days, Why.MAKEUP
    return DayRule.AS_USUAL, Why.USUAL


def seed_holidays(hall: Hall, year: int, *, by: int | None = None) -> int:
    """Write the statutory holidays and make-up working days of a year into the hall's calendar, once.

    Manual decisions on a day stay: only a day without a kind and a name is written. Returns the number of days written,
    0 where the year is in the calendar already. Source: the State Council's notice, by chinesecalendar.

    Raises:
        HolidaysNotAnnounced: the library does not know this year (yet).
    """
    years = [known for known in hall.holiday_years.split(",") if known]
    if str(year) in years:
        return 0
    announced = list(_announced(year))
    query = select(CalendarDay).where(CalendarDay.hall_id == hall.id, CalendarDay.day.in_([d.day for d in announced]))
    known = {row.day: row for row in db.session.scalars(query)}
    written = 0
    for day, kind, name_zh, name_en in announced:
        row = known.get(day)
        if row is None:
            db.session.add(CalendarDay(hall_id=hall.id, day=day, kind=kind, name_zh=name_zh, name_en=name_en))
        elif row.kind is None and not (row.name_zh or row.name_en):
            row.kind, row.name_zh, row.name_en = kind, name_zh, name_en
        else:
            continue
        written += 1
    hall.holiday_years = ",".join(sorted([*years, str(year)]))
    record(
        hall_id=hall.id,
        staff_id=by,
        action="holidays_seeded",
        subject=f"calendar {year}",
        detail={"before": {"days": 0}, "after": {"days": written}},
    )
    return written


def is_announced(year: int) -> bool:
    """Return whether the holidays of a year are known."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


class _Announced(NamedTuple):
    day: date
    kind: DayKind
    name_zh: str
    name_en: str


def _announced(year: int) -> Iterator[_Announced]:
    """Yield the special days of a year, and those of the December before it: New Year's days off may begin there."""
    if not is_announced(year):
        raise HolidaysNotAnnounced(year)
    first, last = date(year - 1, 12, 25), date(year, 12, 31)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        off, worked = chinese_calendar.holidays.get(day), chinese_calendar.workdays.get(day)
        if off is not None:
            yield _Announced(day, DayKind.HOLIDAY, chinese_calendar.Holiday(off).chinese, off)
        elif worked is not None and day.weekday() >= _SATURDAY:
            yield _Announced(day, DayKind.MAKEUP, chinese_calendar.Holiday(worked).chinese, worked)
