"""The values of an origin set: divisions, the regions they lie in, areas within them, and the words for them.

The ledger stores the code of a division, or of an area, which starts with an underscore: `_440100` for a city of China,
`_DE` for a country abroad. `division_of` returns the division of either without a set, and `division_in_sql` does the
same in a query, so that areas add up to their divisions everywhere.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, String, case, func, literal, type_coerce

from hallapp.core.errors import N_
from hallapp.core.i18n import gettext, installed

OVERSEAS = "overseas"
UNKNOWN = "unknown"
#: The divisions of every set that are no place: they stand beside the others.
APART = (OVERSEAS, UNKNOWN)
AREA = "_"

#: Returns a name in a reader's language.
Namer = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """One place that visitors come from. `tile` is (column, row) on the tile map, None where it has none.

    `also` are further names by which people write it, such as the full one.
    """

    code: str
    iso: str = ""
    region: str = ""
    tile: tuple[int, int] | None = None
    namer: Namer = field(repr=False, compare=False)
    also: tuple[str, ...] = ()

    @property
    def is_place(self) -> bool:
        """Return whether it is a place of the set, and neither abroad nor not stated."""
        return self.code not in APART

    def name(self, language: str) -> str:
        """Return the name in a reader's language."""
        return self.namer(language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A part of a division that can be chosen instead of the whole: a city of the home division, a country abroad.

    `key` is its own code in figures and files: `440100` or `DE`.
    """

    key: str
    division: str
    namer: Namer = field(repr=False, compare=False)

    @property
    def code(self) -> str:
        """Return the code that a booking and the ledger store."""
        return f"{AREA}{self.key}"

    def name(self, language: str) -> str:
        """Return the name in a reader's language, without that of its division."""
        return self.namer(language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Divisions taken together in reports."""

    code: str
    namer: Namer = field(repr=False, compare=False)

    def name(self, language: str) -> str:
        """Return the name in a reader's language."""
        return self.namer(language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The texts about the divisions of a set, all of them message ids.

    `one`, `many` and `code` are headings, `places` names several within a sentence. The others are filled by
    `OriginSet.say`: `some` and `every` tell from how many of all divisions people came, on pages and on the big screen.
    `lacking` makes its text itself: from how many of them nobody came.
    """

    one: str
    many: str
    places: str
    note: str
    code: str = N_("Code of the place")
    total: str = N_("%(many)s (of %(all)s)")
    home: str = N_("%(places)s of our visitors (of %(all)s)")
    some: str = N_("%(count)s of the %(all)s %(places)s")
    every: str = N_("all %(all)s %(places)s")
    screen_some: str = N_("%(count)s of the %(all)s %(places)s")
    screen_every: str = N_("all %(all)s %(places)s")
    reached: str = N_("People from %(count)s of the %(all)s %(places)s: %(when)s")
    ranked: str = N_("%(many)s by people")
    first: str = N_("First visit from this place")
    sum: str = N_("Sum of the places of origin")
    mixed: str = N_(
        "A group counts once on each day on which it arrived. A group of mixed origin counts once in the totals, and "
        "once in each place from which it brought people, so their groups may add up to more than the total."
    )
    tiles: str = N_(
        "Tiles are placed roughly where the places are; this is a chart, not a map, and shows no boundaries."
    )
    lacking: Callable[["OriginSet", int], str] = lambda origins, count: origins.say(
        N_("No visitors from %(count)s of the %(all)s %(places)s."), count=count
    )
    none: str = N_("No visitors from any of the %(all)s %(places)s.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One option of a list of places; `group` is the division whose areas these are, empty for divisions."""

    code: str
    name: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OriginSet:
    """The places of origin of a hall, in their order: abroad and not stated are the last two.

    `areas` are those that can be chosen when a group is booked or admitted; `area_namer` names others too, by key and
    language, as a hall may have asked for them earlier. `by_name` says that a list of options is
    in the order of the names, as the codes have no order that people know.
    """

    code: str
    home: str
    divisions: Mapping[str, Division]
    regions: tuple[Region, ...]
    words: Words
    areas: Mapping[str, Area] = field(default_factory=dict)
    area_namer: Callable[[str, str], str] = lambda key, _language: key
    by_name: bool = False

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same set: its places never change under its code."""
        return isinstance(other, OriginSet) and self._key == other._key

    def __hash__(self) -> int:
        """Return a hash that equal sets share; two sets of one code and home are rare."""
        return hash((self.code, self.home))

    @property
    def _key(self) -> tuple[Any, ...]:
        return self.code, self.home, tuple(self.divisions), tuple(self.areas)

    def __contains__(self, code: object) -> bool:
        """Return whether a booking may name this division or area."""
        return code in self.divisions or code in self.areas

    @property
    def places(self) -> tuple[Division, ...]:
        """Return the divisions without those that stand beside them."""
        return tuple(one for one in self.divisions.values() if one.is_place)

    @property
    def has_map(self) -> bool:
        """Return whether the set has a tile map; without one the ranking is the picture."""
        return any(one.tile for one in self.divisions.values())

    @property
    def example(self) -> str:
        """Return the code of a place, as an example."""
        return next((one.code for one in self.places if one.code == "440000"), self.places[0].code)

    @property
    def has_countries(self) -> bool:
        """Return whether people from abroad are counted by country."""
        return any(not is_prefecture(area.key) for area in self.areas.values())

    def division(self, code: str) -> Division:
        """Return a division by its code or by that of an area of it; one with its code for a name if it is unknown."""
        code = division_of(code)
        return self.divisions.get(code) or Division(code=code, namer=lambda _language: code)

    def name(self, code: str, language: str) -> str:
        """Return the name of a division, or that of an area with its division: `Guangdong · Guangzhou`."""
        division = self.division(code).name(language)
        if not is_area(code):
            return division
        return f"{division} · {self.area_namer(code.removeprefix(AREA), language)}"

    def find(self, text: str) -> str | None:
        """Return the code of the division that a text names by its code or by one of its names, or None."""
        found = _names_of(self).get(sort_key(text.strip()), set())
        return next(iter(found)) if len(found) == 1 else None

    def region_of(self, code: str) -> str:
        """Return the code of the region in which a division lies."""
        return self.division(code).region

    def by_region(self) -> dict[str, tuple[str, ...]]:
        """Return the codes of the divisions of each region."""
        return {
            region.code: tuple(code for code, one in self.divisions.items() if one.region == region.code)
            for region in self.regions
        }

    def region_name(self, code: str, language: str) -> str:
        """Return the name of a region."""
        return next((region.name(language) for region in self.regions if region.code == code), code)

    def say(self, text: str, **values: Any) -> str:
        """Return one of the set's words in the language in force."""
        words = self.words
        facts = {"places": gettext(words.places), "many": gettext(words.many), "all": len(self.places)}
        return gettext(text, **facts, **values)

    def choice_groups(self, language: str) -> "ChoiceGroups":
        """Return the options of a list in groups by name; the first one has no name, and the divisions are in it."""
        return _groups_of(self, language)

    def choices(self, language: str) -> Iterator[Choice]:
        """Yield the options of a list: the divisions, then the areas of each division that has some."""
        divisions = list(self.divisions.values())
        if self.by_name:
            divisions = sorted(self.places, key=lambda one: sort_key(one.name(language)))
            divisions += [one for one in self.divisions.values() if not one.is_place]
        yield from (Choice(code=one.code, name=one.name(language)) for one in divisions)
        for code in dict.fromkeys(area.division for area in self.areas.values()):
            group = self.divisions[code].name(language)
            areas = [area for area in self.areas.values() if area.division == code]
            if not is_prefecture(areas[0].key):
                areas.sort(key=lambda one: sort_key(one.name(language)))
            yield from (Choice(code=area.code, name=f"{group} · {area.name(language)}", group=group) for area in areas)


ChoiceGroups = tuple[tuple[str, tuple[Choice, ...]], ...]


@lru_cache(maxsize=64)
def _groups_of(origins: OriginSet, language: str) -> ChoiceGroups:
    """Return `choice_groups`, which one page of the desk shows four times."""
    by_group = sorted(origins.choices(language), key=lambda one: one.group.lower())
    grouped = groupby(by_group, key=lambda one: one.group)
    return tuple((group, tuple(choices)) for group, choices in grouped)


@lru_cache(maxsize=256)
def _names_of(origins: OriginSet) -> dict[str, set[str]]:
    """Return the codes of the divisions by everything that they are called."""
    found: dict[str, set[str]] = {}
    for code, one in origins.divisions.items():
        for name in (code, one.iso, *one.also, *(one.name(language) for language in installed())):
            if name:
                found.setdefault(sort_key(name), set()).add(code)
    return found


def sort_key(name: str) -> str:
    """Return a name as lists sort it: without accents and case."""
    return "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))


def named(names: Mapping[str, str]) -> Namer:
    """Return the namer of names by language: the reader's, else the same language in another script, else English."""

    def name(language: str) -> str:
        for key in (language, language.split("_")[0].split("-")[0], "en"):
            if found := names.get(key):
                return found
        return next(iter(names.values()), "")

    return name


def message(text: str) -> Namer:
    """Return the namer of a text of this application: its translation in the language in force."""
    return lambda _language: gettext(text)


def is_area(code: str) -> bool:
    """Return whether a stored code is that of an area."""
    return code.startswith(AREA)


def is_prefecture(key: str) -> bool:
    """Return whether the key of an area is that of a prefecture of China, and not a country's."""
    return key.isdigit()


def division_of(code: str) -> str:
    """Return the division of a stored code, which may be an area's."""
    if not code.startswith(AREA):
        return code
    return f"{code[1:3]}0000" if is_prefecture(code[1:]) else OVERSEAS


def area_of(code: str) -> str | None:
    """Return the key of a stored code's area, None where it is a division's."""
    return code[1:] if is_area(code) else None


def division_in_sql(column: Any) -> ColumnElement[str]:
    """Return `division_of` of a column."""
    text = type_coerce(column, String)
    prefecture = type_coerce(func.substr(text, 2, 2), String) + literal("0000", String)
    of_area = case((func.length(text) == _PREFECTURE, prefecture), else_=literal(OVERSEAS, String))
    return type_coerce(case((func.substr(text, 1, 1) == AREA, of_area), else_=text), String)


def area_in_sql(column: Any, *, prefectures: bool) -> ColumnElement[str | None]:
    """Return the key of a column's area where it is a prefecture, or a country; NULL elsewhere."""
    text = type_coerce(column, String)
    length = _PREFECTURE if prefectures else _COUNTRY
    wanted = (func.substr(text, 1, 1) == AREA) & (func.length(text) == length)
    return type_coerce(case((wanted, func.substr(text, 2))), String)


_PREFECTURE, _COUNTRY = len("_440100"), len("_DE")
