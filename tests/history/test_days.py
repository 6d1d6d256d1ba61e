"""Dates and numbers as people write them."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hallapp.history import days, problems
from hallapp.history.days import When
from hallapp.history.problems import Problem, Unclear
from hallapp.ledger.models import Span


def words(line: str) -> list[str]:
    return line.split()


DAY, MONTH = When(Span.DAY, date(2019, 3, 5)), When(Span.MONTH, date(2019, 3, 1))


@pytest.mark.parametrize(
    "text",
    [
        *words("2019年3月5日 2019/3/5 2019-03-05 2019.3.5 20190305 20190305.0 5-Mar-2019 20190305093000"),
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
def test_text_of_a_day_is_read(text: str) -> None:
    assert days.read_day(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        *words(
            "2019年3月 2019年3月份 2019-03 2019/3 201903 2019.3 2019.03 二〇一九年三月 2019.03 2019年3 2019年3月上午"
        ),
        *words("3/2019 03-2019 3.2019"),
        "Mar 2019",
        "March, 2019",
        "Mar '19",
    ],
)
def test_text_of_a_month_is_read(text: str) -> None:
    assert days.read_day(text) == MONTH


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", problems.DATE_MISSING),
        ("  ", problems.DATE_MISSING),
        ("2019-02-30", problems.DATE_IMPOSSIBLE),
        ("2019-13", problems.DATE_IMPOSSIBLE),
        ("99999999", problems.DATE_IMPOSSIBLE),
        ("0000-01-01", problems.DATE_IMPOSSIBLE),
        ("2019", problems.DATE_YEAR),
        ("19-Mar", problems.DATE_YEARLESS),  # as Excel shows the 19th of March, and saves it
        ("5-Mar", problems.DATE_YEARLESS),
        ("31-Dec", problems.DATE_YEARLESS),
        ("19 March", problems.DATE_YEARLESS),
        ("March 19", problems.DATE_YEARLESS),
        ("Mar 5", problems.DATE_YEARLESS),
        ("三月", problems.DATE_YEARLESS),
        ("9" * 5000, problems.DATE_UNKNOWN),
        ("x", problems.DATE_UNKNOWN),
        ("²", problems.DATE_UNKNOWN),
        ("#REF!", problems.DATE_UNKNOWN),
        ("-5", problems.DATE_UNKNOWN),
    ],
)
def test_text_that_is_not_a_date_is_refused(text: str, problem: Problem) -> None:
    assert days.read_day(text) == problem


def test_first_month_has_a_name_of_its_own() -> None:
    january = When(Span.MONTH, date(2019, 1, 1))
    assert days.read_day("2019年元月") == days.read_day("2019.元月份") == january
    assert days.read_day("元月", year=2019) == days.read_parts("2019", "元月", "") == january
    assert days.read_day("2019年元月5日") == days.read_parts("2019", "元月", "5") == When(Span.DAY, date(2019, 1, 5))
    assert days.read_day("元月") == problems.DATE_YEARLESS
    assert days.read_day("13/2019") == problems.DATE_IMPOSSIBLE


def test_day_is_read_first_where_the_month_would_be_impossible() -> None:
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
def test_year_month_and_day_in_separate_columns(parts: tuple[str, str, str], found: object) -> None:
    assert days.read_parts(*parts) == found


HOURS = st.sampled_from(["", " 09:30", " 星期二", "(周二)"])


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 7), HOURS)
def test_every_form_of_a_day_is_read(day: date, way: int, tail: str) -> None:
    y, m, d = day.year, day.month, day.day
    month_en = day.strftime("%B")
    written = [
        f"{y}年{m}月{d}日", f"{y}/{m}/{d}", day.isoformat(), f"{y}.{m:02}.{d:02}", f"{y}-{m}-{d}",
        f"{d} {month_en} {y}", f"{month_en[:3]} {d}, {y}", f"{y}{m:02}{d:02}",
    ]  # fmt: skip
    text = written[way] if way in (5, 6, 7) else f"{written[way]}{tail}"
    assert days.read_day(text) == When(Span.DAY, day), text


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 5))
def test_every_form_of_a_month_is_read(day: date, way: int) -> None:
    y, m = day.year, day.month
    if y < 2013:
        way %= 3  # 201012 may be a day of 2020, too
    written = [f"{y}年{m}月", f"{y}-{m:02}", f"{y}/{m}", f"{y}{m:02}", day.strftime("%b %Y"), day.strftime("%B %Y")]
    assert days.read_day(written[way]) == When(Span.MONTH, date(y, m, 1))


@given(st.text(max_size=50))
@example("\ud800")
@example("2019-\x00")
def test_any_text_gives_a_date_a_question_or_a_problem(text: str) -> None:
    assert isinstance(days.read_day(text), (When, Problem))
    assert isinstance(days.read_parts(text, text, text), (When, Problem))


HALL = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    "texts",
    [
        "2019-03-05 星期二 10:00|2019年3月5日（星期二）10:00|2019年3月5日 星期二 上午|2019/3/5 上午10:00",
        "2019-03-05 10:00 AM",
        "2019-03-05 Tue 10:00|Tue 5 Mar 2019|Tuesday, March 5, 2019|2019-03-05 10:00 星期二|2019年3月5日星期二",
        "周二 2019-03-05|礼拜二2019-3-5|2019.3.5(二)|（周二）2019.3.5|9:30 2019-03-05|上午 2019-03-05",
        "2019-03-05 下午场",
        "2019年3月5日9点|2019年3月5日14时30分|2019年3月5日下午3点半|2019/3/5 9:30-11:00|2019.3.5周二上午",
        "2019-03-05PM",
        "March 5, 2019 9:30 AM|Mar 5, 2019, 2:30 PM|Tue, 5 Mar 2019 10:00:00|2019年3月5日 周二下午2：30",
        "2019-03-05 0:00",
        "2019.03.05.|2019。3。5|2019．3．5|2019、3、5|2019,3,5|2019 3 5|2019\\3\\5|2019—3—5|2019.3月5日",
        "2019年3.5|2019年3月5",
        "二○一九年三月五日|二O一九年三月五日|二o一九年三月五日|二零一九年三月五日|2O19年3月5日",
        "２０１９年３月５日|19年3月5日|'19.3.5",
        "2019年三月五号|公元2019年3月5日|5th of March 2019|2019 Mar 5|5 march 2019",
        "2019-03-05 09:00 ~ 2019-03-05 11:00|2019.3.5-2019.3.5",
    ],
)
def test_day_with_a_weekday_or_time_beside_it_is_read(texts: str) -> None:
    for text in texts.split("|"):
        assert days.read_day(text, zone=HALL) == DAY, text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("二零一九年十二月二十八日", (2019, 12, 28)),
        ("二〇一九年三月廿九日", (2019, 3, 29)),
        ("二〇一九年三月卅一日", (2019, 3, 31)),
        ("二〇一九年十月卅日", (2019, 10, 30)),
        ("二OO九年十月十日", (2009, 10, 10)),
        ("二〇二〇年一〇月二〇日", (2020, 10, 20)),
        ("一九年三月二十日", (2019, 3, 20)),
    ],
)
def test_chinese_numerals(text: str, day: tuple[int, int, int]) -> None:
    assert days.read_day(text) == When(Span.DAY, date(*day))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-03-05T23:30:00Z", 6),
        ("2019-03-05T16:00:00.000Z", 6),
        ("2019-03-05T15:59:59Z", 5),
        ("2019-03-05 23:30 UTC", 6),
        ("2019-03-05T23:30:00+08:00", 5),
        ("2019-03-05T23:30:00-0800", 6),
        ("2019-03-06T00:30:00+09:00", 5),
        ("2019-03-05 23:30 GMT-5", 6),
        ("2019-03-05 23:30 北京时间", 5),
        ("Tue Mar 05 2019 23:30:00 GMT+0800 (中国标准时间)", 5),
        ("2019-03-05T23:30:00", 5),
    ],
)
def test_instant_is_converted_to_the_halls_day(text: str, day: int) -> None:
    assert days.read_day(text, zone=HALL) == When(Span.DAY, date(2019, 3, day))


def test_unknown_time_zone_is_refused() -> None:
    assert days.read_day("2019-03-05 09:30 CST", zone=HALL) == problems.DATE_ZONE
    assert days.read_day("2019-03-05T09:30Z") == problems.DATE_ZONE  # nobody has said which zone is the hall's


def readings(found: object) -> dict[str, str]:
    """The readings of a question by their names: `2019-03-05`, or `2019-03` for a month."""
    assert isinstance(found, Unclear)
    return {one.name: one.value.first.isoformat()[: 10 if one.value.span is Span.DAY else 7] for one in found.readings}


@pytest.mark.parametrize(
    ("texts", "question", "found"),
    [
        ("3/5/2019|3-5-2019|3.5.2019|03/05/2019 9:30", "date_order", "day_first=2019-05-03 month_first=2019-03-05"),
        ("19.3.5|19-3-5|19/3/5", "date_short_year", "year_first=2019-03-05"),
        ("5/3/19", "date_short_year", "day_first=2019-03-05 month_first=2019-05-03"),
        ("31/12/19", "date_short_year", "year_first=2031-12-19 day_first=2019-12-31"),
        ("5-Mar-19|05-Mar-19", "date_short_year", "day_first=2019-03-05 year_first=2005-03-19"),
        ("190305", "date_short_year", "year_first=2019-03-05"),
        ("201012", "date_short_year", "month=2010-12 year_first=2020-10-12"),
        ("2019.1|2019.0999999999999|2019.1000000000001", "date_tenth", "as_written=2019-01 with_zero=2019-10"),
        ("43529|43529.0|43529.5", "date_number", "serial=2019-03-05"),
        ("2019-03-05 24:00", "date_midnight", "that_day=2019-03-05 next_day=2019-03-06"),
        ("民国108年3月5日|108年3月5日|108/3/5|民国108.3.5", "date_minguo", "as_date=2019-03-05"),
        ("Mar-19", "date_month_year", "month=2019-03"),
        ("2019.3.5-3.7|2019年3月5-7日|2019年3月5日至7日|2019.3.5—2019.3.7|2019-03-05~07|2019/3/5-3/7|March 5-7, 2019"
         "|5-7 March 2019|2019年3月5日（周二）至3月7日（周四）|二〇一九年三月五日至七日|2019年3月5日、7日",
         "date_period", "month=2019-03 first_day=2019-03-05 last_day=2019-03-07"),
        ("2019年3月上旬|2019.3上旬|2019年三月上旬", "date_period",
         "month=2019-03 first_day=2019-03-01 last_day=2019-03-10"),
        ("2019年2月下旬", "date_period", "month=2019-02 first_day=2019-02-21 last_day=2019-02-28"),
        ("2019年3月底|2019年3月初", "date_period", "month=2019-03"),
        ("2019年一季度|2019年第一季度|2019年1季度|2019Q1|Q1 2019|2019-Q1", "date_period",
         "first_month=2019-01 last_month=2019-03"),
        ("2019年上半年|2019H1", "date_period", "first_month=2019-01 last_month=2019-06"),
        ("2019年|2019年度|2019全年|19年|二〇一九年", "date_period", "first_month=2019-01 last_month=2019-12"),
        ("2019年3-4月|2019年3月-4月|2019.3-4|2019年3、4月|2019年3月至2019年4月|2019.3.31-4.1", "date_period",
         "first_month=2019-03 last_month=2019-04"),
        ("2018.12.30-1.2|2018年12月-1月", "date_period", "first_month=2018-12 last_month=2019-01"),
    ],
)  # fmt: skip
def test_ambiguous_date_is_a_question(texts: str, question: str, found: str) -> None:
    for text in texts.split("|"):
        asked = days.read_day(text, zone=HALL)
        assert isinstance(asked, Unclear) and asked.code == question, text
        assert readings(asked) == dict(one.split("=") for one in found.split()), text


@pytest.mark.parametrize("text", ["2019.3.1-3.31", "2019-03-01至2019-03-31", "2019年3月1日-31日"])
def test_span_over_a_whole_month_is_the_month(text: str) -> None:
    assert days.read_day(text) == MONTH


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ("农历正月初五|腊月廿三|2019年腊月|二〇一九年三月初五|闰四月", problems.DATE_LUNAR),
        ("2019-02-29|2019年2月30日|2019-03-05 25:00|2019-03-05 9:75|2019.13|31/2/2019"
         "|29/2/2019", problems.DATE_IMPOSSIBLE),
        ("约2019年3月5日|2019年3月5日前|2019年3月5日（清明节）|2019-3-5至|2019.3.7-3.5|2019-2020|2019/3/510:30",
         problems.DATE_UNKNOWN),
        ("二〇一九年一二月|2019-03-09 周六、周日|2019-03-09周六周日|第10周|2019-W10|今天|周六|上午|9:30"
         "|平成31年3月5日|0305",
         problems.DATE_UNKNOWN),
        ("2019-03-05 10|2019年3月第一周|1551744000|12345|marvel 5 2019|2019-03 9:30"
         "|5/3/2019 23:30Z", problems.DATE_UNKNOWN),
        ("3月5日|3月|3/5|3.5|03-05|3月5日至7日|3月上旬|一季度|上半年|5 March", problems.DATE_YEARLESS),
    ],
)  # fmt: skip
def test_unclear_span_of_dates_is_a_question(texts: str, problem: Problem) -> None:
    for text in texts.split("|"):
        assert days.read_day(text, zone=HALL) == problem, text


@pytest.mark.parametrize(
    "text", ["3月5日", "三月五日", "3月5号 上午", "3月5日（周二）14:00", "3.5", "3.05", "5 March", "Mar 5"]
)
def test_given_year_completes_a_date(text: str) -> None:
    assert days.read_day(text, year=2019) == DAY


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3/5", "month_first=2019-03-05 day_first=2019-05-03"),
        ("3.1", "as_written=2019-03-01 with_zero=2019-03-10"),
        ("3.2", "as_written=2019-03-02 with_zero=2019-03-20"),
        ("3.5-3.7", "month=2019-03 first_day=2019-03-05 last_day=2019-03-07"),
        ("3月5日至7日", "month=2019-03 first_day=2019-03-05 last_day=2019-03-07"),
        ("一季度", "first_month=2019-01 last_month=2019-03"),
        ("3-19", "month_first=2019-03-19 month=2019-03"),
        ("Mar-19", "month=2019-03 as_date=2019-03-19"),
        ("19-Mar", "month=2019-03 as_date=2019-03-19"),
        ("Mar-05", "month=2005-03 as_date=2019-03-05"),
    ],
)
def test_given_year_leaves_other_questions_open(text: str, found: str) -> None:
    assert readings(days.read_day(text, year=2019)) == dict(one.split("=") for one in found.split())


def test_given_year_does_not_replace_a_written_one() -> None:
    assert days.read_day("2018-03-05", year=2019) == When(Span.DAY, date(2018, 3, 5))
    assert days.read_day("三月", year=2019) == MONTH
    assert days.read_day("2月29日", year=2019) == problems.DATE_IMPOSSIBLE
    assert days.read_day("13月5日") == days.read_day("2月30日") == problems.DATE_IMPOSSIBLE


@dataclass
class ShownDate:
    """A date as the reader of sheets hands it over."""

    day: date
    shows_day: bool = True
    shows_year: bool = True


def test_date_with_a_hidden_year_is_a_question() -> None:
    shown = ShownDate(date(2025, 3, 5), shows_year=False)
    asked = days.read_moment(shown)
    assert (
        isinstance(asked, Unclear) and asked.code == "date_year_hidden" and readings(asked) == {"as_date": "2025-03-05"}
    )
    assert days.read_moment(shown, year=2019) == DAY
    assert days.read_moment(ShownDate(date(2024, 2, 29), shows_year=False), year=2019) == problems.DATE_IMPOSSIBLE
    assert days.read_moment(ShownDate(date(2019, 3, 5)), year=2018) == DAY
    assert days.read_moment(ShownDate(date(2019, 3, 5), shows_day=False)) == MONTH


@pytest.mark.parametrize(
    ("parts", "year", "found"),
    [
        (("", "3", "5"), 2019, DAY),
        (("", "3月", "5日"), 2019, DAY),
        (("", "3", "5"), None, problems.DATE_YEARLESS),
        (("19", "3", "5"), None, DAY),
        (("二〇一九年", "三月", "廿九日"), None, When(Span.DAY, date(2019, 3, 29))),
        (("2019", "March", "5"), None, DAY),
        (("2019", "March", ""), None, MONTH),
        (("2018", "2019年3月", ""), None, problems.DATE_UNKNOWN),
        (("2019", "2019年3月", "5"), None, DAY),
        (("2019", "一二", ""), None, problems.DATE_UNKNOWN),
        (("", "", "5"), 2019, problems.DATE_UNKNOWN),
        (("2019", "2", "30"), None, problems.DATE_IMPOSSIBLE),
    ],
)
def test_date_in_separate_columns_is_read(parts: tuple[str, str, str], year: int | None, found: object) -> None:
    assert days.read_parts(*parts, year=year) == found


def test_ambiguous_parts_of_a_date_are_a_question() -> None:
    assert readings(days.read_parts("2019", "3", "5-7"))["month"] == "2019-03"
    assert readings(days.read_parts("108", "3", "5")) == {"as_date": "2019-03-05"}


def test_month_of_several_days() -> None:
    assert days.month_of(days.read_day("2019.3.5-3.7")) == MONTH
    assert days.month_of(DAY) == MONTH
    assert readings(days.month_of(days.read_day("3/5/2019"))) == {"day_first": "2019-05", "month_first": "2019-03"}
    assert days.month_of(problems.DATE_MISSING) is problems.DATE_MISSING
