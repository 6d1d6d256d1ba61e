"""Every page and file of a hall in Berlin and of one in Boston, in English: no Chinese word, and no place of China."""

import io
import re
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pypdfium2
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.alerts.models import AlertKind, Pace
from hallapp.alerts.service import SaveRecipient, save_recipient, summarise
from hallapp.booking import parties, service
from hallapp.booking.lifecycle import by_staff
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.i18n import name_of
from hallapp.desk import service as desk
from hallapp.desk.commands import Admit
from hallapp.notifications.models import OutboxMessage
from hallapp.schedule import service as places
from hallapp.schedule import starter
from hallapp.schedule.models import Slot
from hallapp.schedule.policy import Confirmation
from tests import factories
from tests.api.table import program
from tests.booking.helpers import command
from tests.client import sign_in_as
from tests.conftest import tried
from tests.test_elsewhere import BERLIN, BOSTON, HAN, MONDAY, Elsewhere
from tests.test_routes import TABLE

pytestmark = pytest.mark.on_database("sqlite")  # the words of pages are the same on both

VISIT = MONDAY + timedelta(days=1)
#: Words that only China's places need: in halls elsewhere they are a mistake.
OF_CHINA = re.compile(
    r"\bmainland|\bprovinc|\b34 (?!people)|\bState Council|\bGuangdong|\bHong Kong and|\bstate calendar", re.I
)
#: Files that are the same for every hall, and lists of all places of the world.
_LEFT_OUT = ("/static/", "/desk/files/", "/kiosk/files/", "/icons/", "/pictures/")
_KNOWN = {
    "<period:period>": "2026-12",
    "<period>": "2026-12",
    "<month:period>": "2026-12",
    "<year:period>": "2026",
    "<week:monday>": "2026-W49",
    "<day:day>": "2026-12-01",
    "<first>": "2026-12-01",
    "<last>": "2026-12-02",
    "<number>": "1",
    "<leave>": "1",
    "<int:width>": "640",
    "<kind>": "reminder",
    "<language>": "en",
    "<channel>": "email",
    "<digest>": "0" * 64,
    "<path:filename>": "icon.svg",
}


def in_operation(there: Elsewhere) -> SimpleNamespace:
    """A hall that has been moved there, with groups that wait, came and cancelled, alerts and messages."""
    with transaction():
        hall = starter.create_hall(
            starter.CreateHall(slug="made", name={"en": "Harbour Hall"}, address={"en": "1 Quay"}, draft=False)
        )
        for name, value in there.region.items():
            setattr(hall, name, value)
        hall.origin_set, hall.home_division, hall.opened_on = there.origin_set, there.home, MONDAY - timedelta(days=60)
        hall.confirmation, hall.phone = Confirmation.REVIEW, there.stored
        places.extend_slots(hall)
        admin = factories.staff(hall=hall, name="admin", role=Role.ADMIN)
        save_recipient(
            SaveRecipient(
                **{"hall_id": hall.id, "by": admin.id, "number": None, "name": "Ann", "address": "ann@hall.example"},
                **{"language": "en", "kinds": tuple(AlertKind), "pace": Pace.MORNING, "active": True},
            )
        )
        coming = select(Slot).where(Slot.hall_id == hall.id, Slot.day >= VISIT, Slot.open).order_by(Slot.starts_at)
        slots = [slot for slot in db.session.scalars(coming).all() if slot.programme.policy.group_max >= 20]
    booked = [_book(slot, number, there) for number, slot in enumerate(slots[:4])]
    with transaction():
        for one in booked[:2]:
            parties.confirm(service.queries.get_booking(hall.id, one.reference), by=by_staff(admin.id))
        parties.cancel(service.queries.get_booking(hall.id, booked[2].reference))
    return SimpleNamespace(hall=hall, admin=admin, booking=booked[1], came=booked[0], event=str(uuid4()))


def come(made: SimpleNamespace) -> None:
    """Admit the first group, and write the summary of the morning."""
    with transaction():
        event = Admit(
            **{"hall_id": made.hall.id, "staff_id": made.admin.id, "role": Role.ADMIN, "event_id": made.event},
            **{"code": made.came.reference, "anyway": True, "reason": "late"},
        )
        desk.admit(event, keys=("k" * 32,))
        summarise(made.hall)


def _book(slot: Slot, number: int, there: Elsewhere) -> Any:
    with transaction():
        return service.place(
            command(
                slot,
                submission=str(uuid4()),
                organisation=f"Quay School {number}",
                kind="school",
                contact_name="Ann Lee",
                phone=f"{there.stored[:-1]}{number}",
                email="lee@school.example",
                language="en",
                note="",
                origins=((there.home, 19), ("overseas", 1)),
            )
        )


def address(rule: str, made: SimpleNamespace) -> str:
    """The route with the hall's own references, keys and numbers in it."""
    mine = {
        **_KNOWN,
        "<key>": made.booking.key,
        "<reference>": made.booking.reference,
        "<slug>": made.booking.slot.programme.slug,
        "<place>": made.booking.slot.programme.slug,
        "<uuid:event_id>": made.event,
        "<int(max=2147483647):slot_id>": str(made.booking.slot_id),
    }
    rule = re.sub(r'<any\("?([^,")]+)[^>]*>', r"\1", rule)  # the first of those that it may be
    return re.sub(r"<[^>]+>", lambda found: mine.get(found[0], "1"), rule)


def words_of(body: bytes) -> str:
    """What a page, a PDF or a workbook says."""
    if body.startswith(b"%PDF-"):
        return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(body))
    if body.startswith(b"PK"):
        with ZipFile(io.BytesIO(body)) as archive:
            names = (name for name in archive.namelist() if not re.search("styles|theme", name))  # they name fonts
            body = b"".join(map(archive.read, names))
    text = body.decode("utf-8", "ignore")
    for language in ("zh_Hant", "zh"):  # a choice of languages names each in itself
        text = re.sub(rf">\s*{name_of(language)}<", "><", text)
    return re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.S)


def faults(text: str) -> list[str]:
    """What a reader of English elsewhere must not meet, with its surroundings."""
    return [text[max(0, at.start() - 30) : at.end() + 30] for found in (HAN, OF_CHINA) for at in found.finditer(text)]


@pytest.mark.parametrize("there", tried([pytest.param(BOSTON, id="boston"), pytest.param(BERLIN, id="berlin")], 1))
def test_no_page_or_file_of_a_hall_elsewhere_says_a_word_of_china(
    app: Flask, there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "RATE_LIMITS", False)
    with time_machine.travel(clock.at(MONDAY - timedelta(days=3), time(9), there.region["time_zone"]), tick=False):
        made = in_operation(there)
    with time_machine.travel(made.came.slot.starts_at + timedelta(minutes=5), tick=False):
        come(made)
        staff, visitor = FlaskClient(app), FlaskClient(app)
        sign_in_as(staff, made.admin)
        found, shown = {}, 0
        paths = [address(rule, made) for (method, rule) in TABLE if method == "GET"]
        paths += [
            path.replace("json", form) for path in paths if path.endswith("json") for form in ("csv", "xlsx", "pdf")
        ]
        for path in paths:
            if path.startswith(_LEFT_OUT) or "sign-out" in path:
                continue
            client = visitor if path.startswith(("/visits", "/book", "/find")) else staff
            with app.app_context():
                answer = client.get(path, headers={"Accept-Language": "en"}, buffered=True)
            assert answer.status_code < 500, path
            shown += answer.status_code == 200
            wrong = [] if answer.mimetype.startswith("image/p") else faults(words_of(answer.data))
            if wrong:
                found[path] = wrong[:3]
        for mail in db.session.scalars(select(OutboxMessage)):
            if wrong := faults(f"{mail.subject}\n{mail.body}"):
                found[mail.kind] = wrong
        site = program(app, made.admin)
        for path in ("/halls", "/programmes", "/bookings", "/reports/2026-12", "/slots", "/openapi.json"):
            if wrong := faults(site.get(path).get_data(as_text=True)):
                found[f"/api/v1{path}"] = wrong[:3]
        assert not found, "\n".join(f"{path}: {wrong}" for path, wrong in found.items())
        assert shown > 100
