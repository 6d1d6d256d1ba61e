"""The parts of a date that a cell's number format shows, if it shows a date at all."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from hallapp.sheets.cells import Moment

LONGEST = 255  # characters: spreadsheet programs refuse a longer format
_SECONDS = 86_400
_LEAP = 60  # the serial of 29 February 1900, a day that never was
_EPOCH, _EPOCH_BEFORE_LEAP, _EPOCH_1904 = date(1899, 12, 30), date(1899, 12, 31), date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Shown:
    """The parts of a date that a format shows."""

    year: bool = True
    month: bool = True
    day: bool = True


_FIRST_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])*')
_QUOTED = re.compile(r'"[^"]*"|\\.')
_DIVIDED = re.compile(r"[0#?],+(?![0#?,])")
_ELAPSED = frozenset({"h", "hh", "m", "mm", "s", "ss"})  # hours, minutes or seconds beyond a day: `[h]:mm`
_MONTH_AND_DAY = Shown(year=False)
_YEAR_AND_MONTH = Shown(day=False)
#: Formats that are built in, those of Chinese spreadsheet programs included. Source: ECMA-376 part 1, 18.8.30.
BUILT_IN: dict[int, Shown] = {
    **dict.fromkeys((14, 15, 22, 30, 31), Shown()),
    **dict.fromkeys((16, 28, 29, 51, 53, 54, 58), _MONTH_AND_DAY),
    **dict.fromkeys((17, 27, 36, 50, 52, 57), _YEAR_AND_MONTH),
}


@lru_cache(maxsize=1000)
def read_format(code: str) -> Shown | None:
    """Return the parts of a date that a number format shows; None where it shows a number or a time of day only."""
    if len(code) > LONGEST:
        return None
    letters = _letters(code)
    if "general" in letters:
        return None
    for token in ("am/pm", "a/p", "e+", "e-"):  # the halves of a day, and a power of ten
        letters = letters.replace(token, " ")
    runs = _runs(letters)
    days = {length for letter, length in runs if letter == "d"}
    day = bool(days & {1, 2})
    year = any(letter in "ye" or (letter == "b" and length > 1) for letter, length in runs)
    month = _shows_month(runs)
    weekday = bool(days) or any(letter == "a" and length >= 3 for letter, length in runs)
    has_digits = any(letter in "0#?" for letter, _length in runs)
    if not (day or year or month or weekday) or (has_digits and not (day or year)):
        return None
    return Shown(year=year, month=month, day=day)


@lru_cache(maxsize=1000)
def read_suffix(code: str) -> str:
    """Return the text that a number format writes behind a number, where it is a unit such as 万人; else nothing.

    A format that divides the number as well (`0.0,"千"`) shows what the cell holds: it has no unit.
    """
    found = _FIRST_SECTION.match(code[:LONGEST])
    section = found[0] if found else ""
    if _DIVIDED.search(_QUOTED.sub(" ", section)):
        return ""
    behind = re.split(r"[0#?](?![^\"]*[0#?])", section)[-1]
    text = re.sub(r'(?i:general)|["\\@]|\[[^\]]*\]|_.|\*.', "", behind).strip()
    return text if any(unit in text for unit in "百千万萬亿") else ""


def _letters(code: str) -> str:
    """Return the first section of a format without texts, escapes, fillers, colours and languages."""
    letters: list[str] = []
    at = 0
    while at < len(code):
        character = code[at]
        if character == ";":
            break
        if character == '"':
            at = _after(code, '"', at + 1)
        elif character == "[":
            start, at = at + 1, _after(code, "]", at + 1)
            letters.append("h" if code[start : at - 1].lower() in _ELAPSED else "")
        elif character in "\\_*":
            at += 2
        else:
            letters.append(character)
            at += 1
            continue
        letters.append(" ")
    return "".join(letters).lower()


def _after(code: str, mark: str, start: int) -> int:
    found = code.find(mark, start)
    return len(code) if found < 0 else found + 1


def _runs(letters: str) -> list[tuple[str, int]]:
    """Return each code letter with the length of its run; `yyyy-mm` is y four times, m twice."""
    runs: list[tuple[str, int]] = []
    before = ""
    for letter in letters:
        if letter not in "yebmdhsa0#?":
            before = ""
            continue
        if letter == before:
            runs[-1] = (letter, runs[-1][1] + 1)
        else:
            runs.append((letter, 1))
        before = letter
    return runs


def _shows_month(runs: list[tuple[str, int]]) -> bool:
    """Return whether an `m` of a format is a month: behind hours or before seconds it is minutes."""
    for at, (letter, length) in enumerate(runs):
        if letter != "m":
            continue
        before, after = (runs[at - 1][0] if at else ""), (runs[at + 1][0] if at + 1 < len(runs) else "")
        if length > 2 or (before != "h" and after != "s"):
            return True
    return False


def read_serial(text: str, shown: Shown, *, from_1904: bool) -> Moment | None:
    """Return the date that a number means; None where it means none, such as a time of day alone."""
    try:
        serial = float(text)
        seconds = round(serial * _SECONDS)
        days, rest = divmod(seconds, _SECONDS)
        if days < 1 and not from_1904:
            return None
        day = _day(days, from_1904=from_1904)
    except (ValueError, OverflowError):
        return None
    return moment(day, shown, _time_of(rest)) if day else None


def _day(days: int, *, from_1904: bool) -> date | None:
    if from_1904:
        return _EPOCH_1904 + timedelta(days=days)
    if days == _LEAP:
        return None
    return (_EPOCH if days > _LEAP else _EPOCH_BEFORE_LEAP) + timedelta(days=days)


def _time_of(seconds: int) -> time | None:
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60) if seconds else None


def moment(day: date, shown: Shown, at: time | None = None) -> Moment:
    """Return a date of which these parts are shown."""
    return Moment(day, shown.day, shown.month, shown.year, at)


def read_iso(text: str, shown: Shown) -> Moment | None:
    """Return the date of a cell that Strict Open XML writes as `2019-03-05T00:00:00`; None for other texts."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment(found.date(), shown, found.time().replace(tzinfo=None) if found.time() != time() else None)
