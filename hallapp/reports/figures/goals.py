"""The goal of a year: how many people have come so far, and a forecast of the year's end where one can be made.

Two methods are tried, in this order. The first one is seasonal: the finished months of this year are divided by the
share that the same months had in earlier whole years. The second one is linear: the people of each open day so far,
times the open days of the year. Where neither has enough to go by, there is no forecast, but a reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select

from hallapp.core.database import db
from hallapp.ledger import queries as ledger
from hallapp.ledger.facets import ALL
from hallapp.periods import Span
from hallapp.reports.models import VisitorGoal
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall

MOST_VISITORS = 100_000_000
MOST_YEARS = 3  # earlier years that the seasonal method uses
LEAST_SHARE = 0.05  # of a year, in which the finished months must lie; less would multiply chance
LEAST_DAYS = 20  # open days that the linear method needs
LEAST_MONTHS = 10  # with people, which an earlier year needs


class Method(StrEnum):
    """The method of a forecast."""

    SEASON = "season"
    OPEN_DAYS = "open_days"


class NoForecast(StrEnum):
    """The reason for which there is no forecast."""

    OVER = "over"
    NOBODY_YET = "nobody_yet"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The people expected by the end of a year.

    `low` and `high` are the forecasts by each earlier year alone. `years` are these years, of the seasonal method;
    `days` and `days_of_year` are the open days so far and in all, of the linear one.
    """

    method: Method
    visitors: int
    low: int
    high: int
    years: tuple[int, ...] = ()
    days: int = 0
    days_of_year: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class YearSoFar:
    """The input of a forecast: the people of months, and open days.

    `months` holds the people of each month by its first day, of this year and of the earlier ones; `today` are the
    people of the present day, which is not finished. `opened_on` is the day on which the hall opened.
    """

    day: date
    opened_on: date
    months: Mapping[date, int]
    today: int
    open_before: int
    open_after: int

    @property
    def visitors(self) -> int:
        """Return the people of this year so far."""
        return _sum(self.months, self.day.year, range(1, 13))


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """The goal of a year, the people so far, and either a forecast or the reason why there is none."""

    year: int
    wanted: int
    visitors: int
    forecast: Forecast | None
    no_forecast: NoForecast | None

    @property
    def share(self) -> float:
        """Return the part of the goal that has been reached, rounded down: 1 only once all of it is."""
        return self.visitors * 10_000 // self.wanted / 10_000

    @property
    def missing(self) -> int:
        """Return the people that are missing; 0 once the goal has been reached."""
        return max(0, self.wanted - self.visitors)


def find(hall: Hall, year: int) -> Goal | None:
    """Return the goal of a year with its progress, or None where the hall has set none."""
    wanted = db.session.scalar(
        select(VisitorGoal.visitors).where(VisitorGoal.hall_id == hall.id, VisitorGoal.year == year)
    )
    if wanted is None:
        return None
    today = hall.today()
    months = _list_months(hall.id, date(year - MOST_YEARS, 1, 1), date(year + 1, 1, 1))
    visitors = _sum(months, year, range(1, 13))
    if today.year != year:
        return Goal(year=year, wanted=wanted, visitors=visitors, forecast=None, no_forecast=NoForecast.OVER)
    made = forecast(_look(hall, today, months))
    if isinstance(made, NoForecast):
        return Goal(year=year, wanted=wanted, visitors=visitors, forecast=None, no_forecast=made)
    return Goal(year=year, wanted=wanted, visitors=visitors, forecast=made, no_forecast=None)


def list_all(hall: Hall) -> list[Goal]:
    """Return the goals of all years with the people who arrived, the latest year first; none has a forecast."""
    wanted = db.session.execute(
        select(VisitorGoal.year, VisitorGoal.visitors)
        .where(VisitorGoal.hall_id == hall.id)
        .order_by(VisitorGoal.year.desc())
    ).all()
    if not wanted:
        return []
    months = _list_months(hall.id, date(wanted[-1].year, 1, 1), date(wanted[0].year + 1, 1, 1))
    return [
        Goal(year=year, wanted=people, visitors=_sum(months, year, range(1, 13)), forecast=None, no_forecast=None)
        for year, people in wanted
    ]


def forecast(so_far: YearSoFar) -> Forecast | NoForecast:
    """Return the forecast for a year that runs, or the reason why none can be made honestly. It uses no database."""
    if so_far.visitors <= 0:
        return NoForecast.NOBODY_YET
    return _by_season(so_far) or _by_open_days(so_far) or NoForecast.TOO_EARLY


def _by_season(so_far: YearSoFar) -> Forecast | None:
    year, finished = so_far.day.year, range(1, so_far.day.month)
    whole = [
        before
        for before in range(year - MOST_YEARS, year)
        if so_far.opened_on <= date(before, 1, 1) and _is_complete(so_far.months, before)
    ]
    people = _sum(so_far.months, year, finished)
    passed = sum(_sum(so_far.months, before, finished) for before in whole)
    all_of_them = sum(_sum(so_far.months, before, range(1, 13)) for before in whole)
    if people <= 0 or all_of_them <= 0 or passed / all_of_them < LEAST_SHARE:
        return None
    single = [
        round(people * _sum(so_far.months, before, range(1, 13)) / share)
        for before in whole
        if (share := _sum(so_far.months, before, finished)) > 0
    ]
    return Forecast(
        method=Method.SEASON,
        visitors=max(so_far.visitors, round(people * all_of_them / passed)),
        low=max(so_far.visitors, min(single)),
        high=max(so_far.visitors, *single),
        years=tuple(whole),
    )


def _is_complete(months: Mapping[date, int], year: int) -> bool:
    """Return whether a year has people in enough months: a year with more gaps says nothing of its seasons."""
    return sum(1 for number in range(1, 13) if months.get(date(year, number, 1), 0) > 0) >= LEAST_MONTHS


def _by_open_days(so_far: YearSoFar) -> Forecast | None:
    people = so_far.visitors - so_far.today
    if so_far.open_before < LEAST_DAYS or people <= 0:
        return None
    days = so_far.open_before + so_far.open_after
    expected = max(so_far.visitors, round(people * days / so_far.open_before))
    return Forecast(
        method=Method.OPEN_DAYS,
        visitors=expected,
        low=expected,
        high=expected,
        days=so_far.open_before,
        days_of_year=days,
    )


def _sum(months: Mapping[date, int], year: int, numbers: Sequence[int]) -> int:
    return sum(months.get(date(year, number, 1), 0) for number in numbers)


def _list_months(hall_id: int, first: date, end: date) -> dict[date, int]:
    found = ledger.by_first(ledger.list_spans(hall_id, (Span.MONTH, first, end), ALL))
    return {month: one.visitors for month, one in found.items()}


def _look(hall: Hall, today: date, months: Mapping[date, int]) -> YearSoFar:
    first, last = max(date(today.year, 1, 1), hall.opened_on), date(today.year, 12, 31)
    days = schedule.list_open_days(hall, first=first, last=last)
    people_today = ledger.by_first(ledger.list_spans(hall.id, (Span.DAY, today, today + timedelta(days=1)), ALL))
    return YearSoFar(
        day=today,
        opened_on=hall.opened_on,
        months=months,
        today=sum(one.visitors for one in people_today.values()),
        open_before=sum(day < today for day in days),
        open_after=sum(day >= today for day in days),
    )
