"""The booking page: what it shows, what it keeps, what it refuses, with no script running."""

import re
import unicodedata
from datetime import date, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall, Programme, Slot
from tests import factories
from tests.booking.helpers import MADE, page, typed, value_of
from tests.client import CheckingClient
from tests.queries import Queries

pytestmark = pytest.mark.usefixtures("first_of_december")

ZONE = "Asia/Shanghai"
DAY = date(2026, 12, 5)


@pytest.fixture
def hall(app: Flask) -> Hall:
    return factories.make(factories.hall, slots_until=MADE)


@pytest.fixture
def tour(hall: Hall) -> Programme:
    return factories.make(factories.programme, hall=hall, slug="guided-tour", position=1)


@pytest.fixture
def slot(tour: Programme) -> Slot:
    return factories.make(factories.slot, programme=tour, day=DAY)


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0


def test_a_booking_leads_to_the_organisers_page(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    answer = client.submit("/book", typed(slot, email="group@example.com", note="两辆大巴"))
    placed = db.session.scalars(select(Booking)).one()
    assert (answer.status_code, answer.location) == (303, f"/visits/{placed.key}")
    assert (placed.organisation, placed.phone, placed.visitors) == ("广州市越秀区东湖街老年大学", "+8619900001050", 20)
    assert (placed.email, placed.note, placed.language) == ("group@example.com", "两辆大巴", "zh")
    assert client.get(answer.location).status_code == 200


def test_the_first_page_shows_days_and_times_and_preselects_no_consent(client: CheckingClient, slot: Slot) -> None:
    shown = page(client.get("/book"))
    assert "12月5日 周六的场次" in shown
    assert "09:30–11:00" in shown
    assert "余100位" in shown
    assert "checked" not in shown
    assert "6个月后删除" in shown


def test_days_say_whether_they_are_free_full_over_or_closed(client: CheckingClient, tour: Programme) -> None:
    with transaction():
        factories.slot(programme=tour, day=DAY)
        factories.slot(programme=tour, day=DAY + timedelta(days=1), visitors_booked=100)
        factories.slot(programme=tour, day=DAY + timedelta(days=2), guides_booked=3)
        factories.slot(programme=tour, day=date(2026, 12, 1), starts=time(9))
    shown = page(client.get("/book"))

    def said(day: str) -> str:
        found = re.search(rf">{day}</span>.*?class=\"places\">([^<]+)<", shown)
        assert found
        return found.group(1)

    assert [said(f"12月{day}") for day in ("5日 周六", "6日 周日", "7日 周一", "1日 周二", "2日 周三")] == [
        "100",
        "已满",
        "已满",
        "已截止",
        "闭馆",
    ]


def test_a_slot_chosen_by_its_link_is_checked(client: CheckingClient, slot: Slot) -> None:
    other = factories.make(factories.slot, programme=slot.programme, day=DAY + timedelta(days=3))
    shown = page(client.get(f"/book?slot={other.id}"))
    assert "12月8日 周二的场次" in shown
    assert re.search(rf'value="{other.id}" id="slot-{other.id}"[^>]*checked', shown)


def test_a_link_to_a_slot_that_is_full_offers_the_nearest(client: CheckingClient, slot: Slot) -> None:
    full = factories.make(factories.slot, programme=slot.programme, day=DAY, starts=time(14), visitors_booked=100)
    shown = page(client.get(f"/book?slot={full.id}"))
    assert "您选的场次已没有足够的余位" in shown
    assert "最近有余位的场次" in shown
    assert re.search(rf'id="slot-{full.id}"[^>]*data-wait[^>]*checked', shown)
    assert not re.search(r'name="wait"[^>]*checked', shown)


@pytest.mark.parametrize("day", ["", "x", "2026-13-40", "2026-11-30", "2027-12-05", "2026-12-06", "\0"])
def test_a_link_to_a_day_without_times_shows_the_first_free_one(client: CheckingClient, slot: Slot, day: str) -> None:
    assert "12月5日 周六的场次" in page(client.get("/book", query_string={"day": day}))


def unfolded(shown: str) -> list[bool]:
    return [bool(opened) for opened in re.findall(r'<details class="month" (open)?', shown)]


def test_the_month_of_the_chosen_day_is_unfolded(client: CheckingClient, slot: Slot) -> None:
    factories.make(factories.slot, programme=slot.programme, day=date(2027, 1, 9))
    assert unfolded(page(client.get("/book"))) == [True, False]
    assert unfolded(page(client.get("/book?day=2027-01-09"))) == [True, True]


def test_at_the_end_of_a_month_the_next_one_is_unfolded_too(client: CheckingClient, slot: Slot) -> None:
    with time_machine.travel(clock.at(date(2026, 12, 25), time(12), ZONE), tick=False):
        assert unfolded(page(client.get("/book"))) == [True, True, False]


def test_the_browser_may_keep_what_is_typed_but_not_what_was_sent(client: CheckingClient, slot: Slot) -> None:
    assert client.get("/book").headers["Cache-Control"] == "private, no-cache"
    assert client.submit("/book", typed(slot, phone="")).headers["Cache-Control"] == "no-store"


def test_the_same_submit_twice_is_one_booking_and_one_answer(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    first = client.submit("/book", typed(slot))
    again = client.submit("/book", typed(slot))
    assert (again.status_code, again.location) == (303, first.location)
    assert count() == 1


def test_two_pages_have_two_submissions(client: CheckingClient, slot: Slot) -> None:
    first, second = (value_of(client.get("/book"), "submission") for _ in range(2))
    assert len(first) >= 22 and first != second


ERRORS = [
    ({"slot": ""}, "请选择参观时间。", "#times"),
    ({"organisation": ""}, "请填写团队或单位名称。", "#organisation"),
    ({"organisation": "\u3000 "}, "请填写团队或单位名称。", "#organisation"),
    ({"organisation": "长" * 201}, "请缩短到200个字以内。", "#organisation"),
    ({"organisation": "笑\U0001f600\u200b脸"}, "\U0001f600", "#organisation"),
    ({"organisation": "一\n二"}, "U+000A", "#organisation"),
    ({"contact_name": "何\x07"}, "U+0007", "#contact_name"),
    ({"contact_name": ""}, "请填写联系人姓名。", "#contact_name"),
    ({"note": "\0"}, "U+0000", "#note"),
    ({"kind": ""}, "请选择团队类型。", "#kind"),
    ({"phone": ""}, "请填写能联系到您的电话号码。", "#phone"),
    ({"phone": "1990000105"}, "请检查电话号码。", "#phone"),
    ({"email": "group@example"}, "请检查邮箱地址", "#email"),
    ({"consent": None}, "请勾选此项", "#consent"),
    ({"consent": "false"}, "请勾选此项", "#consent"),
    ({"origins-0-division": ""}, "请选择来源地。", "#origins-0-division"),
    ({"origins-0-visitors": ""}, "请用数字填写人数", "#origins-0-visitors"),
    ({"origins-0-visitors": "二十"}, "请用数字填写人数", "#origins-0-visitors"),
    ({"origins-0-visitors": "-5"}, "请用数字填写人数", "#origins-0-visitors"),
    ({"origins-0-visitors": "0"}, "请用数字填写人数", "#origins-0-visitors"),
    ({"origins-0-visitors": "7"}, "每团至少8人", "#who-origins"),
    ({"origins-0-visitors": "51"}, "每团至多50人", "#who-origins"),
    ({"origins-1-division": "440000", "origins-1-visitors": "3"}, "同一来源地出现了多次", "#who-origins"),
    ({"slot": "999999"}, "没有这个场次", "#times"),
    ({"slot": "99999999999999999999"}, "没有这个场次", "#times"),
    ({"slot": "x"}, "没有这个场次", "#times"),
    ({"programme": "self-guided"}, "这个场次属于另一个项目", "#times"),
]


@pytest.mark.parametrize(("changes", "message", "anchor"), ERRORS)
def test_a_mistake_is_named_beside_its_field_and_loses_nothing(
    client: CheckingClient, slot: Slot, changes: dict[str, str | None], message: str, anchor: str
) -> None:
    fields = {"email": "group@example.com", "note": "三位老人需要轮椅", **changes}
    client.get("/book")
    answer = client.submit("/book", typed(slot, **fields))
    shown = page(answer)
    assert answer.status_code == 422
    problems = shown[shown.index('id="problems"') : shown.index("<form")]
    assert re.search(rf'<a href="{anchor}">[^<]*{re.escape(message)}', problems)
    assert f'id="{anchor[1:]}"' in shown
    assert len(re.findall('class="field-error"', shown)) == 1
    sent = typed(slot, **fields)
    for name in ("contact_name", "phone", "email", "origins-0-visitors"):
        assert value_of(answer, name) == sent[name].replace("\x07", "")
    assert "三位老人需要轮椅" in shown or "note" in changes
    assert count() == 0


@pytest.mark.parametrize(
    "name", ["Łukasz Dvořák", "Ștefan Ŵyn", "Әсел", "김철수", "สมชาย", "محمد", "ئۇيغۇر", "བོད", "ᠮᠣᠩ"]
)
def test_names_of_other_scripts_are_taken(client: CheckingClient, slot: Slot, name: str) -> None:
    client.get("/book")
    sent = typed(slot, organisation=name, contact_name=name, note=name)
    assert client.submit("/book", sent).status_code == 303
    booking = db.session.scalars(select(Booking)).one()
    assert (booking.organisation, booking.contact_name, booking.note) == (name, name, name)


@pytest.mark.parametrize("name", ["Müller", "Français", "Nguyễn Văn Ánh", "José"])
def test_decomposed_and_unseen_letters_are_taken_as_people_see_them(
    client: CheckingClient, slot: Slot, name: str
) -> None:
    """Names that are copied from a Mac, a PDF or a chat."""
    copied = "\ufeff" + unicodedata.normalize("NFD", name) + "\u200b"
    client.get("/book")
    sent = typed(
        slot, organisation=copied, contact_name=copied, note=copied, **{"origins-0-visitors": "\u202d20\u202c"}
    )
    assert client.submit("/book", sent).status_code == 303
    booking = db.session.scalars(select(Booking)).one()
    assert (booking.organisation, booking.contact_name, booking.note) == (name, name, name)


def test_all_mistakes_are_named_at_once(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    answer = client.submit("/book", {})
    assert answer.status_code == 422
    assert re.findall(r'<a href="(#[\w-]+)">', page(answer).partition("<form")[0].partition('id="problems"')[2]) == [
        "#times",
        "#organisation",
        "#kind",
        "#origins-0-division",
        "#origins-0-visitors",
        "#contact_name",
        "#phone",
        "#consent",
    ]


def test_places_that_went_to_somebody_else_are_409_with_the_nearest_offered(client: CheckingClient, slot: Slot) -> None:
    near = factories.make(factories.slot, programme=slot.programme, day=DAY, starts=time(14))
    client.get("/book")
    with transaction():
        slot.visitors_booked = 81
    answer = client.submit("/book", typed(slot, note="三位老人需要轮椅"))
    shown = page(answer)
    assert answer.status_code == 409
    assert '<a href="#times">该场次仅余19位，您的团队需要20位。请另选场次。</a>' in shown
    # They are shown below the time that was chosen, which comes first, and lists the later one once more by itself.
    order = re.findall(r'name="slot" value="(\d+)"', shown)
    assert order == [str(slot.id), str(near.id), str(near.id)]
    assert shown.index(f'id="slot-{slot.id}"') < shown.index('id="nearest"') < shown.index(f'id="slot-{near.id}"')
    assert "三位老人需要轮椅" in shown
    assert 'name="consent" required type="checkbox" value="y"' in shown and "checked" in shown
    assert client.submit("/book", typed(near)).status_code == 303


def test_a_slot_that_has_begun_is_refused_with_later_ones_offered(client: CheckingClient, slot: Slot) -> None:
    later = factories.make(factories.slot, programme=slot.programme, day=DAY, starts=time(14))
    with time_machine.travel(slot.starts_at, tick=False):
        client.get("/book")
        answer = client.submit("/book", typed(slot))
    assert answer.status_code == 422
    assert "该场次已过" in page(answer)
    assert f'name="slot" value="{later.id}"' in page(answer)


def test_a_stale_token_loses_nothing_and_the_next_try_works(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    answer = client.post("/book", data=typed(slot, csrf_token="stale"))
    assert answer.status_code == 422
    assert "已填内容均已保留，请再提交一次" in page(answer)
    assert value_of(answer, "contact_name") == "何秀珍"
    assert count() == 0
    fresh = value_of(answer, "csrf_token")
    assert client.post("/book", data=typed(slot, csrf_token=fresh)).status_code == 303


def test_texts_are_kept_as_typed_but_for_outer_blanks_and_line_breaks(client: CheckingClient, slot: Slot) -> None:
    name = "臺北\u3000Ｚｏë 𠮷㛃（第１期）"
    client.get("/book")
    client.submit("/book", typed(slot, organisation=f"  {name} ", note=" 一\r\n二\r\n"))
    placed = db.session.scalars(select(Booking)).one()
    assert (placed.organisation, placed.note) == (name, "一\n二")


def test_full_width_digits_are_digits(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    client.submit("/book", typed(slot, phone="１９９００００１０５０", **{"origins-0-visitors": "２０"}))
    placed = db.session.scalars(select(Booking)).one()
    assert (placed.phone, placed.visitors) == ("+8619900001050", 20)


def test_a_full_width_mail_address_is_read_as_a_plain_one(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    client.submit("/book", typed(slot, email="ｇｒｏｕｐ＠example.com"))
    assert db.session.scalars(select(Booking.email)).one() == "group@example.com"


def test_lines_of_origins_left_blank_do_not_count(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    blank = {
        "origins-1-division": "",
        "origins-1-visitors": "",
        "origins-2-division": "430000",
        "origins-2-visitors": "2",
    }
    assert client.submit("/book", typed(slot, **blank)).status_code == 303
    placed = db.session.scalars(select(Booking)).one()
    assert [(origin.division, origin.visitors) for origin in placed.origins] == [("430000", 2), ("440000", 20)]


def origins(number: int) -> dict[str, str]:
    from hallapp.origins.china import DIVISIONS

    lines = enumerate(list(DIVISIONS)[:number])
    return {
        f"origins-{line}-{name}": value
        for line, code in lines
        for name, value in (("division", code), ("visitors", "2"))
    }


def test_twenty_origins_are_taken_and_one_more_is_refused(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    answer = client.submit("/book", typed(slot, **origins(21)))
    assert answer.status_code == 422
    assert "来源地最多填写20行" in page(answer)
    assert client.submit("/book", typed(slot, **origins(20))).status_code == 303
    assert db.session.scalars(select(Booking.visitors)).one() == 40


def test_adding_and_removing_a_place_keeps_all_that_was_typed(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    sent = typed(slot, organisation="联合考察团", note="轮椅")
    added = client.submit("/book", sent | {"add_origin": "1"})
    assert added.status_code == 200
    assert "origins-1-division" in page(added)
    assert 'class="field-error"' not in page(added)
    second = {"origins-1-division": "430000", "origins-1-visitors": "7"}
    removed = client.submit("/book", sent | second | {"remove_origin": "0"})
    assert value_of(removed, "origins-1-visitors") == "7"
    assert "origins-0-division" not in page(removed)
    assert (value_of(removed, "organisation"), "轮椅" in page(removed)) == ("联合考察团", True)
    assert re.search(rf'id="slot-{slot.id}"[^>]*checked', page(removed))
    last = client.submit("/book", typed(slot, **{"origins-0-division": None, "origins-0-visitors": None}, **second))
    assert last.status_code == 422  # 7 people are too few, and the renumbered line is the one that says so
    assert "每团至少8人" in page(last)


def test_the_last_place_cannot_be_removed_nor_a_21st_added(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    only = client.submit("/book", typed(slot) | {"remove_origin": "0"})
    assert value_of(only, "origins-0-visitors") == "20"
    full = client.submit("/book", typed(slot, **origins(20)) | {"add_origin": "1"})
    assert "origins-20-division" not in page(full)
    assert 'id="add-origin"' not in page(full)


def test_another_day_keeps_all_that_was_typed(client: CheckingClient, slot: Slot) -> None:
    factories.make(factories.slot, programme=slot.programme, day=DAY + timedelta(days=3), starts=time(15))
    client.get("/book")
    answer = client.submit("/book", typed(slot, organisation="联合考察团") | {"show_day": "2026-12-08"})
    assert answer.status_code == 200
    assert "12月8日 周二的场次" in page(answer)
    assert "15:00–16:30" in page(answer)
    assert value_of(answer, "day") == "2026-12-08"
    assert value_of(answer, "organisation") == "联合考察团"
    assert not re.search(r'type="radio"[^>]*checked', page(answer))


def test_another_programme_keeps_all_that_was_typed(client: CheckingClient, hall: Hall, slot: Slot) -> None:
    session = factories.make(factories.programme, hall=hall, slug="themed-session", name_zh="主题活动", position=2)
    factories.make(factories.slot, programme=session, day=DAY, starts=time(10))
    client.get("/book")
    answer = client.submit("/book", typed(slot, organisation="联合考察团") | {"show_programme": "themed-session"})
    assert answer.status_code == 200
    assert value_of(answer, "programme") == "themed-session"
    assert "10:00–11:30" in page(answer) and "09:30–11:00" not in page(answer)
    assert value_of(answer, "organisation") == "联合考察团"


def test_another_language_keeps_all_that_was_typed(client: CheckingClient, slot: Slot) -> None:
    client.get("/book")
    sent = typed(slot, organisation="联合考察团", note="轮椅") | {"refresh": "language"}
    answer = client.submit("/book?lang=en", sent)
    assert answer.status_code == 200
    assert "Submit booking" in page(answer)
    assert value_of(answer, "organisation") == "联合考察团" and "轮椅" in page(answer)
    assert value_of(answer, "submission") == "a-random-text-of-this-page"
    assert "Submit booking" in page(client.get("/book"))


def test_the_size_of_the_group_decides_which_times_are_offered(client: CheckingClient, slot: Slot) -> None:
    with transaction():
        slot.visitors_booked = 70
    client.get("/book")
    answer = client.submit("/book", typed(slot, **{"origins-0-visitors": "31"}) | {"refresh": "people"})
    assert "仅余30位" in page(answer)
    assert re.search(rf'id="slot-{slot.id}"[^>]*data-wait[^>]*checked', page(answer))
    fits = client.submit("/book", typed(slot, **{"origins-0-visitors": "30"}) | {"refresh": "people"})
    assert re.search(rf'id="slot-{slot.id}"[^>]*checked', page(fits))
    assert "data-wait" not in page(fits)


def test_the_enter_key_presses_the_button_that_books(client: CheckingClient, slot: Slot) -> None:
    """It is the first one of the form in the page's order, the language switch in the page's head among them."""
    shown = page(client.get("/book"))
    head, form = shown[: shown.index('<form id="booking"')], shown[shown.index('<form id="booking"') :]
    buttons = re.findall(r'<button[^>]*form="booking"[^>]*>', head) + re.findall(r"<button[^>]*>", form)
    assert "name=" not in buttons[0]
    assert 'value="language"' in buttons[1]


def test_no_free_time_says_so_and_gives_the_phone(client: CheckingClient, tour: Programme) -> None:
    shown = page(client.get("/book"))
    assert "今后60天内没有余位" in shown
    assert "020 8345 0000" in shown


def test_a_hall_without_programmes_says_so(client: CheckingClient, hall: Hall) -> None:
    assert "目前没有开放预约的项目" in page(client.get("/book"))
    client.get("/book")
    assert client.submit("/book", typed()).status_code == 422


def test_too_many_bookings_from_one_address_keep_what_was_typed(
    client: CheckingClient, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hallapp.booking.web.limiting.BOOKINGS_AN_HOUR", 1)
    client.get("/book")
    assert client.submit("/book", typed(slot)).status_code == 303
    answer = client.submit("/book", typed(slot, organisation="另一个团队"))
    assert answer.status_code == 429
    assert value_of(answer, "organisation") == "另一个团队"
    assert count() == 1


def queries_of(client: CheckingClient, path: str) -> int:
    with Queries() as queries:
        client.get(path)
    return queries.number


@pytest.mark.parametrize("path", ["/book", "/"])
def test_a_page_costs_the_same_queries_with_1_and_with_30_slots(
    client: CheckingClient, hall: Hall, slot: Slot, path: str
) -> None:
    few = queries_of(client, path)
    with transaction():
        for programme in [factories.programme(hall=hall) for _ in range(3)]:
            for hour in range(8, 18):
                factories.slot(programme=programme, day=DAY, starts=time(hour))
    assert queries_of(client, path) == few <= 22  # once a second, for all visitors


def test_cookies_that_the_browser_keeps_back_are_named(app: Flask, client: CheckingClient) -> None:
    with transaction():
        slot = factories.slot(programme=factories.programme(hall=factories.hall()))
    page = client.get("/book")
    client.delete_cookie("session")
    answer = client.submit("/book", typed(slot))
    assert page.status_code == 200 and answer.status_code == 422
    assert "浏览器没有随表单发送Cookie" in answer.text and "何秀珍" in answer.text
    client.delete_cookie("session")
    signing = client.submit("/sign-in", {"name": "lina", "password": "x", "next": ""})
    assert signing.status_code == 400 and "请允许本站使用Cookie" in signing.text
