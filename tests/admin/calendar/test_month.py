"""The month: what it shows, holidays, and changes of several days."""

import re
from datetime import date, time

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.accounts.models import AuditEntry
from hallapp.booking.models import BookingState
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import CalendarDay, DayKind, DayRule
from tests.admin.calendar.conftest import DAY, ODD, RULES, cell, count_slots, see, send, special
from tests.admin.calendar_hall import AFTERNOON, SATURDAY, SUNDAY, ZONE, Stage
from tests.booking.helpers import page

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
        day = {"kind": DayKind.HOLIDAY, "name": {"zh": "开馆纪念日", "en": "Anniversary"}}
        db.session.add(CalendarDay(hall_id=stage.hall.id, day=SUNDAY, **day))
        closed = {"open": False, "reason": {"zh": "设备检修", "en": "Maintenance"}}
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
        assert (row.open, row.reason.get("zh", ""), row.reason.get("en", "")) == (False, "春节休馆", "Spring Festival")
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
    assert (row.open, row.inside_capacity, row.name.get("zh", "")) == (False, 80, "志愿者日")


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
    answer = send(stage, client, "/days", {**whole, **changes})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in page(answer)
    assert special(stage) is None
    assert stage.slot().open
