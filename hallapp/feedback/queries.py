"""Reads of feedback."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, extract, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import contains_eager

from hallapp.booking.models import Booking
from hallapp.core.database import db
from hallapp.core.i18n import gettext as _
from hallapp.feedback.models import Feedback
from hallapp.guides.models import Assignment
from hallapp.privacy.notice import tells
from hallapp.schedule.models import Hall, Programme, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The number of groups with feedback, and the average of their stars; None where there are none."""

    groups: int
    visit: float | None
    guide: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackMonth:
    """The figures of the visits of one month."""

    year: int
    month: int
    figures: Figures


def get_booking_by_reference(reference: str) -> Booking:
    """Return the booking of a reference, of any hall: for a person with a signed key. Raises NoResultFound."""
    found = db.session.scalars(_whole(select(Booking)).where(Booking.reference == reference)).one_or_none()
    if found is None:
        raise NoResultFound
    return found


def find_feedback(booking_id: int) -> Feedback | None:
    """Return the feedback of a booking, or None."""
    return db.session.scalar(select(Feedback).where(Feedback.booking_id == booking_id))


def get_figures(hall_id: int, *, guide_id: int | None = None) -> Figures:
    """Return the figures of a hall since its opening; with `guide_id` of the groups that this guide led."""
    row = db.session.execute(_of(select(*_FIGURES), hall_id, guide_id)).one()
    return _figures(*row)


def list_months(hall_id: int, *, limit: int, guide_id: int | None = None) -> Sequence[FeedbackMonth]:
    """Return the figures of the latest months with feedback, by the day of the visit, oldest first."""
    year, month = extract("year", Slot.day), extract("month", Slot.day)
    query = _of(select(year, month, *_FIGURES), hall_id, guide_id)
    query = query.join(Booking, Booking.id == Feedback.booking_id).join(Slot, Slot.id == Booking.slot_id)
    rows = db.session.execute(query.group_by(year, month).order_by(year.desc(), month.desc()).limit(limit)).all()
    return [FeedbackMonth(year=int(row[0]), month=int(row[1]), figures=_figures(*row[2:])) for row in reversed(rows)]


def list_feedback(
    hall_id: int, *, limit: int, before: int | None = None, guide_id: int | None = None
) -> Sequence[Feedback]:
    """Return feedback, newest first, from before a given entry, with booking and slot."""
    query = _of(select(Feedback), hall_id, guide_id).order_by(Feedback.id.desc()).limit(limit)
    query = query.join(Feedback.booking).join(Booking.slot).join(Slot.programme)
    query = query.options(contains_eager(Feedback.booking).contains_eager(Booking.slot).contains_eager(Slot.programme))
    if before is not None:
        query = query.where(Feedback.id < before)
    return db.session.scalars(query).all()


_FIGURES = (func.count(), func.avg(Feedback.stars_visit), func.avg(Feedback.stars_guide))


def _figures(groups: int, visit: float | None, guide: float | None) -> Figures:
    return Figures(
        groups=groups,
        visit=None if visit is None else float(visit),
        guide=None if guide is None else float(guide),
    )


def _of(query: Select, hall_id: int, guide_id: int | None) -> Select:
    query = query.select_from(Feedback).where(Feedback.hall_id == hall_id)
    if guide_id is None:
        return query
    led = select(Assignment.booking_id).where(Assignment.guide_id == guide_id, Assignment.dropped_at.is_(None))
    return query.where(Feedback.booking_id.in_(led))


def _whole(query: Select) -> Select:
    return (
        query.join(Booking.slot)
        .join(Slot.programme)
        .join(Programme.hall)
        .options(contains_eager(Booking.slot).contains_eager(Slot.programme).contains_eager(Programme.hall))
    )


@tells
def tell_practice(_hall: Hall) -> Sequence[tuple[str, str]]:
    """Return what the privacy notice says of feedback."""
    return ((_("Your rating and your comment after the visit"), _("To improve the visits. Giving them is up to you.")),)
