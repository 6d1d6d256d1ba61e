"""Proposals for a new hall by its country: the places that it counts visitors by, and the languages of its texts."""

from functools import cache

from hallapp.core.i18n import SOURCE, installed
from hallapp.core.regions import CHINA, countries, official_languages
from hallapp.origins import china, queries, subdivisions, world
from hallapp.origins.values import OriginSet

#: The home that is proposed; the countries here have China's set, of which they are part.
_HOMES = {CHINA: "440000", "HK": "810000", "MO": "820000", "TW": "710000"}


@cache
def list_countries() -> tuple[str, ...]:
    """Return the countries that a hall can lie in: those of the set of the world, so that each has a set."""
    return tuple(code for code in world.list_codes() if code in countries())


def find_places(country: str) -> OriginSet | None:
    """Return the set of the places within a country, with the home that is proposed; None where it has no such set."""
    if country in _HOMES:
        return queries.get_set(0, china.CODE, _HOMES[country])
    if country in subdivisions.list_countries():
        return queries.get_set(0, country, "")
    return None


def list_languages(country: str, *others: str) -> tuple[str, ...]:
    """Return the languages to ask texts in: those of the country, English and `others`, as far as pages have them."""
    wanted = dict.fromkeys((*official_languages(country), SOURCE, *others))
    return tuple(code for code in wanted if code in installed())
