"""Weekly templates, and who may change the settings."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.schedule import queries
from hallapp.schedule.models import Slot, WeekTemplate
from tests import factories
from tests.admin.setup.conftest import form_of, last_entry, refused, save, set_week, slots
from tests.booking.helpers import page
from tests.conftest import pairs, tried

# Weekly templates


def week(house: SimpleNamespace, **changes: Any) -> dict[str, Any]:
    """A good form of a new week: Saturdays and Sundays at 9."""
    house.client.get("/admin?lang=en")
    return {
        "csrf_token": house.client.csrf_token,
        "programme": "tour",
        "valid_from": (house.hall.today() + timedelta(days=7)).isoformat(),
        "rows-0-weekdays": ["5", "6"],
        "rows-0-starts": "９:00",
        "rows-0-places": "80",
        "rows-0-guides": "2",
        **changes,
    }


def test_a_weekly_template_applies_from_its_first_day(house: SimpleNamespace) -> None:
    answer = house.client.post("/admin/templates/new", data=week(house))
    assert (answer.status_code, answer.location) == (303, "/admin/templates?saved=1")
    first = house.hall.today() + timedelta(days=7)
    later = [slot for slot in slots(house) if slot.day >= first]
    assert {slot.day.weekday() for slot in later} == {5, 6}
    assert {(slot.visitor_capacity, slot.guide_capacity) for slot in later} == {(80, 2)}
    assert {slot.visitor_capacity for slot in slots(house) if slot.day < first} == {100}
    text = page(house.client.get("/admin/templates"))
    assert "In use since" in text
    assert "Begins on" in text
    assert last_entry("template_set").detail["after"] == {"lines": [[5, "09:00", 80, 2], [6, "09:00", 80, 2]]}


def test_the_present_weekly_template_is_changed_from_today(house: SimpleNamespace) -> None:
    template = queries.list_templates(house.hall.id)[0]
    shown = house.client.get(f"/admin/templates/{template.id}")
    sent = form_of(shown, **{"rows-0-places": "60"})
    assert sent.getlist("rows-0-weekdays") == list("0123456")
    assert house.client.post(f"/admin/templates/{template.id}", data=sent).status_code == 303
    assert {slot.visitor_capacity for slot in slots(house)} == {60}
    assert len(queries.list_templates(house.hall.id)) == 1


def test_a_future_weekly_template_moves_to_another_day(house: SimpleNamespace) -> None:
    house.client.post("/admin/templates/new", data=week(house))
    template = queries.list_templates(house.hall.id)[0]
    moved = house.hall.today() + timedelta(days=9)
    answer = save(house, f"/admin/templates/{template.id}", valid_from=moved.isoformat())
    assert answer.status_code == 303
    assert [one.valid_from for one in queries.list_templates(house.hall.id)] == [moved, house.hall.today()]


def test_a_weekly_template_without_times_offers_nothing(house: SimpleNamespace) -> None:
    empty = {"rows-0-starts": "", "rows-0-places": "", "rows-0-guides": "", "nothing": "y"}
    assert house.client.post("/admin/templates/new", data=week(house, **empty)).status_code == 303
    assert max(slot.day for slot in slots(house)) < house.hall.today() + timedelta(days=7)


def test_a_weekly_template_is_deleted(house: SimpleNamespace) -> None:
    template = queries.list_templates(house.hall.id)[0]
    house.client.get(f"/admin/templates/{template.id}")
    assert house.client.submit(f"/admin/templates/{template.id}/delete").status_code == 303
    assert (queries.list_templates(house.hall.id), slots(house)) == ([], [])
    assert last_entry("template_deleted").detail["before"]["lines"][0] == [0, "10:00", 100, 3]


def test_a_weekly_template_with_fewer_places_asks_about_bookings_first(house: SimpleNamespace) -> None:
    with transaction():
        factories.booking(slot=db.session.get_one(Slot, slots(house)[-1].id), origins={"440000": 40})
    template = queries.list_templates(house.hall.id)[0]
    answer = save(house, f"/admin/templates/{template.id}", **{"rows-0-places": "30"})
    assert answer.status_code == 409
    assert {slot.visitor_capacity for slot in slots(house)} == {100}
    house.client.get("/admin")
    assert house.client.submit(f"/admin/templates/{template.id}/delete").status_code == 409
    assert db.session.get(WeekTemplate, template.id) is not None


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"valid_from": "2020-01-01"}, "valid_from", "This day has passed."),
        ({"valid_from": "9999-12-31"}, "valid_from", "This is too far ahead"),
        ({"valid_from": "2026-02-30"}, "valid_from", "Enter a day such as"),
        ({"rows-0-weekdays": []}, "rows-0-weekdays", "Tick at least one weekday."),
        ({"rows-0-weekdays": ["7", "²"]}, "rows-0-weekdays", "Tick at least one weekday."),
        ({"rows-0-starts": "9 o'clock"}, "rows-0-starts", "Enter a time such as 09:30."),
        ({"rows-0-starts": ""}, "rows-0-starts", "Enter a time such as 09:30."),
        ({"rows-0-places": "many"}, "rows-0-places", "Enter a whole number"),
        ({"rows-0-places": "0"}, "times", "Enter a number from 1 to"),
        ({"rows-0-starts": "23:30"}, "times", "would run past midnight"),
        ({"rows-1-weekdays": ["6"], "rows-1-starts": "9:00", "rows-1-places": "5"}, "times", "is listed twice"),
        ({"rows-0-starts": "", "rows-0-places": "", "rows-0-guides": ""}, "times", "Add at least one time"),
        ({"nothing": "y"}, "nothing", "There are times below."),
        ({"programme": "theirs"}, "programme", "Please choose one of these."),
    ],
)
def test_bad_weekly_templates_are_refused_beside_their_field(
    house: SimpleNamespace, changes: dict[str, Any], field: str, message: str
) -> None:
    answer = house.client.post("/admin/templates/new", data=week(house, **changes))
    refused(answer, field, message)
    assert len(queries.list_templates(house.hall.id)) == 1


def test_rows_are_added_and_removed_without_saving(house: SimpleNamespace) -> None:
    added = house.client.post("/admin/templates/new", data=week(house, add_row="1"))
    assert added.status_code == 200
    sent = form_of(added)
    assert sent.getlist("rows-1-weekdays") == ["5", "6"]
    assert (sent["rows-1-places"], sent["rows-1-starts"]) == ("80", "")
    removed = house.client.post("/admin/templates/new", data=MultiDict([*sent.items(multi=True), ("remove_row", "0")]))
    assert "rows-0-starts" not in form_of(removed)
    assert len(queries.list_templates(house.hall.id)) == 1


# Who, and whose


def test_a_programme_without_a_weekly_template_cannot_be_booked(house: SimpleNamespace) -> None:
    factories.make(factories.programme, hall=house.hall, slug="talk", name_zh="讲座")
    for path in ("/admin/programmes", "/admin/templates"):
        shown = page(house.client.get(path))
        assert shown.count("尚未设置每周时间，暂不能预约。") == 1
        assert 'href="/admin/templates/new?programme=talk"' in shown
    with transaction():
        set_week(house.hall, None)
    assert "暂不能预约" not in page(house.client.get("/admin/programmes"))
    assert "使用展馆的模板" in page(house.client.get("/admin/templates"))


@pytest.mark.parametrize("role", [Role.GUIDE, Role.DESK])
def test_only_managers_open_the_settings(house: SimpleNamespace, role: Role) -> None:
    client = house.app.test_client()
    client.sign_in(factories.make(factories.staff, hall=house.hall, role=role))
    for path in ("/admin", "/admin/hall", "/admin/policy", "/admin/programmes", "/admin/templates"):
        assert client.get(path).status_code == 403


def test_rows_of_another_hall_are_not_found(house: SimpleNamespace, stranger: SimpleNamespace) -> None:
    house.client.get("/admin")
    for path in ("/admin/programmes/theirs", f"/admin/templates/{stranger.template}"):
        assert house.client.get(path).status_code == 404
        assert house.client.submit(path).status_code == 404
    assert house.client.submit(f"/admin/templates/{stranger.template}/delete").status_code == 404
    assert "theirs" not in page(house.client.get("/admin/templates"))
    assert len(queries.list_templates(stranger.hall.id)) == 1


@pytest.mark.parametrize("number", ["0", "-1", "²", "9" * 5000, "2147483648", "x", "%00"])
def test_odd_numbers_are_not_found(house: SimpleNamespace, number: str) -> None:
    assert house.client.get(f"/admin/templates/{number}").status_code == 404
    assert house.client.get(f"/admin/programmes/{number}").status_code == 404


def test_settings_answer_any_input_without_an_error(house: SimpleNamespace) -> None:
    texts = ("\0", "a\0b", "\u202e", "²", "9" * 5000, "-1", "1e9", "NaN", "長" * 3000, "{{ 7 }}")
    # The form of a new programme has the fields of an existing one.
    forms = ("/admin/hall", "/admin/policy", "/admin/programmes/tour", "/admin/templates/new", "/admin/programmes/new")
    for path in tried(forms, 2):
        good = form_of(house.client.get(path))
        for text, name in pairs(texts, [name for name in good if name != "csrf_token"]):
            sent = good.copy()
            sent.setlist(name, [text])
            assert house.client.post(path, data=sent).status_code in (303, 409, 422), (path, name)
