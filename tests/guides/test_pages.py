"""The pages of guides: what each shows, what each refuses, and nothing of anybody else's."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking.models import BookingState
from hallapp.core.database import db, transaction
from hallapp.guides import assigning, queries
from hallapp.guides.models import Guide
from hallapp.guides.week import lay_out
from tests import factories
from tests.booking.helpers import page
from tests.conftest import thinned
from tests.guides.office import MONDAY, NOON, SUNDAY, TUESDAY, group, guide, make_office
from tests.office import plain_browser, signed_in
from tests.queries import Queries
from tests.test_bad_input import TEXTS, check, encoded

WEEK = "/admin/guides/week/2026-W50"
NEW = {"name": "黄明", "languages": ["zh", "yue"], "account": "", "active": "y"}


@pytest.fixture
def office(app: Flask) -> Iterator[SimpleNamespace]:
    with time_machine.travel(NOON, tick=False):
        with transaction():
            made = make_office()
        made.client = signed_in(app, made.manager)
        made.app = app
        yield made


def assign(office: SimpleNamespace, booking: Any, leader: Guide) -> None:
    with transaction():
        assigning.assign(booking, leader.id, by=office.manager.id, accept=True)


def test_manager_adds_a_guide_and_sets_the_week(office: SimpleNamespace) -> None:
    assert "An" in page(office.client.get("/admin/guides"))
    office.client.get("/admin/guides/new")
    answer = office.client.submit("/admin/guides/new", {**NEW, "programmes": [office.tour.slug]})
    assert answer.status_code == 303
    path = answer.location.partition("?")[0]
    shown = page(office.client.get(answer.location))
    assert all(word in shown for word in ("黄明", "已保存", "保存每周值班"))
    times = {"valid_from": "２０２６-12-01", "d0a_from": "9", "d0a_to": "17.30"}
    answer = office.client.submit(f"{path}/pattern", times)
    assert answer.status_code == 422 and 'value="9"' in answer.text
    for wrong in ({"d0a_from": "10"}, {"d0a_from": "10:00", "d0a_to": "9:00"}, {"d0a_from": "25:00", "d0a_to": "9:00"}):
        answer = office.client.submit(f"{path}/pattern", {**times, "d0a_to": "", **wrong})
        assert answer.status_code == 422 and "field-error" in answer.text
    answer = office.client.submit(f"{path}/pattern", {**times, "d0a_from": "9:00"})
    assert answer.status_code == 303
    assert "09:00–17:30" in page(office.client.get(path))
    answer = office.client.submit(f"{path}/leave", {"first": "2026-12-07", "last": "2026-12-06"})
    assert answer.status_code == 422 and "结束日期早于开始日期" in answer.text
    assert office.client.submit(f"{path}/leave", {"first": "2026-12-07", "last": "2026-12-08"}).status_code == 303
    shown = page(office.client.get(path))
    assert "2026年12月7日 周一至2026年12月8日 周二" in shown
    found = re.search(r'action="([^"]*/leave/\d+/delete)"', shown)
    assert found and office.client.submit(found[1]).status_code == 303
    assert "暂无休假安排" in page(office.client.get(path))
    answer = office.client.submit(path, {**NEW, "languages": [], "name": "黄 明明"})
    assert answer.status_code == 422 and "请至少选择一种语言" in answer.text and "黄 明明" in answer.text
    assert office.client.submit(path, {**NEW, "account": str(office.me.id)}).status_code == 422  # An's account
    with transaction():
        db.session.get_one(Staff, office.me.id).active = False
    own = {**NEW, "name": "An", "account": str(office.me.id)}  # closed since, but still An's
    assert office.client.submit(f"/admin/guides/{office.an.id}", own).status_code == 303


def test_leave_over_groups_is_refused_until_it_is_ticked(office: SimpleNamespace) -> None:
    with transaction():
        booking = group(office.tour, organisation="越秀区工会")
    assign(office, booking, office.an)
    path = f"/admin/guides/{office.an.id}"
    office.client.get(path)
    leave = {"first": "2026-12-07", "last": "2026-12-07", "note": "培训"}
    answer = office.client.submit(f"{path}/leave", leave)
    assert answer.status_code == 409
    assert all(word in page(answer) for word in ("越秀区工会", "撤下这些团队的安排", "培训"))
    assert office.client.submit(f"{path}/leave", {**leave, "unassign": "y"}).status_code == 303
    shown = page(office.client.get(WEEK))
    assert "需要重新安排讲解员：原由An带团。 该讲解员届时不在。" in shown
    assert "越秀区工会" in page(office.client.get("/admin/guides/week/2026-W51"))  # of another week, but not forgotten


def test_week_shows_who_leads_whom_and_what_is_short(office: SimpleNamespace) -> None:
    with transaction():
        booking = group(office.tour, organisation="越秀区工会")
        group(office.tour, day=TUESDAY, state=BookingState.CANCELLED, organisation="取消的团队")
        group(factories.programme(hall=office.hall, guides=0), organisation="自行参观团", day=TUESDAY)
        many = [group(office.tour, day=SUNDAY, phone=f"+861990000105{n}") for n in range(4)]
        unsure = group(office.tour, day=SUNDAY, starts=time(14), state=BookingState.REQUESTED)
    assert office.client.get("/admin/guides/week?from=2026-12-09").location == WEEK
    assert office.client.get("/admin/guides/week?from=x").location == "/admin/guides/week/2026-W49"
    shown = page(office.client.get(WEEK))
    assert "本周还缺6位讲解员" in shown and "10:00：已约4位讲解员，值班3位" in shown
    with time_machine.travel(NOON + timedelta(days=14), tick=False):  # what was short once is no news
        assert not any(plan.shortages for plan in lay_out(office.hall, MONDAY, SUNDAY))
    assert "取消的团队" not in shown and "自行参观团" not in shown
    path = f"/admin/guides/bookings/{booking.reference}"
    answer = office.client.submit(path, {"guide": str(office.an.id)})
    assert answer.location == f"{WEEK}?saved={booking.reference}#group-{booking.reference}"
    assert "已保存" in page(office.client.get(answer.location))
    assert office.client.submit(path, {"old": str(office.an.id), "guide": str(office.bai.id)}).status_code == 303
    assert office.client.submit(path, {"old": str(office.bai.id), "guide": ""}).status_code == 303
    assert queries.list_of_booking(booking.id) == []
    answer = office.client.submit(f"/admin/guides/day/{SUNDAY}/suggest")
    assert answer.location == f"{WEEK}?assigned=4&left=1#day-{SUNDAY}"
    assert "已安排4位讲解员。有1个空缺没有空闲且合适的讲解员。" in page(office.client.get(answer.location))
    assert [each.guide.name for each in queries.list_of_booking(unsure.id)] != []
    assert sum(len(queries.list_of_booking(each.id)) for each in many) == 3
    assert office.client.submit(f"{WEEK}/suggest").location == f"{WEEK}?assigned=1&left=1"
    staff_page = page(office.client.get(f"/bookings/{booking.reference}"))
    assert f"{WEEK}#group-{booking.reference}" in staff_page


def test_week_refuses_beside_the_group(office: SimpleNamespace) -> None:
    with transaction():
        english = group(office.tour, language="en")
        early = group(office.tour, starts=time(8, 30), phone="+8619900001051")
    path = f"/admin/guides/bookings/{english.reference}"
    office.client.get(WEEK)
    for nobody in ({}, {"guide": ""}, {"guide": "²"}, {"guide": "9" * 5000}, {"old": "x", "guide": "\0"}):
        answer = office.client.submit(path, nobody)
        assert answer.status_code == 422 and "请选择讲解员" in answer.text
    answer = office.client.submit(path, {"guide": str(office.an.id)})
    assert answer.status_code == 409 and "仍然这样安排" in answer.text and "An不会讲该团队的语言" in answer.text
    assert office.client.submit(path, {"guide": str(office.an.id), "accept": "y"}).status_code == 303
    answer = office.client.submit(f"/admin/guides/bookings/{early.reference}", {"guide": str(office.bai.id)})
    assert answer.status_code == 409 and "没有覆盖整场参观" in answer.text and 'name="accept"' not in answer.text
    answer = office.client.submit(path, {"old": str(office.an.id), "guide": str(office.bai.id)})
    assert answer.status_code == 409
    assert [each.guide_id for each in queries.list_of_booking(english.id)] == [office.an.id]  # nothing was lost


def test_number_of_queries_of_a_week_does_not_grow_with_the_groups(office: SimpleNamespace) -> None:
    def count() -> int:
        with Queries() as asked:
            office.client.get(WEEK)
        return asked.number

    with transaction():
        first = group(office.tour)
    assign(office, first, office.an)
    one = count()
    with transaction():
        more = [group(office.tour, day=day, starts=time(14)) for day in (MONDAY, TUESDAY, SUNDAY)]
        guide(office.hall, "Du", office.tour)
    for booking in more:
        assign(office, booking, office.bai)
    assert count() == one


def test_day_sheet_lists_the_groups_of_the_day(office: SimpleNamespace) -> None:
    with transaction():
        late = group(office.tour, starts=time(14), organisation="下午团", note="一位使用轮椅")
        early = group(office.tour, organisation="上午团", phone="+8619900001051")
        group(office.tour, day=TUESDAY, organisation="别的日子")
    assign(office, early, office.chen)
    shown = page(office.client.get(f"/admin/guides/day/{MONDAY}/sheet"))
    assert shown.index("上午团") < shown.index("下午团")
    for word in (
        "Chen",
        "199 0000 1051",
        "何秀珍",
        "一位使用轮椅",
        f"{late.reference[:4]}-{late.reference[4:]}",
        "2个团队",
    ):
        assert word in shown
    assert "别的日子" not in shown
    assert "当天没有团队" in page(office.client.get("/admin/guides/day/2026-12-09/sheet"))
    for path in (
        "/admin/guides/day/2016-01-01/sheet",
        "/admin/guides/day/9999-12-31/sheet",
        "/admin/guides/week/9999-W52",
    ):
        assert office.client.get(path).status_code == 404
    assert office.client.get("/admin/guides/week/2026-W54").status_code == 404
    assert office.client.submit("/admin/guides/week/9999-W52/suggest").status_code == 404


def test_guide_sees_own_groups_of_today_and_this_week_only(office: SimpleNamespace) -> None:
    def led(organisation: str, day: date, leader: Guide, **values: Any) -> None:
        with transaction():
            booking = group(office.tour, day=day, organisation=organisation, **values)
        assign(office, booking, leader)

    led("今天的团", NOON.date(), office.an, starts=time(14), origins={"440000": 12, "510000": 8}, note="两辆大巴")
    led("本周的团", date(2026, 12, 4), office.an, state=BookingState.REQUESTED)
    led("下周的团", MONDAY, office.an)
    led("别人的团", NOON.date(), office.bai, starts=time(14), phone="+8619900001052")
    client = signed_in(office.app, office.me)
    assert client.get("/sign-in").location == "/guide"
    shown = page(client.get("/guide"))
    for word in (
        "今天的团",
        "本周的团",
        "20人",
        "广东",
        "四川",
        "两辆大巴",
        'href="tel:+8619900001050"',
        "尚未确认",
        "14:00–15:30",
    ):
        assert word in shown, word
    for word in ("下周的团", "别人的团", "1052", "admin", '="/desk', "/bookings"):
        assert word not in shown, word
    assert "My groups" in page(client.get("/guide?lang=en"))
    with transaction():
        nobody = factories.staff(hall=office.hall, role=Role.DESK, password_hash="none")
        stranger = factories.staff(hall=factories.hall(), role=Role.GUIDE, password_hash="none")
    for staff in (nobody, stranger):
        shown = page(signed_in(office.app, staff).get("/guide"))
        assert "该账号没有对应的讲解员" in shown and "今天的团" not in shown
    with transaction():
        db.session.get_one(Guide, office.an.id).active = False
    assert "该账号没有对应的讲解员" in page(client.get("/guide?lang=zh"))


def test_data_of_another_hall_is_not_shown_or_changed(office: SimpleNamespace) -> None:
    with transaction():
        elsewhere = make_office()
        theirs, ours = group(elsewhere.tour, organisation="他馆的团队"), group(office.tour)
    assign(elsewhere, theirs, elsewhere.an)
    office.client.get(WEEK)
    number = elsewhere.an.id
    assert office.client.get(f"/admin/guides/{number}").status_code == 404
    for path, data in (
        (f"/admin/guides/{number}", NEW),
        (f"/admin/guides/{number}/pattern", {"valid_from": "2026-12-01"}),
        (f"/admin/guides/{number}/leave", {"first": "2026-12-01", "last": "2026-12-01"}),
        (f"/admin/guides/{number}/leave/1/delete", {}),
        (f"/admin/guides/bookings/{theirs.reference}", {"guide": str(office.an.id)}),
        (f"/admin/guides/bookings/{ours.reference}", {"guide": str(number)}),
    ):
        assert office.client.submit(path, data).status_code == 404, path
    for path in (WEEK, f"/admin/guides/day/{MONDAY}/sheet", "/admin/guides"):
        assert "他馆的团队" not in office.client.get(path).text
    assert office.client.submit(f"{WEEK}/suggest").location.endswith("assigned=1&left=0")
    assert [each.guide_id for each in queries.list_of_booking(theirs.id)] == [number]


def test_forms_answer_any_input_without_an_error(office: SimpleNamespace) -> None:
    with transaction():
        booking = group(office.tour)
    browser, token = plain_browser(office.client), office.client.csrf_token
    path = f"/admin/guides/{office.an.id}"
    for number, text in enumerate(thinned(TEXTS)):
        forms = {
            "/admin/guides/new": ("name", "languages", "programmes", "account"),
            f"{path}/pattern": ("valid_from", "valid_until", "d0a_from", "d6b_to"),
            f"{path}/leave": ("first", "last", "note"),
        }
        for address, names in forms.items():
            good = {"csrf_token": token, **NEW, "valid_from": "2026-12-01", "first": "2026-12-01", "last": "2026-12-01"}
            name = names[number % len(names)]
            check(browser, address, **encoded({**good, name: text}))
        check(browser, f"/admin/guides/bookings/{booking.reference}", **encoded({"csrf_token": token, "guide": text}))
        check(browser, "/admin/guides/week?from=" + encoded({"x": text})["data"][2:], method="GET")
