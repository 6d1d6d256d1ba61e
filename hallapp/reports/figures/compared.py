"""The figures that a report compares with: a closed month as signed, other periods from the present ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hallapp.ledger import closes
from hallapp.ledger import queries as ledger
from hallapp.ledger.facets import ALL, DIVISION
from hallapp.ledger.figures import NOTHING as NOBODY
from hallapp.ledger.models import MonthClose
from hallapp.periods import Period, Unit
from hallapp.reports.figures import filing
from hallapp.reports.figures.parts import Signed, Sum
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The people and groups of another period, and its people by division; `signed` where it is a closed month."""

    total: Sum
    divisions: Mapping[str, int]
    signed: Signed | None = None

    def of(self, division: str) -> int:
        """Return the people of a division, by its code."""
        return self.divisions.get(division, 0)


def find(hall: Hall, period: Period | None, closed: Iterable[MonthClose]) -> Compared | None:
    """Return the period beside a report, or None where there is none; `closed` are the closed months of the hall."""
    if period is None:
        return None
    close = next((one for one in closed if period.unit is Unit.MONTH and one.month == period.first), None)
    return _as_signed(close) if close else _as_it_is(hall, period)


def _as_signed(close: MonthClose) -> Compared:
    figures, since = filing.read(close.figures), closes.sum_adjustments([close.id])
    return Compared(
        total=Sum(figures.totals.visitors, figures.totals.groups),
        divisions={one.code: one.visitors for one in figures.divisions},
        signed=Signed(adjustments=since.adjustments, visitors=since.visitors),
    )


def _as_it_is(hall: Hall, period: Period) -> Compared:
    found = ledger.sum_parts(hall.id, period.stretches(), [ALL, DIVISION])
    total = found[ALL].get("", NOBODY)
    return Compared(
        total=Sum(total.visitors, total.groups),
        divisions={code: one.visitors for code, one in found[DIVISION].items()},
    )
