"""Claim and release places, people inside and guides: the two limits of capacity, each moved by one statement."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, or_, select, update
from sqlalchemy.orm import aliased

from hallapp.core.database import db
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Hall, Mode, Programme, Slot

_ROOM = ("inside_free", "guides_free")
_COUNTERS = (
    *("visitors_booked", "guides_booked", "inside_booked", "guides_busy"),
    *("visitors_forced", "guides_forced", "inside_forced", "busy_forced"),
    *_ROOM,
)


def lock_hall(hall_id: int) -> None:
    """Let nobody place or move a booking of this hall until the transaction ends; taken before anything else.

    Who adds a slot, or sets capacities, needs it: a new slot begins with the visits that already cover its start.
    Every claim holds the hall's row in share mode (`lock_days`), so on PostgreSQL the two wait for one another; on
    SQLite there is one writer anyway.
    """
    db.session.execute(select(Hall.id).where(Hall.id == hall_id).with_for_update())


def hold_hall(hall_id: int) -> Hall:
    """The hall as it now stands, locked by `lock_hall`. Raises NoResultFound."""
    lock_hall(hall_id)
    return db.session.get_one(Hall, hall_id, populate_existing=True)


def lock_days(hall_id: int, days: Iterable[date]) -> None:
    """Hold all slots of these days, in one order for everybody, so that no two claims wait for one another in a ring.

    Claims and releases do it for their own day. Who moves places on several days asks for all of them here first, and
    locks rows of bookings after it, never before.
    """
    if db.engine.dialect.name == "sqlite":  # one writer at a time
        return
    db.session.execute(select(Hall.id).where(Hall.id == hall_id).with_for_update(read=True, key_share=True))
    db.session.execute(
        select(Slot.id)
        .where(Slot.hall_id == hall_id, Slot.day.in_(sorted(set(days))))
        .order_by(Slot.starts_at, Slot.id)
        .with_for_update(key_share=True)  # not against the foreign keys of bookings that are being placed
    )


def claim(slot: Slot, *, visitors: int, guides: int, forced: bool = False) -> None:
    """Take so many places and guides of a slot, and the room that the visit takes while it lasts: all, or nothing.

    One conditional statement over every slot that starts during the visit, no read before it: whoever comes second
    finds the counters already moved. With `forced` no limit is asked; the counters remember it.

    Raises:
        SlotFull: when fewer are left here or at some moment of the visit, or the slot is closed; nothing has changed.
    """
    lock_days(slot.hall_id, [slot.day])
    load = _Load(slot, visitors, guides)
    statement = update(Slot).where(*load.during(Slot)).values(**load.added(1, forced=forced))
    if not forced:
        statement = statement.where(~load.exceeds())
    if not _move(statement):
        raise SlotFull


def release(slot: Slot, *, visitors: int, guides: int, forced: bool = False) -> None:
    """Give back what `claim` with the same arguments took; it is free for others as soon as the transaction ends."""
    lock_days(slot.hall_id, [slot.day])
    load = _Load(slot, visitors, guides)
    _move(update(Slot).where(*load.during(Slot)).values(**load.added(-1, forced=forced)))


def forget_room() -> None:
    """Let the slots of the session look again how much room they have: other slots have changed."""
    for row in db.session.identity_map.values():
        if isinstance(row, Slot):
            db.session.expire(row, _ROOM)


class _Load:
    """What one visit takes: in its own slot, and of the hall at every start of a slot while it lasts.

    It asks anew when the visit ends: a slot that nobody had booked may have got other minutes while this waited.
    """

    def __init__(self, slot: Slot, visitors: int, guides: int) -> None:
        self.slot = slot
        self.visitors = visitors
        self.guides = guides
        query = select(Slot.starts_at, Slot.ends_at, Programme.mode).join(Slot.programme).where(Slot.id == slot.id)
        self.starts_at, self.ends_at, mode = db.session.execute(query).one()
        self.inside = visitors if mode is Mode.ON_SITE else 0

    def during(self, table: Any) -> tuple[ColumnElement[bool], ...]:
        """The slots of the hall that start while the visit lasts, its own among them."""
        return (
            table.hall_id == self.slot.hall_id,
            table.starts_at >= self.starts_at,
            table.starts_at < self.ends_at,
        )

    def added(self, sign: int, *, forced: bool) -> dict[str, Any]:
        """The new values of the counters."""
        own = {"visitors_booked": self.visitors, "guides_booked": self.guides}
        hall = {"inside_booked": self.inside, "guides_busy": self.guides}
        if forced:
            own |= {"visitors_forced": self.visitors, "guides_forced": self.guides}
            hall |= {"inside_forced": self.inside, "busy_forced": self.guides}
        columns = Slot.__table__.c
        mine = case((Slot.id == self.slot.id, sign), else_=0)
        return {
            **{name: columns[name] + amount * mine for name, amount in own.items()},
            **{name: columns[name] + amount * sign for name, amount in hall.items()},
        }

    def exceeds(self) -> ColumnElement[bool]:
        """Whether some slot of the visit has too little left; asked of all of them before one is changed."""
        other = aliased(Slot)
        own = [~other.open, other.visitors_booked + self.visitors > other.visitor_capacity]
        hall = []
        if self.guides:
            own.append(other.guides_booked + self.guides > other.guide_capacity)
            hall.append(other.guides_busy + self.guides > other.guides_on_duty)
        if self.inside:
            hall.append(other.inside_booked + self.inside > other.inside_capacity)
        return exists().where(*self.during(other), or_(and_(other.id == self.slot.id, or_(*own)), *hall))


def _move(statement: Any) -> bool:
    """Run an UPDATE of counters; whether it changed anything. Rows that the session holds are read again."""
    moved = set(
        db.session.scalars(statement.returning(Slot.id), execution_options={"synchronize_session": False}).all()
    )
    for row in db.session.identity_map.values():
        if isinstance(row, Slot) and row.id in moved:
            db.session.expire(row, _COUNTERS)
    return bool(moved)
