"""Admit groups and take admissions back; the transaction is the caller's, writes are flushed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy.exc import NoResultFound

from hallapp.accounts import service as accounts
from hallapp.accounts.models import Role
from hallapp.booking import absence
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, OrganisationKind
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.desk import errors, group, ledger, lookup, queries
from hallapp.desk.group import Group
from hallapp.desk.ledger import EventExists, Filing, Ledger, NewEvent
from hallapp.desk.models import DeskEvent, EventKind, WalkIn
from hallapp.divisions import DIVISIONS

MOST_PEOPLE = 999
CLOCK_AHEAD = timedelta(minutes=5)
OLDEST = timedelta(days=7)


class Outcome(StrEnum):
    """What became of an act that was not refused."""

    ADMITTED = "admitted"
    TAKEN_BACK = "taken_back"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The answer to an act: `counts` are the people it moved, by division, and `group` stands as it stood after it."""

    outcome: Outcome
    event_id: str
    occurred_at: datetime
    group: Group
    counts: Mapping[str, int]

    @property
    def visitors(self) -> int:
        """People moved by the act, never negative."""
        return abs(sum(self.counts.values()))

    @property
    def is_take_back(self) -> bool:
        """Whether the act took people back, now or before."""
        return sum(self.counts.values()) < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What every act at the desk tells: who does it, where, when (None: now), and the id that the device gave it."""

    hall_id: int
    staff_id: int
    event_id: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit(Act):
    """Admit a group by its pass or reference.

    `counts` are people by division; None means all who are booked and have not arrived. A `reason` lets a manager
    (`role`) admit what is refused otherwise, where sense allows.
    """

    code: str
    role: Role
    counts: Mapping[str, int] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitWalkIn(Act):
    """Admit people who come without a booking; `organisation` is empty for individuals.

    `programme` is a slug; empty means the first one that needs no guide, or else the first.
    """

    programme: str = ""
    kind: OrganisationKind = OrganisationKind.INDIVIDUAL
    organisation: str = ""
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """Take an admission back. Without an id of its own (`own_id`) it gets one that follows from the admission's."""

    hall_id: int
    staff_id: int
    event_id: str
    own_id: str | None = None


def admit(command: Admit, *, keys: Sequence[str]) -> Done:
    """Admit a group; the same event id again answers `repeated` with the numbers as they were then.

    `keys` are the deployment's secrets, newest first. It costs seven statements: the pass, the booking with all that
    belongs to it, its ledger, and four to append.

    Raises:
        Unreadable: code, counts or time cannot be read, in one of its kinds.
        Unknown, OtherHall, Replaced: the pass or reference names no booking here.
        Cancelled, AnotherDay: unless a manager gives a reason. ManagerNeeded: somebody else gave one.
        AlreadyArrived: nobody is still to come, and no counts were given.
        EventIdUsed: the id belongs to another act, of another group or kind.
    """
    return _once(command, lambda: _admit(command, keys), lambda who: _means(command, keys, who))


def admit_walk_in(command: AdmitWalkIn) -> Done:
    """Admit people without a booking; the same event id again answers `repeated`.

    Raises:
        Unreadable: programme, counts or time cannot be read, in one of its kinds.
        EventIdUsed: the id belongs to another kind of act.
    """
    return _once(command, lambda: _admit_walk_in(command), lambda who: who.walk_in is not None)


def take_back(command: TakeBack) -> Done:
    """Take one admission back whole, on the day on which it stands; the same take-back again answers `repeated`.

    Raises:
        UnknownEvent: this hall has no such event.
        NotAnAdmission: it is a take-back itself.
        AlreadyTakenBack: by another act. EventIdUsed: the take-back's own id is taken.
    """
    event = queries.find_event(command.hall_id, command.event_id)
    if event is None:
        raise errors.UnknownEvent
    if event.kind is not EventKind.ADMIT:
        raise errors.NotAnAdmission
    owner = _get_owner(event, lock=True)
    kept = ledger.read(booking_id=event.booking_id, walk_in_id=event.walk_in_id)
    act = Act(
        hall_id=command.hall_id,
        staff_id=command.staff_id,
        event_id=command.own_id or str(uuid5(NAMESPACE_OID, f"take back {event.hall_id} {event.event_id}")),
    )
    if kept.find_undoing(event.id) is not None:
        repeated = _find_repeated(act, EventKind.TAKE_BACK, undoes_id=event.id)
        if repeated:
            return repeated
        raise errors.AlreadyTakenBack
    undone = kept.of_event(event.id)
    counts = {line.division: -line.visitors for line in undone}
    new = _new_event(act, EventKind.TAKE_BACK, owner, occurred_at=clock.now(), day=event.day, undoes_id=event.id)
    try:
        kept = ledger.append(new, counts, filing=undone[0].filing, ledger=kept)
    except EventExists:
        raise errors.EventIdUsed from None
    if isinstance(owner, Booking):
        _follow(owner, kept, staff_id=command.staff_id)
    return _done(Outcome.TAKEN_BACK, new, group.of(owner, kept), counts)


def _admit(command: Admit, keys: Sequence[str]) -> Done:
    occurred_at = _check_time(command)
    booking = lookup.get_booking(command.hall_id, command.code, keys, lock=True)
    kept = ledger.read(booking_id=booking.id)
    who = group.of(booking, kept)
    day = clock.local_day(occurred_at, booking.hall.time_zone)
    override = _override(command, lookup.find_hindrance(who, day))
    if command.counts is None:
        counts = {origin.division: origin.to_come for origin in who.origins if origin.to_come}
        if not counts:
            raise errors.AlreadyArrived(group=who)
    else:
        counts = _check_counts(command.counts, who)
    why = {"override": override, "reason": command.reason if override else None}
    new = _new_event(command, EventKind.ADMIT, booking, occurred_at=occurred_at, day=day, **why)
    filing = Filing(programme_id=booking.slot.programme_id, kind=booking.kind)
    kept = ledger.append(new, counts, filing=filing, ledger=kept)
    _follow(booking, kept, staff_id=command.staff_id)
    if override:  # the reason stays with the event: free words may name somebody, and the trail is kept for long
        accounts.record(
            hall_id=command.hall_id,
            staff_id=command.staff_id,
            action="admitted_against_rule",
            subject=f"booking {booking.id}",
            detail={"rule": override, "event": command.event_id},
        )
    return _done(Outcome.ADMITTED, new, group.of(booking, kept), counts)


def _admit_walk_in(command: AdmitWalkIn) -> Done:
    occurred_at = _check_time(command)
    counts = _check_counts(command.counts)
    offered = queries.list_walk_in_programmes(command.hall_id)
    programme = next((one for one in offered if command.programme in ("", one.slug)), None)
    if programme is None:
        raise errors.InvalidWalkIn
    day = clock.local_day(occurred_at, programme.hall.time_zone)
    with db.session.begin_nested():  # no walk-in stays behind where its event turns out to exist
        walk_in = WalkIn(
            hall_id=command.hall_id, programme=programme, kind=command.kind, organisation=command.organisation
        )
        db.session.add(walk_in)
        db.session.flush()
        new = _new_event(command, EventKind.ADMIT, walk_in, occurred_at=occurred_at, day=day)
        filing = Filing(programme_id=programme.id, kind=command.kind)
        kept = ledger.append(new, counts, filing=filing, ledger=Ledger())
    return _done(Outcome.ADMITTED, new, group.of(walk_in, kept), counts)


def _follow(booking: Booking, kept: Ledger, *, staff_id: int) -> None:
    """Let the booking's state say whether somebody of it is in: so nobody cancels it, or marks it as absent."""
    absence.mark_arrived(booking, arrived=kept.net().total() > 0, by=by_staff(staff_id))


def _once(act: Act, do: Callable[[], Done], concerns: Callable[[Group], bool]) -> Done:
    """Do an act, or answer as before where it was done already; `concerns` says whether it means the group of then.

    Asked last, so that the usual way does not pay for it: a repeat is refused by its id or for what has changed since.
    """
    try:
        return do()
    except (errors.Refusal, EventExists) as refused:
        repeated = _find_repeated(act, EventKind.ADMIT)
        if repeated and concerns(repeated.group):
            return repeated
        raise (errors.EventIdUsed() if isinstance(refused, EventExists) else refused) from None


def _means(command: Admit, keys: Sequence[str], who: Group) -> bool:
    """Whether an admission means this group, as far as its code can be read: a pass may have been replaced since."""
    try:
        return who.booking is not None and lookup.get_booking(command.hall_id, command.code, keys).id == who.booking.id
    except errors.Refusal:
        return True


def _find_repeated(act: Act, kind: EventKind, *, undoes_id: int | None = None) -> Done | None:
    """The answer to an act that was done before, as it was given then; or None."""
    event = queries.find_event(act.hall_id, act.event_id)
    if event is None or event.kind is not kind or event.undoes_id != undoes_id:
        return None
    kept = ledger.read(booking_id=event.booking_id, walk_in_id=event.walk_in_id).until(event.id)
    return Done(
        outcome=Outcome.REPEATED,
        event_id=event.event_id,
        occurred_at=event.occurred_at,
        group=group.of(_get_owner(event), kept),
        counts={line.division: line.visitors for line in kept.of_event(event.id)},
    )


def _new_event(act: Act, kind: EventKind, owner: Booking | WalkIn, **more: Any) -> NewEvent:
    return NewEvent(
        hall_id=act.hall_id,
        event_id=act.event_id,
        kind=kind,
        staff_id=act.staff_id,
        received_at=clock.now(),
        booking_id=owner.id if isinstance(owner, Booking) else None,
        walk_in_id=owner.id if isinstance(owner, WalkIn) else None,
        **more,
    )


def _done(outcome: Outcome, event: NewEvent, who: Group, counts: Mapping[str, int]) -> Done:
    return Done(outcome=outcome, event_id=event.event_id, occurred_at=event.occurred_at, group=who, counts=counts)


def _get_owner(event: DeskEvent, *, lock: bool = False) -> Booking | WalkIn:
    """The booking or walk-in of an event. Raises NoResultFound, which the foreign keys keep from happening."""
    if event.walk_in_id is not None:
        return queries.get_walk_in(event.walk_in_id, lock=lock)
    booking = queries.find_booking(event.hall_id, booking_id=event.booking_id, lock=lock)
    if booking is None:
        raise NoResultFound
    return booking


def _override(command: Admit, hindrance: errors.Refusal | None) -> str | None:
    """The code of the rule that a manager sets aside, or None where nothing is in the way. Raises the refusal."""
    if hindrance is None:
        return None
    if not command.reason:
        raise hindrance
    if not command.role.includes(Role.MANAGER):
        raise errors.ManagerNeeded(group=hindrance.group)
    return hindrance.code


def _check_time(act: Act) -> datetime:
    """When the act happened: as the device says, within reason; now where it says nothing."""
    now = clock.now()
    if act.occurred_at is None:
        return now
    if act.occurred_at > now + CLOCK_AHEAD:
        raise errors.TimeInFuture
    if act.occurred_at < now - OLDEST:
        raise errors.TimeTooOld
    return act.occurred_at


def _check_counts(counts: Mapping[str, int], who: Group | None = None) -> dict[str, int]:
    """The counts without their zeros; somebody must be left, of known divisions, in whole numbers (a bool is none)."""
    given = {division: people for division, people in counts.items() if people != 0}
    fine = given.keys() <= DIVISIONS.keys() and all(type(people) is int and people > 0 for people in given.values())
    if not (given and fine and sum(given.values()) <= MOST_PEOPLE):
        raise errors.InvalidCounts(group=who)
    return given
