"""The online audience in reports: beside the visitors in every file, filed with a close, and in no other figure."""

import io
import json
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook

from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.ledger.closes import digest_of
from hallapp.online import ledger
from hallapp.online.ledger import NewLine
from hallapp.online.models import AudienceSource, OnlineSession
from hallapp.periods import Period
from hallapp.reports.closing import month_close, verify
from hallapp.reports.figures import filing, service
from hallapp.reports.models import Publication
from hallapp.reports.rounding import difference
from hallapp.schedule.models import Mode
from tests import factories

OCTOBER = Period.month(2026, 10)
NOW = datetime(2026, 11, 3, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
PARTS = {"440000": (40, 1200), "_440100": (2, 60), "710000": (3, 90), "overseas": (1, 5)}


@pytest.fixture
def live(app: Flask) -> SimpleNamespace:
    with time_machine.travel(NOW, tick=False):
        with transaction():
            hall = factories.hall(opened_on=date(2026, 9, 1))
            talk = factories.programme(hall=hall, mode=Mode.ONLINE, guides=0, name_zh="云讲堂", name_en="Cloud talk")
            slot = factories.slot(programme=talk, day=date(2026, 10, 9), starts=time(19, 30))
            db.session.add(OnlineSession(hall_id=hall.id, slot_id=slot.id, peak=38))
            manager = factories.staff(hall=hall, role=Role.MANAGER, password_hash="none")
            found = SimpleNamespace(hall=hall, slot=slot, manager=manager)
            for place, (people, minutes) in PARTS.items():
                count(found, f"presence {place}", place, people, minutes)
        yield found


def count(live: SimpleNamespace, event: str, division: str, people: int, minutes: int) -> None:
    """A line of the ledger; needs a transaction."""
    ledger.write(live.slot, [NewLine(event, division, people, minutes)], AudienceSource.PRESENCE)


def test_every_file_has_the_audience_beside_the_visitors(live: SimpleNamespace, app: Flask) -> None:
    manager = app.test_client()
    manager.sign_in(live.manager)
    told = json.loads(manager.get("/reports/2026-10.json?lang=en").data)
    assert told["totals"]["visitors"] == 0 and told["check"]["ledger"] == 0
    audience = told["audience"]
    assert (audience["people"], audience["minutes"], audience["agrees"]) == (46, 1355, True)
    assert [(one["code"], one["people"]) for one in audience["divisions"]] == [
        ("440000", 42),
        ("710000", 3),
        ("overseas", 1),
    ]
    (session,) = audience["sessions"]
    assert (session["day"], session["starts"], session["people"], session["peak"]) == ("2026-10-09", "19:30", 46, 38)
    rows = manager.get("/reports/2026-10.csv?lang=en").data.decode("utf-8-sig")
    assert "Online audience by place of origin,710000,Taiwan,3" in rows
    book = load_workbook(io.BytesIO(manager.get("/reports/2026-10.xlsx?lang=en").data))
    sheet = next(one for one in book if "session" in one.title.lower())
    assert [cell.value for cell in sheet[2]][2:] == [46, 1355, 38]
    page = manager.get("/reports/2026-10?lang=zh").get_data(as_text=True)
    assert "线上观众" in page and "云讲堂" in page and "1,355" in page
    assert manager.get("/reports/2026-10.pdf").data.startswith(b"%PDF")
    assert "audience" not in json.loads(manager.get("/reports/2026-11.json").data)
    sheet_page = manager.get("/reports/2026/sheet?lang=en").get_data(as_text=True)
    assert "Online audience" in sheet_page and "46" in sheet_page


@pytest.mark.either_database
def test_a_close_files_the_audience_and_shows_what_came_later(live: SimpleNamespace, app: Flask) -> None:
    with transaction():
        made = month_close.close(live.hall.id, OCTOBER, staff_id=live.manager.id)
    assert made.figures["audience"]["people"] == 46 and made.visitors == 0
    assert verify.verify(made).agrees
    with transaction():
        count(live, "correction 1", "710000", -1, -30)
    report = service.get_report(live.hall, OCTOBER)
    assert (report.audience.people, report.later_audience) == (46, -1)
    assert verify.verify(made).agrees
    assert filing.write(filing.read(made.figures)) == made.figures
    manager = app.test_client()
    manager.sign_in(live.manager)
    assert "Taiwan: people -1, minutes -30" in manager.get("/reports/2026-10?lang=en").get_data(as_text=True)
    with transaction():  # people of one place were those of another, so their sum is as before
        count(live, "correction 2", "110000", 1, 30)
    shown = manager.get("/reports/2026-10?lang=en").get_data(as_text=True)
    assert "Beijing: people +1, minutes +30 · Taiwan: people -1, minutes -30" in shown
    with transaction():
        count(live, "correction 3", "710000", 1, 30)
        count(live, "correction 4", "110000", -1, -30)
    assert "Since the close" not in manager.get("/reports/2026-10?lang=en").get_data(as_text=True)


def test_sessions_that_start_together_are_compared_apart(live: SimpleNamespace) -> None:
    before = service.get_report(live.hall, OCTOBER)
    with transaction():
        other = factories.programme(hall=live.hall, mode=Mode.ONLINE, guides=0)
        slot = factories.slot(programme=other, day=live.slot.day, starts=time(19, 30))
        count(SimpleNamespace(slot=slot), "other", "440000", 5, 10)
    changes = month_close.list_changes(before, service.get_report(live.hall, OCTOBER))
    assert [(one.before, one.after) for one in changes] == [(42, 47), (0, 5)]


def test_figures_without_an_audience_are_filed_as_before(live: SimpleNamespace) -> None:
    with transaction():
        made = month_close.close(live.hall.id, Period.month(2026, 9), staff_id=live.manager.id)
    assert "audience" not in made.figures
    assert digest_of(filing.write(filing.read(made.figures))) == made.digest
    assert made.closed_at <= NOW + timedelta(days=1)


def test_the_audience_is_published_rounded_and_in_tables_of_its_own(live: SimpleNamespace, app: Flask) -> None:
    with transaction():
        first = month_close.close(live.hall.id, OCTOBER, staff_id=live.manager.id)
    with transaction():  # as the version before has published it
        db.session.add(
            Publication(hall_id=live.hall.id, month=OCTOBER.first, revision=1, close_id=first.id, published_at=NOW)
        )
    manager = app.test_client()
    manager.sign_in(live.manager)

    def published() -> dict[str, Any]:
        body = json.loads(manager.get("/reports/2026-10/open.json?lang=en").data)
        assert body["visitors"] == 0
        return dict(body["audience"])

    told = published()
    assert told["people"] in (45, 50)
    for table in ("divisions", "times", "programmes"):
        assert all(one["people"] % 5 == 0 for one in told[table])
        assert sum(one["people"] for one in told[table]) == told["people"]
    assert published() == told  # drawn once
    rows = manager.get("/reports/2026/open.csv?lang=en")
    assert rows.status_code == 409  # not all of its months are closed
    rows = manager.get("/reports/2026-10/open.csv?lang=en").data.decode("utf-8-sig")
    assert f"Online audience,2026-10,October 2026,{told['people']}" in rows
    with transaction():
        month_close.reopen(live.hall.id, OCTOBER, reason="补记", staff_id=live.manager.id)
        count(live, "late", "110000", 40, 100)
        month_close.close(live.hall.id, OCTOBER, staff_id=live.manager.id)
    again = published()
    assert again["people"] == told["people"] + 40
    places = [{one["code"]: one["people"] for one in body["divisions"]} for body in (told, again)]
    assert difference(places[1], places[0]) == dict.fromkeys(places[0], 0) | {"110000": 40}
