"""The only way by which a change of days reaches the slots: plan the change of each slot, then carry it out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from hallapp.core import clock
from hallapp.core.database import db, upsert
from hallapp.schedule import capacity, queries
from hallapp.schedule.calendar import DayFacts, judge
from hallapp.schedule.models import CalendarDay, Hall, Mode, Opening, Programme, Slot, WeekTemplate

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotChange:
    """One future slot and its planned values, with the questions to answer before the plan is carried out."""

    slot: Slot
    open: bool
    open_by_hand: bool | None
    visitor_capacity: int
    guide_capacity: int
    inside_capacity: int | None
    guides_on_duty: int | None
    ends_at: datetime

    @property
    def closes(self) -> bool:
        """Return whether an open slot becomes a closed one."""
        return self.slot.open and not self.open

    @property
    def shrinks(self) -> bool:
        """Return whether more is booked than there would be room for, not counting bookings that a manager forced."""
        slot = self.slot
        return (
            slot.visitors_booked > self.visitor_capacity + slot.visitors_forced
            or slot.guides_booked > self.guide_capacity + slot.guides_forced
            or _over(slot.inside_booked - slot.inside_forced, self.inside_capacity)
            or _over(slot.guides_busy - slot.busy_forced, self.guides_on_duty)
        )

    @property
    def hits(self) -> bool:
        """Return whether it takes something from a group that has booked."""
        return (self.closes and self.slot.visitors_booked > 0) or self.shrinks


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The effect of a change of days on a hall's slots; `additions` are the rows of new slots."""

    hall: Hall
    changes: tuple[SlotChange, ...] = ()
    additions: tuple[dict[str, Any], ...] = ()

    @property
    def hits(self) -> tuple[SlotChange, ...]:
        """Return the changes that close a slot with bookings, or leave it or the hall too little room."""
        return tuple(change for change in self.changes if change.hits)

    @property
    def going(self) -> frozenset[int]:
        """The ids of slots that close or have too little room left; bookings are not moved there."""
        return frozenset(change.slot.id for change in self.changes if change.closes or change.hits)

    @property
    def harmless(self) -> "Plan":
        """Return the plan without its hits."""
        return replace(self, changes=tuple(change for change in self.changes if not change.hits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A manual decision about one slot, or the values of a manual new one."""

    open: bool
    visitor_capacity: int
    guide_capacity: int


class Rules:
    """The slots required by a hall's calendar, templates and policy on the days `first` to `last`; read at once."""

    def __init__(self, hall: Hall, *, first: date, last: date) -> None:
        self.hall = hall
        self.first = first
        self.last = last
        self.special: dict[date, CalendarDay] = {
            row.day: row for row in queries.list_calendar_days(hall.id, first=first, last=last)
        }
        self.programmes: dict[int, Programme] = {row.id: row for row in queries.list_all_programmes(hall.id)}
        self._templates: dict[int | None, list[WeekTemplate]] = defaultdict(list)
        for template in queries.list_templates(hall.id):  # the latest first
            self._templates[template.programme_id].append(template)
        self._wanted: dict[tuple[int, date], dict[datetime, Opening]] = {}

    def facts(self, day: date) -> DayFacts:
        """Return whether a day is open, and why."""
        return judge(self.hall, day, self.special.get(day))

    def limits(self, day: date) -> tuple[int | None, int | None]:
        """Return people inside at once and guides on duty on a day: the day's own, else the hall's."""
        own, hall = self.special.get(day), self.hall
        inside, guides = (own.inside_capacity, own.guides_on_duty) if own else (None, None)
        return hall.inside_capacity if inside is None else inside, hall.guides_on_duty if guides is None else guides

    def wanted(self, programme: Programme, day: date) -> dict[datetime, Opening]:
        """Return the lines of the template that a programme follows on a day, by the instant of their start."""
        key = (programme.id, day)
        if key not in self._wanted:
            self._wanted[key] = dict(self._lines(programme, day))
        return self._wanted[key]

    def _lines(self, programme: Programme, day: date) -> Iterator[tuple[datetime, Opening]]:
        facts = self.facts(day)
        template = self.template_of(programme, day)
        if not (programme.active and facts.open and template):
            return
        for line in template.openings:
            starts_at = clock.at(day, line.starts, self.hall.time_zone)
            # A template is refused where it passes midnight; a change of the clocks may still bring one there.
            if line.weekday == facts.weekday and ends_on(
                day, starts_at, minutes=programme.minutes, time_zone=self.hall.time_zone
            ):
                yield starts_at, line

    def template_of(self, programme: Programme, day: date) -> WeekTemplate | None:
        """Return the template that a programme follows on a day: its own, else the hall's."""
        for templates in (self._templates[programme.id], self._templates[None]):
            for template in templates:
                if template.valid_from <= day:
                    return template
        return None

    def change(self, slot: Slot) -> SlotChange | None:
        """Return the change for an existing slot; None where it stays as it is."""
        hand = None
        if slot.open_by_hand is not None:
            hand = Hand(
                open=slot.open_by_hand, visitor_capacity=slot.visitor_capacity, guide_capacity=slot.guide_capacity
            )
        return self.change_to(slot, hand)

    def change_to(self, slot: Slot, hand: Hand | None) -> SlotChange | None:
        """Return the change for a slot after a manual decision, or back to the template; None for no change."""
        programme, facts = self.programmes[slot.programme_id], self.facts(slot.day)
        inside, guides = self.limits(slot.day)
        wanted = self.wanted(programme, slot.day).get(slot.starts_at)
        source = hand or wanted or slot
        ends_at = slot.ends_at
        if wanted and not hand and not _holds_anybody(slot):
            ends_at = slot.starts_at + timedelta(minutes=programme.minutes)
        change = SlotChange(
            slot=slot,
            open=(hand.open and programme.active and not facts.closed_by_hand) if hand else wanted is not None,
            open_by_hand=hand.open if hand else None,
            visitor_capacity=source.visitor_capacity,
            guide_capacity=source.guide_capacity,
            inside_capacity=inside,
            guides_on_duty=guides,
            ends_at=ends_at,
        )
        return change if any(getattr(slot, name) != value for name, value in _values(change).items()) else None

    def row(
        self, programme: Programme, day: date, starts_at: datetime, source: Opening | Hand, *, by_hand: bool | None
    ) -> dict[str, Any]:
        """Return a slot to be."""
        inside, guides = self.limits(day)
        return {
            "hall_id": self.hall.id,
            "programme_id": programme.id,
            "day": day,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=programme.minutes),
            "visitor_capacity": source.visitor_capacity,
            "guide_capacity": source.guide_capacity,
            "inside_capacity": inside,
            "guides_on_duty": guides,
            "open": True,
            "open_by_hand": by_hand,
        }

    def rows(self, *, last: date) -> Iterator[dict[str, Any]]:
        """Yield every slot that the templates want from the first day to `last`."""
        for number in range((last - self.first).days + 1):
            day = self.first + timedelta(days=number)
            for programme in self.programmes.values():
                for starts_at, line in self.wanted(programme, day).items():
                    yield self.row(programme, day, starts_at, line, by_hand=None)


def plan_days(hall: Hall, *, first: date, last: date, add_until: date | None = None) -> Plan:
    """Return the plan for the slots of `first` to `last` by the calendar, the templates and the policy.

    It reads only. A slot that has begun is never changed; missing ones are added when they have not begun, or where
    `first` lies in the past (a demonstration has a history). With `add_until` none are added after that day.
    """
    rules = Rules(hall, first=first, last=last)
    now = clock.now()
    slots = {(slot.programme_id, slot.starts_at): slot for slot in queries.list_all_slots(hall.id, first, last)}
    after = _EVER if first < hall.today() else now
    changes = (rules.change(slot) for slot in slots.values() if slot.starts_at > now)
    additions = (
        row
        for row in rules.rows(last=min(last, add_until or last))
        if row["starts_at"] > after and (row["programme_id"], row["starts_at"]) not in slots
    )
    return Plan(hall=hall, changes=tuple(filter(None, changes)), additions=tuple(additions))


def replan(hall: Hall) -> Plan:
    """Return the plan for all slots from today on; new ones are made as far as slots exist."""
    made = hall.slots_until or furthest_day(hall)
    by_hand = db.session.scalar(select(func.max(Slot.day)).where(Slot.hall_id == hall.id)) or made
    return plan_days(hall, first=hall.today(), last=max(made, by_hand), add_until=made)


def furthest_day(hall: Hall) -> date:
    """Return the last day that one of the programmes lets be booked, as soon as today's release has come."""
    own = db.session.scalar(
        select(func.max(Programme.days_ahead)).where(Programme.hall_id == hall.id, Programme.active)
    )
    return hall.today() + timedelta(days=max(hall.days_ahead, own or 0))


def carry_out(plan: Plan) -> int:
    """Carry out a plan, and return the number of new slots. The caller has settled its hits before.

    It locks the hall, if it is not locked already: a new slot begins with the visits that cover its start.

    Raises:
        IntegrityError: for a hit that was not settled, by the CHECK constraints.
    """
    capacity.lock_hall(plan.hall.id)
    for change in plan.changes:
        values = _values(change)
        if _holds_anybody(change.slot):  # a booking may have been moved here while the hits were resolved
            del values["ends_at"]
        for name, value in values.items():
            setattr(change.slot, name, value)
    db.session.flush()
    added = _insert(_with_visits(plan.hall.id, plan.additions))
    capacity.forget_room()
    return added


def ends_on(day: date, starts_at: datetime, *, minutes: int, time_zone: str) -> bool:
    """Return whether a visit of this length ends on the day on which it starts, at midnight at the latest."""
    last_moment = starts_at + timedelta(minutes=minutes) - timedelta(microseconds=1)
    return clock.local_day(starts_at, time_zone) == day == clock.local_day(last_moment, time_zone)


def _values(change: SlotChange) -> dict[str, Any]:
    return {
        "open": change.open,
        "open_by_hand": change.open_by_hand,
        "visitor_capacity": change.visitor_capacity,
        "guide_capacity": change.guide_capacity,
        "inside_capacity": change.inside_capacity,
        "guides_on_duty": change.guides_on_duty,
        "ends_at": change.ends_at,
    }


def _holds_anybody(slot: Slot) -> bool:
    return slot.visitors_booked > 0 or slot.guides_booked > 0


def _over(taken: int, limit: int | None) -> bool:
    return limit is not None and taken > limit


def _insert(rows: list[dict[str, Any]]) -> int:
    if not rows:
        return 0
    statement = upsert(Slot.__table__).on_conflict_do_nothing(index_elements=["programme_id", "starts_at"])
    return len(db.session.execute(statement.returning(Slot.__table__.c.id), rows).all())


def _with_visits(hall_id: int, additions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with the people inside and the guides busy at their start: of the visits that last then."""
    rows = list(additions)
    if not rows:
        return rows
    days = [row["day"] for row in rows]
    visits: dict[date, list[Any]] = defaultdict(list)
    for visit in db.session.execute(
        select(
            *(Slot.day, Slot.starts_at, Slot.ends_at, Programme.mode),
            *(Slot.visitors_booked, Slot.visitors_forced, Slot.guides_booked, Slot.guides_forced),
        )
        .join(Slot.programme)
        .where(
            Slot.hall_id == hall_id,
            Slot.day.between(min(days), max(days)),
            or_(Slot.visitors_booked > 0, Slot.guides_booked > 0),
        )
    ):
        visits[visit.day].append(visit)
    return [row | _load(row, visits[row["day"]]) for row in rows]


def _load(row: dict[str, Any], visits: Iterable[Any]) -> dict[str, Any]:
    lasting = [visit for visit in visits if visit.starts_at <= row["starts_at"] < visit.ends_at]
    inside = [visit for visit in lasting if visit.mode is Mode.ON_SITE]
    load = {
        "inside_booked": sum(visit.visitors_booked for visit in inside),
        "inside_forced": sum(visit.visitors_forced for visit in inside),
        "guides_busy": sum(visit.guides_booked for visit in lasting),
        "busy_forced": sum(visit.guides_forced for visit in lasting),
    }
    # On a day whose smaller limits wait for a decision on its bookings, a new slot waits too.
    return load | {
        "inside_capacity": _at_least(row["inside_capacity"], load["inside_booked"] - load["inside_forced"]),
        "guides_on_duty": _at_least(row["guides_on_duty"], load["guides_busy"] - load["busy_forced"]),
    }


def _at_least(limit: int | None, needed: int) -> int | None:
    return None if limit is None else max(limit, needed)
