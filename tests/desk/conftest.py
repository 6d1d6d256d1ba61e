"""A counter on a fixed morning: a hall, its staff, a booking for today, and its pass."""

from collections.abc import Iterator
from datetime import date, datetime
from types import SimpleNamespace
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.desk import service
from hallapp.ledger.facets import ALL, DIVISION
from hallapp.ledger.models import Span
from hallapp.ledger.queries import list_spans
from hallapp.passes import codes
from hallapp.passes import service as passes
from tests import factories
from tests.conftest import SECRET

KEYS = (SECRET,)
GUANGZHOU = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 40, tzinfo=GUANGZHOU)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is 09:40 on a Saturday in Guangzhou, and stays so until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def counter(app: Flask, clock: time_machine.Traveller) -> SimpleNamespace:
    """A hall at its counter; `booking` is 38 people from Guangdong and 2 from Hunan at 09:30 today."""
    return make_counter()


def make_counter(day: date = TODAY) -> SimpleNamespace:
    """One more hall with its staff, a booking on a day and its pass, in a transaction of its own."""
    with transaction():
        hall = factories.hall()
        programme = factories.programme(hall=hall)
        return SimpleNamespace(
            hall=hall,
            programme=programme,
            desk=factories.staff(hall=hall, password_hash="none: these tests need no password"),
            manager=factories.staff(hall=hall, role=Role.MANAGER, password_hash="none"),
            booking=(booking := make_booking(programme, day=day)),
            code=code_of(booking),
        )


def make_booking(programme: factories.Programme, *, day: date, **values: object) -> Booking:
    """A booking on a day; needs a transaction."""
    slot = factories.slot(programme=programme, day=day)
    return factories.booking(slot=slot, **{"origins": {"440000": 38, "430000": 2}, **values})


def code_of(booking: Booking) -> str:
    """The QR text of a new pass for a booking; needs a transaction."""
    return codes.qr_text(codes.sign(passes.issue(booking).token, KEYS), "http://127.0.0.1:8000")


def admit(counter: SimpleNamespace, **values: object) -> service.Done:
    """Admit the counter's booking, in a transaction of its own."""
    role = values.pop("role", Role.DESK)
    command = service.Admit(
        **{
            "hall_id": counter.hall.id,
            "staff_id": (counter.manager if role is Role.MANAGER else counter.desk).id,
            "role": role,
            "event_id": str(uuid4()),
            "code": counter.code,
            **values,
        }
    )
    with transaction():
        return service.admit(command, keys=KEYS)


def admit_walk_in(counter: SimpleNamespace, counts: dict[str, int], **values: object) -> service.Done:
    """Admit a walk-in, in a transaction of its own."""
    command = service.AdmitWalkIn(
        **{
            "hall_id": counter.hall.id,
            "staff_id": counter.desk.id,
            "event_id": str(uuid4()),
            "counts": counts,
            **values,
        }
    )
    with transaction():
        return service.admit_walk_in(command)


def take_back(counter: SimpleNamespace, event_id: str, **values: object) -> service.Done:
    """Take an admission back, in a transaction of its own."""
    command = service.TakeBack(
        **{"hall_id": counter.hall.id, "staff_id": counter.desk.id, "event_id": event_id, **values}
    )
    with transaction():
        return service.take_back(command)


def summaries(counter: SimpleNamespace) -> tuple[dict[tuple[str, str], tuple[int, int]], dict[str, tuple[int, int]]]:
    """What the figures of days hold, parts of zeros left out: {(day, division): (people, groups)} and {day: (…)}."""
    db.session.rollback()

    def read(facet: str) -> dict[tuple[str, str], tuple[int, int]]:
        rows = list_spans(counter.hall.id, (Span.DAY, date.min, None), facet)
        return {(f"{day:%m-%d}", part): one[:2] for day, part, one in rows if one.visitors or one.groups}

    return read(DIVISION), {day: one for (day, _part), one in read(ALL).items()}
