"""Settle conflicts: a manager says whether people were more than were counted, or the same ones scanned twice."""

from dataclasses import dataclass, replace

from hallapp.desk import errors, load, merging
from hallapp.desk.commands import Done, Outcome
from hallapp.desk.decide import Changes, Note, count_later, follow
from hallapp.desk.facts import Facts, GroupFacts
from hallapp.desk.group import Group
from hallapp.desk.models import ConflictReason, Decision
from hallapp.desk.store import store
from hallapp.ledger.lines import StoredEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Count or drop all that is open of one offline admission, named by its event."""

    hall_id: int
    staff_id: int
    event_id: str
    decision: Decision


def settle(command: Settle) -> None:
    """Carry a manager's decision out, on the day of the admission; needs a transaction.

    Raises:
        UnknownEvent: this hall has no such admission of a booking.
        AlreadySettled: nothing of it is open.
    """
    facts = load.load_events(command.hall_id, {command.event_id})
    store([decide(command, facts)], facts)


def decide(command: Settle, facts: Facts) -> Changes:
    """Return what a manager's decision changes. Raises as `settle`."""
    event = facts.events.get(command.event_id)
    if event is None or event.booking_id is None:
        raise errors.UnknownEvent
    known = facts.group_of(event)
    waiting = [one for one in known.conflicts_of(event) if one.open]
    if not waiting:
        raise errors.AlreadySettled
    counts = {one.division: one.open for one in waiting}
    counted = command.decision is Decision.COUNTED
    settled = tuple(
        replace(one, counted=one.visitors if counted else one.counted, decision=command.decision) for one in waiting
    )
    detail = {"decision": command.decision.value, "people": sum(counts.values()), "event": event.event_id}
    changes = Changes(
        done=_done(event, known),
        staff_id=command.staff_id,
        group=known.with_conflicts(settled),
        conflicts=settled,
        note=Note(action="conflict_settled", detail=detail),
    )
    if not counted:
        return changes
    # Surplus people are beyond the booking by the manager's word; others take its places as far as there are any.
    room = {} if waiting[0].reason is ConflictReason.SURPLUS else known.room
    extra = merging.share_all(counts, room=room).extra
    return follow(count_later(changes, known.with_conflicts(settled), event, counts, facts=facts, extra=extra))


def _done(event: StoredEvent, known: GroupFacts) -> Done:
    group = Group.of(known.owner, known.ledger)
    return Done(
        outcome=Outcome.ADMITTED, event_id=event.event_id, occurred_at=event.occurred_at, group=group, counts={}
    )
