"""What the tests of guides begin with: a hall with three guides, and groups on the days of one week."""

from datetime import date, time
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.guides.models import Duty, Guide, GuideProgramme
from hallapp.schedule.models import Hall, Programme, Slot
from tests import factories

ZONE = "Asia/Shanghai"
MONDAY = date(2026, 12, 7)
TUESDAY = date(2026, 12, 8)
SUNDAY = date(2026, 12, 13)
NOON = clock.at(date(2026, 12, 1), time(12), ZONE)
NINE, FIVE = time(9), time(17)


def guide(
    hall: Hall, name: str, *programmes: Programme, weekdays: tuple[int, ...] = tuple(range(7)), **values: Any
) -> Guide:
    """A guide on duty from nine to five."""
    row = Guide(hall_id=hall.id, name=name, created_at=clock.now(), **values)
    days = {"starts": NINE, "ends": FIVE, "valid_from": date(2026, 1, 1)}
    row.duties = [Duty(hall_id=hall.id, weekday=weekday, **days) for weekday in weekdays]
    row.knows = [GuideProgramme(hall_id=hall.id, programme_id=one.id) for one in programmes]
    db.session.add(row)
    db.session.flush()
    return row


def group(programme: Programme, *, day: date = MONDAY, starts: time = time(10), **values: Any) -> Booking:
    """A group of 20 people at a time of its own."""
    there = select(Slot).where(Slot.programme_id == programme.id, Slot.starts_at == clock.at(day, starts, ZONE))
    slot = db.session.scalar(there) or factories.slot(
        programme=programme, day=day, starts=starts, guide_capacity=9, visitor_capacity=500
    )
    return factories.booking(slot=slot, **values)


def make_office() -> SimpleNamespace:
    """A hall, its tour and its staff; three guides: An, Bai and Chen, who speaks English too. In a transaction."""
    hall = factories.hall(slots_until=date(2099, 12, 31))
    tour = factories.programme(hall=hall)
    none = {"password_hash": "none: these tests need no password"}
    me = factories.staff(hall=hall, role=Role.GUIDE, **none)
    return SimpleNamespace(
        hall=hall,
        tour=tour,
        manager=factories.staff(hall=hall, role=Role.MANAGER, **none),
        me=me,
        an=guide(hall, "An", tour, staff_id=me.id),
        bai=guide(hall, "Bai", tour),
        chen=guide(hall, "Chen", tour, languages="zh,en"),
    )
