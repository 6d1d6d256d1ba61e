"""The origin set of a hall, by the code that the hall stores: `cn`, `world`, a country's code, or `own-…`.

A set never changes under its code, so it is made once in each process.
"""

from dataclasses import replace
from functools import lru_cache

from sqlalchemy import select

from hallapp.core.database import db
from hallapp.core.i18n import gettext, language
from hallapp.origins import china, own, subdivisions, world
from hallapp.origins.models import OwnOrigins
from hallapp.origins.prefectures import PREFECTURES
from hallapp.origins.values import OVERSEAS, Area, OriginSet, is_prefecture


@lru_cache(maxsize=1024)
def get_set(
    hall_id: int, code: str, home: str, *, country: str = "", cities: bool = False, countries: bool = False
) -> OriginSet:
    """Return a hall's origin set; with the `cities` of the home division, and the `countries` abroad, where wanted.

    `country` is that of the hall: no list of its own offers it as a country abroad. Raises KeyError where there is no
    such set.
    """
    areas = _list_areas(code, home, country, cities=cities, countries=countries)
    found = _make_set(hall_id, code, home)
    return replace(found, areas={area.code: area for area in areas}, area_namer=name_area)


def title_of(origins: OriginSet) -> str:
    """Return the title of a set, such as `Germany: 16 Bundesländer`, in the language in force."""
    values = {"count": len(origins.places), "places": gettext(origins.words.places)}
    if origins.code.startswith(own.PREFIX):
        return gettext("The hall’s own list: %(count)s %(places)s", **values)
    if origins.code == world.CODE:
        return gettext("All countries and regions of the world")
    country = subdivisions.CHINA if origins.code == china.CODE else origins.code
    return gettext("%(country)s: %(count)s %(places)s", country=world.country_name(country, language()), **values)


def name_area(key: str, language: str) -> str:
    """Return the name of a prefecture or a country by the key of its area."""
    if not is_prefecture(key):
        return world.country_name(key, language)
    return PREFECTURES[key].name(language) if key in PREFECTURES else key


def list_cities(home: str) -> list[Area]:
    """Return the prefectures of a division of China; a municipality has none."""
    return [Area(key=code, division=home, namer=one.name) for code, one in PREFECTURES.items() if one.division == home]


def codes_within(division: str) -> list[str]:
    """Return the stored codes that count for a division: its own, and those of every area of it."""
    areas = world.list_abroad("") if division == OVERSEAS else list_cities(division)
    return [division, *(area.code for area in areas)]


def _make_set(hall_id: int, code: str, home: str) -> OriginSet:
    if code == china.CODE:
        return china.make_set(home)
    if code == world.CODE:
        return world.make_set(home)
    if code.startswith(own.PREFIX):
        return own.make_set(code, home, _read_own(hall_id, code))
    return subdivisions.make_set(code, home)


def _list_areas(code: str, home: str, country: str, *, cities: bool, countries: bool) -> list[Area]:
    if code == world.CODE:
        return []
    found = list_cities(home) if cities and code == china.CODE else []
    if code == china.CODE:
        country = subdivisions.CHINA
    elif not code.startswith(own.PREFIX):
        country = code
    return [*found, *(world.list_abroad(country) if countries else ())]


def _read_own(hall_id: int, code: str) -> list[own.Place]:
    wanted = select(OwnOrigins.places).where(OwnOrigins.hall_id == hall_id, OwnOrigins.code == code)
    rows = db.session.scalars(wanted).one_or_none()
    if rows is None:
        raise KeyError(code)
    return [own.Place.of(row) for row in rows]
