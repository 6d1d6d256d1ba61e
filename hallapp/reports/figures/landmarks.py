"""Landmarks of a period: first visits, milestones, and its filed months."""

from collections.abc import Iterable, Sequence
from datetime import date

from hallapp.core import clock
from hallapp.ledger import closes
from hallapp.ledger import queries as ledger
from hallapp.ledger.facets import ALL
from hallapp.ledger.figures import Amount
from hallapp.ledger.models import Adjustment, MonthClose
from hallapp.origins.values import APART, OriginSet
from hallapp.periods import Period, Span, Unit
from hallapp.reports.figures import queries
from hallapp.reports.figures.parts import AdjustmentFigure, Filed, FirstSeen, Milestone, MilestoneKind, PartFigure
from hallapp.schedule.models import Hall

_LEAST = 1_000
#: The number of round numbers that a report names.
_MOST = 12


def see_firsts(hall: Hall, period: Period) -> list[FirstSeen]:
    """Return the month of the first visit from each division, and from abroad.

    Days are looked up only in months that overlap the period. The day is None if it is not certain, because people of
    the division came in that month on days that were not recorded.
    """
    months = queries.list_first_months(hall.id)
    days = queries.list_first_days(hall.id, {code: month for code, month in months.items() if _touches(period, month)})
    seen = [FirstSeen(code=code, month=month, day=days.get(code)) for code, month in months.items()]
    return sorted(seen, key=lambda one: (one.month, one.day or date.max, one.code))


def list_firsts(period: Period, seen: Sequence[FirstSeen]) -> tuple[FirstSeen, ...]:
    """Return the divisions first seen in the period, out of all divisions seen."""
    return tuple(one for one in seen if _holds(period, one.month, one.day))


def list_milestones(
    hall: Hall, period: Period, trend: Sequence[PartFigure], seen: Sequence[FirstSeen]
) -> tuple[Milestone, ...]:
    """Return the round numbers of people that were reached in the period, and of divisions, in the order of time."""
    found = [*_round_numbers(hall, period, trend), *_divisions(hall.origins, period, seen)]
    return tuple(sorted(found, key=lambda one: (one.month, one.day or date.max, one.kind, one.number)))


def _round_numbers(hall: Hall, period: Period, trend: Sequence[PartFigure]) -> list[Milestone]:
    """Return the last twelve."""
    reached = 0
    # The number, the people who were still missing to it before the month, and the month.
    passed: list[tuple[int, int, PartFigure]] = []
    for month in trend:
        if _touches(period, month.first):
            passed += [(number, number - reached, month) for number in steps(reached, reached + month.visitors)]
        reached += month.visitors
    if period.unit is not Unit.RANGE:  # a range may end in the middle of a month
        passed = passed[-_MOST:]
    stretches = [(Span.DAY, first, closes.end_of(first)) for first in sorted({month.first for *_, month in passed})]
    rows = ledger.list_spans_of(hall.id, stretches, ALL) if stretches else []
    found = []
    for number, missing, month in passed:
        days = [(day, amount) for day, _part, amount in rows if day.replace(day=1) == month.first]
        dated = sum(amount.visitors for _day, amount in days) == month.visitors
        day = _day_of(missing, days) if dated else None
        if _holds(period, month.first, day):
            found.append(Milestone(kind=MilestoneKind.VISITORS, number=number, month=month.first, day=day))
    return found[-_MOST:]


def steps(before: int, after: int) -> list[int]:
    """Return the round numbers above `before`, up to `after`: 1,000, 2,000 … 9,000, 10,000, 20,000 and so on."""
    found = []
    power = _LEAST
    while power <= after:
        found += [number for number in range(power, 10 * power, power) if before < number <= after]
        power *= 10
    return found


def _day_of(number: int, days: Sequence[tuple[date, Amount]]) -> date | None:
    """Return the day on which a total was reached, out of those of a month."""
    for day, amount in days:
        number -= amount.visitors
        if number <= 0:
            return day
    return None


def _divisions(origins: OriginSet, period: Period, seen: Sequence[FirstSeen]) -> list[Milestone]:
    """Return the milestones of divisions; a day is given where all first visits of its month have one."""
    order = [one for one in seen if one.code not in APART]
    found = []
    for number in division_steps(len(origins.places)):
        if len(order) >= number and _touches(period, month := order[number - 1].month):
            dated = all(one.day for one in order if one.month == month)
            day = order[number - 1].day if dated else None
            if _holds(period, month, day):
                found.append(Milestone(kind=MilestoneKind.DIVISIONS, number=number, month=month, day=day))
    return found


def division_steps(whole: int) -> Sequence[int]:
    """Return the numbers of divisions that are milestones: each full ten, and all of them."""
    return (*range(10, whole, 10), whole)


def _holds(period: Period, month: date, day: date | None) -> bool:
    """Return whether a period holds a day; where only the month is known, whether it holds the whole month."""
    return period.holds(day) if day else period.first <= month and closes.end_of(month) <= period.end


def _touches(period: Period, month: date) -> bool:
    """Return whether a month, by its first day, has days in a period."""
    return month < period.end and closes.end_of(month) > period.first


def list_adjustments(hall: Hall, period: Period) -> tuple[AdjustmentFigure, ...]:
    """Return the adjustments made in the period to closed months; for all time, each month lists its own."""
    if period.unit is Unit.SINCE_OPENING:
        return ()
    return tuple(to_figure(hall, one) for one in closes.list_adjustments_made(hall, period.first, period.end))


def to_figure(hall: Hall, one: Adjustment) -> AdjustmentFigure:
    """Return an adjustment as a report shows it."""
    return AdjustmentFigure(
        month=one.close.month,
        reason=one.reason,
        visitors=one.visitors,
        made_on=clock.local_day(one.made_at, hall.time_zone),
    )


def list_inside(period: Period, closed: Iterable[MonthClose]) -> list[MonthClose]:
    """Return the closed months that lie wholly in a period."""
    return [one for one in closed if period.first <= one.month and _end(one) <= period.end]


def file_up(
    hall: Hall, closed: Sequence[MonthClose], open_days: Sequence[tuple[date, date]], *, absences_in_sum: int
) -> tuple[Filed, int]:
    """Return the filed part of a longer period, by its closed months; and the ledger's people in the period.

    The rows of closed months need not be read: at the close the ledger agreed with the filed figures, and each later
    change is an adjustment.
    """
    since = closes.sum_adjustments([one.id for one in closed])
    filed = Filed(
        months=len(closed),
        visitors=sum(one.visitors for one in closed),
        adjusted=since.visitors,
        adjustments=since.adjustments,
        absences_in_sum=absences_in_sum,
    )
    return filed, filed.visitors + filed.adjusted + sum(closes.sum_ledger(hall.id, *days) for days in open_days)


def list_open_days(period: Period, closed: Sequence[MonthClose]) -> list[tuple[date, date]]:
    """Return the stretches of a period outside its closed months, as half-open ranges of days."""
    gaps, first = [], period.first
    for one in closed:
        gaps.append((first, one.month))
        first = _end(one)
    gaps.append((first, period.end))
    return [(start, end) for start, end in gaps if start < end]


def _end(close: MonthClose) -> date:
    return closes.end_of(close.month)
