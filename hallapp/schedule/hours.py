"""The opening hours of a hall, computed from the weekly templates in force and from the calendar."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from hallapp.core.texts import Texts
from hallapp.schedule import queries
from hallapp.schedule.calendar import judge
from hallapp.schedule.models import CalendarDay, Hall, Mode, Programme
from hallapp.schedule.planning import Rules


@dataclass(frozen=True, slots=True)
class WeekHours:
    """Weekdays from `first` to `last` (0 is Monday) with the same hours; without `opens` the hall is closed then."""

    first: int
    last: int
    opens: time | None
    closes: time | None


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Neighbouring days that are open or closed against the usual week, for one reason."""

    first: date
    last: date
    open: bool
    row: CalendarDay

    def reason(self, language: str) -> str:
        """Return the reason that a manager gave, else the name of the holiday; may be empty."""
        return self.row.text("reason", language) or self.row.text("name", language)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The usual week, and the days that differ from it."""

    week: list[WeekHours]
    special: list[SpecialDays]

    @property
    def is_known(self) -> bool:
        """Return whether some weekday has times at all."""
        return any(line.opens for line in self.week)


def find_hours(hall: Hall, *, days: int = 60) -> OpeningHours:
    """Return the hall's hours in the week of today, and the special days of the coming `days`."""
    today = hall.today()
    rules = Rules(hall, first=today, last=today + timedelta(days=days))
    hours = [_hours_of(rules, today, weekday) for weekday in range(7)]
    usual = {weekday for weekday, (opens, _closes) in enumerate(hours) if opens}
    return OpeningHours(list(_join_week(hours)), list(_list_special(hall, rules.special.values(), usual)))


def list_closures(hall: Hall, *, first: date, last: date) -> list[SpecialDays]:
    """Return the days of a span that the calendar closes, with their reasons."""
    rows = queries.list_calendar_days(hall.id, first=first, last=last)
    return [one for one in _list_special(hall, rows, set(range(7))) if not one.open]


def _hours_of(rules: Rules, today: date, weekday: int) -> tuple[time | None, time | None]:
    """Return when the first visit of a weekday begins and the last one ends; online programmes do not count."""
    if str(weekday) in rules.hall.closed_weekdays:
        return None, None
    spans = [span for one in rules.programmes.values() for span in _spans(rules, one, today, weekday)]
    return (min(spans)[0], max(closes for _opens, closes in spans)) if spans else (None, None)


def _spans(rules: Rules, programme: Programme, today: date, weekday: int) -> Iterator[tuple[time, time]]:
    template = rules.template_of(programme, today)
    if programme.active and programme.mode is Mode.ON_SITE and template:
        for line in template.openings:
            if line.weekday == weekday:
                ends = line.starts.hour * 60 + line.starts.minute + programme.minutes
                yield line.starts, time(ends // 60 % 24, ends % 60)


def _join_week(hours: list[tuple[time | None, time | None]]) -> Iterator[WeekHours]:
    line: WeekHours | None = None
    for weekday, (opens, closes) in enumerate(hours):
        if line and (line.opens, line.closes) == (opens, closes):
            line = replace(line, last=weekday)
            continue
        if line:
            yield line
        line = WeekHours(weekday, weekday, opens, closes)
    if line:
        yield line


def _list_special(hall: Hall, rows: Iterable[CalendarDay], usual: set[int]) -> Iterator[SpecialDays]:
    span: SpecialDays | None = None
    for row in rows:  # by day
        day, is_open = row.day, judge(hall, row.day, row).open
        if span and day == span.last + timedelta(days=1) and span.open == is_open and _texts(span.row) == _texts(row):
            span = replace(span, last=day)  # over a day that is closed every week, too
            continue
        if is_open == (day.weekday() in usual):
            continue
        if span:
            yield span
        span = SpecialDays(day, day, is_open, row)
    if span:
        yield span


def _texts(row: CalendarDay) -> tuple[Texts, Texts]:
    return row.reason, row.name
