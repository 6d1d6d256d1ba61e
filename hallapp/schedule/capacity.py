"""Claim and release places, people inside and guides: the two limits of capacity, each moved by one statement."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Date, Integer, and_, any_, bindparam, case, exists, or_, select, update
from sqlalchemy.orm.util import identity_key

from hallapp.core.database import db
from hallapp.core.prepared import Prepared
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.hall_facts import SlotFacts
from hallapp.schedule.models import Hall, Mode, Programme, Slot

_ROOM = ("inside_free", "guides_free")
_COUNTERS = (
    *("visitors_booked", "guides_booked", "inside_booked", "guides_busy"),
    *("visitors_forced", "guides_forced", "inside_forced", "busy_forced"),
    *_ROOM,
)


def lock_hall(hall_id: int) -> None:
    """Prevent placing and moving bookings of this hall until the transaction ends; call it before anything else.

    It is needed to add a slot or to set capacities: a new slot begins with the visits that already cover its start.
    Every claim locks the hall's row in share mode (`lock_days`), so on PostgreSQL the two wait for one another; SQLite
    has one writer anyway. It does not wait for foreign keys: the desk locks a booking while it writes rows of the hall,
    and the holder of the hall's lock may need that booking.
    """
    db.session.execute(select(Hall.id).where(Hall.id == hall_id).with_for_update(key_share=True))


def hold_hall(hall_id: int) -> Hall:
    """Return the hall in its present state, locked by `lock_hall`. Raises NoResultFound."""
    lock_hall(hall_id)
    return db.session.get_one(Hall, hall_id, populate_existing=True)


def lock_days(hall_id: int, days: Iterable[date]) -> None:
    """Lock all slots of these days, always in the same order, so that claims cannot deadlock.

    Claims and releases lock the slots of their visit. A caller that moves the places of several visits locks the whole
    days here first, and locks rows of bookings only afterwards.
    """
    if db.engine.dialect.name == "sqlite":  # one writer at a time
        return
    _SHARE_HALL.rows({"hall": hall_id})
    _LOCK_SLOTS.rows({"hall": hall_id, "days": sorted(set(days))})


def claim(slot: Slot | SlotFacts, *, visitors: int, guides: int, forced: bool = False) -> None:
    """Claim places and guides of a slot, and the room that the visit takes while it lasts: all, or nothing.

    One conditional statement over every slot that starts during the visit, without a read before it: a second claim
    finds the counters already moved. With `forced` no limit is checked; the counters record it.

    Raises:
        SlotFull: when fewer are left here or at some moment of the visit, or the slot is closed; nothing has changed.
    """
    if not claim_by(_MOVE if forced else _CLAIM, slot, visitors=visitors, guides=guides, forced=forced):
        raise SlotFull


def claim_by(
    statement: Prepared, slot: Slot | SlotFacts, *, visitors: int, guides: int, forced: bool = False, **values: Any
) -> bool:
    """Claim by a statement that `claiming` made, with the values of its conditions; return whether all was claimed."""
    lock_visit(slot)
    return _move(statement, values | _load(slot, visitors=visitors, guides=guides, forced=forced))


def claiming(unless: Callable[[], ColumnElement[bool]]) -> Prepared:
    """Return the statement of `claim` with one more reason to refuse, of a room that claims more than places.

    So this statement alone decides about everything that a visit claims.
    """
    return Prepared(lambda: _MOVING.where(~_exceeds(), ~unless()))


def release(slot: Slot | SlotFacts, *, visitors: int, guides: int, forced: bool = False) -> None:
    """Release the places and guides that `claim` took with the same arguments; they are free after the transaction."""
    lock_visit(slot)
    _move(_MOVE, _load(slot, visitors=-visitors, guides=-guides, forced=forced))


def lock_visit(slot: Slot | SlotFacts) -> None:
    """Lock the slots that a visit covers, in the order of `lock_days`: so other visits of the day need not wait.

    Two visits that overlap in time cover a slot in common, the one of the later of them.
    """
    if db.engine.dialect.name == "sqlite":  # one writer at a time
        return
    _SHARE_HALL.rows({"hall": slot.hall_id})
    _LOCK_VISIT.rows({"hall": slot.hall_id, "slot": slot.id})


def forget_room() -> None:
    """Let the slots of the session look again how much room they have: other slots have changed."""
    for row in db.session.identity_map.values():
        if isinstance(row, Slot):
            db.session.expire(row, _ROOM)


def _load(slot: Slot | SlotFacts, *, visitors: int, guides: int, forced: bool) -> dict[str, Any]:
    """Return the load of one visit (negative: released), in its own slot and in the hall at each start during it."""
    return {"hall": slot.hall_id, "slot": slot.id, "visitors": visitors, "guides": guides, "forced": int(forced)}


def during(table: Any) -> tuple[ColumnElement[bool], ...]:
    """Return the slots of the hall that start while the visit lasts, its own among them.

    The statement itself reads when the visit ends: a slot that nobody had booked may have got other minutes while this
    waited.
    """
    return (
        table.c.hall_id == bindparam("hall"),
        table.c.starts_at >= _of_visit(_SLOT.c.starts_at),
        table.c.starts_at < _of_visit(_SLOT.c.ends_at),
    )


def _of_visit(column: Any) -> Any:
    visited = _SLOT.alias("visited")
    return select(visited.c[column.name]).where(visited.c.id == bindparam("slot")).scalar_subquery()


def _inside() -> ColumnElement[int]:
    """Return how many people of the visit are inside; none for a programme online."""
    mode = (
        select(Programme.mode)
        .join(Slot, Slot.programme_id == Programme.id)
        .where(Slot.id == bindparam("slot"))
        .correlate(None)
        .scalar_subquery()
    )
    return case((mode == Mode.ON_SITE, bindparam("visitors", type_=Integer)), else_=0)


def _exceeds() -> ColumnElement[bool]:
    """Return whether some slot of the visit has too little left; asked of all of them before one is changed."""
    other = _SLOT.alias("other")
    visitors, guides = (bindparam(name, type_=Integer) for name in ("visitors", "guides"))
    needs_guides, inside = guides > 0, _inside()
    own = or_(
        ~other.c.open,
        other.c.visitors_booked + visitors > other.c.visitor_capacity,
        and_(needs_guides, other.c.guides_booked + guides > other.c.guide_capacity),
    )
    return exists().where(
        *during(other),
        or_(
            and_(other.c.id == bindparam("slot"), own),
            and_(needs_guides, other.c.guides_busy + guides > other.c.guides_on_duty),
            and_(inside > 0, other.c.inside_booked + inside > other.c.inside_capacity),
        ),
    )


def _moved() -> dict[str, ColumnElement[int]]:
    """Return the new values of the counters."""
    mine = case((_SLOT.c.id == bindparam("slot"), 1), else_=0)
    visitors, guides, forced = (bindparam(name, type_=Integer) for name in ("visitors", "guides", "forced"))
    inside = _inside()
    return {
        "visitors_booked": _SLOT.c.visitors_booked + visitors * mine,
        "guides_booked": _SLOT.c.guides_booked + guides * mine,
        "inside_booked": _SLOT.c.inside_booked + inside,
        "guides_busy": _SLOT.c.guides_busy + guides,
        "visitors_forced": _SLOT.c.visitors_forced + visitors * mine * forced,
        "guides_forced": _SLOT.c.guides_forced + guides * mine * forced,
        "inside_forced": _SLOT.c.inside_forced + inside * forced,
        "busy_forced": _SLOT.c.busy_forced + guides * forced,
    }


_SLOT: Any = Slot.__table__
_SHARE_HALL = Prepared(select(Hall.id).where(Hall.id == bindparam("hall")).with_for_update(read=True))
_LOCK_SLOTS = Prepared(
    select(Slot.id)
    .where(Slot.hall_id == bindparam("hall"), Slot.day == any_(bindparam("days", type_=ARRAY(Date))))
    .order_by(Slot.starts_at, Slot.id)
    .with_for_update(key_share=True)  # not against the foreign keys of bookings that are being placed
)
_LOCK_VISIT = Prepared(
    select(_SLOT.c.id)
    .where(*during(_SLOT))
    .order_by(_SLOT.c.starts_at, _SLOT.c.id)
    .with_for_update(key_share=True, of=_SLOT)
)
_MOVING = update(_SLOT).where(*during(_SLOT)).values(_moved()).returning(_SLOT.c.id)
_MOVE = Prepared(_MOVING)
_CLAIM = Prepared(_MOVING.where(~_exceeds()))


def _move(statement: Prepared, load: dict[str, Any]) -> bool:
    """Run an UPDATE of counters; whether it changed anything. Rows that the session holds are read again."""
    moved = statement.rows(load)
    for (number,) in moved:
        if slot := db.session.identity_map.get(identity_key(Slot, number)):
            db.session.expire(slot, _COUNTERS)
    return bool(moved)
