"""The countries of the world: a set of their own, and the areas of “abroad” where a hall opens it into countries.

Codes are those of ISO 3166-1, names are those of CLDR in the reader's language (Babel), regions are the continents of
UN M49.
"""

from collections.abc import Iterable
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError

from hallapp.core.errors import N_
from hallapp.origins.values import OVERSEAS, UNKNOWN, Area, Division, Namer, OriginSet, Region, Words, message

CODE = "world"
_CONTINENTS = {
    "002": "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU MW MZ"
    " NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW",
    "019": "AG AI AR AW BB BL BM BO BQ BR BS BV BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP GS GT GY HN HT JM KN KY LC"
    " MF MQ MS MX NI PA PE PM PR PY SR SV SX TC TT US UY VC VE VG VI",
    "142": "AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH"
    " PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
    "150": "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK"
    " MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA",
    "009": "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
    "AQ": "AQ",
}
#: The parts of China are divisions of its own set, so a hall there does not count them as abroad.
_OF_CHINA = frozenset({"CN", "HK", "MO", "TW"})


def make_set(home: str) -> OriginSet:
    """Return the set of all countries for a hall in one of them."""
    regions = tuple(Region(code=code, namer=country_namer(code)) for code in _CONTINENTS)
    nowhere = Region(code=UNKNOWN, namer=message(N_("Not stated")))
    return OriginSet(
        code=CODE, home=home, divisions=_divisions(), regions=(*regions, nowhere), words=_WORDS, by_name=True
    )


def list_codes() -> list[str]:
    """Return the codes of all countries, in their order."""
    return sorted(code for codes in _CONTINENTS.values() for code in codes.split())


def list_abroad(home: str) -> list[Area]:
    """Return the countries abroad as areas; `home` is the hall's own country."""
    ours: Iterable[str] = _OF_CHINA if home == "CN" else {home}
    return [Area(key=code, division=OVERSEAS, namer=country_namer(code)) for code in list_codes() if code not in ours]


def country_name(code: str, language: str) -> str:
    """Return the name of a country or continent in a reader's language, else in English."""
    return _territories(language).get(code) or _territories("en").get(code) or code


def country_namer(code: str) -> Namer:
    """Return the namer of a country or continent."""
    return lambda language: country_name(code, language)


@cache
def _divisions() -> dict[str, Division]:
    region_of = {code: region for region, codes in _CONTINENTS.items() for code in codes.split()}
    found = {
        code: Division(code=code, iso=code, region=region_of[code], namer=country_namer(code)) for code in list_codes()
    }
    return found | {UNKNOWN: Division(code=UNKNOWN, region=UNKNOWN, namer=message(N_("Not stated")))}


@lru_cache(maxsize=32)
def _territories(language: str) -> dict[str, str]:
    try:
        return dict(Locale.parse(language.replace("-", "_")).territories)
    except (UnknownLocaleError, ValueError):
        return {}


_WORDS = Words(
    one=N_("Country or region"),
    many=N_("Countries and regions"),
    places=N_("countries and regions"),
    note=N_(
        "Places of origin are the countries and regions of ISO 3166-1. People whose origin is not stated are listed "
        "beside them, and are part of the people and of the shares."
    ),
)
