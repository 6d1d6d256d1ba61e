"""Import the lists of participants of a session, and take imports back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from hallapp.accounts import service as accounts
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.ledger import closes
from hallapp.online import errors, ledger
from hallapp.online.ledger import NewLine
from hallapp.online.lists import ParticipantList
from hallapp.online.models import Audience, AudienceSource, OnlineList, OnlineViewer, Relation
from hallapp.schedule import capacity
from hallapp.schedule.models import Slot

_DIGEST = 32  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A list as the page of its session shows it.

    `people` and `minutes` are what taking it back removes; negative ones come back. `why_not` is the code of the reason
    why it cannot be taken back now, or empty.
    """

    row: OnlineList
    people: int
    minutes: int
    why_not: str


def import_list(slot: Slot, found: ParticipantList, relation: Relation | None, *, staff_id: int) -> OnlineList:
    """Write the people of a platform's list into the ledger, beside those who are there or instead of them.

    Needs a transaction.

    Raises:
        NotCountedYet: screens of the session wait to be counted. AlreadyImported: the file is in the ledger.
        RelationUnclear: people of the session are counted, and `relation` does not say whether they are the same.
    """
    capacity.hold_hall(slot.hall_id)
    waiting = select(OnlineViewer.device).where(OnlineViewer.hall_id == slot.hall_id, OnlineViewer.slot_id == slot.id)
    if slot.ends_at > clock.now() or db.session.scalar(waiting.limit(1)) is not None:
        raise errors.NotCountedYet
    digest = found.digest[:_DIGEST]
    if any(one.digest == digest and one.taken_back_at is None for one in _list(slot)):
        raise errors.AlreadyImported
    before = _sum(slot)
    people = sum(number for number, _minutes in before.values())
    if people and relation is None:
        raise errors.RelationUnclear(people)
    changes = _changes(found, before if relation is Relation.INSTEAD else {})
    last = db.session.scalar(select(func.max(OnlineList.number)).where(OnlineList.hall_id == slot.hall_id)) or 0
    row = OnlineList(
        hall_id=slot.hall_id,
        number=last + 1,
        slot_id=slot.id,
        digest=digest,
        people=sum(found.people.values()),
        minutes=sum(found.minutes.values()),
        relation=relation,
        changes=changes,
        imported_at=clock.now(),
        imported_by_id=staff_id,
    )
    db.session.add(row)
    db.session.flush()
    _write(slot, f"list {slot.id} {row.number}", changes)
    _record(row, "online_list_imported", staff_id)
    return row


def take_back(slot: Slot, number: int, *, staff_id: int) -> OnlineList:
    """Take out of the ledger what an import has changed in it; the same file can be imported again afterwards.

    Needs a transaction. A list that was taken back is left unchanged.

    Raises:
        NoResultFound: the session has no such list.
        ListOfClosedMonth: the month of the session is closed. LaterList: another list has been imported since.
    """
    capacity.hold_hall(slot.hall_id)
    mine = select(OnlineList).where(OnlineList.hall_id == slot.hall_id, OnlineList.number == number)
    row = db.session.scalars(mine.where(OnlineList.slot_id == slot.id).execution_options(populate_existing=True)).one()
    if row.taken_back_at is not None:
        return row
    why_not = _why_not(slot, row, _list(slot))
    if why_not:
        raise _REFUSALS[why_not]
    row.taken_back_at, row.taken_back_by_id = clock.now(), staff_id
    db.session.flush()
    opposite = {code: (-people, -minutes) for code, (people, minutes) in row.changes.items()}
    _write(slot, f"list {slot.id} {row.number} taken back", opposite)
    _record(row, "online_list_taken_back", staff_id)
    return row


def list_imported(slot: Slot) -> list[Imported]:
    """Return the lists of a session, the newest first."""
    rows = _list(slot)
    return [
        Imported(
            row=row,
            people=sum(people for people, _minutes in row.changes.values()),
            minutes=sum(minutes for _people, minutes in row.changes.values()),
            why_not=_why_not(slot, row, rows),
        )
        for row in rows
    ]


_REFUSALS = {one.code: one for one in (errors.ListOfClosedMonth, errors.LaterList)}


def _why_not(slot: Slot, row: OnlineList, rows: Sequence[OnlineList]) -> str:
    """Return the code of the refusal to take a list back, or an empty text.

    A later list may have replaced the people of this one, so the latest is taken back first.
    """
    if closes.find(slot.hall_id, slot.day.replace(day=1)):
        return errors.ListOfClosedMonth.code
    if any(one.taken_back_at is None and one.number > row.number for one in rows):
        return errors.LaterList.code
    return ""


def _list(slot: Slot) -> Sequence[OnlineList]:
    mine = (OnlineList.hall_id == slot.hall_id, OnlineList.slot_id == slot.id)
    return db.session.scalars(select(OnlineList).where(*mine).order_by(OnlineList.number.desc())).all()


def _sum(slot: Slot) -> dict[str, tuple[int, int]]:
    """Return the people and minutes that the ledger has of a session, by place."""
    rows = db.session.execute(
        select(Audience.division, func.sum(Audience.people), func.sum(Audience.minutes))
        .where(Audience.hall_id == slot.hall_id, Audience.slot_id == slot.id)
        .group_by(Audience.division)
    )
    return {place: (int(people), int(minutes)) for place, people, minutes in rows}


def _changes(found: ParticipantList, replaced: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    people, minutes = Counter(found.people), Counter(found.minutes)
    for place, (number, watched) in replaced.items():
        people[place] -= number
        minutes[place] -= watched
    return {place: (people[place], minutes[place]) for place in sorted(people.keys() | minutes.keys())}


def _write(slot: Slot, name: str, changes: Mapping[str, tuple[int, int]]) -> None:
    lines = [NewLine(f"{name} {place}", place, people, minutes) for place, (people, minutes) in changes.items()]
    ledger.write(slot, lines, AudienceSource.LIST)


def _record(row: OnlineList, action: str, staff_id: int) -> None:
    accounts.record(
        hall_id=row.hall_id,
        staff_id=staff_id,
        action=action,
        subject=f"slot {row.slot_id}",
        detail={"people": row.people, "relation": row.relation, "digest": row.digest[:16]},
    )
