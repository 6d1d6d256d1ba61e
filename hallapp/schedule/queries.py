"""Reads of halls, programmes and slots."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.schedule.calendar import judge
from hallapp.schedule.models import CalendarDay, Hall, Logo, Mode, PastDayRules, Programme, Slot, WeekTemplate
from hallapp.schedule.month import MonthDay, show_day

# Every public request begins with it: building the statement again would cost as much as running it.
_CLAIMS_IT = case((Hall.host == bindparam("host"), 0), (Hall.host.is_(None), 1), else_=2)
_ROOM = (undefer(Slot.inside_free), undefer(Slot.guides_free))
_HALL_OF_HOST = select(Hall).order_by(_CLAIMS_IT, Hall.id).limit(1)


def get_hall(hall_id: int) -> Hall:
    """Return a hall by its id. Raises NoResultFound."""
    return db.session.get_one(Hall, hall_id)


def find_hall(slug: str) -> Hall | None:
    """Return the hall of a short name, or None."""
    return db.session.scalar(select(Hall).where(Hall.slug == slug))


def list_halls() -> Sequence[Hall]:
    """Return every hall, oldest first."""
    return db.session.scalars(select(Hall).order_by(Hall.id)).all()


def find_hall_of_host(host: str) -> Hall | None:
    """Return the hall of a host name; else the first hall that answers to any host, else the first; or None."""
    return db.session.scalar(_HALL_OF_HOST, {"host": host.partition(":")[0].lower()})


def list_programmes(hall_id: int) -> Sequence[Programme]:
    """Return the programmes that a group may book, in the hall's own order, with their hall."""
    return db.session.scalars(
        select(Programme)
        .options(joinedload(Programme.hall, innerjoin=True))
        .where(Programme.hall_id == hall_id, Programme.active)
        .order_by(Programme.position, Programme.id)
    ).all()


def list_all_programmes(hall_id: int) -> Sequence[Programme]:
    """Return every programme of a hall, also those not offered at present, in the hall's own order, with their hall."""
    return db.session.scalars(
        select(Programme)
        .options(joinedload(Programme.hall, innerjoin=True))
        .where(Programme.hall_id == hall_id)
        .order_by(Programme.position, Programme.id)
    ).all()


def find_programme(hall_id: int, slug: str) -> Programme | None:
    """Return a programme of this hall, offered or not, or None."""
    return db.session.scalar(select(Programme).where(Programme.hall_id == hall_id, Programme.slug == slug))


def get_programme(hall_id: int, slug: str) -> Programme:
    """Return a programme of this hall, offered or not. Raises NoResultFound."""
    programme = find_programme(hall_id, slug)
    if programme is None:
        raise NoResultFound
    return programme


def list_templates(hall_id: int) -> Sequence[WeekTemplate]:
    """Return the weekly templates of a hall and of its programmes with their lines, the latest first."""
    return db.session.scalars(
        select(WeekTemplate)
        .options(selectinload(WeekTemplate.openings))
        .where(WeekTemplate.hall_id == hall_id)
        .order_by(WeekTemplate.valid_from.desc(), WeekTemplate.id)
    ).all()


def find_template(hall_id: int, template_id: int) -> WeekTemplate | None:
    """Return a weekly template of this hall, or None."""
    query = select(WeekTemplate).where(WeekTemplate.id == template_id, WeekTemplate.hall_id == hall_id)
    return db.session.scalar(query)


def find_template_from(hall_id: int, programme_id: int | None, valid_from: date) -> WeekTemplate | None:
    """Return the template of a programme, or of the hall itself (None), that is in force from exactly this day on."""
    return db.session.scalar(
        select(WeekTemplate).where(
            WeekTemplate.hall_id == hall_id,
            WeekTemplate.programme_id.is_not_distinct_from(programme_id),
            WeekTemplate.valid_from == valid_from,
        )
    )


def list_calendar_days(hall_id: int, *, first: date, last: date) -> Sequence[CalendarDay]:
    """Return the exceptions of the days `first` to `last`, in order; ordinary days have no row."""
    return db.session.scalars(
        select(CalendarDay)
        .where(CalendarDay.hall_id == hall_id, CalendarDay.day.between(first, last))
        .order_by(CalendarDay.day)
    ).all()


def list_open_days(hall: Hall, *, first: date, last: date) -> list[date]:
    """Return the open days from `first` to `last`, each by the rules that the hall had on it."""
    special = {row.day: row for row in list_calendar_days(hall.id, first=first, last=last)}
    query = select(PastDayRules).where(PastDayRules.hall_id == hall.id, PastDayRules.until >= first)
    past = db.session.scalars(query.order_by(PastDayRules.until)).all()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    rules = {day: next((one for one in past if day <= one.until), hall) for day in days}
    return [day for day in days if judge(rules[day], day, special.get(day)).open]


def find_calendar_day(hall_id: int, day: date) -> CalendarDay | None:
    """Return the exceptions of a day, or None."""
    return db.session.get(CalendarDay, (hall_id, day))


def find_logo(hall_id: int) -> Logo | None:
    """Return a hall's logo without its bytes, or None."""
    return db.session.get(Logo, hall_id)


def find_logo_digest(hall_id: int, *, version: int | None = None) -> str | None:
    """Return the digest of a hall's logo, or None; `version` is that of its facts, where the caller has read it."""
    return _LOGO_DIGESTS.get(hall_id, version=version)


def _load_logo_digest(hall_id: int) -> str | None:
    return db.session.scalar(select(Logo.digest).where(Logo.hall_id == hall_id))


_LOGO_DIGESTS = Facts(_load_logo_digest)


def find_logo_by_digest(digest: str) -> Logo | None:
    """Return the logo with these bytes, whichever hall's it is, or None."""
    return db.session.scalar(select(Logo).where(Logo.digest == digest).limit(1))


def list_all_slots(hall_id: int, first: date, last: date) -> Sequence[Slot]:
    """Return every slot of a hall on the days `first` to `last`, closed ones too, in its present state, by time."""
    return db.session.scalars(
        select(Slot)
        .where(Slot.hall_id == hall_id, Slot.day.between(first, last))
        .order_by(Slot.starts_at, Slot.id)
        .execution_options(populate_existing=True)
    ).all()


def list_covering(hall_id: int, instants: Sequence[datetime]) -> Sequence[int]:
    """Return the ids of the slots whose visit covers one of these instants: whose people are inside then."""
    covers = [and_(Slot.starts_at <= instant, Slot.ends_at > instant) for instant in instants]
    return db.session.scalars(select(Slot.id).where(Slot.hall_id == hall_id, or_(*covers))).all() if covers else []


def find_slot(hall_id: int, slot_id: int, *, anew: bool = False) -> Slot | None:
    """Return a slot of this hall with its programme and hall, or None: another hall's slot is unknown here.

    With `anew` a slot that the session knows already is read again.
    """
    return db.session.scalar(
        select(Slot)
        .join(Slot.programme)
        .join(Programme.hall)
        .options(contains_eager(Slot.programme).contains_eager(Programme.hall), *_ROOM)
        .where(Slot.id == slot_id, Slot.hall_id == hall_id)
        .execution_options(populate_existing=anew)
    )


def list_slots(programme_id: int, day: date) -> Sequence[Slot]:
    """Return the open slots of a programme on a day, full and past ones too, by time."""
    return db.session.scalars(_open_slots(programme_id).where(Slot.day == day).order_by(Slot.starts_at)).all()


def list_slots_of_days(hall_id: int, days: Collection[date]) -> dict[date, list[Slot]]:
    """Return all slots of some days, closed ones too, by time, with their programme, hall and free room; one query."""
    slots: dict[date, list[Slot]] = {day: [] for day in days}
    query = (
        select(Slot)
        .join(Slot.programme)
        .join(Programme.hall)
        .options(
            contains_eager(Slot.programme).contains_eager(Programme.hall),
            *_ROOM,
        )
        .where(Slot.hall_id == hall_id, Slot.day.in_(slots))
        .order_by(Slot.starts_at, Programme.position, Slot.id)
    )
    for slot in db.session.scalars(query):
        slots[slot.day].append(slot)
    return slots


@dataclass(frozen=True, slots=True)
class DayPlaces:
    """The availability of a programme on a day: free places in all its slots, and in the emptiest one of them.

    `bookable` counts the slots that are not yet too near: with 0 no time of the day can be booked any more.
    """

    day: date
    bookable: int
    places: int
    largest: int


def list_days(programme_id: int, *, first: date, last: date, after: datetime) -> dict[date, DayPlaces]:
    """Return the days with open slots of a programme; places count in slots from `after` on."""
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
    """Return the slots nearest to an instant with room for this many visitors, from `after` to the day `last`."""
    fitting = _open_slots(programme_id).where(
        Slot.starts_at >= after, Slot.day <= last, _places_free() >= max(visitors, 1)
    )
    later = db.session.scalars(fitting.where(Slot.starts_at >= to).order_by(Slot.starts_at).limit(limit))
    earlier = db.session.scalars(fitting.where(Slot.starts_at < to).order_by(Slot.starts_at.desc()).limit(limit))
    nearest = sorted([*later, *earlier], key=lambda slot: abs(slot.starts_at - to))[:limit]
    return sorted(nearest, key=lambda slot: slot.starts_at)


def list_next_free(programmes: Sequence[Programme], *, each: int = 3) -> Sequence[Slot]:
    """Return the next `each` slots of every programme with room for its smallest group, by programme and time."""
    if not programmes:
        return []
    windows = [
        (programme, programme.policy, programme.policy.window(programme.hall.time_zone)) for programme in programmes
    ]
    earliest = min(window.after for *_, window in windows)  # by itself, so that years of past slots are not read
    offered = or_(
        *(
            and_(
                Slot.programme_id == programme.id,
                Slot.starts_at >= window.after,
                Slot.day <= window.last,
                _places_free() >= policy.group_min,
            )
            for programme, policy, window in windows
        )
    )
    ranked = (
        select(
            Slot.id,
            func.row_number().over(partition_by=Slot.programme_id, order_by=Slot.starts_at).label("rank"),
        )
        .join(Slot.programme)
        .where(Slot.hall_id == programmes[0].hall_id, Slot.starts_at >= earliest, Slot.open, offered)
        .subquery()
    )
    return db.session.scalars(
        select(Slot)
        .join(ranked, ranked.c.id == Slot.id)
        .join(Slot.programme)
        .options(contains_eager(Slot.programme), *_ROOM)
        .where(ranked.c.rank <= each)
        .order_by(Programme.position, Programme.id, Slot.starts_at)
    ).all()


def list_month(hall: Hall, first: date, last: date) -> list[MonthDay]:
    """Return the days `first` to `last` for the calendar; the number of queries is constant."""
    special = {row.day: row for row in list_calendar_days(hall.id, first=first, last=last)}
    slots: dict[date, list[Slot]] = defaultdict(list)
    for slot in db.session.scalars(
        select(Slot)
        .join(Slot.programme)
        .options(contains_eager(Slot.programme).joinedload(Programme.hall, innerjoin=True), *_ROOM)
        .where(Slot.hall_id == hall.id, Slot.day.between(first, last))
        .order_by(Slot.starts_at, Programme.position, Programme.id)
    ):
        slots[slot.day].append(slot)
    now = clock.now()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [show_day(judge(hall, day, special.get(day)), special.get(day), slots[day], now=now) for day in days]


def _open_slots(programme_id: int) -> Select[Slot]:
    return (
        select(Slot)
        .join(Slot.programme)
        .options(contains_eager(Slot.programme), *_ROOM)
        .where(Slot.programme_id == programme_id, Slot.open)
    )


def _places_free() -> ColumnElement[int]:
    """Return `Slot.visitors_free` in SQL; the programme must be joined."""
    places = Slot.visitor_capacity - Slot.visitors_booked
    no_guide = or_(
        Slot.guide_capacity - Slot.guides_booked < Programme.guides,
        and_(Slot.guides_on_duty.is_not(None), Slot.guides_free < Programme.guides),
    )
    crowded = and_(Slot.inside_capacity.is_not(None), Programme.mode == Mode.ON_SITE, Slot.inside_free < places)
    return case(
        (and_(Programme.guides > 0, no_guide), 0),
        (crowded, case((Slot.inside_free > 0, Slot.inside_free), else_=0)),
        (places > 0, places),
        else_=0,
    )
