"""The figures of a report, computed once: the page, the PDF and every export read the same frozen values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hallapp.booking.models import OrganisationKind
from hallapp.core import clock
from hallapp.core.database import read_snapshot
from hallapp.divisions import DIVISIONS, Division
from hallapp.reports import queries
from hallapp.reports.errors import PeriodBeforeOpening, PeriodNotBegun
from hallapp.reports.periods import SINCE_OPENING, Period, Unit
from hallapp.reports.queries import NOTHING, Sum
from hallapp.schedule.models import Hall, Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A group counts once on each day on which it came. `divisions` counts those of the 34 that visitors came from."""

    visitors: int
    groups: int
    booked_visitors: int
    divisions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionFigure:
    """A division's part; `share` is of all people, to a thousandth. A mixed group is in each of its divisions."""

    division: Division
    visitors: int
    groups: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFigure:
    """A day of a month, a month of a year, or a year since the opening; `first` is its first day."""

    first: date
    visitors: int
    groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFigure:
    """A programme's part; `share` is of all people, to a thousandth."""

    programme: Programme
    visitors: int
    groups: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFigure:
    """The part of a kind of organisation; `share` is of all people, to a thousandth."""

    kind: OrganisationKind
    visitors: int
    groups: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The same people counted in three ways."""

    divisions: int
    parts: int
    ledger: int

    @property
    def agrees(self) -> bool:
        """Whether all three are the same number."""
        return self.divisions == self.parts == self.ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a report says of a hall in a period.

    `divisions` holds all 36 in code order, overseas and not stated last; `parts` every day (month, year) of the period,
    `programmes` and `kinds` all that exist: zeros included everywhere. `previous` is the period before, None where
    that ended before the hall opened. `running` while the period has days to come. `closed` is for figures
    that have been filed and move no more.
    """

    hall: Hall
    period: Period
    made_at: datetime
    running: bool
    closed: bool
    totals: Totals
    previous: Sum | None
    divisions: tuple[DivisionFigure, ...]
    parts: tuple[PartFigure, ...]
    programmes: tuple[ProgrammeFigure, ...]
    kinds: tuple[KindFigure, ...]
    check: Check

    @property
    def beside(self) -> list[DivisionFigure]:
        """Overseas and not stated."""
        return [figure for figure in self.divisions if not figure.division.tile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where people came from, without anything else of a report; `divisions` and `beside` are as there."""

    divisions: tuple[DivisionFigure, ...]

    @property
    def visitors(self) -> int:
        """All people: each is of one division."""
        return sum(figure.visitors for figure in self.divisions)

    @property
    def beside(self) -> list[DivisionFigure]:
        """Overseas and not stated."""
        return [figure for figure in self.divisions if not figure.division.tile]


def get_places(hall_id: int, period: Period) -> Places:
    """Where the people of a period came from, in one query."""
    found = queries.sum_by_division(hall_id, period)
    return Places(divisions=_divisions(found, sum(one.visitors for one in found.values())))


def get_report(hall: Hall, period: Period) -> Report:
    """Compute a report from one state of the database: nine queries, however many rows they sum up.

    Raises:
        PeriodNotBegun: the period lies in the future.
        PeriodBeforeOpening: the period ended before the hall opened.
    """
    if hall.today() < period.first:
        raise PeriodNotBegun(str(period))
    if period.end <= hall.opened_on:
        raise PeriodBeforeOpening(str(period), hall.opened_on.isoformat())
    read_snapshot()
    by_division = queries.sum_by_division(hall.id, period)
    by_day = queries.sum_by_day(hall.id, period)
    total = _total(by_day.values())
    divisions = _divisions(by_division, total.visitors)
    return Report(
        hall=hall,
        period=period,
        made_at=clock.now(),
        running=hall.today() < period.end,
        closed=False,
        totals=Totals(
            visitors=total.visitors,
            groups=total.groups,
            booked_visitors=queries.sum_booked(hall.id, period),
            divisions=sum(1 for figure in divisions if figure.division.tile and figure.visitors),
        ),
        previous=_previous(hall, period),
        divisions=divisions,
        parts=tuple(_parts(hall, period, by_day)),
        programmes=_programmes(hall, period, total.visitors),
        kinds=_kinds(hall, period, total.visitors),
        check=Check(
            divisions=_total(by_division.values()).visitors,
            parts=total.visitors,
            ledger=queries.sum_ledger(hall.id, period),
        ),
    )


def share(part: int, whole: int) -> float:
    """A part of a whole to a thousandth, halves up; 0 of nothing. Rounded here once, so that all faces agree."""
    return (2000 * part + whole) // (2 * whole) / 1000 if whole else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The way in: every month since the opening, years newest first, and what they come to."""

    hall: Hall
    totals: Sum
    divisions: int
    years: tuple[tuple[PartFigure, tuple[PartFigure | None, ...]], ...]

    @property
    def empty_years(self) -> list[str]:
        """Past years without visitors."""
        return [str(year.first.year) for year, _months in self.years[1:] if not year.visitors]


def get_history(hall: Hall) -> History:
    """People and groups of each month since the opening; None for months before it and months to come."""
    read_snapshot()
    by_day = queries.sum_by_day(hall.id, SINCE_OPENING)
    by_division = queries.sum_by_division(hall.id, SINCE_OPENING)
    today = hall.today()
    months = _fold(by_day, Unit.MONTH)
    years = _fold(by_day, Unit.YEAR)
    opened = hall.opened_on.replace(day=1)
    return History(
        hall=hall,
        totals=_total(by_day.values()),
        divisions=sum(1 for code, found in by_division.items() if DIVISIONS[code].tile and found.visitors),
        years=tuple(
            (
                _part(date(year, 1, 1), years),
                tuple(
                    _part(first, months) if opened <= first <= today else None
                    for first in (date(year, number, 1) for number in range(1, 13))
                ),
            )
            for year in range(today.year, hall.opened_on.year - 1, -1)
        ),
    )


def _total(found: Iterable[Sum]) -> Sum:
    visitors = groups = 0
    for one in found:
        visitors += one.visitors
        groups += one.groups
    return Sum(visitors, groups)


def _divisions(found: Mapping[str, Sum], whole: int) -> tuple[DivisionFigure, ...]:
    sums = ((division, found.get(code, NOTHING)) for code, division in DIVISIONS.items())
    return tuple(
        DivisionFigure(division=division, visitors=s.visitors, groups=s.groups, share=share(s.visitors, whole))
        for division, s in sums
    )


def _programmes(hall: Hall, period: Period, whole: int) -> tuple[ProgrammeFigure, ...]:
    """Programmes that the hall offers, and those that it gave up but that visitors came for."""
    found = queries.sum_by_programme(hall.id, period)
    sums = ((programme, found.get(programme.id, NOTHING)) for programme in queries.list_programmes(hall.id))
    return tuple(
        ProgrammeFigure(programme=programme, visitors=s.visitors, groups=s.groups, share=share(s.visitors, whole))
        for programme, s in sums
        if programme.active or s.visitors
    )


def _kinds(hall: Hall, period: Period, whole: int) -> tuple[KindFigure, ...]:
    found = queries.sum_by_kind(hall.id, period)
    sums = ((kind, found.get(kind, NOTHING)) for kind in OrganisationKind)
    return tuple(
        KindFigure(kind=kind, visitors=s.visitors, groups=s.groups, share=share(s.visitors, whole)) for kind, s in sums
    )


def _previous(hall: Hall, period: Period) -> Sum | None:
    if period.unit is Unit.SINCE_OPENING or period.first <= hall.opened_on:
        return None
    return queries.sum_all(hall.id, period.previous())


def _parts(hall: Hall, period: Period, by_day: Mapping[date, Sum]) -> Iterable[PartFigure]:
    if period.unit is Unit.MONTH:
        days = (period.first + timedelta(days=number) for number in range((period.end - period.first).days))
        return (_part(day, by_day) for day in days)
    if period.unit is Unit.YEAR:
        months = _fold(by_day, Unit.MONTH)
        return (_part(period.first.replace(month=number), months) for number in range(1, 13))
    years = _fold(by_day, Unit.YEAR)
    return (_part(date(year, 1, 1), years) for year in range(hall.opened_on.year, hall.today().year + 1))


def _part(first: date, sums: Mapping[date, Sum]) -> PartFigure:
    found = sums.get(first, NOTHING)
    return PartFigure(first=first, visitors=found.visitors, groups=found.groups)


def _fold(by_day: Mapping[date, Sum], unit: Unit) -> dict[date, Sum]:
    """Sums of days added up to months or years, by their first days."""
    folded: dict[date, Sum] = {}
    for day, found in by_day.items():
        first = day.replace(day=1) if unit is Unit.MONTH else day.replace(month=1, day=1)
        before = folded.get(first, NOTHING)
        folded[first] = Sum(before.visitors + found.visitors, before.groups + found.groups)
    return folded
