"""Claim and release resources together with the places of a visit.

A row of `slot_resource` counts what the bookings of one slot have claimed. What is in use at a moment is the sum over
all visits of that moment, so no counter has to know which visits overlap. The statement reads these sums under the
locks of the visit (`capacity.lock_visit`): whoever else claims for an overlapping visit waits for one of them.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Integer, Subquery, Text, and_, bindparam, cast, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from hallapp.core.database import db, upsert
from hallapp.core.prepared import Prepared
from hallapp.resources.errors import NoResourceLeft, ResourceTaken
from hallapp.resources.models import Resource, Scope, SlotResource
from hallapp.resources.queries import find_left, list_resources
from hallapp.resources.values import Quantities
from hallapp.schedule import capacity
from hallapp.schedule.hall_facts import SlotFacts
from hallapp.schedule.models import Slot

_NONE: Quantities = {}


def claim(
    slot: Slot | SlotFacts,
    *,
    visitors: int,
    guides: int,
    resources: Quantities = _NONE,
    forced: bool = False,
) -> None:
    """Claim places and guides as `capacity.claim`, and resources in the same statement: all, or nothing.

    With `forced` no limit is checked. Without people, resources alone are claimed, as when a booking asks for more.

    Raises:
        SlotFull: there are too few places or guides.
        NoResourceLeft: too few of a resource that every booking gets; it is a SlotFull.
        ResourceTaken: too few of a resource that the group asked for.
    """
    if not resources:
        if visitors or guides:
            capacity.claim(slot, visitors=visitors, guides=guides, forced=forced)
        return
    wanted = _values(slot, resources)
    if forced or not (visitors or guides):
        if forced:
            capacity.claim(slot, visitors=visitors, guides=guides, forced=True)
        capacity.lock_visit(slot)
        if not (_ADD if forced else _ADD_IF_LEFT).run(wanted):
            raise _refusal(slot, resources)
        return
    if not capacity.claim_by(_CLAIM, slot, visitors=visitors, guides=guides, resources=wanted["resources"]):
        capacity.claim(
            slot, visitors=visitors, guides=guides
        )  # raises SlotFull where it is the places that are missing
        capacity.release(slot, visitors=visitors, guides=guides)
        raise _refusal(slot, resources)
    _ADD.run(wanted)


def release(
    slot: Slot | SlotFacts,
    *,
    visitors: int,
    guides: int,
    resources: Quantities = _NONE,
    forced: bool = False,
) -> None:
    """Release what `claim` took with the same arguments."""
    if visitors or guides:
        capacity.release(slot, visitors=visitors, guides=guides, forced=forced)
    if resources:
        capacity.lock_visit(slot)
        _SUBTRACT.run(_values(slot, resources))


def _values(slot: Slot | SlotFacts, resources: Quantities) -> dict[str, Any]:
    return {"hall": slot.hall_id, "slot": slot.id, "resources": json.dumps(resources)}


def _refusal(slot: Slot | SlotFacts, resources: Quantities) -> ResourceTaken | NoResourceLeft:
    """Return which resource is short; the slots of the visit are locked, so nothing has changed since the claim."""
    left: Mapping[int, int] = find_left(slot.hall_id, [slot.day])[slot.id]
    known = {one.number: one for one in list_resources(slot.hall_id)}
    short = [number for number, asked in resources.items() if asked > left[number]]
    by_rule = [number for number in short if known[number].by_rule]
    if by_rule:
        return NoResourceLeft(names=known[by_rule[0]].name)
    number = short[0]
    return ResourceTaken(number=number, names=known[number].name, left=max(0, left[number]), asked=resources[number])


def _wanted() -> Subquery:
    """Return the resources of a claim as rows: their numbers and quantities, from one parameter in JSON."""
    text: Any = bindparam("resources", type_=Text)
    if db.engine.dialect.name == "sqlite":
        pairs = func.json_each(text).table_valued("key", "value")
    else:
        pairs = func.jsonb_each_text(cast(text, JSONB)).table_valued("key", "value")
    number, quantity = (
        cast(column, Integer).label(name) for column, name in ((pairs.c.key, "number"), (pairs.c.value, "quantity"))
    )
    return select(number, quantity).subquery("wanted")


def _short() -> ColumnElement[bool]:
    """Return whether too few of a wanted resource are left at some moment of the visit."""
    wanted, moment, other = _wanted(), _SLOT.alias("moment"), _SLOT.alias("other")
    at_the_moment = and_(
        _RESOURCE.c.scope == Scope.MOMENT,
        other.c.hall_id == moment.c.hall_id,
        other.c.day == moment.c.day,
        other.c.starts_at <= moment.c.starts_at,
        other.c.ends_at > moment.c.starts_at,
    )
    in_use = (
        select(func.coalesce(func.sum(_USE.c.claimed), 0))
        .select_from(_USE.join(other, other.c.id == _USE.c.slot_id))
        .where(
            _USE.c.hall_id == bindparam("hall"),
            _USE.c.resource == wanted.c.number,
            or_(other.c.id == moment.c.id, at_the_moment),
        )
        .correlate(wanted, moment, _RESOURCE)
        .scalar_subquery()
    )
    return exists().where(
        _RESOURCE.c.hall_id == bindparam("hall"),
        _RESOURCE.c.number == wanted.c.number,
        *capacity.during(moment),
        or_(moment.c.id == bindparam("slot"), _RESOURCE.c.scope == Scope.MOMENT),
        in_use + wanted.c.quantity > _RESOURCE.c.quantity,
    )


def _add(*conditions: ColumnElement[bool]) -> Any:
    """Return the statement that counts claimed resources, if the conditions hold."""
    wanted = _wanted()
    columns = ["hall_id", "slot_id", "resource", "claimed"]
    hall, slot = (bindparam(name, type_=Integer) for name in ("hall", "slot"))
    rows = select(cast(hall, Integer), cast(slot, Integer), wanted.c.number, wanted.c.quantity)
    # Without a condition, SQLite would take ON CONFLICT for that of a join.
    statement = upsert(SlotResource).from_select(columns, rows.where(wanted.c.quantity > 0, *conditions))
    return statement.on_conflict_do_update(
        index_elements=["hall_id", "slot_id", "resource"],
        set_={"claimed": _USE.c.claimed + statement.excluded.claimed},
    )


def _subtract() -> Any:
    wanted = _wanted()
    quantity = select(wanted.c.quantity).where(wanted.c.number == _USE.c.resource).correlate(_USE).scalar_subquery()
    return (
        update(_USE)
        .where(
            _USE.c.hall_id == bindparam("hall"),
            _USE.c.slot_id == bindparam("slot"),
            _USE.c.resource.in_(select(wanted.c.number)),
        )
        .values(claimed=_USE.c.claimed - quantity)
    )


_SLOT: Any = Slot.__table__
_RESOURCE: Any = Resource.__table__
_USE: Any = SlotResource.__table__
_CLAIM = capacity.claiming(_short)
_ADD = Prepared(_add)
_ADD_IF_LEFT = Prepared(lambda: _add(~_short()))
_SUBTRACT = Prepared(_subtract)
