"""The audience of a hall that imported lists and closed months before it had records of them."""

from datetime import date, timedelta

import flask_migrate
import time_machine
from flask import Flask
from sqlalchemy import insert, select

from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.online import imports
from hallapp.online.models import Audience, AudienceAdjustment, AudienceSource, OnlineList
from hallapp.periods import Period
from hallapp.reports.closing import month_close, verify
from hallapp.schedule.models import Mode, Slot
from tests import factories

DAY = date(2026, 10, 9)


def _migrate(revision: str) -> None:
    """Move to a revision, and forget connections that know the tables as they were."""
    db.session.remove()
    (flask_migrate.upgrade if revision == "head" else flask_migrate.downgrade)(revision=revision)
    db.session.remove()
    db.engine.dispose()


def test_lists_and_later_lines_get_their_records(app: Flask) -> None:
    with time_machine.travel("2026-11-03T02:00:00Z", tick=False), transaction():
        hall = factories.hall(opened_on=date(2026, 9, 1))
        slot = factories.slot(programme=factories.programme(hall=hall, mode=Mode.ONLINE, guides=0), day=DAY)
        hall_id, slot_id, programme_id = hall.id, slot.id, slot.programme_id
        manager = factories.staff(hall=hall, role=Role.MANAGER, password_hash="none").id
    _migrate("0076")

    def line(event: str, division: str, people: int, minutes: int, source: AudienceSource, **days: int) -> None:
        at = clock.at(DAY, clock.MIDNIGHT, "Asia/Shanghai") + timedelta(**days)
        of_slot = {"hall_id": hall_id, "slot_id": slot_id, "programme_id": programme_id, "day": DAY}
        counted = {"division": division, "people": people, "minutes": minutes, "source": source, "counted_at": at}
        with db.engine.begin() as connection:
            connection.execute(insert(Audience).values(event=event, **of_slot, **counted))

    early, late = f"list {slot_id} {'a' * 32}", f"list {slot_id} {'b' * 32}"
    line(f"presence {slot_id} 1 440000", "440000", 1, 20, AudienceSource.PRESENCE, days=1)
    for event, division, people, minutes in (
        (f"{early} 440000", "440000", 1, 30),
        (f"{early} 710000", "710000", 2, 12),
        (f"{early} - 440000", "440000", -1, -20),
    ):
        line(event, division, people, minutes, AudienceSource.LIST, days=2)
    _migrate("head")

    with transaction():  # the audience of October is 3; a list of the version before came after the close
        closed = month_close.close(hall_id, Period.month(2026, 10), staff_id=manager)
        closed.closed_at = clock.at(DAY, clock.MIDNIGHT, "Asia/Shanghai") + timedelta(days=30)
    _migrate("0076")
    line(f"{late} 110000", "110000", 5, 50, AudienceSource.LIST, days=31)
    _migrate("head")

    rows = db.session.scalars(select(OnlineList).order_by(OnlineList.number)).all()
    assert [(one.people, one.minutes, one.relation, one.digest[0]) for one in rows] == [
        (3, 42, "instead", "a"),
        (5, 50, None, "b"),
    ]
    assert {place: tuple(change) for place, change in rows[0].changes.items()} == {
        "440000": (0, 10),
        "710000": (2, 12),
    }
    assert db.session.scalars(select(AudienceAdjustment.event)).all() == [f"{late} 110000"]
    (verdict,) = verify.list_verdicts(hall_id)
    assert verdict.agrees
    with transaction():
        month_close.reopen(hall_id, Period.month(2026, 10), reason="x", staff_id=manager)
        for one in reversed(rows):
            imports.take_back(db.session.get_one(Slot, slot_id), one.number, staff_id=manager)
    totals = imports._sum(db.session.get_one(Slot, slot_id))
    assert {place: one for place, one in totals.items() if any(one)} == {"440000": (1, 20)}
