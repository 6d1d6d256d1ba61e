"""Changes that a whole import makes to the figures, and their reversal.

The cost depends on the import and the visits of its organisations, not on the size of the hall's ledger.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select

from hallapp.core.database import db
from hallapp.ledger import figures, first_visits
from hallapp.ledger.facets import FACETS, Facet
from hallapp.ledger.figures import NOTHING, Amount, Part
from hallapp.ledger.models import HistoryImport, HistoryRow, Standing
from hallapp.ledger.recount import imported
from hallapp.periods import Span


def add(history: HistoryImport, *, sign: int) -> None:
    """Add an import's rows to the figures (sign 1), or take them out again (−1); the caller holds the hall."""
    mine = HistoryRow.import_id == history.id
    days: dict[date, dict[Part, Amount]] = {}
    months: dict[tuple[Span, date], dict[Part, Amount]] = {}
    for facet in FACETS.values():
        for first, part, *amount in db.session.execute(imported(facet, Span.DAY, mine)):
            _add(days.setdefault(first, {}), (facet.name, _as_known(facet, part)), _signed(amount, sign))
        for first, part, *amount in db.session.execute(imported(facet, Span.MONTH, mine)):
            for span in figures.spans_of(first)[1:]:
                _add(months.setdefault(span, {}), (facet.name, _as_known(facet, part)), _signed(amount, sign))
    for day, parts in first_visits.follow_import(history.hall_id, history.id).items():
        for key, moved in parts.items():
            _add(days.setdefault(day, {}), key, moved)
    figures.add(history.hall_id, days)
    figures.add_to_spans(history.hall_id, months)
    _add_cells(history, sign)


def _add(sums: dict[Part, Amount], part: Part, amount: Amount) -> None:
    sums[part] = sums.get(part, NOTHING).plus(amount)


def _as_known(facet: Facet, part: str) -> str:
    """Treat an organisation in an import as returning, as in `facets`, until its first visit is known."""
    return Standing.RETURNING.value if facet.by_first_visit and part == Standing.NEW else part


def _signed(amount: Iterable[int], sign: int) -> Amount:
    return Amount(*(sign * int(number) for number in amount))


def _add_cells(history: HistoryImport, sign: int) -> None:
    row = HistoryRow
    keys = (row.first, row.division, row.programme_id, row.kind)
    rows = db.session.execute(
        select(*keys, func.sum(row.visitors), func.sum(row.groups))
        .where(row.import_id == history.id, row.span == Span.DAY)
        .group_by(*keys)
    )
    cells: dict[date, dict[figures.Cell, Amount]] = {}
    for day, division, programme_id, kind, *amount in rows:
        cells.setdefault(day, {})[division, programme_id, kind] = _signed((*amount, 0), sign)
    for day, moved in cells.items():
        figures.add_cells(history.hall_id, day, moved)
