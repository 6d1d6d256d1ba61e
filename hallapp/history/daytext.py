"""Text around a date: numerals become digits; weekdays, times of the day and time zones are removed."""

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo

from hallapp.core.text import plain
from hallapp.history.numerals import NUMERALS, ZEROS, read_digits, read_numeral

LONGEST = 64  # characters: no date is longer
_CHARACTERS = str.maketrans({
    **dict.fromkeys("—–−‒―‐‑﹣─", "-"), **dict.fromkeys("～〜∼", "~"),
    "\\": "/", "。": ".", "’": "'", "‘": "'", "·": ".",
    "週": "周", "國": "国", "號": "号", "點": "点", "時": "时", "零": "〇", "【": "(", "】": ")", "[": "(", "]": ")",
})  # fmt: skip
_LUNAR = re.compile("[农農阴陰]历|[农農阴陰]曆|正月|腊月|臘月|冬月|闰|閏|初[一二三四五六七八九十]|除夕")
_DAYS_EN = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_WEEKDAY = re.compile(
    rf"\(\s*(?:(?:星期|周|礼拜)?[一二三四五六日天]|周[1-7]|{_DAYS_EN}\.?)\s*\)"
    r"|(?:星期|周|礼拜)\s*(?:[一二三四五六日天]|[1-6](?!\d))(?![一二三四五六日天末至到、~周星礼\-])"
    rf"|(?<![a-z]){_DAYS_EN}(?![a-z])[.,]?"
)
#: A run of numerals, with the zeros that people type; not inside of a Latin word.
_RUN = re.compile(rf"(?<![a-z])[\d{NUMERALS}{ZEROS}o]+(?![a-z])")
_FIRST_MONTH = re.compile(r"元(?=月)")  # 元月 is January
_LISTED = re.compile(r"[一二三四五六七八九]{2}")

_HALF = r"(?:上午|下午|早上|早晨|清晨|凌晨|中午|午后|傍晚|晚上|晚间|夜间|晚|a\.?m\.?|p\.?m\.?)"
_SIGNS_TIME = r"\d{1,2}\s*:\s*\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
_WORDS_TIME = r"\d{1,2}\s*[点时](?:\s*(?:半|整|[13]刻|\d{1,2}\s*分?(?:\s*\d{1,2}\s*秒)?))?"
_TIME = rf"(?:{_SIGNS_TIME}|{_WORDS_TIME})"
_POINT = rf"(?:{_HALF}\s*)?{_TIME}(?:\s*{_HALF})?"
_TIMES = rf"(?P<clock>{_POINT})(?:\s*[-~至到]\s*{_POINT})?"
_OFFSET = r"(?:utc|gmt)?\s*[+-]\d{1,2}(?::?\d{2})?"
_ZONE = rf"(?:\s*\(?(?P<zone>z|北京时间|{_OFFSET}|utc|gmt|[a-z]{{1,3}}[sd]?t)\)?(?:\s*\([^()]*\))?)?"
_TAIL = re.compile(rf"(?:(?<=\d)t|[\s,;(]+|(?<=[日号)])|(?=[上下早清凌中午傍晚夜])){_TIMES}\)?{_ZONE}$")
_HEAD = re.compile(rf"^{_TIMES}{_ZONE}[\s,]+")
_HALF_TAIL = re.compile(rf"[\s,(]*(?:{_HALF}|全天)场?\)?$")
_HALF_HEAD = re.compile(rf"^(?:{_HALF}|全天)场?[\s,]*")
_ENDS = " \t.,;"
_CLOCK = re.compile(r"(\d{1,2})\s*[:点时]\s*(\d{1,2})?")
_AFTER_NOON = re.compile(r"下午|午后|傍晚|晚|夜|p\.?m")


@dataclass(frozen=True, slots=True)
class Written:
    """A date in digits, without the text around it.

    `minutes` is the time of the day, in minutes after midnight; `zone` the time zone behind it, None without one.
    `zone_unknown` means that there are letters in the place of a time zone.
    """

    text: str
    minutes: int | None = None
    zone: tzinfo | None = None
    zone_unknown: bool = False


def is_lunar(text: str) -> bool:
    """Return whether a text is a date of the lunar calendar."""
    return _LUNAR.search(text) is not None


def strip(text: str) -> Written:
    """Return the date of a text. Raises ValueError for a time that there isn't."""
    text = re.sub(r"\s+", " ", plain(text).casefold().translate(_CHARACTERS)).strip(_ENDS)
    return without_time(in_digits(_WEEKDAY.sub(" ", text).strip(_ENDS)))


def in_digits(text: str) -> str:
    """Chinese numerals as digits: 二〇一九年十二月三日, 元月, 廿九 and 二O一九."""
    if text.isascii() and "o" not in text:
        return text
    return _RUN.sub(_run_in_digits, _FIRST_MONTH.sub("1", text))


def _run_in_digits(found: re.Match[str]) -> str:
    run = found[0]
    for zero in ZEROS + "o":
        run = run.replace(zero, "〇")
    if run.isascii() or run == "〇":
        return found[0] if run.isascii() else "0"
    behind = found.string[found.end() : found.end() + 1]
    if _LISTED.fullmatch(run) and behind != "年":  # 一二月 is January and February
        return found[0]
    number = read_numeral(run)
    digits = str(number) if number is not None else read_digits(run)
    return digits or found[0]


def without_time(text: str) -> Written:
    """Return the date of a text in digits that has a time of the day around it. Raises ValueError as `strip`."""
    text = text.strip(_ENDS)
    found = _TAIL.search(text) or _HEAD.search(text)
    if not found:
        return Written(_without_half(text))
    rest = (text[: found.start()] + text[found.end() :]).strip(_ENDS)
    zone = _zone(found["zone"]) if found["zone"] else None
    unknown = bool(found["zone"]) and zone is None
    return Written(_without_half(rest), _minutes(found["clock"]), zone, unknown)


def _without_half(text: str) -> str:
    return _HALF_HEAD.sub("", _HALF_TAIL.sub("", text)).strip(_ENDS)


def _minutes(clock: str) -> int:
    found = _CLOCK.search(clock)
    assert found  # only the pattern of a time has an hour
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour < 12 and _AFTER_NOON.search(clock):
        hour += 12
    elif hour == 12 and re.search(r"a\.?m|凌晨", clock):
        hour = 0
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise ValueError(clock)
    return hour * 60 + minute


def _zone(text: str) -> tzinfo | None:
    """Return the time zone of an offset; None for a name such as CST, which is one of several."""
    if text == "北京时间":
        return timezone(timedelta(hours=8))
    found = re.fullmatch(r"(?:z|utc|gmt)?\s*(?:([+-])(\d{1,2}):?(\d{2})?)?", text)
    if not found:
        return None
    offset = timedelta(hours=int(found[2] or 0), minutes=int(found[3] or 0))
    return timezone(-offset if found[1] == "-" else offset)
