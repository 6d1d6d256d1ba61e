"""Pinyin of names, by which staff find a Chinese name without an input method, and letters without their accents.

The worker stores it a minute after a booking, so only the worker has the dictionaries in memory, and a booking costs
nothing more.

A name is found by its full pinyin (`donghuxiaoxue`), its initials (`dhxx`), or a part of either. A character with
several readings is found by each of them: 长乐 by `changle`, `zhangle` and `changyue`. The keyboard of a counter often
has no accents either: São Paulo is found by `saopaulo`.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, islice, product
from typing import Any

from sqlalchemy import ColumnElement, select, update

from hallapp.booking.models import Booking
from hallapp.core.database import db
from hallapp.origins.values import sort_key

#: What separates the organisation from the contact in the column.
_END = "|"
#: The most spellings of one name. Those that differ least from the usual reading come first.
_MOST_SPELLINGS = 24
_MOST_CHARACTERS = 40
#: The most letters of a name without Han characters, which has one spelling only.
_MOST_LETTERS = 200
#: Letters that Unicode does not take apart into a plain one and an accent.
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i"})
_SHORTEST = 2
_BATCH = 500


def index(organisation: str, contact: str) -> str:
    """Return the pinyin of both names, as it is stored with a booking."""
    return f"{' '.join(_spell(organisation))}{_END}{' '.join(_spell(contact))}"


def fill(hall_id: int) -> int:
    """Store the pinyin of bookings that have none yet, such as those of earlier versions; needs a transaction.

    A booking whose contact is erased gets an empty one. Returns the number of bookings, at most 500.
    """
    missing = select(Booking.id, Booking.organisation, Booking.contact_name).where(
        Booking.hall_id == hall_id, Booking.pinyin.is_(None)
    )
    rows = db.session.execute(missing.limit(_BATCH)).all()
    for booking_id, organisation, contact in rows:
        spelled = index(organisation, contact) if contact else ""
        same = (Booking.id == booking_id, Booking.pinyin.is_(None), Booking.contact_name == contact)
        db.session.execute(update(Booking).where(*same).values(pinyin=spelled))
    return len(rows)


def can_be(word: str) -> bool:
    """Return whether a search word, as `bigrams.plain` returns it, may be pinyin."""
    return len(word) >= _SHORTEST and word.isascii() and word.isalnum() and not word.isdecimal()


def in_organisation(word: str) -> ColumnElement[bool]:
    """Return the condition that a word is in the pinyin of the organisation."""
    return Booking.pinyin.like(f"%{word}%{_END}%")


def in_contact(word: str) -> ColumnElement[bool]:
    """Return the condition that a word is in the pinyin of the contact."""
    return Booking.pinyin.like(f"%{_END}%{word}%")


def in_names(word: str) -> ColumnElement[bool]:
    """Return the condition that a word is in the pinyin of the organisation or the contact."""
    return Booking.pinyin.like(f"%{word}%")


def _spell(name: str) -> list[str]:
    """Return the spellings of a name without repetitions: full pinyin first, then initials."""
    typed = "".join(name.casefold().split())
    plain = sort_key(typed).translate(_LETTERS)
    readings = _readings(plain[:_MOST_CHARACTERS])
    if not any(len(syllables[0]) > 1 for syllables in readings):
        if plain == typed:
            return []  # the index of bigrams finds it
        letters = "".join(character for character in plain if character.isascii() and character.isalnum())
        return [letters[:_MOST_LETTERS]] if letters else []
    spelled = list(islice(_choices(readings), _MOST_SPELLINGS))
    full, initials = (["".join(part) for part in spelled], ["".join(s[0] for s in part) for part in spelled])
    return list(dict.fromkeys(full + initials))


def _choices(readings: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Yield the usual reading, then those in which one character is read differently, then two."""
    usual = [syllables[0] for syllables in readings]
    several = [place for place, syllables in enumerate(readings) if len(syllables) > 1]
    for changed in range(3):
        for places in combinations(several, changed):
            for syllables in product(*(readings[place][1:] for place in places)):
                spelled = usual.copy()
                for place, syllable in zip(places, syllables, strict=True):
                    spelled[place] = syllable
                yield spelled


def _readings(name: str) -> list[list[str]]:
    """Return the readings of each character, the usual one in this name first; letters and digits stay as they are."""
    pinyin, style = _library()
    usual = pinyin(name, style=style, errors=list)
    every = pinyin(list(name), style=style, errors=list, heteronym=True)  # a list: each character by itself
    found = []
    for first, further in zip(usual, every, strict=True):
        syllables = dict.fromkeys(s for s in (*first, *further) if s.isascii() and s.isalnum())
        if syllables:
            found.append(list(syllables))
    return found


@cache
def _library() -> tuple[Any, Any]:
    """Return pypinyin's function and style: its dictionaries are loaded by the first name, not by every command."""
    from pypinyin import Style, pinyin

    return pinyin, Style.NORMAL
