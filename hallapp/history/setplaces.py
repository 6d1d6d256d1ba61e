"""Places as people write them, by an origin set other than China's: names in several languages, codes, ISO codes.

The whole text must be names of one place: `Bayern`, `DE-BY`, `BY`, `Bavaria (Bayern)`. All else, and a name that means
several places (Georgia is a state and a country), gives a question with the possible places.
"""

import re
from collections import defaultdict
from functools import lru_cache

import pycountry

from hallapp.history import placewords, problems
from hallapp.history.place import NOWHERE, Place
from hallapp.history.placetext import key_of
from hallapp.history.problems import Reading, Unclear
from hallapp.origins import world
from hallapp.origins.values import OVERSEAS, OriginSet

#: The languages in which names are known, besides that of the place itself.
_LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "zh", "zh_Hant")
_ABROAD = "ausland etranger extranjero international overseas abroad foreign foreigners"
_UNKNOWN = "unbekannt keineangabe inconnu desconocido"
_PARTS = re.compile(r"[,，/／|;；()（）\[\]>→·]+")


def read(text: str, origins: OriginSet) -> Place | Unclear[Place]:
    """Return the place that a text means, `NOWHERE` for an empty one; else the question with the possible places."""
    if not key_of(text):
        return NOWHERE
    names = _names_of(origins)
    found = names.get(key_of(text), frozenset())
    if not found:
        parts = [names.get(key_of(part), frozenset()) for part in _PARTS.split(text) if key_of(part)]
        named = frozenset().union(*parts) if parts else frozenset()
        if len(parts) > 1 and all(parts) and (shared := frozenset.intersection(*parts)):
            found = shared
        else:
            problem = problems.PLACE_SEVERAL if len(named) > 1 else problems.PLACE_BESIDE
            return _question(problem if named else problems.PLACE_UNKNOWN, named)
    if len(found) == 1:
        return next(iter(found))
    return _question(problems.PLACE_SEVERAL, found)


def find_country(text: str) -> str | None:
    """Return the code of the country that a text names, or None."""
    found = _countries().get(key_of(text), frozenset())
    return next(iter(found)) if len(found) == 1 else None


def _question(problem: problems.Problem, found: frozenset[Place]) -> Unclear[Place]:
    readings = tuple(Reading(str(place), place) for place in sorted(found))
    return Unclear(problem.code, problem.message, problem.short, readings)


@lru_cache(maxsize=64)
def _names_of(origins: OriginSet) -> dict[str, frozenset[Place]]:
    """Return the places by everything that they are called."""
    found: defaultdict[str, set[Place]] = defaultdict(set)
    for code, one in origins.divisions.items():
        names = {code, one.iso, one.iso.partition("-")[2], *one.also, *map(one.name, _LANGUAGES)}
        for name in names - {""}:
            found[key_of(name)].add(Place(code))
    for word in f"{placewords.UNKNOWN} {_UNKNOWN}".split():
        found[key_of(word)] = {NOWHERE}
    if OVERSEAS in origins.divisions:
        _add_abroad(found, origins)
    elif origins.code == world.CODE:
        for name, codes in _countries().items():
            found[name] |= {Place(code) for code in codes}
    return {name: frozenset(places) for name, places in found.items() if name}


def _add_abroad(found: defaultdict[str, set[Place]], origins: OriginSet) -> None:
    for word in _ABROAD.split():
        found[key_of(word)].add(Place(OVERSEAS))
    for name, codes in _countries().items():
        for code in codes:
            if code != origins.code:
                found[name].add(Place(OVERSEAS, code if origins.has_countries else ""))


@lru_cache(maxsize=1)
def _countries() -> dict[str, frozenset[str]]:
    """Return the codes of countries by their names and their three-letter codes."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for code in world.list_codes():
        country = pycountry.countries.get(alpha_2=code)
        names = {country.alpha_3, country.name, getattr(country, "common_name", "")} if country else set()
        for name in names | {world.country_name(code, language) for language in _LANGUAGES}:
            found[key_of(name)].add(code)
    return {name: frozenset(codes) for name, codes in found.items() if name}
