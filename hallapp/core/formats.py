"""Dates, times and numbers formatted for people, in Chinese and in English."""

from datetime import date, datetime

from hallapp.core import clock

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(value: date, language: str, *, year: bool = False) -> str:
    """Return a day as `12月5日 周六` or `Sat 5 Dec`; with its year: `2026年12月5日 周六`, `Sat 5 Dec 2026`."""
    if language == "zh":
        prefix = f"{value.year}年" if year else ""
        return f"{prefix}{value.month}月{value.day}日 周{_WEEKDAYS_ZH[value.weekday()]}"
    suffix = f" {value.year}" if year else ""
    return f"{_WEEKDAYS_EN[value.weekday()]} {value.day} {_MONTHS_EN[value.month - 1]}{suffix}"


def weekdays(language: str) -> tuple[str, ...]:
    """Return the heads of a week's seven columns, Monday first, as in `一` or `Mon`."""
    return tuple(_WEEKDAYS_ZH) if language == "zh" else _WEEKDAYS_EN


def month(year: int, number: int, language: str) -> str:
    """Return a month as `2026年11月` or `November 2026`."""
    return f"{year}年{number}月" if language == "zh" else date(year, number, 1).strftime("%B %Y")


def time_of_day(instant: datetime, zone_name: str) -> str:
    """Return the time on the wall clock of a zone: `09:30`."""
    return f"{clock.local(instant, zone_name):%H:%M}"


def span(starts: datetime, ends: datetime, zone_name: str) -> str:
    """Return a span of time on the wall clock of a zone: `09:30–11:00`."""
    return f"{time_of_day(starts, zone_name)}–{time_of_day(ends, zone_name)}"


def when(starts: datetime, ends: datetime, zone_name: str, language: str, *, year: bool = False) -> str:
    """Return day and span: `12月5日 周六 09:30–11:00`, `Sat 5 Dec, 09:30–11:00`."""
    joint = " " if language == "zh" else ", "
    return f"{day(clock.local_day(starts, zone_name), language, year=year)}{joint}{span(starts, ends, zone_name)}"


def moment(instant: datetime, zone_name: str, language: str) -> str:
    """Return day and time: `12月5日 周六 09:30`, `Sat 5 Dec, 09:30`."""
    joint = " " if language == "zh" else ", "
    return f"{day(clock.local_day(instant, zone_name), language)}{joint}{time_of_day(instant, zone_name)}"


def number(value: int) -> str:
    """Return a number with separators, the same in both languages: `12,345`."""
    return f"{value:,}"


def decimal(value: float) -> str:
    """Return a number with one decimal: `1,234.5`."""
    return f"{value:,.1f}"


def size(count: int) -> str:
    """Return a size in bytes, rounded up, in thousands: `640 KB`, `34.2 MB`."""
    return f"{-(-count // 1000):,} KB" if count < 1_000_000 else f"{-(-count // 100_000) / 10:,.1f} MB"


def reference(value: str) -> str:
    """Return a booking's reference in two groups of four, as it is read out: `K7M2-9QXT`."""
    return f"{value[:4]}-{value[4:]}"
