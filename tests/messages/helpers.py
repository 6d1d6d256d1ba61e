"""A hall with one coming visit, and what stands in the outbox."""

import dataclasses
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import MADE

ZONE = "Asia/Shanghai"
DAY = date(2026, 12, 5)
BEFORE = clock.at(date(2026, 12, 1), time(12), ZONE)
EVE = clock.at(date(2026, 12, 4), time(10), ZONE)
EVENING = clock.at(DAY, time(18), ZONE)


def make_slot(**hall: Any) -> Slot:
    """A slot of DAY at a hall of its own, in a transaction of its own."""
    with transaction():
        row = factories.hall(slots_until=MADE, directions_zh="地铁二号线", **hall)
        return factories.slot(programme=factories.programme(hall=row), day=DAY, visitor_capacity=500, guide_capacity=20)


def messages() -> list[OutboxMessage]:
    """Everything in the outbox, oldest first."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def with_gateway(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment that can send text messages."""
    settings = dataclasses.replace(app.config["SETTINGS"], sms_url="http://127.0.0.1:1/")
    monkeypatch.setitem(app.config, "SETTINGS", settings)
