"""From a date as people write it to the day or the month that it names."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from hallapp.core.fields import plain
from hallapp.history import problems
from hallapp.history.problems import Problem
from hallapp.ledger.models import Span
from hallapp.sheets.cells import Moment

_LONGEST = 40  # characters: no date is longer
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), 1)}
_NUMERALS = {character: str(number) for number, character in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_TENS = re.compile(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)")
_TAIL = re.compile(
    r"[\s,]*(\(?(星期|周|礼拜)[一二三四五六日天]?\)?|\(?(mon|tue|wed|thu|fri|sat|sun)[a-z]*\)?|[上下]午"
    r"|[t\s]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?z?|份)\s*$"
)
_Y_M_D = re.compile(r"(\d{4})\s*[年/.\-]\s*(\d{1,2})\s*[月/.\-]\s*(\d{1,2})\s*[日号]?")
_Y_M = re.compile(r"(\d{4})\s*[年/\-]\s*(\d{1,2})\s*月?")
_Y_DOT_M = re.compile(r"(\d{4})\.(\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_D_M_Y = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_WORD = re.compile(r"([a-z]{3})[a-z]*\.?")
_MONTH_YEAR = re.compile(r"[a-z]+\.?(-|\s?['’])\d{2}")  # as spreadsheets write a month: Mar-19
_NUMBER = re.compile(r"\d+(\.0*)?")
_SERIALS = range(36_526, 73_051)  # 2000 to 2099, as Excel counts days
_EXCEL_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class When:
    """A day, or a month by its first day."""

    span: Span
    first: date


def read_moment(moment: Moment) -> When:
    """What a cell with a date in it names; a cell that shows no day names its month."""
    first = moment.day
    return When(Span.DAY, first) if moment.shows_day else When(Span.MONTH, first.replace(day=1))


def month_of(when: When | Problem) -> When | Problem:
    """The month that a day lies in."""
    return When(Span.MONTH, when.first.replace(day=1)) if isinstance(when, When) else when


@lru_cache(maxsize=20_000)
def read_day(text: str) -> When | Problem:
    """The day or the month that a text names."""
    text = _tidy(text)
    if not text:
        return problems.DATE_MISSING
    try:
        return _numbers(text) or _words(text) or problems.DATE_UNKNOWN
    except ValueError:
        return problems.DATE_IMPOSSIBLE


@lru_cache(maxsize=20_000)
def read_parts(year: str, month: str, day: str) -> When | Problem:
    """The day or the month that a year, a month and perhaps a day name, each in a cell of its own."""
    found = [
        re.fullmatch(rf"(\d{{1,4}})(\.0*)?\s*[{mark}]?", _tidy(cell)) for cell, mark in ((year, "年"), (month, "月"))
    ]
    if not found[0]:
        return read_day(month) if year.strip() == "" else problems.DATE_UNKNOWN
    if not found[1]:
        whole = read_day(month)
        return problems.DATE_YEAR if whole is problems.DATE_MISSING else whole
    text = f"{found[0][1]}-{found[1][1]}"
    day_text = re.sub(r"(\.0*|[日号])$", "", _tidy(day))
    return read_day(f"{text}-{day_text}" if day_text else text)


def _tidy(text: str) -> str:
    text = plain(text[:_LONGEST]).casefold()
    if any(character in _NUMERALS or character == "十" for character in text):
        text = _in_digits(text)
    before = None
    while before != text:
        before, text = text, _TAIL.sub("", text)
    return text


def _in_digits(text: str) -> str:
    """Chinese numerals as digits: 二〇一九年十二月三日. The weekday goes first: its numeral is none."""
    text = _TAIL.sub("", text)
    text = _TENS.sub(lambda f: str(int(_NUMERALS.get(f[1], "1")) * 10 + int(_NUMERALS.get(f[2], "0"))), text)
    return "".join(_NUMERALS.get(character, character) for character in text)


def _numbers(text: str) -> When | Problem | None:
    if not text.isascii() and not re.search("[年月日号]", text):
        return None
    if found := _Y_M_D.fullmatch(text):
        return _day(*found.groups())
    if found := _Y_M.fullmatch(text):
        return _month(found[1], found[2])
    if found := _Y_DOT_M.fullmatch(text):
        return problems.DATE_TENTH if found[2] == "1" else _month(found[1], found[2])
    if found := _D_M_Y.fullmatch(text):
        return _day_first(*map(int, found.groups()))
    return _one_number(text)


def _one_number(text: str) -> When | Problem | None:
    """20190305, 201903, or a day as Excel counts them."""
    if not (text.isascii() and (_NUMBER.fullmatch(text) or re.fullmatch(r"\d{5}\.\d+", text))):
        return None
    digits = text.partition(".")[0]
    if len(digits) in (6, 8) and (found := _COMPACT.fullmatch(digits)):
        return _day(*found.groups()) if found[3] else _month(found[1], found[2])
    if len(digits) == 5 and int(digits) in _SERIALS:
        return When(Span.DAY, _EXCEL_EPOCH + timedelta(days=int(digits)))
    return problems.DATE_YEAR if len(digits) == 4 else None


def _day_first(one: int, two: int, year: int) -> When | Problem:
    if one == two or one > 12:
        return When(Span.DAY, date(year, two, one))
    return When(Span.DAY, date(year, one, two)) if two > 12 else problems.DATE_ORDER


def _words(text: str) -> When | Problem | None:
    """Mar 2019, March 5, 2019, 5 Mar 2019, Mar-19; 19-Mar and March 19 are days of a year that nobody names."""
    parts = [part for part in re.split(r"[\s,./\-'’]+", text) if part]
    names = [part for part in parts if (found := _WORD.fullmatch(part)) and found[1] in _MONTHS]
    numbers = [re.sub(r"(st|nd|rd|th)$", "", part) for part in parts if part not in names]
    if len(names) != 1 or not all(re.fullmatch(r"\d{1,4}", number) for number in numbers):
        return None
    month = str(_MONTHS[names[0][:3]])
    if len(numbers) == 1 and (len(numbers[0]) == 4 or _MONTH_YEAR.fullmatch(text)):
        return _month(f"20{numbers[0]}"[-4:], month)
    if len(numbers) == 1 and len(numbers[0]) < 3:
        return problems.DATE_YEARLESS
    years = [number for number in numbers if len(number) == 4]
    if len(numbers) == 2 and len(years) == 1:
        numbers.remove(years[0])
        return _day(years[0], month, numbers[0])
    return None


def _day(year: str, month: str, day: str) -> When:
    return When(Span.DAY, date(int(year), int(month), int(day)))


def _month(year: str, month: str) -> When:
    return When(Span.MONTH, date(int(year), int(month), 1))
