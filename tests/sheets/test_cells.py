"""The text of a cell and the number in it, as a person meant them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallapp.sheets.cells import clean, number, visible


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("张三_x000D_", "张三"),
        ("李四_x000d_\n", "李四"),
        ("_x5F20_三", "张三"),
        ("a_x005F_x000D_b", "a_x000D_b"),
        ("_xD842__xDFB7_川", "𠮷川"),
        ("_xZZZZ_ _x12_", "_xZZZZ_ _x12_"),
        ("\u202a广东\u202c", "广东"),
        ("\ufeff广\u200b东\u00ad", "广东"),
        ("\u2066\u200e33\u200f\u2069", "33"),
        ("广东\x00\x1f", "广东"),
        ("  广东\u3000\u3000湖南\xa0", "广东 湖南"),
        ("a\t b \r\n c\rd", "a b\nc\nd"),
        ("a\u2028b", "a\nb"),
        ("\u3164\u2800", ""),
        ("Jose\u0301", "José"),
        ("\u1112\u1161\u11ab", "한"),
        ("神\ufa11", "神\ufa11"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("广\u200d东\u200c", "广东"),
        ("㛃𠮷·龑", "㛃𠮷·龑"),
        ("ᠮᠣᠩ\u180e", "ᠮᠣᠩ\u180e"),
        ("half\ud800", "half\ufffd"),
    ],
)
def test_text_is_cleaned(written: str, meant: str) -> None:
    assert clean(written) == meant


@given(st.text(max_size=40))
def test_cleaned_text_is_tidy(written: str) -> None:
    meant = clean(written)
    assert meant == meant.strip() and "  " not in meant and "\r" not in meant and "\t" not in meant
    assert not any(unicodedata.category(one) == "Cc" for one in meant.replace("\n", ""))
    assert "_x" in written or clean(meant) == meant  # a decoded escape may read as another one


def test_pasted_text_keeps_its_separators() -> None:
    assert visible("a\tb\r\nc\u200b\td") == "a\tb\nc\td"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("33.000000000000004", "33"),
        ("0.30000000000000004", "0.3"),
        ("5.0", "5"),
        ("1.38E+10", "13800000000"),
        ("3.0000000000000001E-2", "0.03"),
        ("-0", "0"),
        ("-7.50", "-7.5"),
        ("43529", "43529"),
        ("007", "7"),
        ("1e400", "1e400"),
        ("NaN", "NaN"),
        ("12 34", "12 34"),
        ("0.1", "0.1"),
        ("9007199254740993", "9007199254740993"),
        ("²", "²"),
        ("", ""),
    ],
)
def test_number_is_rounded_to_the_typed_one(written: str, meant: str) -> None:
    assert number(written) == meant


@given(st.integers(-(10**15), 10**15))
def test_whole_numbers_stay(value: int) -> None:
    assert number(str(value)) == number(repr(float(value))) == str(value)


@given(st.decimals(min_value=1, max_value=10**6, places=2))  # adding 1 to less makes a larger error than is removed
def test_rounding_errors_are_removed(value: object) -> None:
    plain = f"{value:f}".rstrip("0").rstrip(".") or "0"
    assert number(repr(float(plain) + 1 - 1)) == number(plain) == plain
