"""A search for a page: its fields, their errors, and a page of results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from hallapp.booking import blocks, search
from hallapp.booking.arrivals import count_arrived
from hallapp.booking.models import OPEN_STATES, Booking, SavedSearch
from hallapp.booking.search import MOST_COUNTED, Found
from hallapp.booking.terms import LONGEST_TEXT, OPEN, Terms, visible
from hallapp.core.i18n import gettext as _

PER_PAGE = 50
NAMES = ("text", "organisation", "contact", "phone", "reference", *OPEN)
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search and its results. `found` is None where a field could not be read.

    `blocked` are the results that are still open although their group is on the block list.
    """

    terms: Terms
    typed: Mapping[str, str]
    page: int = 1
    found: Found | None = None
    arrived: Mapping[int, int] = field(default_factory=dict)
    blocked: frozenset[int] = frozenset()
    saved: SavedSearch | None = None
    fresh: bool = False

    @property
    def pages(self) -> int:
        """Return how many pages there are, up to the last that is counted."""
        return max(1, -(-self.found.total // PER_PAGE)) if self.found else 1

    @property
    def hidden(self) -> dict[str, str]:
        """Return the search as the fields of another form."""
        return self.terms.to_mapping()

    @property
    def problems(self) -> dict[str, str]:
        """Return a message for each field that could not be read."""
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
    """Search, and read what is shown about the results in two more queries."""
    if terms.problems:
        return Search(terms=terms, typed=typed, saved=saved)
    found = search.search(hall_id, terms, today=today, limit=PER_PAGE, page=page)
    return Search(
        terms=terms, typed=typed, page=page, found=found, saved=saved, **_about(hall_id, found.bookings, today=today)
    )


def coming(hall_id: int, *, today: date) -> Search:
    """Return the bookings of today and the coming days, the nearest first, with an empty form."""
    found = search.search(hall_id, Terms(day_from=today), today=today, limit=PER_PAGE)
    about = _about(hall_id, found.bookings, today=today)
    return Search(terms=Terms(day_from=today), typed={}, found=found, fresh=True, **about)


def _about(hall_id: int, bookings: Sequence[Booking], *, today: date) -> dict[str, Any]:
    """Return what the results show beside the bookings themselves."""
    standing = [booking for booking in bookings if booking.state in OPEN_STATES]
    return {
        "arrived": count_arrived([booking.id for booking in bookings]),
        "blocked": blocks.list_blocked(hall_id, today, standing),
    }


def typed_in(form: MultiDict[str, str]) -> dict[str, str]:
    """Return the search form's fields as they were typed, so that they can be shown again."""
    return {name: visible(",".join(form.getlist(name)))[:_LONGEST_SHOWN] for name in NAMES if form.get(name)}


def page_of(typed: str) -> int:
    """Return the number of a page that can be asked for; the first one for anything odd."""
    usable = typed.isascii() and typed.isdecimal() and len(typed) <= 3
    return min(max(int(typed), 1), MOST_COUNTED // PER_PAGE) if usable else 1


def _problem(name: str) -> str:
    if name in ("from", "to"):
        return _("Choose a day; the last day must not be before the first.")
    return {
        "phone": _("Enter the last four digits of the phone, or more."),
        "reference": _("This is not a reference, nor the beginning of one."),
        "text": _("Please shorten this to %(most)s characters.", most=LONGEST_TEXT),
        "organisation": _("Please shorten this to %(most)s characters.", most=LONGEST_TEXT),
        "contact": _("Please shorten this to %(most)s characters.", most=LONGEST_TEXT),
    }.get(name, _("Choose one of those that are offered."))
