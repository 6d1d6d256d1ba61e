"""The periods that a report covers: half-open ranges of hall-local days with names for addresses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hallapp.core import clock
from hallapp.core.errors import N_, DomainError

#: No hall is older, and a report has a line for each month since the opening.
_YEAR = r"(?:19|20|21)\d{2}"
_SHAPE = re.compile(
    rf"(?P<year>{_YEAR})(?:-(?P<month>\d{{2}})|-Q(?P<quarter>[1-4]))?"
    rf"|(?P<first>{_YEAR}-\d{{2}}-\d{{2}})(?:\.\.(?P<last>{_YEAR}-\d{{2}}-\d{{2}}))?",
    re.ASCII,
)
#: From this number of days on, a range is shown month by month.
DAYS_SHOWN = 62


class Span(StrEnum):
    """The length of time of a figure: a hall-local day, a month, a year; it is named by its first day."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


#: Spans of equal length from the first one up to, but not including, a day; None means without an end.
Stretch = tuple[Span, date, date | None]


class PeriodUnknown(DomainError):
    """The text is neither a month such as 2026-11 nor a year such as 2026."""

    status = 404

    code = "period_unknown"
    message = N_("There is no period “%(asked)s”. Use a month such as 2026-11 or a year such as 2026.")

    def __init__(self, asked: str) -> None:
        super().__init__(asked=asked)


class Unit(StrEnum):
    """The unit of a period."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    RANGE = "range"
    SINCE_OPENING = "since_opening"


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` up to, but not including, `end`."""

    unit: Unit
    first: date
    end: date

    def __str__(self) -> str:
        """Return the name for addresses: `2026-11`, `2026-Q4`, `2026`, `2026-10-01..2026-10-07`, `since-opening`."""
        if self.unit is Unit.SINCE_OPENING:
            return "since-opening"
        if self.unit is Unit.RANGE:
            return self.first.isoformat() if self.first == self.last else f"{self.first}..{self.last}"
        if self.unit is Unit.QUARTER:
            return f"{self.first:%Y}-Q{(self.first.month + 2) // 3}"
        return self.first.isoformat()[: 7 if self.unit is Unit.MONTH else 4]

    @property
    def last(self) -> date:
        """Return the last day."""
        return self.end - timedelta(days=1)

    @property
    def part(self) -> Span:
        """Return the length of its parts: days of a month, months of a year, years since the opening."""
        if self.unit is Unit.SINCE_OPENING:
            return Span.YEAR
        if self.unit is Unit.MONTH or (self.unit is Unit.RANGE and (self.end - self.first).days <= DAYS_SHOWN):
            return Span.DAY
        return Span.MONTH

    @classmethod
    def month(cls, year: int, number: int) -> "Period":
        """Return a calendar month. Raises ValueError where there is none, or none that has a next one."""
        return cls(Unit.MONTH, *clock.month_range(year, number))

    @classmethod
    def quarter(cls, year: int, number: int) -> "Period":
        """Return a quarter of a year, from 1 to 4. Raises ValueError where there is none, or none with a next one."""
        return cls(Unit.QUARTER, date(year, 3 * number - 2, 1), clock.month_range(year, 3 * number)[1])

    @classmethod
    def year(cls, year: int) -> "Period":
        """Return a calendar year. Raises ValueError where there is none, or none that has a next one."""
        return cls(Unit.YEAR, date(year, 1, 1), date(year + 1, 1, 1))

    @classmethod
    def days(cls, first: date, last: date) -> "Period":
        """Return the days from the first to the last one. Raises ValueError where the last comes first."""
        if last < first:
            raise ValueError("the last day comes before the first one")
        return cls(Unit.RANGE, first, last + timedelta(days=1))

    @classmethod
    def parse(cls, name: str) -> "Period":
        """Return the period of a name, in one of the shapes of `__str__`.

        Raises:
            PeriodUnknown: for any other text.
        """
        if name == "since-opening":
            return SINCE_OPENING
        found = _SHAPE.fullmatch(name)
        if not found:
            raise PeriodUnknown(name)
        try:
            if found["first"]:
                first = date.fromisoformat(found["first"])
                return cls.days(first, date.fromisoformat(found["last"]) if found["last"] else first)
            if found["month"]:
                return cls.month(int(found["year"]), int(found["month"]))
            if found["quarter"]:
                return cls.quarter(int(found["year"]), int(found["quarter"]))
            return cls.year(int(found["year"]))
        except (ValueError, OverflowError):
            raise PeriodUnknown(name) from None

    def previous(self) -> "Period":
        """Return the period of the same length before. There is none before `SINCE_OPENING`."""
        if self.unit is Unit.RANGE:
            return Period.days(self.first - (self.end - self.first), self.first - timedelta(days=1))
        return self._holding(self.first - timedelta(days=1))

    def following(self) -> "Period":
        """Return the period of the same length after it. There is none after `SINCE_OPENING`."""
        if self.unit is Unit.RANGE:
            return Period.days(self.end, self.end + (self.end - self.first) - timedelta(days=1))
        return self._holding(self.end)

    def year_before(self) -> "Period":
        """Return the same days a year before; 29 February becomes the 28th. None for `SINCE_OPENING`."""
        if self.unit is Unit.RANGE:
            return Period.days(clock.months_before(self.first, 12), clock.months_before(self.last, 12))
        return self._holding(clock.months_before(self.first, 12))

    def holds(self, day: date) -> bool:
        """Return whether a day lies in it."""
        return self.first <= day < self.end

    def within_month(self, month: date) -> "Period":
        """Return the part of the period in a month that it touches, by the month's first day."""
        whole = Period.month(month.year, month.month)
        if self.first <= whole.first and whole.end <= self.end:
            return whole
        return Period.days(max(whole.first, self.first), min(whole.last, self.last))

    def stretches(self) -> list[Stretch]:
        """Return the fewest spans of figures that add up to it: whole years, whole months, and the days that remain."""
        if self.unit is Unit.SINCE_OPENING:
            return [(Span.YEAR, date.min, None)]
        return list(_stretches(self.first, self.end))

    def _holding(self, day: date) -> "Period":
        """Return the period of the same unit that a day lies in."""
        if self.unit is Unit.MONTH:
            return Period.month(day.year, day.month)
        if self.unit is Unit.QUARTER:
            return Period.quarter(day.year, (day.month + 2) // 3)
        return Period.year(day.year)


def _stretches(first: date, end: date) -> Iterator[Stretch]:
    """Days up to a month, months up to a year, years, and the same down again; empty ones are left out."""
    month, last_month = _next(first, Span.MONTH), end.replace(day=1)
    if month > last_month:
        yield Span.DAY, first, end
        return
    year, last_year = _next(month, Span.YEAR), end.replace(month=1, day=1)
    steps: list[tuple[Span, date, date]] = [(Span.DAY, first, month)]
    if year > last_year:
        steps.append((Span.MONTH, month, last_month))
    else:
        steps += [(Span.MONTH, month, year), (Span.YEAR, year, last_year), (Span.MONTH, last_year, last_month)]
    steps.append((Span.DAY, last_month, end))
    yield from (step for step in steps if step[1] < step[2])


def _next(day: date, span: Span) -> date:
    """Return the first day of a month or year, from this day on."""
    if span is Span.MONTH:
        return day if day.day == 1 else clock.month_range(day.year, day.month)[1]
    return day if (day.month, day.day) == (1, 1) else date(day.year + 1, 1, 1)


#: All days of the calendar: a report reads the ledger, which has nothing from before the opening.
SINCE_OPENING = Period(Unit.SINCE_OPENING, date.min, date.max)
