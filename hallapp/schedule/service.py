"""Claim and release places, and make slots from the weekly opening template."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm.util import identity_key

from hallapp.core import clock
from hallapp.core.database import db, upsert
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Hall, Opening, Programme, Slot

_ROWS_A_STATEMENT = 500  # each row binds eight values, and SQLite takes 32,766 of them at most


def claim(slot_id: int, *, visitors: int, guides: int) -> None:
    """Take so many places and guides of an open slot: both at once, or neither.

    One conditional statement, no read before it: whoever comes second finds the counters already moved.

    Raises:
        SlotFull: when fewer are left, or the slot is closed.
    """
    claimed = db.session.execute(
        update(Slot)
        .where(
            Slot.id == slot_id,
            Slot.open,
            Slot.visitors_booked + visitors <= Slot.visitor_capacity,
            Slot.guides_booked + guides <= Slot.guide_capacity,
        )
        .values(visitors_booked=Slot.visitors_booked + visitors, guides_booked=Slot.guides_booked + guides)
        .execution_options(synchronize_session=False)
        .returning(Slot.id)
    )
    if claimed.scalar_one_or_none() is None:
        raise SlotFull
    _read_again(slot_id)


def release(slot_id: int, *, visitors: int, guides: int) -> None:
    """Give so many places and guides back; they are free for others as soon as the transaction ends."""
    db.session.execute(
        update(Slot)
        .where(Slot.id == slot_id)
        .values(visitors_booked=Slot.visitors_booked - visitors, guides_booked=Slot.guides_booked - guides)
        .execution_options(synchronize_session=False)
    )
    _read_again(slot_id)


def extend_slots(hall: Hall, *, since: date | None = None, until: date | None = None) -> int:
    """Make the slots that the opening template asks for and that are missing.

    They lie between `since` (today where not given) and `until` (today + `days_ahead`), both included.

    Slots that exist stay as they are, so it may run as often as one likes. Gives the number of new ones.
    """
    today = hall.today()
    last = until or today + timedelta(days=hall.days_ahead)
    openings = db.session.execute(
        select(Opening, Programme)
        .join(Programme, Programme.id == Opening.programme_id)
        .where(Opening.hall_id == hall.id, Programme.active)
    )
    wanted = [
        row
        for opening, programme in openings
        for row in _slots_of(hall, opening, programme, first=since or today, last=last)
    ]
    return sum(
        _insert_missing(wanted[start : start + _ROWS_A_STATEMENT]) for start in range(0, len(wanted), _ROWS_A_STATEMENT)
    )


def _read_again(slot_id: int) -> None:
    """Forget the counters of a slot that the session holds: the database has moved them."""
    slot = db.session.identity_map.get(identity_key(Slot, slot_id))
    if slot is not None:
        db.session.expire(slot, ["visitors_booked", "guides_booked"])


def _slots_of(
    hall: Hall, opening: Opening, programme: Programme, *, first: date, last: date
) -> Iterator[dict[str, Any]]:
    day = first + timedelta(days=(opening.weekday - first.weekday()) % 7)
    while day <= last:
        starts_at = clock.at(day, opening.starts, hall.time_zone)
        yield {
            "hall_id": hall.id,
            "programme_id": programme.id,
            "day": day,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=programme.minutes),
            "visitor_capacity": opening.visitor_capacity,
            "guide_capacity": opening.guide_capacity,
        }
        day += timedelta(days=7)


def _insert_missing(rows: list[dict[str, Any]]) -> int:
    statement = upsert(Slot.__table__, rows).on_conflict_do_nothing(index_elements=["programme_id", "starts_at"])
    return len(db.session.execute(statement.returning(Slot.__table__.c.id)).all())
