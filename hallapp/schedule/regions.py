"""The place of a hall on earth: its country with its conventions and holidays, its time zone and its opening day.

A new time zone keeps the day and the time on the clock of every visit that is still to come, and the moment of all that
has happened. The days by which people were counted are stored, so no figure moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from blinker import Signal
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.regions import Clock, Paper, countries
from hallapp.core.texts import Texts
from hallapp.schedule import capacity, checks, errors, queries
from hallapp.schedule.calendar import seed_holidays
from hallapp.schedule.changes import apply, note
from hallapp.schedule.holidays import NO_HOLIDAYS, is_announced, is_calendar, list_holidays
from hallapp.schedule.models import CalendarDay, Hall, Slot
from hallapp.schedule.planning import Plan, furthest_day, replan

#: Sent with the hall as sender and `opened_on` before its opening day changes. A receiver refuses a day that would take
#: counted people out of the reports.
opening_changing = Signal()
#: Sent with the hall as sender, `time_zone` and `dry` before its time zone changes. A receiver keeps the times on the
#: clock of what its room has to come, by `keep_clock`, and returns how many there are; if `dry`, it only counts them.
zone_changing = Signal()

_COMMAND = ("hall_id", "by")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveRegion:
    """The command for a hall's place; None follows the country."""

    hall_id: int
    by: int | None
    country: str
    holiday_calendar: str
    first_weekday: int | None
    clock: Clock | None
    paper: Paper | None
    time_zone: str
    opened_on: date

    @classmethod
    def of(cls, hall: Hall, *, by: int | None, **changes: Any) -> "SaveRegion":
        """Return the command that changes only the given values."""
        now = {field.name: getattr(hall, field.name) for field in fields(cls) if field.name not in _COMMAND}
        return cls(hall_id=hall.id, by=by, **now | changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """The effect of another time zone or opening day.

    `coming` are visits that keep their time on the clock, with their people; `hours` is how much later their moment is.
    `talks` are talks with hosts that keep it. `past` visits have happened: of them `other_days` would be shown on
    another day than the one on which they were counted.
    """

    coming: int = 0
    booked_visitors: int = 0
    talks: int = 0
    hours: float = 0
    past: int = 0
    other_days: int = 0


def save_region(command: SaveRegion) -> Plan:
    """Change a hall's place; returns the plan of its effect on the slots.

    Raises:
        CountryUnknown, HolidaysUnknown, TimeZoneUnknown, NumberOutOfRange: for single values.
        TimesWouldMeet: for the time zone.
        OpeningAfterVisits, DayTooFar: for the opening day; and what receivers of `opening_changing` refuse.
    """
    hall = capacity.hold_hall(command.hall_id)
    check(command)
    if command.opened_on != hall.opened_on:
        _check_opening(hall, command.opened_on)
    if command.time_zone != hall.time_zone:
        _keep_times(hall, command.time_zone)
        zone_changing.send(hall, time_zone=command.time_zone, dry=False)
    before = hall.holiday_calendar
    values = {field.name: getattr(command, field.name) for field in fields(command) if field.name not in _COMMAND}
    detail = apply(hall, values)
    note(hall_id=hall.id, by=command.by, action="region_saved", subject=f"hall {hall.slug}", detail=detail)
    if before != hall.holiday_calendar:
        _change_holidays(hall, before, by=command.by)
    return replan(hall)


def check(command: SaveRegion) -> None:
    """Check the single values. Raises as `save_region`."""
    if command.country not in countries():
        raise errors.CountryUnknown(country=command.country)
    if not is_calendar(command.holiday_calendar):
        raise errors.HolidaysUnknown(calendar=command.holiday_calendar)
    checks.check_number("first_weekday", command.first_weekday, least=0, most=6)
    try:
        clock.zone(command.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise errors.TimeZoneUnknown(name=command.time_zone) from None


def preview(hall: Hall, time_zone: str) -> Moves:
    """Return what another time zone moves; it must exist."""
    if time_zone == hall.time_zone:
        return Moves()
    now = clock.now()
    coming = _coming(hall, now)
    booked = select(func.count(), func.coalesce(func.sum(Slot.visitors_booked), 0)).where(
        Slot.hall_id == hall.id, Slot.visitors_booked > 0
    )
    visits, people = db.session.execute(booked.where(Slot.starts_at > now)).one()
    past = db.session.execute(
        select(Slot.day, Slot.starts_at).where(Slot.hall_id == hall.id, Slot.starts_at <= now, Slot.visitors_booked > 0)
    ).all()
    return Moves(
        coming=int(visits),
        booked_visitors=int(people),
        talks=sum(number for _receiver, number in zone_changing.send(hall, time_zone=time_zone, dry=True)),
        hours=_shift(coming[0][1], hall.time_zone, time_zone) if coming else 0,
        past=len(past),
        other_days=sum(clock.local_day(starts_at, time_zone) != day for day, starts_at in past),
    )


def _coming(hall: Hall, now: datetime) -> Sequence[tuple[int, datetime, datetime]]:
    query = select(Slot.id, Slot.starts_at, Slot.ends_at).where(Slot.hall_id == hall.id, Slot.starts_at > now)
    return [(number, starts, ends) for number, starts, ends in db.session.execute(query.order_by(Slot.starts_at))]


def _keep_times(hall: Hall, time_zone: str) -> None:
    """Give every coming slot the moment at which the clock of the new zone shows its time. Raises TimesWouldMeet."""
    coming = _coming(hall, clock.now())
    moved = [(number, keep_clock(hall, time_zone, starts, ends)) for number, starts, ends in coming]
    later = bool(coming) and moved[0][1]["starts_at"] > coming[0][1]
    try:
        for number, moments in reversed(moved) if later else moved:  # so that none meets one that has not moved
            move = update(Slot).where(Slot.id == number).values(**moments)
            db.session.execute(move, execution_options={"synchronize_session": False})
    except IntegrityError:  # it meets one that has begun, which stays
        raise errors.TimesWouldMeet from None
    db.session.expire_all()


def keep_clock(hall: Hall, time_zone: str, starts_at: datetime, ends_at: datetime) -> dict[str, datetime]:
    """Return both moments, by their names, at which the clock of another time zone shows the same times."""
    starts, ends = (_moved(instant, hall.time_zone, time_zone) for instant in (starts_at, ends_at))
    if ends <= starts:  # the clock goes forward in between
        ends = starts + (ends_at - starts_at)
    return {"starts_at": starts, "ends_at": ends}


def _moved(instant: datetime, before: str, after: str) -> datetime:
    shown = clock.local(instant, before)
    return clock.at(shown.date(), shown.time(), after)


def _shift(instant: datetime, before: str, after: str) -> float:
    return (_moved(instant, before, after) - instant).total_seconds() / 3600


def _check_opening(hall: Hall, opened_on: date) -> None:
    checks.check_opening_day(opened_on, hall.today())
    first = db.session.scalar(select(func.min(Slot.day)).where(Slot.hall_id == hall.id, Slot.visitors_booked > 0))
    if first is not None and first < opened_on:
        raise errors.OpeningAfterVisits(first=first)
    opening_changing.send(hall, opened_on=opened_on)


def _change_holidays(hall: Hall, before: str, *, by: int | None) -> None:
    """Replace the coming holidays of one calendar by those of another; what a person wrote on a day stays."""
    today = hall.today()
    years = sorted(int(year) for year in hall.holiday_years.split(",") if year)
    for year in years:
        if before != NO_HOLIDAYS and year >= today.year and is_announced(before, year):
            _remove(hall, before, year, since=today)
    hall.holiday_years = ",".join(str(year) for year in years if year < today.year)
    db.session.flush()
    for year in range(today.year, furthest_day(hall).year + 1):
        if is_announced(hall.holiday_calendar, year):
            seed_holidays(hall, year, by=by)


def _remove(hall: Hall, calendar: str, year: int, *, since: date) -> None:
    entered = {day: (kind, names) for day, kind, names in list_holidays(calendar, year, hall.language_codes)}
    last = max(entered, default=since)
    for row in queries.list_calendar_days(hall.id, first=since, last=last):
        kind, names = entered.get(row.day, (None, {}))
        if kind is not None and row.kind is kind and row.name == Texts(names):
            row.kind, row.name = None, Texts()
            if _is_blank(row):
                db.session.delete(row)


def _is_blank(row: CalendarDay) -> bool:
    decided = (row.open, row.like_weekday, row.inside_capacity, row.guides_on_duty)
    return all(value is None for value in decided) and not row.reason
