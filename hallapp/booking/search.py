"""Search over bookings: by parts of names, a phone's last digits, the reference, days, states, divisions and more.

No index for "contains" works for Chinese on both databases, so the application keeps its own (`grams.py`). A search
first asks how many bookings each of its terms would leave. Where one leaves few, all of those are read and the other
terms tried on them. Where all leave many, slots are gone through in the order in which bookings are shown, until the
page is full. Either way the work hardly depends on how many bookings there are.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, collate, func, not_, or_, select, union
from sqlalchemy.orm import aliased, contains_eager, selectinload

from hallapp.booking import phones, reference
from hallapp.booking.grams import Forgotten, forget_contacts, grams, index, organisation_key, plain, reindex, unindex
from hallapp.booking.models import Booking, Gram, Origin
from hallapp.booking.terms import LEAST_DIGITS, Terms
from hallapp.core.database import db
from hallapp.schedule.models import Programme, Slot

#: Matches are counted so far; a page beyond them is empty.
MOST_COUNTED = 1_000
#: Rows that a term may leave so that all of them are read; with more, a page is soon full anyway.
FEW = 3_000
_TAIL = 4
_GRAMS_COUNTED = 12
_REFERENCE_LEAST = 3
_LONGEST_SPAN = timedelta(days=366)
_BATCH = 1_000
_DESK_MOST = 20
_DESK_LOOK_BACK = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of whole bookings; `total` counts all that match, up to 1,000, and `capped` says that there are more."""

    bookings: Sequence[Booking]
    total: int
    capped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clue:
    """One term: what `holds` on a booking, and the ways by which an index knows those that it leaves.

    They are those of any one of the `grams` (each alone leaves them all), and of all of the `others`. Without either
    no index helps.
    """

    holds: ColumnElement[bool]
    grams: tuple[str, ...] = ()
    others: tuple[Select, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How to go about it: read the `few` bookings of a selection of ids, or go through slots.

    `many` is a selection that holds all matches among too many to be read, and serves to count them.
    """

    holds: tuple[ColumnElement[bool], ...]
    few: Any = None
    many: Any = None


def search(hall_id: int, terms: Terms, *, today: date, limit: int = 50, page: int = 1) -> Found:
    """A page of the bookings that meet all terms: coming days first, the nearest first, then past ones, latest first.

    `today` is the hall's. It only reads, at a number of queries that does not depend on what is found.
    """
    plan = _plan(hall_id, _clues(hall_id, terms))
    total, capped = _count(hall_id, plan, terms)
    skipped = max(page - 1, 0) * limit
    if skipped >= total:
        return Found(bookings=(), total=total, capped=capped)
    ids = _ids(hall_id, plan, _coming_first(today), most=min(skipped + limit, MOST_COUNTED))
    return Found(bookings=_load(ids[skipped:]), total=total, capped=capped)


def iterate(hall_id: int, terms: Terms, *, today: date, most: int = 50_000) -> Iterator[Booking]:
    """All bookings that `search` has pages of, and more, read 1,000 at a time: memory stays flat for long lists."""
    ids = _ids(hall_id, _plan(hall_id, _clues(hall_id, terms)), _coming_first(today), most=most)
    for start in range(0, len(ids), _BATCH):
        yield from _load(ids[start : start + _BATCH])


def find_for_desk(hall_id: int, text: str, day: date) -> Sequence[Booking]:
    """Bookings by a part of the organisation's name or the last four digits of the phone; nothing for a blank text.

    Those of the day come first, then the coming ones, then those of the month before it, each the nearest first; 20 at
    most. Cancelled ones are among them, so that the desk can say so.
    """
    word = plain(text)
    if not word:
        return []
    tail = word if len(word) == _TAIL and word.isascii() and word.isdecimal() else ""
    clue = _Clue(
        holds=or_(_in_organisation(word), Booking.phone_tail == tail) if tail else _in_organisation(word),
        grams=_pairs(word),
        others=(_by_tail(hall_id, tail),) if tail else (),
    )
    by_time = (Slot.day, Slot.starts_at, Booking.id)
    phases = (
        ((Slot.day == day,), by_time),
        ((Slot.day > day,), by_time),
        ((Slot.day < day, Slot.day >= day - _DESK_LOOK_BACK), (Slot.day.desc(), Slot.starts_at.desc(), Booking.id)),
    )
    return _load(_ids(hall_id, _plan(hall_id, [clue]), phases, most=_DESK_MOST))


def _coming_first(today: date) -> Sequence[Any]:
    return (
        ((Slot.day >= today,), (Slot.day, Slot.starts_at, Booking.id)),
        ((Slot.day < today,), (Slot.day.desc(), Slot.starts_at.desc(), Booking.id.desc())),
    )


# What the terms say


def _clues(hall_id: int, terms: Terms) -> list[_Clue]:
    return [
        *(_free_word(hall_id, word) for word in _words(terms.text)),
        *(_Clue(holds=_in_organisation(word), grams=_pairs(word)) for word in map(plain, terms.organisation.split())),
        *(_Clue(holds=_in_contact(word), grams=_pairs(word)) for word in map(plain, terms.contact.split())),
        *([_phone(hall_id, terms.phone)] if terms.phone else ()),
        *([_reference(hall_id, terms.reference)] if terms.reference else ()),
        *_other_terms(hall_id, terms),
    ]


def _other_terms(hall_id: int, terms: Terms) -> Iterator[_Clue]:
    if terms.states:
        holds = Booking.state.in_(terms.states)
        yield _Clue(holds=holds, others=(select(Booking.id).where(Booking.hall_id == hall_id, holds),))
    if terms.division:
        of_it = select(Origin.booking_id).where(Origin.hall_id == hall_id, Origin.division == terms.division)
        yield _Clue(holds=of_it.where(Origin.booking_id == Booking.id).exists(), others=(of_it,))
    if terms.day_from:
        yield _Clue(holds=Slot.day >= terms.day_from)
    if terms.day_to:
        yield _Clue(holds=Slot.day <= terms.day_to)
    if terms.programme:
        known = select(Programme.id).where(Programme.hall_id == hall_id, Programme.slug == terms.programme)
        yield _Clue(holds=Slot.programme_id == known.scalar_subquery())
    if terms.source:
        yield _Clue(holds=Booking.source == terms.source)
    if terms.kind:
        yield _Clue(holds=Booking.kind == terms.kind)


def _words(text: str) -> list[str]:
    """The words of a text, blanks between them; a phone number that was typed in groups is one word."""
    whole = plain(text)
    if len(_digits(whole)) > _TAIL:
        return [whole]
    return list(dict.fromkeys(word for word in map(plain, text.split()) if word))


def _digits(word: str) -> str:
    """The digits of what can be a phone's last ones, else nothing."""
    digits = word.removeprefix("+").replace("-", "")
    return digits if len(digits) >= LEAST_DIGITS and digits.isascii() and digits.isdecimal() else ""


def _free_word(hall_id: int, word: str) -> _Clue:
    pairs = _pairs(word)
    # What is found by key and not by grams has a dot or the like between two of the word's characters.
    names = _has(pairs) if not word.isalnum() else or_(_key_contains(word), _has(pairs))
    further = []
    if _digits(word):
        further.append(_phone(hall_id, ("+" if word.startswith("+") else "") + _digits(word)))
    tidied = reference.tidy(word)
    if _REFERENCE_LEAST <= len(tidied) <= reference.LENGTH and set(tidied) <= set(reference.ALPHABET):
        further.append(_reference(hall_id, tidied))
    return _Clue(
        holds=or_(names, *(clue.holds for clue in further)),
        grams=pairs,
        others=tuple(way for clue in further for way in clue.others),
    )


def _in_organisation(word: str) -> ColumnElement[bool]:
    key = organisation_key(word)
    in_key = _key_contains(key) if key else Booking.organisation_key.is_not(None)
    return in_key if key == word else and_(in_key, _has(_pairs(word)))


def _in_contact(word: str) -> ColumnElement[bool]:
    """All the word's grams are there, and not just for the organisation's sake."""
    in_contact = Booking.contact_name.icontains(word, autoescape=True)
    return and_(_has(_pairs(word)), or_(in_contact, not_(_in_organisation(word))))


def _key_contains(word: str) -> ColumnElement[bool]:
    return Booking.organisation_key.contains(word, autoescape=True)


def _pairs(word: str) -> tuple[str, ...]:
    """The grams that a name with this word in it has: its pairs, or the character that it is."""
    return tuple(dict.fromkeys(word[start : start + 2] for start in range(len(word) - 1))) or (word,)


def _is_gram(gram: str, table: Any = Gram) -> ColumnElement[bool]:
    """Rows of a pair; of a single character, rows of all pairs that begin with it."""
    if len(gram) == 2:
        return table.gram == gram
    column = table.gram if db.engine.dialect.name == "sqlite" else collate(table.gram, "C")  # by code points, as here
    return and_(column >= gram, column < _following(gram))


def _following(character: str) -> str:
    code = min(ord(character) + 1, 0x10FFFF)
    return chr(0xE000 if 0xD800 <= code < 0xE000 else code)


def _has(pairs: Sequence[str]) -> ColumnElement[bool]:
    """Whether a booking's names have all of these."""
    mine = (Gram.hall_id == Booking.hall_id, Gram.booking_id == Booking.id)
    if len(pairs) == 1:
        return select(Gram.gram).where(*mine, _is_gram(pairs[0])).exists()
    among = select(func.count()).select_from(Gram).where(*mine, Gram.gram.in_(pairs)).correlate(Booking)
    return among.scalar_subquery() == len(pairs)


def _by_tail(hall_id: int, tail: str) -> Select:
    return select(Booking.id).where(Booking.hall_id == hall_id, Booking.phone_tail == tail)


def _phone(hall_id: int, typed: str) -> _Clue:
    """By a phone's last digits, or by the whole of it as people at home or abroad write it."""
    digits = typed.removeprefix("+")
    ends = Booking.phone.endswith(digits, autoescape=True)
    holds: ColumnElement[bool] = and_(Booking.phone_tail == digits[-_TAIL:], ends)
    with contextlib.suppress(ValueError):  # not a whole number: its last digits, then
        holds = or_(holds, Booking.phone == phones.parse(typed))
    return _Clue(holds=holds, others=(_by_tail(hall_id, digits[-_TAIL:]),))


def _reference(hall_id: int, start: str) -> _Clue:
    last = start.ljust(reference.LENGTH, reference.ALPHABET[-1])
    holds = Booking.reference == start if start == last else Booking.reference.between(start, last)
    return _Clue(holds=holds, others=(select(Booking.id).where(Booking.hall_id == hall_id, holds),))


# How it is gone about


def _plan(hall_id: int, clues: Sequence[_Clue]) -> _Plan:
    """Choose the clue that leaves the fewest bookings; that costs a query or two."""
    holds = tuple(clue.holds for clue in clues)
    pairs = list(dict.fromkeys(gram for clue in clues for gram in clue.grams))[:_GRAMS_COUNTED]
    helpful = [clue for clue in clues if clue.others]
    if not pairs and not helpful:
        return _Plan(holds=holds)
    ways = [_by_gram(hall_id, gram) for gram in pairs] + [way for clue in helpful for way in clue.others]
    sizes = dict(zip((id(way) for way in ways), _sizes(ways), strict=True))
    by_gram = dict(zip(pairs, ways, strict=False))

    def best(clue: _Clue) -> tuple[int, list[Select]]:
        known = [by_gram[gram] for gram in clue.grams if gram in by_gram]
        rarest = min(known, key=lambda way: sizes[id(way)]) if known else None
        used = [*([rarest] if rarest is not None else []), *clue.others]
        complete = bool(known) or not clue.grams
        return (sum(sizes[id(way)] for way in used) if complete and used else FEW + 1), used

    size, used = min((best(clue) for clue in clues), key=lambda each: each[0], default=(FEW + 1, []))
    if size <= FEW:
        return _Plan(holds=holds, few=_united(used))
    return _of_many(hall_id, holds, [clue for clue in clues if clue.grams and not clue.others])


def _of_many(hall_id: int, holds: tuple[ColumnElement[bool], ...], named: Sequence[_Clue]) -> _Plan:
    """Where every gram is in many names: perhaps they are together in few."""
    pairs = list(dict.fromkeys(gram for clue in named for gram in clue.grams))[:_GRAMS_COUNTED]
    if not pairs:
        return _Plan(holds=holds)
    newest = db.session.scalar(select(func.max(Booking.id))) or 0
    sample = [_by_gram(hall_id, gram).where(Gram.booking_id > newest - FEW) for gram in pairs]
    rarest_first = [gram for _size, gram in sorted(zip(_sizes(sample), pairs, strict=True))]
    together = _by_gram(hall_id, rarest_first[0])
    for gram in rarest_first[1:4]:
        other = aliased(Gram)
        together = together.where(
            select(other.gram)
            .where(other.hall_id == hall_id, other.booking_id == Gram.booking_id, _is_gram(gram, other))
            .exists()
        )
    few = len(pairs) > 1 and _sizes([together])[0] <= FEW
    return _Plan(holds=holds, few=together) if few else _Plan(holds=holds, many=together)


def _by_gram(hall_id: int, gram: str) -> Select:
    return select(Gram.booking_id).where(Gram.hall_id == hall_id, _is_gram(gram))


def _united(ways: Sequence[Select]) -> Any:
    return ways[0] if len(ways) == 1 else union(*ways)


def _sizes(ways: Sequence[Any]) -> Sequence[int]:
    """How many rows each selection has, in one query; none is counted further than need be."""
    counts = [select(func.count()).select_from(way.limit(FEW + 1).subquery()).scalar_subquery() for way in ways]
    return tuple(db.session.execute(select(*counts)).one())


def _count(hall_id: int, plan: _Plan, terms: Terms) -> tuple[int, bool]:
    spread = not (terms.day_from and terms.day_to and terms.day_to - terms.day_from <= _LONGEST_SPAN)
    if plan.many is not None and spread:
        return _count_among(plan)
    matching = _matching(hall_id, plan).limit(MOST_COUNTED + 1).subquery()
    counted = db.session.scalar(select(func.count()).select_from(matching)) or 0
    return min(counted, MOST_COUNTED), counted > MOST_COUNTED


def _count_among(plan: _Plan) -> tuple[int, bool]:
    """Count by an index that may name a booking several times: that it begins several pairs, say."""
    ways, most = plan.many.subquery(), 4 * MOST_COUNTED
    matching = (
        select(Booking.id)
        .select_from(ways)
        .join(Booking, Booking.id == ways.c.booking_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(*plan.holds)
        .limit(most)
        .subquery()
    )
    rows, counted = db.session.execute(select(func.count(), func.count(matching.c.id.distinct()))).one()
    return min(counted, MOST_COUNTED), counted > MOST_COUNTED or rows == most


def _matching(hall_id: int, plan: _Plan) -> Select:
    """The ids of all matches, in no order.

    The hall is named on the table from which the planner shall start, and there only.
    """
    query = select(Booking.id).join(Slot, Slot.id == Booking.slot_id).where(*plan.holds)
    if plan.few is not None:
        return query.where(Booking.hall_id == hall_id, Booking.id.in_(plan.few))
    return query.where(Slot.hall_id == hall_id)


def _ids(hall_id: int, plan: _Plan, phases: Sequence[Any], *, most: int) -> list[int]:
    found: list[int] = []
    for conditions, order in phases:
        if len(found) < most:
            query = _matching(hall_id, plan).where(*conditions).order_by(*order).limit(most - len(found))
            found += db.session.scalars(query)
    return found


def _load(ids: Sequence[int]) -> Sequence[Booking]:
    """Whole bookings in the order of their ids here, at two queries."""
    if not ids:
        return []
    rows = db.session.scalars(
        select(Booking)
        .join(Booking.slot)
        .join(Slot.programme)
        .join(Programme.hall)
        .where(Booking.id.in_(ids))
        .options(
            contains_eager(Booking.slot).contains_eager(Slot.programme).contains_eager(Programme.hall),
            selectinload(Booking.origins),
        )
    )
    place = {booking_id: number for number, booking_id in enumerate(ids)}
    return sorted(rows, key=lambda booking: place[booking.id])


__all__ = [
    "Forgotten",
    "Found",
    "Terms",
    "find_for_desk",
    "forget_contacts",
    "grams",
    "index",
    "iterate",
    "organisation_key",
    "reindex",
    "search",
    "unindex",
]
