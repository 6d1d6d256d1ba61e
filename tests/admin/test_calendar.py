"""The month and its days: what they show, and each of their forms, good and bad."""

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking.models import BookingState
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule import service
from hallapp.schedule.models import CalendarDay, DayKind, DayRule, Slot
from tests import factories
from tests.admin.calendar_hall import AFTERNOON, NOW, SATURDAY, SUNDAY, ZONE, Stage, prepare
from tests.booking.helpers import page
from tests.client import sign_in_as

DAY = f"/days/{SATURDAY}"
RULES = {"opening": "rules", "kind": ""}
EXTRA = {"starts": "19:00", "visitor_capacity": "40", "guide_capacity": "2"}
DAY_FIELDS = (
    *("opening", "reason_zh", "reason_en", "like_weekday", "inside_capacity", "guides_on_duty"),
    *("kind", "name_zh", "name_en"),
)
SPAN_FIELDS = ("first", "last", "span")
NASTY = ("\0", "\ud800", "𠮷" * 300, "{{ 7 * 7 }} %(name)s", "²", "-1", "2147483648", "9" * 5000, "2026-02-30")
#: What is neither a number nor a day nor a time.
ODD = ("-1", "½", "1.5", "9" * 5000, "\0", "１００００００", "a", "长" * 3000)


@pytest.fixture(autouse=True)
def _first_of_december() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def stage(client: FlaskClient) -> Stage:
    return prepare(client)


def special(stage: Stage, day: date = SATURDAY) -> CalendarDay | None:
    return db.session.get(CalendarDay, (stage.hall.id, day), populate_existing=True)


def see(stage: Stage, path: str = "/2026-12") -> str:
    answer = stage.client.get(f"/admin/calendar{path}")
    assert answer.status_code == 200
    return page(answer)


def cell(shown: str, day: date) -> str:
    """The words of a day in the month."""
    found = re.search(rf'<a class="cal-day" href="/admin/calendar/days/{day}".*?</a>', shown)
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group()))


def count_slots(stage: Stage) -> int:
    return db.session.scalar(select(func.count()).where(Slot.hall_id == stage.hall.id)) or 0


# The month


def test_the_calendar_opens_on_the_present_month(stage: Stage) -> None:
    assert "2026年12月</h1>" in see(stage, "")
    assert 'aria-current="date"' in see(stage, "")


def test_a_month_shows_each_day_with_state_and_places(stage: Stage) -> None:
    for people in (60, 30):
        stage.book(stage.slot(SATURDAY, AFTERNOON if people == 60 else time(9, 30)), people)
    stage.book(stage.slot(SUNDAY), 60)
    stage.book(stage.slot(SUNDAY, AFTERNOON), 60)

    shown = see(stage)

    assert "紧张" in cell(shown, SATURDAY)
    assert "90 / 120" in cell(shown, SATURDAY)
    assert "已满" in cell(shown, SUNDAY)
    assert "有空位" in cell(shown, date(2026, 12, 7))
    assert "尚未开放预约" in cell(shown, date(2026, 12, 31))
    assert len(re.findall(r'class="cal-day"', shown)) == 31
    assert len(re.findall(r"<tr>", shown)) == 6  # the head and five weeks


def test_a_month_shows_waiting_groups_missing_guides_and_manual_changes(stage: Stage) -> None:
    slot = stage.slot()
    for state in (BookingState.WAITLISTED, BookingState.WAITLISTED, BookingState.CANCELLED):
        stage.book(slot, 60, state=state)  # more than the 50 places that it will have
    with transaction():
        stage.slot(SUNDAY).guide_capacity = 0
    stage.submit(f"/slots/{slot.id}", visitor_capacity="50", guide_capacity="3", open="1")

    shown = see(stage)

    assert "2个团队候补" in cell(shown, SATURDAY)
    assert "单独设置" in cell(shown, SATURDAY)
    assert "讲解员已约满" in cell(shown, SUNDAY)
    assert "讲解员已约满" not in cell(shown, SATURDAY)
    assert "单独设置" not in cell(shown, SUNDAY)


def test_a_month_names_holidays_and_the_reasons_of_closures(stage: Stage) -> None:
    with transaction():
        stage.hall.closed_weekdays = "0"
        day = {"kind": DayKind.HOLIDAY, "name_zh": "开馆纪念日", "name_en": "Anniversary"}
        db.session.add(CalendarDay(hall_id=stage.hall.id, day=SUNDAY, **day))
        closed = {"open": False, "reason_zh": "设备检修", "reason_en": "Maintenance"}
        db.session.add(CalendarDay(hall_id=stage.hall.id, day=SATURDAY, **closed))

    shown = see(stage)

    assert "节假日" in cell(shown, SUNDAY)
    assert "开馆纪念日" in cell(shown, SUNDAY)
    assert "单独设置" in cell(shown, SATURDAY)


@pytest.mark.parametrize("month", ["2016-12", "0001-01", "9999-12", "2026-13", "2030-01", "abc"])
def test_months_beyond_the_calendar_are_not_found(stage: Stage, month: str) -> None:
    assert stage.client.get(f"/admin/calendar/{month}").status_code == 404


@pytest.mark.parametrize("day", ["2016-12-31", "0001-01-01", "9999-12-31", "2026-02-30", "abc", "2030-01-01"])
def test_days_beyond_the_calendar_are_not_found(stage: Stage, day: str) -> None:
    assert stage.client.get(f"/admin/calendar/days/{day}").status_code == 404
    assert stage.submit(f"/days/{day}", **RULES).status_code in (404, 405)


def test_the_calendar_ends_where_planning_ends(stage: Stage) -> None:
    assert 'id="following"' not in see(stage, "/2028-12")
    assert 'id="previous"' not in see(stage, "/2017-01")
    assert 'rel="next"' not in see(stage, "/days/2028-12-31")


def test_the_calendar_makes_the_slots_of_newly_bookable_days(stage: Stage) -> None:
    before = count_slots(stage)
    with time_machine.travel(clock.at(date(2026, 12, 3), time(9), ZONE), tick=False):
        stage.client.sign_in(stage.manager)
        see(stage)
    assert count_slots(stage) == before + 4


def test_an_open_day_beyond_the_booking_window_is_not_shown_as_closed(stage: Stage) -> None:
    with transaction():
        stage.hall.closed_weekdays = "0"
    shown = see(stage, "/2027-06")
    assert cell(shown, date(2027, 6, 2)).split() == ["2", "6月2日", "周三", "尚未开放预约"]
    assert "✕ 闭馆 每周闭馆日" in cell(shown, date(2027, 6, 7))
    assert "尚未开放预约" in see(stage, "/days/2027-06-02")


# Holidays


def test_a_year_that_is_not_announced_says_so(stage: Stage) -> None:
    shown = see(stage, "/2028-02")
    assert "2028年的法定节假日尚未公布" in shown
    assert 'action="/admin/calendar/holidays"' not in shown

    answer = stage.submit("/holidays", year="2028", month="2028-02")
    assert answer.status_code == 409
    assert "2028" in page(answer)


def test_announced_holidays_are_imported_once(stage: Stage) -> None:
    with transaction():
        stage.hall.holiday_years = ""
        stage.hall.holidays = DayRule.CLOSED
        for row in db.session.scalars(select(CalendarDay)):
            db.session.delete(row)
    assert 'action="/admin/calendar/holidays"' in see(stage)

    answer = stage.submit("/holidays", year="2026", month="2026-12")

    assert (answer.status_code, answer.location) == (303, "/admin/calendar/2026-12?saved=1")
    national_day = special(stage, date(2026, 10, 1))
    assert national_day is not None
    assert national_day.kind is DayKind.HOLIDAY
    assert 'action="/admin/calendar/holidays"' not in see(stage)
    assert db.session.scalar(select(func.count()).where(AuditEntry.action == "holidays_seeded")) == 2


@pytest.mark.parametrize("year", [*ODD, "", "1", "2500"])
def test_odd_years_are_refused(stage: Stage, year: str) -> None:
    assert stage.submit("/holidays", year=year, month="2026-12").status_code == 422


# Several days


def test_several_days_close_with_one_reason_and_come_back(stage: Stage) -> None:
    span = {"first": "2026-12-05", "last": "2026-12-07", "month": "2026-12"}

    answer = stage.submit("/days", **span, span="closed", reason_zh="春节休馆", reason_en="Spring Festival")

    assert (answer.status_code, answer.location) == (303, "/admin/calendar/2026-12?saved=1")
    for number in (5, 6, 7):
        row = special(stage, date(2026, 12, number))
        assert row is not None
        assert (row.open, row.reason_zh, row.reason_en) == (False, "春节休馆", "Spring Festival")
        assert not stage.slot(date(2026, 12, number)).open
    assert stage.slot(date(2026, 12, 8)).open
    assert "春节休馆" in cell(see(stage), SATURDAY)

    answer = stage.submit("/days", **span, span="rules")

    assert answer.status_code == 303
    assert special(stage) is None
    assert all(stage.slot(date(2026, 12, number)).open for number in (5, 6, 7))


def test_a_closure_of_several_days_keeps_their_other_settings(stage: Stage) -> None:
    stage.submit(DAY, **RULES, inside_capacity="80", name_zh="志愿者日", name_en="Volunteers’ Day")

    stage.submit("/days", first=SATURDAY, last=SUNDAY, span="closed", reason_zh="检修")

    row = special(stage)
    assert row is not None
    assert (row.open, row.inside_capacity, row.name_zh) == (False, 80, "志愿者日")


def test_a_closure_of_several_days_is_settled_at_once(stage: Stage) -> None:
    bookings = [stage.book(stage.slot(SATURDAY), 20), stage.book(stage.slot(SUNDAY), 30)]
    closure = {"first": SATURDAY, "last": SUNDAY, "span": "closed", "reason_zh": "检修", "month": "2026-12"}

    answer = stage.submit("/days", **closure)
    assert answer.status_code == 409
    assert page(answer).count('name="hit"') == 2
    assert special(stage) is None

    hits = {"settling": "1", "hit": [booking.id for booking in bookings], "all": "cancel", "message": "检修"}
    answer = stage.submit("/days", **closure, **hits)
    assert answer.status_code == 303
    assert {stage.booking(booking).state for booking in bookings} == {BookingState.CANCELLED}
    assert not stage.slot(SUNDAY).open


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first": "2026-11-30"}, "first"),
        ({"last": "2026-12-04"}, "last"),
        ({"last": "2027-12-04"}, "last"),
        ({"first": "2031-01-01", "last": "2031-01-02"}, "last"),
        ({"first": ""}, "first"),
        ({"last": "2026-02-30"}, "last"),
        ({"last": "9" * 5000}, "last"),
        ({"first": "\0"}, "first"),
        ({"span": ""}, "span"),
        ({"span": "²"}, "span"),
        ({"reason_zh": ""}, "span"),
        ({"reason_zh": "长" * 201}, "reason_zh"),
    ],
)
def test_odd_spans_are_refused_beside_their_field(stage: Stage, changes: dict[str, str], field: str) -> None:
    whole = {"first": "2026-12-05", "last": "2026-12-07", "span": "closed", "reason_zh": "检修", "month": "2026-12"}
    client = FlaskClient(stage.client.application) if "\0" in changes.values() else None
    answer = _send(stage, client, "/days", {**whole, **changes})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in page(answer)
    assert special(stage) is None
    assert stage.slot().open


def _send(stage: Stage, client: FlaskClient | None, path: str, data: dict[str, Any]) -> Any:
    """Send a form; by a client that does not look at the page where a NUL makes it none."""
    if client is None:
        return stage.submit(path, **data)
    app = stage.client.application
    sign_in_as(client, stage.manager)
    with app.app_context():
        shown = client.get("/admin/calendar").get_data(as_text=True)
    found = re.search(r'name="csrf-token" content="([^"]+)"', shown)
    assert found
    with app.app_context():
        return client.post(f"/admin/calendar{path}", data={"csrf_token": found.group(1), **data})


# A day


def test_a_day_shows_its_slots_and_bookings(stage: Stage) -> None:
    booking = stage.book(stage.slot(), 20, organisation="番禺区文化馆")
    stage.book(stage.slot(), 15, organisation="候补的团队", state=BookingState.WAITLISTED)
    stage.book(stage.slot(), 15, organisation="取消的团队", state=BookingState.CANCELLED)

    shown = see(stage, DAY)

    assert "2026年12月5日 周六</h1>" in shown
    assert "20 / 60" in shown
    assert f'href="/bookings/{booking.reference}"' in shown
    assert "候补的团队" in shown
    assert "取消的团队" not in shown
    assert f'action="/admin/calendar/slots/{stage.slot().id}"' in shown


def test_a_past_day_is_read_only(stage: Stage) -> None:
    shown = see(stage, "/days/2026-11-30")
    assert "这一天已过" in shown
    assert "<form method" not in shown.split("<main")[1]

    answer = stage.submit("/days/2026-11-30", **RULES, name_zh="昨天")
    assert answer.status_code == 422
    assert special(stage, date(2026, 11, 30)) is None


def test_slots_that_have_begun_cannot_be_changed(stage: Stage) -> None:
    today = date(2026, 12, 1)
    factories.make(factories.slot, programme=stage.tour, day=today, visitor_capacity=60)
    assert "已开始" in see(stage, f"/days/{today}")

    answer = stage.submit(f"/slots/{stage.slot(today).id}", visitor_capacity="10", guide_capacity="1", open="0")

    assert answer.status_code == 409
    assert stage.slot(today).visitor_capacity == 60


def test_a_day_opens_by_hand_like_another_weekday(stage: Stage) -> None:
    with transaction():
        stage.hall.closed_weekdays = "5"
    stage.submit(DAY, **RULES)
    assert not stage.slot().open

    answer = stage.submit(
        DAY, opening="open", like_weekday="0", kind="makeup", name_zh="国庆节", name_en="National Day"
    )

    assert answer.status_code == 303
    row = special(stage)
    assert row is not None
    assert (row.open, row.like_weekday, row.kind, row.name_en) == (True, 0, DayKind.MAKEUP, "National Day")
    assert stage.slot().open
    shown = see(stage, DAY)
    assert 'value="open" checked' in shown or re.search(r'checked[^>]*value="open"', shown)
    assert re.search(r'<option selected value="0">', shown)


def test_a_day_has_limits_of_its_own(stage: Stage) -> None:
    answer = stage.submit(DAY, **RULES, inside_capacity="４０", guides_on_duty="1")

    assert answer.status_code == 303
    assert (stage.slot().inside_capacity, stage.slot().guides_on_duty) == (40, 1)
    assert (stage.slot(SUNDAY).inside_capacity, stage.slot(SUNDAY).guides_on_duty) == (None, None)
    assert "0 / 40" in see(stage, DAY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"opening": "closed"}, "opening"),
        ({"opening": ""}, "opening"),
        ({"opening": "ajar"}, "opening"),
        ({"like_weekday": "7"}, "like_weekday"),
        ({"like_weekday": "²"}, "like_weekday"),
        ({"kind": "party"}, "kind"),
        ({"reason_en": "x" * 201}, "reason_en"),
        ({"name_zh": "长" * 41}, "name_zh"),
        ({"name_en": "x" * 61}, "name_en"),
        ({"inside_capacity": "0"}, "inside_capacity"),
        ({"inside_capacity": "100001"}, "inside_capacity"),
        ({"guides_on_duty": "1001"}, "guides_on_duty"),
        ({"name_zh": "a\0b"}, "name_zh"),
        *(({"inside_capacity": odd}, "inside_capacity") for odd in ODD),
        *(({"guides_on_duty": odd}, "guides_on_duty") for odd in ODD),
    ],
)
def test_odd_days_are_refused_beside_their_field(stage: Stage, changes: dict[str, str], field: str) -> None:
    client = FlaskClient(stage.client.application) if "\0" in "".join(changes.values()) else None
    answer = _send(stage, client, DAY, {**RULES, "reason_zh": "", **changes})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in page(answer)
    assert special(stage) is None


# A slot


def test_a_slot_changes_by_hand_and_goes_back_to_the_template(stage: Stage) -> None:
    slot = stage.slot()

    answer = stage.submit(f"/slots/{slot.id}", visitor_capacity="25", guide_capacity="1", open="0")

    assert (answer.status_code, answer.location) == (303, f"/admin/calendar/days/{SATURDAY}?saved=1#slot-{slot.id}")
    slot = stage.slot()
    assert (slot.visitor_capacity, slot.guide_capacity, slot.open, slot.open_by_hand) == (25, 1, False, False)
    with transaction():
        service.extend_slots(stage.hall)
    assert stage.slot().visitor_capacity == 25
    assert f'action="/admin/calendar/slots/{slot.id}/release"' in see(stage, DAY)

    answer = stage.submit(f"/slots/{slot.id}/release")

    assert answer.status_code == 303
    slot = stage.slot()
    assert (slot.visitor_capacity, slot.guide_capacity, slot.open, slot.open_by_hand) == (60, 3, True, None)
    trail = select(AuditEntry.action).where(AuditEntry.subject == f"slot {slot.id}").order_by(AuditEntry.id)
    assert db.session.scalars(trail).all() == ["slot_changed", "slot_released"]


@pytest.mark.parametrize(
    "changes",
    [
        *({"visitor_capacity": odd} for odd in (*ODD, "", "100001")),
        *({"guide_capacity": odd} for odd in (*ODD, "", "1001")),
        {"open": "²"},
        {"open": None},
    ],
)
def test_odd_slots_are_refused_in_their_row(stage: Stage, changes: dict[str, Any]) -> None:
    slot = stage.slot()
    data = {"visitor_capacity": "25", "guide_capacity": "1", "open": "0", **changes}
    data = {name: value for name, value in data.items() if value is not None}
    client = FlaskClient(stage.client.application) if "\0" in data.values() else None

    answer = _send(stage, client, f"/slots/{slot.id}", data)

    assert answer.status_code == 422
    assert f'id="slot-{slot.id}-error"' in page(answer)
    assert stage.slot().visitor_capacity == 60


def test_a_slot_of_a_day_that_is_closed_by_hand_stays_closed(stage: Stage) -> None:
    stage.submit(DAY, opening="closed", reason_zh="检修", kind="")
    slot = stage.slot()

    answer = stage.submit(f"/slots/{slot.id}", visitor_capacity="25", guide_capacity="1", open="1")

    assert answer.status_code == 409
    assert not stage.slot().open


# An extra opening


def test_an_extra_time_is_offered(stage: Stage) -> None:
    answer = stage.submit(f"{DAY}/slots", **EXTRA, programme=stage.tour.slug)

    assert answer.status_code == 303
    slot = stage.slot(SATURDAY, time(19))
    assert (slot.visitor_capacity, slot.guide_capacity, slot.open, slot.open_by_hand) == (40, 2, True, True)
    assert "19:00–20:30" in see(stage, DAY)


@pytest.mark.parametrize(
    ("changes", "field", "status"),
    [
        ({"starts": "09:30"}, "starts", 409),
        ({"starts": "23:30"}, "starts", 422),
        ({"starts": "24:00"}, "starts", 422),
        ({"starts": ""}, "starts", 422),
        ({"programme": ""}, "programme", 422),
        ({"programme": "nothing"}, "programme", 422),
        ({"visitor_capacity": "100001"}, "visitor_capacity", 422),
        ({"guide_capacity": "½"}, "guide_capacity", 422),
        *(({"starts": odd}, "starts", 422) for odd in ODD if odd != "\0"),
    ],
)
def test_odd_extra_times_are_refused_beside_their_field(
    stage: Stage, changes: dict[str, str], field: str, status: int
) -> None:
    before = count_slots(stage)

    answer = stage.submit(f"{DAY}/slots", **{"programme": stage.tour.slug, **EXTRA, **changes})

    assert answer.status_code == status
    assert f'id="{field}-error"' in page(answer)
    assert count_slots(stage) == before


# Whose calendar it is


def test_another_halls_slot_is_unknown(stage: Stage) -> None:
    with transaction():
        foreign = factories.slot(programme=factories.programme(hall=factories.hall()), day=SATURDAY)
    data = {"visitor_capacity": "25", "guide_capacity": "1", "open": "0"}

    assert stage.submit(f"/slots/{foreign.id}", **data).status_code == 404
    assert stage.submit(f"/slots/{foreign.id}/release").status_code == 404
    assert stage.submit("/slots/99999999999", **data).status_code == 404

    db.session.refresh(foreign)
    assert (foreign.open, foreign.visitor_capacity) == (True, 100)


def test_another_halls_day_is_neither_seen_nor_changed(stage: Stage) -> None:
    with transaction():
        other = factories.hall(name_zh="海丝展览馆")
        programme = factories.programme(hall=other, name_zh="海丝讲解")
        slot = factories.slot(programme=programme, day=SATURDAY)
        factories.booking(slot=slot, organisation="别馆的团队")
        row = CalendarDay(hall_id=other.id, day=SATURDAY, name_zh="别馆的日子")
        db.session.add(row)

    shown = see(stage, DAY)
    assert not re.search("海丝讲解|别馆的团队|别馆的日子", shown)
    assert "别馆的日子" not in see(stage)
    assert stage.submit(DAY, opening="closed", reason_zh="检修", kind="").status_code == 303

    db.session.refresh(slot)
    assert slot.open
    assert db.session.get_one(CalendarDay, (other.id, SATURDAY), populate_existing=True).open is None


@pytest.mark.parametrize("role", [Role.GUIDE, Role.DESK])
def test_only_managers_open_the_calendar(app: Flask, stage: Stage, role: Role) -> None:
    client = app.test_client()
    client.sign_in(factories.make(factories.staff, hall=stage.hall, role=role))
    for path in ("", "/2026-12", DAY):
        assert client.get(f"/admin/calendar{path}").status_code == 403
    assert client.submit(f"/admin/calendar{DAY}", {"opening": "closed", "reason_zh": "检修"}).status_code == 403
    assert special(stage) is None


def test_the_pages_are_available_in_english(stage: Stage) -> None:
    stage.book(stage.slot(), 20)
    for path in ("/2026-12?lang=en", f"{DAY}?lang=en", "/2028-02?lang=en"):
        assert stage.client.get(f"/admin/calendar{path}").status_code == 200
    answer = stage.submit(DAY, opening="closed", reason_en="Maintenance", kind="")
    assert answer.status_code == 409
    assert "This time will be closed" in page(answer)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_calendar_pages_answer_any_input_without_an_error(stage: Stage, text: str) -> None:
    stage.book(stage.slot(), 20)
    text = text.encode(errors="replace").decode()
    choices = dict.fromkeys(("hit", "decision-1", "move-1", "message-1", "all", "settling", "message"), text)
    fields = dict.fromkeys((*DAY_FIELDS, *SPAN_FIELDS, *EXTRA, "programme", "open", "year", "month"), text)
    closing = {"opening": "closed", "reason_zh": "检修", "kind": "", **choices}
    span = {
        "first": SATURDAY,
        "last": SUNDAY,
        "span": "closed",
        "reason_zh": "检修",
        **choices,
        "hit": "1",
        "all": "move",
    }
    posts = [(DAY, closing), ("/days", span)]
    posts += [(path, fields) for path in (DAY, "/days", f"{DAY}/slots", f"/slots/{stage.slot().id}", "/holidays")]

    for path, data in posts:
        answer = _send(stage, FlaskClient(stage.client.application), path, data)
        assert answer.status_code in (303, 409, 422), path
    assert stage.client.get("/admin/calendar/2026-12", query_string={"lang": text}).status_code == 200
    assert stage.slot().open
