"""Opening of days, and its reasons; the statutory holidays that seed a hall's own calendar."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select

from hallapp.accounts.service import record
from hallapp.core.database import db
from hallapp.core.texts import Texts
from hallapp.schedule.errors import HolidaysNotAnnounced
from hallapp.schedule.holidays import NO_HOLIDAYS, is_announced, list_holidays
from hallapp.schedule.models import CalendarDay, DayKind, DayRule, Hall, PastDayRules


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


def judge(hall: Hall | PastDayRules, day: date, special: CalendarDay | None) -> DayFacts:
    """Return the rule for a day: a manual decision, else the rule for its kind, else its weekday.

    The rules are those of the hall now, or those of a day before they changed.
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


def _rule(hall: Hall | PastDayRules, special: CalendarDay | None) -> tuple[DayRule, Why]:
    if special is not None and special.kind is DayKind.HOLIDAY:
        return hall.holidays, Why.HOLIDAY
    if special is not None and special.kind is DayKind.MAKEUP:
        return hall.makeup_days, Why.MAKEUP
    return DayRule.AS_USUAL, Why.USUAL


def seed_holidays(hall: Hall, year: int, *, by: int | None = None) -> int:
    """Write the holidays of a year, in China with the make-up working days, into the hall's calendar, once.

    Manual decisions on a day stay: only a day without a kind and a name is written. Returns the number of days written,
    0 where the year is in the calendar already, or the hall has no holidays.

    Raises:
        HolidaysNotAnnounced: the library does not know this year (yet).
    """
    years = [known for known in hall.holiday_years.split(",") if known]
    if str(year) in years or hall.holiday_calendar == NO_HOLIDAYS:
        return 0
    if not is_announced(hall.holiday_calendar, year):
        raise HolidaysNotAnnounced(year)
    announced = list(list_holidays(hall.holiday_calendar, year, hall.language_codes))
    query = select(CalendarDay).where(CalendarDay.hall_id == hall.id, CalendarDay.day.in_([d.day for d in announced]))
    known = {row.day: row for row in db.session.scalars(query)}
    written = 0
    for day, kind, names in announced:
        row = known.get(day)
        if row is None:
            db.session.add(CalendarDay(hall_id=hall.id, day=day, kind=kind, name=names))
        elif row.kind is None and not row.name:
            row.kind, row.name = kind, Texts(names)
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
