"""The block list: phones and organisations that cannot book online, with a reason and perhaps an end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, func, or_, select, update

from hallapp.accounts import service as accounts
from hallapp.booking import bigrams
from hallapp.booking.lifecycle import By
from hallapp.booking.models import Block, Booking
from hallapp.booking.pseudonyms import is_pseudonym, pseudonym, pseudonym_of
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.kinds.values import is_individual
from hallapp.schedule import capacity
from hallapp.schedule.models import Hall

MOST_ENDED = 100
MOST_FOUND = 200
#: The personal columns, with their values after the erasure.
_BLANK: dict[str, Any] = {"phone": None, "organisation": None, "organisation_key": None, "reason": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBlock:
    """The command that blocks a phone (E.164), an organisation, or both; `until` None is without an end."""

    hall_id: int
    phone: str | None
    organisation: str | None
    reason: str
    until: date | None


def add(command: AddBlock, *, by: By) -> Block:
    """Put an entry on the list; an equal one that is in force is returned unchanged. Needs a transaction."""
    hall = capacity.hold_hall(command.hall_id)  # so that two new ones get different numbers
    values = {
        "phone": command.phone,
        "organisation": command.organisation,
        "organisation_key": bigrams.organisation_key(command.organisation) if command.organisation else None,
        "reason": command.reason,
        "until": command.until,
    }
    for one in list_in_force(hall):
        if all(getattr(one, name) == value for name, value in values.items()):
            return one
    newest = db.session.scalar(select(func.max(Block.number)).where(Block.hall_id == hall.id)) or 0
    block = Block(hall_id=hall.id, number=newest + 1, made_at=clock.now(), made_by_id=by.staff_id, **values)
    db.session.add(block)
    db.session.flush()
    _record(block, "block_added", by)
    return block


def lift(hall_id: int, number: int, *, by: By) -> None:
    """End an entry before its last day; needs a transaction. One that was lifted is left unchanged.

    Raises NoResultFound: the hall has no such entry.
    """
    mine = select(Block).where(Block.hall_id == hall_id, Block.number == number)
    block = db.session.scalars(mine.with_for_update(of=Block).execution_options(populate_existing=True)).one()
    if block.lifted_at is not None:
        return
    block.lifted_at, block.lifted_by_id = clock.now(), by.staff_id
    db.session.flush()
    _record(block, "block_lifted", by)


def _record(block: Block, action: str, by: By) -> None:
    # The reason is stored with the entry only: it may name a person, and is erased with it.
    detail = {"until": block.until.isoformat()} if block.until else {}
    subject = f"block {block.number}"
    accounts.record(hall_id=block.hall_id, staff_id=by.staff_id, action=action, subject=subject, detail=detail)


def list_in_force(hall: Hall) -> Sequence[Block]:
    """Return the entries in force, the newest first."""
    mine = select(Block).where(Block.hall_id == hall.id, in_force(hall.today()))
    return db.session.scalars(mine.order_by(Block.number.desc())).all()


def list_ended(hall: Hall) -> Sequence[Block]:
    """Return the newest entries that have ended or were lifted."""
    mine = select(Block).where(Block.hall_id == hall.id, ~in_force(hall.today()))
    return db.session.scalars(mine.order_by(Block.number.desc()).limit(MOST_ENDED)).all()


def list_blocked(hall_id: int, today: date, bookings: Collection[Booking]) -> frozenset[int]:
    """Return the ids of those bookings whose group is on the list, in one query for any number of them."""
    rows = _list_values(hall_id, today) if bookings else []
    phones, names = ({phone for phone, _key in rows if phone}, {key for _phone, key in rows if key})
    if any(is_pseudonym(phone) for phone in phones):
        phones |= {booking.phone for booking in bookings if booking.phone and pseudonym(booking.phone) in phones}
    return frozenset(
        booking.id
        for booking in bookings
        if booking.phone in phones or (booking.organisation_key in names and not is_individual(booking.kind))
    )


def find_blocked_names(hall_id: int, today: date, names: Collection[str]) -> frozenset[str]:
    """Return which of these names of organisations are on the list."""
    keys = {name: bigrams.organisation_key(name) for name in names}
    blocked = {key for _phone, key in _list_values(hall_id, today)} if names else set()
    return frozenset(name for name, key in keys.items() if key and key in blocked)


def _list_values(hall_id: int, today: date) -> Sequence[Row[str | None, str | None]]:
    mine = select(Block.phone, Block.organisation_key).where(Block.hall_id == hall_id, in_force(today))
    return db.session.execute(mine).all()


def in_force(today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the condition of entries that hold on a day."""
    return and_(Block.lifted_at.is_(None), or_(Block.until.is_(None), Block.until >= today))


def erase(hall: Hall, before: date) -> None:
    """Erase what identifies a group, and the reason, of entries that ended before a day; needs a transaction."""
    ended = or_(Block.until < before, Block.lifted_at < clock.at(before, time.min, hall.time_zone))
    present = or_(*(getattr(Block, name).is_distinct_from(value) for name, value in _BLANK.items()))
    db.session.execute(
        update(Block).where(Block.hall_id == hall.id, ended, present).values(**_BLANK),
        execution_options={"synchronize_session": False},
    )


def erase_phones(hall: Hall, phones: Collection[str]) -> None:
    """Erase the entries with these phones, because a person asks for it; needs a transaction."""
    _erase_on_request(hall, Block.phone.in_(phones))


def erase_chosen(hall: Hall, numbers: Collection[int]) -> None:
    """Erase the entries with these numbers, because a person asks for it; needs a transaction."""
    _erase_on_request(hall, Block.number.in_(numbers))


def _erase_on_request(hall: Hall, concerned: ColumnElement[bool]) -> None:
    """Erase entries; one in force keeps the organisation, and a digest of the phone: an erasure would lift it."""
    today = hall.today()
    for block in db.session.scalars(select(Block).where(Block.hall_id == hall.id, concerned)):
        ended = block.lifted_at is not None or (block.until is not None and block.until < today)
        values = _BLANK if ended else {"phone": block.phone and pseudonym_of(block.phone), "reason": ""}
        for name, value in values.items():
            setattr(block, name, value)
    db.session.flush()


def find_of_person(hall_id: int, *, phone: str = "", name: str = "", limit: int = MOST_FOUND) -> Sequence[Block]:
    """Return the entries with this phone, or its digest, and those that mention this name; the newest first."""
    conditions: list[ColumnElement[bool]] = [Block.phone.in_((phone, pseudonym(phone)))] if phone else []
    if name:
        conditions += [column.icontains(name, autoescape=True) for column in (Block.organisation, Block.reason)]
    mine = select(Block).where(Block.hall_id == hall_id, or_(false(), *conditions))
    return db.session.scalars(mine.order_by(Block.number.desc()).limit(limit)).all()


def list_chosen(hall_id: int, numbers: Collection[int]) -> Sequence[Block]:
    """Return the entries with these numbers."""
    return db.session.scalars(select(Block).where(Block.hall_id == hall_id, Block.number.in_(numbers))).all()
