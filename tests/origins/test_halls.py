"""Halls that count by other places than China's: from booking and desk to each face of a report, in English."""

import io
import re
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pypdfium2
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.admin.setup import origins as choosing
from hallapp.booking.models import Booking
from hallapp.core import clock as wall
from hallapp.core.database import db, transaction
from hallapp.desk import service as desk
from hallapp.devices import service as devices
from hallapp.devices.models import DeviceKind
from hallapp.ledger import history
from hallapp.ledger.recount import recount
from hallapp.periods import Period, Span
from hallapp.reports.closing import month_close
from tests import factories
from tests.booking.helpers import MADE, typed

KEYS = ["a-key-of-this-test"]
NOVEMBER = Period.month(2026, 11)
OWN = b"code,name,region\nnorth,North shore,Town\nharbour,Harbour,Town\nhills,Hills,County\n"
#: What only China's set may say.
CHINESE = re.compile(r"[\u3400-\u9fff]|provinc|mainland|prefecture|\b34\b|gb/t", re.IGNORECASE)
SETS: dict[str, dict[str, Any]] = {
    "DE": {
        "country": "DE",
        "home": "DE-BE",
        "others": ["DE-BY", "DE-NW", "overseas"],
        "named": ["Berlin", "Bavaria", "Bundesländer"],
        "foreign": [("Foreign visitors", "43", "1")],
    },
    "US": {
        "country": "US",
        "home": "US-MA",
        "others": ["US-NY", "_DE", "unknown"],
        "named": ["Massachusetts", "New York", "states and territories", "Germany"],
        "foreign": [("Foreign visitors", "42", "1"), ("Germany", "42", "1")],
    },
    "own": {
        "country": "NZ",
        "home": "north",
        "others": ["harbour", "_FR", "unknown"],
        "named": ["North shore", "Harbour", "France"],
        "foreign": [("Foreign visitors", "42", "1"), ("France", "42", "1")],
    },
    "world": {
        "country": "FR",
        "home": "FR",
        "others": ["DE", "US", "unknown"],
        "named": ["France", "Germany", "Europe"],
        "foreign": [("Foreign visitors", "96", ""), ("Germany", "54", "3"), ("United States", "42", "1")],
    },
}


def make_hall(name: str) -> SimpleNamespace:
    """A hall that has chosen this set on its page; everything else of it is English."""
    asked = SETS[name]
    with transaction():
        words = dict.fromkeys(("name_zh", "name_en"), "Hall") | dict.fromkeys(("address_zh", "address_en"), "")
        hall = factories.hall(
            **words,
            slug=f"hall-{name.lower()}",  # the usual one has a number, which may be 34
            country=asked["country"],
            languages="en",
            opened_on=date(2026, 9, 1),
            slots_until=MADE,
        )
        programme = factories.programme(hall=hall, slug="tour", name_zh="Tour", guides=0, group_max=200)
        slot = factories.slot(programme=programme, day=date(2026, 11, 20), visitor_capacity=500)
        manager = factories.staff(hall=hall, role=Role.ADMIN)
        display = devices.add(devices.AddDevice(hall_id=hall.id, by=manager.id, name="Lobby", kind=DeviceKind.SCREEN))
        code = choosing.keep_own(hall.id, OWN) if name == "own" else name
    with transaction():
        choosing.choose(
            choosing.ChooseOrigins(
                hall_id=hall.id, by=manager.id, set=code, home=asked["home"], cities=False, countries=name != "DE"
            )
        )
    return SimpleNamespace(hall=hall, slot=slot, programme=programme, manager=manager, display=display.token)


def book_and_admit(place: SimpleNamespace, client: Any, codes: list[str], now: time_machine.Traveller) -> None:
    """A group of mixed origin books on the page, and comes; two more come without a booking."""
    lines = {}
    for number, code in enumerate(codes):
        lines |= {f"origins-{number}-division": code, f"origins-{number}-visitors": str(40 + number)}
    client.get("/book")
    sent = typed(place.slot, organisation="Harbour School", contact_name="Ada", phone="+49 30 901820", **lines)
    assert (answer := client.submit("/book", sent)).status_code == 303, re.findall(
        r"field-error[^>]*>[^<]*", answer.text
    )
    booking = db.session.scalars(select(Booking).where(Booking.hall_id == place.hall.id)).one()
    now.move_to(datetime(2026, 11, 20, 1, 40, tzinfo=wall.zone("UTC")))
    act = {"hall_id": place.hall.id, "staff_id": place.manager.id}
    with transaction():
        desk.admit(desk.Admit(**act, event_id=str(uuid4()), booking_id=booking.id, role=Role.ADMIN), keys=KEYS)
    with transaction():
        counts = {codes[0]: 3, codes[1]: 4}
        desk.admit_walk_in(desk.AdmitWalkIn(**act, event_id=str(uuid4()), programme="tour", counts=counts, sure=99))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.either_database] if name == "own" else []) for name in SETS]
)
def test_a_hall_with_its_own_places_from_booking_to_every_face_of_a_report(app: Flask, name: str) -> None:
    with time_machine.travel(datetime(2026, 11, 19, 1, 40, tzinfo=wall.zone("UTC")), tick=False) as now:
        place = make_hall(name)
        codes = [SETS[name]["home"], *SETS[name]["others"]]
        public, staff, lobby = (app.test_client() for _ in range(3))
        page = public.get("/book?lang=en").text
        assert all(f'value="{code}"' in page for code in codes)
        assert f'value="_{SETS[name]["country"]}"' not in page  # the hall's own country is not abroad
        book_and_admit(place, public, codes, now)
        staff.sign_in(place.manager)
        desk_page = staff.get("/desk?lang=en").text
        assert f'value="{codes[0]}" selected' in desk_page
        with transaction():
            made = history.begin(place.hall.id, name="earlier.csv", digest="0" * 64, staff_id=None)
            row = history.NewRow(
                number=1, span=Span.MONTH, first=date(2026, 10, 1), division=codes[1].lstrip("_"), visitors=9, groups=1,
                programme_id=place.programme.id, kind="school",
            )  # fmt: skip
            history.add_rows(made, [row])
            history.count(made)
        now.move_to(datetime(2026, 12, 1, 1, tzinfo=wall.zone("UTC")))
        with transaction():
            month_close.close(place.hall.id, NOVEMBER, staff_id=place.manager.id)
        staff.sign_in(place.manager)
        lobby.get(f"/devices/{place.display}")

        data = staff.get("/reports/2026-11.json?lang=en").json
        origins = place.hall.origins
        assert [one["code"] for one in data["divisions"]] == list(origins.divisions)
        whole = sum(40 + number for number in range(4)) + 7
        assert sum(one["visitors"] for one in data["divisions"]) == whole == data["totals"]["visitors"]
        assert sum(one["visitors"] for one in data["regions"]) == whole and data["check"]["agrees"]
        assert ("countries" in data) is (name in ("US", "own")) and "prefectures" not in data
        if name in ("US", "own"):
            assert [(one["code"], one["visitors"]) for one in data["countries"]] == [(codes[2].lstrip("_"), 42)]
        sheet = plain(staff.get("/reports/2026/sheet?lang=en").text)
        found = re.findall(r"(Foreign visitors|Germany|United States|France|Country not stated)\s+(\d+)\s+(\d*)", sheet)
        assert found == SETS[name]["foreign"]
        faces = {
            "page": staff.get("/reports/2026-11?lang=en").text,
            "pdf": text_of_pdf(staff.get("/reports/2026-11.pdf?lang=en").data),
            "xlsx": text_of_xlsx(staff.get("/reports/2026-11.xlsx?lang=en").data),
            "csv": staff.get("/reports/2026-11.csv?lang=en").text,
            "json": staff.get("/reports/2026-11.json?lang=en").text,
            "year": staff.get("/reports/2026?lang=en").text,
            "history": staff.get("/reports?lang=en").text,
            "close": staff.get("/reports/2026-11/close/verify?lang=en").text,
            "open data": public.get("/reports/2026-11/open.csv?lang=en").text,
            "screen": lobby.get("/screen?lang=en").text,
            "home": public.get("/?lang=en").text,
            "booking": page,
            "desk": desk_page,
            "settings": staff.get("/admin/origins?lang=en").text,
        }
        for face, text in faces.items():
            words = plain(text)
            assert [words[max(0, one.start() - 30) : one.end() + 30] for one in CHINESE.finditer(words)] == [], face
        assert [
            face for face in ("page", "pdf", "xlsx", "year") if re.search(r"(?i)\bdivision", plain(faces[face]))
        ] == []
        assert [people for people, total in totals_of(faces["page"]) if sum(people) != total] == []
        for word in SETS[name]["named"]:
            assert word in faces["pdf"].replace("\n", " ") and word in plain(faces["page"]), word
        for word in SETS[name]["named"][:2]:
            assert all(word in faces[face] for face in ("xlsx", "csv", "json", "screen")), word
        has_map = staff.get("/reports/2026-11/pictures/map.svg?lang=en")
        assert has_map.status_code == (200 if name in ("DE", "US") else 404)
        assert ("map, and shows no boundaries" in faces["page"]) is (name in ("DE", "US"))
        assert recount(place.hall.id) == []

        asked_before = staff.get("/reports/2026.json?lang=en").json.get("countries")
        with transaction():
            same = {"set": origins.code, "home": codes[0], "cities": False}
            choosing.choose(choosing.ChooseOrigins(hall_id=place.hall.id, by=place.manager.id, **same, countries=False))
        assert staff.get("/reports/2026.json?lang=en").json.get("countries") == asked_before


def totals_of(page: str) -> list[tuple[list[int], int]]:
    """The people of the rows of each table that has a total, with the total."""
    cell = re.compile(r'(?s)<th scope="row">[^<]*</th>\s*<td class="number">(.*?)</td>')
    tables = (one.split("<tfoot>") for one in re.findall(r'(?s)<table class="report-table">.*?</table>', page))
    parts = [[[plain(people) for people in cell.findall(part)] for part in one] for one in tables if len(one) == 2]
    assert parts
    return [([int(one) for one in rows if one.strip()], int(total[0])) for rows, total in parts]


def plain(text: str) -> str:
    """The words of a page, without its scripts, styles, attributes for programs, and other languages' names."""
    text = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", text)
    text = re.sub(r'(?s)<(a|option|button|span)\b[^>]*lang="zh[^>]*>.*?</\1>', " ", text)
    text = re.sub(r"<[^>]*>", " ", text)
    return re.sub(r"\b(?:\d{1,3}[.:,]|[.:,])34\b|\b34[.:,]\d", " ", text)


def text_of_pdf(content: bytes) -> str:
    file = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_bounded() for page in file)


def text_of_xlsx(content: bytes) -> str:
    with ZipFile(io.BytesIO(content)) as book:
        return "\n".join(
            re.sub(r"<[^>]*>", " ", book.read(name).decode()) for name in book.namelist() if "sharedStrings" in name
        )
