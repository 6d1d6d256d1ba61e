"""Reads of guides and of their assignments to groups."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from hallapp.booking import tours
from hallapp.booking.models import Booking, TourLanguage
from hallapp.booking.queries import whole_bookings
from hallapp.core.database import db
from hallapp.guides.models import LED, Assignment, Guide, GuideProgramme, Leave
from hallapp.schedule.models import Slot


def list_guides(hall_id: int, *, active_only: bool = False) -> Sequence[Guide]:
    """Return the guides of a hall with all that is known of them, by name."""
    query = _whole_guides().where(Guide.hall_id == hall_id).order_by(Guide.name, Guide.id)
    return db.session.scalars(query.where(Guide.active) if active_only else query).all()


def get_guide(hall_id: int, guide_id: int) -> Guide:
    """Return a guide of this hall. Raises NoResultFound."""
    return db.session.scalars(_whole_guides().where(Guide.hall_id == hall_id, Guide.id == guide_id)).one()


def find_guide_of_staff(hall_id: int, staff_id: int) -> Guide | None:
    """Return the guide of an account, or None."""
    return db.session.scalar(select(Guide).where(Guide.hall_id == hall_id, Guide.staff_id == staff_id))


@tours.told_by
def find_languages(hall_id: int) -> dict[int | None, set[TourLanguage]]:
    """Return the languages that the active guides of a hall speak (None), and those of them who know a programme."""
    known = select(Guide.languages, GuideProgramme.programme_id).outerjoin(Guide.knows)
    found: dict[int | None, set[TourLanguage]] = {}
    for codes, programme_id in db.session.execute(known.where(Guide.hall_id == hall_id, Guide.active)):
        spoken = {TourLanguage(code) for code in codes.split(",") if code}
        for of in (None, programme_id):
            found.setdefault(of, set()).update(spoken)
    return found


def hold_guides(hall_id: int, guide_ids: Collection[int]) -> Sequence[Guide]:
    """Return some guides in their present state, locked until the end of the transaction, by their ids.

    Every check or change of a guide's assignments locks the guide first; rows of slots and bookings come before, rows
    of assignments after it.
    """
    query = (
        _whole_guides()
        .where(Guide.hall_id == hall_id, Guide.id.in_(guide_ids))
        .order_by(Guide.id)
        .with_for_update(of=Guide)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def get_leave(hall_id: int, guide_id: int, leave_id: int) -> Leave:
    """Return a leave of a guide of this hall. Raises NoResultFound."""
    query = select(Leave).where(Leave.hall_id == hall_id, Leave.guide_id == guide_id, Leave.id == leave_id)
    return db.session.scalars(query).one()


def list_groups(hall_id: int, *, first: date, last: date) -> Sequence[Booking]:
    """Return the groups of some days that need or have guides, by time."""
    return db.session.scalars(
        whole_bookings()
        .where(Booking.hall_id == hall_id, Booking.state.in_(LED), Slot.day.between(first, last))
        .order_by(Slot.starts_at, Booking.id)
    ).all()


def list_assignments(hall_id: int, *, first: date, last: date, standing: bool = True) -> Sequence[Assignment]:
    """Return the assignments of some days, by guide; with `standing=False` those that are no longer valid."""
    return db.session.scalars(
        _with_visits()
        .where(
            Assignment.hall_id == hall_id,
            Assignment.dropped_at.is_(None) if standing else Assignment.dropped_at.is_not(None),
            Booking.state.in_(LED),
            Slot.day.between(first, last),
        )
        .order_by(Slot.starts_at, Booking.id, Assignment.id)
    ).all()


def list_of_booking(booking_id: int) -> Sequence[Assignment]:
    """Return the guides of a group, in the order in which they were assigned."""
    return db.session.scalars(
        select(Assignment)
        .options(joinedload(Assignment.guide, innerjoin=True))
        .where(Assignment.booking_id == booking_id, Assignment.dropped_at.is_(None))
        .order_by(Assignment.assigned_at, Assignment.id)
    ).all()


def find_assignment(booking_id: int, guide_id: int) -> Assignment | None:
    """Return the assignment of a guide to a booking, even an ended one, or None."""
    query = select(Assignment).where(Assignment.booking_id == booking_id, Assignment.guide_id == guide_id)
    return db.session.scalar(query)


def list_of_guide(guide: Guide, *, after: datetime) -> Sequence[Assignment]:
    """Return the groups that a guide leads whose visits end after an instant, by time."""
    return db.session.scalars(
        _with_visits()
        .where(
            Assignment.hall_id == guide.hall_id,
            Assignment.guide_id == guide.id,
            Assignment.dropped_at.is_(None),
            Booking.state.in_(LED),
            Slot.ends_at > after,
        )
        .order_by(Slot.starts_at, Booking.id)
    ).all()


def list_groups_of_guide(guide: Guide, *, first: date, last: date) -> Sequence[Booking]:
    """Return the groups that one guide leads on some days, by time, with their origins."""
    return db.session.scalars(
        whole_bookings()
        .join(Assignment, Assignment.booking_id == Booking.id)
        .where(
            Booking.hall_id == guide.hall_id,
            Assignment.guide_id == guide.id,
            Assignment.dropped_at.is_(None),
            Booking.state.in_(LED),
            Slot.day.between(first, last),
        )
        .order_by(Slot.starts_at, Booking.id)
    ).all()


def list_needing_again(hall_id: int, *, after: datetime) -> Sequence[Assignment]:
    """Return ended assignments of future visits whose groups still lack guides, by time."""
    standing = select(Assignment.booking_id, Assignment.id).where(
        Assignment.hall_id == hall_id, Assignment.dropped_at.is_(None)
    )
    dropped = db.session.scalars(
        _with_visits()
        .where(
            Assignment.hall_id == hall_id,
            Assignment.dropped_at.is_not(None),
            Booking.state.in_(LED),
            Slot.starts_at > after,
        )
        .order_by(Slot.starts_at, Booking.id, Assignment.id)
    ).all()
    if not dropped:
        return dropped
    bookings = {each.booking_id for each in dropped}
    have = [booking_id for booking_id, _ in db.session.execute(standing.where(Assignment.booking_id.in_(bookings)))]
    return [each for each in dropped if have.count(each.booking_id) < each.booking.guides]


def _whole_guides() -> Select[Guide]:
    return select(Guide).options(
        selectinload(Guide.duties),
        selectinload(Guide.leaves),
        selectinload(Guide.knows).joinedload(GuideProgramme.programme, innerjoin=True),
    )


def _with_visits() -> Select[Assignment]:
    return (
        select(Assignment)
        .join(Assignment.booking)
        .join(Booking.slot)
        .options(
            contains_eager(Assignment.booking).contains_eager(Booking.slot),
            contains_eager(Assignment.booking).joinedload(Booking.hall, innerjoin=True),
            joinedload(Assignment.guide, innerjoin=True),
        )
    )


def find_guide_of_booking(booking_id: int) -> int | None:
    """Return the id of the guide who leads a booking's group, the first one where several do; or None."""
    return db.session.scalar(
        select(Assignment.guide_id)
        .where(Assignment.booking_id == booking_id, Assignment.dropped_at.is_(None))
        .order_by(Assignment.id)
        .limit(1)
    )
