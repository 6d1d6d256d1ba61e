"""Store what was decided: the events with their lines, what follows from them, and the figures last of all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, insert, update

from hallapp.accounts import service as accounts
from hallapp.booking import absence, lifecycle
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, BookingState
from hallapp.core import database
from hallapp.core.database import db, number_rows, upsert
from hallapp.core.prepared import Prepared
from hallapp.desk import signals
from hallapp.desk.decide import Changes
from hallapp.desk.facts import BookingFacts, Facts
from hallapp.desk.models import DeskConflict
from hallapp.ledger import ledger
from hallapp.ledger.ledger import EventExists
from hallapp.ledger.lines import Entry
from hallapp.ledger.models import WalkIn


def store(decided: Sequence[Changes], facts: Facts) -> None:
    """Write the changes of some acts of one hall, in their order; it needs a transaction, and does not commit.

    Raises:
        EventExists: another process has stored one of the events since they were loaded; nothing of them is stored.
    """
    changes = [one for one in decided if one.group]
    entries, walk_ins = _with_walk_ins(changes)
    try:
        numbers = ledger.write(entries) if entries else {}
    except EventExists:
        _forget(walk_ins)
        raise
    _write_conflicts(changes, numbers, facts)
    _follow(changes)
    for one in changes:
        if one.note:
            _note(one, walk_ins)
    _tell(changes, entries, facts)
    ledger.count(entries)


def _tell(changes: Sequence[Changes], entries: Sequence[Entry], facts: Facts) -> None:
    """Inform the rooms above, in this transaction and before desks begin to wait for each other."""
    if entries and facts.hall.followed:
        signals.arrivals_stored.send(facts.hall.id, entries=entries)
    if any(conflict.open and not conflict.counted for one in changes for conflict in one.conflicts):
        signals.conflict_arose.send(facts.hall.id)


def _with_walk_ins(changes: Sequence[Changes]) -> tuple[list[Entry], Mapping[int, int]]:
    """Insert the new walk-ins; return the entries with their numbers, and these by those that they had so far."""
    new = [one.walk_in for one in changes if one.walk_in]
    entries = [entry for one in changes for entry in one.entries]
    if not new:
        return entries, {}
    numbers = dict(zip((one.id for one in new), number_rows(WalkIn.__tablename__, len(new)), strict=True))
    rows = [
        {
            "id": numbers[one.id],
            "hall_id": one.hall.id,
            "programme_id": one.programme.id,
            "kind": one.kind,
            "organisation": one.organisation,
        }
        for one in new
    ]
    _INSERT_WALK_INS.run(*rows)
    return [_of_walk_in(entry, numbers) for entry in entries], numbers


_INSERT_WALK_INS = Prepared(insert(WalkIn.__table__))  # type: ignore[arg-type]


def _of_walk_in(entry: Entry, numbers: Mapping[int, int]) -> Entry:
    number = numbers.get(entry.event.walk_in_id or 0)
    return entry if number is None else replace(entry, event=replace(entry.event, walk_in_id=number))


def _forget(walk_ins: Mapping[int, int]) -> None:
    """Delete the walk-ins whose events turn out to exist."""
    table = WalkIn.__table__
    if walk_ins:
        database.connection().execute(table.delete().where(table.c.id.in_(list(walk_ins.values()))))  # type: ignore[attr-defined]


def _write_conflicts(changes: Sequence[Changes], numbers: Mapping[int, int], facts: Facts) -> None:
    rows = [
        {
            "hall_id": facts.hall.id,
            "event_id": numbers.get(conflict.event, conflict.event),
            "division": conflict.division,
            "visitors": conflict.visitors,
            "counted": conflict.counted,
            "reason": conflict.reason,
            "decision": conflict.decision,
            "settled_at": facts.now if conflict.decision else None,
            "settled_by_id": one.staff_id if conflict.decision else None,
        }
        for one in changes
        for conflict in one.conflicts
    ]
    if rows:
        _WRITE_CONFLICT.run(*rows)


def _write_conflict() -> Any:
    statement = upsert(DeskConflict.__table__)
    changed = ("counted", "decision", "settled_at", "settled_by_id")
    return statement.on_conflict_do_update(
        index_elements=["event_id", "division"], set_={name: statement.excluded[name] for name in changed}
    )


_WRITE_CONFLICT = Prepared(_write_conflict)


def _follow(changes: Sequence[Changes]) -> None:
    """Let the bookings' states follow their arrivals."""
    usual = []
    for one in changes:
        if one.step is None or one.group is None:
            continue
        number = one.group.owner.id
        if one.step.before in lifecycle.USUAL:
            usual.append({"number": number, "new": one.step.after})
        else:  # a no-show that came after all, or a request: rare, and with a history of its own
            booking = db.session.get_one(Booking, number, populate_existing=True)
            arrived = one.step.after is BookingState.ARRIVED
            absence.mark_arrived(booking, arrived=arrived, by=by_staff(one.staff_id))
    if usual:
        _FOLLOW.run(*usual)


_FOLLOW = Prepared(
    update(Booking.__table__)  # type: ignore[arg-type]
    .where(Booking.__table__.c.id == bindparam("number"))
    .values(state=bindparam("new"))
)


def _note(changes: Changes, walk_ins: Mapping[int, int]) -> None:
    """Record the act in the audit trail."""
    if changes.note is None or changes.group is None:
        return
    owner = changes.group.owner
    kind, number = ("booking", owner.id) if isinstance(owner, BookingFacts) else ("walk_in", owner.id)
    accounts.record(
        hall_id=owner.hall.id,
        staff_id=changes.staff_id,
        action=changes.note.action,
        subject=f"{kind} {walk_ins.get(number, number)}",
        detail=dict(changes.note.detail),
    )
