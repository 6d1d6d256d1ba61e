"""The content of a cell, and its conversion to the text or the number that a person meant."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from hallapp.core import text as core_text


@dataclass(frozen=True, slots=True)
class Moment:
    """A cell with a date in it, and which parts of the date its format shows to the reader of the sheet.

    `3月5日` hides the year, `2019年3月` hides the day. `at` is the time of day where the number has one.
    """

    day: date
    shows_day: bool = True
    shows_month: bool = True
    shows_year: bool = True
    at: time | None = None

    def __str__(self) -> str:
        """Return the visible parts in ISO order: `2019-03-05`, `2019-03`, `03-05`; the whole date where few are."""
        if self.shows_year and self.shows_day:
            return self.day.isoformat()
        shown = (self.shows_year, self.shows_month, self.shows_day)
        parts = [part for part, seen in zip(self.day.isoformat().split("-"), shown, strict=True) if seen]
        return "-".join(parts) if parts and self.shows_month else self.day.isoformat()


@dataclass(frozen=True, slots=True)
class Uncached:
    """A formula whose result is not in the file: a program wrote it, and no spreadsheet program has computed it yet."""

    def __str__(self) -> str:
        """Return an error value as spreadsheet programs show it, so that no reader takes the cell for an empty one."""
        return "#CALC!"


UNCACHED = Uncached()
Cell = str | Moment | Uncached

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
#: Invisible letters, which some programs write in place of a space.
_BLANKS = "\t\v\f\x85\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0"
_BLANK = re.compile(f"[{_BLANKS} ]+")
_LINE = re.compile(r"\r\n?|[\u2028\u2029]")
_AROUND_LINE = re.compile(r" ?\n ?")


def clean(text: str) -> str:
    """Return the text of a cell: decoded, without invisible characters, in NFC, with single blanks.

    Lines stay apart by `\\n`. The text must not be cleaned twice: `_x005F_x000D_` is an escaped `_x000D_`.
    """
    if "_x" in text:
        text = decode(text)
    if text.isprintable():  # no blank but the plain one, nothing invisible: most cells
        if text.isascii() and "  " not in text:
            return text.strip()
        return _BLANK.sub(" ", core_text.clean(text)).strip()
    text = _BLANK.sub(" ", visible(text))
    return _AROUND_LINE.sub("\n", text).strip()


def decode(text: str) -> str:
    """Return a text with its escapes `_xHHHH_` decoded, which workbooks use for characters that XML cannot hold.

    Source: ECMA-376 part 1, 22.9.2.19 (ST_Xstring).
    """
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if any("\ud800" <= character <= "\udfff" for character in text):  # two escapes may make one character
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def visible(text: str) -> str:
    """Return a text in NFC without invisible characters; every line break is `\\n`, and spaces are unchanged."""
    text = core_text.clean(_LINE.sub("\n", text))
    return text if text.isprintable() else "".join(map(_seen, text))


def _seen(character: str) -> str:
    if character in "\v\f\x85":
        return " "
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    return "" if category == "Cc" and character not in "\n\t" else character


_NUMBER_LONGEST = 40
_DIGITS = 15  # digits of a number that a spreadsheet program shows: those behind them are rounding noise


def number(text: str) -> str:
    """Return a number as a person wrote it: `33.000000000000004` is 33, `1.38E+10` is 13800000000, `5.0` is 5."""
    if text.isdecimal() and text.isascii() and (text[0] != "0" or len(text) == 1):
        return text
    try:
        value = float(text)
    except ValueError:
        return text.strip()
    if len(text) > _NUMBER_LONGEST or not abs(value) < 1e30:
        return text.strip()
    shown = format(Decimal(f"{value:.{_DIGITS}g}"), "f")
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown
