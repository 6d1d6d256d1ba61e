"""Reads of badges."""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased

from hallapp.badges.models import Badge, BadgeArrival, BadgeLayout
from hallapp.core.database import db
from hallapp.ledger.models import DeskEvent
from hallapp.namelist.models import Person


def find_badge(token: str, *, fresh: bool = False) -> Badge | None:
    """Return the badge with this token, in force or revoked, or None; `fresh` reads it again in its present state."""
    return db.session.scalar(select(Badge).where(Badge.token == token).execution_options(populate_existing=fresh))


def find_person(badge: Badge) -> Person | None:
    """Return the person of a badge, or None where that person is no longer on the list."""
    return db.session.get(Person, badge.person_id) if badge.person_id is not None else None


def list_in_force(booking_id: int) -> Sequence[Badge]:
    """Return the badges of a booking that are not revoked, including those without a person."""
    return db.session.scalars(select(Badge).where(Badge.booking_id == booking_id, Badge.revoked_at.is_(None))).all()


def find_standing(badge: Badge) -> DeskEvent | None:
    """Return the event that admitted a badge's person, by this or an earlier badge, and was not taken back; or None."""
    undo = aliased(DeskEvent)
    same = Badge.id == badge.id
    if badge.person_id is not None:
        same = or_(same, Badge.person_id == badge.person_id)
    return db.session.scalars(
        select(DeskEvent)
        .join(BadgeArrival, BadgeArrival.event_id == DeskEvent.id)
        .join(Badge, Badge.id == BadgeArrival.badge_id)
        .where(same, ~exists().where(undo.undoes_id == DeskEvent.id))
        .order_by(DeskEvent.id)
        .limit(1)
    ).one_or_none()


def list_places(booking_ids: Collection[int]) -> dict[int, tuple[int, str, Person | None]]:
    """Return the badges in force of these bookings by their numbers: booking, token, and person, in one query."""
    if not booking_ids:
        return {}
    rows = db.session.execute(
        select(Badge.id, Badge.booking_id, Badge.token, Person)
        .outerjoin(Person, Person.id == Badge.person_id)
        .where(Badge.booking_id.in_(booking_ids), Badge.revoked_at.is_(None))
        .order_by(Badge.id)
    )
    return {badge_id: (booking_id, token, person) for badge_id, booking_id, token, person in rows}


def list_arrived_badges(badge_ids: Collection[int]) -> set[int]:
    """Return those of these badges that admitted their person in an act that was not taken back."""
    if not badge_ids:
        return set()
    undo = aliased(DeskEvent)
    return set(
        db.session.scalars(
            select(BadgeArrival.badge_id)
            .join(DeskEvent, DeskEvent.id == BadgeArrival.event_id)
            .where(BadgeArrival.badge_id.in_(badge_ids), ~exists().where(undo.undoes_id == DeskEvent.id))
        )
    )


def find_badge_of_event(event_row: int) -> int | None:
    """Return the id of the badge by which an event admitted a person, or None where there was no badge."""
    return db.session.scalar(select(BadgeArrival.badge_id).where(BadgeArrival.event_id == event_row))


def find_layout(hall_id: int) -> BadgeLayout | None:
    """Return the last print settings of a hall, or None."""
    return db.session.get(BadgeLayout, hall_id)
