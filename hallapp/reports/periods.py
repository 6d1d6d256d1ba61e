"""The periods that a report covers: half-open ranges of hall-local days with a name that stands in addresses."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hallapp.core import clock
from hallapp.reports.errors import PeriodUnknown

_SHAPE = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)


class Unit(StrEnum):
    """How long a period is."""

    MONTH = "month"
    YEAR = "year"
    SINCE_OPENING = "since_opening"


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` up to, but not including, `end`."""

    unit: Unit
    first: date
    end: date

    def __str__(self) -> str:
        """The name in addresses and files: `2026-11`, `2026`, `since-opening`."""
        if self.unit is Unit.SINCE_OPENING:
            return "since-opening"
        return self.first.isoformat()[: 7 if self.unit is Unit.MONTH else 4]

    @classmethod
    def month(cls, year: int, number: int) -> "Period":
        """A calendar month. Raises ValueError where there is none, or none that has a next one."""
        return cls(Unit.MONTH, *clock.month_range(year, number))

    @classmethod
    def year(cls, year: int) -> "Period":
        """A calendar year. Raises ValueError where there is none, or none that has a next one."""
        return cls(Unit.YEAR, date(year, 1, 1), date(year + 1, 1, 1))

    @classmethod
    def parse(cls, name: str) -> "Period":
        """The period of a name such as `2026-11` or `2026`.

        Raises:
            PeriodUnknown: for any other text.
        """
        found = _SHAPE.fullmatch(name)
        if not found:
            raise PeriodUnknown(name)
        try:
            return cls.month(int(found[1]), int(found[2])) if found[2] else cls.year(int(found[1]))
        except (ValueError, OverflowError):
            raise PeriodUnknown(name) from None

    def previous(self) -> "Period":
        """The month before a month, the year before a year. There is none before `SINCE_OPENING`."""
        return self._holding(self.first - timedelta(days=1))

    def following(self) -> "Period":
        """The month after a month, the year after a year. There is none after `SINCE_OPENING`."""
        return self._holding(self.end)

    def _holding(self, day: date) -> "Period":
        """The period of the same unit that a day lies in."""
        return Period.month(day.year, day.month) if self.unit is Unit.MONTH else Period.year(day.year)


#: Every day that there is: a report asks the ledger, and the ledger holds nothing from before the opening.
SINCE_OPENING = Period(Unit.SINCE_OPENING, date.min, date.max)
