"""The ledger's own rows behind a figure, and sums of them that no summary was asked for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from hallapp.accounts.models import Staff
from hallapp.booking.models import Booking
from hallapp.core.database import db
from hallapp.kinds.values import is_individual
from hallapp.ledger import queries as ledger
from hallapp.ledger.facets import ALL
from hallapp.ledger.models import (
    Adjustment,
    AdjustmentReason,
    Arrival,
    ArrivalCategory,
    DeskEvent,
    EventKind,
    FirstVisit,
    HistoryImport,
    HistoryRow,
    MonthClose,
    WalkIn,
    Way,
)
from hallapp.periods import Period, Span
from hallapp.reports.drilldown.filters import Filter, FilterPart
from hallapp.reports.errors import FigureUnknown

PAGE = 100
_KEY = re.compile(r"(\d{4}-\d{2}-\d{2})\.([01])\.(\d{1,9})\.([0-9A-Za-z_.-]{1,9})", re.ASCII)
_DESK, _IMPORT = 0, 1


class Key(NamedTuple):
    """The place of a row: by day, the desks' rows before imported ones."""

    day: date
    section: int
    owner: int
    part: str

    def __str__(self) -> str:
        return f"{self.day}.{self.section}.{self.owner}.{self.part}"

    @classmethod
    def read(cls, text: str) -> "Key":
        """Return the place written by `str`. Raises FigureUnknown."""
        found = _KEY.fullmatch(text)
        try:
            if found and (found[2] == str(_DESK) or found[4].isdecimal()):
                return cls(date.fromisoformat(found[1]), int(found[2]), int(found[3]), found[4])
        except ValueError:
            pass
        raise FigureUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class DrilldownRow:
    """One row of the ledger: counted or taken back at a desk, or imported.

    `late` means that it came after the close of the month. A desk's row has its event, an import's the number of the
    row in its file; `at` is None where only a day is known, and `span` is a month where not even the day is.
    `division` is None where `visitors` are people of a category: it is known of an event as a whole.
    """

    key: Key
    late: bool
    span: Span
    division: str | None
    programme_id: int
    kind: str
    source: Way
    visitors: int
    organisation: str = ""
    reference: str | None = None
    guide_id: int | None = None
    event_id: str | None = None
    event: EventKind | None = None
    at: datetime | None = None
    by: str = ""
    device: str | None = None
    note: str | None = None
    import_id: int | None = None
    import_name: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows in order, with the places of the next and the previous page; None where there are no more."""

    rows: Sequence[DrilldownRow]
    before: Key | None
    after: Key | None


def sum_rows(hall_id: int, wanted: Filter) -> tuple[int, int]:
    """Return people of all rows, and how many rows they are."""
    people, rows = 0, 0
    for query in (
        _of_desks(hall_id, wanted, func.coalesce(func.sum(_people(wanted)), 0), func.count()),
        _of_imports(hall_id, wanted, func.coalesce(func.sum(HistoryRow.visitors), 0), func.count()),
    ):
        found = db.session.execute(query).one()
        people, rows = people + int(found[0]), rows + int(found[1])
    return people, rows


def sum_late(close: MonthClose, wanted: Filter) -> int:
    """Return people of the rows that were counted in a closed month, or taken out of it, after its close."""
    late = Adjustment.close_id == close.id
    desks = _of_desks(close.hall_id, wanted, func.coalesce(func.sum(_people(wanted)), 0))
    signed = case((Adjustment.reason == AdjustmentReason.WITHDRAWN, -HistoryRow.visitors), else_=HistoryRow.visitors)
    imports = _of_imports(close.hall_id, wanted, func.coalesce(func.sum(signed), 0), standing=False)
    return int(
        db.session.scalar(desks.join(Adjustment, Adjustment.event_id == Arrival.event_id).where(late)) or 0
    ) + int(db.session.scalar(imports.join(Adjustment, Adjustment.import_id == HistoryRow.import_id).where(late)) or 0)


def list_page(
    hall_id: int, wanted: Filter, *, after: Key | None = None, before: Key | None = None, close: MonthClose | None
) -> Page:
    """Return at most `PAGE` rows after or before a place; from the first row where neither is given."""
    backwards = before is not None and after is None
    place = before if backwards else after
    rows = [*_list_desks(hall_id, wanted, place, close, backwards=backwards)]
    rows += _list_imports(hall_id, wanted, place, close, backwards=backwards)
    rows.sort(key=_order, reverse=backwards)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    if not rows:
        return Page(rows=(), before=None, after=None)
    first, last = rows[0].key, rows[-1].key
    return Page(
        rows=rows,
        before=first if (more if backwards else place) else None,
        after=last if (place if backwards else more) else None,
    )


def list_months(hall_id: int, wanted: Filter) -> list[tuple[Period, int]]:
    """Return the months of a long period, cut at its ends, with the people of a filter; empty months are left out.

    One part, the usual case, is read from the figures.
    """
    period = wanted.period
    rows = ledger.list_spans(hall_id, (Span.MONTH, period.first.replace(day=1), period.end), ALL)
    months = [period.within_month(first) for first, _part, _amount in rows]
    if wanted.undated or len(wanted.parts) > 1:
        found = [(month, sum_rows(hall_id, wanted.within(month))[0]) for month in months]
    else:
        found = [(month, sum_figures(hall_id, wanted.within(month))) for month in months]
    return [(month, people) for month, people in found if people]


def sum_figures(hall_id: int, wanted: Filter) -> int:
    """Return people of a filter of one part at most, as the figures have them."""
    facet, parts = (wanted.parts[0].facet.name, wanted.parts[0].parts) if wanted.parts else (ALL, ("",))
    found = ledger.sum_parts(hall_id, wanted.period.stretches(), [facet])[facet]
    return sum(found[part].visitors for part in parts if part in found)


def _order(row: DrilldownRow) -> tuple[Any, ...]:
    key = row.key
    return (key.day, key.section, key.owner, int(key.part) if key.section == _IMPORT else key.part)


def _of_desks(hall_id: int, wanted: Filter, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Select rows of desks; they always have a day."""
    query = select(*columns).select_from(Arrival)
    conditions = [Arrival.hall_id == hall_id, Arrival.day >= wanted.period.first, Arrival.day < wanted.period.end]
    if wanted.undated:
        conditions.append(false())
    for part in wanted.parts:
        if part.facet.by_category:
            query = query.join(ArrivalCategory, ArrivalCategory.event_id == Arrival.event_id)
            conditions += _of_category(part)
            continue
        conditions.append(part.facet.of_arrival.in_(part.parts))
        if part.facet.by_first_visit:
            mine = (FirstVisit.hall_id == Arrival.hall_id) & (FirstVisit.organisation == Arrival.organisation)
            query = query.outerjoin(FirstVisit, mine)
    return query.where(*conditions)


def _people(wanted: Filter) -> InstrumentedAttribute[int]:
    """Return the column with the people of a desk's row: those of the category, where one is chosen."""
    return ArrivalCategory.visitors if wanted.by_category else Arrival.visitors


def _of_category(part: FilterPart) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of events with people of a category: each event once, by its first row."""
    other = aliased(Arrival)
    yield ArrivalCategory.hall_id == Arrival.hall_id
    yield ArrivalCategory.category.in_([int(number) for number in part.parts])
    yield Arrival.division == (
        select(func.min(other.division)).where(other.event_id == Arrival.event_id).scalar_subquery()
    )


def _of_imports(hall_id: int, wanted: Filter, *columns: Any, standing: bool = True) -> Select[*tuple[Any, ...]]:
    """Return rows of imports, as a rule of those that count; a whole month's where the whole month is wanted."""
    row = HistoryRow
    query = select(*columns).select_from(row).join(HistoryImport, HistoryImport.id == row.import_id)
    period = wanted.period
    conditions = [row.hall_id == hall_id, row.first >= period.first, row.first < period.end]
    whole = (row.span == Span.MONTH) & (row.first < period.end.replace(day=1))
    conditions.append(whole if wanted.undated else (row.span == Span.DAY) | whole)
    if standing:
        conditions.append(HistoryImport.withdrawn_at.is_(None))
    for part in wanted.parts:
        conditions.append(part.facet.of_import.in_(part.parts))
        if part.facet.by_first_visit:
            mine = (FirstVisit.hall_id == row.hall_id) & (FirstVisit.organisation == row.organisation)
            query = query.outerjoin(FirstVisit, mine)
    return query.where(*conditions)


def _list_desks(
    hall_id: int, wanted: Filter, place: Key | None, close: MonthClose | None, *, backwards: bool
) -> Iterator[DrilldownRow]:
    columns = (
        Arrival,
        _people(wanted),
        DeskEvent,
        Staff.name,
        Booking.reference,
        Booking.organisation,
        WalkIn.organisation,
    )
    query = (
        _of_desks(hall_id, wanted, *columns, Adjustment.id)
        .join(DeskEvent, DeskEvent.id == Arrival.event_id)
        .join(Staff, Staff.id == DeskEvent.staff_id)
        .outerjoin(Booking, Booking.id == DeskEvent.booking_id)
        .outerjoin(WalkIn, WalkIn.id == DeskEvent.walk_in_id)
        .outerjoin(Adjustment, (Adjustment.event_id == Arrival.event_id) & (Adjustment.close_id == _id_of(close)))
    )
    key = (Arrival.day, Arrival.event_id, Arrival.division)
    if place and place.section == _DESK:
        query = query.where(_beyond(key, (place.day, place.owner, place.part), backwards=backwards))
    elif place:
        query = query.where(Arrival.day <= place.day if backwards else Arrival.day > place.day)
    for arrival, people, event, by, reference, booked, walked_in, late in db.session.execute(
        _some(query, key, backwards)
    ):
        yield DrilldownRow(
            key=Key(arrival.day, _DESK, arrival.event_id, arrival.division),
            late=late is not None,
            span=Span.DAY,
            division=None if wanted.by_category else arrival.division,
            programme_id=arrival.programme_id,
            kind=arrival.kind,
            source=arrival.source,
            visitors=people,
            # The name of an individual is personal, and is left out of a list of figures.
            organisation="" if is_individual(arrival.kind) else booked or walked_in or "",
            reference=reference,
            guide_id=arrival.guide_id,
            event_id=event.event_id,
            event=event.kind,
            at=event.occurred_at,
            by=by,
            device=event.device,
            note=event.reason,
        )


def _list_imports(
    hall_id: int, wanted: Filter, place: Key | None, close: MonthClose | None, *, backwards: bool
) -> Iterator[DrilldownRow]:
    row = HistoryRow
    query = _of_imports(hall_id, wanted, row, HistoryImport.name, Adjustment.id).outerjoin(
        Adjustment, (Adjustment.import_id == row.import_id) & (Adjustment.close_id == _id_of(close))
    )
    key = (row.first, row.import_id, row.number)
    if place and place.section == _IMPORT:
        query = query.where(_beyond(key, (place.day, place.owner, int(place.part)), backwards=backwards))
    elif place:
        query = query.where(row.first < place.day if backwards else row.first >= place.day)
    for found, name, late in db.session.execute(_some(query, key, backwards)):
        yield DrilldownRow(
            key=Key(found.first, _IMPORT, found.import_id, str(found.number)),
            late=late is not None,
            span=found.span,
            division=found.division,
            programme_id=found.programme_id,
            kind=found.kind,
            source=Way.HISTORY,
            visitors=found.visitors,
            import_id=found.import_id,
            import_name=name,
            number=found.number,
        )


def _id_of(close: MonthClose | None) -> int:
    return close.id if close else 0


def _beyond(key: Sequence[Any], place: tuple[Any, ...], *, backwards: bool) -> ColumnElement[bool]:
    """After a place, or before it; the day by itself too, which lets the index find it."""
    there = tuple_(*(literal(value, column.type) for column, value in zip(key, place, strict=True)))
    if backwards:
        return and_(key[0] <= place[0], tuple_(*key) < there)
    return and_(key[0] >= place[0], tuple_(*key) > there)


def _some(query: Select[*tuple[Any, ...]], key: Sequence[Any], backwards: bool) -> Select[*tuple[Any, ...]]:
    return query.order_by(*(column.desc() if backwards else column for column in key)).limit(PAGE + 1)
