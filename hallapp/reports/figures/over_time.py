"""People over time: every month since the opening, and the days, months or years that a period is shown by."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from hallapp.ledger import queries as ledger
from hallapp.ledger.facets import ALL
from hallapp.ledger.figures import NOTHING as NOBODY
from hallapp.ledger.figures import Amount
from hallapp.periods import Period, Span
from hallapp.reports.figures import queries
from hallapp.reports.figures.parts import NOTHING, PartFigure, Sum
from hallapp.schedule.models import Hall


def list_trend(hall: Hall, period: Period) -> tuple[PartFigure, ...]:
    """Return every month from the opening up to the period's last one, or to the present one."""
    last = min(period.last, hall.today())
    months = ledger.by_first(ledger.list_spans(hall.id, (Span.MONTH, date.min, last + timedelta(days=1)), ALL))
    firsts = {first for first in months if first < hall.opened_on.replace(day=1)}
    firsts.update(_spans(hall.opened_on, last, Span.MONTH))
    return tuple(part(first, months) for first in sorted(firsts))


def list_parts(hall: Hall, period: Period) -> tuple[tuple[PartFigure, ...], Sum]:
    """Return the parts of a period, and who came in it on no day that is known."""
    if period.part is Span.YEAR:
        years = ledger.by_first(ledger.list_spans(hall.id, (Span.YEAR, date.min, None), ALL))
        firsts = sorted({*years, *_spans(hall.opened_on, hall.today(), Span.YEAR)})
        return tuple(part(first, years) for first in firsts), NOTHING
    if period.part is Span.MONTH and period.first.day == period.end.day == 1:
        months = ledger.by_first(ledger.list_spans(hall.id, (Span.MONTH, period.first, period.end), ALL))
        return tuple(part(first, months) for first in _spans(period.first, period.last, Span.MONTH)), NOTHING
    days = ledger.by_first(ledger.list_spans(hall.id, (Span.DAY, period.first, period.end), ALL))
    if period.part is Span.DAY:
        parts = tuple(part(first, days) for first in _spans(period.first, period.last, Span.DAY))
    else:
        parts = tuple(_by_month(period, days))
    return parts, _undated(hall, period)


def _undated(hall: Hall, period: Period) -> Sum:
    """Return people whose arrival is known only by the month, of the whole months in a period."""
    whole = [(first, end) for span, first, end in period.stretches() if span is not Span.DAY]
    return queries.sum_undated(hall.id, whole)


def _by_month(period: Period, days: Mapping[date, Amount]) -> Iterable[PartFigure]:
    months: dict[date, Amount] = {}
    for day, one in days.items():
        first = day.replace(day=1)
        months[first] = months.get(first, NOBODY).plus(one)
    return (part(first, months) for first in _spans(period.first, period.last, Span.MONTH))


def _spans(first: date, last: date, span: Span) -> list[date]:
    """Return the first days of the days, months or years from one day to another."""
    if span is Span.DAY:
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if span is Span.YEAR:
        return [date(year, 1, 1) for year in range(first.year, last.year + 1)]
    months = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in months]


def part(first: date, sums: Mapping[date, Amount]) -> PartFigure:
    """Return a day, month or year by its first day; an empty one where it has no figures."""
    found = sums.get(first, NOBODY)
    return PartFigure(first=first, visitors=found.visitors, groups=found.groups)
