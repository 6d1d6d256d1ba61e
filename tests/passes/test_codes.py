"""The code in the QR: what we signed is read in any shape, and nothing else is."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hallapp.passes import codes, qr
from hallapp.passes.errors import CodeInvalid, PassUnknown

KEYS = ("the-newest-secret-key", "an-older-secret-key")
TOKEN = "ABCDEFGHIJKLMNOP"
CODE = codes.sign(TOKEN, KEYS)
TEXT = codes.qr_text(CODE, "https://visit.example.org")
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def test_sign_is_stable_for_a_key() -> None:
    """Printed passes outlive releases: this may never change without a new purpose beside the old one."""
    assert CODE == "ABCDEFGHIJKLMNOPYGRXXHV6I7ZUW2UN"


def test_qr_text_is_in_capitals() -> None:
    assert codes.qr_text(CODE, "https://visit.example.org") == f"HTTPS://VISIT.EXAMPLE.ORG/T/{CODE}"
    assert codes.qr_text(CODE, "http://127.0.0.1:8000") == f"HTTP://127.0.0.1:8000/T/{CODE}"


@pytest.mark.parametrize(
    "scanned",
    [
        TEXT,
        TEXT.lower(),
        f"  {TEXT}/ \r\n",
        TEXT.replace("HTTPS", "http"),
        CODE,
        CODE.lower(),
        f"{CODE[:16]} {CODE[16:]}",
        full_width(TEXT),
        TEXT.replace("/", "、").replace(".", "。").replace(":", "："),
    ],
)
def test_token_of_reads_what_scanners_and_people_give(scanned: str) -> None:
    assert codes.token_of(scanned, KEYS) == TOKEN


@pytest.mark.parametrize(
    "scanned",
    [
        "",
        "K7M29QXT",
        "https://visit.example.org/",
        "https://visit.example.org/t/",
        f"https://visit.example.org/x/{CODE}",
        f"https://visit.example.org/a/t/{CODE}",
        f"https://visit.example.org/t/{CODE}?from=elsewhere",
        f"ftp://visit.example.org/t/{CODE}",
        f"{CODE}A",
        CODE[:-1],
        "https://u.wechat.com/EAbcdEfGhIjKlMnOpQrStUvWxYz",
        "WIFI:S:hall;T:WPA;P:secret;;",
        "4006381333931",
        CODE.replace("I", "ı"),
        "\ud800" * 32,
    ],
)
def test_token_of_refuses_what_other_systems_print(scanned: str) -> None:
    with pytest.raises(CodeInvalid) as refused:
        codes.token_of(scanned, KEYS)
    assert isinstance(refused.value, PassUnknown)
    assert refused.value.code == "unknown"


@given(st.integers(0, 31), st.sampled_from(BASE32 + "0189-é "))
def test_token_of_refuses_every_change_of_one_character(position: int, other: str) -> None:
    assume(other != CODE[position])
    with pytest.raises(CodeInvalid):
        codes.token_of(CODE[:position] + other + CODE[position + 1 :], KEYS)


@given(st.text())
def test_token_of_refuses_anything_unsigned(scanned: str) -> None:
    with pytest.raises(CodeInvalid):
        codes.token_of(scanned, KEYS)


def test_codes_of_an_older_key_still_verify() -> None:
    older = codes.sign(TOKEN, KEYS[1:])
    assert older != CODE
    assert codes.token_of(older, KEYS) == TOKEN


def test_codes_of_a_key_taken_away_or_of_a_stranger_are_refused() -> None:
    for code in (CODE, codes.sign(TOKEN, ["a-stranger-secret-key"])):
        with pytest.raises(CodeInvalid):
            codes.token_of(code, KEYS[1:])


def test_tokens_are_80_bits_and_never_the_same() -> None:
    tokens = {codes.make_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) == 16 and set(token) <= set(BASE32) for token in tokens)


@pytest.mark.parametrize(
    ("base_url", "version"),
    [
        ("http://127.0.0.1:8000", 4),
        ("https://visit.example.org", 4),
        ("https://" + "a" * 24, 4),
        ("https://" + "a" * 25, 5),
        ("https://" + "a" * 44, 5),
        ("https://" + "a" * 45, 6),
    ],
)
def test_symbol_is_no_larger_than_its_text_needs(base_url: str, version: int) -> None:
    """Versions 4-Q and 5-Q hold 67 and 87 alphanumeric characters (ISO/IEC 18004): no other mode fits."""
    symbol = qr.draw(codes.qr_text(CODE, base_url))
    assert (symbol.version, symbol.size) == (version, 17 + 4 * version + 8)
