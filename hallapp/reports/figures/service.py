"""Compute the figures of a report once: the page, the PDF and every export read the same frozen values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from hallapp.core import clock
from hallapp.core.database import read_snapshot
from hallapp.ledger import closes
from hallapp.ledger import queries as ledger
from hallapp.ledger.facets import ALL, DIVISION, FACETS, Facet, list_presented
from hallapp.ledger.figures import NOTHING as NOBODY
from hallapp.ledger.figures import Amount
from hallapp.ledger.models import MonthClose
from hallapp.origins.values import OriginSet
from hallapp.periods import SINCE_OPENING, Period, Span, Unit
from hallapp.reports.errors import PeriodBeforeOpening, PeriodNotBegun
from hallapp.reports.figures import absences, audience, compared, filing, goals, landmarks, over_time, queries, talks
from hallapp.reports.figures.compared import Compared
from hallapp.reports.figures.parts import (
    ABSENCES_BY_BOOKING,
    AudiencePart,
    Check,
    DivisionFigure,
    FacetFigure,
    Figures,
    PartFigure,
    Sum,
    Totals,
    share,
)
from hallapp.schedule.models import Hall

Parts = Mapping[str, Amount]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Figures):
    """The figures of a hall in a period; `running` while the period has days to come.

    `first_day` is that of the opening, or an earlier one on which people were counted.
    A closed month has its `close`, and shows the figures that were filed with it. `later` are the people that were
    counted in it, or taken out, since, by `later_count` adjustments: which may cancel out.
    `audience_moves` are the same of the online audience by place of origin, `later_talks` of the talks that were held.
    `goal` is that of a year; None for other periods, and for a year without one.
    """

    hall: Hall
    period: Period
    made_at: datetime
    running: bool
    first_day: date
    close: MonthClose | None = None
    later: int = 0
    later_count: int = 0
    audience_moves: tuple[AudiencePart, ...] = ()
    later_talks: int = 0
    goal: goals.Goal | None = None

    @property
    def closed(self) -> bool:
        """Return whether the figures have been filed and no longer change."""
        return self.close is not None

    @property
    def later_audience(self) -> int:
        """Return the people by whom the online audience of a closed month has moved since; moves may cancel out."""
        return sum(one.people for one in self.audience_moves)

    @property
    def origins(self) -> OriginSet:
        """Return the hall's places of origin."""
        return self.hall.origins

    @property
    def regions(self) -> dict[str, int]:
        """Return people by the regions of their places, by the regions' codes."""
        return sum_regions(self.origins, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The places of origin alone, without the rest of a report; `divisions` and `beside` are as in `Figures`."""

    origins: OriginSet
    divisions: tuple[DivisionFigure, ...]

    @property
    def visitors(self) -> int:
        """Return all people: each is of one division."""
        return sum(figure.visitors for figure in self.divisions)

    @property
    def beside(self) -> list[DivisionFigure]:
        """Return those that are no place: abroad and not stated."""
        return [figure for figure in self.divisions if not figure.is_place]


def sum_regions(origins: OriginSet, figures: Figures) -> dict[str, int]:
    """Return people by the regions of their places."""
    people = {region.code: 0 for region in origins.regions}
    for figure in figures.divisions:
        region = origins.region_of(figure.code)
        people[region] = people.get(region, 0) + figure.visitors
    return people


def get_places(hall: Hall, period: Period) -> Places:
    """Return the places of origin of a period's people, in one query."""
    found = ledger.sum_parts(hall.id, period.stretches(), [DIVISION])[DIVISION]
    divisions = _divisions(hall.origins, found, sum(one.visitors for one in found.values()))
    return Places(origins=hall.origins, divisions=divisions)


def get_report(hall: Hall, period: Period) -> Report:
    """Return the report of a period, read from one state of the database in about twenty queries.

    The report of a closed month shows the filed figures.

    Raises:
        PeriodNotBegun: the period lies in the future.
        PeriodBeforeOpening: the period ended before the hall opened.
    """
    check_period(hall, period)
    read_snapshot()
    close = closes.find(hall.id, period.first) if period.unit is Unit.MONTH else None
    if close is None:
        first_day = ledger.find_first_day(hall)
        return _report(hall, period, compute(hall, period, first_day=first_day), first_day=first_day)
    return filed_report(hall, close)


def filed_report(hall: Hall, close: MonthClose) -> Report:
    """Return the report of a month as it was filed, without later changes."""
    period = Period.month(close.month.year, close.month.month)
    since = closes.sum_adjustments([close.id])
    return _report(hall, period, filing.read(close.figures), made_at=close.closed_at, close=close, since=since)


def check_period(hall: Hall, period: Period) -> None:
    """Check that a period has a report: the hall was open in it, or has counted people in it or earlier.

    Raises:
        PeriodNotBegun, PeriodBeforeOpening.
    """
    if hall.today() < period.first:
        raise PeriodNotBegun(str(period))
    if period.end <= hall.opened_on and period.first < _first_month(hall, _list_months(hall)):
        raise PeriodBeforeOpening(str(period), hall.opened_on.isoformat())


def _report(
    hall: Hall,
    period: Period,
    figures: Figures,
    *,
    first_day: date | None = None,
    made_at: datetime | None = None,
    close: MonthClose | None = None,
    since: closes.Since = closes.NONE_SINCE,
) -> Report:
    return Report(
        hall=hall,
        period=period,
        made_at=made_at or clock.now(),
        running=hall.today() < period.end,
        first_day=first_day or ledger.find_first_day(hall),
        close=close,
        later=since.visitors,
        later_count=since.adjustments,
        audience_moves=audience.list_later(hall.id, period.first, period.end, figures.audience) if close else (),
        later_talks=talks.count_later(hall.id, period.first, period.end, figures.talks) if close else 0,
        goal=goals.find(hall, period.first.year) if period.unit is Unit.YEAR else None,
        **{field.name: getattr(figures, field.name) for field in fields(Figures)},
    )


def compute(hall: Hall, period: Period, *, first_day: date | None = None) -> Figures:
    """Return the figures of a period as the ledger has them now, closed or not.

    `first_day` is that of `Report`, where the caller knows it.
    """
    found = ledger.sum_parts(hall.id, period.stretches(), list(FACETS))
    total = found[ALL].get("", NOBODY)
    all_closed = closes.list_closed(hall.id)
    first_day = first_day or ledger.find_first_day(hall)
    before = compared.find(hall, _before(period, first_day), all_closed)
    last_year = compared.find(hall, _year_before(period, first_day), all_closed)
    divisions = _divisions(hall.origins, found[DIVISION], total.visitors, before=before, last_year=last_year)
    trend = over_time.list_trend(hall, period)
    parts, undated = over_time.list_parts(hall, period)
    seen = landmarks.see_firsts(hall, period)
    closed = landmarks.list_inside(period, all_closed)
    open_days = landmarks.list_open_days(period, closed)
    absent = absences.count(hall.id, closed=closed, open_days=open_days, until=clock.now())
    filed, in_ledger = landmarks.file_up(hall, closed, open_days, absences_in_sum=absent.in_sum_months)
    return Figures(
        totals=_totals(hall, period, total, divisions, absent=absent.visitors),
        absence_method=ABSENCES_BY_BOOKING,
        audience=audience.find(hall, period),
        talks=talks.find(hall.id, period),
        previous=before.total if before else None,
        previous_signed=before.signed if before else None,
        last_year=last_year.total if last_year else None,
        last_year_signed=last_year.signed if last_year else None,
        divisions=divisions,
        parts=parts,
        undated=undated,
        facets=_facets(hall, found, total.visitors),
        firsts=landmarks.list_firsts(period, seen),
        milestones=landmarks.list_milestones(hall, period, trend, seen),
        trend=trend,
        adjustments=landmarks.list_adjustments(hall, period),
        filed=filed,
        check=Check(
            divisions=sum(one.visitors for one in found[DIVISION].values()),
            parts=sum(one.visitors for one in parts) + undated.visitors,
            ledger=in_ledger,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The overview: every month since the opening, newest year first, and their sums; `closed` months.

    `first_day` is as in `Report`.
    """

    hall: Hall
    first_day: date
    totals: Sum
    divisions: int
    years: tuple[tuple[PartFigure, tuple[PartFigure | None, ...]], ...]
    closed: frozenset[date]

    @property
    def empty_years(self) -> list[str]:
        """Past years without visitors."""
        return [str(year.first.year) for year, _months in self.years[1:] if not year.visitors]


def get_history(hall: Hall) -> History:
    """Return people and groups of each month since the opening; None for months before it and months to come."""
    read_snapshot()
    today, months = hall.today(), _list_months(hall)
    opened = _first_month(hall, months)
    years = ledger.by_first(ledger.list_spans(hall.id, (Span.YEAR, date.min, None), ALL))
    return History(
        hall=hall,
        first_day=ledger.find_first_day(hall),
        totals=_sum_of(years.values()),
        divisions=_count_divisions(get_places(hall, SINCE_OPENING).divisions),
        years=tuple(
            (
                over_time.part(date(year, 1, 1), years),
                tuple(
                    over_time.part(first, months) if opened <= first <= today else None
                    for first in (date(year, number, 1) for number in range(1, 13))
                ),
            )
            for year in range(today.year, opened.year - 1, -1)
        ),
        closed=frozenset(each.month for each in closes.list_closed(hall.id)),
    )


def _list_months(hall: Hall) -> Mapping[date, Amount]:
    return ledger.by_first(ledger.list_spans(hall.id, (Span.MONTH, date.min, None), ALL))


def _first_month(hall: Hall, counted: Iterable[date]) -> date:
    """Return the month of the opening, or an earlier one in which people were counted: nobody who came is left out."""
    return min([hall.opened_on.replace(day=1), *counted])


def _before(period: Period, first_day: date) -> Period | None:
    """Return the period before, where the hall was open in it or had counted people; `first_day` is the first such."""
    return None if period.unit is Unit.SINCE_OPENING or period.first <= first_day else period.previous()


def _year_before(period: Period, first_day: date) -> Period | None:
    """Return the same period a year before, if it has days since the first one; that of a year is the period before.

    The days of more than a year are among those of a year before: people would be compared with themselves.
    """
    if period.unit in (Unit.SINCE_OPENING, Unit.YEAR):
        return None
    year_before = period.year_before()
    return year_before if first_day < year_before.end <= period.first else None


def _sum_of(found: Iterable[Amount]) -> Sum:
    total = NOBODY
    for one in found:
        total = total.plus(one)
    return Sum(total.visitors, total.groups)


def _totals(hall: Hall, period: Period, total: Amount, divisions: Sequence[DivisionFigure], *, absent: int) -> Totals:
    places = queries.sum_places(hall.id, period)
    return Totals(
        visitors=total.visitors,
        groups=total.groups,
        booked_visitors=places.booked,
        absent_visitors=absent,
        capacity=places.capacity,
        divisions=_count_divisions(divisions),
    )


def _count_divisions(divisions: Iterable[DivisionFigure]) -> int:
    return sum(1 for figure in divisions if figure.is_place and figure.visitors)


def _divisions(
    origins: OriginSet,
    found: Parts,
    whole: int,
    *,
    before: Compared | None = None,
    last_year: Compared | None = None,
) -> tuple[DivisionFigure, ...]:
    return tuple(
        DivisionFigure(
            code=code,
            visitors=one.visitors,
            groups=one.groups,
            share=share(one.visitors, whole),
            before=before.of(code) if before else None,
            last_year=last_year.of(code) if last_year else None,
        )
        for code in (*origins.divisions, *sorted(found.keys() - origins.divisions.keys()))
        for one in (found.get(code, NOBODY),)
    )


def _facets(hall: Hall, found: Mapping[str, Parts], whole: int) -> dict[str, tuple[FacetFigure, ...]]:
    """Return the parts of each facet that a report lists; divisions have figures of their own.

    Countries that were counted stay in the reports of a hall that asks for them no longer.
    """
    listed = {
        facet.name: tuple(
            FacetFigure(
                code=part.code,
                name=part.name,
                visitors=part.amount.visitors,
                groups=part.amount.groups if shown.groups else None,
                share=share(part.amount.visitors, whole) if shown.shares else None,
            )
            for part in facet.parts.list_parts(hall.id, found[facet.name])
        )
        for facet, shown in list_presented()
        if facet.parts
    }
    return {name: parts for name, parts in listed.items() if parts or _lists_nobody(FACETS[name], hall)}


def _lists_nobody(facet: Facet, hall: Hall) -> bool:
    """Return whether a report has a facet even if there is nothing to list."""
    return facet.is_of(hall.origins) and not facet.by_category
