"""A hall's days as its calendar shows them: open or why not, and how full."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from hallapp.core.errors import N_
from hallapp.schedule.calendar import DayFacts, Why
from hallapp.schedule.models import CalendarDay, DayKind, Slot

_FILLING_PERCENT = 70


class Fullness(StrEnum):
    """The availability of a day or a slot."""

    FREE = "free"
    FILLING = "filling"  # 70 of 100 places are taken, or more
    FULL = "full"  # too little room for the programme's smallest group
    CLOSED = "closed"
    OVER = "over"  # it has begun


#: The names of the states, as message ids.
FULLNESS_NAMES: dict[Fullness, str] = {
    Fullness.FREE: N_("Free"),
    Fullness.FILLING: N_("Filling up"),
    Fullness.FULL: N_("Full"),
    Fullness.CLOSED: N_("Closed"),
    Fullness.OVER: N_("Past"),
}

#: The reasons for which a day is open or closed, as message ids.
WHY_NAMES: dict[Why, str] = {
    Why.BY_HAND: N_("Set manually"),
    Why.HOLIDAY: N_("Public holiday"),
    Why.MAKEUP: N_("Make-up workday"),
    Why.CLOSED_WEEKDAY: N_("Weekly closing day"),
    Why.USUAL: N_("As usual"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSlot:
    """A slot of the calendar. `guides_short`: places are left but no guide, or more guides are busy than on duty."""

    slot: Slot
    state: Fullness
    guides_short: bool

    @property
    def places(self) -> int:
        """Places that it has, taken or not."""
        return self.slot.visitor_capacity

    @property
    def booked(self) -> int:
        """Places that are taken."""
        return self.slot.visitors_booked

    @property
    def free(self) -> int:
        """Places that a group can still have; none once it has begun or is closed."""
        return 0 if self.state in (Fullness.CLOSED, Fullness.OVER) else self.slot.visitors_free

    @property
    def by_hand(self) -> bool:
        """Return whether a person changed or added it."""
        return self.slot.open_by_hand is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDay:
    """A day of the calendar; `special` is its own row, None for an ordinary day.

    `slots` are the open ones, those that a person closed, and those with bookings. The state considers slots that have
    not begun yet. A day that the rules open may have no slot left: it then counts as closed.
    """

    facts: DayFacts
    special: CalendarDay | None
    slots: tuple[MonthSlot, ...]
    state: Fullness
    guides_short: bool

    @property
    def day(self) -> date:
        """Return the date."""
        return self.facts.day

    @property
    def open(self) -> bool:
        """Return whether the rules, or a person, open it."""
        return self.facts.open

    @property
    def why(self) -> Why:
        """Return the decision that opens or closes it."""
        return self.facts.why

    @property
    def by_hand(self) -> bool:
        """Return whether a person decided it."""
        return self.facts.why is Why.BY_HAND

    @property
    def kind(self) -> DayKind | None:
        """Return its official kind."""
        return self.special.kind if self.special else None

    def text(self, name: str, language: str) -> str:
        """Return its `name` or its `reason` in a language, else in the other; or nothing."""
        return self.special.text(name, language) if self.special else ""

    @property
    def places(self) -> int:
        """Places of the open slots."""
        return sum(each.places for each in self.slots if each.slot.open)

    @property
    def booked(self) -> int:
        """Return people who have booked, also in slots that were closed since."""
        return sum(each.booked for each in self.slots)

    @property
    def free(self) -> int:
        """Places that groups can still have."""
        return sum(each.free for each in self.slots)


def show_day(facts: DayFacts, special: CalendarDay | None, slots: Sequence[Slot], *, now: datetime) -> MonthDay:
    """Return a day of the calendar from its slots, by time."""
    shown = tuple(
        _show_slot(slot, now=now)
        for slot in slots
        if slot.open or slot.open_by_hand is not None or slot.visitors_booked > 0
    )
    return MonthDay(
        facts=facts,
        special=special,
        slots=shown,
        state=_state_of_day(shown),
        guides_short=any(each.guides_short for each in shown),
    )


def _show_slot(slot: Slot, *, now: datetime) -> MonthSlot:
    state = _state_of_slot(slot, now=now)
    coming = state not in (Fullness.CLOSED, Fullness.OVER)
    return MonthSlot(slot=slot, state=state, guides_short=coming and _guides_short(slot))


def _state_of_slot(slot: Slot, *, now: datetime) -> Fullness:
    if not slot.open:
        return Fullness.CLOSED
    if slot.starts_at <= now:
        return Fullness.OVER
    if slot.visitors_free < slot.programme.policy.group_min:
        return Fullness.FULL
    return Fullness.FILLING if _is_filling(slot.visitors_booked, slot.visitor_capacity) else Fullness.FREE


def _state_of_day(slots: Sequence[MonthSlot]) -> Fullness:
    offered = [each for each in slots if each.slot.open]
    coming = [each for each in offered if each.state is not Fullness.OVER]
    if not coming:
        return Fullness.OVER if offered else Fullness.CLOSED
    if all(each.state is Fullness.FULL for each in coming):
        return Fullness.FULL
    filling = _is_filling(sum(each.booked for each in coming), sum(each.places for each in coming))
    return Fullness.FILLING if filling else Fullness.FREE


def _is_filling(booked: int, places: int) -> bool:
    return booked * 100 >= places * _FILLING_PERCENT


def _guides_short(slot: Slot) -> bool:
    too_many = slot.guides_on_duty is not None and slot.guides_busy > slot.guides_on_duty
    return too_many or (slot.visitor_capacity > slot.visitors_booked and not slot.has_guides)
