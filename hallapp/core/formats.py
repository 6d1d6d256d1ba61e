"""Dates, times and numbers formatted for people, in the reader's language and as the hall's region writes them.

A hall in China has Chinese and English forms that have always been on its passes. For every other country and language
the forms are those of CLDR (by Babel); numbers follow the language alone, because `1.234` means two things.
"""

from datetime import date, datetime, time
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.numbers import format_decimal

from hallapp.core import clock
from hallapp.core.i18n import language as reader_language
from hallapp.core.i18n import region
from hallapp.core.regions import Clock

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_FORMS = 4096  # some hundred days and times, in some languages
_WITH_COMMAS = ("zh", "en")


def day(value: date, language: str, *, year: bool = False) -> str:
    """Return a day as `12月5日 周六`, `Sat 5 Dec` or `Sat, Dec 5`; with its year as in `2026年12月5日 周六`."""
    here = region()
    if language == "zh":
        prefix = f"{value.year}年" if year else ""
        return f"{prefix}{value.month}月{value.day}日 周{_WEEKDAYS_ZH[value.weekday()]}"
    if language == "en" and here.in_china:
        suffix = f" {value.year}" if year else ""
        return f"{_WEEKDAYS_EN[value.weekday()]} {value.day} {_MONTHS_EN[value.month - 1]}{suffix}"
    return _in_form(value, "yMMMEd" if year else "MMMEd", language, here.country)


def weekdays(language: str) -> tuple[str, ...]:
    """Return the short names of the weekdays by their numbers, 0 is Monday, as in `一` or `Mon`."""
    if language == "zh":
        return tuple(_WEEKDAYS_ZH)
    return _WEEKDAYS_EN if language == "en" else _weekdays_of(language)


def long_weekday(weekday: int, language: str) -> str:
    """Return a weekday by its number, 0 is Monday, as in `周六` or `Saturday`."""
    if language == "zh":
        return f"周{_WEEKDAYS_ZH[weekday]}"
    return str(_locale(language, "").days["stand-alone"]["wide"][weekday])


def week(language: str) -> tuple[str, ...]:
    """Return the heads of a calendar's seven columns, from the hall's first day of the week."""
    names = weekdays(language)
    return tuple(names[number] for number in region().week)


def month(year: int, number: int, language: str) -> str:
    """Return a month as `2026年11月` or `November 2026`."""
    if language == "zh":
        return f"{year}年{number}月"
    first = date(year, number, 1)
    return f"{first:%B %Y}" if language == "en" else _in_form(first, "yMMMM", language, region().country)


def quarter(first: date, language: str) -> str:
    """Return the quarter of a year that begins on a day, as `2026年第4季度` or `Q4 2026`."""
    number = (first.month + 2) // 3
    return f"{first.year}年第{number}季度" if language.startswith("zh") else f"Q{number} {first.year}"


def short_month(value: date, language: str, *, year: bool = False) -> str:
    """Return a month as `11月` or `Nov`, with its year as `2026年11月` or `Nov 2026`, for pictures."""
    if language == "zh":
        return f"{value.year}年{value.month}月" if year else f"{value.month}月"
    if language == "en":
        return f"{value:%b %Y}" if year else f"{value:%b}"
    return _in_form(value, "yMMM" if year else "MMM", language, region().country)


def short_day(value: date, language: str) -> str:
    """Return a day without its weekday as `12月5日`, `5 Dec` or `Dec 5`, for pictures."""
    here = region()
    if language == "zh":
        return f"{value.month}月{value.day}日"
    if language == "en" and here.in_china:
        return f"{value.day} {value:%b}"
    return _in_form(value, "MMMd", language, here.country)


def long_day(value: date, language: str) -> str:
    """Return a day with its year, for documents: `2026年12月5日`, `5 December 2026` or `December 5, 2026`."""
    here = region()
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    if language == "en" and here.in_china:
        return f"{value.day} {value:%B %Y}"
    return _in_form(value, "yMMMMd", language, here.country)


def clock_time(value: time) -> str:
    """Return a time of day as the hall writes it: `09:30` or `9:30 AM`."""
    here = region()
    if here.clock is Clock.HOURS_24:
        return value.isoformat("minutes")
    return _in_form(value, "hm", reader_language(), here.country)


def hour_span(hour: int) -> str:
    """Return an hour of the day as `09:00–10:00` or `9:00 AM–10:00 AM`; the last one ends at 24:00."""
    if region().clock is Clock.HOURS_24:
        return f"{hour:02}:00–{hour + 1:02}:00"
    return f"{clock_time(time(hour))}–{clock_time(time((hour + 1) % 24))}"


def time_example() -> str:
    """Return a time as it can be typed at this hall, for an empty field."""
    return "09:30" if region().clock is Clock.HOURS_24 else "9:30 AM"


def time_of_day(instant: datetime, zone_name: str) -> str:
    """Return the time on the wall clock of a zone: `09:30` or `9:30 AM`."""
    return clock_time(clock.local(instant, zone_name).time())


def span(starts: datetime, ends: datetime, zone_name: str) -> str:
    """Return a span of time on the wall clock of a zone: `09:30–11:00` or `9:30 AM–11:00 AM`."""
    return f"{time_of_day(starts, zone_name)}–{time_of_day(ends, zone_name)}"


def when(starts: datetime, ends: datetime, zone_name: str, language: str, *, year: bool = False) -> str:
    """Return day and span: `12月5日 周六 09:30–11:00`, `Sat 5 Dec, 09:30–11:00`."""
    shown = day(clock.local_day(starts, zone_name), language, year=year)
    return f"{shown}{_joint(language)}{span(starts, ends, zone_name)}"


def moment(instant: datetime, zone_name: str, language: str) -> str:
    """Return day and time: `12月5日 周六 09:30`, `Sat 5 Dec, 09:30`."""
    return f"{day(clock.local_day(instant, zone_name), language)}{_joint(language)}{time_of_day(instant, zone_name)}"


def comma(language: str) -> str:
    """Return what separates the items of a list: `、` or a comma."""
    return "、" if language.startswith("zh") else ", "


def colon(language: str) -> str:
    """Return a colon, with its space where the language has one."""
    return "：" if language.startswith("zh") else ": "


def number(value: int) -> str:
    """Return a number with separators: `12,345` in Chinese and English, elsewhere as in the reader's language."""
    language = reader_language()
    return f"{value:,}" if language.startswith(_WITH_COMMAS) else str(format_decimal(value, locale=language))


def decimal(value: float) -> str:
    """Return a number with one decimal: `1,234.5`."""
    language = reader_language()
    if language.startswith(_WITH_COMMAS):
        return f"{value:,.1f}"
    return str(format_decimal(value, format="#,##0.0", locale=language))


def _joint(language: str) -> str:
    return " " if language.startswith("zh") else ", "


@lru_cache(maxsize=_MOST_FORMS)
def _in_form(value: date | time, skeleton: str, language: str, country: str) -> str:
    written = format_skeleton(skeleton, value, locale=_locale(language, country))
    return str(written).replace("\u202f", " ")  # not every font has the narrow space before AM and PM


@lru_cache(maxsize=_MOST_FORMS)
def _locale(language: str, country: str) -> Locale:
    """Return the locale of a language in a country; or of the language alone where CLDR has none."""
    for name in (f"{language}_{country}", "en_001" if language == "en" else language):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


@lru_cache
def _weekdays_of(language: str) -> tuple[str, ...]:
    names = _locale(language, "").days["stand-alone"]["abbreviated"]
    return tuple(str(names[number]) for number in range(7))


def size(count: int) -> str:
    """Return a size in bytes, rounded up, in thousands: `640 KB`, `34.2 MB`."""
    return f"{-(-count // 1000):,} KB" if count < 1_000_000 else f"{-(-count // 100_000) / 10:,.1f} MB"


def reference(value: str) -> str:
    """Return a booking's reference in two groups of four, as it is read out: `K7M2-9QXT`."""
    return f"{value[:4]}-{value[4:]}"
