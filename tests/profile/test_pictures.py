"""Pictures of a hall on its pages, from the manager's upload to the visitor's browser."""

import io
import re
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.web.responses import PROLONGED_EVERY
from hallapp.profile import queries, service
from hallapp.profile.cropping import WIDE, CroppedPicture, crop
from hallapp.profile.service import SaveNotice, SavePicture
from tests.admin.setup.conftest import house, last_entry, refused, stranger
from tests.booking.helpers import page
from tests.processes import at_once
from tests.profile.test_cropping import picture, quarters

__all__ = ["house", "stranger"]


def upload(house: SimpleNamespace, place: str, content: bytes | None, **texts: str) -> TestResponse:
    house.client.get(f"/admin/pictures/{place}?lang=en")
    # By hand: for a large body the test client opens a file that it never closes.
    body = b""
    for name, value in {
        "alt_zh": "展厅全景",
        "alt_en": "The main room",
        "csrf_token": str(house.client.csrf_token),
        **texts,
    }.items():
        body += f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    if content is not None:
        body += b'--b\r\nContent-Disposition: form-data; name="file"; filename="any.name"\r\n\r\n' + content + b"\r\n"
    return house.client.post(
        f"/admin/pictures/{place}",
        data=body + b"--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )


def sources(text: str) -> set[str]:
    return set(re.findall(r"/pictures/[0-9a-f]{64}/\d+\.(?:webp|jpg)", text))


@pytest.mark.either_database
def test_pictures_are_uploaded_shown_replaced_and_deleted(house: SimpleNamespace) -> None:
    for place in ("hall", "map", "programme-tour"):
        size = (1500, 1000) if place == "hall" else (800, 600)
        answer = upload(house, place, picture(size=size, colour="#204060"))
        assert (answer.status_code, answer.location) == (303, "/admin/pictures?saved=1")
    visitor = house.app.test_client()
    home = page(visitor.get("/?lang=en"))
    assert home.count('alt="The main room"') == 3
    assert home.count('loading="lazy"') == 2, "only the first one is above the fold"
    assert re.search(r'width="1280" height="720" alt="The main room" fetchpriority="high"', home)
    assert 'alt="展厅全景"' in page(visitor.get("/?lang=zh"))
    for source in sources(home):
        shown = visitor.get(source)
        assert shown.mimetype == ("image/webp" if source.endswith("webp") else "image/jpeg")
        assert shown.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in shown.headers
        assert visitor.get(source, headers={"If-None-Match": shown.headers["ETag"]}).status_code == 304

    first = queries.list_pictures(house.hall.id)["hall"].digest
    assert upload(house, "hall", picture(size=(700, 500), colour="red")).status_code == 303
    assert visitor.get(f"/pictures/{first}/1280.jpg").status_code == 404
    assert upload(house, "hall", None, alt_en="Another text").status_code == 303
    assert last_entry("picture_saved").detail["after"] == {"alt_en": "Another text"}
    for place in ("hall", "map", "programme-tour"):
        assert house.client.submit(f"/admin/pictures/{place}/delete").status_code == 303
    assert queries.list_pictures(house.hall.id) == {}
    assert all(visitor.get(source).status_code == 404 for source in sources(home))


@pytest.mark.parametrize(
    ("content", "texts", "field", "message"),
    [
        (None, {}, "file", "Choose a picture that is not empty."),
        (b"text", {}, "file", "in the format JPEG, PNG or WebP"),
        (b"x" * (11 * 1024 * 1024), {}, "file", "10 MB at most"),
        (picture(size=(100, 100)), {}, "file", "at least 640 × 360 pixels"),
        (picture(), {"alt_zh": " ", "alt_en": ""}, "alt_zh", "Describe the picture"),
        (picture(), {"alt_en": "x" * 201}, "alt_en", "200"),
        (picture(), {"alt_zh": "\0"}, "alt_zh", "Invisible characters"),
    ],
    ids=("none", "text", "large", "small", "undescribed", "long", "invisible"),
)
def test_bad_uploads_are_refused_beside_their_field(
    house: SimpleNamespace, content: bytes | None, texts: dict[str, str], field: str, message: str
) -> None:
    refused(upload(house, "hall", content, **texts), field, message)
    assert queries.list_pictures(house.hall.id) == {}


def test_files_for_everybody_bring_nobody_a_cookie(house: SimpleNamespace) -> None:
    upload(house, "hall", picture())
    with house.client.session_transaction() as session:
        session.permanent = True  # as the sign-in page leaves it
    source = min(sources(page(house.client.get("/?lang=en"))))
    with time_machine.travel(clock.now() + PROLONGED_EVERY + timedelta(seconds=1)):
        assert "Set-Cookie" in house.client.get("/desk").headers, "a page that a person opens prolongs the session"
    for address in (source, f"{source}?lang=zh"):
        shown = house.client.get(address)  # by a browser of 2015, which sends no Sec-Fetch-Mode
        assert shown.headers["Cache-Control"].startswith("public"), address
        assert "Set-Cookie" not in shown.headers, address
        assert "Vary" not in shown.headers, address


@pytest.mark.parametrize("place", ["programme-theirs", "programme-", "nowhere", "programme-\0"])
def test_there_are_no_pictures_of_other_places(house: SimpleNamespace, stranger: SimpleNamespace, place: str) -> None:
    assert upload(house, place, picture()).status_code == 404
    assert house.client.submit(f"/admin/pictures/{place}/delete").status_code == 404


@pytest.mark.parametrize("path", ["0" * 64 + "/640.jpg", "x/640.jpg", "0" * 64 + "/99999999999999999999.webp"])
def test_unknown_files_are_not_found(house: SimpleNamespace, path: str) -> None:
    assert house.client.get(f"/pictures/{path}").status_code == 404


def _save_and_delete(app: Flask, share: tuple[int, CroppedPicture]) -> int:
    hall_id, cropped = share
    command = SavePicture(hall_id=hall_id, by=None, place="hall", cropped=cropped, alt={"zh": "展厅", "en": ""})
    day = date(2026, 12, 5)
    notice = SaveNotice(hall_id=hall_id, by=None, number=None, first=day, last=day, text={"zh": "好", "en": ""})
    with app.app_context():
        for _ in range(6):
            with transaction():
                service.save_picture(command)
                service.save_notice(notice)
            with transaction():
                service.delete_picture(hall_id, "hall", None)
                for found in queries.list_notices(hall_id):
                    service.delete_notice(hall_id, found.number, None)
    return 1


@pytest.mark.on_database("postgresql")  # SQLite has one writer at a time
def test_two_managers_may_save_and_delete_at_once(house: SimpleNamespace, database_url: str, tmp_path: Path) -> None:
    shares = [(house.hall.id, crop(picture(size=(640, 360), colour=colour), WIDE)) for colour in ("red", "blue")]
    assert at_once(database_url, tmp_path, _save_and_delete, shares) == [1, 1]
    assert queries.list_pictures(house.hall.id) == {}


@pytest.mark.parametrize(
    ("fields", "red"),
    [
        ({"focus": "50,0"}, True),
        ({"focus": "50,100"}, False),
        ({"focus": "50,100", "focus_x": "50", "focus_y": "0"}, True),
        ({"focus": "50,0", "focus_x": "3", "focus_y": "97"}, False),
        ({"focus_x": "999", "focus_y": "999"}, False),
    ],
)
def test_manager_chooses_what_stays_in_sight(house: SimpleNamespace, fields: dict[str, str], red: bool) -> None:
    assert upload(house, "hall", quarters(), **fields).status_code == 303
    source = max(sources(page(house.app.test_client().get("/"))))
    with Image.open(io.BytesIO(house.app.test_client().get(source).data)) as shown:
        colour = shown.convert("RGB").getpixel((5, 5 if red else shown.height - 5))
    assert (colour[0] > 200 > 60 > colour[2]) is red  # type: ignore[index]


@pytest.mark.parametrize("value", ["", "x", "1", "-5,3", "50,50,50", "１,２", "9" * 5000])
def test_unreadable_point_is_the_middle(house: SimpleNamespace, value: str) -> None:
    assert upload(house, "hall", picture(), focus=value, focus_x=value).status_code == 303
