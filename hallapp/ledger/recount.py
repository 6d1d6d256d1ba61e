"""The proof and the repair of figures by the ledger, all in set operations.

The figures of days are compared with the ledger's rows part by part; those of months and years with the days that they
add up. So a recount reads each ledger row once for a facet, and keeps in memory what differs, and the months.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    case,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)

from hallapp.core.database import db, upsert
from hallapp.ledger import categories, closes, figures, first_visits
from hallapp.ledger.facets import FACETS, ORGANISATION, Facet
from hallapp.ledger.figures import NOTHING, Amount, Part
from hallapp.ledger.models import Arrival, DeskEvent, DivisionSummary, Figure, FirstVisit, HistoryImport, HistoryRow
from hallapp.ledger.parties import GROUP
from hallapp.origins.values import division_in_sql
from hallapp.periods import Span

Spans = dict[tuple[Span, date], dict[Part, Amount]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure that differs from the ledger.

    `facet` and `part` are as in `figure`; in the summary by division, programme and kind the facet is None and the part
    names the three. A wrong first visit of an organisation has the facet `organisation` and its number.
    """

    span: Span
    first: date
    facet: str | None
    part: str
    in_ledger: Amount
    in_figures: Amount


def recount(hall_id: int, *, repair: bool = False) -> list[Difference]:
    """Recount the figures of a hall from its ledger; return every difference, by day; with `repair` correct them.

    Without a repair the caller lets all be read from one state of the database (`read_snapshot`), so that arrivals in
    the meantime make no false difference. A repair needs a transaction and holds the hall's row: its desks wait.
    """
    if repair:
        closes.hold(hall_id)
    found = [_of_visit(one) for one in first_visits.list_wrong(hall_id)]
    if repair:
        first_visits.put_right(hall_id)
    for facet in FACETS.values():
        found += _compared(hall_id, facet, repair=repair)
    found += _compared_spans(hall_id, repair=repair)
    found += _compared_cells(hall_id, repair=repair)
    return sorted(found, key=lambda one: (one.first, one.span, one.facet or "", one.part))


def _of_visit(one: first_visits.Wrong) -> Difference:
    return Difference(
        span=Span.DAY,
        first=one.right.day if one.right else one.stored.day if one.stored else date.min,
        facet=ORGANISATION,
        part=str(one.organisation),
        in_ledger=Amount(one.right.visitors, one.right.groups, 0) if one.right else NOTHING,
        in_figures=Amount(one.stored.visitors, one.stored.groups, 0) if one.stored else NOTHING,
    )


def _compared(hall_id: int, facet: Facet, *, repair: bool) -> list[Difference]:
    """Return the days of one facet."""
    stored = select(
        Figure.first.label("first"),
        Figure.part.label("part"),
        *_in_figures(Figure.visitors, Figure.groups, Figure.extra),
    ).where(Figure.hall_id == hall_id, Figure.span == Span.DAY, Figure.facet == facet.name)
    found = [
        Difference(span=Span.DAY, first=first, facet=facet.name, part=part, in_ledger=ledger, in_figures=in_figures)
        for (first, part), ledger, in_figures in _differing([*_counted(hall_id, facet), stored], "first", "part")
    ]
    if repair:
        _put_right(hall_id, found)
    return found


def _compared_spans(hall_id: int, *, repair: bool) -> list[Difference]:
    """Months and years, by the days and the imported months that they add up."""
    right = _rolled_up(hall_id)
    stored: Spans = {}
    rows = db.session.execute(
        select(
            Figure.span, Figure.first, Figure.facet, Figure.part, Figure.visitors, Figure.groups, Figure.extra
        ).where(Figure.hall_id == hall_id, Figure.span != Span.DAY)
    )
    for span, first, facet, part, *amount in rows:
        stored.setdefault((span, first), {})[facet, part] = Amount(*amount)
    found = [
        Difference(
            span=span,
            first=first,
            facet=facet,
            part=part,
            in_ledger=right.get((span, first), {}).get((facet, part), NOTHING),
            in_figures=stored.get((span, first), {}).get((facet, part), NOTHING),
        )
        for span, first in {*right, *stored}
        for facet, part in figures.changes(stored.get((span, first), {}), right.get((span, first), {}))
    ]
    if repair:
        _put_right(hall_id, found)
    return found


def _rolled_up(hall_id: int) -> Spans:
    """Return the sums that months and years should hold."""
    right: Spans = {}
    days = db.session.execute(
        select(Figure.first, Figure.facet, Figure.part, Figure.visitors, Figure.groups, Figure.extra)
        .where(Figure.hall_id == hall_id, Figure.span == Span.DAY)
        .execution_options(yield_per=5_000)
    )
    _fold(right, days)
    for facet in FACETS.values():
        _fold(right, ((first, facet.name, part, *amount) for first, part, *amount in _imported_months(hall_id, facet)))
    return right


def _fold(spans: Spans, rows: Iterable[Any]) -> None:
    """Add rows (first day, facet, part, amount) up to months and years."""
    for first, facet, part, *amount in rows:
        for span in figures.spans_of(first)[1:]:
            sums = spans.setdefault(span, {})
            sums[facet, part] = sums.get((facet, part), NOTHING).plus(Amount(*map(int, amount)))


def _imported_months(hall_id: int, facet: Facet) -> Iterator[Any]:
    query = imported(facet, Span.MONTH, HistoryRow.hall_id == hall_id, HistoryImport.withdrawn_at.is_(None))
    yield from db.session.execute(query)


def _compared_cells(hall_id: int, *, repair: bool) -> list[Difference]:
    table = DivisionSummary
    keys = ("day", "division", "programme_id", "kind")
    stored = select(
        table.day, table.division, table.programme_id, type_coerce(table.kind, String).label("kind"),
        *_in_figures(table.visitors, table.groups, literal(0)),
    ).where(table.hall_id == hall_id)  # fmt: skip
    differing = list(_differing([*_counted_cells(hall_id), stored], *keys))
    if repair and differing:
        statement = upsert(table)
        right = {name: statement.excluded[name] for name in ("visitors", "groups")}
        db.session.execute(
            statement.on_conflict_do_update(index_elements=list(table.__table__.primary_key), set_=right),
            [
                {
                    "hall_id": hall_id,
                    **dict(zip(keys, key, strict=True)),
                    "visitors": ledger.visitors,
                    "groups": ledger.groups,
                }
                for key, ledger, _ in differing
            ],
        )
    return [
        Difference(
            span=Span.DAY,
            first=day,
            facet=None,
            part=f"{division} {programme_id} {kind}",
            in_ledger=ledger,
            in_figures=in_figures,
        )
        for (day, division, programme_id, kind), ledger, in_figures in differing
    ]


def _put_right(hall_id: int, differences: Sequence[Difference]) -> None:
    rows = [
        {"hall_id": hall_id, "span": one.span, "facet": one.facet, "first": one.first, "part": one.part}
        | one.in_ledger._asdict()
        for one in differences
    ]
    if rows:
        statement = upsert(Figure)
        right = {name: statement.excluded[name] for name in Amount._fields}
        keys = list(Figure.__table__.primary_key)
        db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=right), rows)


def _differing(
    queries: Sequence[Select[*tuple[Any, ...]]], *keys: str
) -> Iterator[tuple[tuple[Any, ...], Amount, Amount]]:
    """Return the differences of two sides' sums: the key, the ledger's sum, and the figures' sum."""
    both = union_all(*queries).subquery()
    names = ("visitors", "groups", "extra")
    ledger = [func.coalesce(func.sum(both.c[f"{name}_in_ledger"]), 0) for name in names]
    in_figures = [func.coalesce(func.sum(both.c[f"{name}_in_figures"]), 0) for name in names]
    differ: ColumnElement[bool] = ledger[0] != in_figures[0]
    for one, other in zip(ledger[1:], in_figures[1:], strict=True):
        differ |= one != other
    columns = [both.c[key] for key in keys]
    rows = db.session.execute(select(*columns, *ledger, *in_figures).group_by(*columns).having(differ))
    for row in rows:
        *key, a, b, c, d, e, f = row
        yield tuple(key), Amount(int(a), int(b), int(c)), Amount(int(d), int(e), int(f))


def _in_ledger(*columns: Any) -> tuple[ColumnElement[int], ...]:
    visitors, groups, extra = columns
    zeros = (literal(0).label(f"{name}_in_figures") for name in ("visitors", "groups", "extra"))
    return (
        visitors.label("visitors_in_ledger"),
        groups.label("groups_in_ledger"),
        extra.label("extra_in_ledger"),
        *zeros,
    )


def _in_figures(*columns: Any) -> tuple[ColumnElement[int], ...]:
    visitors, groups, extra = columns
    zeros = (literal(0).label(f"{name}_in_ledger") for name in ("visitors", "groups", "extra"))
    return (
        *zeros,
        visitors.label("visitors_in_figures"),
        groups.label("groups_in_figures"),
        extra.label("extra_in_figures"),
    )


def _counted(hall_id: int, facet: Facet) -> list[Select[*tuple[Any, ...]]]:
    """Return each group's people of a day by the parts of a facet, and the days of the imports that count."""
    days = imported(facet, Span.DAY, HistoryRow.hall_id == hall_id, HistoryImport.withdrawn_at.is_(None)).subquery()
    told = select(days.c.first, days.c.part, *_in_ledger(days.c.visitors, days.c.groups, days.c.extra))
    groups = (categories.people_by_group(hall_id) if facet.by_category else _by_group(hall_id, facet)).subquery()
    counts = case((groups.c.visitors > 0, 1), else_=0)
    return [select(groups.c.first, groups.c.part, *_in_ledger(groups.c.visitors, counts, groups.c.extra)), told]


def _by_group(hall_id: int, facet: Facet) -> Select[*tuple[Any, ...]]:
    """Return each group's people of a day by the parts of a facet."""
    part = facet.of_arrival
    return (
        select(
            Arrival.day.label("first"),
            part.label("part"),
            func.sum(Arrival.visitors).label("visitors"),
            (literal(0) if facet.by_first_visit else func.sum(Arrival.extra)).label("extra"),
        )
        .join(DeskEvent, DeskEvent.id == Arrival.event_id)
        .outerjoin(FirstVisit, (FirstVisit.hall_id == hall_id) & (FirstVisit.organisation == Arrival.organisation))
        .where(Arrival.hall_id == hall_id, part.is_not(None))
        .group_by(Arrival.day, part, *GROUP)
    )


def _counted_cells(hall_id: int) -> list[Select[*tuple[Any, ...]]]:
    kind = type_coerce(Arrival.kind, String).label("kind")
    keys = (Arrival.day, division_in_sql(Arrival.division).label("division"), Arrival.programme_id, kind)
    groups = (
        select(*keys, func.sum(Arrival.visitors).label("visitors"))
        .join(DeskEvent, DeskEvent.id == Arrival.event_id)
        .where(Arrival.hall_id == hall_id)
        .group_by(*keys, *GROUP)
        .subquery()
    )
    row = HistoryRow
    imported = (
        select(
            row.first,
            row.division,
            row.programme_id,
            type_coerce(row.kind, String),
            *_in_ledger(row.visitors, row.groups, literal(0)),
        )
        .join(HistoryImport, HistoryImport.id == row.import_id)
        .where(row.hall_id == hall_id, row.span == Span.DAY, HistoryImport.withdrawn_at.is_(None))
    )
    columns = (groups.c[name] for name in ("day", "division", "programme_id", "kind"))
    counts = case((groups.c.visitors > 0, 1), else_=0)
    return [select(*columns, *_in_ledger(groups.c.visitors, counts, literal(0))), imported]


def imported(facet: Facet, span: Span, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return imported people and groups by their first day and part; rows of no part are left out.

    A month's total names no organisation.
    """
    part = facet.of_import.label("part")
    return (
        select(
            HistoryRow.first.label("first"),
            part,
            func.sum(HistoryRow.visitors).label("visitors"),
            func.sum(HistoryRow.groups).label("groups"),
            literal(0).label("extra"),
        )
        .join(HistoryImport, HistoryImport.id == HistoryRow.import_id)
        .outerjoin(
            FirstVisit,
            (FirstVisit.hall_id == HistoryRow.hall_id) & (FirstVisit.organisation == HistoryRow.organisation),
        )
        .where(HistoryRow.span == span, facet.of_import.is_not(None), *conditions)
        .group_by(HistoryRow.first, part)
    )
