"""Recount the counters of every slot from the bookings, and report differences."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, insert, select, update

from hallapp.booking.models import HOLDING, Booking
from hallapp.core.database import db
from hallapp.resources.models import SlotResource
from hallapp.schedule import capacity
from hallapp.schedule.models import Mode, Programme, Slot

_OWN = ("visitors_booked", "guides_booked", "visitors_forced", "guides_forced")
_HALL = ("inside_booked", "guides_busy", "inside_forced", "busy_forced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A counter of a slot that differs from its bookings."""

    slot_id: int
    day: date
    counter: str
    counted: int
    stored: int


def recount(hall_id: int, *, repair: bool = False) -> list[Difference]:
    """Recount the eight counters of a hall's slots and those of its resources from its bookings.

    They are corrected if `repair` is set.

    It locks the hall, so bookings wait for its end; it needs a transaction.
    """
    capacity.lock_hall(hall_id)
    differences = [
        Difference(slot_id=slot.id, day=slot.day, counter=name, counted=counted[name], stored=getattr(slot, name))
        for slot, counted in _count(hall_id)
        for name in (*_OWN, *_HALL)
        if counted[name] != getattr(slot, name)
    ]
    if repair and differences:
        _put_right(differences)
    return [*differences, *_recount_resources(hall_id, repair=repair)]


def _recount_resources(hall_id: int, *, repair: bool) -> list[Difference]:
    counted: Counter[tuple[int, int]] = Counter()
    holding = (Booking.hall_id == hall_id, Booking.state.in_(HOLDING), Booking.resources != {})
    for slot_id, resources in db.session.execute(select(Booking.slot_id, Booking.resources).where(*holding)):
        counted.update({(slot_id, number): count for number, count in resources.items()})
    rows = db.session.execute(
        select(SlotResource.slot_id, SlotResource.resource, SlotResource.claimed).where(SlotResource.hall_id == hall_id)
    )
    stored = {(slot_id, number): claimed for slot_id, number, claimed in rows}
    wrong = sorted(key for key in counted.keys() | stored.keys() if counted[key] != stored.get(key, 0))
    if not wrong:
        return []
    if repair:
        _put_resources_right(hall_id, {key: counted[key] for key in wrong}, known=stored.keys())
    slots = {slot_id for slot_id, _number in wrong}
    days = dict(db.session.execute(select(Slot.id, Slot.day).where(Slot.id.in_(slots))).all())
    return [
        Difference(
            slot_id=slot_id,
            day=days[slot_id],
            counter=f"resource {number}",
            counted=counted[slot_id, number],
            stored=stored.get((slot_id, number), 0),
        )
        for slot_id, number in wrong
    ]


def _put_resources_right(
    hall_id: int, right: Mapping[tuple[int, int], int], *, known: Collection[tuple[int, int]]
) -> None:
    for (slot_id, number), count in right.items():
        row = {"hall_id": hall_id, "slot_id": slot_id, "resource": number}
        if (slot_id, number) in known:
            mine = (getattr(SlotResource, name) == value for name, value in row.items())
            db.session.execute(update(SlotResource).where(*mine).values(claimed=count))
        else:
            db.session.execute(insert(SlotResource).values(**row, claimed=count))


def _count(hall_id: int) -> Iterable[tuple[Slot, Mapping[str, int]]]:
    own = _own(hall_id)
    by_day: dict[date, list[Slot]] = defaultdict(list)
    slots = select(Slot).join(Slot.programme).where(Slot.hall_id == hall_id).order_by(Slot.starts_at)
    modes = dict(db.session.execute(select(Programme.id, Programme.mode).where(Programme.hall_id == hall_id)).all())
    for slot in db.session.scalars(slots.execution_options(populate_existing=True)):
        by_day[slot.day].append(slot)
    for day in by_day.values():  # a visit ends on the day on which it starts
        for slot in day:
            during = [other for other in day if other.starts_at <= slot.starts_at < other.ends_at]
            on_site = [other.id for other in during if modes[other.programme_id] is Mode.ON_SITE]
            yield (
                slot,
                {
                    **own[slot.id],
                    "inside_booked": sum(own[each]["visitors_booked"] for each in on_site),
                    "inside_forced": sum(own[each]["visitors_forced"] for each in on_site),
                    "guides_busy": sum(own[each.id]["guides_booked"] for each in during),
                    "busy_forced": sum(own[each.id]["guides_forced"] for each in during),
                },
            )


def _own(hall_id: int) -> dict[int, Counter[str]]:
    """Return the sums of each slot's bookings, by slot; slots without any have zeros."""
    forced = Booking.over_limit.is_not(None)
    rows = db.session.execute(
        select(
            Booking.slot_id,
            func.sum(Booking.visitors),
            func.sum(Booking.guides),
            func.sum(case((forced, Booking.visitors), else_=0)),
            func.sum(case((forced, Booking.guides), else_=0)),
        )
        .where(Booking.hall_id == hall_id, Booking.state.in_(HOLDING))
        .group_by(Booking.slot_id)
    )
    found: dict[int, Counter[str]] = defaultdict(lambda: Counter(dict.fromkeys(_OWN, 0)))
    for slot_id, *sums in rows:
        found[slot_id] = Counter(dict(zip(_OWN, map(int, sums), strict=True)))
    return found


def _put_right(differences: Iterable[Difference]) -> None:
    right: dict[int, dict[str, int]] = defaultdict(dict)
    for one in differences:
        right[one.slot_id][one.counter] = one.counted
    for slot_id, values in right.items():
        db.session.execute(update(Slot).where(Slot.id == slot_id).values(**values))
