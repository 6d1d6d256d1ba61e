"""A search as a page shows it: what was typed, what is wrong with it, and a page of what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from werkzeug.datastructures import MultiDict

from hallapp.booking import search
from hallapp.booking.models import SavedSearch
from hallapp.booking.search import MOST_COUNTED, Found
from hallapp.booking.terms import LONGEST_TEXT, OPEN, Terms, visible
from hallapp.core.i18n import gettext as _
from hallapp.desk import queries as desk

PER_PAGE = 50
NAMES = ("text", "organisation", "contact", "phone", "reference", *OPEN)
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What the page shows. `found` is None where something typed could not be read."""

    terms: Terms
    typed: Mapping[str, str]
    page: int = 1
    found: Found | None = None
    arrived: Mapping[int, int] = field(default_factory=dict)
    saved: SavedSearch | None = None
    fresh: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, up to the last that is counted."""
        return max(1, -(-self.found.total // PER_PAGE)) if self.found else 1

    @property
    def hidden(self) -> dict[str, str]:
        """The search as the fields of another form."""
        return self.terms.to_mapping()

    @property
    def problems(self) -> dict[str, str]:
        """What to do about each field that could not be read."""
        return {name: _problem(name) for name in self.terms.problems}


def look(
    hall_id: int,
    terms: Terms,
    *,
    today: date,
    typed: Mapping[str, str],
    page: int = 1,
    saved: SavedSearch | None = None,
) -> Search:
    """Search, and count who came of what was found in one more query."""
    if terms.problems:
        return Search(terms=terms, typed=typed, saved=saved)
    found = search.search(hall_id, terms, today=today, limit=PER_PAGE, page=page)
    arrived = desk.count_arrived([booking.id for booking in found.bookings])
    return Search(terms=terms, typed=typed, page=page, found=found, arrived=arrived, saved=saved)


def coming(hall_id: int, *, today: date) -> Search:
    """The bookings of today and the coming days, the nearest first, with an empty form."""
    found = search.search(hall_id, Terms(day_from=today), today=today, limit=PER_PAGE)
    arrived = desk.count_arrived([booking.id for booking in found.bookings])
    return Search(terms=Terms(day_from=today), typed={}, found=found, arrived=arrived, fresh=True)


def typed_in(form: MultiDict[str, str]) -> dict[str, str]:
    """What was typed into the search form, as it can be shown again."""
    return {name: visible(",".join(form.getlist(name)))[:_LONGEST_SHOWN] for name in NAMES if form.get(name)}


def page_of(typed: str) -> int:
    """The number of a page that can be asked for; the first one for anything odd."""
    usable = typed.isascii() and typed.isdecimal() and len(typed) <= 3
    return min(max(int(typed), 1), MOST_COUNTED // PER_PAGE) if usable else 1


def _problem(name: str) -> str:
    if name in ("from", "to"):
        return _("Choose a day, the last one not before the first one.")
    return {
        "phone": _("Enter the last four digits of the phone, or more."),
        "reference": _("This is no reference, nor the beginning of one."),
        "text": _("Please shorten this to %(most)s characters.", most=LONGEST_TEXT),
        "organisation": _("Please shorten this to %(most)s characters.", most=LONGEST_TEXT),
        "contact": _("Please shorten this to %(most)s characters.", most=LONGEST_TEXT),
    }.get(name, _("Choose one of those that are offered."))
