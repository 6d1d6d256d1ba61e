"""The scene of the search: bookings with their bigrams."""

from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.booking import bigrams, search
from hallapp.booking.models import Booking, Gram
from hallapp.booking.terms import Terms
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Programme, Slot
from tests import factories

DAY = date(2026, 12, 5)


@pytest.fixture
def programme(app: Flask) -> Programme:
    with transaction():
        return factories.programme(hall=factories.hall())


@pytest.fixture
def slot(programme: Programme) -> Slot:
    return on(programme, DAY)


def on(programme: Programme, day: date, starts: time = time(9, 30)) -> Slot:
    return factories.make(
        factories.slot, programme=programme, day=day, starts=starts, visitor_capacity=10_000, guide_capacity=1_000
    )


def book(slot: Slot, organisation: str = "广州市越秀区东湖街老年大学", **values: Any) -> Booking:
    with transaction():
        return booked(slot, organisation, **values)


def booked(slot: Slot, organisation: str, *, phone: str = "+8619900001050", **values: Any) -> Booking:
    booking = factories.booking(
        slot=slot,
        organisation=organisation,
        organisation_key=bigrams.organisation_key(organisation),
        phone=phone,
        phone_tail=phone[-4:],
        **values,
    )
    bigrams.index(booking)
    return booking


def found(slot: Slot, **terms: Any) -> list[Booking]:
    read = Terms.from_mapping(terms)
    assert read.problems == ()
    return list(search.search(slot.hall_id, read, today=DAY).bookings)


def grams_of(booking: Booking) -> set[str]:
    return set(db.session.scalars(select(Gram.gram).where(Gram.booking_id == booking.id)))
