"""The public holidays of the world, as they are entered into a hall's calendar.

A hall's `holiday_calendar` is a country, such as `DE`; a country and one of its subdivisions, such as `DE-BE`; or empty
for none. Sources: for China the State Council's notice, by chinesecalendar, which knows the make-up working days; for
all others the library `holidays`.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import chinese_calendar
import holidays

from hallapp.core.regions import CHINA
from hallapp.schedule.models import DayKind

NO_HOLIDAYS = ""
_SATURDAY = 5
_ENGLISH = ("en_US", "en_GB", "en_CA", "en")


class Holiday(NamedTuple):
    """A special day of a year; its names by language."""

    day: date
    kind: DayKind
    names: dict[str, str]


@cache
def list_calendars(country: str) -> Sequence[str]:
    """Return the calendars of a country: its own first, then those of its subdivisions."""
    if country == CHINA:
        return (CHINA,)
    subdivisions = holidays.list_supported_countries(include_aliases=False).get(country)
    if subdivisions is None:
        return ()
    codes = (one for one in subdivisions if len(f"{country}-{one}") <= 10 and one.isascii())
    return (country, *(f"{country}-{one}" for one in codes))


def name_of_subdivision(calendar: str) -> str:
    """Return the name of the subdivision of a calendar as its people write it, such as `Berlin`, else its code."""
    country, _hyphen, code = calendar.partition("-")
    names: dict[str, str] = getattr(holidays.country_holidays(country), "subdivisions_aliases", {})
    return next((name for name, one in names.items() if one == code), code)


def is_calendar(name: str) -> bool:
    """Return whether there is a calendar of this name; the empty one has no holidays."""
    return name == NO_HOLIDAYS or name in list_calendars(name.partition("-")[0])


def is_announced(calendar: str, year: int) -> bool:
    """Return whether the holidays of a year are known."""
    if calendar == NO_HOLIDAYS:
        return False
    if calendar != CHINA:
        return True
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def list_holidays(calendar: str, year: int, languages: Sequence[str]) -> Iterator[Holiday]:
    """Yield the special days of a year, which must be announced."""
    if calendar == CHINA:
        yield from _of_china(year)
    elif calendar != NO_HOLIDAYS:
        yield from _of_world(calendar, year, languages)


def _of_china(year: int) -> Iterator[Holiday]:
    """Yield the days of a year, and those of the December before it: New Year's days off may begin there."""
    first, last = date(year - 1, 12, 25), date(year, 12, 31)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        off, worked = chinese_calendar.holidays.get(day), chinese_calendar.workdays.get(day)
        if off is not None:
            yield Holiday(day, DayKind.HOLIDAY, {"zh": chinese_calendar.Holiday(off).chinese, "en": off})
        elif worked is not None and day.weekday() >= _SATURDAY:
            yield Holiday(day, DayKind.MAKEUP, {"zh": chinese_calendar.Holiday(worked).chinese, "en": worked})


def _of_world(calendar: str, year: int, languages: Sequence[str]) -> Iterator[Holiday]:
    country, _hyphen, subdivision = calendar.partition("-")
    known = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    named = {}
    for language in languages:
        spoken = _spoken(language, known.supported_languages)
        if spoken or language == "en":
            named[language] = holidays.country_holidays(
                country, subdiv=subdivision or None, years=year, language=spoken
            )
    if not named:  # the library speaks none of the hall's languages
        named[languages[0] if languages else "en"] = known
    for day in sorted(known):
        yield Holiday(day, DayKind.HOLIDAY, {language: names.get(day, "") for language, names in named.items()})


def _spoken(language: str, supported: Sequence[str]) -> str | None:
    """Return the library's name of a language of ours, or None where it has no names in it."""
    wanted = {"en": _ENGLISH, "zh": ("zh_CN",), "zh_Hant": ("zh_TW", "zh_HK")}.get(language, (language,))
    exact = next((one for one in wanted if one in supported), None)
    return exact or next((one for one in supported if one.partition("_")[0] == language), None)
