"""Admit groups and take admissions back; the transaction is the caller's, writes are flushed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy.exc import NoResultFound

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Permission
from hallapp.booking import absence
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.desk import asking, errors, lookup, merging, queries
from hallapp.desk.commands import Act, Admit, AdmitWalkIn, Done, Outcome, TakeBack
from hallapp.desk.group import Group
from hallapp.desk.merging import Shares
from hallapp.desk.models import ConflictReason, Decision
from hallapp.divisions import DIVISIONS
from hallapp.ledger import closes
from hallapp.ledger.filing import Filing
from hallapp.ledger.ledger import EventExists, append_event, read_ledger
from hallapp.ledger.lines import Ledger, NewEvent
from hallapp.ledger.models import DeskEvent, EventKind, WalkIn
from hallapp.passes import queries as passes

MOST_PEOPLE = 999
CLOCK_AHEAD = timedelta(minutes=5)
OLDEST = timedelta(days=7)
OLDEST_OFFLINE = timedelta(days=31)  # a tablet may lie in a drawer for a while


def admit(command: Admit, *, keys: Sequence[str]) -> Done:
    """Admit a group; the same event id again answers `repeated` with the numbers as they were then.

    `keys` are the deployment's secrets, newest first. It costs seven statements: the pass, the booking with all that
    belongs to it, its ledger, and four to append.

    Raises:
        Unreadable: code, counts or time cannot be read, in one of its kinds.
        Unknown, OtherHall, Replaced: the pass or reference names no booking here.
        Cancelled, NotAgreed, AnotherDay: unless a manager gives a reason. ManagerNeeded: somebody else gave one.
        TooEarly, TooLate: unless a manager gives a reason, or the hall leaves it to the desk and it says `anyway`.
        AlreadyArrived: nobody is still to come, and no counts were given.
        Question: the number of people has to be confirmed first, in one of its kinds.
        EventIdUsed: the id belongs to another act, of another group or kind.
    """
    return _once(command, lambda: _admit(command, keys), lambda group: _means(command, keys, group))


def admit_walk_in(command: AdmitWalkIn) -> Done:
    """Admit people without a booking; the same event id again answers `repeated`.

    Raises:
        Unreadable: programme, counts or time cannot be read, in one of its kinds.
        TooManyWalkIns: the number has to be confirmed first.
        EventIdUsed: the id belongs to another kind of act.
    """
    return _once(command, lambda: _admit_walk_in(command), lambda group: group.walk_in is not None)


def take_back(command: TakeBack) -> Done:
    """Take back one whole admission, on the day on which it was counted; a repeat answers `repeated`.

    Raises:
        UnknownEvent: this hall has no such event.
        NotAnAdmission: it is a take-back itself.
        AlreadyTakenBack: by another act. EventIdUsed: the take-back's own id is taken.
        MonthClosed: the month is closed, and no reason was given; what was done offline is done.
    """
    event = queries.find_event(command.hall_id, command.event_id)
    if event is None:
        raise errors.UnknownEvent
    if event.kind is not EventKind.ADMIT:
        raise errors.NotAnAdmission
    owner = _get_owner(event, lock=True)
    ledger = read_ledger(booking_id=event.booking_id, walk_in_id=event.walk_in_id)
    act = Act(
        hall_id=command.hall_id,
        staff_id=command.staff_id,
        event_id=command.own_id or str(uuid5(NAMESPACE_OID, f"take back {event.hall_id} {event.event_id}")),
        occurred_at=command.occurred_at,
        device=command.device,
        offline=command.offline,
    )
    if queries.find_undoing(event.id) is not None:
        repeated = _find_repeated(act, EventKind.TAKE_BACK, undoes_id=event.id)
        if repeated:
            return repeated
        if command.offline:  # the purpose of the take-back has already been reached
            group = Group.of(owner, ledger)
            return Done(
                outcome=Outcome.REPEATED, event_id=act.event_id, occurred_at=_check_time(act), group=group, counts={}
            )
        raise errors.AlreadyTakenBack
    if not (command.reason or command.offline) and closes.find_past(event.hall_id, event.day, now=clock.now()):
        raise errors.MonthClosed
    try:
        done, ledger = _take_back(act, event, owner, ledger, reason=command.reason)
    except EventExists:
        raise errors.EventIdUsed from None
    if isinstance(owner, Booking):
        ledger = merging.move_up(owner, ledger, staff_id=command.staff_id)
        _follow(owner, ledger, staff_id=command.staff_id)
    if command.reason:
        accounts.record(
            hall_id=command.hall_id,
            staff_id=command.staff_id,
            action="admission_corrected",
            subject=f"booking {owner.id}" if isinstance(owner, Booking) else f"walk_in {owner.id}",
            detail={"day": event.day.isoformat(), "event": command.event_id},
        )
    return replace(done, group=Group.of(owner, ledger))


def _take_back(
    act: Act, event: DeskEvent, owner: Booking | WalkIn, ledger: Ledger, *, reason: str
) -> tuple[Done, Ledger]:
    """Undo an admission with all that was counted of it later, and close what waits of it. Raises EventExists."""
    undone = ledger.of_admission(event.id)
    counts, extra = Counter[str](), Counter[str]()
    for line in undone:
        counts[line.division] -= line.visitors
        extra[line.division] -= line.extra
    occurred_at = _check_time(act)
    undoing = {"day": event.day, "undoes_id": event.id, "reason": reason or None}
    new = _new_event(act, EventKind.TAKE_BACK, owner, occurred_at=occurred_at, **undoing)
    filing = undone[0].filing if undone else _filing(owner, event.occurred_at)
    ledger = append_event(new, merging.without_zeros(counts), filing=filing, ledger=ledger, extra=extra)
    for conflict in queries.list_conflicts_of(event.id):
        if not conflict.decision:
            merging.close(conflict, Decision.TAKEN_BACK, staff_id=act.staff_id)
    db.session.flush()
    return _done(Outcome.TAKEN_BACK, new, Group.of(owner, ledger), counts), ledger


def _admit(command: Admit, keys: Sequence[str]) -> Done:
    occurred_at = _check_time(command)
    booking = _get_booking(command, keys, lock=True)
    ledger = read_ledger(booking_id=booking.id)
    group = Group.of(booking, ledger)
    day = clock.local_day(occurred_at, booking.hall.time_zone)
    hindrance = lookup.find_hindrance(group, occurred_at)
    unknown = _find_unknown(command, booking, hindrance)
    override = None if unknown else _override(command, hindrance)
    counts = _counts(command, group)
    room = ledger.room({origin.division: origin.visitors for origin in booking.origins})
    unknown = unknown or asking.check(command, counts, group, room=room)
    why = {"override": override, "reason": (command.reason or None) if override else None}
    new = _new_event(command, EventKind.ADMIT, booking, occurred_at=occurred_at, day=day, **why)
    filing = _filing(booking, occurred_at)
    shares = Shares(counted={}, extra={}, surplus=counts) if unknown else _share(command, counts, room)
    ledger = append_event(new, shares.counted, filing=filing, ledger=ledger, extra=shares.extra)
    if shares.surplus:
        _keep_conflict(new, shares.surplus, unknown or ConflictReason.SURPLUS)
    _follow(booking, ledger, staff_id=command.staff_id)
    if override and command.reason:
        # The reason stays with the event: free text may name a person, and the trail is kept for long.
        accounts.record(
            hall_id=command.hall_id,
            staff_id=command.staff_id,
            action="admitted_against_rule",
            subject=f"booking {booking.id}",
            detail={"rule": override, "event": command.event_id},
        )
    outcome = Outcome.CONFLICT if shares.surplus else Outcome.ADMITTED
    done = _done(outcome, new, Group.of(booking, ledger), shares.counted)
    reason = (unknown or ConflictReason.SURPLUS) if shares.surplus else None
    return replace(done, unsettled=shares.surplus, conflict=reason)


def _get_booking(command: Admit, keys: Sequence[str], *, lock: bool = False) -> Booking:
    """Return the booking of an admission, by its number where the device knows it. Raises as `lookup.get_booking`."""
    if command.booking_id is None:
        return lookup.get_booking(command.hall_id, command.code, keys, lock=lock)
    booking = queries.find_booking(command.hall_id, booking_id=command.booking_id, lock=lock)
    if booking is None:
        raise errors.Unknown
    return booking


def _find_unknown(command: Admit, booking: Booking, hindrance: errors.Refusal | None) -> ConflictReason | None:
    """Return a fact that the device could not know when it admitted a group offline; a manager must resolve it.

    None for who asked the server, and where a manager has given a reason.
    """
    if command.offline is None or command.reason:
        return None
    if hindrance is not None and not isinstance(hindrance, errors.OutOfTime):
        return ConflictReason(hindrance.code)
    if command.pass_version is not None:
        current = passes.find_current_pass(booking.id)
        if current is None or current.version != command.pass_version:
            return ConflictReason.REPLACED
    return None


def _counts(command: Admit, group: Group) -> dict[str, int]:
    """Return the people to admit: those that were sent, else all who are still to come, as far as the device knew."""
    if command.counts is not None:
        return _check_counts(command.counts, group)
    if command.offline and command.known_to_come is not None:
        return _check_counts(command.known_to_come, group)
    counts = {origin.division: origin.to_come for origin in group.origins if origin.to_come}
    if not counts:
        raise errors.AlreadyArrived(group=group)
    return counts


def _share(command: Admit, counts: Mapping[str, int], room: Mapping[str, int]) -> Shares:
    if command.offline is None:
        return merging.share_all(counts, room=room)  # numbers that may be wrong have been confirmed
    return merging.share(counts, room=room, known=command.known_to_come)


def _keep_conflict(new: NewEvent, surplus: Mapping[str, int], reason: ConflictReason) -> None:
    event = queries.get_event(new.hall_id, new.event_id)
    db.session.add_all(merging.new_conflicts(event, surplus, reason))
    db.session.flush()


def _admit_walk_in(command: AdmitWalkIn) -> Done:
    occurred_at = _check_time(command)
    counts = _check_counts(command.counts)
    offered = queries.list_walk_in_programmes(command.hall_id)
    programme = next((one for one in offered if command.programme in ("", one.slug)), None)
    if programme is None:
        raise errors.InvalidWalkIn
    asking.check_walk_in(command, counts, programme)
    day = clock.local_day(occurred_at, programme.hall.time_zone)
    with db.session.begin_nested():  # no walk-in stays behind where its event turns out to exist
        walk_in = WalkIn(
            hall_id=command.hall_id, programme=programme, kind=command.kind, organisation=command.organisation
        )
        db.session.add(walk_in)
        db.session.flush()
        new = _new_event(command, EventKind.ADMIT, walk_in, occurred_at=occurred_at, day=day)
        ledger = append_event(new, counts, filing=_filing(walk_in, occurred_at), ledger=Ledger())
    return _done(Outcome.ADMITTED, new, Group.of(walk_in, ledger), counts)


def _follow(booking: Booking, ledger: Ledger, *, staff_id: int) -> None:
    """Let the booking's state follow its arrivals, so that no one cancels it or marks it as a no-show."""
    absence.mark_arrived(booking, arrived=ledger.net().total() > 0, by=by_staff(staff_id))


def _once(act: Act, do: Callable[[], Done], concerns: Callable[[Group], bool]) -> Done:
    """Do an act, or repeat its answer if it was done already; `concerns` says whether it means the same group.

    The repeat is checked last, to keep the usual way fast: a repeat fails by its id, or by what has changed since.
    """
    try:
        return do()
    except (errors.Refusal, EventExists) as refused:
        repeated = _find_repeated(act, EventKind.ADMIT)
        if repeated and concerns(repeated.group):
            return repeated
        raise (errors.EventIdUsed() if isinstance(refused, EventExists) else refused) from None


def _means(command: Admit, keys: Sequence[str], group: Group) -> bool:
    """Return whether an admission is of this group, as far as its code can be read; the pass may have been replaced."""
    try:
        return group.booking is not None and _get_booking(command, keys).id == group.booking.id
    except errors.Refusal:
        return True


def _find_repeated(act: Act, kind: EventKind, *, undoes_id: int | None = None) -> Done | None:
    """Return the answer to an act that was done before, as it was given then; or None."""
    event = queries.find_event(act.hall_id, act.event_id)
    if event is None or event.kind is not kind or event.undoes_id != undoes_id:
        return None
    ledger = read_ledger(booking_id=event.booking_id, walk_in_id=event.walk_in_id).until(event.id)
    conflicts = queries.list_conflicts_of(event.id) if event.snapshot_at else []
    return Done(
        outcome=Outcome.REPEATED,
        event_id=event.event_id,
        occurred_at=event.occurred_at,
        group=Group.of(_get_owner(event), ledger),
        counts={line.division: line.visitors for line in ledger.of_event(event.id)},
        unsettled={one.division: one.open for one in conflicts if one.open},
        conflict=next((one.reason for one in conflicts if one.open), None),
    )


def _new_event(act: Act, kind: EventKind, owner: Booking | WalkIn, **more: Any) -> NewEvent:
    if act.offline:
        more |= {
            "snapshot_at": act.offline.snapshot_at,
            "device_at": act.offline.device_at,
        }
    return NewEvent(
        hall_id=act.hall_id,
        event_id=act.event_id,
        kind=kind,
        staff_id=act.staff_id,
        received_at=clock.now(),
        device=act.device or None,
        booking_id=owner.id if isinstance(owner, Booking) else None,
        walk_in_id=owner.id if isinstance(owner, WalkIn) else None,
        **more,
    )


def _filing(owner: Booking | WalkIn, occurred_at: datetime) -> Filing:
    """Return the attributes under which people of a booking or walk-in who come at a moment are counted."""
    if isinstance(owner, Booking):
        return merging.file_booking(owner, occurred_at)
    return Filing.of(owner, occurred_at=occurred_at, time_zone=owner.programme.hall.time_zone)


def _done(outcome: Outcome, event: NewEvent, group: Group, counts: Mapping[str, int]) -> Done:
    return Done(outcome=outcome, event_id=event.event_id, occurred_at=event.occurred_at, group=group, counts=counts)


def _get_owner(event: DeskEvent, *, lock: bool = False) -> Booking | WalkIn:
    """Return the booking or walk-in of an event. Raises NoResultFound, which the foreign keys keep from happening."""
    if event.walk_in_id is not None:
        return queries.get_walk_in(event.walk_in_id, lock=lock)
    booking = queries.find_booking(event.hall_id, booking_id=event.booking_id, lock=lock)
    if booking is None:
        raise NoResultFound
    return booking


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


def _check_time(act: Act) -> datetime:
    """Return the time of the act: the device's where plausible; now where it gives none.

    An act that was done offline stays done, however fast the device's clock was: it did not happen later than now.
    """
    now = clock.now()
    if act.occurred_at is None:
        return now
    if act.occurred_at > now + CLOCK_AHEAD and not act.offline:
        raise errors.TimeInFuture
    if act.occurred_at < now - (OLDEST_OFFLINE if act.offline else OLDEST):
        raise errors.TimeTooOld
    return min(act.occurred_at, now) if act.offline else act.occurred_at


def _check_counts(counts: Mapping[str, int], group: Group | None = None) -> dict[str, int]:
    """Return the counts without zeros; they must be whole numbers, of known divisions, and not empty."""
    given = {division: people for division, people in counts.items() if people != 0}
    fine = given.keys() <= DIVISIONS.keys() and all(type(people) is int and people > 0 for people in given.values())
    if not (given and fine and sum(given.values()) <= MOST_PEOPLE):
        raise errors.InvalidCounts(group=group)
    return given
