"""Every realistic group request can be booked through the real form, and is kept as it was typed."""

import csv
from operator import itemgetter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import MADE, typed
from tests.client import CheckingClient

FILE = Path(__file__).resolve().parents[2] / "hallapp" / "demo" / "groups.csv"
with FILE.open(encoding="utf-8", newline="") as file:
    GROUPS = list(csv.DictReader(file))

SIZES = {"guided-tour": (8, 50), "themed-session": (8, 50), "self-guided": (1, 10)}


@pytest.fixture
def slots(app: Flask) -> dict[str, Slot]:
    """A slot of each programme, with room for every group."""
    with transaction():
        hall = factories.hall(slots_until=MADE)
        programmes = [
            factories.programme(hall=hall, slug=slug, group_min=least, group_max=most)
            for slug, (least, most) in SIZES.items()
        ]
        return {
            programme.slug: factories.slot(programme=programme, visitor_capacity=2000, guide_capacity=60)
            for programme in programmes
        }


def test_every_group_books_and_is_kept_as_typed(client: CheckingClient, slots: dict[str, Slot]) -> None:
    language = None
    for row in sorted(GROUPS, key=itemgetter("language")):
        if row["language"] != language:
            language = row["language"]
            client.get(f"/book?lang={language}")  # for all groups of this language
        origins = [origin.split(":") for origin in row["origins"].split(";")]
        lines = {
            f"origins-{number}-{name}": value
            for number, (division, visitors) in enumerate(origins)
            for name, value in (("division", division), ("visitors", visitors))
        }
        texts = {name: row[name] for name in ("organisation", "kind", "phone", "email", "note")}
        fields = typed(slots[row["programme"]], contact_name=row["contact"], submission=row["phone"], **texts, **lines)
        answer = client.submit("/book", fields)
        assert answer.status_code == 303, row["organisation"]
        booking = db.session.scalars(select(Booking).where(Booking.key == answer.location.rpartition("/")[2])).one()
        assert booking.organisation == row["organisation"]
        assert booking.contact_name == row["contact"]
        assert (booking.kind, booking.note, booking.email or "") == (row["kind"], row["note"], row["email"])
        assert {origin.division: origin.visitors for origin in booking.origins} == {
            division: int(visitors) for division, visitors in origins
        }
        assert (booking.visitors, booking.language) == (int(row["visitors"]), row["language"])
        own_page = client.get(answer.location).get_data(as_text=True)
        for text in (row["organisation"], row["contact"], row["note"]):
            assert text.replace("'", "&#39;") in own_page
    assert len(GROUPS) == db.session.query(Booking).count() == 54
