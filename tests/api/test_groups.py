"""Large groups, series and answers by the API, as the pages have them."""

import json
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Permission, Role
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.texts import Texts
from hallapp.questions import service as questions
from hallapp.questions.models import QuestionKind
from hallapp.questions.service import SaveQuestion
from hallapp.schedule.models import Slot
from tests import factories
from tests.api.table import Program, program

NOON = "2026-12-01T04:00:00+00:00"  # in Guangzhou
OPTIONS = Texts({"zh": "党日\n研学", "en": "Party day\nStudy tour"})
OPTION = {"zh": "研学", "en": "Study tour"}


@pytest.fixture
def hall(app: Flask) -> Any:
    """An administrator of a hall that takes large groups, and the two times of a day in four weeks that follow."""
    with time_machine.travel(NOON), transaction():
        hall = factories.hall(large_group_max=160)
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        programme = factories.programme(hall=hall, guides=0, slug="tour", group_max=50)
        first = clock.today("Asia/Shanghai") + timedelta(days=3)
        slots = [
            factories.slot(
                programme=programme, day=first + timedelta(weeks=week), starts=time(hour), visitor_capacity=50
            )
            for week in range(4)
            for hour in (9, 11)
        ]
    with time_machine.travel(NOON):
        yield admin, slots


def group(people: int = 20, **values: Any) -> dict[str, Any]:
    return {
        "organisation": "佛山市顺德区容桂龑书社",
        "kind": "association",
        "contact_name": "梁㛃",
        "phone": "020 8345 0000",
        "origins": [{"division": "440000", "visitors": people}],
        "consent": True,
        **values,
    }


def test_large_group_is_proposed_placed_in_parts_moved_and_cancelled(
    app: Flask, hall: tuple[Staff, list[Slot]]
) -> None:
    admin, slots = hall
    site = program(app, admin)
    day, next_week = slots[0].day, slots[2].day
    for people, rules in ((50, "organiser"), (161, "staff")):  # one time is enough; nobody takes so many
        asked = f"/parties/proposals?day={day}&programme=tour&visitors={people}&rules={rules}"
        assert site.get(asked).json["items"] == []
    asked = f"/parties/proposals?day={day}&programme=tour&visitors=90"
    proposal = site.get(asked).json["items"][0]
    parts = proposal["parts"]
    assert ([one["slot"] for one in parts], sum(one["visitors"] for one in parts)) == ([slots[0].id, slots[1].id], 90)
    assert proposal["starts_at"].startswith(f"{day}T01:00")

    needed = site.post("/bookings", group(90, slot=slots[0].id))
    assert (needed.status_code, needed.json["code"]) == (422, "parts_needed")
    wrong = site.post("/parties", group(91, parts=parts))
    assert (wrong.json["code"], wrong.json["errors"][0]["pointer"]) == ("parts_wrong", "/parts")
    placed = site.post("/parties", group(90, parts=parts), Idempotency_Key="large-1")
    again = site.post("/parties", group(90, parts=parts), Idempotency_Key="large-1")
    assert (placed.status_code, again.json) == (201, placed.json)
    assert db.session.query(Booking).count() == 2
    items = placed.json["items"]
    assert [one["visitors"] for one in items] == [one["visitors"] for one in parts]
    assert {one["party"] for one in items} == {placed.json["party"]}
    assert site.get(placed.headers["Location"].removeprefix("/api/v1")).json["items"] == items
    full = site.post("/parties", group(90, parts=parts, organisation="别的", phone="020 8345 0001"))
    assert (full.status_code, full.json["code"], full.json["errors"][0]["pointer"]) == (409, "part_full", "/parts")

    path = f"/bookings/{items[0]['reference']}"
    tag = site.get(path).headers["ETag"]
    moved = site.post(f"{path}/move-parts", {"day": next_week.isoformat()}, If_Match=tag)
    assert [one["slot"] for one in moved.json["items"]] == [slots[2].id, slots[3].id]
    stale = site.post(f"{path}/move-parts", {"day": day.isoformat()}, If_Match=tag)
    assert (stale.status_code, stale.json["code"]) == (412, "changed")
    stays = site.post(f"{path}/move-parts", {"day": (day + timedelta(days=1)).isoformat()})
    assert (stays.status_code, stays.json["code"]) == (409, "parts_stay")
    unsaid = site.post(f"{path}/cancel", {})
    assert (unsaid.status_code, unsaid.json["code"]) == (422, "scope_missing")
    assert site.post(f"{path}/cancel", {"scope": "parts"}).json["state"] == "cancelled"
    assert {one["state"] for one in site.get(f"/bookings?party={placed.json['party']}").json["items"]} == {"cancelled"}
    single = site.post("/bookings", group(slot=slots[0].id)).json["reference"]
    assert site.post(f"/bookings/{single}/move-parts", {"day": day.isoformat()}).json["code"] == "no_party"


def test_series_is_looked_at_and_the_chosen_dates_are_booked_or_none(
    app: Flask, hall: tuple[Staff, list[Slot]]
) -> None:
    admin, slots = hall
    site = program(app, admin)
    with transaction():
        factories.booking(slot=db.session.get_one(Slot, slots[2].id), origins={"440000": 40})
        factories.booking(
            slot=db.session.get_one(Slot, slots[5].id), organisation=group()["organisation"], phone="+862083450000"
        )
    wish = group(slot=slots[0].id, repeat="weekly", visits=5)
    dates = site.post("/series/dates", wish).json["items"]
    assert [(one["state"], one["bookable"], one["slot"]) for one in dates] == [
        ("free", True, slots[0].id),
        ("few", False, slots[2].id),
        ("taken", True, slots[4].id),
        ("free", True, slots[6].id),
        ("no_time", False, None),
    ]
    ends = site.post("/series/dates", group(slot=slots[0].id, repeat="weekly"))
    assert (ends.status_code, [one["pointer"] for one in ends.json["errors"]]) == (422, ["/visits"])
    full = site.post("/series", {**wish, "slots": [slots[0].id, slots[2].id]})
    assert (full.json["code"], full.json["errors"][0]["pointer"]) == ("no_date_chosen", "/slots")
    chosen = [slots[6].id, slots[4].id, slots[0].id]
    twice = site.post("/series", {**wish, "slots": chosen})
    assert (twice.status_code, twice.json["code"]) == (409, "date_refused")
    assert (twice.json["day"], twice.json["cause"]["code"]) == (slots[4].day.isoformat(), "duplicate")
    assert len(twice.json["cause"]["bookings"]) == 1
    assert db.session.query(Booking).count() == 2  # all or none
    placed = site.post("/series", {**wish, "slots": chosen, "duplicates_accepted": [slots[4].id]})
    assert [one["slot"] for one in placed.json["items"]] == [slots[0].id, slots[4].id, slots[6].id]
    assert site.get(f"/bookings?series={placed.json['series']}").json["items"] == placed.json["items"]
    later = placed.json["items"][1]["reference"]
    assert site.post(f"/bookings/{later}/cancel", {"scope": "later", "rules": "staff"}).json["state"] == "cancelled"
    states = [one["state"] for one in site.get(f"/bookings?series={placed.json['series']}").json["items"]]
    assert states == ["confirmed", "cancelled", "cancelled"]
    limited = program(app, admin, Permission.BOOKINGS_CHANGE)
    over = limited.post("/series", {**wish, "slots": [slots[2].id], "over_limit": "领导"})
    assert (over.status_code, over.json["code"]) == (403, "manager_needed")


def test_answers_are_required_of_organisers_changed_and_of_the_right_questions(
    app: Flask, hall: tuple[Staff, list[Slot]]
) -> None:
    admin, slots = hall
    site = program(app, admin)
    kinds = {QuestionKind.CHOICE: True, QuestionKind.NUMBER: False, QuestionKind.FILE: True}
    with transaction():
        other = factories.programme(hall=slots[0].programme.hall, slug="other")
        for programme_id, kind, required in (
            *((slots[0].programme_id, kind, required) for kind, required in kinds.items()),
            (other.id, QuestionKind.TEXT, False),
        ):
            questions.save_question(
                SaveQuestion(
                    **{"hall_id": admin.hall_id, "by": None, "number": None, "programme_id": programme_id},
                    **{"kind": kind, "words": Texts({"zh": "问", "en": kind.value}), "required": required},
                    **{"options": OPTIONS if kind is QuestionKind.CHOICE else Texts(), "at_desk": False, "position": 0},
                )
            )
    asked = {one["kind"]: one for one in site.get("/questions").json["items"]}
    theme, coaches, letter, remark = (str(asked[kind]["number"]) for kind in ("choice", "number", "file", "text"))
    assert (asked["choice"]["programme"], asked["text"]["programme"]) == ("tour", "other")
    option = asked["choice"]["options"][1]
    assert option["name"] == OPTION
    body = group(slot=slots[0].id)
    for given, pointers in (
        ({}, {f"/answers/{theme}"}),
        ({theme: "anything", coaches: "two"}, {f"/answers/{theme}", f"/answers/{coaches}"}),
        ({theme: option["value"], remark: "x", letter: "x"}, {f"/answers/{remark}", f"/answers/{letter}"}),
    ):
        refused = site.post("/bookings", {**body, "answers": given})
        assert (refused.status_code, {one["pointer"] for one in refused.json["errors"]}) == (422, pointers)
    placed = site.post("/bookings", {**body, "answers": {theme: option["value"], coaches: "2"}})
    path = f"/bookings/{placed.json['reference']}"
    assert {number: json.loads(text) for number, text in placed.json["answers"].items()} == {
        theme: OPTION,
        coaches: 2,
    }
    assert site.get(path).headers["ETag"] == placed.headers["ETag"]
    changed = site.patch(path, {"answers": {coaches: "3"}})
    assert changed.json["answers"] == {theme: option["value"], coaches: "3"}
    blank = site.patch(path, {"answers": {theme: ""}})
    assert [one["pointer"] for one in blank.json["errors"]] == [f"/answers/{theme}"]
    assert site.patch(path, {"answers": {theme: ""}, "rules": "staff"}).json["answers"] == {coaches: "3"}
    unanswered = site.post("/bookings", group(slot=slots[1].id, rules="staff", duplicate_accepted=True))
    assert unanswered.status_code == 201, unanswered.json
    listed = site.get("/bookings").json["items"]
    assert [one["answers"] for one in listed] == [{coaches: "3"}, {}]
    visitor = app.test_client().get(placed.json["page"].removeprefix(app.config["SETTINGS"].base_url))
    assert (visitor.status_code, placed.json["organisation"] in visitor.text) == (200, True)


def test_a_misspelt_filter_is_refused_and_a_page_names_the_next_one(app: Flask, hall: tuple[Staff, list[Slot]]) -> None:
    site: Program = program(app, hall[0])
    for path in ("/slots?frist=2026-12-05", "/bookings?State=confirmed", "/closures?x"):
        refused = site.get(path)
        assert (refused.status_code, refused.json["code"]) == (422, "invalid_input"), path
    seen, path = [], f"/slots?first={hall[1][0].day}&last={hall[1][-1].day}&programme=tour&limit=3"
    while path:
        page = site.get(path)
        seen += [one["id"] for one in page.json["items"]]
        link = page.headers.get("Link", "")
        assert bool(link) == (page.json["next"] is not None)
        if len(seen) == 3:  # slots are added before and after the place that was read last
            with transaction():
                programme = db.session.get_one(Slot, hall[1][2].id).programme
                factories.slot(programme=programme, day=hall[1][0].day, starts=time(8))
                added = factories.slot(programme=programme, day=hall[1][2].day, starts=time(10)).id
        path = link.partition(">")[0].removeprefix("</api/v1")
    assert seen == [*(slot.id for slot in hall[1][:3]), added, *(slot.id for slot in hall[1][3:])]
