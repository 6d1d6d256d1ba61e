"""Changes that a whole import makes to the figures, and their reversal.

The cost depends on the import and the visits of its organisations, not on the size of the hall's ledger.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from hallapp.core.database import db
from hallapp.ledger import figures, first_visits
from hallapp.ledger.facets import DIVISION, FACETS, KIND, PROGRAMME, Facet
from hallapp.ledger.figures import NOTHING, Amount, Cell, Part
from hallapp.ledger.models import HistoryImport, HistoryRow, Standing
from hallapp.periods import Span

_AT_ONCE = 10_000  # sums


def add(history: HistoryImport, *, sign: int) -> None:
    """Add an import's rows to the figures (sign 1), or take them out again (−1); the caller holds the hall."""
    days: dict[date, dict[Part, Amount]] = {}
    spans: dict[tuple[Span, date], dict[Part, Amount]] = {}  # months and years, of whole months
    cells: dict[date, dict[Cell, Amount]] = {}
    for span, first, amount, parts in _sums(history, sign):
        if span is Span.DAY:
            _add_parts(days.setdefault(first, {}), parts, amount)
            _add(cells.setdefault(first, {}), (parts[DIVISION], int(parts[PROGRAMME]), parts[KIND]), amount)
        else:
            for longer in figures.spans_of(first)[1:]:
                _add_parts(spans.setdefault(longer, {}), parts, amount)
    while cells:
        figures.add_cells(history.hall_id, dict([cells.popitem()]))  # freed day by day, before the names are looked at
    for day, moves in first_visits.follow_import(history.hall_id, history.id).items():
        for part, moved in moves.items():
            _add(days.setdefault(day, {}), part, moved)
    figures.add(history.hall_id, days)
    figures.add_to_spans(history.hall_id, spans)


def _add_parts(sums: dict[Part, Amount], parts: Mapping[str, str | None], amount: Amount) -> None:
    for facet, part in parts.items():
        if part is not None:
            _add(sums, (facet, part), amount)


def _add(sums: dict[Any, Amount], key: Any, amount: Amount) -> None:
    sums[key] = sums.get(key, NOTHING).plus(amount)


def _sums(history: HistoryImport, sign: int) -> Iterator[tuple[Span, date, Amount, dict[str, str]]]:
    """Yield the sums of an import's rows that agree in their time and in the parts of all facets.

    All facets are summed from one pass over the rows: a file has many rows, and few that differ in what is counted.
    """
    row = HistoryRow
    labels = {f"part_{name}": facet for name, facet in FACETS.items()}  # which are no names of columns
    rows = (
        select(
            row.span, row.first, row.visitors, row.groups, *(_part(facet).label(name) for name, facet in labels.items())
        )
        .where(row.import_id == history.id)
        .subquery()
    )
    keys = [rows.c.span, rows.c.first, *(rows.c[name] for name in labels)]
    found = db.session.execute(
        select(func.sum(rows.c.visitors), func.sum(rows.c.groups), *keys).group_by(*keys),
        execution_options={"yield_per": _AT_ONCE},
    )
    for visitors, groups, span, first, *parts in found:
        amount = Amount(sign * int(visitors), sign * int(groups), 0)
        yield span, first, amount, dict(zip(FACETS, parts, strict=True))


def _part(facet: Facet) -> ColumnElement[str]:
    """Return the part of a row; an organisation counts as one that returns until `first_visits` tells its first day."""
    named = case((HistoryRow.organisation.is_(None), Standing.UNNAMED.value), else_=Standing.RETURNING.value)
    return named if facet.by_first_visit else facet.of_import
