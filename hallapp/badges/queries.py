"""Reads of badges."""

from collections.abc import Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased

from hallapp.badges.models import Badge, BadgeArrival, BadgeLayout
from hallapp.core.database import db
from hallapp.ledger.models import DeskEvent
from hallapp.namelist.models import Person


def find_badge(token: str, *, fresh: bool = False) -> Badge | None:
    """The badge with this token, in force or revoked, or None; `fresh` reads it again as it now stands."""
    return db.session.scalar(select(Badge).where(Badge.token == token).execution_options(populate_existing=fresh))


def find_person(badge: Badge) -> Person | None:
    """Whose badge it is, or None where that person is no longer on the list."""
    return db.session.get(Person, badge.person_id) if badge.person_id is not None else None


def list_in_force(booking_id: int) -> Sequence[Badge]:
    """The badges of a booking that are not revoked, those of nobody too."""
    return db.session.scalars(select(Badge).where(Badge.booking_id == booking_id, Badge.revoked_at.is_(None))).all()


def find_standing(badge: Badge) -> DeskEvent | None:
    """The event that admitted the person of a badge, by this one or one before it, and was not taken back; or None."""
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


def find_badge_of_event(event_row: int) -> int | None:
    """The id of the badge by which an event admitted somebody, or None where it did not go by a badge."""
    return db.session.scalar(select(BadgeArrival.badge_id).where(BadgeArrival.event_id == event_row))


def find_layout(hall_id: int) -> BadgeLayout | None:
    """How a hall printed its badges last, or None."""
    return db.session.get(BadgeLayout, hall_id)
