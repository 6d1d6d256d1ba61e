"""Search over bookings: by parts of names, a phone's last digits, the reference, days, states, divisions and more.

No index for "contains" works for Chinese on both databases, so the application keeps its own (`bigrams.py`). A search
first counts the matches of each term. If one term has few matches, these are read and tested for the other terms. If
all have many, the slots are read in the order in which bookings are shown, until the page is full. In both cases the
work hardly depends on the number of bookings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union
from sqlalchemy.orm import aliased, contains_eager, selectinload

from hallapp.booking.criteria import Criterion, for_desk, is_gram, of_terms
from hallapp.booking.models import Booking, Gram
from hallapp.booking.terms import Terms
from hallapp.core.database import db
from hallapp.schedule.models import Programme, Slot

#: Matches are counted up to this number; a page beyond them is empty.
MOST_COUNTED = 1_000
#: Rows that a term may leave so that all of them are read; with more, a page is soon full anyway. Each further term
#: makes that take longer, and so lets more rows be read.
FEW = 2_000
_GRAMS_COUNTED = 8
_MOST_TERMS = 5
_MOST_REPEATED = 4
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
class _Plan:
    """The plan of a search: read the `few` bookings of a selection of ids, or scan slots in order.

    `many` is a selection that holds all matches among too many to be read, and serves to count them; it may name one
    of them `repeatedly`.
    """

    holds: tuple[ColumnElement[bool], ...]
    few: Any = None
    many: Any = None
    repeatedly: bool = False


def search(hall_id: int, terms: Terms, *, today: date, limit: int = 50, page: int = 1) -> Found:
    """Return a page of matching bookings: coming days first, nearest first, then past ones, latest first.

    `today` is the hall's. It only reads, in a number of queries that does not depend on the result.
    """
    plan = _plan(hall_id, of_terms(hall_id, terms))
    total, capped = _count(hall_id, plan, terms)
    skipped = max(page - 1, 0) * limit
    if skipped >= total:
        return Found(bookings=(), total=total, capped=capped)
    ids = _ids(hall_id, plan, _coming_first(today), most=min(skipped + limit, MOST_COUNTED))
    return Found(bookings=_load(ids[skipped:]), total=total, capped=capped)


def iterate(hall_id: int, terms: Terms, *, today: date, most: int = 50_000) -> Iterator[Booking]:
    """Yield all bookings that match, read 1,000 at a time, so that memory stays flat for long lists."""
    ids = _ids(hall_id, _plan(hall_id, of_terms(hall_id, terms)), _coming_first(today), most=most)
    for start in range(0, len(ids), _BATCH):
        yield from _load(ids[start : start + _BATCH])


def find_for_desk(hall_id: int, text: str, day: date) -> Sequence[Booking]:
    """Find bookings by part of the organisation's name or the last four digits of the phone; none for a blank text.

    Those of the day come first, then the coming ones, then those of the month before it, each the nearest first; 20 at
    most. Cancelled ones are among them, so that the desk can say so.
    """
    criterion = for_desk(hall_id, text)
    if criterion is None:
        return []
    by_time = (Slot.day, Slot.starts_at, Booking.id)
    phases = (
        ((Slot.day == day,), by_time),
        ((Slot.day > day,), by_time),
        ((Slot.day < day, Slot.day >= day - _DESK_LOOK_BACK), (Slot.day.desc(), Slot.starts_at.desc(), Booking.id)),
    )
    return _load(_ids(hall_id, _plan(hall_id, [criterion]), phases, most=_DESK_MOST))


def _coming_first(today: date) -> Sequence[Any]:
    return (
        ((Slot.day >= today,), (Slot.day, Slot.starts_at, Booking.id)),
        ((Slot.day < today,), (Slot.day.desc(), Slot.starts_at.desc(), Booking.id.desc())),
    )


def _plan(hall_id: int, criteria: Sequence[Criterion]) -> _Plan:
    """Choose the criterion that leaves the fewest bookings; that costs a query or two."""
    holds = tuple(criterion.holds for criterion in criteria)
    pairs = _some_grams(criteria)
    helpful = [criterion for criterion in criteria if criterion.others]
    if not pairs and not helpful:
        return _Plan(holds=holds)
    few = FEW * min(sum(not criterion.by_slot for criterion in criteria), _MOST_TERMS)
    ways = [_by_gram(hall_id, gram) for gram in pairs] + [way for criterion in helpful for way in criterion.others]
    size_of = dict(zip(map(id, ways), _sizes(ways, few), strict=True))
    by_gram = dict(zip(pairs, ways, strict=False))

    def cheapest(criterion: Criterion) -> tuple[int, list[Select]]:
        known = [by_gram[gram] for gram in criterion.bigrams if gram in by_gram]
        if criterion.bigrams and not known:
            return few + 1, []
        used = [*sorted(known, key=lambda way: size_of[id(way)])[:1], *criterion.others]
        return sum(size_of[id(way)] for way in used) if used else few + 1, used

    size, used = min(map(cheapest, criteria), key=lambda each: each[0])
    if size <= few:
        return _Plan(holds=holds, few=_united(used))
    return _of_many(
        hall_id, holds, [criterion for criterion in criteria if criterion.bigrams and not criterion.others], few
    )


def _of_many(hall_id: int, holds: tuple[ColumnElement[bool], ...], named: Sequence[Criterion], few: int) -> _Plan:
    """Return the plan where each bigram is in many names: their combination may be rare."""
    pairs = _some_grams(named)
    if not pairs:
        return _Plan(holds=holds)
    newest = db.session.scalar(select(func.max(Booking.id))) or 0
    sample = [_by_gram(hall_id, gram).where(Gram.booking_id > newest - FEW) for gram in pairs]
    rarest_first = [gram for _size, gram in sorted(zip(_sizes(sample, FEW), pairs, strict=True))]
    together = _by_gram(hall_id, rarest_first[0])
    for gram in rarest_first[1:4]:
        other = aliased(Gram)
        together = together.where(
            select(other.gram)
            .where(other.hall_id == hall_id, other.booking_id == Gram.booking_id, is_gram(gram, other))
            .exists()
        )
    if len(pairs) > 1 and _sizes([together], few)[0] <= few:
        return _Plan(holds=holds, few=together)
    return _Plan(holds=holds, many=together, repeatedly=len(rarest_first[0]) == 1)


def _some_grams(criteria: Sequence[Criterion]) -> list[str]:
    """Return at most this many of the bigrams, spread over the word: the rare part is seldom at its beginning."""
    pairs = list(dict.fromkeys(gram for criterion in criteria for gram in criterion.bigrams))
    most = min(len(pairs), _GRAMS_COUNTED)
    return [pairs[number * len(pairs) // most] for number in range(most)]


def _by_gram(hall_id: int, gram: str) -> Select:
    return select(Gram.booking_id).where(Gram.hall_id == hall_id, is_gram(gram))


def _united(ways: Sequence[Select]) -> Any:
    return ways[0] if len(ways) == 1 else union(*ways)


def _sizes(ways: Sequence[Any], few: int) -> Sequence[int]:
    """Return the number of rows of each selection, in one query; counting stops at the limit for `few`."""
    counts = [select(func.count()).select_from(way.limit(few + 1).subquery()).scalar_subquery() for way in ways]
    return tuple(db.session.execute(select(*counts)).one())


def _count(hall_id: int, plan: _Plan, terms: Terms) -> tuple[int, bool]:
    spread = not (terms.day_from and terms.day_to and terms.day_to - terms.day_from <= _LONGEST_SPAN)
    if plan.many is not None and spread:
        return _count_among(plan)
    matching = _matching(hall_id, plan).limit(MOST_COUNTED + 1).subquery()
    counted = db.session.scalar(select(func.count()).select_from(matching)) or 0
    return min(counted, MOST_COUNTED), counted > MOST_COUNTED


def _count_among(plan: _Plan) -> tuple[int, bool]:
    """Count rows in the order of an index, which may list a booking several times."""
    ways, most = plan.many.subquery(), MOST_COUNTED * (_MOST_REPEATED if plan.repeatedly else 1) + 1
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
    """Return the ids of all matches, in no order.

    The hall is a condition only where the planner should start with it: the ids in `few` already belong to the hall.
    """
    query = select(Booking.id).join(Slot, Slot.id == Booking.slot_id).where(*plan.holds)
    if plan.few is not None:
        return query.where(Booking.id.in_(plan.few))
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
