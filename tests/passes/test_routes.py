"""The pages of a pass: who gets what, and how little everybody else."""

import io
import re

import pypdf
import pytest
from flask import Flask
from PIL import Image, ImageDraw
from werkzeug.test import TestResponse

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking, BookingState
from hallapp.core import clock, formats
from hallapp.core.database import transaction
from hallapp.passes import codes, queries, service
from tests import factories
from tests.client import CheckingClient
from tests.conftest import SECRET
from tests.passes import reading

KEYS = (SECRET,)


@pytest.fixture
def booking(app: Flask) -> Booking:
    with transaction():
        slot = factories.slot(programme=factories.programme(hall=factories.hall()))
        booking = factories.booking(slot=slot, organisation="高𠮷祥读书会")
        service.issue(booking)
    return booking


def code_of(booking: Booking) -> str:
    return codes.sign(queries.get_current_pass(booking.id).token, KEYS)


def cancel(booking: Booking) -> None:
    with transaction():
        booking.state = BookingState.CANCELLED


def draw_path(path: str, size: int) -> Image.Image:
    """The runs of an SVG path as pixels, 8 to a module."""
    image = Image.new("L", (size * 8, size * 8), 255)
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path)
    assert "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in runs) == path
    for x, y, length in (map(int, run) for run in runs):
        ImageDraw.Draw(image).rectangle((x * 8, y * 8, (x + length) * 8 - 1, y * 8 + 7), fill=0)
    return image


def test_phone_page_shows_the_same_code_as_the_paper(client: CheckingClient, booking: Booking) -> None:
    page = client.get(f"/visits/{booking.key}/pass").get_data(as_text=True)
    found = re.search(r'viewBox="0 0 (\d+) \1".*?<path fill="#000" d="([^"]+)"', page, re.DOTALL)
    assert found
    expected = codes.qr_text(code_of(booking), "http://127.0.0.1:8000")
    assert reading.scan(draw_path(found[2], int(found[1]))) == [expected]
    paper = client.get(f"/visits/{booking.key}/pass.pdf").data
    assert reading.scan(reading.picture(paper)) == [expected]
    assert formats.reference(booking.reference) in page
    assert "高𠮷祥读书会" in page
    assert "20人" in page


def test_pdf_is_shown_inline_under_the_reference_and_kept_by_nobody(client: CheckingClient, booking: Booking) -> None:
    answer = client.get(f"/visits/{booking.key}/pass.pdf")
    assert answer.status_code == 200
    assert answer.content_type == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    name = f"pass-{formats.reference(booking.reference)}.pdf"
    assert answer.headers["Content-Disposition"] == f"inline; filename={name}"


def title(answer: TestResponse) -> str:
    metadata = pypdf.PdfReader(io.BytesIO(answer.data)).metadata
    assert metadata is not None
    return str(metadata.title).split()[0]


def test_pdf_is_in_the_language_that_was_chosen_else_in_the_bookings(client: CheckingClient, booking: Booking) -> None:
    address = f"/visits/{booking.key}/pass.pdf"
    assert title(client.get(address, headers={"Accept-Language": "en"})) == "入馆凭证"
    assert title(client.get(f"{address}?lang=en")) == "Entry"
    assert title(client.get(address)) == "Entry"  # the choice is remembered
    assert title(client.get(f"{address}?lang=zh")) == "入馆凭证"


def test_calendar_entry_is_a_file(client: CheckingClient, booking: Booking) -> None:
    answer = client.get(f"/visits/{booking.key}/visit.ics")
    assert answer.content_type == "text/calendar; charset=utf-8; method=PUBLISH"
    assert answer.headers["Content-Disposition"] == "attachment; filename=visit.ics"
    assert f"UID:{booking.reference}@".encode() in answer.data


@pytest.mark.parametrize("path", ["pass", "pass.pdf"])
def test_cancelled_booking_has_no_pass_any_more(client: CheckingClient, booking: Booking, path: str) -> None:
    cancel(booking)
    answer = client.get(f"/visits/{booking.key}/{path}")
    assert answer.status_code == 410
    page = answer.get_data(as_text=True)
    assert "预约已取消" in page
    assert formats.reference(booking.reference) in page
    assert "<svg" not in page


NONE_YET = (BookingState.REQUESTED, BookingState.WAITLISTED, BookingState.OFFERED)
NO_MORE = (BookingState.DECLINED, BookingState.LAPSED)


@pytest.mark.parametrize("path", ["pass", "pass.pdf"])
@pytest.mark.parametrize("state", [*NONE_YET, *NO_MORE])
def test_booking_that_is_not_agreed_has_no_pass(
    client: CheckingClient, booking: Booking, state: BookingState, path: str
) -> None:
    with transaction():
        booking.state = state
        booking.offered_until = clock.now() if state is BookingState.OFFERED else None
    answer = client.get(f"/visits/{booking.key}/{path}")
    page = answer.get_data(as_text=True)
    status, title = (404, "此预约尚未确认") if state in NONE_YET else (410, "此预约已失效")
    assert answer.status_code == status
    assert title in page and formats.reference(booking.reference) in page
    assert f'href="/visits/{booking.key}"' in page
    assert "<svg" not in page
    assert ('href="/book"' in page) == (state in NO_MORE)


@pytest.mark.parametrize("state", [BookingState.ARRIVED, BookingState.ABSENT])
def test_booking_that_was_agreed_keeps_its_pass(client: CheckingClient, booking: Booking, state: BookingState) -> None:
    with transaction():
        booking.state = state
    assert client.get(f"/visits/{booking.key}/pass").status_code == 200
    assert client.get(f"/visits/{booking.key}/pass.pdf").content_type == "application/pdf"


def test_the_halls_note_is_on_the_phone_and_on_paper(client: CheckingClient, booking: Booking) -> None:
    with transaction():
        booking.hall.pass_note = booking.hall.pass_note.updated({"zh": "馆内请勿吸烟。\n<寄存>在一楼。"})
        booking.hall.pass_note = booking.hall.pass_note.updated({"en": "No smoking, please."})
    page = client.get(f"/visits/{booking.key}/pass").get_data(as_text=True)
    assert "馆内请勿吸烟。" in page and "&lt;寄存&gt;在一楼。" in page
    paper = client.get(f"/visits/{booking.key}/pass.pdf").data
    for text in reading.texts(paper):
        assert "馆内请勿吸烟。" in text and "<寄存>在一楼。" in text
    english = client.get(f"/visits/{booking.key}/pass.pdf?lang=en").data
    assert "Nosmoking,please." in reading.texts(english)[0]


@pytest.mark.parametrize("path", ["pass", "pass.pdf", "visit.ics"])
def test_unknown_key_is_not_found(client: CheckingClient, booking: Booking, path: str) -> None:
    assert client.get(f"/visits/{'x' * 32}/{path}").status_code == 404


def stripped(answer: TestResponse) -> str:
    """A page without what differs from one request to the next by design."""
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    return re.sub(r'(nonce=|csrf-token" content=|csrf_token" value=)"[^"]+"', "", page)


@pytest.mark.parametrize("prefix", ["/t/", "/T/"])
def test_everybody_else_gets_one_page_whatever_the_code(client: CheckingClient, booking: Booking, prefix: str) -> None:
    known = client.get(f"{prefix}{code_of(booking)}")
    unknown = client.get(f"{prefix}{codes.sign(codes.make_token(), KEYS)}")
    forged = client.get(f"{prefix}{'A' * 32}")
    nonsense = client.get(f"{prefix}%3Cscript%3E")
    assert stripped(known) == stripped(unknown) == stripped(forged) == stripped(nonsense)
    page = known.get_data(as_text=True)
    assert "这是一张入馆凭证" in page
    assert booking.organisation not in page
    assert booking.reference not in page


@pytest.mark.parametrize("role", [Role.DESK, Role.MANAGER, Role.ADMIN])
def test_staff_of_the_hall_come_to_the_desk(client: CheckingClient, booking: Booking, role: Role) -> None:
    client.sign_in(factories.make(factories.staff, hall=booking.hall, role=role))
    code = code_of(booking)
    for address in (f"/t/{code}", f"/T/{code}", f"/t/{code.lower()}"):
        answer = client.get(address)
        assert (answer.status_code, answer.location) == (303, f"/desk?code={code}")


def test_staff_come_to_the_desk_with_a_replaced_or_cancelled_pass_too(client: CheckingClient, booking: Booking) -> None:
    client.sign_in(factories.make(factories.staff, hall=booking.hall))
    old = code_of(booking)
    with transaction():
        service.issue(booking)
    cancel(booking)
    assert client.get(f"/t/{old}").location == f"/desk?code={old}"


def test_staff_of_another_hall_and_guides_learn_nothing(client: CheckingClient, booking: Booking) -> None:
    code, unknown = code_of(booking), codes.sign(codes.make_token(), KEYS)
    for staff in (
        factories.make(factories.staff, hall=factories.make(factories.hall)),
        factories.make(factories.staff, hall=booking.hall, role=Role.GUIDE),
    ):
        client.sign_in(staff)
        assert stripped(client.get(f"/t/{code}")) == stripped(client.get(f"/t/{unknown}"))
