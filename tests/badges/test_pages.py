"""Badges over HTTP: printed on a sheet, read back from the paper, scanned at the desk."""

import io
import re
from types import SimpleNamespace
from uuid import uuid4

import pypdf
import pypdfium2
import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.badges import queries
from hallapp.badges.layout import SHEETS, Layout
from hallapp.badges.models import Badge, BadgeLayout
from hallapp.booking.models import BookingState
from hallapp.core.database import db, transaction
from tests import factories
from tests.badges.conftest import NAMES, code_of, give_names
from tests.client import CheckingClient
from tests.conftest import thinned
from tests.passes import reading
from tests.test_bad_input import TEXTS, encoded

PLAIN = {"sheet": "a4-10", "outlines": "y", "act": "pdf"}


@pytest.fixture
def desk(client: CheckingClient, group: SimpleNamespace) -> CheckingClient:
    client.sign_in(group.desk)
    group.path = f"/bookings/{group.booking.reference}/badges"
    assert client.get(group.path).status_code == 200
    return client


def scanned(answer: TestResponse, *, dpi: int = 150) -> list[str]:
    """The texts of all QRs of a PDF, page by page."""
    assert answer.content_type == "application/pdf", answer.get_data(as_text=True)
    document = pypdfium2.PdfDocument(answer.data)
    return [text for page in document for text in reading.scan(page.render(scale=dpi / 72).to_pil())]


def test_sheet_has_a_badge_of_each_person(desk: CheckingClient, group: SimpleNamespace) -> None:
    assert "胸牌" in desk.get(f"/bookings/{group.booking.reference}").get_data(as_text=True)
    answer = desk.submit(group.path, PLAIN)
    assert sorted(scanned(answer)) == sorted(group.badges.values())
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=badges-{group.booking.reference[:4]}-{group.booking.reference[4:]}.pdf"
    )
    for text in reading.texts(answer.data):
        assert all(reading.solid(name) in text for name in (*NAMES, group.booking.organisation))
    assert set(reading.fonts(answer.data)) == {("HallSans-Regular", True)}
    width, height = pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].mediabox[2:]
    assert (round(float(width) / 72 * 25.4), round(float(height) / 72 * 25.4)) == (210, 297)
    trail = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "badges_printed").order_by(AuditEntry.id)
    ).all()
    assert [entry.detail for entry in trail][-1] == {"people": 4, "renewed": False}


@pytest.mark.parametrize("sheet", [name for name in SHEETS if name != "a4-10"])
def test_every_sheet_is_read_by_a_scanner(desk: CheckingClient, group: SimpleNamespace, sheet: str) -> None:
    long = "古丽米热·买买提依明·阿不都热合曼"
    give_names(group, *NAMES, long, "Alexandra Konstantinopoulou-Papadimitriou", "W" * 80)
    answer = desk.submit(group.path, {**PLAIN, "sheet": sheet})
    found = scanned(answer, dpi=200)
    assert sorted(found) == sorted(code_of(badge.token) for badge in queries.list_in_force(group.booking.id))
    text = reading.solid("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages))
    assert all(reading.solid(name) in text for name in (long, "W" * 80))


def test_margins_are_kept_for_the_next_time(desk: CheckingClient, group: SimpleNamespace) -> None:
    before = desk.submit(group.path, {**PLAIN, "left": "15", "top": "13.5"})
    moved = desk.submit(group.path, {**PLAIN, "left": "１８", "top": "13.5", "gap_x": "3,5"})
    assert (before.status_code, moved.status_code) == (200, 200)
    left = [min(x for x, *_ in _lines(answer)) for answer in (before, moved)]
    assert left[1] - left[0] == pytest.approx(3 / 25.4 * 72, abs=0.2)
    layout = db.session.scalars(select(BadgeLayout)).one()
    assert (layout.hall_id, layout.sheet, layout.left, layout.gap_x) == (group.hall.id, "a4-10", 180, 35)
    page = desk.get(group.path).get_data(as_text=True)
    assert re.search(r'name="left"[^>]*value="18"', page) and re.search(r'name="gap_x"[^>]*value="3.5"', page)
    assert re.search(r'name="top"[^>]*value=""', page)
    refused = desk.submit(group.path, {**PLAIN, "left": "40"})
    assert refused.status_code == 422 and "超出了页面" in refused.get_data(as_text=True)
    assert 'value="40"' in refused.get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(Badge)) == 4


def _lines(answer: TestResponse) -> list[tuple[float, ...]]:
    page = pypdfium2.PdfDocument(answer.data)[0].get_textpage()
    return [page.get_charbox(index) for index in range(page.count_chars()) if page.get_text_range(index, 1).strip()]


def test_preview_makes_no_badges(desk: CheckingClient, group: SimpleNamespace) -> None:
    give_names(group, *NAMES, "王")
    page = desk.submit(group.path, {**PLAIN, "sheet": "a4-24", "act": "preview"}).get_data(as_text=True)
    svg = re.search(r"<svg viewBox=\"0 0 595.3 841.9\".*?</svg>", page, re.S)
    assert svg and svg[0].count("<g ") == 5 and all(name.split("·")[0].split()[0] in svg[0] for name in NAMES)
    assert db.session.scalar(select(func.count()).select_from(Badge)) == 4
    assert db.session.scalars(select(BadgeLayout)).all() == []


def test_badges_need_names_and_a_confirmed_booking(desk: CheckingClient, group: SimpleNamespace) -> None:
    give_names(group)
    assert "还没有提交名单" in desk.get(group.path).get_data(as_text=True)
    assert desk.submit(group.path, PLAIN).status_code == 409
    give_names(group, "王")
    with transaction():
        db.session.merge(group.booking).state = BookingState.CANCELLED
    assert desk.submit(group.path, PLAIN).status_code == 409
    with transaction():
        stranger = factories.staff(hall=factories.hall(), role=Role.ADMIN)
    desk.sign_in(stranger)
    assert desk.get(group.path).status_code == desk.submit(group.path, PLAIN).status_code == 404


def test_desk_scans_badges_as_json_and_as_a_page(desk: CheckingClient, group: SimpleNamespace) -> None:
    sent = {"event_id": str(uuid4()), "code": group.badges["何秀珍"]}
    for outcome in ("admitted", "repeated"):
        answer = desk.send_json("/desk/badges", sent).json
        assert (answer["outcome"], answer["person"], answer["counts"]) == (outcome, "何秀珍", {"440000": 1})
        assert (answer["group"]["reference"], answer["group"]["arrived"]) == (group.booking.reference, 1)
    refused = desk.send_json("/desk/badges", {**sent, "event_id": str(uuid4())})
    assert (refused.status_code, refused.json["reason"], refused.json["overridable"]) == (409, "already_arrived", False)
    assert refused.json["message"] == "持此胸牌的人已于09:40到馆。"
    page = desk.submit("/desk/badges", {"q": group.badges["𠮷川龑"]}).get_data(as_text=True)
    assert 'data-outcome="admitted"' in page and "𠮷川龑" in page and "已到馆2 / 40人" in page
    again = desk.submit("/desk/badges", {"q": group.badges["𠮷川龑"]})
    assert again.status_code == 409 and "已于09:40到馆" in again.get_data(as_text=True)


def test_phone_opens_a_badge_at_the_desk_and_tells_strangers_nothing(
    desk: CheckingClient, group: SimpleNamespace
) -> None:
    path = group.badges[NAMES[2]].removeprefix("HTTP://127.0.0.1:8000")
    opened = desk.get(path)
    assert opened.status_code == 303
    page = desk.get(opened.location).get_data(as_text=True)
    assert NAMES[2] in page and "此人入馆" in page
    stranger = desk.application.test_client()
    for address in (path, path.lower(), "/b/nonsense"):
        told = stranger.get(address)
        assert told.status_code == 200 and NAMES[2] not in told.get_data(as_text=True)
        assert told.headers["Referrer-Policy"] == "no-referrer"


def test_bad_input_is_refused_beside_its_field(desk: CheckingClient, group: SimpleNamespace) -> None:
    for text in thinned(TEXTS):
        for body in ({**PLAIN, "left": text}, {**PLAIN, "sheet": text}, {**PLAIN, "gap_y": text, "act": text}):
            answer = desk.post(group.path, **encoded({**body, "csrf_token": desk.csrf_token}))
            assert answer.status_code in (200, 400, 413, 422), (text[:20], body)
        answer = desk.post("/desk/badges", **encoded({"q": text, "csrf_token": desk.csrf_token}))
        assert answer.status_code in (409, 413, 422), text[:20]


@pytest.mark.parametrize("sheet", ["a4-24"])
def test_500_badges_are_made_within_one_request(desk: CheckingClient, group: SimpleNamespace, sheet: str) -> None:
    give_names(group, *(f"{NAMES[n % 3]}{'甲乙丙丁'[n % 4]}" for n in range(500)))
    answer = desk.submit(group.path, {**PLAIN, "sheet": sheet})
    assert len(pypdf.PdfReader(io.BytesIO(answer.data)).pages) == 21
    assert db.session.scalar(select(func.count()).select_from(Badge).where(Badge.revoked_at.is_(None))) == 500
    assert len(answer.data) < 1_000_000


def test_badges_of_every_sheet_lie_on_its_page() -> None:
    for sheet in SHEETS.values():
        layout = Layout.of(sheet)
        assert layout.fits and len(list(layout.places())) == layout.per_page
