"""The desk over HTTP: as a page without JavaScript, and as JSON."""

import re
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient

from hallapp.accounts.roles import Role
from hallapp.core.database import transaction
from tests import factories
from tests.desk.conftest import NOW, TODAY, admit, code_of, make_booking, summaries, take_back

NAME = "广州市越秀区东湖街老年大学"


@pytest.fixture
def desk(client: FlaskClient, counter: SimpleNamespace) -> FlaskClient:
    client.sign_in(counter.desk)
    return client


def fields_of(page: str, form: str) -> dict[str, str]:
    """What a browser would send of the first form whose tag holds this text, untouched."""
    inside = re.search(rf"<form[^>]*{form}.*?</form>", page, re.S)
    assert inside, form
    fields = {}
    for tag in re.findall(r"<input[^>]*>", inside[0]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            fields[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', inside[0], re.S):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        fields[name] = chosen[1]
    fields.pop("csrf_token")
    return fields


def outcome_of(page: str) -> str:
    return re.search(r'data-outcome="([^"]*)"', page)[1]


def test_desk_is_for_desk_and_above(client: FlaskClient, counter: SimpleNamespace) -> None:
    assert client.get("/desk").status_code == 303
    with transaction():
        guide = factories.staff(hall=counter.hall, role=Role.GUIDE)
    client.sign_in(guide)
    assert client.get("/desk").status_code == 403
    for path in ("/desk/lookup", "/desk/arrivals", "/desk/walk-ins", f"/desk/arrivals/{uuid4()}/take-back"):
        assert client.submit(path).status_code == 403, path


def test_without_javascript_from_scan_to_take_back(desk: FlaskClient, counter: SimpleNamespace) -> None:
    page = desk.submit("/desk/lookup", {"q": counter.code}).get_data(as_text=True)
    assert NAME in page and "入馆40人" in page
    sent = fields_of(page, 'data-act="admit"')
    assert sent.pop("event_id")
    assert sent == {
        "code": counter.booking.reference,
        "known_to_come": "430000:2 440000:38",
        "origins-0-division": "430000",
        "origins-0-visitors": "2",
        "origins-1-division": "440000",
        "origins-1-visitors": "38",
        "origins-2-division": "",
        "origins-2-visitors": "",
    }
    sent |= {
        "event_id": str(uuid4()),
        "origins-1-visitors": "30",
        "origins-2-division": "110000",
        "origins-2-visitors": "1",
    }
    page = desk.submit("/desk/arrivals", sent).get_data(as_text=True)
    assert outcome_of(page) == "admitted" and "33" in page
    assert summaries(counter)[0] == {
        ("11-21", "430000"): (2, 1),
        ("11-21", "440000"): (30, 1),
        ("11-21", "110000"): (1, 1),
    }
    page = desk.submit("/desk/arrivals", sent).get_data(as_text=True)
    assert outcome_of(page) == "repeated"
    assert summaries(counter)[1] == {"11-21": (33, 1)}
    page = desk.submit(f"/desk/arrivals/{sent['event_id']}/take-back").get_data(as_text=True)
    assert outcome_of(page) == "taken_back"
    assert summaries(counter) == ({}, {})
    assert f"/{sent['event_id']}/take-back" not in page


def test_form_that_is_refused_keeps_what_was_typed(desk: FlaskClient, counter: SimpleNamespace) -> None:
    sent = {
        "event_id": str(uuid4()),
        "code": counter.booking.reference,
        "origins-0-division": "440000",
        "origins-0-visitors": "12a",
        "origins-1-division": "430000",
        "origins-1-visitors": "2",
    }
    response = desk.submit("/desk/arrivals", sent)
    page = response.get_data(as_text=True)
    assert (response.status_code, outcome_of(page), NAME in page) == (422, "refused", True)
    sent = {"event_id": str(uuid4()), "organisation": "<b>香港大学</b>", "kind": "school", "programme": "none"}
    sent |= {"origins-0-division": "810000", "origins-0-visitors": "７"}
    response = desk.submit("/desk/walk-ins", sent)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    again = fields_of(page, 'data-act="walk-in"')
    assert (again["organisation"], again["kind"], again["origins-0-division"], again["origins-0-visitors"]) == (
        "&lt;b&gt;香港大学&lt;/b&gt;",
        "school",
        "810000",
        "7",
    )


def test_walk_in_form_begins_with_the_halls_own_division(desk: FlaskClient, counter: SimpleNamespace) -> None:
    with transaction():
        alone = factories.programme(hall=counter.hall, slug="self-guided", guides=0, position=9, name_zh="自由参观")
    sent = fields_of(desk.get("/desk").get_data(as_text=True), 'data-act="walk-in"')
    assert (sent["origins-0-division"], sent["kind"], sent["programme"]) == ("440000", "individual", alone.slug)
    page = desk.submit("/desk/walk-ins", sent | {"origins-0-visitors": "3"}).get_data(as_text=True)
    assert outcome_of(page) == "admitted"
    assert summaries(counter) == ({("11-21", "440000"): (3, 1)}, {"11-21": (3, 1)})


def test_json_admits_repeats_and_takes_back(desk: FlaskClient, counter: SimpleNamespace) -> None:
    sent = {"event_id": str(uuid4()), "code": counter.code, "counts": {"440000": 36}, "occurred_at": NOW.isoformat()}
    first = desk.send_json("/desk/arrivals", sent)
    assert first.status_code == 200
    assert first.get_json() == {
        "outcome": "admitted",
        "reason": None,
        "event_id": sent["event_id"],
        "occurred_at": NOW.isoformat(),
        "counts": {"440000": 36},
        "timing": {"early": 0, "late": 10, "beyond": False, "news": False},
        "group": {
            "reference": counter.booking.reference,
            "organisation": NAME,
            "kind": "school",
            "state": "arrived",
            "note": "",
            "access": "",
            "guide_note": "",
            "tour_language": "zh",
            "programme": "讲解参观",
            "day": "2026-11-21",
            "starts_at": "2026-11-21T01:30:00+00:00",
            "ends_at": "2026-11-21T03:00:00+00:00",
            "booked": 40,
            "arrived": 36,
            "to_come": 4,
            "divisions": [
                {"code": "430000", "name": "湖南", "booked": 2, "arrived": 0, "to_come": 2},
                {"code": "440000", "name": "广东", "booked": 38, "arrived": 36, "to_come": 2},
            ],
        },
    }
    again = desk.send_json("/desk/arrivals", sent)
    occurred_at = again.get_json().pop("occurred_at")
    assert again.get_json() | {"outcome": "admitted", "occurred_at": 0} == first.get_json() | {"occurred_at": 0}
    assert again.get_json()["outcome"] == "repeated" and occurred_at.startswith("2026-11-21T01:40")
    path = f"/desk/arrivals/{sent['event_id']}/take-back"
    undone = desk.send_json(path, {}).get_json()
    assert (undone["outcome"], undone["counts"], undone["group"]["arrived"]) == ("taken_back", {"440000": -36}, 0)
    assert desk.send_json(path, {}).get_json()["outcome"] == "repeated"


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"event_id": "1"}, 422, "invalid_event_id"),
        ({"event_id": None}, 422, "invalid_event_id"),
        ({"event_id": 7}, 422, "invalid_event_id"),
        ({"code": ""}, 422, "invalid_code"),
        ({"code": ["a"]}, 422, "invalid_code"),
        ({"code": "HTTPS://X/T/\x00"}, 409, "not_a_pass"),
        ({"counts": [1]}, 422, "invalid_counts"),
        ({"counts": {"440000": "38"}}, 422, "invalid_counts"),
        ({"counts": {"440000": True}}, 422, "invalid_counts"),
        ({"counts": {"440000": 1.5}}, 422, "invalid_counts"),
        ({"counts": {}}, 422, "invalid_counts"),
        ({"occurred_at": "yesterday"}, 422, "invalid_time"),
        ({"occurred_at": "2026-11-21T09:40:00"}, 422, "invalid_time"),
        ({"occurred_at": 1}, 422, "invalid_time"),
        ({"occurred_at": "9999-12-31T23:59:59-12:00"}, 422, "time_in_future"),
        ({"occurred_at": "0001-01-01T00:00:00+12:00"}, 422, "time_too_old"),
    ],
)
def test_json_that_cannot_be_read_is_refused(
    desk: FlaskClient, counter: SimpleNamespace, changes: dict, status: int, reason: str
) -> None:
    response = desk.send_json("/desk/arrivals", {"event_id": str(uuid4()), "code": counter.code, **changes})
    body = response.get_json()
    assert (response.status_code, body["outcome"], body["reason"]) == (status, "refused", reason)
    assert body["message"] and summaries(counter) == ({}, {})


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "{"])
def test_json_of_another_shape_is_refused(desk: FlaskClient, body: str) -> None:
    response = desk.post(
        "/desk/arrivals", data=body, content_type="application/json", headers={"X-CSRFToken": desk.csrf_token}
    )
    assert response.status_code == (400 if body == "{" else 422)
    assert response.get_json()["outcome"] == "refused"


def test_another_day_says_which_and_lets_only_a_manager_through(
    desk: FlaskClient, counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOW + timedelta(days=1))
    desk.sign_in(counter.desk)  # yesterday's session has ended
    desk.get("/desk")
    sent = {"event_id": str(uuid4()), "code": counter.code}
    response = desk.send_json("/desk/arrivals", sent)
    body = response.get_json()
    assert (response.status_code, body["reason"], body["overridable"]) == (409, "another_day", True)
    assert "11月21日 周六 09:30–11:00" in body["message"]
    page = desk.submit("/desk/lookup", {"q": counter.code}).get_data(as_text=True)
    assert NAME in page and 'data-act="admit"' not in page
    response = desk.send_json("/desk/arrivals", sent | {"reason": "大巴故障"})
    assert (response.status_code, response.get_json()["reason"]) == (403, "manager_needed")
    desk.sign_in(counter.manager)
    page = desk.submit("/desk/lookup", {"q": counter.code}).get_data(as_text=True)
    sent = fields_of(page, 'data-act="admit"') | {"reason": "大巴<故障>"}
    page = desk.submit("/desk/arrivals", sent).get_data(as_text=True)
    assert outcome_of(page) == "admitted" and "大巴&lt;故障&gt;" in page
    desk.submit(f"/desk/arrivals/{sent['event_id']}/take-back")
    page = desk.submit("/desk/arrivals", sent | {"event_id": str(uuid4()), "origins-1-visitors": "0"}).get_data(
        as_text=True
    )
    assert 'name="reason"' in page  # the rest of them needs a reason too


def test_pass_of_another_hall_reveals_nothing(desk: FlaskClient, counter: SimpleNamespace) -> None:
    with transaction():
        other = make_booking(factories.programme(hall=factories.hall()), day=TODAY, organisation="秘密单位")
        code, reference = code_of(other), other.reference
    for text in (code, reference, "秘密"):
        page = desk.submit("/desk/lookup", {"q": text}).get_data(as_text=True)
        assert "秘密单位" not in page and "09:30" not in page.split('id="day"')[0], text
    body = desk.send_json("/desk/arrivals", {"event_id": str(uuid4()), "code": code}).get_json()
    assert (body["reason"], body["group"]) == ("other_hall", None)


def test_search_by_part_of_the_name_or_the_phones_last_digits(desk: FlaskClient, counter: SimpleNamespace) -> None:
    with transaction():
        make_booking(
            factories.programme(hall=counter.hall),
            day=TODAY,
            organisation="100%_大学 O'Neil",
            phone_tail="2222",
        )
    for text in ("老年", "1050"):
        body = desk.send_json("/desk/lookup", {"q": text}).get_json()
        assert (body["outcome"], body["group"]["organisation"]) == ("found", NAME), text
    body = desk.send_json("/desk/lookup", {"q": "大学"}).get_json()
    assert (body["outcome"], [group["organisation"] for group in body["groups"]]) == (
        "matches",
        [NAME, "100%_大学 O'Neil"],
    )
    assert desk.send_json("/desk/lookup", {"q": "%_大"}).get_json()["group"]["organisation"] == "100%_大学 O'Neil"
    for text in ("'", "' OR 1=1 --", "<script>", "%%", "__"):
        found = desk.send_json("/desk/lookup", {"q": text}).get_json()
        assert found.get("groups") == [] or found["group"]["organisation"] == "100%_大学 O'Neil", text
    page = desk.submit("/desk/lookup", {"q": "<script>alert(1)</script>"}).get_data(as_text=True)
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_search_finds_other_days_after_today(desk: FlaskClient, counter: SimpleNamespace) -> None:
    with transaction():
        programme = factories.programme(hall=counter.hall)
        for days in (-40, -9, -1, 1, 9):
            make_booking(programme, day=TODAY + timedelta(days=days), organisation=f"东湖 {days}")
    groups = desk.send_json("/desk/lookup", {"q": "东湖"}).get_json()["groups"]
    assert [group["day"][5:] for group in groups] == ["11-21", "11-22", "11-30", "11-20", "11-12"]
    page = desk.submit("/desk/lookup", {"q": "东湖"}).get_data(as_text=True)
    assert page.count("不是今天") == 4


def test_slip_in_a_reference_is_said_at_once(desk: FlaskClient, counter: SimpleNamespace) -> None:
    right = counter.booking.reference
    slip = ("2" if right[0] != "2" else "3") + right[1:]
    response = desk.submit("/desk/lookup", {"q": slip})
    assert response.status_code == 422
    assert "核对" in response.get_data(as_text=True)


def test_code_opened_by_a_phones_camera_shows_the_group(desk: FlaskClient, counter: SimpleNamespace) -> None:
    assert NAME in desk.get("/desk", query_string={"code": counter.code.rsplit("/", 1)[1]}).get_data(as_text=True)


def test_acts_need_the_token_of_the_page(desk: FlaskClient, counter: SimpleNamespace) -> None:
    sent = {"event_id": str(uuid4()), "code": counter.code}
    assert desk.post("/desk/arrivals", json=sent).status_code == 400
    assert desk.post("/desk/arrivals", data=sent).status_code == 400
    assert desk.post("/desk/walk-ins", data=sent).status_code == 400
    assert desk.post(f"/desk/arrivals/{uuid4()}/take-back").status_code == 400
    assert summaries(counter) == ({}, {})


def test_signed_out_json_says_so(client: FlaskClient, counter: SimpleNamespace) -> None:
    client.get("/sign-in")
    response = client.send_json("/desk/arrivals", {"event_id": str(uuid4()), "code": counter.code})
    assert (response.status_code, response.get_json()["reason"]) == (401, "signed_out")


def test_todays_list_adds_up(desk: FlaskClient, counter: SimpleNamespace) -> None:
    with transaction():
        other = factories.programme(hall=counter.hall)
        make_booking(other, day=TODAY, origins={"110000": 10}, organisation="北京")
        yesterday = make_booking(other, day=TODAY - timedelta(days=1), origins={"310000": 5}, organisation="上海")
    desk.send_json("/desk/arrivals", {"event_id": str(uuid4()), "code": counter.code, "counts": {"440000": 30}})
    desk.send_json("/desk/walk-ins", {"event_id": str(uuid4()), "counts": {"overseas": 4}})
    desk.sign_in(counter.manager)
    late = {"event_id": str(uuid4()), "code": yesterday.reference, "reason": "改期"}
    assert desk.send_json("/desk/arrivals", late).get_json()["outcome"] == "admitted"
    page = desk.get("/desk").get_data(as_text=True)
    figures = re.findall(r"<dd>([^<]*)</dd>", page)
    assert figures == ["50", "30", "20"]
    assert "另有9人" in page and "39" in page
    rows = [
        re.findall(r'<td class="number">(?:<[^>]*>)*([^<]*)<', row)
        for row in re.findall(r"<tr.*?</tr>", page.partition('id="day"')[2], re.S)
    ]
    assert [row for row in rows if row] == [["40", "30", "10"], ["10", "0", "10"], ["–", "9", "–"]]


def test_desk_page_costs_the_same_with_many_groups(desk: FlaskClient, counter: SimpleNamespace) -> None:
    from sqlalchemy import event

    from hallapp.core.database import db

    def cost() -> int:
        seen = []
        event.listen(db.engine, "before_cursor_execute", note := lambda *args: seen.append(args[2]))
        desk.get("/desk")
        event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    desk.send_json("/desk/walk-ins", {"event_id": str(uuid4()), "counts": {"overseas": 4}})
    one = cost()
    with transaction():
        for number in range(5):
            make_booking(factories.programme(hall=counter.hall), day=TODAY, organisation=f"单位{number}")
    for _ in range(6):
        desk.send_json("/desk/walk-ins", {"event_id": str(uuid4()), "counts": {"overseas": 4}})
    assert cost() == one


def test_booking_whose_people_came_early_can_no_longer_be_cancelled(
    desk: FlaskClient, counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOW - timedelta(hours=1))
    early = admit(counter)
    address = f"/visits/{counter.booking.key}"
    desk.get(address)
    assert desk.submit(f"{address}/cancel").status_code == 409
    assert desk.get(f"{address}/pass").status_code == 200
    take_back(counter, early.event_id)
    assert desk.submit(f"{address}/cancel").status_code == 303
    assert desk.get(f"{address}/pass").status_code == 410


@pytest.mark.parametrize(
    "text",
    [
        "http://weixin.qq.com/r/abcDEF",
        "https://u.wechat.com/MABC?s=2",
        "wxp://f2f0abc",
        '{"t":"health","c":"1"}',
        "BEGIN:VCARD\nVERSION:3.0\nN:张;三\nEND:VCARD",
        "WIFI:T:WPA;S:Hall;P:secret;;",
    ],
)
def test_code_of_another_system_is_named_as_one(desk: FlaskClient, text: str) -> None:
    assert desk.send_json("/desk/lookup", {"q": text}).get_json()["reason"] == "not_a_pass"
    body = desk.send_json("/desk/arrivals", {"event_id": str(uuid4()), "code": text}).get_json()
    assert (body["outcome"], body["reason"]) == ("refused", "not_a_pass")
    assert "不是入馆凭证" in desk.submit("/desk/lookup", {"q": text}).get_data(as_text=True)


def test_what_is_known_to_be_scanned_is_no_name(desk: FlaskClient, counter: SimpleNamespace) -> None:
    assert desk.send_json("/desk/lookup", {"q": "老年", "scanned": "1"}).get_json()["reason"] == "not_a_pass"
    found = desk.send_json("/desk/lookup", {"q": counter.booking.reference, "scanned": "1"}).get_json()
    assert found["outcome"] == "found"
    other = desk.send_json("/desk/lookup", {"q": f"https://other.example/t/{'A' * 32}", "scanned": "1"}).get_json()
    assert other["reason"] == "unknown"  # a pass, but of nobody here


def test_badge_scanned_at_the_desk_opens_its_own_page(desk: FlaskClient) -> None:
    answer = desk.submit("/desk/lookup", {"q": f"HTTPS://HALL.EXAMPLE/B/{'A' * 32}"})
    assert (answer.status_code, answer.location) == (303, f"/B/{'A' * 32}")
