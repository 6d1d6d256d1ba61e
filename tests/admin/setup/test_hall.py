"""The overview of the settings, the hall's details and its logo."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from hallapp.accounts.roles import Role
from hallapp.core.database import transaction
from hallapp.schedule import queries
from tests import factories
from tests.admin.setup.conftest import hall_of, last_entry, refused, save
from tests.booking.helpers import page

# The way in


def test_checklist_of_an_empty_hall_lists_the_missing_steps(app: Flask) -> None:
    with transaction():
        hall = factories.hall()
        manager = factories.staff(hall=hall, role=Role.MANAGER)
    client = app.test_client()
    client.sign_in(manager)
    text = page(client.get("/admin?lang=en"))
    assert "The hall cannot be booked yet" in text
    assert "Add what groups can book" in text
    assert "Still empty in one language of the pages: directions, what to bring, what if a group is late." in text
    assert "1 account can admit groups" in text


def test_checklist_of_a_complete_hall_says_that_it_takes_bookings(house: SimpleNamespace) -> None:
    text = page(house.client.get("/admin?lang=en"))
    assert "The hall takes bookings" in text
    assert "Each programme that is offered has its times." in text


def test_checklist_names_a_programme_without_times(house: SimpleNamespace) -> None:
    with transaction():
        factories.programme(hall=house.hall, name_zh="主题活动", name_en="Themed session")
    assert "Without any time: Themed session." in page(house.client.get("/admin?lang=en"))


# Facts and logo


def test_hall_details_are_saved_and_recorded_in_the_audit_trail(house: SimpleNamespace) -> None:
    answer = save(
        house, "/admin/hall", name_zh=" 新名 ", bring_en="An identity card", accent="#004080", first_language="en"
    )
    assert (answer.status_code, answer.location) == (303, "/admin/hall?saved=1")
    hall = hall_of(house)
    assert (hall.name.get("zh", ""), hall.bring.get("en", ""), hall.accent, hall.languages) == (
        "新名",
        "An identity card",
        "#004080",
        "en,zh",
    )
    assert (hall.directions.get("zh", ""), hall.group_max) == ("地铁二号线", 50)  # what was not changed stays
    detail = last_entry("policy_saved").detail
    assert detail["before"] == {"name_zh": "岭南展览馆", "bring_en": "", "languages": "zh,en", "accent": "#b3261e"}
    assert detail["after"]["name_zh"] == "新名"
    assert last_entry("policy_saved").staff_id == house.manager.id
    assert "已保存" in page(house.client.get("/admin/hall?saved=1&lang=zh"))


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name_zh": " "}, "name_zh", "Enter the hall’s name in each language"),
        ({"accent": "#ffee88"}, "accent", "White text on this colour is hard to read"),
        ({"accent": "red"}, "accent", "Enter a colour such as"),
        ({"name_en": "x" * 121}, "name_en", "at most 120 characters"),
        ({"address_zh": "门\x00"}, "address_zh", "Invisible characters"),
        ({"first_language": "fr"}, "first_language", "Choose one of the ticked languages."),
        ({"offered": None}, "offered", "Tick at least one language."),
    ],
)
def test_bad_hall_details_are_refused_beside_their_field(
    house: SimpleNamespace, changes: dict[str, Any], field: str, message: str
) -> None:
    house.client.get("/admin/hall?lang=en")
    answer = save(house, "/admin/hall", phone="020 1111", **changes)
    refused(answer, field, message)
    assert 'value="020 1111"' in page(answer)  # nothing that was typed is lost
    assert hall_of(house).phone == "020 8345 0000"


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 20)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#004080").save(file, kind)
    return file.getvalue()


def upload(house: SimpleNamespace, content: bytes, name: str = "logo.png") -> TestResponse:
    house.client.get("/admin/hall?lang=en")
    # By hand: for a large body the test client opens a file that it never closes.
    head = f'--b\r\nContent-Disposition: form-data; name="logo"; filename="{name}"\r\n\r\n'
    return house.client.post(
        "/admin/hall/logo",
        data=head.encode() + content + b"\r\n--b--\r\n",
        content_type="multipart/form-data; boundary=b",
        headers={"X-CSRFToken": str(house.client.csrf_token)},
    )


@pytest.mark.parametrize(("kind", "mimetype"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_logo_is_taken_shown_and_removed(house: SimpleNamespace, kind: str, mimetype: str) -> None:
    content = picture(kind)
    assert upload(house, content, "any.name").status_code == 303
    digest = queries.find_logo(house.hall.id).digest  # type: ignore[union-attr]
    assert f"/logo?v={digest}" in page(house.client.get("/admin/hall"))
    shown = house.client.get(f"/logo?v={digest}")
    assert (shown.data, shown.mimetype) == (content, mimetype)
    assert house.client.submit("/admin/hall/logo/delete").status_code == 303
    assert f"/logo?v={digest}" not in page(house.client.get("/admin/hall"))
    assert house.client.get(f"/logo?v={digest}").status_code == 404
    assert last_entry("logo_deleted").detail["before"] == {"digest": digest}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Choose a picture that is not empty."),
        (b"not a picture", "Choose a picture in the format PNG or JPEG."),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "in the format PNG or JPEG"),
        (picture("GIF"), "in the format PNG or JPEG"),
        (picture("BMP", (500, 300)), "Choose a picture of 200 KB"),
        (b"\x89PNG" + b"x" * 5 * 1024 * 1024, "Choose a picture of 200 KB"),
    ],
    ids=("empty", "text", "svg", "gif", "440 KB", "5 MB"),
)
def test_wrong_files_are_no_logo(house: SimpleNamespace, content: bytes, message: str) -> None:
    refused(upload(house, content), "logo-file", message)
    assert queries.find_logo(house.hall.id) is None


def test_no_file_at_all_is_no_logo(house: SimpleNamespace) -> None:
    house.client.get("/admin/hall?lang=en")
    refused(house.client.submit("/admin/hall/logo"), "logo-file", "Choose a picture that is not empty.")
