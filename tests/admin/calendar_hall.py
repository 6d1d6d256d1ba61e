"""A hall with a weekly template and a manager, for the tests of the calendar; it is Tuesday 1 December 2026, noon."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.schedule import planning, service
from hallapp.schedule.models import Hall, Programme, Slot
from hallapp.schedule.service import SetTemplate
from tests import factories, scenes

ZONE = "Asia/Shanghai"
SATURDAY = date(2026, 12, 5)
SUNDAY = date(2026, 12, 6)
MORNING, AFTERNOON = time(9, 30), time(14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The hall, its guided tour, its manager, and a browser in which the manager has signed in."""

    hall: Hall
    tour: Programme
    manager: Staff
    client: FlaskClient

    def slot(self, day: date = SATURDAY, starts: time = MORNING) -> Slot:
        """The tour's slot at a time, as it now stands."""
        starts_at = clock.at(day, starts, ZONE)
        return db.session.scalars(
            select(Slot)
            .where(Slot.programme_id == self.tour.id, Slot.starts_at == starts_at)
            .execution_options(populate_existing=True)
        ).one()

    def book(self, slot: Slot, people: int = 20, **values: Any) -> Booking:
        """A confirmed booking with an address to write to."""
        values = {"email": "group@example.org", **values}
        return factories.make(factories.booking, slot=slot, origins={"440000": people}, **values)

    def booking(self, booking: Booking) -> Booking:
        """A booking as it now stands."""
        return db.session.get_one(Booking, booking.id, populate_existing=True)

    def submit(self, path: str, **data: Any) -> Any:
        """Send a form of the calendar."""
        return self.client.submit(f"/admin/calendar{path}", data)


def prepare(client: Any) -> Stage:
    """Make it: two tours a day, 60 places and 3 guides each, until the end of the next eight days."""
    stage = Stage(**scenes.stored(_make), client=client)
    client.sign_in(stage.manager)
    return stage


def _make() -> scenes.Rows:
    hall = factories.hall(days_ahead=8)
    tour = factories.programme(hall=hall, group_min=1, group_max=60)
    manager = factories.staff(hall=hall, role=Role.MANAGER)
    lines = tuple((weekday, starts, 60, 3) for weekday in range(7) for starts in (MORNING, AFTERNOON))
    command = SetTemplate(hall_id=hall.id, by=None, programme=tour.slug, valid_from=date(2026, 12, 1), lines=lines)
    planning.carry_out(service.set_template(command))
    service.extend_slots(hall)
    return {"hall": hall, "tour": tour, "manager": manager}
