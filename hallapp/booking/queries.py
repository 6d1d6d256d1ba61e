"""Queries on bookings."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, distinct, exists, func, or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from hallapp.booking.models import (
    HOLDING,
    OPEN_STATES,
    Booking,
    BookingCode,
    BookingEvent,
    BookingState,
    CodePurpose,
    Pause,
)
from hallapp.booking.pseudonyms import pseudonym
from hallapp.categories.errors import CategoriesOverlap
from hallapp.categories.service import adding_up
from hallapp.core.database import db
from hallapp.resources.queries import find_left
from hallapp.schedule.models import Hall, Mode, Programme, Slot
from hallapp.schedule.no_shows import Consequence

_KEY = re.compile(r"[A-Za-z0-9_-]{22,43}")


def get_booking_by_key(key: str) -> Booking:
    """Return the booking whose organiser's page this key opens. Raises NoResultFound."""
    if not _KEY.fullmatch(key):
        raise NoResultFound
    return db.session.scalars(_by_key(), {"key": key}).one()


@cache
def _by_key() -> Select[Booking]:
    return whole_bookings().where(Booking.key == bindparam("key"))


def get_booking(hall_id: int, reference: str) -> Booking:
    """Return a booking of this hall by its reference. Raises NoResultFound."""
    if "\0" in reference:
        raise NoResultFound
    return db.session.scalars(whole_bookings().where(Booking.hall_id == hall_id, Booking.reference == reference)).one()


def find_booking_by_phone_end(hall_id: int, reference: str, digits: str) -> Booking | None:
    """Return the booking of a reference whose phone number ends in these four digits, or None."""
    return db.session.scalar(
        select(Booking).where(Booking.hall_id == hall_id, Booking.reference == reference, Booking.phone_tail == digits)
    )


def list_open_of_contact(hall: Hall, *, email: str | None, phone: str | None, most: int) -> list[Booking]:
    """Return the open bookings of a hall, from today on, with this mail address or this phone number (E.164)."""
    same = func.lower(Booking.email) == email.lower() if email else Booking.phone == phone
    rows = whole_bookings().where(
        Booking.hall_id == hall.id, Booking.state.in_(OPEN_STATES), Slot.day >= hall.today(), same
    )
    return list(db.session.scalars(rows.order_by(Slot.starts_at, Booking.id).limit(most)))


def find_booking_by_submission(hall_id: int, submission: str) -> Booking | None:
    """Return the booking that a submit with this digest has made already, or None."""
    return db.session.scalar(select(Booking).where(Booking.hall_id == hall_id, Booking.submission == submission))


def list_same_group(hall_id: int, day: date, *, phone: str, organisation_key: str) -> Sequence[Booking]:
    """Return the open bookings of a day by the same phone or for the same organisation, by time."""
    return list_same_group_on(hall_id, [day], phone=phone, organisation_key=organisation_key)


def list_same_group_on(hall_id: int, days: Collection[date], *, phone: str, organisation_key: str) -> Sequence[Booking]:
    """Return the open bookings of some days by the same phone or for the same organisation, by time."""
    return db.session.scalars(
        whole_bookings()
        .where(
            Slot.day.in_(days),
            Booking.state.in_(HOLDING | OPEN_STATES),
            of_group(Booking, hall_id, phones=[phone], organisation_keys=[organisation_key]),
        )
        .order_by(Slot.starts_at, Booking.id)
    ).all()


def booking_or_party() -> ColumnElement[int]:
    """Return what counts as one booking of a group: all parts of a large group together."""
    return func.coalesce(-Booking.party, Booking.id)


def list_parts(booking: Booking) -> Sequence[Booking]:
    """Return all parts of the large group of which a booking is one, by time; the booking alone where it is of none."""
    if booking.party is None:
        return [booking]
    return db.session.scalars(
        whole_bookings()
        .where(Booking.hall_id == booking.hall_id, Booking.party == booking.party)
        .order_by(Slot.starts_at, Booking.id)
    ).all()


def list_dates(booking: Booking) -> Sequence[Booking]:
    """Return all bookings of the series of which a booking is one, by time; none where it is of none."""
    if booking.series is None:
        return []
    return db.session.scalars(
        whole_bookings()
        .where(Booking.hall_id == booking.hall_id, Booking.series == booking.series)
        .order_by(Slot.starts_at, Booking.id)
    ).all()


def count_open(hall_id: int, *, phone: str, organisation_key: str, now: datetime) -> int:
    """Return how many bookings of this phone or organisation are open for a visit that has not ended."""
    return (
        db.session.scalar(
            select(func.count(distinct(booking_or_party())))
            .select_from(Booking)
            .join(Booking.slot)
            .where(
                Booking.state.in_(OPEN_STATES),
                Slot.ends_at > now,
                of_group(Booking, hall_id, phones=[phone], organisation_keys=[organisation_key]),
            )
        )
        or 0
    )


def count_places_of_network(hall_id: int, network: str, *, since: datetime) -> int:
    """Return the places of the open bookings that a client network has made since an instant."""
    return (
        db.session.scalar(
            select(func.sum(Booking.visitors)).where(
                Booking.hall_id == hall_id,
                Booking.created_at > since,
                Booking.network == network,
                Booking.state.in_(OPEN_STATES),
            )
        )
        or 0
    )


def find_code(booking: Booking, purpose: CodePurpose) -> BookingCode | None:
    """Return the code that this booking waits for, expired or not; none once its purpose has passed."""
    if purpose is CodePurpose.HOLD and booking.state is not BookingState.REQUESTED:
        return None
    return db.session.get(BookingCode, (booking.id, purpose))


def list_waiting(hall_id: int, day: date, *, after: datetime, lock: bool = False) -> Sequence[Booking]:
    """Return the groups waiting for an open slot of a day that starts after an instant, oldest first."""
    query = (
        whole_bookings()
        .where(
            Booking.state == BookingState.WAITLISTED,
            in_slots_of(hall_id, [day]),
            Slot.open,
            Slot.starts_at > after,
            Programme.active,
        )
        .order_by(Booking.created_at, Booking.id)
    )
    if lock:
        query = query.with_for_update(of=Booking).execution_options(populate_existing=True)
    return db.session.scalars(query).all()


def list_days_waited_for(hall_id: int, *, after: datetime) -> list[date]:
    """Return the days with groups on the waiting list of a time after an instant."""
    mine = (Booking.hall_id == hall_id, Booking.state == BookingState.WAITLISTED, Slot.starts_at > after)
    return list(db.session.scalars(select(Slot.day).join(Booking.slot).where(*mine).distinct().order_by(Slot.day)))


def count_ahead(booking: Booking) -> int:
    """Return how many groups are ahead of this one on the waiting list of its slot."""
    before = or_(
        Booking.created_at < booking.created_at,
        and_(Booking.created_at == booking.created_at, Booking.id < booking.id),
    )
    waiting = Booking.state == BookingState.WAITLISTED
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Booking)
            .where(Booking.hall_id == booking.hall_id, Booking.slot_id == booking.slot_id, waiting, before)
        )
        or 0
    )


def has_overdue(hall_id: int, *, now: datetime) -> bool:
    """Return whether an offer or a limited hold has expired, or a requested or awaited visit has begun."""
    mine = exists().where(Booking.hall_id == hall_id, Booking.slot_id == Slot.id, _overdue(now))
    return bool(db.session.scalar(select(mine)))


def list_overdue(hall_id: int, *, now: datetime) -> Sequence[Booking]:
    """Return the bookings that must lapse: expired offers and holds, requests and waits whose visit has begun."""
    return db.session.scalars(whole_bookings().where(Booking.hall_id == hall_id, _overdue(now))).all()


def is_overdue(booking: Booking, *, now: datetime) -> bool:
    """Return whether one booking must lapse, as in `list_overdue`."""
    if booking.state is BookingState.OFFERED:
        return booking.offered_until is not None and booking.offered_until <= now
    if booking.state is BookingState.REQUESTED and booking.held_until is not None and booking.held_until <= now:
        return True
    return booking.state in _PENDING and booking.slot.starts_at <= now


_PENDING = (BookingState.WAITLISTED, BookingState.REQUESTED)


def _overdue(now: datetime) -> ColumnElement[bool]:
    # The states stand alone, too: they are what an index narrows it down by.
    return and_(
        Booking.state.in_((*_PENDING, BookingState.OFFERED)),
        or_(
            Booking.offered_until <= now,
            and_(Booking.state == BookingState.REQUESTED, Booking.held_until <= now),
            and_(Booking.state.in_(_PENDING), Slot.starts_at <= now),
        ),
    )


def list_missed(hall_id: int, *, before: date) -> Sequence[Booking]:
    """Return agreed bookings of earlier days without arrivals; nobody arrives for an online programme."""
    return db.session.scalars(
        whole_bookings()
        .where(
            Booking.hall_id == hall_id,
            Booking.state == BookingState.CONFIRMED,
            Slot.day < before,
            Programme.mode == Mode.ON_SITE,
        )
        .order_by(Slot.starts_at, Booking.id)
    ).all()


def list_absent_days(hall_id: int, *, phone: str | None, organisation_key: str | None, first: date) -> Sequence[date]:
    """Return the days of a group's no-shows from a day on, where the programme counts them.

    A large group counts once, and not at all if a part of it came.
    """
    return db.session.scalars(
        select(func.max(Slot.day))
        .select_from(Booking)
        .join(Booking.slot)
        .join(Slot.programme)
        .where(
            *counted_absences(first), of_group(Booking, hall_id, phones=[phone], organisation_keys=[organisation_key])
        )
        .group_by(booking_or_party())
    ).all()


def counted_absences(first: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of bookings that count as no-shows, from a day on."""
    return Booking.state == BookingState.ABSENT, Slot.day >= first, Programme.no_shows_count.is_(True), ~_came_in_part()


def _came_in_part() -> ColumnElement[bool]:
    """Return whether another part of a booking's large group came: the group did not stay away."""
    other = aliased(Booking)
    return exists().where(Booking.party.is_not(None), other.party == Booking.party, other.state == BookingState.ARRIVED)


def list_references(hall_id: int, bookings: Select[int]) -> Sequence[str]:
    """Return the references of selected bookings of a hall."""
    return db.session.scalars(
        select(Booking.reference).where(Booking.hall_id == hall_id, Booking.id.in_(bookings))
    ).all()


def find_pause(hall_id: int, *, phone: str, organisation_key: str, today: date) -> Pause | None:
    """Return the strictest pause in force for this phone or organisation, of these the last to end, or None."""
    return db.session.scalars(
        select(Pause)
        .where(
            Pause.until >= today,
            Pause.lifted_at.is_(None),
            of_group(Pause, hall_id, phones=[phone], organisation_keys=[organisation_key]),
        )
        .order_by((Pause.consequence == Consequence.PAUSE).desc(), Pause.until.desc(), Pause.id)
        .limit(1)
    ).one_or_none()


def list_group_pauses(hall_id: int, *, phone: str | None, organisation_key: str | None) -> Sequence[Pause]:
    """Return all pauses of this phone or organisation, lifted or not."""
    same = of_group(Pause, hall_id, phones=[phone], organisation_keys=[organisation_key])
    return db.session.scalars(select(Pause).where(same)).all()


def list_pauses_of(booking_id: int) -> Sequence[Pause]:
    """Return the pauses that followed from the no-show of a booking and have not been lifted."""
    return db.session.scalars(select(Pause).where(Pause.booking_id == booking_id, Pause.lifted_at.is_(None))).all()


def list_pauses_after(booking_id: int) -> Sequence[Pause]:
    """Return all pauses that followed from the no-show of a booking, lifted or not, the earliest first."""
    return db.session.scalars(select(Pause).where(Pause.booking_id == booking_id).order_by(Pause.id)).all()


def list_pauses(hall_id: int, *, today: date) -> Sequence[Pause]:
    """Return the pauses in force at a hall, the last to end first, with the booking that led to each."""
    return db.session.scalars(
        select(Pause)
        .where(Pause.hall_id == hall_id, Pause.until >= today, Pause.lifted_at.is_(None))
        .options(joinedload(Pause.booking, innerjoin=True))
        .order_by(Pause.until.desc(), Pause.id)
    ).all()


def get_pause(hall_id: int, pause_id: int) -> Pause:
    """Return a pause of this hall. Raises NoResultFound."""
    return db.session.scalars(select(Pause).where(Pause.hall_id == hall_id, Pause.id == pause_id)).one()


def list_events(booking: Booking) -> Sequence[BookingEvent]:
    """Return the events of a booking, oldest first, with the staff who acted."""
    return db.session.scalars(
        select(BookingEvent)
        .where(BookingEvent.booking_id == booking.id)
        .options(joinedload(BookingEvent.staff))
        .order_by(BookingEvent.id)
    ).all()


def count_changes(booking_id: int) -> int:
    """Return how often a booking has changed since it was placed: the sequence of its calendar entry."""
    changes = select(func.count()).select_from(BookingEvent)
    return (db.session.scalar(changes.where(BookingEvent.booking_id == booking_id)) or 1) - 1


def list_changes(hall_id: int, booking_ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
    """Return how often each booking has changed since it was placed, and when it did so last."""
    mine = (BookingEvent.hall_id == hall_id, BookingEvent.booking_id.in_(booking_ids))
    counted = select(BookingEvent.booking_id, func.count() - 1, func.max(BookingEvent.at)).where(*mine)
    rows = db.session.execute(counted.group_by(BookingEvent.booking_id))
    return {booking_id: (changes, at) for booking_id, changes, at in rows}


def list_requested(hall_id: int) -> Sequence[Booking]:
    """Return the bookings that wait for an answer, the nearest visit first."""
    return db.session.scalars(
        whole_bookings()
        .where(Booking.hall_id == hall_id, Booking.state == BookingState.REQUESTED)
        .order_by(Slot.starts_at, Booking.id)
    ).all()


def list_history(booking: Booking, *, limit: int = 10) -> Sequence[Booking]:
    """Other bookings of the same organisation or phone, the latest visit first."""
    phone, organisation_key = booking.phone, booking.organisation_key
    same = of_group(Booking, booking.hall_id, phones=[phone], organisation_keys=[organisation_key])
    return db.session.scalars(
        whole_bookings().where(Booking.id != booking.id, same).order_by(Slot.starts_at.desc(), Booking.id).limit(limit)
    ).all()


def list_of_slots(hall_id: int, slot_ids: Sequence[int], *, states: Collection[BookingState]) -> Sequence[Booking]:
    """Return the bookings of some slots that are in one of these states, by time of visit and of booking."""
    return db.session.scalars(
        whole_bookings()
        .where(Slot.hall_id == hall_id, Booking.slot_id.in_(slot_ids), Booking.state.in_(states))
        .order_by(Slot.starts_at, Booking.created_at, Booking.id)
    ).all()


def of_group(
    table: type[Booking] | type[Pause],
    hall_id: int,
    *,
    phones: Iterable[str | None],
    organisation_keys: Iterable[str | None],
) -> ColumnElement[bool]:
    """Return the condition for a hall's rows with one of these phones or organisations; empty ones match nothing.

    Each is looked up in its own index. Do not add the hall as a condition: SQLite, which has no row statistics, would
    then read all bookings of the hall, or all of a state, instead.
    """
    ids = select(table.id).where(table.hall_id == hall_id)
    values = {phone for phone in phones if phone}, {key for key in organisation_keys if key}
    if table is Pause:  # of a person whose data was erased it has the pseudonym
        values = values[0] | set(map(pseudonym, values[0])), values[1] | set(map(pseudonym, values[1]))
    by_phone = ids.where(table.phone.in_(values[0]))
    by_name = ids.where(table.organisation_key.in_(values[1]))
    return table.id.in_(by_phone.union_all(by_name))


def in_slots_of(hall_id: int, days: Collection[date]) -> ColumnElement[bool]:
    """Return the condition for a hall's bookings on some days, by their slots. Do not add the hall (`of_group`)."""
    return Booking.slot_id.in_(select(Slot.id).where(Slot.hall_id == hall_id, Slot.day.in_(days)))


def whole_bookings() -> Select[Booking]:
    """Return bookings with the data that every page shows, in two queries regardless of their number."""
    return (
        select(Booking)
        .join(Booking.slot)
        .join(Slot.programme)
        .join(Programme.hall)
        .options(
            contains_eager(Booking.slot).contains_eager(Slot.programme).contains_eager(Programme.hall),
            selectinload(Booking.origins),
        )
    )


def free_for(booking: Booking) -> dict[int, int]:
    """Return how many of each resource a booking can have at its time: what is left, and what it holds itself."""
    left = find_left(booking.hall_id, [booking.slot.day]).get(booking.slot_id, {})
    held = booking.resources if booking.state in HOLDING else {}
    return {number: count + held.get(number, 0) for number, count in left.items()}


def list_by_id(hall_id: int, numbers: Collection[int]) -> list[Booking]:
    """Return bookings of a hall by their ids, in the order of their visits."""
    statement = whole_bookings().where(Booking.hall_id == hall_id, Booking.id.in_(numbers))
    return list(db.session.scalars(statement.order_by(Slot.starts_at, Booking.id)))


@adding_up.connect
def _check_overlap(hall_id: int, *, family: int, categories: Collection[int]) -> None:
    """Raise CategoriesOverlap where a booking has more people in the categories of a family than it has people."""
    given = select(Booking.categories).where(Booking.hall_id == hall_id, Booking.categories != {}).distinct()
    for known in db.session.scalars(given):
        if sum(known.get(category, 0) for category in categories) > known.get(family, 0):
            raise CategoriesOverlap
