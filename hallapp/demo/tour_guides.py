"""The demonstration's guides, and their assignments of the coming days."""

from collections.abc import Sequence
from datetime import time, timedelta

from sqlalchemy import select

from hallapp.booking.models import AGREED, Booking, TourLanguage
from hallapp.core.database import db
from hallapp.guides import assigning, service
from hallapp.guides.models import Assignment
from hallapp.guides.service import GuideFacts, SetPattern
from hallapp.schedule.models import Hall, Slot

_ZH, _YUE, _EN = TourLanguage.MANDARIN, TourLanguage.CANTONESE, TourLanguage.ENGLISH
_GUIDES = (
    ("刘晓岚", (_ZH, _YUE), range(7)),
    ("陈嘉怡", (_ZH, _EN), range(7)),
    ("Amy 黄", (_EN, _ZH), (1, 3, 5, 6)),
)
_DAYS = 7


def hire(hall: Hall, *, account: int, by: int) -> dict[int, int]:
    """Let three guides work here, the first with the account of a guide; returns who led which of the past bookings."""
    today = hall.today()
    hired: list[int] = []
    programmes = tuple(programme.slug for programme in hall.programmes)
    for number, (name, languages, weekdays) in enumerate(_GUIDES):
        facts = GuideFacts(
            hall_id=hall.id,
            by=by,
            name=name,
            languages=languages,
            programmes=programmes,
            staff_id=None if number else account,
        )
        guide = service.add(facts)
        hired.append(guide.id)
        spans = tuple((weekday, time(8, 30), time(23, 59)) for weekday in weekdays)
        service.set_pattern(SetPattern(hall_id=hall.id, by=by, guide_id=guide.id, valid_from=today, spans=spans))
    return _lead_past(hall, hired)


def _lead_past(hall: Hall, guides: Sequence[int]) -> dict[int, int]:
    """Let the guides have led the groups that needed one and have come, in turn."""
    came = db.session.scalars(
        select(Booking)
        .join(Booking.slot)
        .where(Booking.hall_id == hall.id, Booking.guides > 0, Slot.day < hall.today(), Booking.state.in_(AGREED))
        .order_by(Slot.starts_at, Booking.id)
    ).all()
    led = {booking.id: guides[place % len(guides)] for place, booking in enumerate(came)}
    db.session.add_all(
        Assignment(hall_id=hall.id, booking_id=booking.id, guide_id=led[booking.id], assigned_at=booking.created_at)
        for booking in came
    )
    db.session.flush()
    return led


def assign(hall: Hall, *, by: int) -> None:
    """Assign the guides to the groups of the coming days."""
    today = hall.today()
    assigning.assign_suggested(hall, first=today, last=today + timedelta(days=_DAYS), by=by)
