"""Filters over ledger rows, as arguments of an address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from hallapp.ledger.facets import Choice, Facet, list_choices
from hallapp.periods import Period
from hallapp.reports.errors import FigureUnknown

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: The argument for people of whom only the month is known.
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterPart:
    """One thing by which rows are chosen: parts of a facet, by the argument of an address and its value.

    `codes` are the parts as reports know them, `parts` the same as the figures do.
    """

    choice: Choice
    value: str
    codes: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the name of the argument."""
        return self.choice.name

    @property
    def facet(self) -> Facet:
        """Return the facet of which these are parts."""
        return self.choice.facet


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Rows of the days of `period` that are of each of these parts; `undated` are those of which no day is known.

    `whole` is the period of the report, of which `day` has chosen one day, where it is given.
    """

    whole: Period
    period: Period
    parts: tuple[FilterPart, ...] = ()
    day: date | None = None
    undated: bool = False

    @property
    def args(self) -> dict[str, str]:
        """Return the filter as arguments of an address."""
        found = {part.name: part.value for part in self.parts}
        if self.undated:
            found["day"] = UNKNOWN
        elif self.day:
            found["day"] = self.day.isoformat()
        return found

    @property
    def by_category(self) -> FilterPart | None:
        """Return the part that chooses people of a category, where there is one."""
        return next((part for part in self.parts if part.facet.by_category), None)

    def without(self, name: str) -> dict[str, str]:
        """Return the arguments without one of them."""
        return {key: value for key, value in self.args.items() if key != name}

    def within(self, period: Period) -> "Filter":
        """Return the filter for another period."""
        return replace(self, whole=period, period=period)


def read(period: Period, args: Mapping[str, str], hall_id: int) -> Filter:
    """Return the filter of an address; unknown arguments are ignored.

    Raises:
        FigureUnknown: no figure of a report leads there.
    """
    parts = (_read_part(choice, text, hall_id) for choice in list_choices() if (text := args.get(choice.name)))
    wanted = Filter(whole=period, period=period, parts=tuple(parts))
    if wanted.by_category and any(part.facet.by_place for part in wanted.parts):
        raise FigureUnknown  # of a group from several places, it is not known which people a category has
    return _on_day(wanted, args.get("day", ""))


def _read_part(choice: Choice, text: str, hall_id: int) -> FilterPart:
    parts, codes = choice.facet.parts, choice.read(hall_id, text)
    found = [parts.find_part(hall_id, code) if parts else None for code in codes]
    known = tuple(part for part in found if part is not None)
    if not codes or len(known) < len(codes):
        raise FigureUnknown
    return FilterPart(choice=choice, value=text, codes=codes, parts=known)


def _on_day(chosen: Filter, text: str) -> Filter:
    if not text:
        return chosen
    if text == UNKNOWN:
        return replace(chosen, undated=True)
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not chosen.period.holds(day):
        raise FigureUnknown
    return replace(chosen, day=day, period=Period.days(day, day))
