"""The changes of an action at the desk: a pure function of the command and of the data loaded for it.

`decide` answers with the changes to be stored, or raises a refusal; a question is a refusal that can be confirmed. The
same event id again changes nothing and gives the answer of then. `apply` lets a batch go on from the changed facts.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import singledispatch
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, uuid5

from hallapp.accounts.roles import Permission
from hallapp.booking.lifecycle import state_after
from hallapp.booking.models import BookingState
from hallapp.desk import asking, by_category, errors, hindrances, merging
from hallapp.desk.checks import check_counts, check_time
from hallapp.desk.commands import Act, Admit, AdmitWalkIn, Command, Done, Outcome, TakeBack
from hallapp.desk.facts import BookingFacts, ConflictFacts, Facts, GroupFacts, Owner, WalkInFacts, key_of
from hallapp.desk.group import Group
from hallapp.desk.merging import Shares
from hallapp.desk.models import ConflictReason, Decision
from hallapp.ledger.filing import Filing, week_hour
from hallapp.ledger.lines import Entry, NewEvent, StoredEvent, sum_categories
from hallapp.ledger.models import EventKind, Way
from hallapp.origins.values import OriginSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An entry of the audit trail; `detail` holds no personal data."""

    action: str
    detail: Mapping[str, Any]


class Step(NamedTuple):
    """The state of a booking before and after."""

    before: BookingState
    after: BookingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The stored changes of an action, and its answer `done`; an action that was done before has no entries.

    `group` is the group after it. `conflicts` are new or changed ones, `walk_in` is a new walk-in, `step` the change of
    a booking's state where there is one.
    """

    done: Done
    staff_id: int
    group: GroupFacts | None = None
    entries: tuple[Entry, ...] = ()
    conflicts: tuple[ConflictFacts, ...] = ()
    walk_in: WalkInFacts | None = None
    step: Step | None = None
    note: Note | None = None


@singledispatch
def decide(command: Command, facts: Facts) -> Changes:
    """Return what an act changes.

    Raises:
        errors.Refusal: why it is not done, in one of its kinds; `service` lists them.
    """
    raise TypeError(command)


def apply(changes: Changes, facts: Facts) -> None:
    """Let facts be as they are after the changes."""
    if changes.group is None:
        return
    facts.groups[key_of(changes.group.owner)] = changes.group
    for entry in changes.entries:
        facts.events[entry.event.event_id] = stored_event(entry, staff=facts.staff)
        facts.next_number = entry.event.number + 1


@decide.register
def _(command: Admit, facts: Facts) -> Changes:
    meant = facts.bookings[command.target]
    repeated = _find_repeated(command, facts, meant if isinstance(meant, int) else None)
    if repeated:
        return repeated
    occurred_at = check_time(command, facts.now)
    if not isinstance(meant, int):
        raise meant
    known = facts.groups[meant]
    booking, group = _booking_of(known), Group.of(known.owner, known.ledger)
    hindrance = hindrances.find(group, occurred_at)
    if isinstance(hindrance, errors.TakesPlaceOnline):
        raise hindrance  # also for a device that was offline: a conflict could be settled as visitors
    unknown = _find_unknown(command, booking, hindrance)
    override = None if unknown else _override(command, hindrance)
    counts = _counts(command, facts.hall.origins, group)
    unknown = unknown or asking.check(command, counts, known, group)
    _check_unused(command, facts)
    shares = Shares(counted={}, extra={}, surplus=counts) if unknown else _share(command, counts, known.room)
    why: dict[str, Any] = {"override": override, "reason": (command.reason or None) if override else None}
    event = _new_event(command, EventKind.ADMIT, booking, facts, occurred_at, **why)
    conflict = (unknown or ConflictReason.SURPLUS) if shares.surplus else None
    filing = _file(booking, occurred_at)
    categories = {} if shares.surplus else by_category.of_admission(command, counts, known, facts.hall)
    changes = _entered(
        command, known, event, shares.counted, facts, filing=filing, extra=shares.extra, categories=categories
    )
    return follow(
        replace(
            changes,
            conflicts=_new_conflicts(event, shares.surplus, conflict) if conflict else (),
            note=_note_override(command, override),
            done=replace(
                changes.done,
                outcome=Outcome.CONFLICT if conflict else Outcome.ADMITTED,
                unsettled=shares.surplus,
                conflict=conflict,
            ),
        )
    )


@decide.register
def _(command: AdmitWalkIn, facts: Facts) -> Changes:
    repeated = _find_repeated(command, facts, None)
    if repeated:
        return repeated
    occurred_at = check_time(command, facts.now)
    counts = check_counts(command.counts, facts.hall.origins)
    programme = facts.hall.find_walk_in(command.programme)
    # A kind that was retired meanwhile is counted: a device without a network may have offered it for hours.
    if programme is None or command.kind not in facts.hall.kinds:
        raise errors.InvalidWalkIn
    asking.check_walk_in(command, counts, programme, blocked=command.organisation in facts.blocked)
    _check_unused(command, facts)
    walk_in = WalkInFacts(
        id=facts.next_number,
        hall=facts.hall,
        programme=programme,
        kind=command.kind,
        organisation=command.organisation,
    )
    event = _new_event(command, EventKind.ADMIT, walk_in, facts, occurred_at)
    filing = _file(walk_in, occurred_at)
    categories = by_category.of_given(command, counts, facts.hall)
    changes = _entered(command, GroupFacts(owner=walk_in), event, counts, facts, filing=filing, categories=categories)
    return replace(changes, walk_in=walk_in)


@decide.register
def _(command: TakeBack, facts: Facts) -> Changes:
    event = facts.events.get(command.event_id)
    if event is None:
        raise errors.UnknownEvent
    if event.kind is not EventKind.ADMIT:
        raise errors.NotAnAdmission
    known, act = facts.group_of(event), _act_of(command)
    undoing = known.find_undoing(event)
    if undoing is not None:
        return _taken_back_before(act, known, undoing, facts)
    if not (command.reason or command.offline) and event.day.replace(day=1) in facts.closed:
        raise errors.MonthClosed
    occurred_at = check_time(act, facts.now)
    if act.event_id in facts.events:
        raise errors.EventIdUsed
    changes = _take_back(act, known, event, facts, occurred_at, reason=command.reason)
    if isinstance(known.owner, BookingFacts):
        changes = follow(_move_up(changes, facts))
    if command.reason:
        detail = {"day": event.day.isoformat(), "event": command.event_id}
        changes = replace(changes, note=Note(action="admission_corrected", detail=detail))
    return changes


def _act_of(command: TakeBack) -> Act:
    """Return the take-back as an act of its own; without an id it gets one that follows from the admission's."""
    own_id = command.own_id or str(uuid5(NAMESPACE_OID, f"take back {command.hall_id} {command.event_id}"))
    return Act(
        hall_id=command.hall_id,
        staff_id=command.staff_id,
        event_id=own_id,
        occurred_at=command.occurred_at,
        device=command.device,
        offline=command.offline,
    )


def _taken_back_before(act: Act, known: GroupFacts, undoing: StoredEvent, facts: Facts) -> Changes:
    """Return the answer to a take-back of what has been taken back: the same act, or another device's."""
    if undoing.event_id == act.event_id:
        return _repeat(act, known, undoing)
    if act.offline is None:
        raise errors.AlreadyTakenBack
    done = Done(  # the purpose of the take-back has already been reached
        outcome=Outcome.REPEATED,
        event_id=act.event_id,
        occurred_at=check_time(act, facts.now),
        group=Group.of(known.owner, known.ledger),
        counts={},
    )
    return Changes(done=done, staff_id=act.staff_id)


def _take_back(
    act: Act, known: GroupFacts, event: StoredEvent, facts: Facts, occurred_at: datetime, *, reason: str
) -> Changes:
    """Undo an admission with all that was counted of it later, and close what waits of it."""
    undone = known.ledger.of_admission(event.number)
    counts, extra = Counter[str](), Counter[str]()
    for line in undone:
        counts[line.division] -= line.visitors
        extra[line.division] -= line.extra
    undoes: dict[str, Any] = {"day": event.day, "undoes_id": event.number, "reason": reason or None}
    new = _new_event(act, EventKind.TAKE_BACK, known.owner, facts, occurred_at, **undoes)
    filing = undone[0].filing if undone else _file(known.owner, event.occurred_at)
    waiting = tuple(one for one in known.conflicts_of(event) if not one.decision)
    categories = {category: -people for category, people in sum_categories(undone).items() if people}
    moved = merging.without_zeros(counts)
    changes = _entered(act, known, new, moved, facts, filing=filing, extra=extra, categories=categories)
    return replace(
        changes,
        conflicts=tuple(replace(one, decision=Decision.TAKEN_BACK) for one in waiting),
        done=replace(changes.done, outcome=Outcome.TAKEN_BACK, counts=counts),
    )


def _move_up(changes: Changes, facts: Facts) -> Changes:
    """Count conflicts of a booking into the places that a take-back has freed, the oldest first."""
    known = _group_after(changes)
    for event in known.events:
        waiting = [one for one in known.conflicts_of(event) if one.open and one.reason is ConflictReason.SURPLUS]
        room = known.room
        fitting = {one.division: min(one.open, room[one.division]) for one in waiting}
        if not any(fitting.values()):
            continue
        moved = tuple(replace(one, counted=one.counted + fitting[one.division]) for one in waiting)
        changes = count_later(
            changes, known, event, merging.without_zeros(fitting), facts=facts, conflicts=tuple(map(_settled, moved))
        )
        known = _group_after(changes)
    return changes


def _settled(conflict: ConflictFacts) -> ConflictFacts:
    return conflict if conflict.open else replace(conflict, decision=Decision.COUNTED)


def count_later(
    changes: Changes,
    known: GroupFacts,
    event: StoredEvent,
    counts: Mapping[str, int],
    *,
    facts: Facts,
    conflicts: tuple[ConflictFacts, ...] = (),
    extra: Mapping[str, int] | None = None,
) -> Changes:
    """Return changes that also count people of an offline admission after it, on its own day."""
    number = max([facts.next_number - 1, *(entry.event.number for entry in changes.entries)]) + 1
    new = NewEvent(
        number=number,
        hall_id=facts.hall.id,
        event_id=str(uuid5(NAMESPACE_OID, f"count {facts.hall.id} {event.event_id} {len(known.events)}")),
        kind=EventKind.COUNT,
        staff_id=changes.staff_id,
        day=event.day,
        occurred_at=event.occurred_at,
        received_at=facts.now,
        booking_id=event.booking_id,
        party=known.owner.party if isinstance(known.owner, BookingFacts) else None,
        counts_id=event.number,
    )
    lines = known.ledger.of_admission(event.number)  # filed as its other people, else as the booking is now
    filing = lines[0].filing if lines else _file(known.owner, event.occurred_at)
    entry = Entry(new, known.ledger.with_event(new, counts, filing=filing, extra=extra))
    after = replace(known, events=(*known.events, stored_event(entry, staff=facts.staff)))
    return replace(
        changes,
        entries=(*changes.entries, entry),
        conflicts=(*changes.conflicts, *conflicts),
        group=after.with_conflicts(conflicts),
        done=replace(changes.done, group=Group.of(known.owner, after.ledger)),
    )


def _find_repeated(act: Act, facts: Facts, booking_id: int | None) -> Changes | None:
    """Return the answer of then where an admission of this group was done before; or None.

    `booking_id` is None where the code means no booking now, as when the pass has been replaced since.
    """
    event = facts.events.get(act.event_id)
    if event is None or event.kind is not EventKind.ADMIT:
        return None
    if isinstance(act, AdmitWalkIn):
        concerns = event.walk_in_id is not None
    else:
        concerns = event.booking_id is not None and booking_id in (None, event.booking_id)
    return _repeat(act, facts.group_of(event), event) if concerns else None


def _repeat(act: Act, known: GroupFacts, event: StoredEvent) -> Changes:
    conflicts = [one for one in known.conflicts_of(event) if one.open]
    done = Done(
        outcome=Outcome.REPEATED,
        event_id=event.event_id,
        occurred_at=event.occurred_at,
        group=Group.of(known.owner, known.ledger.until(event.number)),
        counts={line.division: line.visitors for line in event.lines},
        unsettled={one.division: one.open for one in conflicts},
        conflict=conflicts[0].reason if conflicts else None,
    )
    return Changes(done=done, staff_id=act.staff_id)


def _check_unused(act: Act, facts: Facts) -> None:
    if act.event_id in facts.events:
        raise errors.EventIdUsed


def _find_unknown(command: Admit, booking: BookingFacts, hindrance: errors.Refusal | None) -> ConflictReason | None:
    """Return a fact that the device could not know when it admitted a group offline; a manager must resolve it.

    None for who asked the server, and where a manager has given a reason.
    """
    if command.offline is None or command.reason:
        return None
    if hindrance is not None and not isinstance(hindrance, errors.OutOfTime):
        return ConflictReason(hindrance.code)
    if command.pass_version is not None and command.pass_version != booking.pass_version:
        return ConflictReason.REPLACED
    return None


def _counts(command: Admit, origins: OriginSet, group: Group) -> dict[str, int]:
    """Return the people to admit: those that were sent, else all who are still to come, as far as the device knew."""
    if command.counts is not None:
        return check_counts(command.counts, origins, group)
    if command.offline and command.known_to_come is not None:
        return check_counts(command.known_to_come, origins, group)
    counts = {origin.division: origin.to_come for origin in group.origins if origin.to_come}
    if not counts:
        raise errors.AlreadyArrived(group=group)
    return counts


def _share(command: Admit, counts: Mapping[str, int], room: Mapping[str, int]) -> Shares:
    if command.offline is None:
        return merging.share_all(counts, room=room)  # numbers that may be wrong have been confirmed
    return merging.share(counts, room=room, known=command.known_to_come)


def _override(command: Admit, hindrance: errors.Refusal | None) -> str | None:
    """Return the code of the overridden rule, or None where there was no obstacle. Raises the refusal.

    A manager overrides a rule with a reason. A group admitted offline outside its time is in the hall already: the
    event records this. Where the hall only wants a warning, any user of the desk overrides it.
    """
    if hindrance is None:
        return None
    if isinstance(hindrance, errors.OutOfTime) and not command.reason:
        was_let_in = command.offline is not None or command.noted
        if was_let_in or (command.anyway and hindrance.confirmable):
            return hindrance.code
    if not command.reason:
        raise hindrance
    if not command.role.may(Permission.DESK_OVERRIDE):
        raise errors.ManagerNeeded(group=hindrance.group)
    return hindrance.code


def _note_override(command: Admit, override: str | None) -> Note | None:
    """Return the trail's entry; the reason stays with the event: it may name a person, and the trail is kept long."""
    if not (override and command.reason):
        return None
    return Note(action="admitted_against_rule", detail={"rule": override, "event": command.event_id})


def _new_conflicts(event: NewEvent, surplus: Mapping[str, int], reason: ConflictReason) -> tuple[ConflictFacts, ...]:
    return tuple(
        ConflictFacts(event=event.number, division=division, visitors=people, counted=0, reason=reason)
        for division, people in sorted(surplus.items())
    )


def _entered(
    act: Act,
    known: GroupFacts,
    event: NewEvent,
    counts: Mapping[str, int],
    facts: Facts,
    *,
    filing: Filing,
    extra: Mapping[str, int] | None = None,
    categories: Mapping[int, int] | None = None,
) -> Changes:
    """Return the changes of one event that enters the ledger."""
    after = known.ledger.with_event(event, counts, filing=filing, extra=extra, categories=categories)
    entry = Entry(event, after)
    return Changes(
        done=Done(
            outcome=Outcome.ADMITTED,
            event_id=event.event_id,
            occurred_at=event.occurred_at,
            group=Group.of(known.owner, entry.after),
            counts=counts,
        ),
        staff_id=act.staff_id,
        group=replace(known, events=(*known.events, stored_event(entry, staff=facts.staff))),
        entries=(entry,),
    )


def follow(changes: Changes) -> Changes:
    """Let the booking's state follow its arrivals, so that no one cancels it or marks it as a no-show."""
    known = _group_after(changes)
    booking = _booking_of(known)
    state = state_after(booking.state, arrived=known.ledger.net().total() > 0)
    if state is None:
        return replace(changes, group=known)
    step, booking = Step(booking.state, state), replace(booking, state=state)
    done = replace(changes.done, group=replace(changes.done.group, booking=booking))
    return replace(changes, step=step, group=replace(known, owner=booking), done=done)


def _group_after(changes: Changes) -> GroupFacts:
    if changes.group is None:
        raise ValueError("nothing is changed")
    return changes.group.with_conflicts(changes.conflicts)


def stored_event(entry: Entry, *, staff: str) -> StoredEvent:
    """Return a new event as it is found once it is written."""
    event = entry.event
    values = {one.name: getattr(event, one.name) for one in fields(StoredEvent) if one.name not in ("staff", "lines")}
    return StoredEvent(**values, staff=staff, lines=entry.lines)


def _new_event(
    act: Act,
    kind: EventKind,
    owner: Owner,
    facts: Facts,
    occurred_at: datetime,
    *,
    day: date | None = None,
    **more: Any,
) -> NewEvent:
    """Return an act as an event to be; its day is the one on which it occurred, unless another is given."""
    return NewEvent(
        number=facts.next_number,
        hall_id=act.hall_id,
        event_id=act.event_id,
        kind=kind,
        staff_id=act.staff_id,
        day=day or facts.hall.day_of(occurred_at),
        occurred_at=occurred_at,
        received_at=facts.now,
        device=act.device or None,
        booking_id=owner.id if isinstance(owner, BookingFacts) else None,
        walk_in_id=owner.id if isinstance(owner, WalkInFacts) else None,
        party=owner.party if isinstance(owner, BookingFacts) else None,
        snapshot_at=act.offline.snapshot_at if act.offline else None,
        device_at=act.offline.device_at if act.offline else None,
        **more,
    )


def _file(owner: Owner, occurred_at: datetime) -> Filing:
    """Return the attributes under which people of a booking or walk-in who come at a moment are counted."""
    booking = owner if isinstance(owner, BookingFacts) else None
    programme = owner.slot.programme if isinstance(owner, BookingFacts) else owner.programme
    return Filing.made(
        programme_id=programme.id,
        kind=owner.kind,
        source=booking.source if booking else Way.WALK_IN,
        organisation=owner.organisation,
        guides=booking.guides if booking else programme.guides,
        tour_language=booking.tour_language if booking else None,
        guide_id=booking.guide_id if booking else None,
        week_hour=week_hour(occurred_at, owner.hall.time_zone),
    )


def _booking_of(known: GroupFacts) -> BookingFacts:
    if not isinstance(known.owner, BookingFacts):
        raise TypeError("a walk-in has no booking")
    return known.owner
