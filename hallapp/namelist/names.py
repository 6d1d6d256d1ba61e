"""Normalisation of names and other values as people write them, with their errors."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from hallapp.core.errors import N_
from hallapp.core.text import clean
from hallapp.namelist.models import ListColumn
from hallapp.printing import find_unprintable

NAME_LENGTH = 80
EXTRA_LENGTH = 100
_MOST_SHOWN = 5

#: Full-width digits and letters, and the full-width blank. Not NFKC: it would change rare characters too.
_WIDE: dict[int, int | str] = {
    **{code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))},
    0x3000: " ",
    0xFF0B: "+",
    0xFF0D: "-",
}
#: Han characters of every plane, for use inside a character class.
HAN = "\u3005\u3007\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_DOTS = re.compile(r"\s*[·•・‧･⋅∙●・]\s*")
_DOT_BETWEEN = re.compile(rf"(?<=[{HAN}])\s*[.．。]\s*(?=[{HAN}])")
_INNER_BLANK = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")
_SEVERAL = re.compile(r"[\n、，,；;/|]|\s&\s|\sand\s|(?<=\S)@")
_HAN_NAME = re.compile(rf"[{HAN}][{HAN}·\s]+")
_ALL_HAN = re.compile(rf"[{HAN}·]+")
_ERRORS = re.compile(r"#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!)|TRUE|FALSE")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,22}")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a cell: a stable code and a message id whose places are filled from `params`."""

    code: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)


def tidy_name(text: str) -> str:
    """Return a name in one form: plain digits and letters, one middle dot, no blank inside of a Chinese name."""
    text = tidy_text(text)
    text = _DOT_BETWEEN.sub("·", _DOTS.sub("·", text))
    return _INNER_BLANK.sub("", text)


def tidy_text(text: str) -> str:
    """Return a further value in normalised form: plain digits and letters, single spaces, no invisible characters."""
    return " ".join(clean(text).translate(_WIDE).split())


def is_han(text: str) -> bool:
    """Return whether a tidy name has Han characters only."""
    return _ALL_HAN.fullmatch(text) is not None


def has_letter(text: str) -> bool:
    """Return whether anything in a text can be part of a name."""
    return _LETTER.search(text) is not None


def join(*, family: str, given: str, middle: str = "") -> str:
    """Return one name of its parts: Han characters with the family name first, all others as “given middle family”."""
    family, given, middle = (tidy_name(part) for part in (family, given, middle))
    if is_han(family + middle + given):
        return tidy_name(family + middle + given)
    return tidy_name(" ".join(part for part in (given, middle, family) if part))


def find_name_problem(name: str) -> Problem | None:
    """Return the error of a name in its normalised form, or None."""
    if not name:
        return Problem("name_missing", N_("There is no name here. Enter it, or leave this line out."))
    if _ERRORS.fullmatch(name):
        return Problem(
            "name_is_error", N_("The spreadsheet has an error here instead of a name. Please write the name.")
        )
    if re.search(r"[0-9]{6}", name):
        return Problem(
            "name_has_number", N_("This contains a long number. Please enter the name only: we do not keep numbers.")
        )
    if not has_letter(name):
        return Problem("name_is_no_text", N_("This is a number or a date, not a name. Please enter the name."))
    return _find_text_problem(name, NAME_LENGTH)


def find_several(text: str) -> Problem | None:
    """Return a problem where one cell, as it was written, holds the names of several people.

    “Sum, Wing” is one person, family name first; “Anna Schmidt, Bob Lee” are two.
    """
    parts = [part.strip() for part in _SEVERAL.split(text) if part.strip()]
    whole = [part for part in parts if _HAN_NAME.fullmatch(part) or len(part.split()) > 1]
    if len(parts) > 1 and (len(whole) == len(parts) or len(parts) > 2):
        return Problem("several_names", N_("One cell contains several names. Please give each person a line."))
    return None


def find_extra_problem(column: ListColumn, text: str) -> Problem | None:
    """Return the error of a further value in its normalised form, or None; it may be empty."""
    if not text:
        return None
    if column is ListColumn.PHONE and not _PHONE.fullmatch(text):
        return Problem("phone_unreadable", N_("This is not a phone number. Correct it, or leave it empty."))
    if _ERRORS.fullmatch(text):
        return Problem("extra_is_error", N_("The spreadsheet has an error here. Correct it, or leave it empty."))
    return _find_text_problem(text, EXTRA_LENGTH)


def _find_text_problem(text: str, most: int) -> Problem | None:
    if len(text) > most:
        return Problem("too_long", N_("Please shorten this to %(most)s characters."), {"most": most})
    if missing := find_unprintable(text):
        shown = " ".join(map(_shown, missing[:_MOST_SHOWN]))
        message = N_("%(characters)s cannot be printed. Please write this in another way.")
        return Problem("unprintable", message, {"characters": shown})
    return None


def _shown(character: str) -> str:
    """Return the character itself where it can be seen alone, else its code point."""
    return f"U+{ord(character):04X}" if unicodedata.category(character)[0] in "CMZ" else character
