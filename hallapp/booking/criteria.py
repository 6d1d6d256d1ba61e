"""Search terms as conditions on a booking, and as index lookups that find candidates."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, collate, func, not_, or_, select

from hallapp.booking import phones, pinyin, reference
from hallapp.booking.bigrams import organisation_key, plain
from hallapp.booking.models import Booking, Gram, Origin
from hallapp.booking.terms import LEAST_DIGITS, Terms
from hallapp.core.database import db
from hallapp.origins.queries import codes_within
from hallapp.schedule.models import Programme, Slot

_TAIL = 4
_REFERENCE_LEAST = 3
_TO_FULL_WIDTH = 0xFEE0
#: What makes the condition on a booking of a word.
_Holds = Callable[[str], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One term: what `holds` on a booking, and the ways by which an index knows those that it leaves.

    They are those of any one of the `bigrams` (each alone leaves them all), and of all of the `others`. Without either
    no index helps. `by_slot` says that going through slots in their order does not get longer by it.
    """

    holds: ColumnElement[bool]
    bigrams: tuple[str, ...] = ()
    others: tuple[Select, ...] = ()
    by_slot: bool = False


def of_terms(hall_id: int, terms: Terms) -> list[Criterion]:
    """A criterion for each term that is given; for each word of texts."""
    return [
        *(_free_word(hall_id, word) for word in _free_words(terms.text)),
        *(_named(hall_id, word, _in_organisation, pinyin.in_organisation) for word in _words(terms.organisation)),
        *(_named(hall_id, word, _in_contact, pinyin.in_contact) for word in _words(terms.contact)),
        *([_phone(hall_id, terms.phone)] if terms.phone else ()),
        *([_reference(hall_id, terms.reference)] if terms.reference else ()),
        *_other_terms(hall_id, terms),
    ]


def for_desk(hall_id: int, text: str) -> Criterion | None:
    """Return a part of the organisation's name, or the last four digits of the phone; None for a blank text."""
    word = plain(text)
    if not word:
        return None
    if len(word) != _TAIL or not _digits(word):
        return _named(hall_id, word, _in_organisation, pinyin.in_organisation)
    either = or_(_in_organisation(word), Booking.phone_tail == word)
    return Criterion(holds=either, bigrams=_pairs(word), others=(_by_tail(hall_id, word),))


def _named(hall_id: int, word: str, in_name: _Holds, spelled: _Holds) -> Criterion:
    """Return a part of a name, or of its pinyin where the word may be that."""
    if not pinyin.can_be(word):
        return Criterion(holds=in_name(word), bigrams=_pairs(word))
    holds = spelled(word)
    way = select(Booking.id).where(Booking.hall_id == hall_id, holds)
    return Criterion(holds=or_(in_name(word), holds), bigrams=_pairs(word), others=(way,))


def _other_terms(hall_id: int, terms: Terms) -> Iterator[Criterion]:
    if terms.states:
        holds = Booking.state.in_(terms.states)
        yield Criterion(holds=holds, others=(select(Booking.id).where(Booking.hall_id == hall_id, holds),))
    if terms.division:
        of_it = select(Origin.booking_id).where(
            Origin.hall_id == hall_id, Origin.division.in_(codes_within(terms.division))
        )
        yield Criterion(holds=of_it.where(Origin.booking_id == Booking.id).exists(), others=(of_it,))
    if terms.day_from:
        yield Criterion(holds=Slot.day >= terms.day_from, by_slot=True)
    if terms.day_to:
        yield Criterion(holds=Slot.day <= terms.day_to, by_slot=True)
    if terms.programme:
        known = select(Programme.id).where(Programme.hall_id == hall_id, Programme.slug == terms.programme)
        yield Criterion(holds=Slot.programme_id == known.scalar_subquery())
    if terms.source:
        yield Criterion(holds=Booking.source == terms.source)
    if terms.kind:
        yield Criterion(holds=Booking.kind == terms.kind)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(word for word in map(plain, text.split()) if word))


def _free_words(text: str) -> list[str]:
    """Return the words of a text, blanks between them; a phone number that was typed in groups is one word."""
    whole = plain(text)
    return [whole] if len(_digits(whole)) > _TAIL else _words(text)


def _digits(word: str) -> str:
    """Return the digits of a text that can be the last ones of a phone, else an empty text."""
    digits = word.removeprefix("+").replace("-", "")
    return digits if len(digits) >= LEAST_DIGITS and digits.isascii() and digits.isdecimal() else ""


def _free_word(hall_id: int, word: str) -> Criterion:
    named = _named(hall_id, word, _in_names, pinyin.in_names)
    further = [named]
    if _digits(word):
        further.append(_phone(hall_id, ("+" if word.startswith("+") else "") + _digits(word)))
    tidied = reference.tidy(word)
    if _REFERENCE_LEAST <= len(tidied) <= reference.LENGTH and set(tidied) <= set(reference.ALPHABET):
        further.append(_reference(hall_id, tidied))
    return Criterion(
        holds=or_(*(criterion.holds for criterion in further)),
        bigrams=named.bigrams,
        others=tuple(way for criterion in further for way in criterion.others),
    )


def _in_names(word: str) -> ColumnElement[bool]:
    if len(word) == 1:
        return or_(_in_organisation(word), _in_contact(word))
    if not word.isalnum():  # the key has no signs
        return _has(_pairs(word))
    return or_(_key_contains(word), and_(_fits_contact(word), _has(_pairs(word))))  # the cheapest condition comes first


def _in_organisation(word: str) -> ColumnElement[bool]:
    key = organisation_key(word)
    if len(word) == 1 and not key:
        return _has_character(Booking.organisation, word)
    in_key = _key_contains(key)  # each has the empty one
    return in_key if key == word else and_(in_key, _has(_pairs(word)))


def _in_contact(word: str) -> ColumnElement[bool]:
    """All the word's bigrams are there, and not just for the organisation's sake."""
    if len(word) == 1:
        return _has_character(Booking.contact_name, word)
    in_contact = Booking.contact_name.icontains(word, autoescape=True)
    return and_(_fits_contact(word), _has(_pairs(word)), or_(in_contact, not_(_in_organisation(word))))


def _fits_contact(word: str) -> ColumnElement[bool]:
    return func.length(Booking.contact_name) >= len(word)


def _key_contains(word: str) -> ColumnElement[bool]:
    return Booking.organisation_key.contains(word, autoescape=True)


def _has_character(column: Any, character: str) -> ColumnElement[bool]:
    """Return whether a name as it was typed has a character, small or capital, half or full width."""
    cases = {character, character.upper()}
    wide = {chr(ord(each) + _TO_FULL_WIDTH) for each in cases if len(each) == 1 and "!" <= each <= "~"}
    return or_(*(column.contains(each, autoescape=True) for each in sorted(cases | wide)))


def _pairs(word: str) -> tuple[str, ...]:
    """The bigrams that a name with this word in it has: its pairs, or the character that it is."""
    return tuple(dict.fromkeys(word[start : start + 2] for start in range(len(word) - 1))) or (word,)


def is_gram(gram: str, table: Any = Gram) -> ColumnElement[bool]:
    """Return the condition for rows of a bigram; for a single character, of all bigrams that begin with it."""
    if len(gram) == 2:
        return table.gram == gram
    column = table.gram if db.engine.dialect.name == "sqlite" else collate(table.gram, "C")  # by code points, as here
    return and_(column >= gram, column < _following(gram))


def _following(character: str) -> str:
    code = min(ord(character) + 1, 0x10FFFF)
    return chr(0xE000 if 0xD800 <= code < 0xE000 else code)


def _has(pairs: Sequence[str]) -> ColumnElement[bool]:
    """Return whether a booking's names have all of these pairs."""
    mine = (Gram.hall_id == Booking.hall_id, Gram.booking_id == Booking.id, Gram.gram.in_(pairs))
    return select(func.count()).select_from(Gram).where(*mine).correlate(Booking).scalar_subquery() == len(pairs)


def _by_tail(hall_id: int, tail: str) -> Select:
    return select(Booking.id).where(Booking.hall_id == hall_id, Booking.phone_tail == tail)


def _phone(hall_id: int, typed: str) -> Criterion:
    """Return the clue of a phone number: its last digits, or the whole number in national or international form."""
    digits = typed.removeprefix("+")
    ends = Booking.phone.endswith(digits, autoescape=True)
    holds: ColumnElement[bool] = and_(Booking.phone_tail == digits[-_TAIL:], ends)
    with contextlib.suppress(ValueError):  # not a whole number: its last digits, then
        holds = or_(holds, Booking.phone == phones.parse(typed))
    return Criterion(holds=holds, others=(_by_tail(hall_id, digits[-_TAIL:]),))


def _reference(hall_id: int, start: str) -> Criterion:
    last = start.ljust(reference.LENGTH, reference.ALPHABET[-1])
    holds = Booking.reference == start if start == last else Booking.reference.between(start, last)
    # SQLite would take the index of the hall for an equation of the plain column, and read all of its bookings.
    return Criterion(holds=holds, others=(select(Booking.id).where(Booking.hall_id + 0 == hall_id, holds),))
