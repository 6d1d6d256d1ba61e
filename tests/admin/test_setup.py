"""The manager's settings: every page and form, good and bad, and what a save does to the slots."""

import io
from collections.abc import Iterator
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.schedule import queries, service
from hallapp.schedule.models import Hall, Programme, Slot, WeekTemplate
from hallapp.schedule.service import SetTemplate
from tests import factories
from tests.booking.helpers import page
from tests.conftest import pairs

EVERY_DAY = tuple((weekday, time(10), 100, 3) for weekday in range(7))


@pytest.fixture
def house(app: Flask) -> Iterator[SimpleNamespace]:
    """A hall whose only programme is open every day at 10, and its manager's browser."""
    with transaction():
        hall = factories.hall(days_ahead=20, directions_zh="地铁二号线", closed_weekdays="0")
        programme = factories.programme(hall=hall, slug="tour", group_min=None, group_max=None)
        manager = factories.staff(hall=hall, role=Role.MANAGER)
        set_week(hall, "tour")
        service.extend_slots(hall)
    client = app.test_client()
    client.sign_in(manager)
    yield SimpleNamespace(app=app, client=client, hall=hall, programme=programme, manager=manager)


@pytest.fixture
def stranger(house: SimpleNamespace) -> SimpleNamespace:
    """Another hall with a programme and a week of its own."""
    with transaction():
        hall = factories.hall()
        factories.programme(hall=hall, slug="theirs")
        set_week(hall, "theirs")
    return SimpleNamespace(hall=hall, template=queries.list_templates(hall.id)[0].id)


def set_week(hall: Hall, programme: str | None, lines: Any = EVERY_DAY) -> None:
    command = SetTemplate(hall_id=hall.id, by=None, programme=programme, valid_from=hall.today(), lines=lines)
    service.set_template(command)


def form_of(response: TestResponse, **changes: Any) -> MultiDict[str, str]:
    """What a browser would send of the page's first form; a None as change leaves the field out."""
    import html5lib

    root = html5lib.HTMLParser(namespaceHTMLElements=False).parse(response.get_data(as_text=True))
    form = next(one for one in root.iter("form") if one.get("method") == "post" and not one.get("action"))
    sent: MultiDict[str, str] = MultiDict()
    for element in form.iter():
        name, kind = element.get("name"), element.get("type")
        if not name or element.tag == "button" or (kind in ("radio", "checkbox") and element.get("checked") is None):
            continue
        if element.tag == "select":
            chosen = [one for one in element.iter("option") if one.get("selected") is not None]
            sent.add(name, (chosen or list(element.iter("option")))[0].get("value") or "")
        else:
            sent.add(
                name,
                (element.text or "").removeprefix("\n") if element.tag == "textarea" else element.get("value") or "",
            )
    for name, value in changes.items():
        sent.poplist(name)
        if value is not None:
            sent.setlist(name, value if isinstance(value, list) else [str(value)])
    return sent


def save(house: SimpleNamespace, path: str, **changes: Any) -> TestResponse:
    """Open a page, change some fields and send it."""
    return house.client.post(path, data=form_of(house.client.get(path), **changes))


def refused(response: TestResponse, field: str, message: str, status: int = 422) -> None:
    """The page again, with a message beside a field."""
    text = page(response)
    assert response.status_code == status
    assert f'id="{field}-error"' in text, field
    assert message in text.split(f'id="{field}-error"')[1].split("</p>")[0]


def slots(house: SimpleNamespace, *, is_open: bool = True) -> list[Slot]:
    query = select(Slot).where(Slot.hall_id == house.hall.id, Slot.open == is_open).order_by(Slot.starts_at)
    return list(db.session.scalars(query))


def last_entry(action: str) -> AuditEntry:
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc()))
    assert entry
    return entry


def hall_of(house: SimpleNamespace) -> Hall:
    return db.session.get_one(Hall, house.hall.id, populate_existing=True)


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
        house, "/admin/hall", name_zh=" 新名 ", bring_en="An identity card", accent="#004080", languages="en,zh"
    )
    assert (answer.status_code, answer.location) == (303, "/admin/hall?saved=1")
    hall = hall_of(house)
    assert (hall.name_zh, hall.bring_en, hall.accent, hall.languages) == (
        "新名",
        "An identity card",
        "#004080",
        "en,zh",
    )
    assert (hall.directions_zh, hall.group_max) == ("地铁二号线", 50)  # what was not changed stays
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
        ({"languages": "fr"}, "languages", "Please choose one of these."),
        ({"languages": None}, "languages", "Please choose one of these."),
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


# Rules


def test_rules_are_saved_and_recorded_in_the_audit_trail(house: SimpleNamespace) -> None:
    answer = save(
        house,
        "/admin/policy",
        group_min="１０",
        group_max="40",
        release_time="８：００",
        confirmation="review",
        inside_capacity="200",
        early_minutes="３０",
        door_rule="manager",
        no_show_count="3",
        closed_weekdays=["0", "6"],
        holidays="open",
    )
    assert (answer.status_code, answer.location) == (303, "/admin/policy?saved=1")
    hall = hall_of(house)
    assert (hall.group_min, hall.group_max, hall.release_time) == (10, 40, time(8))
    assert (hall.confirmation, hall.inside_capacity, hall.no_show_count) == ("review", 200, 3)
    assert (hall.closed_weekdays, hall.holidays, hall.directions_zh) == ("06", "open", "地铁二号线")
    detail = last_entry("policy_saved").detail
    assert detail["before"]["closed_weekdays"] == "0"
    assert detail["after"] == {
        "group_min": 10,
        "group_max": 40,
        "release_time": "08:00",
        "confirmation": "review",
        "inside_capacity": 200,
        "early_minutes": 30,
        "door_rule": "manager",
        "no_show_count": 3,
        "closed_weekdays": "06",
        "holidays": "open",
    }


def test_a_save_without_a_change_records_nothing(house: SimpleNamespace) -> None:
    assert save(house, "/admin/policy").status_code == 303
    assert not db.session.scalars(select(AuditEntry).where(AuditEntry.action == "policy_saved")).all()


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"group_min": "60"}, "group_min", "The smallest group is larger than the largest one."),
        ({"group_min": "0"}, "group_min", "Enter a number from 1"),
        ({"group_min": ""}, "group_min", "Enter a whole number"),
        ({"group_max": "²"}, "group_max", "Enter a whole number"),
        ({"group_max": "9" * 5000}, "group_max", "This number is too large."),
        ({"group_max": "-5"}, "group_max", "Enter a whole number"),
        ({"release_time": "25:00"}, "release_time", "Enter a time such as 09:30."),
        ({"notice_hours": "481"}, "notice_hours", "a notice of more than 480 hours"),
        ({"change_hours": "481"}, "change_hours", "a deadline of more than 480 hours"),
        ({"offer_hours": "0"}, "offer_hours", "Enter a number from 1 to"),
        ({"closed_weekdays": list("0123456")}, "closed_weekdays", "The hall would never be open."),
        ({"no_show_count": "3", "no_show_pause_days": "0"}, "no_show_pause_days", "needs a pause of at least one day"),
        ({"no_show_count": "3", "no_show_months": "0"}, "no_show_months", "needs a period of at least one month"),
        ({"no_show_count": "3", "no_show_months": "9"}, "no_show_months", "Contact details are erased after 6 months"),
        ({"guides_on_duty": "0"}, "guides_on_duty", "needs 1 guides, which is more than are on duty"),
        ({"inside_capacity": "5"}, "inside_capacity", "The smallest group has 8 people"),
        ({"confirmation": "perhaps"}, "confirmation", "Please choose one of these."),
        ({"holidays": None}, "holidays", "Please choose one of these."),
    ],
)
def test_bad_rules_are_refused_beside_their_field(
    house: SimpleNamespace, changes: dict[str, Any], field: str, message: str
) -> None:
    house.client.get("/admin/policy?lang=en")
    answer = save(house, "/admin/policy", **{"days_ahead": "20", "retention_months": "6", **changes})
    refused(answer, field, message)
    hall = hall_of(house)
    assert (hall.group_min, hall.group_max, hall.closed_weekdays, hall.no_show_count) == (8, 50, "0", 0)


def test_a_new_closing_day_closes_slots_without_bookings(house: SimpleNamespace) -> None:
    assert {slot.day.weekday() for slot in slots(house)} == {1, 2, 3, 4, 5, 6}
    assert save(house, "/admin/policy", closed_weekdays=["0", "1"]).status_code == 303
    db.session.expire_all()
    assert {slot.day.weekday() for slot in slots(house)} == {2, 3, 4, 5, 6}
    assert save(house, "/admin/policy", closed_weekdays=["0"]).status_code == 303
    db.session.expire_all()
    assert {slot.day.weekday() for slot in slots(house)} == {1, 2, 3, 4, 5, 6}


def test_a_closing_day_with_a_booking_asks_first(house: SimpleNamespace) -> None:
    tuesday = next(slot for slot in slots(house) if slot.day.weekday() == 1)
    with transaction():
        booking = factories.booking(slot=db.session.get_one(Slot, tuesday.id), organisation="越秀区工会")
    sent = form_of(house.client.get("/admin/policy"), closed_weekdays=["0", "1"])
    answer = house.client.post("/admin/policy", data=sent)
    assert answer.status_code == 409
    assert "越秀区工会" in page(answer)
    assert hall_of(house).closed_weekdays == "0"
    sent.update({"settling": "1", "hit": str(booking.id), f"decision-{booking.id}": "leave"})
    assert house.client.post("/admin/policy", data=sent).status_code == 303
    assert hall_of(house).closed_weekdays == "01"


# Programmes


def test_programme_is_added_and_follows_the_hall(house: SimpleNamespace) -> None:
    with transaction():
        set_week(house.hall, None)
    answer = save(
        house,
        "/admin/programmes/new",
        slug="talk",
        name_zh="讲座",
        name_en="Talk",
        minutes="60",
        group_min="",
        guides="0",
    )
    assert (answer.status_code, answer.location) == (303, "/admin/programmes?saved=1")
    added = queries.get_programme(house.hall.id, "talk")
    assert (added.minutes, added.group_min, added.confirmation, added.active, added.position) == (
        60,
        None,
        None,
        True,
        1,
    )
    assert added.policy.group_min == 8
    assert any(slot.programme_id == added.id for slot in slots(house))
    assert last_entry("programme_added").detail["after"]["slug"] == "talk"


def test_programme_is_changed_and_recorded_in_the_audit_trail(house: SimpleNamespace) -> None:
    answer = save(house, "/admin/programmes/tour", group_min="２０", release_time="09:00", confirmation="review")
    assert answer.status_code == 303
    found = queries.get_programme(house.hall.id, "tour")
    assert (found.group_min, found.release_time, found.confirmation) == (20, time(9), "review")
    assert last_entry("programme_saved").detail == {
        "before": {"group_min": None, "release_time": None, "confirmation": None},
        "after": {"group_min": 20, "release_time": "09:00", "confirmation": "review"},
    }
    assert save(house, "/admin/programmes/tour", group_min="", confirmation="").status_code == 303
    db.session.expire_all()
    assert (found.group_min, found.confirmation) == (None, None)


@pytest.mark.parametrize(
    ("changes", "field", "message", "status"),
    [
        ({"slug": "Talk!"}, "slug", "Use lower-case letters a to z", 422),
        ({"slug": "new"}, "slug", "used by hallapp itself", 422),
        ({"slug": "tour"}, "slug", "There is already a programme with this web address name.", 409),
        ({"name_en": ""}, "name_en", "Enter a name in each language", 422),
        ({"minutes": "0"}, "minutes", "Enter a number from 1 to 1440.", 422),
        ({"minutes": ""}, "minutes", "Enter a whole number", 422),
        ({"group_min": "51"}, "group_min", "The smallest group is larger than the largest one.", 422),
        ({"notice_hours": "9999"}, "notice_hours", "Enter a number from 0", 422),
        ({"mode": "moon"}, "mode", "Please choose one of these.", 422),
    ],
)
def test_bad_programmes_are_refused_beside_their_field(
    house: SimpleNamespace, changes: dict[str, Any], field: str, message: str, status: int
) -> None:
    house.client.get("/admin?lang=en")
    good = {"slug": "talk", "name_zh": "讲座", "name_en": "Talk", "minutes": "60"}
    answer = save(house, "/admin/programmes/new", **{**good, **changes})
    refused(answer, field, message, status)
    assert "讲座" in page(answer)
    assert [one.slug for one in queries.list_all_programmes(house.hall.id)] == ["tour"]


def test_a_deactivated_programme_closes_its_free_times(house: SimpleNamespace) -> None:
    assert save(house, "/admin/programmes/tour", active=None).status_code == 303
    assert slots(house) == []
    assert "未开放" in page(house.client.get("/admin/programmes"))


def test_deactivating_a_booked_programme_asks_first(house: SimpleNamespace) -> None:
    with transaction():
        factories.booking(slot=db.session.get_one(Slot, slots(house)[-1].id))
    assert save(house, "/admin/programmes/tour", active=None).status_code == 409
    assert db.session.get_one(Programme, house.programme.id, populate_existing=True).active


def test_a_booked_programme_keeps_its_mode(house: SimpleNamespace) -> None:
    with transaction():
        factories.booking(slot=db.session.get_one(Slot, slots(house)[-1].id))
    house.client.get("/admin?lang=en")
    refused(save(house, "/admin/programmes/tour", mode="online"), "mode", "This programme has bookings", 409)


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
    for path in (
        "/admin/hall",
        "/admin/policy",
        "/admin/programmes/tour",
        "/admin/programmes/new",
        "/admin/templates/new",
    ):
        good = form_of(house.client.get(path))
        for text, name in pairs(texts, [name for name in good if name != "csrf_token"]):
            sent = good.copy()
            sent.setlist(name, [text])
            assert house.client.post(path, data=sent).status_code in (303, 409, 422), (path, name)
