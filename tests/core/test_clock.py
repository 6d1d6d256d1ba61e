"""Time: days and months are the hall's, instants are UTC."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from hallapp.core import clock

GUANGZHOU = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-11-30T15:59:59+00:00", GUANGZHOU, date(2026, 11, 30)),
        ("2026-11-30T16:00:00+00:00", GUANGZHOU, date(2026, 12, 1)),
        ("2026-11-30T16:30:00+00:00", GUANGZHOU, date(2026, 12, 1)),
        ("2026-11-30T16:30:00+00:00", "Europe/Paris", date(2026, 11, 30)),
        ("2026-12-31T16:00:00+00:00", GUANGZHOU, date(2027, 1, 1)),
        ("2028-02-28T16:00:00+00:00", GUANGZHOU, date(2028, 2, 29)),
        ("2026-03-29T22:30:00+00:00", "Europe/Paris", date(2026, 3, 30)),
        ("2026-10-25T23:30:00+00:00", "Europe/Paris", date(2026, 10, 26)),
    ],
)
def test_day_is_the_one_of_the_halls_wall_clock(instant: str, zone: str, day: date) -> None:
    assert clock.local_day(datetime.fromisoformat(instant), zone) == day
    with time_machine.travel(instant, tick=False):
        assert clock.today(zone) == day
        assert clock.now() == datetime.fromisoformat(instant)
        assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "wall", "zone", "instant"),
    [
        (date(2026, 12, 1), time(0, 30), GUANGZHOU, datetime(2026, 11, 30, 16, 30, tzinfo=UTC)),
        (date(2026, 3, 28), time(9, 30), "Europe/Paris", datetime(2026, 3, 28, 8, 30, tzinfo=UTC)),
        (date(2026, 3, 29), time(9, 30), "Europe/Paris", datetime(2026, 3, 29, 7, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), "Europe/Paris", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(1989, 7, 1), time(9, 30), GUANGZHOU, datetime(1989, 7, 1, 0, 30, tzinfo=UTC)),
    ],
)
def test_wall_clock_becomes_an_instant(day: date, wall: time, zone: str, instant: datetime) -> None:
    assert clock.at(day, wall, zone) == instant
    assert clock.at(day, wall, zone).tzinfo is UTC


@given(day=st.dates(date(1995, 1, 1), date(2100, 12, 31)), wall=st.times())
def test_instant_converts_back_to_its_wall_clock_time(day: date, wall: time) -> None:
    local = clock.local(clock.at(day, wall, GUANGZHOU), GUANGZHOU)
    assert (local.date(), local.time()) == (day, wall)


@pytest.mark.parametrize(
    ("year", "month", "first", "after"),
    [
        (2026, 11, date(2026, 11, 1), date(2026, 12, 1)),
        (2026, 12, date(2026, 12, 1), date(2027, 1, 1)),
        (2026, 2, date(2026, 2, 1), date(2026, 3, 1)),
        (2028, 2, date(2028, 2, 1), date(2028, 3, 1)),
        (2026, 1, date(2026, 1, 1), date(2026, 2, 1)),
    ],
)
def test_month_is_a_half_open_range_of_days(year: int, month: int, first: date, after: date) -> None:
    assert clock.month_range(year, month) == (first, after)
