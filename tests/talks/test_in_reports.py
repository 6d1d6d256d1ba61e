"""Talks in reports: beside the visitors in every file, filed with a close, and by no way but the hall's a visit."""

import io
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.desk import service as desk
from hallapp.ledger.models import Arrival
from hallapp.online.models import OnlineViewer
from hallapp.periods import Period
from hallapp.reports.closing import month_close, verify
from hallapp.reports.figures import filing, service
from hallapp.schedule.models import Mode
from hallapp.talks import service as talks
from hallapp.talks.models import Talk, TalkMode
from tests import factories
from tests.booking.helpers import page
from tests.talks.helpers import NOW, TODAY, at, command, make_office

NOVEMBER = Period.month(2026, 11)
#: The way, the host, and what became of each talk of the month.
TALKS = (
    (TalkMode.ON_SITE, 1, "held"),
    (TalkMode.ON_SITE, 2, "held"),
    (TalkMode.PHONE, 1, "held"),
    (TalkMode.ONLINE, 2, "held"),
    (TalkMode.PHONE, 2, "missed"),
    (TalkMode.ON_SITE, 1, "cancelled"),
    (TalkMode.PHONE, 1, "booked"),
)


@pytest.fixture
def november(app: Flask) -> SimpleNamespace:
    with time_machine.travel(NOW, tick=False), transaction():
        made = make_office()
        made.manager = factories.staff(hall=made.hall, role=Role.MANAGER)
        made.numbers = [
            talks.book(
                command(
                    made.hall,
                    submission=str(n),
                    phone=f"+86199000030{n:02}",
                    mode=mode,
                    host=host,
                    starts_at=at(10 + n // 4, 30 * (n // 2 % 2)),
                    division="710000" if n else "440000",
                )
            ).number
            for n, (mode, host, _end) in enumerate(TALKS)
        ]
        talks.cancel(get(made, 5))
    with time_machine.travel(at(13), tick=False):
        for n, (_mode, _host, end) in enumerate(TALKS):
            if end in ("held", "missed"):
                with transaction():
                    record = talks.record_held if end == "held" else talks.record_missed
                    record(get(made, n), staff_id=made.people[0].id)
    return made


def get(office: SimpleNamespace, n: int) -> Talk:
    return db.session.get_one(Talk, (office.hall.id, office.numbers[n]))


@pytest.mark.either_database
def test_talks_are_beside_the_visitors_in_every_file_and_stay_as_filed(november: SimpleNamespace, app: Flask) -> None:
    arrivals = db.session.execute(select(Arrival.division, Arrival.visitors, Arrival.day)).all()
    assert sorted(map(tuple, arrivals)) == [("440000", 1, TODAY), ("710000", 1, TODAY)]  # those at the hall alone
    manager = app.test_client()
    with time_machine.travel(at(9, day=TODAY + timedelta(days=10)), tick=False):
        manager.sign_in(november.manager)
        told = json.loads(manager.get("/reports/2026-11.json?lang=en").data)
        counted = {"held": 4, "on_site": 2, "phone": 1, "online": 1, "missed": 1, "cancelled": 1}
        assert told["talks"] | counted == told["talks"]
        assert (told["talks"]["visitors"], told["talks"]["agrees"], told["totals"]["visitors"]) == (2, True, 2)
        assert [(one["name"], one["held"], one["missed"]) for one in told["talks"]["hosts"]] == [
            ("导师1", 2, 0),
            ("导师2", 2, 1),
        ]
        rows = manager.get("/reports/2026-11.csv?lang=en").data.decode("utf-8-sig")
        assert "Talks by host,1,导师1,2" in rows and "Talks by host · By phone,1,导师1,1" in rows
        sheet = load_workbook(io.BytesIO(manager.get("/reports/2026-11.xlsx?lang=en").data))["Talks by host"]
        assert [cell.value for cell in sheet[3]] == ["2", "导师2", 2, 1, 0, 1, 1, 0]
        assert "4 talks were held with a host" in page(manager.get("/reports/2026-11?lang=en"))
        assert manager.get("/reports/2026-11.pdf").data.startswith(b"%PDF")

        with transaction():
            live = factories.programme(hall=november.hall, mode=Mode.ONLINE, guides=0)
            slot = factories.slot(programme=live, day=TODAY)
            booking = factories.booking(slot=slot)
            viewer = {"hall_id": slot.hall_id, "slot_id": slot.id, "booking_id": booking.id}
            db.session.add(OnlineViewer(device="d", people={"440000": 1}, **viewer))
        asked = page(manager.get("/reports/2026-11/close?lang=en"))
        assert "导师1 has not recorded the result of 1 talk" in asked and "audience of 1 online session" in asked
        with transaction():
            made = month_close.close(november.hall.id, NOVEMBER, staff_id=november.manager.id)
        assert made.figures["talks"]["total"] == {name: n for name, n in counted.items() if name != "held"}
        assert filing.write(filing.read(made.figures)) == made.figures
        with transaction():
            talks.record_held(get(november, 4), staff_id=november.people[0].id)
        report = service.get_report(november.hall, NOVEMBER)
        assert (report.talks.total.held, report.later_talks) == (4, 1)
        assert "changed by +1" in page(manager.get("/reports/2026-11?lang=en"))
        assert verify.verify(made).agrees
        with transaction():
            month_close.reopen(november.hall.id, NOVEMBER, reason="补记", staff_id=november.manager.id)
            event = get(november, 1).event_id
            desk.take_back(desk.TakeBack(hall_id=november.hall.id, staff_id=november.manager.id, event_id=event))
        report = service.get_report(november.hall, NOVEMBER)
        assert (report.talks.total.on_site, report.talks.visitors, report.totals.visitors) == (2, 1, 1)
        with transaction():
            again = month_close.close(november.hall.id, NOVEMBER, staff_id=november.manager.id)
        changes = month_close.list_changes(
            service.filed_report(november.hall, made), service.filed_report(november.hall, again)
        )
        assert ("导师2", 2, 3) in {(one.name, one.before, one.after) for one in changes}


def test_a_month_without_talks_files_none(november: SimpleNamespace) -> None:
    figures = service.compute(november.hall, Period.month(2026, 10))
    assert figures.talks is None and "talks" not in filing.write(figures)
