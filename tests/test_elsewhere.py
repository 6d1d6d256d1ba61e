"""A hall in Berlin and one in Boston, from the settings to the booking, the pass, the desk and the report."""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule import queries, service, starter
from hallapp.schedule.models import Hall, Slot
from tests import factories
from tests.booking.helpers import typed
from tests.client import CheckingClient

HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
MONDAY = date(2026, 11, 30)


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """A place, what is typed there, and what its pages must say."""

    region: Mapping[str, str]
    origin_set: str
    home: str
    phone: str
    stored: str
    shown: str
    day: str
    start: str
    week: tuple[str, ...]
    holiday: tuple[date, str]
    points: tuple[int, int]
    paper: int
    excluded: str = field(default="mainland")


BERLIN = Elsewhere(
    region={"country": "DE", "holiday_calendar": "DE-BE", "time_zone": "Europe/Berlin"},
    origin_set="DE",
    home="DE-BE",
    phone="030 901820",
    stored="+4930901820",
    shown="030 901820",
    day="Wed, 2 Dec",
    start="10:30",
    week=("Mon", "Sun"),
    holiday=(date(2026, 12, 26), "Second Day of Christmas"),
    points=(595, 842),
    paper=9,
)
BOSTON = Elsewhere(
    region={"country": "US", "holiday_calendar": "US-MA", "time_zone": "America/New_York"},
    origin_set="US",
    home="US-MA",
    phone="617-267-9300",
    stored="+16172679300",
    shown="(617) 267-9300",
    day="Wed, Dec 2",
    start="10:30 AM",
    week=("Sun", "Sat"),
    holiday=(date(2026, 12, 25), "Christmas Day"),
    points=(612, 792),
    paper=1,
)


@pytest.fixture(autouse=True)
def _last_of_november() -> Iterator[None]:
    with time_machine.travel(clock.at(MONDAY, time(18), "UTC"), tick=False):
        yield


def made() -> Hall:
    """A hall as it is made without a word about its country, with an English name alone."""
    with transaction():
        hall = starter.create_hall(
            starter.CreateHall(slug="made", name={"en": "Harbour Hall"}, address={"en": "1 Quay"}, draft=False)
        )
        service.extend_slots(hall)
        factories.staff(hall=hall, name="manager", role=Role.MANAGER)
        return hall


def seen(client: CheckingClient, path: str, excluded: str) -> str:
    """A page, which says nothing in Chinese and nothing about China."""
    answer = client.get(path)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200, path
    assert '<html lang="en"' in text
    assert HAN.findall(text) == [], path
    assert excluded not in text, path
    return text


@pytest.mark.parametrize("there", [BERLIN, BOSTON], ids=["berlin", "boston"])
def test_hall_elsewhere_from_its_settings_to_its_report(app: Flask, client: CheckingClient, there: Elsewhere) -> None:
    hall = made()
    staff = app.test_client()
    staff.sign_in(db.session.query(Staff).filter_by(hall_id=hall.id, name="manager").one())
    _move(staff, there)
    with transaction():
        hall = queries.get_hall(hall.id)
        hall.origin_set, hall.home_division = there.origin_set, there.home
    hall = queries.get_hall(hall.id)
    assert hall.time_zone == there.region["time_zone"]
    day, name = there.holiday
    found = queries.find_calendar_day(hall.id, day)
    assert found is not None and found.text("name", "en") == name
    month = seen(staff, "/admin/calendar/2026-12", there.excluded)
    heads = re.findall(r'<th scope="col">(\w+)</th>', month)
    assert (heads[0], heads[-1]) == there.week and name in month

    slot = _slot(hall)
    book = seen(client, f"/book?slot={slot.id}", there.excluded)
    assert there.start in book
    for path in ("/", "/find"):
        seen(client, path, there.excluded)
    sent = typed(
        slot,
        organisation="Quay School",
        contact_name="Ann Lee",
        phone=there.phone,
        **{"origins-0-division": there.home},
    )
    refused = client.submit("/book", {**sent, "phone": "12"})
    assert refused.status_code == 422 and HAN.findall(refused.get_data(as_text=True)) == []
    answer = client.submit("/book", sent)
    assert answer.status_code == 303
    db.session.expire_all()
    booking = db.session.query(Booking).one()
    assert booking.phone == there.stored
    visit = seen(client, f"/visits/{booking.key}", there.excluded)
    assert there.shown in visit and there.day in visit and there.start in visit
    assert there.start in seen(client, f"/visits/{booking.key}/pass", there.excluded)

    pages = [client.get(f"/visits/{booking.key}/pass.pdf").data, _report(staff, booking, there)]
    for content in pages:
        reader = PdfReader(io.BytesIO(content))
        assert {tuple(round(float(edge)) for edge in page.mediabox[2:]) for page in reader.pages} == {there.points}
        assert HAN.findall("".join(page.extract_text() for page in reader.pages)) == []


def _move(staff: CheckingClient, there: Elsewhere) -> None:
    """Save the place as a person does: what moves is shown first."""
    seen(staff, "/admin/region", "\0")
    typed_in = {**there.region, "first_weekday": "", "clock": "", "paper": "", "opened_on": "2026-11-30"}
    asked = staff.submit("/admin/region", typed_in)
    text = asked.get_data(as_text=True)
    assert asked.status_code == 409 and "Please check what changes" in text
    confirmed = re.search(r'name="confirmed"[^>]*value="(\w+)"', text)
    assert confirmed
    assert staff.submit("/admin/region", {**typed_in, "confirmed": confirmed[1]}).status_code == 303


def _slot(hall: Hall) -> Slot:
    wanted = clock.at(date(2026, 12, 2), time(10, 30), hall.time_zone)
    return db.session.query(Slot).filter_by(hall_id=hall.id, starts_at=wanted).one()


def _report(staff: CheckingClient, booking: Booking, there: Elsewhere) -> bytes:
    """Admit the group on its day, and return the report of its month."""
    with time_machine.travel(booking.slot.starts_at, tick=False):
        staff.sign_in(db.session.query(Staff).filter_by(hall_id=booking.hall_id, name="manager").one())
        seen(staff, "/desk", there.excluded)
        card = staff.post(
            "/desk/arrivals",
            headers={"X-CSRFToken": staff.csrf_token or ""},
            json={
                "event_id": "8a2c0a86-2f0d-4c3f-9a0e-0c6c0a1b2c3d",
                "code": booking.reference,
                "occurred_at": booking.slot.starts_at.isoformat(),
            },
        )
        assert card.get_json()["outcome"] == "admitted", card.get_json()
        shown = seen(staff, "/reports/2026-12", there.excluded)
        assert "20 people" in shown
        report = staff.get("/reports/2026-12.json").get_json()
        assert report["totals"]["visitors"] == 20
        assert {one["code"]: one["visitors"] for one in report["divisions"]}[there.home] == 20
        return staff.get("/reports/2026-12.pdf").data
