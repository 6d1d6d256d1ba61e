"""Numbers of people and groups as people write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hallapp.history import numbers, problems
from hallapp.history.numerals import read_digits, read_numeral
from hallapp.history.problems import Problem, Unclear
from hallapp.history.units import read_unit


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        ("33|33人|３３|33.0|33.00|33人次|33名|33 位|共33人|共计：33人|33（人）|三十三|三十三人|卅三|叁拾叁|0033", 33),
        ("33.000000000000004|32.99999999999999|33.0000000000", 33),
        ("1,234|1，234|1 234|1\u00a0234|1'234|1’234|1,234.00|1,234人|一千二百三十四|1234", 1234),
        ("1,234,567|1 234 567", 1234567),
        ("十|10|一十", 10),
        ("二十|廿|贰拾", 20),
        ("一百二十|壹佰贰拾", 120),
        ("一百零二", 102),
        ("两百|二百|貳佰", 200),
        ("一万二千三百四十五", 12345),
        ("一万零五", 10005),
        ("0|0人|零|-0|0.0", 0),
        ("9999999", numbers.MOST),
    ],
)
def test_text_of_a_number_is_read(texts: str, number: int) -> None:
    for text in texts.split("|"):
        assert numbers.read_people(text) == number, text


@pytest.mark.parametrize("text", ["", "  ", "-", "—", "——", "/", "无", "空", "没有", "None"])
def test_empty_text_is_no_number(text: str) -> None:
    assert numbers.read_people(text) is None
    assert numbers.read_groups(text) is None


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ("-3|－5|−5|负5|-5人|-1,234", problems.PEOPLE_NEGATIVE),
        ("10000000|1000000000|1e99|999999万|" + "9" * 30, problems.PEOPLE_MANY),
        ("12.5|33.5|0.5|1,23|12,34|1,2345|0,123|1,234 567|12 34|38 40|38.|1.23万5", problems.PEOPLE_UNCLEAR),
        ("²|½|10^9|=1+1|#N/A|#DIV/0!|#REF!|O|x|(5)|（5）", problems.PEOPLE_UNCLEAR),
        ("3批|第3批|30人/2批|30%|3‰|2019年|2019-03-05|¥30|3天", problems.PEOPLE_UNCLEAR),
        (
            "三五人|三八|几十人|数百|许多|很多人|百人|一百二|二三十人|成人30儿童8|已取消|30=28+2",
            problems.PEOPLE_UNCLEAR,
        ),
    ],
)
def test_text_that_is_not_a_number_of_people_is_refused(texts: str, problem: Problem) -> None:
    for text in texts.split("|"):
        assert numbers.read_people(text) == problem, text


@pytest.mark.parametrize(
    ("texts", "question", "readings"),
    [
        ("约38人|38人左右|38余人|38多人|近38人|38+|38?|>38|≥38|不足38人|38人以上|约三十八人", "about", {"number": 38}),
        ("约1,200人|约1200|大约一千二百人", "about", {"number": 1200}),
        ("近百人|上百人", "about", {}),
        ("30-40人|30～40|30至40人|30—40|30 - 40", "range", {"least": 30, "most": 40}),
        ("38+2|38 + 2|38＋2", "sum", {"sum": 40, "first": 38}),
        ("30+2+1", "sum", {"sum": 33, "first": 30}),
        ("30/25|30、25", "pair", {"first": 30, "second": 25}),
        ("38（另有5人）|38(5)|38人（司机5）", "brackets", {"first": 38, "sum": 43}),
        ("30（含老师2人）|30 (其中儿童5)|30人（包括2名老师）|30（已确认）", "brackets", {"first": 30}),
        ("1.234", "dot", {"thousands": 1234}),
        ("1.234.567", "dot", {"thousands": 1234567}),
        ("33.000", "dot", {"number": 33, "thousands": 33000}),
        ("1.2万|1.2万人次|12k|12千|1.2E+4|1.2e4", "rounded", {"number": 12000}),
        ("师生38人|38名学生|学生 38", "words", {"number": 38}),
    ],
)
def test_ambiguous_number_is_a_question(texts: str, question: str, readings: dict[str, int]) -> None:
    for text in texts.split("|"):
        found = numbers.read_people(text)
        assert isinstance(found, Unclear), text
        assert found.code == f"people_{question}", text
        assert {reading.name: reading.value for reading in found.readings} == readings, text


def test_number_of_groups_is_clear_or_refused() -> None:
    for text in ("3", "3批", "3个团", "三批次", "３", "3.0"):
        assert numbers.read_groups(text) == 3, text
    for text in ("约3批", "3-4", "3.5", "3人", "-3", "第3批", "3+1", "x"):
        assert numbers.read_groups(text) == problems.GROUPS_UNCLEAR, text


@pytest.mark.parametrize(
    ("text", "number"),
    [("十", 10), ("廿九", 29), ("卅", 30), ("三十一", 31), ("九千九百九十九", 9999), ("三", 3), ("一二", None),
     ("百", None), ("十十", None), ("一百二", None), ("万", None), ("", None), ("三x", None), ("廿十", None)],
)  # fmt: skip
def test_chinese_numeral(text: str, number: int | None) -> None:
    assert read_numeral(text) == number


@given(st.integers(1, 99_999))
def test_every_number_in_chinese_numerals(number: int) -> None:
    assert read_numeral(in_chinese(number)) == number
    assert read_digits("".join("〇一二三四五六七八九"[int(digit)] for digit in str(number))) == str(number)


def in_chinese(number: int) -> str:
    """The slow and obvious way: units place by place, one 零 for a gap."""
    digits = "零一二三四五六七八九"
    units = ["", "十", "百", "千", "万"]
    places = [
        (int(digit), units[at]) for at, digit in zip(range(len(str(number)) - 1, -1, -1), str(number), strict=True)
    ]
    text = "".join(f"{digits[digit]}{unit}" if digit else "零" for digit, unit in places)
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.rstrip("零")


@given(st.text(max_size=70) | st.text("0123456789.,-+()约万人十百 ", max_size=12))
@example("\ud800")
@example("1" * 5000)
def test_any_text_gives_a_number_a_question_or_a_problem(text: str) -> None:
    for found in (numbers.read_people(text), numbers.read_groups(text)):
        assert found is None or isinstance(found, Problem) or 0 <= found <= numbers.MOST


@pytest.mark.parametrize(
    ("texts", "factor"),
    [
        ("人数（十人）|人数（单位：十）", 10),
        ("百人次|人数/百|Visitors (in hundreds)", 100),
        ("单位：千|参观人数/千人|Visitors (k)|Visitors, thousands|in thousands|Visitors ('000s)|x 1000", 1_000),
        ("单位：萬人|单位为万人次|人数（万）|Visitors (10k)|×10,000", 10_000),
        ("Visitors (million)", 1_000_000),
        ("人数|单位：人次|单位名称|单位：万达公司|接待1.2万人次|近百人|数千人|year (2000)|Kids (k12)|1.5 thousand", 1),
    ],
)
def test_unit_is_read_where_it_is_no_number(texts: str, factor: int) -> None:
    assert {text: read_unit(text) for text in texts.split("|")} == dict.fromkeys(texts.split("|"), factor)
