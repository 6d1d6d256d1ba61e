"""Proposals for a large group: in which parts it could come on a day, by the room that is there now.

A proposal is only read here; whether there still is room decides the claim, for all parts or for none
(`party_placing.py`).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hallapp.booking.commands import Parts
from hallapp.schedule.models import Mode, Programme, Slot

#: A group of more parts than these calls the hall.
MOST_PARTS = 20
_EACH = 2  # proposals at one time, and as many one after the other
IsOffered = Callable[[Slot], bool]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a group: its slot and its number of people."""

    slot: Slot
    people: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """The parts in which a group could come, by time."""

    parts: tuple[Part, ...]

    @property
    def value(self) -> str:
        """Return the proposal as a form sends it."""
        return write(tuple((part.slot.id, part.people) for part in self.parts))

    @property
    def at_one_time(self) -> bool:
        """Return whether all parts start together."""
        return len({part.slot.starts_at for part in self.parts}) == 1

    @property
    def lasts(self) -> timedelta:
        """Return how long the whole group is in the hall."""
        return max(part.slot.ends_at for part in self.parts) - self.parts[0].slot.starts_at


def write(parts: Parts) -> str:
    """Return parts as a form sends them, such as `12*40+13*40`."""
    return "+".join(f"{slot}*{people}" for slot, people in parts)


def read(text: str) -> Parts:
    """Return the parts of a text written by `write`; none where it is not one."""
    pairs = [pair.split("*") for pair in text.split("+")]
    if not 1 < len(pairs) <= MOST_PARTS or not all(len(pair) == 2 and all(map(_is_number, pair)) for pair in pairs):
        return ()
    return tuple((int(slot), int(people)) for slot, people in pairs)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < len(text) <= 9 and int(text) > 0


def propose(
    day: Sequence[Slot], programme: Programme, people: int, *, wanted: Slot | None, is_offered: IsOffered
) -> list[Proposal]:
    """Return how a group could come on a day: at one time, or one part after the other; by time, a few of each.

    `day` holds all slots of the hall on that day by time, closed ones too, since their visitors are inside. The group
    comes to `programme`; at one time also to other programmes. Proposals with the `wanted` slot come first in the
    choice, then the shortest.
    """
    offered = [slot for slot in day if is_offered(slot)]
    own = [slot for slot in offered if slot.programme_id == programme.id]
    together = _distinct(
        filled for slot in own if (filled := _fill(day, [slot, *_beside(offered, slot)], people)) and filled.at_one_time
    )
    in_turn = _distinct(
        filled for first in range(len(own)) if (filled := _fill(day, own[first:], people)) and not filled.at_one_time
    )

    def order(proposal: Proposal) -> tuple[bool, timedelta, datetime]:
        misses = wanted is not None and all(part.slot.id != wanted.id for part in proposal.parts)
        return misses, proposal.lasts, proposal.parts[0].slot.starts_at

    chosen = [*sorted(together, key=order)[:_EACH], *sorted(in_turn, key=order)[:_EACH]]
    return sorted(chosen, key=lambda one: (one.parts[0].slot.starts_at, one.lasts))


def _beside(offered: Iterable[Slot], slot: Slot) -> list[Slot]:
    """Return the times of other programmes on site that start with a slot."""
    return [
        other
        for other in offered
        if other.starts_at == slot.starts_at and other.id != slot.id and other.programme.mode is slot.programme.mode
    ]


def _distinct(proposals: Iterable[Proposal]) -> list[Proposal]:
    return list({proposal.value: proposal for proposal in proposals}.values())


def _fill(day: Sequence[Slot], order: Iterable[Slot], people: int) -> Proposal | None:
    """Return a proposal with the fewest parts, in slots of this order; None where they have too little room."""
    room, seats = _Room(day), list[Part]()
    for slot in order:
        while sum(seat.people for seat in seats) < people:
            most = room.find_most(slot)
            if most < slot.programme.policy.group_min:
                break
            room.take(slot, most)
            seats.append(Part(slot, most))
    if sum(seat.people for seat in seats) < people or not 1 < len(seats) <= MOST_PARTS:
        return None
    parts = _even_out(seats, people)
    return Proposal(tuple(parts)) if parts else None


def _even_out(seats: Sequence[Part], people: int) -> list[Part]:
    """Return the parts, by time, with as equal numbers as room and smallest groups allow; none where they cannot."""

    def sizes_at(level: int) -> list[int]:
        return [max(seat.slot.programme.policy.group_min, min(seat.people, level)) for seat in seats]

    levels = range(max(seat.people for seat in seats) + 1)
    level = bisect_right(levels, people, key=lambda level: sum(sizes_at(level))) - 1
    if level < 0:
        return []
    sizes = sizes_at(level)
    growing = [index for index, size in enumerate(sizes) if size == level < seats[index].people]
    for index in growing[: people - sum(sizes)]:
        sizes[index] += 1
    parts = [Part(seat.slot, size) for seat, size in zip(seats, sizes, strict=True)]
    return sorted(parts, key=lambda part: (part.slot.starts_at, part.slot.id, -part.people))


class _Room:
    """The room of a day while a group is being divided: places and guides of slots, and those of the hall."""

    def __init__(self, day: Sequence[Slot]) -> None:
        self._day = day
        self._places = {slot.id: slot.visitor_capacity - slot.visitors_booked for slot in day}
        self._guides = {slot.id: slot.guide_capacity - slot.guides_booked for slot in day}
        self._inside = {
            slot.id: None if slot.inside_capacity is None else slot.inside_capacity - slot.inside_booked for slot in day
        }
        self._on_duty = {
            slot.id: None if slot.guides_on_duty is None else slot.guides_on_duty - slot.guides_busy for slot in day
        }

    def find_most(self, slot: Slot) -> int:
        """Return how many people one more part in this slot may have."""
        during, needed = self._during(slot), slot.programme.guides
        guides = [self._guides[slot.id], *(self._on_duty[each.id] for each in during)]
        if needed and any(free is not None and free < needed for free in guides):
            return 0
        limits = [self._places[slot.id], slot.programme.policy.group_max]
        if slot.programme.mode is Mode.ON_SITE:
            limits += [free for each in during if (free := self._inside[each.id]) is not None]
        return max(0, min(limits))

    def take(self, slot: Slot, people: int) -> None:
        """Take the room of one part."""
        self._places[slot.id] -= people
        self._guides[slot.id] -= slot.programme.guides
        inside = people if slot.programme.mode is Mode.ON_SITE else 0
        for each in self._during(slot):
            for free, taken in ((self._inside, inside), (self._on_duty, slot.programme.guides)):
                now = free[each.id]
                free[each.id] = None if now is None else now - taken

    def _during(self, slot: Slot) -> list[Slot]:
        return [each for each in self._day if slot.starts_at <= each.starts_at < slot.ends_at]
