"""The subdivisions of one country by ISO 3166-2: its top level alone, then abroad and not stated.

Codes and names come from pycountry (the iso-codes project), in the reader's language where its catalogues have them,
else in the country's own. The tile maps of some countries are in `layouts.csv`; they are this project's own.
"""

import csv
import gettext
from functools import cache, lru_cache
from pathlib import Path

import pycountry

from hallapp.core.errors import N_
from hallapp.origins import world
from hallapp.origins.values import OVERSEAS, UNKNOWN, Division, Namer, OriginSet, Region, Words, message

#: The country with a set of its own (`china`).
CHINA = "CN"
#: Language codes of the catalogues of pycountry where they differ from ours.
_CATALOGUES = {"zh": "zh_CN", "zh_Hans": "zh_CN", "zh_Hant": "zh_TW"}
_NOTE = N_(
    "Places of origin are the %(places)s of ISO 3166-2. Visitors from abroad and people whose origin is not stated "
    "are listed beside them, and are part of the people and of the shares."
)
_REGIONS = Words(one=N_("Region of the country"), many=N_("Regions of the country"), places=N_("regions"), note=_NOTE)
_STATES = Words(
    one=N_("State or territory"), many=N_("States and territories"), places=N_("states and territories"), note=_NOTE
)
_WORDS = {
    "Canton": Words(one=N_("Canton"), many=N_("Cantons"), places=N_("cantons"), note=_NOTE),
    "Department": Words(one=N_("Department"), many=N_("Departments"), places=N_("departments"), note=_NOTE),
    "Land": Words(one=N_("Bundesland"), many=N_("Bundesländer"), places=N_("Bundesländer"), note=_NOTE),
    "Province": Words(one=N_("Province"), many=N_("Provinces"), places=N_("provinces"), note=_NOTE),
}
_PROVINCES = Words(
    one=N_("Province or territory"),
    many=N_("Provinces and territories"),
    places=N_("provinces and territories"),
    note=_NOTE,
)
#: English names that the catalogues lack.
_ENGLISH = {
    "DE-BY": "Bavaria",
    "DE-HE": "Hesse",
    "DE-MV": "Mecklenburg-Western Pomerania",
    "DE-NI": "Lower Saxony",
    "DE-NW": "North Rhine-Westphalia",
    "DE-RP": "Rhineland-Palatinate",
    "DE-SN": "Saxony",
    "DE-ST": "Saxony-Anhalt",
    "DE-TH": "Thuringia",
}
#: Short names by which people write a place.
_ALSO = {"DE-NW": ("NRW",), "DE-BW": ("BaWü",), "DE-MV": ("MeckPomm",), "US-DC": ("Washington DC",)}
_LIKE_STATES = {"District", "Federal district", "Federal entity", "Outlying area", "Territory", "Union territory"}


def list_countries() -> list[str]:
    """Return the codes of the countries that can be chosen: those with two subdivisions or more, but for China."""
    return [code for code in world.list_codes() if code != CHINA and len(_list_top(code)) > 1]


def make_set(country: str, home: str) -> OriginSet:
    """Return the set of a country for a hall in one of its subdivisions. Raises KeyError for an unknown country."""
    if country == CHINA or len(_list_top(country)) < 2:
        raise KeyError(country)
    tiles = _read_layouts()
    found = {
        one.code: Division(
            code=one.code,
            iso=one.code,
            region=country,
            tile=tiles.get(one.code),
            namer=_namer(one.code, one.name),
            also=_ALSO.get(one.code, ()),
        )
        for one in _list_top(country)
    }
    apart = {
        OVERSEAS: Division(code=OVERSEAS, region=OVERSEAS, namer=message(N_("Abroad"))),
        UNKNOWN: Division(code=UNKNOWN, region=UNKNOWN, namer=message(N_("Not stated"))),
    }
    regions = (
        Region(code=country, namer=world.country_namer(country)),
        *(Region(code=one.code, namer=one.namer) for one in apart.values()),
    )
    return OriginSet(
        code=country,
        home=home,
        divisions=found | apart,
        regions=regions,
        words=_words_of(country),
        by_name=True,
    )


def _words_of(country: str) -> Words:
    kinds = {one.type for one in _list_top(country)}
    if country == "AT":  # its states have the name of Germany's
        return _WORDS["Land"]
    if len(kinds) == 1:
        return _WORDS.get(kinds.pop(), _REGIONS)
    if "State" in kinds and kinds - {"State"} <= _LIKE_STATES:
        return _STATES
    return _PROVINCES if kinds == {"Province", "Territory"} else _REGIONS


@cache
def _list_top(country: str) -> tuple[pycountry.db.Data, ...]:
    found = pycountry.subdivisions.get(country_code=country) or []  # type: ignore[no-untyped-call]
    return tuple(sorted((one for one in found if not one.parent_code), key=lambda one: one.code))


def _namer(code: str, written: str) -> Namer:
    """Return the namer of a place; text in brackets is left out: `Wales [Cymru GB-CYM]`."""

    def name(language: str) -> str:
        found = _ENGLISH.get(code, "") if language == "en" else ""
        return found or _translate(written, language).partition(" [")[0]

    return name


@lru_cache(maxsize=20_000)
def _translate(name: str, language: str) -> str:
    return _catalogue(language).gettext(name)


@lru_cache(maxsize=32)
def _catalogue(language: str) -> gettext.NullTranslations:
    wanted = [_CATALOGUES.get(language, language), language.split("_")[0].split("-")[0]]
    return gettext.translation("iso3166-2", pycountry.LOCALES_DIR, wanted, fallback=True)


@cache
def _read_layouts() -> dict[str, tuple[int, int]]:
    with (Path(__file__).parent / "layouts.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(file)}
