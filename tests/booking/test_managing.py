"""The list of bookings, the search, kept lists and workbooks; one booking's page and what the staff do with it."""

import io
import logging
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.booking.models import Booking, BookingEvent, BookingState, SavedSearch, Verb
from hallapp.core.database import db, transaction
from hallapp.notifications.models import OutboxMessage
from tests import factories
from tests.booking.helpers import page, value_of
from tests.client import CheckingClient
from tests.conftest import pairs, thinned
from tests.office import DAY, again, book, make_office, plain_browser, signed_in
from tests.queries import Queries
from tests.test_bad_input import TEXTS, encoded

PHONE = "19900001050"


# The list and the search


def test_the_first_page_lists_the_coming_days_nearest_first(desk: CheckingClient, office: SimpleNamespace) -> None:
    late = book(office.afternoon, "下午团")
    soon = book(office.morning, "上午团")
    with transaction():
        past = factories.slot(programme=office.programme, day=DAY - timedelta(days=20))
    gone = book(past, "过去团", phone="+8619900002222")
    shown = page(desk.get("/bookings"))
    assert shown.index(soon.organisation) < shown.index(late.organisation)
    assert gone.organisation not in shown
    assert "2个预约" in shown
    assert f"/bookings/{soon.reference}" in shown


def test_empty_hall_says_so(desk: CheckingClient) -> None:
    assert "今天及以后没有预约。" in page(desk.get("/bookings"))


@pytest.mark.parametrize(
    "terms",
    [
        {"text": "三中学"},
        {"organisation": "第三"},
        {"contact": "秀珍"},
        {"phone": "1050"},
        {"from": "2026-12-05", "to": "2026-12-05"},
        {"state": "confirmed"},
        {"division": "440000"},
        {"source": "online"},
        {"kind": "school"},
    ],
)
def test_search_finds_by_each_term(desk: CheckingClient, office: SimpleNamespace, terms: dict[str, str]) -> None:
    wanted = book(office.morning)
    with transaction():
        other_day = factories.slot(programme=office.programme, day=DAY + timedelta(days=1))
    book(
        other_day,
        "别的单位",
        phone="+8619900002222",
        phone_tail="2222",
        contact_name="李明",
        origins={"430000": 9},
        kind="union",
        source="phone",
        state=BookingState.CANCELLED,
    )
    answer = desk.submit("/bookings/search", terms)
    assert answer.status_code == 200
    assert wanted.organisation in page(answer)
    assert "别的单位" not in page(answer)


def test_search_by_reference_and_programme(desk: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning)
    shown = page(desk.submit("/bookings/search", {"reference": booking.reference[:5].lower()}))
    assert booking.organisation in shown


def test_unreadable_terms_are_named_and_nothing_is_lost(desk: CheckingClient, office: SimpleNamespace) -> None:
    book(office.morning)
    answer = desk.submit("/bookings/search", {"phone": "12", "organisation": "中学", "state": "nonsense"})
    assert answer.status_code == 422
    assert "请输入电话的后四位或更多位。" in page(answer)
    for field, code in (("division", "440001"), ("division", "_XX"), ("programme", "no-such")):
        unknown = desk.get(f"/bookings?{field}={code}")
        assert (unknown.status_code, f'id="{field}-error"' in page(unknown)) == (422, True)
    assert desk.get("/bookings?division=overseas").status_code == 200
    assert value_of(answer, "phone") == "12"
    assert value_of(answer, "organisation") == "中学"


def test_other_halls_bookings_are_never_found(app: Flask, desk: CheckingClient, office: SimpleNamespace) -> None:
    other = make_office()
    theirs = book(other.morning, "隔壁团")
    assert "隔壁团" not in page(desk.submit("/bookings/search", {"text": "隔壁"}))
    for path in ("", "/cancel", "/people", "/move", "/contact"):
        answer = (
            desk.submit(f"/bookings/{theirs.reference}{path}", {})
            if path
            else desk.get(f"/bookings/{theirs.reference}")
        )
        assert answer.status_code in (404, 422), path
        assert "隔壁团" not in page(answer)
    assert desk.submit(f"/bookings/{theirs.reference}/cancel", {}).status_code == 404
    assert again(theirs).state is BookingState.CONFIRMED


def test_pages_of_many(desk: CheckingClient, office: SimpleNamespace) -> None:
    with transaction():
        big = factories.slot(
            programme=office.programme, day=DAY, starts=time(17), visitor_capacity=999, guide_capacity=99
        )
        for number in range(53):
            factories.booking(slot=big, organisation=f"第{number}团", origins={"440000": 8})
    first = desk.submit("/bookings/search", {"text": "团"})
    assert "第1页" in page(first) or "1 / 2" in page(first)
    second = desk.submit("/bookings/search", {"text": "团", "page": "2"})
    assert page(second).count('class="group-cell"') == 3
    for odd in ("0", "-1", "²", "9" * 5000, "\0", "3"):
        assert desk.submit("/bookings/search", {"text": "团", "page": odd}).status_code == 200


def test_lists_cost_the_same_for_one_and_for_three(desk: CheckingClient, office: SimpleNamespace) -> None:
    def cost(path: str, data: dict[str, str] | None) -> int:
        with Queries() as queries:
            assert (desk.submit(path, data) if data else desk.get(path)).status_code == 200
        return queries.number

    pages: list[tuple[str, dict[str, str] | None]] = [("/bookings", None), ("/bookings/search", {"text": "中学"})]
    book(office.morning)
    cost(*pages[0])  # the first page reads what the process holds from then on
    one = [cost(*each) for each in pages]
    book(office.morning, phone="+8619900001051")
    book(office.morning, phone="+8619900001052")
    assert [cost(*each) for each in pages] == one


def test_address_takes_open_terms_only(desk: CheckingClient, office: SimpleNamespace) -> None:
    book(office.morning)
    assert "没有找到" in page(desk.get("/bookings?state=cancelled"))
    assert desk.get("/bookings?from=nonsense").status_code == 422
    shown = page(desk.get("/bookings?phone=9999&text=nobody"))
    assert "广州市第三中学" in shown
    assert desk.get("/bookings/search").status_code in (404, 405)


def test_arrived_people_stand_before_the_booked(app: Flask, office: SimpleNamespace) -> None:
    booking = book(office.morning)
    with time_machine.travel(office.morning.starts_at, tick=False):
        desk = signed_in(app, office.desk)
        form = {"event_id": "7f2b6c1e-9d0a-4f5b-8c3d-2e1f0a9b8c7d", "code": booking.reference}
        assert desk.submit("/desk/arrivals", form).status_code == 200
        shown = page(desk.get("/bookings"))
        assert '<strong>20</strong><span class="quiet"> / 20</span>' in shown
        assert "已到20人" in page(desk.get(f"/bookings/{booking.reference}"))


# Kept lists and workbooks


def test_list_is_kept_opened_and_deleted(manager: CheckingClient, office: SimpleNamespace) -> None:
    book(office.morning)
    saved = manager.submit("/bookings/lists", {"name": "十二月", "from": "2026-12-01", "state": "confirmed"})
    row = db.session.scalars(select(SavedSearch)).one()
    assert (saved.status_code, saved.location) == (303, f"/bookings/lists/{row.id}")
    shown = page(manager.get(saved.location))
    assert "广州市第三中学" in shown
    assert "十二月" in shown
    assert manager.submit(f"/bookings/lists/{row.id}/delete").status_code == 303
    assert manager.get(saved.location).status_code == 404


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"name": "", "state": "confirmed"}, 422, "列表"),
        ({"name": "有人", "contact": "何秀珍"}, 409, ""),
        ({"name": "空"}, 422, ""),
    ],
)
def test_list_that_cannot_be_kept_is_refused(
    manager: CheckingClient, office: SimpleNamespace, form: dict[str, str], status: int, said: str
) -> None:
    answer = manager.submit("/bookings/lists", form)
    assert answer.status_code in (409, 422)
    assert 'id="list-name-error"' in page(answer)
    assert said in page(answer)
    assert db.session.scalar(select(SavedSearch)) is None


def test_other_halls_list_is_unknown(app: Flask, manager: CheckingClient) -> None:
    other = make_office()
    theirs = signed_in(app, other.manager)
    location = theirs.submit("/bookings/lists", {"name": "他们的", "state": "confirmed"}).location
    assert manager.get(location).status_code == 404
    assert manager.submit(f"{location}/delete").status_code == 404
    assert theirs.get(location).status_code == 200


@pytest.mark.parametrize("number", ["0", "²", "9" * 5000, "99999999999", "-1", "x"])
def test_odd_numbers_are_no_list_and_no_pause(manager: CheckingClient, number: str) -> None:
    assert manager.get(f"/bookings/lists/{number}").status_code == 404
    assert manager.submit(f"/bookings/lists/{number}/delete").status_code == 404
    assert manager.submit(f"/bookings/pauses/{number}/lift", {"reason": "x"}).status_code == 404


def test_workbook_holds_what_was_found_and_is_in_the_trail(manager: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning, "=1+1 公司")
    book(office.afternoon, "别的", state=BookingState.CANCELLED)
    answer = manager.submit("/bookings/export.xlsx", {"state": "confirmed"})
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["Content-Disposition"] == "attachment; filename=bookings-2026-12-01.xlsx"
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data), read_only=True).active.values)
    assert len(rows) == 2
    assert booking.organisation in rows[1]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "bookings_exported")).one()
    assert (entry.staff_id, entry.detail) == (office.manager.id, {"fields": ["state"]})


def test_personal_data_in_bulk_is_for_managers(desk: CheckingClient, office: SimpleNamespace) -> None:
    book(office.morning)
    assert "XLSX" not in page(desk.get("/bookings"))
    for path in ("/bookings/export.xlsx", "/bookings/lists"):
        assert desk.submit(path, {"name": "x", "state": "confirmed"}).status_code == 403
    assert desk.get("/bookings/lists/1").status_code == 403


def test_nothing_personal_in_logs_or_addresses(
    manager: CheckingClient, office: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    booking = book(office.morning)
    with caplog.at_level(logging.DEBUG):
        manager.submit("/bookings/search", {"text": "何秀珍", "phone": PHONE})
        moved = manager.submit(f"/bookings/{booking.reference}/move", {"slot": office.afternoon.id})
        cancelled = manager.submit(f"/bookings/{booking.reference}/cancel", {"reply": "何秀珍请改期"})
    assert {moved.status_code, cancelled.status_code} == {303}
    for text in ("何秀珍", PHONE, "广州市第三中学"):
        assert text not in caplog.text
        assert text not in moved.location + cancelled.location


# One booking


def test_page_shows_everything_about_a_booking(desk: CheckingClient, office: SimpleNamespace) -> None:
    with transaction():
        before = factories.slot(programme=office.programme, day=DAY - timedelta(days=30))
    book(before, state=BookingState.ABSENT)
    again_that_day = book(office.afternoon, origins={"440000": 9})
    booking = book(office.morning, note="两辆大巴", over_limit="厅长来访")
    shown = page(desk.get(f"/bookings/{booking.reference}"))
    for text in ("两辆大巴", "厅长来访", "199 0000 1050", "到馆0次，取消0次，爽约1次；另有1个有效预约"):
        assert text in shown
    assert f"/bookings/{again_that_day.reference}" in shown
    assert f"/visits/{booking.key}/pass.pdf?lang=zh" in shown
    typed = booking.reference[:4].lower() + "-" + booking.reference[4:]
    assert desk.get(f"/bookings/{typed}").status_code == 200


@pytest.mark.parametrize("reference", ["AAAAAAAA", "²", "9" * 5000, "%00", "x", "new2"])
def test_unknown_reference_is_404(desk: CheckingClient, reference: str) -> None:
    assert desk.get(f"/bookings/{reference}").status_code == 404


def do(client: CheckingClient, booking: Booking, verb: str, **form: Any) -> Any:
    return client.submit(f"/bookings/{booking.reference}/{verb}", form)


def test_people_change_and_places_follow(desk: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning)
    form = {"origins-0-division": "440000", "origins-0-visitors": "12", "origins-1-division": "430000"}
    answer = do(desk, booking, "people", **form, **{"origins-1-visitors": "３", "origins-2-division": ""})
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking.reference}?done=people")
    assert again(booking).visitors == 15
    assert again(office.morning).visitors_booked == 15
    shown = page(desk.get(answer.location))
    assert "人数已更改。" in shown
    assert "20 → 15人" in shown


def test_people_refused_stay_as_typed(desk: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.afternoon)
    wrong = do(desk, booking, "people", **{"origins-0-division": "440000", "origins-0-visitors": "-5"})
    assert wrong.status_code == 422
    assert value_of(wrong, "origins-0-visitors") == "-5"
    small = do(desk, booking, "people", **{"origins-0-division": "440000", "origins-0-visitors": "2"})
    assert small.status_code == 422
    full = do(desk, booking, "people", **{"origins-0-division": "440000", "origins-0-visitors": "40"})
    assert full.status_code == 409
    assert value_of(full, "origins-0-visitors") == "40"
    assert again(booking).visitors == 20


def test_manager_exceeds_a_limit_with_a_reason_and_the_desk_may_not(
    desk: CheckingClient, manager: CheckingClient, office: SimpleNamespace
) -> None:
    booking = book(office.afternoon)
    form = {"origins-0-division": "440000", "origins-0-visitors": "60", "over_limit": "市里安排"}
    refused = do(desk, booking, "people", **form)
    assert refused.status_code == 403
    assert "只有主管可以超限接待" in page(refused)
    assert again(booking).visitors == 20
    assert do(manager, booking, "people", **form).status_code == 303
    assert (again(booking).visitors, again(booking).over_limit) == (60, "市里安排")
    assert "市里安排" in page(desk.get(f"/bookings/{booking.reference}"))


def test_move_to_another_time_keeps_the_pass(desk: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning)
    assert "14:00–15:30" in page(desk.get(f"/bookings/{booking.reference}?day={DAY}"))
    assert do(desk, booking, "move", slot=office.afternoon.id).status_code == 303
    assert again(booking).slot_id == office.afternoon.id
    assert (again(office.morning).visitors_booked, again(office.afternoon).visitors_booked) == (0, 20)
    assert "12月5日 周六 09:30 → 12月5日 周六 14:00" in page(desk.get(f"/bookings/{booking.reference}"))


@pytest.mark.parametrize("slot", ["", "0", "²", "9" * 5000, "2147483648", "-1", "\0"])
def test_move_to_nowhere_is_refused(desk: CheckingClient, office: SimpleNamespace, slot: str) -> None:
    booking = book(office.morning)
    assert do(desk, booking, "move", slot=slot, day="2026-02-30").status_code == 422
    assert again(booking).slot_id == office.morning.id


def test_move_to_a_full_time_is_refused_unless_a_manager_says_why(
    desk: CheckingClient, manager: CheckingClient, office: SimpleNamespace
) -> None:
    book(office.afternoon, "先到的", phone="+8619900009999")
    booking = book(office.morning)
    refused = do(desk, booking, "move", slot=office.afternoon.id, day=DAY.isoformat())
    assert refused.status_code == 409
    assert 'id="move-slot-error"' in page(refused)
    assert do(manager, booking, "move", slot=office.afternoon.id, over_limit="只此一次").status_code == 303
    assert again(office.afternoon).visitors_booked == 40


def test_day_to_move_to_may_be_any_text(desk: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning)
    for day in ("0001-01-01", "9999-12-31", "nonsense", "²", "9" * 5000, "2026-02-30"):
        assert desk.get(f"/bookings/{booking.reference}", query_string={"day": day}).status_code == 200


def test_contact_changes_and_is_found_anew(desk: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning)
    form = {
        "organisation": "广州市执信中学",
        "kind": "school",
        "contact_name": "李明",
        "phone": "+852 2345 6789",
        "email": "li@example.com",
        "note": "轮椅两部",
    }
    assert do(desk, booking, "contact", **form).status_code == 303
    row = again(booking)
    assert (row.organisation, row.contact_name, row.phone, row.note) == (
        "广州市执信中学",
        "李明",
        "+85223456789",
        "轮椅两部",
    )
    assert "广州市执信中学" in page(desk.submit("/bookings/search", {"text": "执信"}))
    wrong = do(desk, booking, "contact", **{**form, "phone": "12", "organisation": "新名字"})
    assert wrong.status_code == 422
    assert value_of(wrong, "organisation") == "新名字"
    assert 'id="contact-phone-error"' in page(wrong)


def test_cancel_gives_the_places_back_and_tells_the_organiser(desk: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning, email="he@example.com")
    assert do(desk, booking, "cancel", reply="展馆临时闭馆，\n很抱歉。").status_code == 303
    row = again(booking)
    assert (row.state, row.reply) == (BookingState.CANCELLED, "展馆临时闭馆，\n很抱歉。")
    assert again(office.morning).visitors_booked == 0
    assert "展馆临时闭馆" in db.session.scalars(select(OutboxMessage)).one().body
    event = db.session.scalars(select(BookingEvent).where(BookingEvent.verb == Verb.CANCELLED)).one()
    assert event.staff_id == office.desk.id
    shown = page(desk.get(f"/bookings/{booking.reference}"))
    assert office.desk.name in shown
    assert "pass.pdf" not in shown


def test_what_no_longer_can_be_done_says_so(desk: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning, state=BookingState.DECLINED)
    refused = do(desk, booking, "move", slot=office.afternoon.id)
    assert refused.status_code == 409
    assert 'role="alert"' in page(refused)


def test_absence_is_marked_and_set_right_by_a_manager(app: Flask, office: SimpleNamespace) -> None:
    booking = book(office.morning)
    assert do(signed_in(app, office.manager), booking, "absent").status_code == 409
    with time_machine.travel(office.morning.ends_at + timedelta(hours=1), tick=False):
        desk, manager = signed_in(app, office.desk), signed_in(app, office.manager)
        assert do(desk, booking, "absent").status_code == 403
        assert "无人到馆" in page(manager.get(f"/bookings/{booking.reference}"))
        assert do(manager, booking, "absent").status_code == 303
        assert again(booking).state is BookingState.ABSENT
        assert do(desk, booking, "set-right").status_code == 403
        assert do(manager, booking, "set-right").status_code == 303
    assert again(booking).state is BookingState.CONFIRMED


def test_waiting_group_is_taken_in_over_the_limit(manager: CheckingClient, office: SimpleNamespace) -> None:
    book(office.afternoon, "先到的", phone="+8619900009999")
    booking = book(office.afternoon, state=BookingState.WAITLISTED)
    assert do(manager, booking, "confirm").status_code == 409
    assert again(booking).state is BookingState.WAITLISTED
    assert do(manager, booking, "confirm", over_limit="兄弟单位").status_code == 303
    assert (again(booking).state, again(booking).over_limit) == (BookingState.CONFIRMED, "兄弟单位")


def test_verbs_read_anything(manager: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning)
    fields = {
        "confirm": ("over_limit",),
        "decline": ("reason", "reply"),
        "people": ("origins-0-division", "origins-0-visitors", "over_limit"),
        "move": ("slot", "day", "over_limit"),
        "contact": ("organisation", "kind", "contact_name", "phone", "email", "note"),
    }
    good = {
        "csrf_token": manager.csrf_token,
        **{"origins-0-division": "440000", "origins-0-visitors": "20", "slot": office.morning.id},
        **{"organisation": "甲", "kind": "school", "contact_name": "乙", "phone": PHONE},
    }
    browser = plain_browser(manager)
    for verb, names in fields.items():
        for text, name in pairs(TEXTS, names):
            sent = encoded({**good, name: text})
            answer = browser.open(f"/bookings/{booking.reference}/{verb}", method="POST", **sent)
            assert answer.status_code in (303, 409, 422), (verb, name, text[:20])
    searched = ("text", "organisation", "phone", "from", "state", "division", "programme", "page")
    for text, name in pairs(TEXTS, searched):
        sent = encoded({**good, name: text})
        assert browser.open("/bookings/search", method="POST", **sent).status_code in (200, 422)
    for text in thinned(TEXTS):
        sent = encoded({"csrf_token": manager.csrf_token, "name": text, "state": "confirmed"})
        assert browser.open("/bookings/lists", method="POST", **sent).status_code in (303, 409, 422)


def test_page_in_english(desk: CheckingClient, office: SimpleNamespace) -> None:
    booking = book(office.morning, "Consular Corps")
    assert "Actions" in page(desk.get(f"/bookings/{booking.reference}?lang=en"))
    assert "Today and the coming days" in page(desk.get("/bookings"))
    assert "Found" in page(desk.submit("/bookings/search", {"text": "Corps"}))
