"""The scene of a booking's life: a guided tour, and the counters after each test."""

from collections.abc import Iterator
from datetime import time
from typing import Any

import pytest
from flask import Flask

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking import queries, service
from hallapp.booking.models import (
    Actor,
    Booking,
    BookingState,
    Verb,
)
from hallapp.booking.recount import recount
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.schedule.models import Hall, Slot
from tests import factories
from tests.booking.helpers import command
from tests.office import DAY

State = BookingState


@pytest.fixture(autouse=True)
def _first_of_december(first_of_december: object) -> None:
    """All tests of this folder are on that day."""


@pytest.fixture
def slot(app: Flask) -> Iterator[Slot]:
    """A guided tour of 90 minutes for 8 to 50 people on Saturday 5 December at 09:30: 40 places, 2 guides."""
    with transaction():
        hall = factories.hall()
        made = factories.slot(programme=factories.programme(hall=hall), day=DAY, visitor_capacity=40, guide_capacity=2)
    yield made
    with transaction():
        assert recount(made.hall_id) == []


def later(slot: Slot, starts: time = time(14), **values: Any) -> Slot:
    return factories.make(factories.slot, **{"programme": slot.programme, "day": DAY, "starts": starts, **values})


_number = iter(range(10_000))


def place(slot: Slot, people: int = 20, **changes: Any) -> Booking:
    values = {"origins": (("440000", people),), "submission": f"page {next(_number)}", **changes}
    with transaction():
        return service.place(command(slot, **values))


def do(verb: Any, booking: Booking, *args: Any, **more: Any) -> Any:
    with transaction():
        return verb(booking, *args, **more)


def refused(error: type[DomainError], verb: Any, *args: Any, **more: Any) -> DomainError:
    with pytest.raises(error) as raised, transaction():
        verb(*args, **more)
    db.session.expire_all()
    return raised.value


def state(booking: Booking) -> BookingState:
    db.session.expire_all()
    return booking.state


def taken(slot: Slot) -> tuple[int, int]:
    db.session.expire_all()
    return slot.visitors_booked, slot.guides_booked


def set_hall(slot: Slot, **values: Any) -> Hall:
    with transaction():
        hall = slot.programme.hall
        for name, value in values.items():
            setattr(hall, name, value)
    return hall


def verbs(booking: Booking) -> list[tuple[Verb, Actor]]:
    return [(event.verb, event.actor) for event in queries.list_events(booking)]


@pytest.fixture
def manager(slot: Slot) -> Staff:
    return factories.make(factories.staff, hall=slot.programme.hall, role=Role.MANAGER)
