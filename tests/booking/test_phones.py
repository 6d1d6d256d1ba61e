"""Numbers of every shore are read; slips are found."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallapp.booking import phones

FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)} | {" ": "\u3000"})


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("19900001001", "+8619900001001"),
        ("199 0000 1001", "+8619900001001"),
        ("8619900001001", "+8619900001001"),
        ("008619900001001", "+8619900001001"),
        ("+86 199-0000-1001", "+8619900001001"),
        ("020 8345 0000", "+862083450000"),
        ("(020)83450000", "+862083450000"),
        ("400 820 8820", "+864008208820"),
        ("+886 2 2345 0001", "+886223450001"),
        ("+852 2345 0002", "+85223450002"),
        ("00852 2345 0002", "+85223450002"),
        ("+853 2834 0003", "+85328340003"),
        ("+44 20 7946 0144", "+442079460144"),
        ("+1 212 555 0100", "+12125550100"),
    ],
)
def test_number_is_read(typed: str, stored: str) -> None:
    assert phones.parse(typed) == stored
    assert phones.parse(typed.translate(FULL_WIDTH)) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1990000100",  # a digit short
        "199000010011",  # a digit too many
        "83450000",  # no area code
        "2345 0002",  # Hong Kong without +852
        "110",
        "12345",
        "+99 123456789",
        "020 8345 0000 ext 12",
        "020-83450000转8012",
        "微信 abc",
        "+",
        "１" * 200,
    ],
)
def test_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        phones.parse(typed)


def test_numbers_are_shown_as_people_write_them() -> None:
    assert phones.display("+8619900001001") == "199 0000 1001"
    assert phones.display("+8618602057319") == "186 0205 7319"
    assert phones.display("+862083450000") == "020 8345 0000"
    assert phones.display("+85223450002") == "+852 2345 0002"


@given(
    st.integers(min_value=0, max_value=99_999_999), st.lists(st.sampled_from([" ", "-", ""]), min_size=11, max_size=11)
)
def test_a_mainland_mobile_is_read_however_it_is_spaced(number: int, gaps: list[str]) -> None:
    digits = f"138{number:08}"
    typed = "".join(digit + gap for digit, gap in zip(digits, gaps, strict=True))
    assert phones.parse(typed) == f"+86{digits}"


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_value_error(typed: str) -> None:
    try:
        stored = phones.parse(typed)
    except ValueError:
        return
    assert stored[0] == "+" and stored[1:].isascii() and stored[1:].isdecimal() and len(stored) <= 18
    assert any(unicodedata.decimal(character, None) is not None for character in unicodedata.normalize("NFKC", typed))
    assert phones.parse(stored) == stored
