"""The sum of the rows behind a figure, compared with the report; the page shows a difference."""

from dataclasses import dataclass

from hallapp.ledger import closes
from hallapp.ledger.facets import DIVISION
from hallapp.ledger.models import MonthClose
from hallapp.periods import Unit
from hallapp.reports.drilldown import ledger_rows
from hallapp.reports.drilldown.filters import Filter
from hallapp.reports.figures import filing
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """People and number of the rows of the ledger.

    `figure` is the report's value, where it has one: in a closed month the filed one, with later changes in `late`.
    `close` is the close of the month.
    """

    visitors: int
    rows: int
    figure: int | None = None
    late: int = 0
    close: MonthClose | None = None

    @property
    def agrees(self) -> bool:
        """Return whether the sum of the rows agrees with the report."""
        return self.figure is None or self.figure + self.late == self.visitors


def of(hall: Hall, wanted: Filter) -> Total:
    """Return the sum of the rows of a filter, from one state of the database."""
    visitors, rows = ledger_rows.sum_rows(hall.id, wanted)
    month = wanted.period.first.replace(day=1)
    inside = wanted.period.end <= closes.end_of(month)
    close = closes.find(hall.id, month) if inside else None
    late = ledger_rows.sum_late(close, wanted) if close else 0
    figure = _filed(close, wanted) if close else _figure(hall, wanted)
    return Total(visitors=visitors, rows=rows, figure=figure, late=late, close=close)


def _figure(hall: Hall, wanted: Filter) -> int | None:
    if wanted.undated or len(wanted.parts) > 1:
        return None
    return ledger_rows.sum_figures(hall.id, wanted)


def _filed(close: MonthClose, wanted: Filter) -> int | None:
    """Return the filed figure; None for figures that the report of the month does not have.

    Whether an organisation is new depends on its other visits too, those of other months that were entered later.
    """
    if wanted.whole.unit is not Unit.MONTH:
        return None
    figures = filing.read(close.figures)
    if not wanted.parts:
        if wanted.undated:
            return figures.undated.visitors
        if wanted.day:
            return sum(one.visitors for one in figures.parts if one.first == wanted.day)
        return figures.totals.visitors
    if len(wanted.parts) > 1 or wanted.day or wanted.undated or wanted.parts[0].facet.by_first_visit:
        return None
    facet = wanted.parts[0].facet.name
    if facet not in (DIVISION, *figures.facets):
        return None  # the month was closed before the hall counted by this facet
    people = figures.people_of(facet)
    return sum(people.get(code, 0) for code in wanted.parts[0].codes)
