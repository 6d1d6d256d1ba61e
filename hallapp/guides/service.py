"""The guides of a hall: add and change them, their week, and their leave. It flushes at most."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from hallapp.accounts import queries as accounts
from hallapp.accounts.service import record
from hallapp.booking.models import TourLanguage
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.guides import queries
from hallapp.guides.assigning import drop
from hallapp.guides.eligibility import Visit, find_obstacles
from hallapp.guides.errors import (
    AccountTaken,
    AssignmentsHit,
    DutyInvalid,
    GuideNameInvalid,
    LastBeforeFirst,
    LastDayMissing,
    LastDayOfActive,
    LastDayToCome,
    LastDayUnknown,
    LeaveOverlaps,
    NoLanguage,
)
from hallapp.guides.models import Assignment, Dropped, Duty, Guide, GuideProgramme, Leave, Obstacle
from hallapp.schedule import queries as schedule

NAME_LENGTH = 40
_DutyLine = tuple[int, time, time, date, date | None]
_AWAY = {Obstacle.INACTIVE, Obstacle.ON_LEAVE, Obstacle.OFF_DUTY}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideFacts:
    """The data of a guide; `programmes` are slugs, `staff_id` is the account's, or None.

    `last_day` is the last day of a guide who is not active any more.
    """

    hall_id: int
    by: int
    name: str
    languages: tuple[TourLanguage, ...]
    programmes: tuple[str, ...] = ()
    staff_id: int | None = None
    active: bool = True
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPattern:
    """The week of a guide from a day on, until another one where it has an end; `spans` are weekday, from, to."""

    hall_id: int
    by: int
    guide_id: int
    valid_from: date
    valid_until: date | None = None
    spans: tuple[tuple[int, time, time], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLeave:
    """Days on which a guide is away."""

    hall_id: int
    by: int
    guide_id: int
    first: date
    last: date
    note: str = ""


def add(facts: GuideFacts) -> Guide:
    """Add a guide, not on duty yet. Raises GuideNameInvalid, NoLanguage, AccountTaken; NoResultFound: unknown."""
    guide = Guide(hall_id=facts.hall_id, created_at=clock.now())
    _write(guide, facts)
    _record(guide, "guide_added", {"languages": guide.languages}, by=facts.by)
    return guide


def save(guide_id: int, facts: GuideFacts, *, unassign: bool = False) -> Guide:
    """Change the data of a guide; an inactive one leads no groups.

    Raises:
        GuideNameInvalid, NoLanguage, AccountTaken: for the facts.
        LastDayMissing, LastDayToCome, LastDayOfActive, LastDayUnknown: for the last day.
        AssignmentsHit: the guide becomes inactive but has assigned groups, and `unassign` is not set.
        NoResultFound: the hall has no such guide, programme or account.
    """

    def change(guide: Guide) -> None:
        _write(guide, facts)
        left = {"last_day": guide.last_day.isoformat()} if guide.last_day else {}
        _record(guide, "guide_saved", {"languages": guide.languages, "active": guide.active, **left}, by=facts.by)

    return _change(facts.hall_id, guide_id, change, unassign=unassign)


def set_pattern(command: SetPattern, *, unassign: bool = False) -> Guide:
    """Set the duty of a guide for a period; other days keep their duty, earlier entries within the period are replaced.

    Raises:
        LastBeforeFirst, DutyInvalid: for the times. AssignmentsHit: as in `save`. NoResultFound: no such guide.
    """
    if command.valid_until is not None and command.valid_until < command.valid_from:
        raise LastBeforeFirst("valid_until")
    _check_spans(command.spans)

    def change(guide: Guide) -> None:
        new = [(*span, command.valid_from, command.valid_until) for span in command.spans]
        _replace_duties(guide, command.valid_from, command.valid_until, new)
        _record(guide, "guide_pattern_set", {"day": command.valid_from.isoformat()}, by=command.by)

    return _change(command.hall_id, command.guide_id, change, unassign=unassign)


def add_leave(command: AddLeave, *, unassign: bool = False) -> Guide:
    """Let a guide be away.

    Raises:
        LastBeforeFirst, LeaveOverlaps: for the days. AssignmentsHit: as in `save`. NoResultFound: no such guide.
    """
    if command.last < command.first:
        raise LastBeforeFirst("last")

    def change(guide: Guide) -> None:
        if any(leave.first <= command.last and command.first <= leave.last for leave in guide.leaves):
            raise LeaveOverlaps
        days = {"first": command.first, "last": command.last}
        guide.leaves.append(Leave(hall_id=guide.hall_id, note=command.note, **days))
        # Without the note, because the audit trail is kept for long.
        detail = {name: day.isoformat() for name, day in days.items()}
        _record(guide, "guide_leave_added", detail, by=command.by)

    return _change(command.hall_id, command.guide_id, change, unassign=unassign)


def remove_leave(*, hall_id: int, guide_id: int, leave_id: int, by: int) -> None:
    """Let a guide be there after all. Raises NoResultFound."""
    _hold(hall_id, guide_id)
    leave = queries.get_leave(hall_id, guide_id, leave_id)
    guide = queries.get_guide(hall_id, guide_id)
    guide.leaves.remove(leave)
    db.session.flush()
    _record(guide, "guide_leave_removed", {"first": leave.first.isoformat(), "last": leave.last.isoformat()}, by=by)


def _change(hall_id: int, guide_id: int, change: Callable[[Guide], None], *, unassign: bool) -> Guide:
    """Hold a guide, change it, and see to the groups that it can no longer lead."""
    guide = _hold(hall_id, guide_id)
    change(guide)
    db.session.flush()
    hits = _list_hit(guide)
    if hits and not unassign:
        raise AssignmentsHit(hits, guide=guide.name)
    drop(hits, Dropped.GUIDE)
    return guide


def _hold(hall_id: int, guide_id: int) -> Guide:
    held = queries.hold_guides(hall_id, [guide_id])
    return held[0] if held else queries.get_guide(hall_id, guide_id)


def _list_hit(guide: Guide) -> list[Assignment]:
    """Return the future groups of a guide who is absent at their time."""
    coming = queries.list_of_guide(guide, after=clock.now())
    return [each for each in coming if _AWAY.intersection(find_obstacles(guide, Visit.of(each.booking), taken=()))]


def _write(guide: Guide, facts: GuideFacts) -> None:
    name = " ".join(facts.name.split())
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise GuideNameInvalid(most=NAME_LENGTH)
    if not facts.languages:
        raise NoLanguage
    if facts.staff_id is not None:
        accounts.get_staff(facts.hall_id, facts.staff_id)
    today = schedule.get_hall(facts.hall_id).today()
    _check_last_day(facts, today)
    if facts.active and guide.active is False and guide.last_day is None:
        raise LastDayUnknown
    if facts.active and guide.last_day is not None:  # back again: no shift counts for the days in between
        between = guide.last_day + timedelta(days=1), today - timedelta(days=1)
        if between[0] <= between[1]:
            _replace_duties(guide, *between, [])
    programmes = {schedule.get_programme(facts.hall_id, slug).id for slug in facts.programmes}
    guide.name, guide.staff_id = name, facts.staff_id
    guide.active, guide.last_day = facts.active, facts.last_day
    guide.languages = ",".join(one.value for one in TourLanguage if one in facts.languages)
    guide.knows = [each for each in guide.knows if each.programme_id in programmes] + [
        GuideProgramme(hall_id=facts.hall_id, programme_id=one) for one in sorted(programmes - guide.programme_ids)
    ]
    try:
        with db.session.begin_nested():
            db.session.add(guide)
            db.session.flush()
    except IntegrityError:
        raise AccountTaken from None


def _check_last_day(facts: GuideFacts, today: date) -> None:
    if facts.active:
        if facts.last_day is not None:
            raise LastDayOfActive
    elif facts.last_day is None:
        raise LastDayMissing
    elif facts.last_day > today:
        raise LastDayToCome


def _check_spans(spans: Sequence[tuple[int, time, time]]) -> None:
    """Raise DutyInvalid, whose field is `day_N` for the weekday N."""
    before: dict[int, time] = {}
    for weekday, starts, ends in spans:
        if ends <= starts or starts < before.get(weekday, time.min):
            raise DutyInvalid(f"day_{weekday}")
        before[weekday] = ends


def _replace_duties(guide: Guide, first: date, last: date | None, lines: Iterable[_DutyLine]) -> None:
    """Put lines in the place of a guide's duty on some days; `last` None is no end."""
    unchanged = [line for duty in guide.duties for line in _outside(duty, first, last)]
    names = ("weekday", "starts", "ends", "valid_from", "valid_until")
    guide.duties = [Duty(hall_id=guide.hall_id, **dict(zip(names, line, strict=True))) for line in [*unchanged, *lines]]


def _outside(duty: Duty, first: date, last: date | None) -> list[_DutyLine]:
    """Return the parts of a duty period outside a range of days: one, two, or none."""
    line = (duty.weekday, duty.starts, duty.ends)
    until = duty.valid_until
    if until is not None and until < first:
        return [(*line, duty.valid_from, until)]
    outside: list[_DutyLine] = []
    if duty.valid_from < first:
        outside.append((*line, duty.valid_from, first - timedelta(days=1)))
    if last is not None and last < (until or date.max):
        outside.append((*line, max(duty.valid_from, last + timedelta(days=1)), until))
    return outside


def _record(guide: Guide, action: str, detail: dict[str, Any], *, by: int) -> None:
    record(hall_id=guide.hall_id, staff_id=by, action=action, subject=f"guide {guide.id}", detail=detail)
