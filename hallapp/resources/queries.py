"""The resources of a hall, and how many of them are left in its slots."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.core.prepared import Prepared
from hallapp.resources.models import Resource, Scope, SlotResource
from hallapp.resources.values import ResourceFacts, Resources
from hallapp.schedule.models import Slot


def list_resources(hall_id: int, *, version: int | None = None) -> Resources:
    """Return all resources of a hall, retired ones too; `version` is that of its facts, where known."""
    return _RESOURCES.get(hall_id, version=version)


def find_left(hall_id: int, days: Iterable[date]) -> dict[int, dict[int, int]]:
    """Return how many of each resource are left in each slot of some days: by slot, then by resource.

    It is negative where a hall has reduced a resource below what is claimed. Halls without resources have none.
    """
    resources = list_resources(hall_id)
    if not resources:
        return {}
    by_day: dict[date, list[_Use]] = defaultdict(list)
    for slot_id, day, starts_at, ends_at, number, claimed in _USES.rows({"hall": hall_id, "days": sorted(set(days))}):
        uses = by_day[day]
        if not uses or uses[-1].slot_id != slot_id:
            uses.append(_Use(slot_id, starts_at, ends_at, defaultdict(int)))
        if number is not None:
            uses[-1].claimed[number] = claimed
    return {
        use.slot_id: {one.number: one.quantity - _most_used(one, use, uses) for one in resources}
        for uses in by_day.values()
        for use in uses
    }


@dataclass(frozen=True, slots=True)
class _Use:
    slot_id: int
    starts_at: datetime
    ends_at: datetime
    claimed: dict[int, int]


def _most_used(one: ResourceFacts, use: _Use, uses: Sequence[_Use]) -> int:
    """Return how many of a resource are in use at the busiest moment of a visit, which is the start of some visit."""
    if one.scope is Scope.SLOT:
        return use.claimed[one.number]
    starts = [other.starts_at for other in uses if use.starts_at <= other.starts_at < use.ends_at]
    return max(
        sum(other.claimed[one.number] for other in uses if other.starts_at <= start < other.ends_at) for start in starts
    )


def _load(hall_id: int) -> Resources:
    rows = db.session.execute(
        select(*(getattr(Resource, name) for name in _COLUMNS))
        .where(Resource.hall_id == hall_id)
        .order_by(Resource.number)
    )
    found = (dict(row) for row in rows.mappings())
    return tuple(ResourceFacts(**row | {"programmes": frozenset(row["programmes"])}) for row in found)


_COLUMNS = ResourceFacts.__dataclass_fields__
_RESOURCES = Facts(_load)
_USES = Prepared(
    select(Slot.id, Slot.day, Slot.starts_at, Slot.ends_at, SlotResource.resource, SlotResource.claimed)
    .outerjoin(SlotResource, (SlotResource.slot_id == Slot.id) & (SlotResource.hall_id == Slot.hall_id))
    .where(Slot.hall_id == bindparam("hall"), Slot.day.in_(bindparam("days", expanding=True)))
    .order_by(Slot.day, Slot.id)
)
