"""Kinds in the ledger and the reports: a new one is in all of them without other change, and no name moves a figure."""

import csv
import io
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import openpyxl
import pypdf
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.kinds import service, standard
from hallapp.kinds.values import Kind, Kinds
from hallapp.ledger import facet_parts
from hallapp.ledger.facet_parts import OrganisationKinds
from hallapp.ledger.figures import Amount
from hallapp.ledger.recount import recount
from hallapp.periods import Period
from hallapp.reports.closing import month_close, verify
from hallapp.reports.figures import filing
from hallapp.schedule.models import Hall, Programme
from tests import factories
from tests.api.table import program
from tests.booking.helpers import MADE, page, typed
from tests.client import CheckingClient
from tests.kinds.test_settings import save
from tests.reports.conftest import Counter, clock, counter, november

__all__ = ["clock", "counter", "november"]
NOVEMBER, DECEMBER = Period.month(2026, 11), Period.month(2026, 12)


def kinds_of(client: CheckingClient, period: str) -> dict[str, tuple[str, int, int]]:
    """A report's kinds by code, with what it calls them."""
    rows = client.get(f"/reports/{period}.json?lang=en").get_json()["kinds"]
    return {row["code"]: (row["name"], row["visitors"], row["groups"]) for row in rows}


def change_everything(hall: Hall) -> None:
    """Rename, order and retire kinds in which people are counted, and some in which nobody is."""
    save(hall, code="school", zh="院校", en="Schools and colleges")
    save(hall, code="union", zh="职工组织", en="Workers")
    with transaction():
        ours = db.session.get_one(Hall, hall.id)
        service.retire(ours, "union", by=None)
        service.retire(ours, "women", by=None)
        service.move(ours, "other", up=True, by=None)


@pytest.mark.either_database
def test_new_names_and_order_move_no_figure_and_leave_closed_months_as_signed(
    november: SimpleNamespace, client: CheckingClient, clock: time_machine.Traveller
) -> None:
    client.sign_in(november.manager)
    with transaction():
        close = month_close.close(november.hall.id, NOVEMBER, staff_id=november.manager.id)
        digest = close.digest
    closed, running = kinds_of(client, "2026-11"), kinds_of(client, "2026-12")
    change_everything(november.hall)
    assert kinds_of(client, "2026-11") == closed  # names and order too
    now = kinds_of(client, "2026-12")
    kept = {code: figures[1:] for code, figures in running.items() if code not in ("union", "women")}
    assert {code: figures[1:] for code, figures in now.items()} == kept
    assert now["school"] == ("Schools and colleges", 7, 1)
    year = kinds_of(client, "2026")
    assert year["union"] == ("Workers", 6, 1)  # retired, but counted
    assert "women" not in year
    assert sum(people for _name, people, _groups in year.values()) == 74 + 10 + 7
    assert recount(november.hall.id) == []
    [verdict] = verify.list_verdicts(november.hall.id)
    assert (verdict.agrees, verdict.close.digest) == (True, digest)
    filed = filing.write(filing.read(verdict.close.figures))
    assert filed == verdict.close.figures
    assert {row["kind"] for row in filed["kinds"]} == set(standard.FIRST)  # codes alone, as ever


@pytest.mark.either_database
def test_name_of_the_halls_own_is_filed_and_stays(
    counter: Counter, client: CheckingClient, clock: time_machine.Traveller
) -> None:
    code = save(counter.hall, zh="志愿者", en="Volunteers")
    counter.walk_in("2026-11-10T09:00", {"440000": 5}, kind=code)
    clock.move_to("2026-12-01T08:00+08:00")
    with transaction():
        month_close.close(counter.hall.id, NOVEMBER, staff_id=counter.manager.id)
    save(counter.hall, code=code, zh="义工", en="Helpers")
    client.sign_in(counter.manager)
    assert kinds_of(client, "2026-11")[code] == ("Volunteers", 5, 1)
    assert kinds_of(client, "2026")[code] == ("Helpers", 5, 1)


@given(
    found=st.dictionaries(st.sampled_from([*standard.NAMES, "kind-2", "erased"]), st.integers(0, 9)),
    retired=st.sets(st.sampled_from(standard.FIRST)),
)
def test_parts_always_add_up(found: dict[str, int], retired: set[str]) -> None:
    """Whatever a hall retires, and whichever codes the ledger holds, nobody is left out of a report."""
    parts = OrganisationKinds()
    with pytest.MonkeyPatch.context() as patched:
        kinds = Kinds(Kind(code=code, active=code not in retired) for code in standard.FIRST)
        patched.setattr(facet_parts, "list_kinds", lambda _hall: kinds)
        listed = list(parts.list_parts(1, {code: Amount(people, 1, 0) for code, people in found.items()}))
    assert sum(part.amount.visitors for part in listed) == sum(found.values())
    assert {part.code for part in listed} >= set(standard.FIRST) - retired
    assert len({part.code for part in listed}) == len(listed)


def test_new_kind_goes_from_the_settings_to_every_report(
    counter: Counter, client: CheckingClient, clock: time_machine.Traveller
) -> None:
    hall = counter.hall
    with transaction():
        db.session.get_one(Hall, hall.id).slots_until = MADE
        slot = factories.slot(programme=counter.alone, day=hall.today())
        admin = factories.staff(hall=hall, role=Role.ADMIN)
    client.sign_in(counter.manager)
    client.get("/admin/kinds")
    assert client.submit("/admin/kinds", {"name_zh": "龑舟队", "name_en": "Rowing club"}).status_code == 303
    code, name = "rowing-club", "龑舟队"
    assert f'<option value="{code}">{name}</option>' in page(client.get("/bookings/new?lang=zh"))
    given = typed(slot, organisation="第一队", kind=code, source="phone", pass_language="zh")
    assert client.submit("/bookings/new", given).status_code == 303
    booking = db.session.scalars(db.select(Booking)).one()
    assert name in page(client.get(f"/bookings/{booking.reference}"))
    client.get("/desk")
    arrival: dict[str, Any] = {"event_id": str(uuid4()), "code": booking.reference}
    assert client.send_json("/desk/arrivals", arrival).status_code == 200
    walk_in = {"event_id": str(uuid4()), "kind": code, "organisation": "第二队", "counts": {"440000": 3}}
    assert client.send_json("/desk/walk-ins", walk_in).status_code == 200
    unknown = {**walk_in, "event_id": str(uuid4()), "kind": "no-such-kind"}
    assert client.send_json("/desk/walk-ins", unknown).status_code == 422

    month = f"{hall.today():%Y-%m}"
    assert kinds_of(client, month)[code] == ("Rowing club", 23, 2)
    lines = list(csv.reader(io.StringIO(client.get(f"/reports/{month}.csv?lang=zh").get_data(as_text=True))))
    assert [line[3] for line in lines if line[1:3] == [code, name]] == ["23"]
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/reports/{month}.xlsx?lang=zh").data))
    assert any(name in row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))
    paper = pypdf.PdfReader(io.BytesIO(client.get(f"/reports/{month}.pdf?lang=en").data))
    assert "Rowing club" in "".join(one.extract_text() for one in paper.pages)
    behind = page(client.get(f"/reports/{month}/arrivals?kind={code}&lang=zh"))
    assert "第一队" in behind and name in behind
    assert name in page(client.get("/reports/exports?lang=zh"))
    units = page(client.get(f"/bookings/units?month={month}&lang=zh"))
    assert "第一队" in units and name in units

    site = program(client.application, admin)
    [listed] = [one for one in site.get("/halls").json["items"][0]["kinds"] if one["code"] == code]
    assert listed == {"code": code, "name": {"zh": name, "en": "Rowing club"}, "active": True}
    with transaction():
        later = factories.slot(programme=db.session.get_one(Programme, counter.alone.id), day=date(2026, 12, 9))
        kept = factories.booking(slot=later, kind=code).reference
        service.retire(db.session.get_one(Hall, hall.id), code, by=None)
    body = {
        **{"slot": slot.id, "organisation": "第三队", "contact_name": "梁㛃", "phone": "020 8345 0000"},
        **{"origins": [{"division": "440000", "visitors": 9}], "consent": True, "rules": "staff"},
    }
    for refused in (code, "no-such-kind"):
        answer = site.post("/bookings", {**body, "kind": refused})
        assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, ["/kind"]), refused
    assert site.post("/bookings", {**body, "kind": "school"}).status_code == 201
    changed = site.patch(f"/bookings/{kept}", {"note": "x", "rules": "staff"})
    assert (changed.status_code, changed.json["kind"]) == (200, code)  # a group keeps the kind that it has
    assert kinds_of(client, month)[code] == ("Rowing club", 23, 2)
