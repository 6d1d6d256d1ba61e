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


@pytest.mark.both_databases
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
        for words in ("部级", "团长甲", "馆长乙", "粤A12345", "粤B·D67890"):
            assert words in gate
        assert "粤A12345" not in page(client.get("/gate?day=2026-12-01&lang=en"))
        assert queries.list_welcomes(visit.hall) == []  # an hour before the visit
        other = visit.app.test_client()
        other.sign_in(visit.guide)
        assert other.get("/gate").status_code == 403
    for minutes, words in ((29, []), (31, ["欢迎代表团"]), (149, ["欢迎代表团"]), (150, [])):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            assert queries.list_welcomes(visit.hall) == words
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "delegation_saved")).all()
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
