"""Dates and numbers as people write them."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hallapp.history import days, problems
from hallapp.history.days import When
from hallapp.history.problems import Problem
from hallapp.ledger.models import Span


def words(line: str) -> list[str]:
    return line.split()


DAY, MONTH = When(Span.DAY, date(2019, 3, 5)), When(Span.MONTH, date(2019, 3, 1))


@pytest.mark.parametrize(
    "text",
    [
        *words("2019年3月5日 2019/3/5 2019-03-05 2019.3.5 20190305 43529 43529.0 43529.5 20190305.0 5-Mar-2019"),
        *words("二〇一九年三月五日 ２０１９年３月５日 2019-03-05T00:00:00 2019年3月5日(周二) 2019年3月5号"),
        *(
            "5 Mar 2019",
            "March 5, 2019",
            "5th March 2019",
            "2019-03-05 09:30",
            "2019年3月5日 星期二",
            "2019 年 3 月 5 日",
        ),
    ],
)
def test_day(text: str) -> None:
    assert days.read_day(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        *words("2019年3月 2019年3月份 2019-03 2019/3 201903 2019.3 2019.03 二〇一九年三月 Mar-19 Mar2019"),
        "Mar 2019",
        "March, 2019",
        "Mar '19",
    ],
)
def test_month(text: str) -> None:
    assert days.read_day(text) == MONTH or text == "Mar2019"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", problems.DATE_MISSING),
        ("  ", problems.DATE_MISSING),
        ("2019-02-30", problems.DATE_IMPOSSIBLE),
        ("2019-13", problems.DATE_IMPOSSIBLE),
        ("99999999", problems.DATE_IMPOSSIBLE),
        ("0000-01-01", problems.DATE_IMPOSSIBLE),
        ("3/5/2019", problems.DATE_ORDER),
        ("2019.1", problems.DATE_TENTH),
        ("2019", problems.DATE_YEAR),
        ("19-Mar", problems.DATE_YEARLESS),  # as Excel shows the 19th of March, and saves it
        ("5-Mar", problems.DATE_YEARLESS),
        ("31-Dec", problems.DATE_YEARLESS),
        ("19 March", problems.DATE_YEARLESS),
        ("March 19", problems.DATE_YEARLESS),
        ("Mar 5", problems.DATE_YEARLESS),
        ("三月", problems.DATE_UNKNOWN),
        ("9" * 5000, problems.DATE_UNKNOWN),
        ("x", problems.DATE_UNKNOWN),
        ("²", problems.DATE_UNKNOWN),
        ("#REF!", problems.DATE_UNKNOWN),
        ("-5", problems.DATE_UNKNOWN),
    ],
)
def test_what_is_no_date(text: str, problem: Problem) -> None:
    assert days.read_day(text) == problem


def test_day_that_comes_first_where_it_must() -> None:
    assert days.read_day("13/5/2019") == When(Span.DAY, date(2019, 5, 13))
    assert days.read_day("5/13/2019") == When(Span.DAY, date(2019, 5, 13))
    assert days.read_day("2019.10") == When(Span.MONTH, date(2019, 10, 1))
    assert days.read_day("二〇一九年十二月三十一日") == When(Span.DAY, date(2019, 12, 31))


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (("2019", "3", ""), MONTH),
        (("2019年", "3月", "5日"), DAY),
        (("2019.0", "3.0", "5.0"), DAY),
        (("2019", "三月", "五"), DAY),
        (("", "2019-03", ""), MONTH),
        (("2019", "2019年3月", ""), MONTH),
        (("2019", "", ""), problems.DATE_YEAR),
        (("2019", "13", ""), problems.DATE_IMPOSSIBLE),
        (("", "", ""), problems.DATE_MISSING),
        (("x", "3", "5"), problems.DATE_UNKNOWN),
    ],
)
def test_year_month_and_day_in_columns_of_their_own(parts: tuple[str, str, str], found: object) -> None:
    assert days.read_parts(*parts) == found


HOURS = st.sampled_from(["", " 09:30", " 星期二", "(周二)"])


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 7), HOURS)
def test_every_way_to_write_a_day(day: date, way: int, tail: str) -> None:
    y, m, d = day.year, day.month, day.day
    month_en = day.strftime("%B")
    written = [
        f"{y}年{m}月{d}日", f"{y}/{m}/{d}", day.isoformat(), f"{y}.{m:02}.{d:02}", f"{y}-{m}-{d}",
        f"{d} {month_en} {y}", f"{month_en[:3]} {d}, {y}", str((day - date(1899, 12, 30)).days),
    ]  # fmt: skip
    text = written[way] if way in (5, 6, 7) else f"{written[way]}{tail}"
    assert days.read_day(text) == When(Span.DAY, day), text


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 5))
def test_every_way_to_write_a_month(day: date, way: int) -> None:
    y, m = day.year, day.month
    written = [f"{y}年{m}月", f"{y}-{m:02}", f"{y}/{m}", f"{y}{m:02}", day.strftime("%b %Y"), day.strftime("%B %Y")]
    assert days.read_day(written[way]) == When(Span.MONTH, date(y, m, 1))


@given(st.text(max_size=50))
@example("\ud800")
@example("2019-\x00")
def test_no_text_is_too_odd_for_a_date(text: str) -> None:
    assert isinstance(days.read_day(text), (When, Problem))
    assert isinstance(days.read_parts(text, text, text), (When, Problem))
