"""Reads of halls, programmes and slots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select
from sqlalchemy.orm import contains_eager

from hallapp.core.database import db
from hallapp.schedule.models import Hall, Programme, Slot

# Every public request begins with it: making the statement anew would cost as much as running it.
_CLAIMS_IT = case((Hall.host == bindparam("host"), 0), (Hall.host.is_(None), 1), else_=2)
_HALL_OF_HOST = select(Hall).order_by(_CLAIMS_IT, Hall.id).limit(1)


def get_hall(hall_id: int) -> Hall:
    """A hall by its id. Raises NoResultFound."""
    return db.session.get_one(Hall, hall_id)


def find_hall(slug: str) -> Hall | None:
    """The hall of a short name, or None."""
    return db.session.scalar(select(Hall).where(Hall.slug == slug))


def list_halls() -> Sequence[Hall]:
    """Every hall, oldest first."""
    return db.session.scalars(select(Hall).order_by(Hall.id)).all()


def find_hall_of_host(host: str) -> Hall | None:
    """The hall of this host name; where none claims it, the first that answers to any, else the first; or None."""
    return db.session.scalar(_HALL_OF_HOST, {"host": host.partition(":")[0].lower()})


def list_programmes(hall_id: int) -> Sequence[Programme]:
    """The programmes that a group may book, in the hall's own order."""
    return db.session.scalars(
        select(Programme)
        .where(Programme.hall_id == hall_id, Programme.active)
        .order_by(Programme.position, Programme.id)
    ).all()


def find_slot(hall_id: int, slot_id: int) -> Slot | None:
    """A slot of this hall with its programme and hall, or None: another hall's slot is unknown here."""
    return db.session.scalar(
        select(Slot)
        .join(Slot.programme)
        .join(Programme.hall)
        .options(contains_eager(Slot.programme).contains_eager(Programme.hall))
        .where(Slot.id == slot_id, Slot.hall_id == hall_id)
    )


def list_slots(programme_id: int, day: date) -> Sequence[Slot]:
    """The open slots of a programme on a day, full and past ones too, by time."""
    return db.session.scalars(_open_slots(programme_id).where(Slot.day == day).order_by(Slot.starts_at)).all()


@dataclass(frozen=True, slots=True)
class DayPlaces:
    """What a programme still offers on a day: free places in all its slots, and in the emptiest one of them.

    `bookable` counts the slots that are not yet too near: a day of 0 is over for today's visitors.
    """

    day: date
    bookable: int
    places: int
    largest: int


def list_days(programme_id: int, *, first: date, last: date, after: datetime) -> dict[date, DayPlaces]:
    """The days from `first` to `last` on which a programme has open slots; places count in slots from `after` on."""
    in_time = Slot.starts_at >= after
    free = case((in_time, _places_free()), else_=0)
    rows = db.session.execute(
        select(Slot.day, func.sum(case((in_time, 1), else_=0)), func.sum(free), func.max(free))
        .join(Slot.programme)
        .where(Slot.programme_id == programme_id, Slot.day.between(first, last), Slot.open)
        .group_by(Slot.day)
    )
    return {day: DayPlaces(day, int(bookable), int(places), int(largest)) for day, bookable, places, largest in rows}


def list_nearest_free(
    programme_id: int, *, to: datetime, visitors: int, after: datetime, last: date, limit: int = 3
) -> list[Slot]:
    """The slots nearest to an instant with room for so many visitors, by time; from `after` to the day `last` only."""
    fitting = _open_slots(programme_id).where(
        Slot.starts_at >= after, Slot.day <= last, _places_free() >= max(visitors, 1)
    )
    later = db.session.scalars(fitting.where(Slot.starts_at >= to).order_by(Slot.starts_at).limit(limit))
    earlier = db.session.scalars(fitting.where(Slot.starts_at < to).order_by(Slot.starts_at.desc()).limit(limit))
    nearest = sorted([*later, *earlier], key=lambda slot: abs(slot.starts_at - to))[:limit]
    return sorted(nearest, key=lambda slot: slot.starts_at)


def list_next_free(hall_id: int, *, after: datetime, last: date, each: int = 3) -> Sequence[Slot]:
    """The next `each` slots of every programme of a hall that can take its smallest group, by programme and time."""
    ranked = (
        select(
            Slot.id,
            func.row_number().over(partition_by=Slot.programme_id, order_by=Slot.starts_at).label("rank"),
        )
        .join(Slot.programme)
        .where(
            Slot.hall_id == hall_id,
            Slot.day <= last,
            Slot.starts_at >= after,
            Slot.open,
            Programme.active,
            _places_free() >= Programme.group_min,
        )
        .subquery()
    )
    return db.session.scalars(
        select(Slot)
        .join(ranked, ranked.c.id == Slot.id)
        .join(Slot.programme)
        .options(contains_eager(Slot.programme))
        .where(ranked.c.rank <= each)
        .order_by(Programme.position, Programme.id, Slot.starts_at)
    ).all()


def _open_slots(programme_id: int) -> Select[Slot]:
    return (
        select(Slot)
        .join(Slot.programme)
        .options(contains_eager(Slot.programme))
        .where(Slot.programme_id == programme_id, Slot.open)
    )


def _places_free() -> ColumnElement[int]:
    """`Slot.visitors_free` in SQL; the programme must be joined."""
    return case(
        (Slot.guide_capacity - Slot.guides_booked < Programme.guides, 0),
        else_=Slot.visitor_capacity - Slot.visitors_booked,
    )
