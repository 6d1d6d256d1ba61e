"""Opening days, templates, manual slots, policies: each verb returns the plan of its effect on the slots.

A verb writes the calendar, the template or the policy at once, and slots never: `planning.carry_out` does, when the
caller has resolved the bookings that the plan affects.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.texts import Texts
from hallapp.schedule import capacity, checks, errors, planning, queries
from hallapp.schedule.calendar import seed_holidays
from hallapp.schedule.capacity import hold_hall
from hallapp.schedule.changes import apply, compare, note
from hallapp.schedule.holidays import is_announced
from hallapp.schedule.models import CalendarDay, DayKind, Hall, Opening, Programme, Slot, WeekTemplate
from hallapp.schedule.planning import Hand, Plan, Rules, SlotChange
from hallapp.schedule.policies import (
    AddProgramme,
    SavePolicy,
    SaveProgramme,
    add_programme,
    delete_logo,
    save_logo,
    save_policy,
    save_programme,
)

LINES_MOST = 500


class TemplateLine(NamedTuple):
    """One line of a template: a weekday (0 is Monday), a local time, and the number of places and guides."""

    weekday: int
    starts: time
    visitor_capacity: int
    guide_capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDay:
    """The command for the exceptions of one day; `by` is the id of the member of staff, None for a command."""

    hall_id: int
    by: int | None
    day: date
    open: bool | None = None
    like_weekday: int | None = None
    reason: Mapping[str, str] = field(default_factory=dict)
    inside_capacity: int | None = None
    guides_on_duty: int | None = None
    kind: DayKind | None = None
    name: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, hall: Hall, day: date, *, by: int | None, **changes: Any) -> "SetDay":
        """Return the command that changes only the given values of a day."""
        row = queries.find_calendar_day(hall.id, day)
        names = [one.name for one in fields(cls) if one.name not in ("hall_id", "by", "day")]
        now = {name: getattr(row, name) for name in names} if row else {}
        return cls(hall_id=hall.id, by=by, day=day, **now | changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTemplate:
    """The week of a programme (its short name), or of the hall (None), from a day on.

    `replaces` is the id of a template that was to come; it goes where this one begins on another day.
    """

    hall_id: int
    by: int | None
    programme: str | None
    valid_from: date
    lines: tuple[TemplateLine | tuple[int, time, int, int], ...]
    replaces: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTemplate:
    """Take a template away: the previous one is in force again, or the hall's, or none."""

    hall_id: int
    by: int | None
    template_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSlot:
    """Change one slot by hand: no template changes it any more."""

    hall_id: int
    by: int | None
    slot_id: int
    open: bool
    visitor_capacity: int
    guide_capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSlot:
    """Give a slot that was changed by hand back to the template."""

    hall_id: int
    by: int | None
    slot_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSlot:
    """An extra slot of a programme (its short name) by hand, also on a day that the rules close."""

    hall_id: int
    by: int | None
    programme: str
    day: date
    starts: time
    visitor_capacity: int
    guide_capacity: int


def extend_slots(hall: Hall, *, since: date | None = None, until: date | None = None) -> int:
    """Bring the slots from `since` (today where not given) to `until` (as far as one can book) up to the rules.

    The holidays of these years are written into the calendar before, where they are announced. A slot with bookings
    that the rules would close or make too small stays as it is: `list_unsettled` names it. It may run as often as one
    likes. Returns the number of new slots.
    """
    capacity.lock_hall(hall.id)
    today = hall.today()
    first, last = since or today, until or planning.furthest_day(hall)
    for year in range(max(first, today).year, last.year + 1):
        if is_announced(hall.holiday_calendar, year):
            seed_holidays(hall, year)
    db.session.flush()
    added = planning.carry_out(planning.plan_days(hall, first=first, last=last).harmless)
    if first <= today:
        hall.slots_until = max(last, hall.slots_until or last)
    db.session.flush()
    return added


def needs_extending(hall: Hall) -> bool:
    """Return whether a day could be booked for which no slots have been made; one small query."""
    return hall.slots_until is None or hall.slots_until < planning.furthest_day(hall)


def list_unsettled(hall: Hall) -> tuple[SlotChange, ...]:
    """Return the slots with bookings that the rules would close or make too small, and that wait for a person."""
    return planning.replan(hall).hits


def set_day(command: SetDay) -> Plan:
    """Set the exceptions of a day: closed or open, its limits, its kind and names.

    Returns the plan of that day, also when nothing changed: it lists the bookings that still need a decision.

    Raises:
        DayPast, DayTooFar, NumberOutOfRange, TextTooLong, TextUnreadable: for the given values.
    """
    hall = hold_hall(command.hall_id)
    checks.check_day(hall, command.day)
    checks.check_number("like_weekday", command.like_weekday, least=0, most=6)
    checks.check_limits(command.inside_capacity, command.guides_on_duty)
    row = queries.find_calendar_day(hall.id, command.day) or CalendarDay(hall_id=hall.id, day=command.day)
    values = _day_values(hall, row, command)
    checks.check_texts(CalendarDay, values)
    db.session.add(row)
    detail = apply(row, values)
    if not any(value not in (None, Texts()) for value in values.values()):
        db.session.flush()
        db.session.delete(row)
    note(hall_id=hall.id, by=command.by, action="day_set", subject=f"day {command.day}", detail=detail)
    made = hall.slots_until or planning.furthest_day(hall)
    return planning.plan_days(hall, first=command.day, last=command.day, add_until=made)


def _day_values(hall: Hall, row: CalendarDay, command: SetDay) -> dict[str, Any]:
    return {
        "open": command.open,
        "like_weekday": command.like_weekday if command.open else None,
        "reason": row.reason.replaced(Texts(command.reason).stripped(), hall.language_codes),
        "inside_capacity": command.inside_capacity,
        "guides_on_duty": command.guides_on_duty,
        "kind": command.kind,
        "name": row.name.replaced(Texts(command.name).stripped(), hall.language_codes),
    }


def set_template(command: SetTemplate) -> Plan:
    """Make a weekly template, or replace the one that is in force from exactly this day on.

    Raises:
        DayPast, DayTooFar: for its first day.
        PassesMidnight, SameTimeTwice, TooManyTimes, NumberOutOfRange: for its lines.
        NoResultFound: there is no such programme.
    """
    hall = hold_hall(command.hall_id)
    checks.check_day(hall, command.valid_from, field="valid_from")
    if command.replaces is not None:
        _make_way(hall, command, command.replaces)
    programme = queries.get_programme(hall.id, command.programme) if command.programme else None
    lines = sorted(TemplateLine(*line) for line in command.lines)
    _check_lines(lines, [programme] if programme else queries.list_programmes(hall.id))
    programme_id = programme.id if programme else None
    template = queries.find_template_from(hall.id, programme_id, command.valid_from)
    before = _lines_of(template) if template else {}
    if template is None:
        template = WeekTemplate(hall_id=hall.id, programme_id=programme_id, valid_from=command.valid_from)
        db.session.add(template)
    else:
        template.openings.clear()
        db.session.flush()  # the old lines go before the new ones come: a weekday and time is unique
    template.openings = [Opening(hall_id=hall.id, **line._asdict()) for line in lines]
    db.session.flush()
    detail = compare(before, _lines_of(template))
    note(hall_id=hall.id, by=command.by, action="template_set", subject=_subject(template, programme), detail=detail)
    return planning.replan(hall)


def _make_way(hall: Hall, command: SetTemplate, replaced: int) -> None:
    old = queries.find_template(hall.id, replaced)
    if old is not None and old.valid_from != command.valid_from:
        _delete(hall, old, by=command.by)


def delete_template(command: DeleteTemplate) -> Plan:
    """Take a weekly template away. Raises NoResultFound."""
    hall = hold_hall(command.hall_id)
    template = queries.find_template(hall.id, command.template_id)
    if template is None:
        raise NoResultFound
    _delete(hall, template, by=command.by)
    return planning.replan(hall)


def _delete(hall: Hall, template: WeekTemplate, *, by: int | None) -> None:
    programme = db.session.get(Programme, template.programme_id) if template.programme_id else None
    subject, detail = _subject(template, programme), compare(_lines_of(template), {})
    db.session.delete(template)
    note(hall_id=hall.id, by=by, action="template_deleted", subject=subject, detail=detail)


def edit_slot(command: EditSlot) -> Plan:
    """Change one slot manually.

    Raises:
        SlotOver: it has begun.
        DayClosedByHand: it shall be open on a day that is closed by hand.
        NumberOutOfRange: for the places or guides.
        NoResultFound: this hall has no such slot.
    """
    hall = hold_hall(command.hall_id)
    checks.check_places(command.visitor_capacity, command.guide_capacity)
    slot, rules = _slot_to_change(hall, command.slot_id)
    if command.open and rules.facts(slot.day).closed_by_hand:
        raise errors.DayClosedByHand("open")
    hand = Hand(open=command.open, visitor_capacity=command.visitor_capacity, guide_capacity=command.guide_capacity)
    return _by_hand(hall, rules.change_to(slot, hand), by=command.by, action="slot_changed")


def release_slot(command: ReleaseSlot) -> Plan:
    """Let a slot follow the template again: an extra one closes, for no template wants it.

    Raises:
        SlotOver: it has begun.
        NoResultFound: this hall has no such slot.
    """
    hall = hold_hall(command.hall_id)
    slot, rules = _slot_to_change(hall, command.slot_id)
    return _by_hand(hall, rules.change_to(slot, None), by=command.by, action="slot_released")


def add_slot(command: AddSlot) -> Plan:
    """Return a manual extra slot. A closed slot at this start from an earlier template is opened instead.

    Raises:
        DayPast, DayTooFar, SlotOver: it would begin in the past, or too far ahead.
        DayClosedByHand: the day is closed by hand.
        SlotTaken: the programme has a slot at this start.
        PassesMidnight, NumberOutOfRange: for the start, the places or guides.
        ProgrammeInactive: the programme is not offered.
        NoResultFound: there is no such programme.
    """
    hall = hold_hall(command.hall_id)
    checks.check_day(hall, command.day)
    checks.check_places(command.visitor_capacity, command.guide_capacity)
    programme = queries.get_programme(hall.id, command.programme)
    if not programme.active:
        raise errors.ProgrammeInactive
    checks.check_start(command.starts, minutes=programme.minutes)
    rules = Rules(hall, first=command.day, last=command.day)
    if rules.facts(command.day).closed_by_hand:
        raise errors.DayClosedByHand
    starts_at = clock.at(command.day, command.starts, hall.time_zone)
    if starts_at <= clock.now():
        raise errors.SlotOver
    hand = Hand(open=True, visitor_capacity=command.visitor_capacity, guide_capacity=command.guide_capacity)
    stands = _slot_at(programme, starts_at)
    if stands is not None:
        if stands.open or stands.open_by_hand is not None:
            raise errors.SlotTaken
        return _by_hand(hall, rules.change_to(stands, hand), by=command.by, action="slot_changed")
    row = rules.row(programme, command.day, starts_at, hand, by_hand=True)
    after = {"programme": programme.slug, "starts": command.starts}
    after |= {name: row[name] for name in ("visitor_capacity", "guide_capacity")}
    detail = compare({}, after)
    note(hall_id=hall.id, by=command.by, action="slot_added", subject=f"day {command.day}", detail=detail)
    return Plan(hall=hall, additions=(row,))


def _check_lines(lines: list[TemplateLine], programmes: Iterable[Programme]) -> None:
    if len(lines) > LINES_MOST:
        raise errors.TooManyTimes(most=LINES_MOST)
    longest = max((programme.minutes for programme in programmes), default=0)
    for line in lines:
        checks.check_number("lines", line.weekday, least=0, most=6)
        checks.check_number("lines", line.visitor_capacity, least=1, most=checks.PEOPLE_MOST)
        checks.check_number("lines", line.guide_capacity, least=0, most=checks.GUIDES_MOST)
        checks.check_start(line.starts, minutes=longest, field="lines")
    for line, following in pairwise(lines):
        if line[:2] == following[:2]:
            raise errors.SameTimeTwice(starts=line.starts)


def _lines_of(template: WeekTemplate) -> dict[str, Any]:
    lines = [
        [line.weekday, f"{line.starts:%H:%M}", line.visitor_capacity, line.guide_capacity] for line in template.openings
    ]
    return {"lines": lines}


def _subject(template: WeekTemplate, programme: Programme | None) -> str:
    return f"template {programme.slug if programme else 'hall'} {template.valid_from}"


def _slot_to_change(hall: Hall, slot_id: int) -> tuple[Slot, Rules]:
    slot = queries.find_slot(hall.id, slot_id)
    if slot is None:
        raise NoResultFound
    db.session.refresh(slot)
    if slot.starts_at <= clock.now():
        raise errors.SlotOver
    return slot, Rules(hall, first=slot.day, last=slot.day)


def _slot_at(programme: Programme, starts_at: datetime) -> Slot | None:
    return db.session.scalar(
        select(Slot)
        .where(Slot.programme_id == programme.id, Slot.starts_at == starts_at)
        .execution_options(populate_existing=True)
    )


def _by_hand(hall: Hall, change: SlotChange | None, *, by: int | None, action: str) -> Plan:
    if change is None:
        return Plan(hall=hall)
    names = ("open", "open_by_hand", "visitor_capacity", "guide_capacity")
    detail = compare(
        {name: getattr(change.slot, name) for name in names}, {name: getattr(change, name) for name in names}
    )
    note(hall_id=hall.id, by=by, action=action, subject=f"slot {change.slot.id}", detail=detail)
    return Plan(hall=hall, changes=(change,))


__all__ = [
    "AddProgramme",
    "AddSlot",
    "DeleteTemplate",
    "EditSlot",
    "ReleaseSlot",
    "SavePolicy",
    "SaveProgramme",
    "SetDay",
    "SetTemplate",
    "TemplateLine",
    "add_programme",
    "add_slot",
    "delete_logo",
    "delete_template",
    "edit_slot",
    "extend_slots",
    "hold_hall",
    "list_unsettled",
    "needs_extending",
    "release_slot",
    "save_logo",
    "save_policy",
    "save_programme",
    "seed_holidays",
    "set_day",
    "set_template",
]
