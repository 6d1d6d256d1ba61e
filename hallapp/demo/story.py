"""The story of the demonstration: visits with their times, and groups that are late, short, absent, or miscounted.

It only plans, from a seed: the same day gives the same story. `service` writes it down.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random

from hallapp.core import clock
from hallapp.demo.groups import Request
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.schedule.models import Slot

SEED = 20170629
DAYS_AHEAD = 14
STILL_EXPECTED_TODAY = 3
_BOOKINGS_A_DAY = (1, 1, 2, 2, 2, 3, 3, 4)
_BOOKINGS_TODAY = 8
_WALK_INS_A_DAY = (0, 0, 0, 1, 1, 2)
_WALK_IN_ORIGINS = ("440000", "440000", "440000", "430000", "450000", "810000", "350000", "overseas", "unknown")


@dataclass(frozen=True, slots=True)
class Move:
    """People come in, by division; or, negative, are taken back from the visit's move number `undoes`."""

    at: datetime
    counts: Mapping[str, int]
    undoes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A booking of the story: how it was made, and what happened to it."""

    request: Request
    slot: Slot
    booked_at: datetime
    cancelled_at: datetime | None = None
    moves: Sequence[Move] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkInVisit:
    """People without a booking."""

    slot: Slot
    kind: str
    move: Move


@dataclass(slots=True)
class Teller:
    """Plans over the slots of a hall in their present state; keeps count of the places used."""

    slots: Sequence[Slot]
    requests: Sequence[Request]
    now: datetime
    today: date
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 — a story, not a secret
    _visitors: Counter[int] = field(default_factory=Counter)
    _guides: Counter[int] = field(default_factory=Counter)

    def visits(self) -> list[Visit]:
        """Return every booking, earliest slot first."""
        by_day: dict[date, list[Slot]] = defaultdict(list)
        for slot in self.slots:
            if slot.day <= self.today + timedelta(days=DAYS_AHEAD):
                by_day[slot.day].append(slot)
        deck = self._deck()
        visits = [visit for day in sorted(by_day) for visit in self._day(day, by_day[day], deck)]
        return self._keep_some_expected(sorted(visits, key=lambda visit: visit.slot.starts_at))

    def walk_ins(self) -> list[WalkInVisit]:
        """Return the groups without a booking: on most days none, sometimes one or two families."""
        own_pace = [slot for slot in self.slots if slot.programme.slug == "self-guided" and slot.starts_at < self.now]
        by_day: dict[date, list[Slot]] = defaultdict(list)
        for slot in own_pace:
            by_day[slot.day].append(slot)
        return [
            walk_in
            for slots in by_day.values()
            for slot in self.random.sample(slots, min(len(slots), self.random.choice(_WALK_INS_A_DAY)))
            if (walk_in := self._walk_in(slot)).move.at < self.now
        ]

    def _deck(self) -> Iterator[Request]:
        """Requests without end: each comes by once before the first one returns, and neighbours more often."""
        while True:
            cards = [*self.requests, *(request for request in self.requests if request.is_near)]
            self.random.shuffle(cards)
            yield from cards

    def _day(self, day: date, slots: Sequence[Slot], deck: Iterator[Request]) -> Iterator[Visit]:
        count = _BOOKINGS_TODAY if day == self.today else self.random.choice(_BOOKINGS_A_DAY)
        once_a_day = {request.organisation: request for request in islice(deck, count)}
        for request in once_a_day.values():
            slot = self._take_slot(slots, request)
            if slot is not None:
                yield self._visit(request, slot)

    def _take_slot(self, slots: Sequence[Slot], request: Request) -> Slot | None:
        free = [
            slot
            for slot in slots
            if slot.programme.slug == request.programme and self._has_room(slot, request.visitors)
        ]
        return self.random.choice(free) if free else None

    def _has_room(self, slot: Slot, visitors: int) -> bool:
        """Return whether a group fits; today's slots keep room for the reader's own."""
        groups = 2 if slot.day == self.today else 1
        most = slot.visitor_capacity - (groups - 1) * slot.programme.policy.group_max
        return (
            self._visitors[slot.id] + visitors <= most
            and self._guides[slot.id] + groups * slot.programme.guides <= slot.guide_capacity
        )

    def _visit(self, request: Request, slot: Slot) -> Visit:
        random = self.random
        booked_at = min(
            slot.starts_at - timedelta(days=random.randint(1, 21), minutes=random.randint(0, 600)),
            self.now - timedelta(minutes=random.randint(20, 3000)),
        )
        if random.random() < 0.06:
            cancelled_at = min(slot.starts_at - timedelta(hours=random.randint(6, 20)), self.now - timedelta(minutes=5))
            return Visit(request=request, slot=slot, booked_at=booked_at, cancelled_at=max(booked_at, cancelled_at))
        self._visitors[slot.id] += request.visitors
        self._guides[slot.id] += slot.programme.guides
        moves = tuple(move for move in self._moves(request, slot) if move.at < self.now)
        return Visit(request=request, slot=slot, booked_at=booked_at, moves=moves)

    def _moves(self, request: Request, slot: Slot) -> list[Move]:
        random = self.random
        at = slot.starts_at - timedelta(minutes=random.randint(2, 18), seconds=random.randint(0, 59))
        everybody, largest = dict(request.origins), max(request.origins, key=lambda code: request.origins[code])
        fate = random.choices(("all", "short", "late", "extra", "twice", "absent"), weights=(50, 20, 10, 7, 6, 7))[0]
        few = min(random.randint(1, 5), everybody[largest] - 1)
        if fate == "absent":
            return []
        if fate in ("short", "late") and few:
            first = Move(at, everybody | {largest: everybody[largest] - few})
            rest = Move(at + timedelta(minutes=random.randint(15, 55)), {largest: few})
            return [first, rest] if fate == "late" else [first]
        if fate == "extra":
            return [Move(at, everybody), Move(at + timedelta(minutes=random.randint(1, 9)), {largest: max(few, 1)})]
        if fate == "twice":
            again = Move(at + timedelta(seconds=random.randint(20, 90)), everybody)
            back = {division: -people for division, people in everybody.items()}
            return [Move(at, everybody), again, Move(again.at + timedelta(seconds=40), back, undoes=1)]
        return [Move(at, everybody)]

    def _walk_in(self, slot: Slot) -> WalkInVisit:
        at = slot.starts_at + timedelta(minutes=self.random.randint(0, 50))
        counts = {self.random.choice(_WALK_IN_ORIGINS): self.random.randint(1, 6)}
        return WalkInVisit(slot=slot, kind=INDIVIDUAL, move=Move(at, counts))

    def _keep_some_expected(self, visits: list[Visit]) -> list[Visit]:
        """Leave today's last groups still to come, however late in the day it is, so that the desk can be tried."""
        today = [visit for visit in visits if visit.slot.day == self.today and visit.cancelled_at is None]
        waiting = {id(visit) for visit in today[-STILL_EXPECTED_TODAY:]}
        return [_without_moves(visit) if id(visit) in waiting else visit for visit in visits]


def _without_moves(visit: Visit) -> Visit:
    return Visit(request=visit.request, slot=visit.slot, booked_at=visit.booked_at)


def first_day(today: date) -> date:
    """Return the first day of the story: the first of a month, two to three months ago.

    The months before it are imported as totals, so a month that began halfway would look like a quiet one.
    """
    begins = today - timedelta(days=92)
    return begins if begins.day == 1 else clock.month_range(begins.year, begins.month)[1]


def next_half_hour(now: datetime, time_zone: str) -> datetime | None:
    """Return a full or half hour of today, 30 to 60 minutes ahead; None just before midnight."""
    soon = now + timedelta(minutes=60)
    soon = soon.replace(minute=soon.minute // 30 * 30, second=0, microsecond=0)
    return soon if clock.local_day(soon, time_zone) == clock.local_day(now, time_zone) else None
