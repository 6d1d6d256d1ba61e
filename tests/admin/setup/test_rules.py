"""The rules of the hall, and its programmes."""

from datetime import time
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.core.database import db, transaction
from hallapp.schedule import queries
from hallapp.schedule.models import Programme, Slot
from tests import factories
from tests.admin.setup.conftest import form_of, hall_of, last_entry, refused, save, set_week, slots
from tests.booking.helpers import page

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
        closed_weekdays=["0", "6"],
        holidays="open",
    )
    assert (answer.status_code, answer.location) == (303, "/admin/policy?saved=1")
    hall = hall_of(house)
    assert (hall.group_min, hall.group_max, hall.release_time) == (10, 40, time(8))
    assert (hall.confirmation, hall.inside_capacity) == ("review", 200)
    assert (hall.closed_weekdays, hall.holidays, hall.directions.get("zh", "")) == ("06", "open", "地铁二号线")
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
    assert (hall.group_min, hall.group_max, hall.closed_weekdays) == (8, 50, "0")


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
