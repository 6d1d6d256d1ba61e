"""The conventions of a hall's country: its telephone numbers, week, clock, paper and dates.

`i18n.region()` returns those in force, as `i18n.language()` returns the language. The source of a country's defaults is
CLDR (by Babel); a hall may choose otherwise.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_territory_language_info

CHINA = "CN"
#: Countries that print on US Letter; all others print on A4. Source: CLDR, supplemental data, paperSize.
_LETTER_COUNTRIES = frozenset(("BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"))


class Clock(StrEnum):
    """The two ways to write the time of day."""

    HOURS_24 = "24"
    HOURS_12 = "12"


class Paper(StrEnum):
    """The sizes of paper that PDF files and printed pages are drawn for."""

    A4 = "A4"
    LETTER = "Letter"

    @property
    def points(self) -> tuple[float, float]:
        """Return width and height in points of 1/72 inch."""
        return (612.0, 792.0) if self is Paper.LETTER else (210 * 72 / 25.4, 297 * 72 / 25.4)

    @property
    def excel(self) -> int:
        """Return the number of this size in spreadsheets."""
        return 1 if self is Paper.LETTER else 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The conventions that a hall follows; `first_weekday` is 0 for Monday and 6 for Sunday."""

    country: str = CHINA
    first_weekday: int = 0
    clock: Clock = Clock.HOURS_24
    paper: Paper = Paper.A4

    @property
    def in_china(self) -> bool:
        """Return whether the hall is on the Chinese mainland."""
        return self.country == CHINA

    @property
    def week(self) -> tuple[int, ...]:
        """Return the weekdays in the order of a calendar's columns."""
        return tuple((self.first_weekday + number) % 7 for number in range(7))


@cache
def countries() -> frozenset[str]:
    """Return the codes of all countries (ISO 3166-1 alpha-2) that CLDR knows by name."""
    return frozenset(
        code for code in map(str, Locale("en").territories) if len(code) == 2 and code not in _NO_COUNTRIES
    )


#: Groups of countries and codes for tests among the territories of CLDR.
_NO_COUNTRIES = frozenset(("EU", "EZ", "UN", "XA", "XB", "QO", "ZZ"))


#: The zone of most people of a country that has several. Source: CLDR, supplemental data, primaryZones.
_USUAL_ZONES = {
    "CL": "America/Santiago",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MH": "Pacific/Majuro",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kiev",
    "UZ": "Asia/Tashkent",
}
#: China keeps one time on the clock; the second zone of the table is a local custom.
_ONE_ZONE = {CHINA: "Asia/Shanghai"}


#: The states of a language in CLDR by which it is official in a whole country.
_OFFICIAL = ("official", "de_facto_official")


@cache
def time_zones(country: str) -> tuple[str, ...]:
    """Return the time zones of a country. Source: CLDR."""
    if country in _ONE_ZONE:
        return (_ONE_ZONE[country],)
    return tuple(sorted(zone for zone, place in get_global("zone_territories").items() if place == country))


def usual_zone(country: str) -> str | None:
    """Return the time zone of most people of a country; None where no zone is."""
    zones = time_zones(country)
    return zones[0] if len(zones) == 1 else _USUAL_ZONES.get(country)


@cache
def official_languages(country: str) -> tuple[str, ...]:
    """Return the languages that are official in all of a country, such as `zh_Hant` or `de`. Source: CLDR."""
    found = get_territory_language_info(country)
    return tuple(code for code, facts in found.items() if facts["official_status"] in _OFFICIAL)


@cache
def usual(country: str) -> Region:
    """Return the conventions of a country."""
    locale = _locale_of(country)
    twelve = "h" in locale.time_formats["short"].pattern.replace("hh", "h") if locale else False
    return Region(
        country=country,
        first_weekday=locale.first_week_day if locale else 0,
        clock=Clock.HOURS_12 if twelve else Clock.HOURS_24,
        paper=Paper.LETTER if country in _LETTER_COUNTRIES else Paper.A4,
    )


def _locale_of(country: str) -> Locale | None:
    try:
        return Locale.parse(f"und_{country}")
    except (UnknownLocaleError, ValueError):
        return None
