"""An organiser changes a booking on its page: people, time, contact; within the cut-off, and nothing typed is lost."""

import re
from datetime import date, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hallapp.booking.models import Booking, BookingEvent, BookingState
from hallapp.core.database import db, transaction
from hallapp.passes import queries as passes
from hallapp.passes import service as pass_service
from hallapp.schedule.models import Slot
from tests import factories
from tests.booking.helpers import MADE, page, value_of
from tests.client import CheckingClient
from tests.office import NOON

pytestmark = pytest.mark.usefixtures("first_of_december")

ZONE = "Asia/Shanghai"
DAY = date(2026, 12, 5)


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        hall = factories.hall(slots_until=MADE, change_hours=24)
        return factories.slot(programme=factories.programme(hall=hall, slug="guided-tour"), day=DAY)


@pytest.fixture
def later(slot: Slot) -> Slot:
    return factories.make(factories.slot, programme=slot.programme, day=DAY + timedelta(days=3), starts=time(14))


@pytest.fixture
def booking(slot: Slot) -> Booking:
    with transaction():
        booking = factories.booking(slot=slot, origins={"440000": 17, "810000": 3}, note="两辆大巴")
        pass_service.issue(booking)
    return booking


PEOPLE = {
    "what": "people",
    "origins-0-division": "440000",
    "origins-0-visitors": "12",
    "origins-1-division": "810000",
    "origins-1-visitors": "3",
}
CONTACT = {"what": "contact", "contact_name": "李四", "phone": "13800138000", "email": "li@example.com", "note": "轮椅"}


def change(client: CheckingClient, booking: Booking, data: dict[str, str]) -> TestResponse:
    client.get(f"/visits/{booking.key}/change?what={data['what']}")
    return client.submit(f"/visits/{booking.key}/change", data)


def events() -> int:
    return db.session.scalar(select(func.count()).select_from(BookingEvent)) or 0


def test_the_page_leads_to_each_change_and_says_until_when(client: CheckingClient, booking: Booking) -> None:
    shown = page(client.get(f"/visits/{booking.key}"))
    for what in ("people", "time", "contact"):
        assert f'href="/visits/{booking.key}/change?what={what}"' in shown
    assert "可在12月4日 周五 09:30之前办理。" in shown


def test_fewer_people_give_places_back_and_keep_the_pass(client: CheckingClient, slot: Slot, booking: Booking) -> None:
    token = passes.get_current_pass(booking.id).token
    form = client.get(f"/visits/{booking.key}/change?what=people")
    assert [value_of(form, f"origins-{line}-visitors") for line in (0, 1)] == ["17", "3"]
    answer = change(client, booking, PEOPLE)
    assert (answer.status_code, answer.location) == (303, f"/visits/{booking.key}")
    shown = page(client.get(answer.location))
    assert "已改为15人。" in shown and '广东 <span class="number">12</span>' in shown
    db.session.rollback()
    assert (slot.visitors_booked, booking.visitors) == (15, 15)
    assert passes.get_current_pass(booking.id).token == token
    with time_machine.travel(NOON + timedelta(minutes=11), tick=False):
        assert "已改为" not in page(client.get(answer.location))


def test_more_people_are_taken_while_there_is_room(client: CheckingClient, slot: Slot, booking: Booking) -> None:
    assert change(client, booking, {**PEOPLE, "origins-0-visitors": "27"}).status_code == 303
    db.session.rollback()
    assert slot.visitors_booked == 30
    with transaction():
        slot.visitors_booked = 100
    answer = change(client, booking, {**PEOPLE, "origins-0-visitors": "37"})
    assert answer.status_code == 409
    assert '<a href="#who-origins">您要增加10位，该场次仅余0位。请减少人数，或另选场次。</a>' in page(answer)
    assert value_of(answer, "origins-0-visitors") == "37"
    db.session.rollback()
    assert (booking.visitors, slot.visitors_booked) == (30, 100)


def test_the_same_number_from_elsewhere(client: CheckingClient, booking: Booking) -> None:
    answer = change(client, booking, {**PEOPLE, "origins-0-visitors": "15", "origins-1-visitors": "5"})
    assert "来源地已更改。" in page(client.get(answer.location))


@pytest.mark.parametrize(
    ("changes", "message", "anchor"),
    [
        ({"origins-0-visitors": "二十"}, "请用数字填写人数", "#origins-0-visitors"),
        ({"origins-0-visitors": "9" * 5000}, "数字太大", "#origins-0-visitors"),
        ({"origins-0-division": "\0"}, "来源地", "#origins-0-division"),
        ({"origins-0-visitors": "4"}, "每团至少8人", "#who-origins"),
        ({"origins-0-visitors": "48"}, "每团至多50人", "#who-origins"),
        ({"origins-1-division": "440000"}, "同一来源地出现了多次", "#who-origins"),
    ],
)
def test_a_wrong_number_is_named_beside_its_field(
    client: CheckingClient, booking: Booking, changes: dict[str, str], message: str, anchor: str
) -> None:
    answer = change(client, booking, {**PEOPLE, **changes})
    assert answer.status_code == 422
    problems = page(answer).partition('id="problems"')[2].partition("<form")[0]
    assert anchor == "#origins-0-division" or re.search(rf'<a href="{anchor}">[^<]*{message}', problems)
    assert f'href="{anchor}"' in problems
    assert value_of(answer, "origins-1-visitors") == "3"
    db.session.rollback()
    assert (booking.visitors, events()) == (20, 0)


def test_adding_and_removing_a_place_changes_nothing_yet(client: CheckingClient, booking: Booking) -> None:
    more = change(client, booking, PEOPLE | {"add_origin": "1"})
    assert more.status_code == 200 and "origins-2-division" in page(more)
    fewer = client.submit(f"/visits/{booking.key}/change", PEOPLE | {"remove_origin": "0"})
    assert value_of(fewer, "origins-1-visitors") == "3" and "origins-0-division" not in page(fewer)
    assert events() == 0


def test_another_day_is_chosen_like_when_booking(
    client: CheckingClient, slot: Slot, later: Slot, booking: Booking
) -> None:
    full = factories.make(factories.slot, programme=slot.programme, day=DAY, starts=time(16), visitors_booked=100)
    form = page(client.get(f"/visits/{booking.key}/change?what=time"))
    assert "12月5日 周六的场次" in form and "您现在的场次" in form
    for number in (slot.id, full.id):
        assert re.search(rf'id="slot-{number}"[^>]*disabled', form)
    assert "data-wait" not in form and "checked" not in form
    other = client.submit(f"/visits/{booking.key}/change", {"what": "time", "show_day": later.day.isoformat()})
    assert other.status_code == 200 and "12月8日 周二的场次" in page(other)
    answer = client.submit(f"/visits/{booking.key}/change", {"what": "time", "slot": str(later.id)})
    assert (answer.status_code, answer.location) == (303, f"/visits/{booking.key}")
    shown = page(client.get(answer.location))
    assert "已改到12月8日 周二 14:00–15:30。" in shown and "2026年12月8日" in shown
    db.session.rollback()
    assert (slot.visitors_booked, later.visitors_booked, booking.slot_id) == (0, 20, later.id)


def test_another_programme_by_its_link(client: CheckingClient, slot: Slot, booking: Booking) -> None:
    with transaction():
        talk = factories.programme(hall=booking.hall, slug="talk", name_zh="主题活动", position=2)
        theirs = factories.slot(programme=talk, day=DAY, starts=time(15))
    form = client.get(f"/visits/{booking.key}/change?what=time&programme=talk&day={DAY}")
    assert value_of(form, "programme") == "talk" and "15:00–16:30" in page(form)
    data = {"what": "time", "programme": "talk", "slot": str(theirs.id)}
    assert client.submit(f"/visits/{booking.key}/change", data).status_code == 303
    assert "主题活动" in page(client.get(f"/visits/{booking.key}"))


def test_a_time_that_went_to_somebody_else_keeps_the_old_one(
    client: CheckingClient, slot: Slot, later: Slot, booking: Booking
) -> None:
    near = factories.make(factories.slot, programme=slot.programme, day=later.day, starts=time(16))
    client.get(f"/visits/{booking.key}/change?what=time")
    with transaction():
        later.visitors_booked = 81
    answer = client.submit(f"/visits/{booking.key}/change", {"what": "time", "slot": str(later.id)})
    assert answer.status_code == 409
    nearest = page(answer).partition('id="nearest"')[2].partition('class="times"')[0]
    assert f'value="{near.id}"' in nearest
    db.session.rollback()
    assert (booking.slot_id, slot.visitors_booked) == (slot.id, 20)


@pytest.mark.parametrize("typed", ["", "x", "²", "\0", "9" * 5000, "999999", "-1"])
def test_a_time_that_is_none_is_refused(client: CheckingClient, booking: Booking, typed: str) -> None:
    answer = change(client, booking, {"what": "time", "slot": typed, "programme": "\0", "day": "\ufffd"})
    assert answer.status_code == 422
    assert 'href="#times"' in page(answer)
    assert events() == 0


def test_contact_and_note_are_changed(client: CheckingClient, booking: Booking) -> None:
    form = client.get(f"/visits/{booking.key}/change?what=contact")
    assert (value_of(form, "contact_name"), value_of(form, "phone")) == ("何秀珍", "199 0000 1050")
    assert "两辆大巴" in page(form)
    answer = change(client, booking, CONTACT)
    assert answer.status_code == 303
    shown = page(client.get(answer.location))
    for text in ("联系方式或备注已更改。", "李四", "138 0013 8000", "li@example.com", "轮椅"):
        assert text in shown
    db.session.rollback()
    assert (booking.phone, booking.phone_tail, booking.organisation) == (
        "+8613800138000",
        "8000",
        "广州市越秀区东湖街老年大学",
    )


def test_contact_sent_as_it_was_changes_nothing(client: CheckingClient, booking: Booking) -> None:
    same = {"what": "contact", "contact_name": "何秀珍", "phone": "199 0000 1050", "email": "", "note": "两辆大巴"}
    assert change(client, booking, same).status_code == 303
    assert events() == 0


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("contact_name", "", "请填写联系人姓名。"),
        ("contact_name", "何\0", "U+0000"),
        ("phone", "12", "请检查电话号码。"),
        ("email", "x@y", "请检查邮箱地址"),
        ("note", "长" * 501, "请缩短到500个字以内。"),
    ],
)
def test_a_wrong_contact_is_named_beside_its_field(
    client: CheckingClient, booking: Booking, field: str, text: str, message: str
) -> None:
    answer = change(client, booking, {**CONTACT, field: text})
    assert answer.status_code == 422
    assert re.search(rf'<a href="#{field}">[^<]*{re.escape(message)}', page(answer))
    assert field == "phone" or value_of(answer, "phone") == "13800138000"
    assert events() == 0


@pytest.mark.parametrize("data", [PEOPLE, CONTACT])
def test_a_stale_token_loses_nothing(client: CheckingClient, booking: Booking, data: dict[str, str]) -> None:
    client.get(f"/visits/{booking.key}")
    answer = client.post(f"/visits/{booking.key}/change", data={**data, "csrf_token": "stale"})
    assert answer.status_code == 422
    assert "已填内容均已保留，请再提交一次" in page(answer)
    name = "origins-0-visitors" if data is PEOPLE else "contact_name"
    assert value_of(answer, name) == data[name]
    again = {**data, "csrf_token": value_of(answer, "csrf_token")}
    assert client.post(f"/visits/{booking.key}/change", data=again).status_code == 303


def test_another_language_loses_nothing(client: CheckingClient, booking: Booking) -> None:
    client.get(f"/visits/{booking.key}/change?what=contact")
    answer = client.submit(f"/visits/{booking.key}/change?lang=en", CONTACT | {"refresh": "language"})
    assert answer.status_code == 200
    assert "Contact, language of the tour and note" in page(answer) and value_of(answer, "contact_name") == "李四"


def test_after_the_cut_off_the_page_says_to_call(client: CheckingClient, slot: Slot, booking: Booking) -> None:
    client.get(f"/visits/{booking.key}")
    with time_machine.travel(slot.starts_at - timedelta(hours=24) + timedelta(seconds=1), tick=False):
        shown = page(client.get(f"/visits/{booking.key}"))
        assert "更改的截止时间是12月4日 周五 09:30。" in shown and "020 8345 0000" in shown
        assert "/change" not in shown and "/cancel" not in shown
        for what in ("people", "time", "contact"):
            assert client.get(f"/visits/{booking.key}/change?what={what}").status_code == 409
        answer = client.submit(f"/visits/{booking.key}/change", CONTACT)
        assert answer.status_code == 409
        assert "须在参观前24小时办理更改" in page(answer) and value_of(answer, "contact_name") == "李四"
        assert client.submit(f"/visits/{booking.key}/cancel").status_code == 409
    db.session.rollback()
    assert (booking.state, events()) == (BookingState.CONFIRMED, 0)


@pytest.mark.parametrize("state", [BookingState.CANCELLED, BookingState.DECLINED, BookingState.LAPSED])
def test_what_stands_no_more_is_not_changed(client: CheckingClient, booking: Booking, state: BookingState) -> None:
    client.get(f"/visits/{booking.key}")
    with transaction():
        booking.state = state
    assert client.get(f"/visits/{booking.key}/change?what=contact").status_code == 409
    answer = client.submit(f"/visits/{booking.key}/change", CONTACT)
    assert answer.status_code == 409 and "现在无法办理" in page(answer)


@pytest.mark.parametrize("what", ["", "x", "\0", "²"])
def test_an_unknown_change_is_not_found(client: CheckingClient, booking: Booking, what: str) -> None:
    assert client.get(f"/visits/{booking.key}/change", query_string={"what": what}).status_code == 404
    assert client.submit(f"/visits/{booking.key}/change", {"what": what}).status_code == 404


def test_an_unknown_key_changes_nothing(client: CheckingClient, booking: Booking) -> None:
    assert client.get(f"/visits/{'x' * 32}/change?what=people").status_code == 404
    assert client.submit(f"/visits/{'x' * 32}/change", PEOPLE).status_code == 404
