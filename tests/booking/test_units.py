"""The monthly list of visiting units: the right groups and columns, on the page, in the workbook and on paper."""

import io
from datetime import date, time
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from flask import Flask
from pypdf import PdfReader

from hallapp.accounts.roles import Role
from hallapp.booking.models import BookingState
from hallapp.core.database import transaction
from tests import factories
from tests.booking.helpers import MADE, page

MONTH = "2026-11"


@pytest.fixture
def hall(app: Flask) -> SimpleNamespace:
    """A hall with visits of three months, of every kind, and its manager's browser."""
    with transaction():
        hall = factories.hall(slots_until=MADE)
        programme = factories.programme(hall=hall, guides=0)
        for day, state, kind, name in (
            (date(2026, 11, 1), BookingState.ARRIVED, "party", "第一党支部"),
            (date(2026, 11, 30), BookingState.CONFIRMED, "school", "Ärztekammer 𠮷 School"),
            (date(2026, 11, 12), BookingState.CANCELLED, "school", "Cancelled School"),
            (date(2026, 11, 13), BookingState.CONFIRMED, "individual", "Wang Person"),
            (date(2026, 10, 31), BookingState.ARRIVED, "union", "October Union"),
            (date(2026, 12, 1), BookingState.CONFIRMED, "union", "December Union"),
        ):
            slot = factories.slot(programme=programme, day=day, starts=time(10))
            factories.booking(slot=slot, state=state, kind=kind, organisation=name)
        manager = factories.staff(hall=hall, role=Role.MANAGER)
    client = app.test_client()
    client.sign_in(manager)
    return SimpleNamespace(client=client, hall=hall)


def files(hall: Any, **asked: str) -> dict[str, Any]:
    hall.client.get("/bookings/units?lang=en")
    return {form: hall.client.submit(f"/bookings/units.{form}", {"month": MONTH, **asked}) for form in ("xlsx", "pdf")}


@pytest.mark.either_database
def test_the_list_has_the_units_of_the_month_and_the_contact_by_choice(hall: SimpleNamespace) -> None:
    shown = page(hall.client.get(f"/bookings/units?month={MONTH}&lang=en"))
    assert "2 groups · 40 people" in shown
    assert shown.index("第一党支部") < shown.index("Ärztekammer 𠮷 School")
    for absent in ("Cancelled School", "Wang Person", "October Union", "December Union", "何秀珍"):
        assert absent not in shown
    assert "何秀珍" in page(hall.client.get(f"/bookings/units?month={MONTH}&contact=y&lang=en"))
    assert "1 group · 20 people" in page(hall.client.get(f"/bookings/units?month={MONTH}&kind=party&kind=x&lang=en"))

    found = files(hall)
    rows = list(openpyxl.load_workbook(io.BytesIO(found["xlsx"].data)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert [row[3] for row in rows[1:]] == ["第一党支部", "Ärztekammer 𠮷 School"]
    assert "Contact" not in rows[0]
    assert rows[1][0].date() == date(2026, 11, 1)
    text = PdfReader(io.BytesIO(found["pdf"].data)).pages[0].extract_text()
    assert "Visiting units" in text
    assert "第一党支部" in text.replace("\n", "")
    assert "何秀珍" not in text
    with_contact = files(hall, contact="y")
    assert "何秀珍" in PdfReader(io.BytesIO(with_contact["pdf"].data)).pages[0].extract_text()
    assert found["pdf"].headers["Content-Disposition"] == "attachment; filename=units-2026-11.pdf"


@pytest.mark.parametrize("month", ["2026-13", "november", "", "1999-01", "２０２６-11"])
@pytest.mark.on_database("sqlite")
def test_a_month_that_cannot_be_read_is_this_one(hall: SimpleNamespace, month: str) -> None:
    assert hall.client.get("/bookings/units", query_string={"month": month}).status_code == 200


@pytest.mark.on_database("sqlite")
def test_a_long_list_has_its_headings_on_every_page(hall: SimpleNamespace) -> None:
    with transaction():
        programme = factories.programme(hall=hall.hall, guides=0)
        slot = factories.slot(programme=programme, day=date(2026, 11, 3), visitor_capacity=2000)
        for number in range(60):
            factories.booking(slot=slot, organisation=f"第{number}中学" * 6)
    pages = PdfReader(io.BytesIO(files(hall)["pdf"].data)).pages
    assert len(pages) > 1
    assert all("Organisation" in one.extract_text() for one in pages)
