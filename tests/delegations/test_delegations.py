"""Delegations: made by the staff, listed for the gate, welcomed by consent in time, and erased."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking import retention
from hallapp.core.database import db, transaction
from hallapp.delegations import queries, service
from hallapp.delegations.models import Delegation
from tests import factories
from tests.booking.helpers import MADE, page

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
FORM = {
    "level": "部级",
    "leader": "团长甲",
    "hosts": "馆长乙",
    "vehicles": "粤A12345\n粤B·D67890",
    "welcome": "欢迎代表团",
}


@pytest.fixture
def visit(app: Flask) -> SimpleNamespace:
    """A visit at 13:00 of the last of November, of a hall with two levels."""
    with time_machine.travel(NOON, tick=False), transaction():
        hall = factories.hall(slots_until=MADE)
        slot = factories.slot(
            programme=factories.programme(hall=hall, guides=0), day=NOON.date(), starts=datetime(2026, 1, 1, 13).time()
        )
        booking = factories.booking(slot=slot)
        desk, guide = factories.staff(hall=hall), factories.staff(hall=hall, role=Role.GUIDE)
        service.save_levels(hall.id, " 部级 \n\n省级\n部级", by=None)
    return SimpleNamespace(app=app, hall=hall, booking=booking, desk=desk, guide=guide)


@pytest.mark.either_database
def test_a_delegation_reaches_the_gate_and_the_screen_and_is_erased(visit: SimpleNamespace) -> None:
    path = f"/bookings/{visit.booking.reference}/delegation"
    with time_machine.travel(NOON, tick=False):
        assert queries.list_levels(visit.hall.id) == ["部级", "省级"]
        client = visit.app.test_client()
        client.sign_in(visit.desk)
        client.get(f"{path}?lang=en")
        refused = client.submit(path, FORM)
        assert refused.status_code == 422
        assert "Ask the group and tick this box" in page(refused)
        assert client.submit(path, FORM | {"level": "no such level"}).status_code == 422
        assert client.submit(path, FORM | {"welcome_agreed": "y"}).status_code == 303
        gate = page(client.get("/gate?lang=en"))
        for words in ("部级", "团长甲", "馆长乙", "粤A12345", "粤B·D67890", 'id="print"'):
            assert words in gate
        assert "粤A12345" not in page(client.get("/gate?day=2026-12-01&lang=en"))
        assert queries.list_welcomes(visit.hall) == []  # an hour before the visit
        other = visit.app.test_client()
        other.sign_in(visit.guide)
        assert other.get("/gate").status_code == 403
    for minutes, words in ((29, []), (31, ["欢迎代表团"]), (149, ["欢迎代表团"]), (150, [])):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            assert queries.list_welcomes(visit.hall) == words
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "delegation_saved").order_by(AuditEntry.id)
    ).all()
    assert "团长甲" not in str([entry.detail for entry in entries])
    with time_machine.travel(NOON + timedelta(days=400), tick=False), transaction():
        assert retention.erase(visit.hall) == 1
    assert db.session.scalar(select(func.count()).select_from(Delegation)) == 0


@pytest.mark.on_database("sqlite")
def test_welcome_without_consent_and_delegations_that_are_none_any_more_are_not_shown(visit: SimpleNamespace) -> None:
    with time_machine.travel(NOON + timedelta(minutes=40), tick=False):
        data = service.DelegationData(**{**FORM, "welcome_agreed": False})
        with transaction():
            service.save(visit.booking, data, by=None)
        assert queries.list_welcomes(visit.hall) == []
        with transaction():
            service.remove(visit.booking, by=None)
        assert queries.list_gate(visit.hall.id, NOON.date()) == []


ORGANISER = {"leader": "团长丙", "hosts": "王馆长", "vehicles": "京A00001\n司机李", "welcome": "欢迎丙团"}


def test_an_organiser_names_the_delegation_and_the_staff_read_the_welcome(visit: SimpleNamespace) -> None:
    path, own = f"/visits/{visit.booking.key}/delegation", visit.app.test_client()
    staff = visit.app.test_client()
    with time_machine.travel(NOON, tick=False):
        assert own.get(path).status_code == 404  # the hall does not ask
        assert "delegation-title" not in page(own.get(f"/visits/{visit.booking.key}"))
        with transaction():
            service.save_levels(visit.hall.id, "", asked=True, by=None)
        assert "Of delegations" in page(own.get("/privacy?lang=en"))  # it asks, also without levels of its own
        with transaction():
            service.save_levels(visit.hall.id, "部级\n省级", asked=True, by=None)
        assert "delegation-title" in page(own.get(f"/visits/{visit.booking.key}"))
        own.get(f"{path}?lang=en")
        assert own.submit(path, dict.fromkeys(ORGANISER, "")).status_code == 303
        assert queries.find(visit.booking) is None  # who says nothing is no delegation
        refused = own.submit(path, ORGANISER)
        assert refused.status_code == 422 and "京A00001" in page(refused) and "Please tick this box" in page(refused)
        assert own.submit(path, ORGANISER | {"welcome_agreed": "y", "level": "部级"}).status_code == 303
        staff.sign_in(visit.desk)
        assert "司机李" in page(staff.get("/gate?lang=en"))
        assert "Words of welcome to read" in page(staff.get(f"/bookings/{visit.booking.reference}?lang=en"))
        office = f"/bookings/{visit.booking.reference}/delegation"
        assert "Read them, tick" in page(staff.get(f"{office}?lang=en"))
    with time_machine.travel(NOON + timedelta(minutes=40), tick=False):
        assert queries.list_welcomes(visit.hall) == []
        corrected = ORGANISER | {"level": "省级", "welcome": "欢迎丙代表团", "welcome_agreed": "y"}
        assert staff.submit(office, corrected).status_code == 303
        assert queries.list_welcomes(visit.hall) == ["欢迎丙代表团"]
        assert (
            own.submit(
                path, ORGANISER | {"vehicles": "京A2", "welcome": "欢迎丙代表团", "welcome_agreed": "y"}
            ).status_code
            == 303
        )
        assert queries.list_welcomes(visit.hall) == ["欢迎丙代表团"]  # the same words have been read
        assert own.submit(path, ORGANISER | {"welcome": "别的话", "welcome_agreed": "y"}).status_code == 303
        assert queries.list_welcomes(visit.hall) == []
    delegation = queries.find(visit.booking)
    assert delegation is not None and (delegation.level, delegation.welcome) == ("省级", "别的话")
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        closed = own.submit(path, ORGANISER | {"leader": "别人", "welcome": "", "vehicles": ""})
        assert closed.status_code == 409 and "团长丙" in page(closed)
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "delegation_named").order_by(AuditEntry.id)
    ).all()
    assert len(entries) == 3 and "团长" not in str([entry.detail for entry in entries])
