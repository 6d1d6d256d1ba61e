"""The facets: the attributes by which people are counted, each described here once; all other code loops over them.

Figures, the recount, the filters of the drill-down, the tables of a report and its files (page, JSON, CSV, XLSX, PDF)
read these descriptions. A new facet is one entry here, a migration if the ledger has no column for it yet, and the
translation of its texts. `reports recount --repair` then counts the existing rows of the ledger.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, String, case, cast, func, literal, null, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from hallapp.booking.models import SOURCE_NAMES, TOUR_LANGUAGE_NAMES
from hallapp.core.errors import N_
from hallapp.ledger.categories import CATEGORY as CATEGORY
from hallapp.ledger.facet_parts import (
    Categories,
    Countries,
    Divisions,
    Guides,
    Hours,
    OrganisationKinds,
    Parts,
    Places,
    Programmes,
    Words,
)
from hallapp.ledger.groupings import REGIONS, WEEKDAYS, Grouping
from hallapp.ledger.lines import LedgerLine
from hallapp.ledger.models import NO_TOUR, Arrival, FirstVisit, HistoryRow, Standing, Way
from hallapp.origins import china
from hallapp.origins.prefectures import PREFECTURES
from hallapp.origins.values import AREA, OriginSet, area_in_sql, division_in_sql, division_of, is_prefecture

# The names of those facets that code refers to one by one: they have a picture, a publication or a rule of their own.
ALL = "all"
DIVISION = "division"
PREFECTURE = "prefecture"
COUNTRY = "country"
PROGRAMME = "programme"
KIND = "kind"
TIME = "time"
ORGANISATION = "organisation"

#: The part of arrivals for which the attribute was not recorded.
_UNTOLD = "unknown"

#: The names of the ways into the ledger, as message ids.
WAY_NAMES: dict[Way, str] = {
    **{Way(source): name for source, name in SOURCE_NAMES.items()},
    Way.WALK_IN: N_("Arrived without a booking"),
    Way.HISTORY: N_("Imported figures"),
}


class Section(StrEnum):
    """The section of a report that shows a facet."""

    PICTURED = "pictured"  # with a picture (`pictures.charts.Name` has one of the same name)
    WAYS = "ways"  # how people came, and who led them
    REGIONS = "regions"  # beside the regions
    OWN = "own"  # under a heading of its own
    FOLDED = "folded"  # on the page, folded, where there is something to show; not in the PDF
    TIMETABLE = "timetable"  # in the picture of the week; in files, not in tables


class Layout(StrEnum):
    """The shape in which filed figures hold the parts of a facet."""

    ROWS = "rows"  # a list of objects
    BY_CODE = "by_code"  # an object by code
    TIMETABLE = "timetable"  # a list by weekday and hour, and a number beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """The presentation of a facet's parts in reports.

    `plural` names them in filed figures, in JSON and on pages: it never changes. Every row of filed figures names its
    part under `filed_as`. `title` and `caption` (what the table counts) are message ids, and so is the `heading` of a
    section that the facet has for itself; without one it is the title. `shares` and `groups` say whether the parts
    have them.
    """

    plural: str
    title: str
    caption: str
    heading: str = ""
    section: Section = Section.OWN
    layout: Layout = Layout.ROWS
    filed_as: str = "code"
    shares: bool = True
    groups: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """An attribute by which people are counted. Its parts add up to all people, unless some rows have no part.

    `name` is kept in `figure.facet`. `of_line` gives the part in which a line of the ledger counts, `of_arrival` and
    `of_import` give the same in SQL for a row of a desk and for an imported one; rows for which it is NULL count in no
    part.
    `of` is the name of the attribute, as a message id; `argument` is the facet's name in addresses where it has another
    one.

    Where `by_first_visit`, the part depends on the day on which the organisation first came: `FirstVisit` is joined,
    the parts change with events that arrive late, and people beyond a booking have no part. Reports show the facet to
    halls whose origin set it `is_of`, and to others where people are counted in it.

    `by_category`, a person may be in several parts: they are in the rows of `ledger/categories.py`, and no row of the
    ledger has a part by itself. Figures are filed with the facet only where the hall has such parts.

    `by_place`, the parts differ among the rows of one event.
    """

    name: str
    of_line: Callable[[LedgerLine], str | None]
    of_arrival: ColumnElement[str] | ColumnElement[str | None]
    of_import: ColumnElement[str]
    of: str = ""
    parts: Parts | None = None
    argument: str = ""
    grouping: Grouping | None = None
    presentation: Presentation | None = None
    by_first_visit: bool = False
    by_category: bool = False
    by_place: bool = False
    is_of: Callable[[OriginSet], bool] = lambda _origins: True


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An argument of an address that chooses parts of a facet: one by its code, or a group of them.

    `of` is the name of the chosen attribute, as a message id.
    """

    name: str
    of: str
    facet: Facet
    grouping: Grouping | None = None

    def read(self, hall_id: int, text: str) -> tuple[str, ...]:
        """Return the codes that a text means in a hall; none for an unknown group."""
        return self.grouping.codes_of(hall_id).get(text, ()) if self.grouping else (text,)


def parts_of(line: LedgerLine) -> tuple[tuple[str, str], ...]:
    """Return each facet with the part in which a line counts."""
    parts = ((facet.name, facet.of_line(line)) for facet in FACETS.values())
    return tuple((name, part) for name, part in parts if part is not None)


def list_choices() -> Iterator[Choice]:
    """Yield the arguments by which an address chooses rows."""
    for facet in FACETS.values():
        if facet.parts:
            yield Choice(name=facet.argument or facet.name, of=facet.of, facet=facet)
        if facet.grouping:
            yield Choice(name=facet.grouping.name, of=facet.grouping.of, facet=facet, grouping=facet.grouping)


def list_presented() -> Iterator[tuple[Facet, Presentation]]:
    """Yield the facets that reports show as a list of parts, in the order of a report."""
    for facet in FACETS.values():
        if facet.presentation:
            yield facet, facet.presentation


def _standing(organisation: InstrumentedAttribute[int | None], day: InstrumentedAttribute) -> ColumnElement[str]:
    named = case((FirstVisit.day == day, Standing.NEW.value), else_=Standing.RETURNING.value)
    return case((organisation.is_(None), Standing.UNNAMED.value), else_=named)


def _area(line: LedgerLine, *, prefectures: bool) -> str | None:
    if not line.division.startswith(AREA):
        return None
    area = line.division.removeprefix(AREA)
    return area if is_prefecture(area) is prefectures else None


def _imported_area(length: int) -> ColumnElement[str]:
    """Return the area of an imported row where its key has this length: a prefecture's has six, a country's two."""
    area = type_coerce(HistoryRow.prefecture, String)
    return type_coerce(case((func.length(area) == length, area)), String)


_SPECIFICATIONS = (
    Facet(
        name=ALL,
        of_line=lambda line: "",
        of_arrival=literal("", String),
        of_import=literal("", String),
    ),
    Facet(
        name=DIVISION,
        by_place=True,
        of=N_("Place of origin"),
        of_line=lambda line: division_of(line.division),
        of_arrival=division_in_sql(Arrival.division),
        of_import=type_coerce(HistoryRow.division, String),
        parts=Divisions(),
        grouping=REGIONS,
    ),
    Facet(
        name=PROGRAMME,
        of=N_("Programme"),
        of_line=lambda line: str(line.filing.programme_id),
        of_arrival=cast(Arrival.programme_id, String),
        of_import=cast(HistoryRow.programme_id, String),
        parts=Programmes(),
        presentation=Presentation(
            plural="programmes",
            title=N_("Programmes"),
            caption=N_("People by programme"),
            heading=N_("Programmes visited"),
            section=Section.PICTURED,
            filed_as="programme",
        ),
    ),
    Facet(
        name=KIND,
        of=N_("Kind of organisation"),
        of_line=lambda line: line.filing.kind,
        of_arrival=type_coerce(Arrival.kind, String),
        of_import=type_coerce(HistoryRow.kind, String),
        parts=OrganisationKinds(),
        presentation=Presentation(
            plural="kinds",
            title=N_("Kinds of organisation"),
            caption=N_("People by kind of organisation"),
            heading=N_("Kinds of organisation"),
            section=Section.PICTURED,
            filed_as="kind",
        ),
    ),
    Facet(
        name="source",
        of=N_("Channel"),
        of_line=lambda line: line.filing.source.value,
        of_arrival=type_coerce(Arrival.source, String),
        of_import=literal(Way.HISTORY.value, String),
        parts=Words({way.value: WAY_NAMES[way] for way in Way}),
        presentation=Presentation(
            plural="sources",
            title=N_("Ways of booking"),
            caption=N_("People by way of booking"),
            section=Section.WAYS,
            filed_as="source",
        ),
    ),
    Facet(
        name="guide",
        of=N_("Guide"),
        of_line=lambda line: str(line.filing.guide_id) if line.filing.guide_id else Guides.NOBODY,
        of_arrival=func.coalesce(cast(Arrival.guide_id, String), Guides.NOBODY),
        of_import=literal(Guides.NOBODY, String),
        parts=Guides(),
        presentation=Presentation(
            plural="guides",
            title=N_("Guides"),
            caption=N_("People by guide"),
            section=Section.WAYS,
            filed_as="guide",
        ),
    ),
    Facet(
        name="tour_language",
        of=N_("Language of the tour"),
        of_line=lambda line: line.filing.tour_language or _UNTOLD,
        of_arrival=func.coalesce(Arrival.tour_language, _UNTOLD),
        of_import=literal(_UNTOLD, String),
        parts=Words(
            {
                **{language.value: name for language, name in TOUR_LANGUAGE_NAMES.items()},
                NO_TOUR: N_("Without a guided tour"),
                _UNTOLD: N_("Not recorded"),
            },
            many=True,
        ),
        presentation=Presentation(
            plural="tour_languages",
            title=N_("Languages of the tours"),
            caption=N_("People by language of the tour"),
            section=Section.FOLDED,
        ),
    ),
    Facet(
        name=ORGANISATION,
        of=N_("Organisation"),
        # An organisation counts as one that returns until its first visit is known (`first_visits`).
        of_line=lambda line: (Standing.RETURNING if line.filing.organisation else Standing.UNNAMED).value,
        of_arrival=_standing(Arrival.organisation, Arrival.day),
        of_import=_standing(HistoryRow.organisation, HistoryRow.first),
        by_first_visit=True,
        parts=Words(
            {
                Standing.NEW.value: N_("First visit"),
                Standing.RETURNING.value: N_("Returning"),
                Standing.UNNAMED.value: N_("No organisation named"),
            }
        ),
        presentation=Presentation(
            plural="organisations",
            title=N_("New and returning organisations"),
            caption=N_("People by new and returning organisations"),
            section=Section.REGIONS,
            layout=Layout.BY_CODE,
        ),
    ),
    Facet(
        name=TIME,
        of=N_("Hour"),
        of_line=lambda line: str(line.filing.week_hour),
        of_arrival=cast(Arrival.week_hour, String),
        of_import=literal(Hours.UNKNOWN, String),
        parts=Hours(),
        argument="hour",
        grouping=WEEKDAYS,
        presentation=Presentation(
            plural="times",
            title=N_("Weekday and hour"),
            caption=N_("People by weekday and hour"),
            section=Section.TIMETABLE,
            layout=Layout.TIMETABLE,
            shares=False,
            groups=False,
        ),
    ),
    Facet(  # of bookings and imported rows that name one
        name=PREFECTURE,
        by_place=True,
        of=N_("Prefecture"),
        of_line=lambda line: _area(line, prefectures=True),
        of_arrival=area_in_sql(Arrival.division, prefectures=True),
        of_import=_imported_area(6),
        parts=Places(PREFECTURES),
        is_of=lambda origins: origins.code == china.CODE,
        presentation=Presentation(
            plural="prefectures",
            title=N_("Prefectures"),
            caption=N_("People by prefecture, where it is known"),
            heading=N_("Prefectures, where they are known"),
            section=Section.FOLDED,
            shares=False,
        ),
    ),
    Facet(  # of people from abroad, where the hall asks for their country
        name=COUNTRY,
        by_place=True,
        of=N_("Country or region"),
        of_line=lambda line: _area(line, prefectures=False),
        of_arrival=area_in_sql(Arrival.division, prefectures=False),
        of_import=_imported_area(2),
        parts=Countries(),
        is_of=lambda origins: origins.has_countries,
        presentation=Presentation(
            plural="countries",
            title=N_("Foreign visitors by country"),
            caption=N_("People from abroad by country, where it is known"),
            heading=N_("Foreign visitors by country"),
            section=Section.OWN,
            shares=False,
        ),
    ),
    Facet(
        name=CATEGORY,
        of=N_("Category"),
        of_line=lambda line: None,
        of_arrival=cast(null(), String),
        of_import=cast(null(), String),
        by_category=True,
        parts=Categories(),
        presentation=Presentation(
            plural="categories",
            title=N_("Categories of people"),
            caption=N_("People by category"),
            filed_as="category",
        ),
    ),
)
#: Every facet by its name, in the order of a report.
FACETS: dict[str, Facet] = {facet.name: facet for facet in _SPECIFICATIONS}
