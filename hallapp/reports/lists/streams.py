"""Long lists read from the database piece by piece: the cube of days that a spreadsheet pivots, and the arrivals."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import aliased

from hallapp.booking.models import TOUR_LANGUAGE_NAMES, Booking
from hallapp.categories.queries import list_families
from hallapp.core import clock, formats
from hallapp.core.database import db
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.guides.models import Guide
from hallapp.kinds.queries import list_kinds
from hallapp.kinds.values import is_individual
from hallapp.ledger.facets import WAY_NAMES
from hallapp.ledger.models import (
    Arrival,
    ArrivalCategory,
    DeskEvent,
    DivisionSummary,
    EventKind,
    HistoryImport,
    HistoryRow,
    WalkIn,
    Way,
)
from hallapp.origins.values import OriginSet, division_in_sql
from hallapp.periods import Span
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall

#: The number of rows in memory at once.
PIECE = 2000


class What(StrEnum):
    """The kinds of lists."""

    DATA = "data"
    ARRIVALS = "arrivals"


class Type(StrEnum):
    """The type of a column."""

    TEXT = "text"
    NUMBER = "number"
    PLAIN_NUMBER = "plain_number"  # a year: without thousands separators
    DAY = "day"
    TIME = "time"


WHAT_NAMES = {
    What.DATA: N_("Data sheet: people and groups by day, place of origin, programme and kind of organisation"),
    What.ARRIVALS: N_("Arrivals: each entry of the ledger, including entries taken back"),
}
EVENT_NAMES = {
    EventKind.ADMIT: N_("Admitted"),
    EventKind.TAKE_BACK: N_("Taken back"),
    EventKind.COUNT: N_("Counted later"),
}
Value = str | int | date | time | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A selection of rows: days `first` to `last`, both included; optionally one division, programme or kind."""

    what: What
    first: date
    last: date
    division: str | None = None
    programme_id: int | None = None
    kind: str | None = None

    def to_params(self) -> dict[str, Any]:
        """Return the selection as JSON values."""
        return {
            "what": self.what.value,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "division": self.division,
            "programme": self.programme_id,
            "kind": self.kind,
        }

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> "Wanted":
        """Return the selection from the values of `to_params`."""
        return cls(
            what=What(params["what"]),
            first=date.fromisoformat(params["first"]),
            last=date.fromisoformat(params["last"]),
            division=params["division"],
            programme_id=params["programme"],
            kind=params["kind"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A list to be read once, from the first row to the last, in the language in force; `total` rows of `columns`."""

    columns: tuple[tuple[str, Type], ...]
    total: int
    rows: Iterator[tuple[Value, ...]]


def open_stream(hall: Hall, wanted: Wanted) -> Stream:
    """Count the rows that are wanted, and begin to read them. Within `read_snapshot()` the two agree."""
    return {What.DATA: _data, What.ARRIVALS: _arrivals}[wanted.what](hall, wanted)


def _data(hall: Hall, wanted: Wanted) -> Stream:
    """Return the cube by day; behind it the imported totals of months, which know no day."""
    table, history = DivisionSummary, HistoryRow
    keys = (table.day, table.division, table.programme_id, table.kind)
    query = select(*keys, table.visitors, table.groups).where(*_within(table, hall.id, wanted), table.visitors != 0)
    totals = _imported(
        hall,
        wanted,
        history.first,
        history.division,
        history.programme_id,
        history.kind,
        history.visitors,
        history.groups,
    ).where(history.span == Span.MONTH)
    name = _Names(hall)

    def row(day: date, division: str, programme: int, kind: str, *numbers: int) -> tuple[Value, ...]:
        return (day, day.year, day.month, *name.filed(division, programme, kind), *numbers)

    return Stream(
        columns=(
            (_("Day"), Type.DAY),
            (_("Year"), Type.PLAIN_NUMBER),
            (_("Month"), Type.PLAIN_NUMBER),
            *_place_columns(hall.origins),
            (_("Programme"), Type.TEXT),
            (_("Kind of organisation"), Type.TEXT),
            (_("People"), Type.NUMBER),
            (_("Groups"), Type.NUMBER),
        ),
        total=_count(query) + _count(totals),
        rows=chain(
            (row(*found) for found in _read(query.order_by(*keys))),
            ((None, *row(*found)[1:]) for found in _read(totals.order_by(history.first, history.number))),
        ),
    )


def _arrivals(hall: Hall, wanted: Wanted) -> Stream:
    """Return the entries of desks by day; behind them the rows of imports that count, of which months have no day."""
    name, history = _Names(hall), HistoryRow
    imported = _imported(
        hall,
        wanted,
        history.span,
        history.first,
        history.division,
        history.programme_id,
        history.kind,
        history.visitors,
    )
    count = select(Arrival.event_id).where(*_within(Arrival, hall.id, wanted))
    categories = list(_list_categories(hall))
    by_day = _of_desks(hall, wanted, [number for number, _heading in categories]).order_by(
        Arrival.day, Arrival.event_id, Arrival.division
    )
    return Stream(
        columns=(
            (_("Day"), Type.DAY),
            (_("Time"), Type.TIME),
            (_("Entry"), Type.TEXT),
            (_("Booking"), Type.TEXT),
            (_("Organisation"), Type.TEXT),
            *_place_columns(hall.origins),
            (_("Programme"), Type.TEXT),
            (_("Kind of organisation"), Type.TEXT),
            (_("Source"), Type.TEXT),
            (_("Guide"), Type.TEXT),
            (_("People"), Type.NUMBER),
            (_("Of these, beyond the booking"), Type.NUMBER),
            (_("Entry number"), Type.PLAIN_NUMBER),
            (_("Language of the tour"), Type.TEXT),
            *((heading, Type.NUMBER) for _number, heading in categories),
        ),
        total=_count(count) + _count(imported),
        rows=chain(
            map(_entry_maker(hall, name), _read(by_day)),
            map(
                _import_maker(name, categories=len(categories)),
                _read(imported.order_by(history.first, history.import_id, history.number)),
            ),
        ),
    )


def _list_categories(hall: Hall) -> Iterator[tuple[int, str]]:
    """Yield the numbers of a hall's categories, each with the heading of its column."""
    for family in list_families(hall.id):
        for one in family.categories:
            name = _("%(family)s: %(category)s", family=family.name(language()), category=one.name(language()))
            yield one.number, name


def _people_of(category: int) -> ColumnElement[int | None]:
    """Return the people of a category of an entry, on the first of its rows: they are known of the whole entry."""
    people, other = ArrivalCategory, aliased(Arrival)
    first = select(func.min(other.division)).where(other.event_id == Arrival.event_id).scalar_subquery()
    of_entry = (people.hall_id == Arrival.hall_id, people.event_id == Arrival.event_id, people.category == category)
    return case((Arrival.division == first, select(people.visitors).where(*of_entry).scalar_subquery()))


def _of_desks(hall: Hall, wanted: Wanted, categories: Iterable[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Arrival.day,
            DeskEvent.occurred_at,
            DeskEvent.kind,
            Booking.reference,
            func.coalesce(Booking.organisation, WalkIn.organisation),
            Arrival.division,
            Arrival.programme_id,
            Arrival.kind,
            Arrival.source,
            Arrival.guide_id,
            Arrival.visitors,
            Arrival.extra,
            Arrival.event_id,
            Arrival.tour_language,
            *map(_people_of, categories),
        )
        .join(DeskEvent, DeskEvent.id == Arrival.event_id)
        .outerjoin(Booking, Booking.id == DeskEvent.booking_id)
        .outerjoin(WalkIn, WalkIn.id == DeskEvent.walk_in_id)
        .where(*_within(Arrival, hall.id, wanted))
    )


def _entry_maker(hall: Hall, name: "_Names") -> Callable[[Any], tuple[Value, ...]]:
    zone = clock.zone(hall.time_zone)
    entries = {event: _(text) for event, text in EVENT_NAMES.items()}

    def make(found: Any) -> tuple[Value, ...]:
        day, at, event, reference, organisation, division, programme, kind, source, guide, *others = found
        visitors, extra, number, tour, *categories = others
        # The name of an individual is personal, and is left out of a list of figures.
        named = "" if is_individual(kind) else organisation or ""
        local = at.astimezone(zone).time().replace(microsecond=0)
        group = (day, local, entries[event], reference or "", named)
        filed = (*name.filed(division, programme, kind), name.way(source), name.guide(guide))
        return (*group, *filed, visitors, extra, number, name.tour(tour), *categories)

    return make


def _import_maker(name: "_Names", *, categories: int) -> Callable[[Any], tuple[Value, ...]]:
    of_day = _("Imported")
    of_month = cache(lambda year, month: _("Imported, all of %(month)s", month=formats.month(year, month, language())))

    def make(found: Any) -> tuple[Value, ...]:
        span, first, division, programme, kind, visitors = found
        when = (first, None, of_day) if span is Span.DAY else (None, None, of_month(first.year, first.month))
        filed = (*name.filed(division, programme, kind), name.way(Way.HISTORY), "")
        return (*when, "", "", *filed, visitors, 0, None, "", *[None] * categories)

    return make


def _place_columns(origins: OriginSet) -> tuple[tuple[str, Type], ...]:
    return (_(origins.words.code), Type.TEXT), ("ISO 3166-2", Type.TEXT), (_(origins.words.one), Type.TEXT)


def _place(origins: OriginSet, code: str) -> tuple[str, str, str]:
    division = origins.division(code)
    return division.code, division.iso, origins.name(code, language())


class _Names:
    """The names of a hall's programmes, kinds, divisions, guides and languages, each looked up once."""

    def __init__(self, hall: Hall) -> None:
        programmes = {one.id: one.name(language()) for one in schedule.list_all_programmes(hall.id)}
        origins = hall.origins
        tours: dict[str | None, str] = {one.value: text for one, text in TOUR_LANGUAGE_NAMES.items()}
        guides = {one.id: one.name for one in db.session.scalars(select(Guide).where(Guide.hall_id == hall.id))}
        self.programme: Callable[[int], str] = programmes.__getitem__
        self.place: Callable[[str], tuple[str, str, str]] = cache(lambda code: _place(origins, code))
        self.kind: Callable[[str], str] = cache(list_kinds(hall.id).name)
        self.way: Callable[[Way], str] = cache(lambda way: _(WAY_NAMES[way]))
        self.tour: Callable[[str | None], str] = cache(lambda code: _(tours[code]) if code in tours else "")
        self.guide: Callable[[int | None], str] = lambda number: guides[number] if number else ""

    def filed(self, division: str, programme: int, kind: str) -> tuple[str, ...]:
        """Return the common columns of both lists: division, programme, kind."""
        return (*self.place(division), self.programme(programme), self.kind(kind))


def _imported(hall: Hall, wanted: Wanted, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Yield the rows of valid imports; a monthly total is included if the whole month is, as in a report."""
    table = HistoryRow
    stands = select(HistoryImport.id).where(HistoryImport.hall_id == hall.id, HistoryImport.withdrawn_at.is_(None))
    end = min(wanted.last, date.max - timedelta(days=1)) + timedelta(days=1)
    return select(*columns).where(
        *_within(table, hall.id, wanted, day=table.first),
        (table.span == Span.DAY) | (table.first < end.replace(day=1)),
        table.import_id.in_(stands),
    )


def _within(table: Any, hall_id: int, wanted: Wanted, *, day: Any = None) -> Iterable[ColumnElement[bool]]:
    column = table.day if day is None else day
    yield table.hall_id == hall_id
    yield column >= wanted.first
    yield column <= wanted.last
    if wanted.division is not None:
        yield (division_in_sql(Arrival.division) if table is Arrival else table.division) == wanted.division
    if wanted.programme_id is not None:
        yield table.programme_id == wanted.programme_id
    if wanted.kind is not None:
        yield table.kind == wanted.kind


def _count(query: Select[*tuple[Any, ...]]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _read(query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """Yield the rows, a piece at a time, by a cursor of the server's where there is one; who stops early closes it."""
    with db.session.execute(query, execution_options={"yield_per": PIECE}) as found:
        yield from found
