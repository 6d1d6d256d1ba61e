"""Opening hours are those of the weekly templates in force; special days are those that the calendar changes."""

from datetime import date, time
from typing import Any

import pytest
import time_machine
from flask import Flask

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule import service
from hallapp.schedule.hours import SpecialDays, find_hours, list_closures
from hallapp.schedule.models import CalendarDay, DayKind, DayRule, Hall, Mode
from hallapp.schedule.service import SetTemplate
from tests import factories

TUESDAY = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(clock.at(TUESDAY, time(9), "Asia/Shanghai"), tick=False):
        yield


@pytest.fixture
def hall(app: Flask) -> Hall:
    """A hall with a tour of 90 minutes, closed on Mondays but not on holidays."""
    with transaction():
        hall = factories.hall(closed_weekdays="0", holidays=DayRule.OPEN)
        factories.programme(hall=hall, slug="tour", minutes=90)
        week(hall, "tour", *((day, time(hour)) for day in range(7) for hour in (9, 15)))
    return hall


def week(hall: Hall, programme: str, *lines: tuple[int, time], since: date = TUESDAY) -> None:
    values = tuple((weekday, starts, 100, 3) for weekday, starts in lines)
    service.set_template(SetTemplate(hall_id=hall.id, by=None, programme=programme, valid_from=since, lines=values))


def lines(hall: Hall) -> list[tuple[int, int, str]]:
    return [
        (one.first, one.last, f"{one.opens:%H:%M}–{one.closes:%H:%M}" if one.opens and one.closes else "closed")
        for one in find_hours(hall).week
    ]


def set_days(hall: Hall, *days: date, **values: Any) -> None:
    with transaction():
        db.session.add_all(CalendarDay(hall_id=hall.id, day=day, **values) for day in days)


def told(found: list[SpecialDays]) -> list[tuple[int, int, bool, str]]:
    return [(one.first.day, one.last.day, one.open, one.reason("en")) for one in found]


def test_hours_reach_from_the_first_start_to_the_end_of_the_last_visit(hall: Hall) -> None:
    assert lines(hall) == [(0, 0, "closed"), (1, 6, "09:00–16:30")]


def test_programmes_add_up_and_days_without_times_are_closed(hall: Hall) -> None:
    with transaction():
        factories.programme(hall=hall, slug="talk", minutes=60)
        week(hall, "talk", (4, time(19)), (6, time(8, 30)))
        factories.programme(hall=hall, slug="stream", minutes=60, mode=Mode.ONLINE)
        week(hall, "stream", (1, time(6)))
        factories.programme(hall=hall, slug="old", active=False)
        week(hall, "old", (2, time(5)))
        week(hall, "tour", (2, time(7)), since=date(2026, 12, 20))  # not in force yet
    assert lines(hall) == [
        (0, 0, "closed"),
        (1, 3, "09:00–16:30"),
        (4, 4, "09:00–20:00"),
        (5, 5, "09:00–16:30"),
        (6, 6, "08:30–16:30"),
    ]


def test_a_hall_without_times_has_no_hours(app: Flask) -> None:
    hall = factories.make(factories.hall)
    assert not find_hours(hall).is_known
    assert lines(hall) == [(0, 6, "closed")]


def test_special_days_are_those_against_the_usual_week_joined_by_their_reason(hall: Hall) -> None:
    set_days(hall, *(date(2026, 12, day) for day in (8, 9, 10)), open=False, reason={"zh": "维修", "en": "Repairs"})
    set_days(hall, date(2026, 12, 11), open=False, reason={"zh": "布展"})
    set_days(
        hall, date(2026, 12, 14), kind=DayKind.HOLIDAY, name={"zh": "节日", "en": "Feast"}
    )  # a Monday, open by rule
    set_days(hall, date(2026, 12, 7), open=False, reason={"en": "A Monday anyway"})
    set_days(hall, date(2026, 12, 15), open=True)
    set_days(hall, *(date(2026, 12, day) for day in (20, 21, 22)), open=False, reason={"en": "Moving"})
    set_days(hall, date(2026, 12, 16), inside_capacity=50)
    expected = [(8, 10, False, "Repairs"), (11, 11, False, "布展"), (14, 14, True, "Feast"), (20, 22, False, "Moving")]
    assert told(find_hours(hall).special) == expected
    closures = list_closures(hall, first=TUESDAY, last=date(2026, 12, 9))
    assert told(closures) == [(7, 7, False, "A Monday anyway"), (8, 9, False, "Repairs")]
