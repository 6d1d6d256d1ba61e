"""Saved lists of bookings: searches under a name, and their results as a workbook."""

import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from itertools import islice
from typing import Any

import xlsxwriter
from sqlalchemy import Select, or_, select

from hallapp.accounts.service import record
from hallapp.booking import access, phones, tours
from hallapp.booking.errors import SearchEmpty, SearchNameInvalid, SearchNamesPeople, SearchNameTaken, SearchUnknown
from hallapp.booking.models import SOURCE_NAMES, STATE_NAMES, Booking, SavedSearch
from hallapp.booking.names import group_name
from hallapp.booking.terms import Terms
from hallapp.categories.queries import list_families
from hallapp.core import clock, formats
from hallapp.core.database import db
from hallapp.core.i18n import force_locale, region
from hallapp.core.i18n import gettext as _
from hallapp.kinds.queries import list_kinds
from hallapp.kinds.values import Kinds
from hallapp.origins.values import OriginSet
from hallapp.questions import queries as questions
from hallapp.questions.values import Asked, describe
from hallapp.resources import words
from hallapp.resources.queries import list_resources
from hallapp.schedule import capacity
from hallapp.schedule.models import Hall

NAME_LENGTH = 60
_BATCH = 1_000
_CELL_LENGTH = 32_767  # the limit of a spreadsheet cell


# Searches that are kept


def save(*, hall_id: int, name: str, terms: Terms, by: int, private: bool = False) -> SavedSearch:
    """Save a search under a name that is unique in the hall. `by` is the id of the member of staff.

    A `private` one is a list of that person only.

    Terms that name people are not stored, because they would remain after the contact details are erased.

    Raises:
        SearchNameInvalid, SearchNameTaken: for the name.
        SearchEmpty, SearchNamesPeople: for the terms.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise SearchNameInvalid(most=NAME_LENGTH)
    if terms.personal:
        raise SearchNamesPeople
    mapping = terms.to_mapping()
    if not mapping:
        raise SearchEmpty
    capacity.hold_hall(hall_id)
    if db.session.scalar(select(SavedSearch.id).where(SavedSearch.hall_id == hall_id, SavedSearch.name == name)):
        raise SearchNameTaken(name)
    saved = SavedSearch(hall_id=hall_id, name=name, terms=mapping, staff_id=by if private else None)
    db.session.add(saved)
    db.session.flush()
    _record(saved, by, "search_saved")
    return saved


def delete(*, hall_id: int, search_id: int, by: int) -> None:
    """Delete a saved search. Raises SearchUnknown, also for a private one of somebody else."""
    capacity.hold_hall(hall_id)
    saved = find_saved(hall_id, search_id, reader=by)
    if saved is None:
        raise SearchUnknown
    _record(saved, by, "search_deleted")
    db.session.delete(saved)
    db.session.flush()


def list_saved(hall_id: int, *, reader: int | None = None) -> Sequence[SavedSearch]:
    """Return the searches that a hall keeps, and the private ones of the reader, by name."""
    return db.session.scalars(_seen_by(hall_id, reader).order_by(SavedSearch.name, SavedSearch.id)).all()


def find_saved(hall_id: int, search_id: int, *, reader: int | None = None) -> SavedSearch | None:
    """Return a search that this hall or the reader keeps, or None."""
    return db.session.scalar(_seen_by(hall_id, reader).where(SavedSearch.id == search_id))


def _seen_by(hall_id: int, reader: int | None) -> Select[SavedSearch]:
    seen = or_(SavedSearch.staff_id.is_(None), SavedSearch.staff_id == reader)
    return select(SavedSearch).where(SavedSearch.hall_id == hall_id, seen)


def _record(saved: SavedSearch, by: int, action: str) -> None:
    """Record the searched fields in the audit trail, without values: an organisation's name may be a person's."""
    record(
        hall_id=saved.hall_id,
        staff_id=by,
        action=action,
        subject=f"saved_search {saved.id}",
        detail={"fields": sorted(saved.terms)},
    )


# The workbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its heading, its width in characters, its style, and its value for a row."""

    heading: str
    width: int
    style: str
    value: Callable[["_Row"], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    booking: Booking
    arrived: int
    answers: Mapping[int, str]
    language: str
    zone: str
    origins: OriginSet
    kinds: Kinds


def write_xlsx(
    bookings: Iterable[Booking],
    *,
    hall: Hall,
    language: str,
    arrived: Callable[[Sequence[int]], Mapping[int, int]] = lambda _ids: {},
    columns: Sequence[Column] | None = None,
) -> bytes:
    """Write bookings as a workbook of one sheet, with typed days, times and numbers in the hall's time.

    It reads 1,000 bookings at a time and keeps none, so `bookings` may be of any length. `arrived` returns the number
    of arrivals by booking id; a booking without an entry has none. `columns` are all, unless some are chosen. No text
    becomes a formula.
    """
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    with force_locale(language), xlsxwriter.Workbook(file, options) as book:
        book.set_properties(
            {
                "title": f"{hall.text('name', language)} {_('Bookings')}",
                "created": clock.local(clock.now(), hall.time_zone).replace(tzinfo=None),
            }
        )
        columns = columns or [*_columns(), *of_categories(hall, language), *of_questions(hall, language)]
        sheet, styles = book.add_worksheet(_("Bookings")), _styles(book)
        _write_head(sheet, columns, styles)
        last = _write_rows(sheet, columns, styles, _rows(bookings, arrived, hall=hall, language=language))
        sheet.autofilter(0, 0, last, len(columns) - 1)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Table:
    """A list as texts: the headings, and the cells of each row; `numbers` are the columns of numbers."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int]
    widths: Sequence[int]

    @classmethod
    def of(
        cls,
        columns: Sequence[Column],
        bookings: Sequence[Booking],
        arrived: Mapping[int, int],
        *,
        hall: Hall,
        language: str,
    ) -> "Table":
        """Return the table of bookings, in the language in force."""
        rows = _rows(bookings, lambda _ids: arrived, hall=hall, language=language)
        return cls(
            headings=[column.heading for column in columns],
            rows=[[_as_text(column, row) for column in columns] for row in rows],
            numbers=frozenset(place for place, column in enumerate(columns) if column.style == "number"),
            widths=[column.width for column in columns],
        )


def _as_text(column: Column, row: "_Row") -> str:
    value = column.value(row)
    if column.style == "day":
        return formats.day(value.date(), row.language)
    if column.style == "time":
        return formats.clock_time(value.time())
    return str(value)


def _rows(
    bookings: Iterable[Booking], arrived: Callable[[Sequence[int]], Mapping[int, int]], *, hall: Hall, language: str
) -> Iterable[_Row]:
    waiting, kinds = iter(bookings), list_kinds(hall.id)
    while some := list(islice(waiting, _BATCH)):
        came = arrived([booking.id for booking in some])
        answers = questions.find_answers(hall.id, (booking.id for booking in some))
        for booking in some:
            yield _Row(
                booking=booking,
                arrived=came.get(booking.id, 0),
                answers=answers.get(booking.id, {}),
                language=language,
                zone=hall.time_zone,
                origins=hall.origins,
                kinds=kinds,
            )


def _columns() -> tuple[Column, ...]:
    """Return the columns, with headings in the language in force."""
    known = cache(list_resources)  # read once for all rows
    return (
        Column(heading=_("Day"), width=12, style="day", value=lambda row: _local(row, row.booking.slot.starts_at)),
        Column(heading=_("Time"), width=8, style="time", value=lambda row: _local(row, row.booking.slot.starts_at)),
        Column(heading=_("Programme"), width=16, style="text", value=lambda row: _programme(row)),
        Column(
            heading=_("Reference"), width=12, style="text", value=lambda row: formats.reference(row.booking.reference)
        ),
        Column(heading=_("Organisation"), width=36, style="text", value=lambda row: group_name(row.booking)),
        Column(
            heading=_("Kind of organisation"),
            width=18,
            style="text",
            value=lambda row: row.kinds.name(row.booking.kind),
        ),
        Column(heading=_("State"), width=16, style="text", value=lambda row: _(STATE_NAMES[row.booking.state])),
        Column(heading=_("People booked"), width=14, style="number", value=lambda row: row.booking.visitors),
        Column(heading=_("People arrived"), width=14, style="number", value=lambda row: row.arrived),
        Column(heading=_("Places of origin"), width=30, style="text", value=lambda row: _origins(row)),
        Column(heading=_("Contact"), width=14, style="text", value=lambda row: row.booking.contact_name),
        Column(heading=_("Phone"), width=18, style="text", value=lambda row: _phone(row.booking.phone)),
        Column(heading=_("E-mail"), width=26, style="text", value=lambda row: row.booking.email or ""),
        Column(heading=_("Note"), width=36, style="text", value=lambda row: row.booking.note),
        Column(
            heading=_("Booking channel"), width=14, style="text", value=lambda row: _(SOURCE_NAMES[row.booking.source])
        ),
        Column(heading=_("Booked at"), width=17, style="moment", value=lambda row: _local(row, row.booking.created_at)),
        Column(heading=_("Language of the tour"), width=16, style="text", value=lambda row: tours.name_of(row.booking)),
        Column(
            heading=_("Access needs"), width=30, style="text", value=lambda row: access.describe(row.booking.access)
        ),
        Column(
            heading=_("Equipment and rooms"),
            width=30,
            style="text",
            value=lambda row: (
                words.in_one_line(known(row.booking.hall_id), row.booking.resources) if row.booking.resources else ""
            ),
        ),
    )


def list_columns(headings: Sequence[str]) -> list[Column]:
    """Return the columns with these headings, which are message ids."""
    named = {column.heading: column for column in _columns()}
    return [named[_(heading)] for heading in headings]


def of_questions(hall: Hall, language: str, *, only: Collection[int] | None = None) -> list[Column]:
    """Return a column for each question of the hall, or for some; also for those that are asked no longer."""
    return [
        Column(heading=one.text(language), width=24, style="text", value=partial(_answer, one))
        for one in questions.list_asked(hall.id)
        if only is None or one.number in only
    ]


def of_categories(hall: Hall, language: str) -> list[Column]:
    """Return a column for each category of the hall; it is empty where the people of its family are not known."""
    return [
        Column(
            heading=_("%(family)s: %(category)s", family=family.name(language), category=one.name(language)),
            width=14,
            style="number",
            value=partial(_people_of, family.number, one.number),
        )
        for family in list_families(hall.id)
        for one in family.categories
    ]


def _people_of(family: int, category: int, row: _Row) -> int | str:
    known = row.booking.categories
    return known.get(category, 0) if family in known else ""


def _answer(asked: Asked, row: _Row) -> str:
    return describe(asked.kind, row.answers.get(asked.number, ""), row.language)


def _local(row: _Row, instant: datetime) -> datetime:
    """Return the hall's wall clock: a spreadsheet knows no zones."""
    return clock.local(instant, row.zone).replace(tzinfo=None, microsecond=0)


def _programme(row: _Row) -> str:
    return row.booking.slot.programme.name(row.language)


def _origins(row: _Row) -> str:
    joint = "、" if row.language.startswith("zh") else ", "
    return joint.join(
        f"{row.origins.name(origin.division, row.language)} {origin.visitors}" for origin in row.booking.origins
    )


def _phone(e164: str) -> str:
    return phones.display(e164) if e164 else ""  # erased after a time


def _styles(book: Any) -> dict[str, Any]:
    base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
    return {
        "heading": book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#f4f1ec"}),
        "text": book.add_format(base),
        "number": book.add_format({**base, "num_format": "#,##0"}),
        "day": book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left"}),
        "time": book.add_format({**base, "num_format": "hh:mm", "align": "left"}),
        "moment": book.add_format({**base, "num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
    }


def _write_head(sheet: Any, columns: Sequence[Column], styles: Mapping[str, Any]) -> None:
    sheet.set_paper(region().paper.excel)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(0, number, column.heading, styles["heading"])


def _write_rows(sheet: Any, columns: Sequence[Column], styles: Mapping[str, Any], rows: Iterable[_Row]) -> int:
    """Write each row below the head; returns the number of the last one."""
    place = 0
    for place, row in enumerate(rows, start=1):
        for number, column in enumerate(columns):
            _write(sheet, (place, number), column.style, column.value(row), styles[column.style])
    return place


def _write(sheet: Any, place: tuple[int, int], style: str, value: Any, look: Any) -> None:
    if value == "":
        sheet.write_blank(*place, None, look)
    elif style == "text":
        sheet.write_string(*place, str(value)[:_CELL_LENGTH], look)
    elif style == "number":
        sheet.write_number(*place, value, look)
    else:
        part = {"day": value.date(), "time": value.time(), "moment": value}[style]
        sheet.write_datetime(*place, part, look)
