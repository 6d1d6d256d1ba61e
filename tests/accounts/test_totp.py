"""Codes by the time of day, against the vectors of the RFCs."""

import base64
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from hallapp.accounts import totp

KEY = b"12345678901234567890"
SECRET = base64.b32encode(KEY).decode()


@pytest.mark.parametrize(
    ("counter", "code"),
    list(
        enumerate(
            (
                *("755224", "287082", "359152", "969429", "338314"),
                *("254676", "287922", "162583", "399871", "520489"),
            )
        )
    ),
)
def test_hotp_gives_the_values_of_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert totp.hotp(KEY, counter) == code


@pytest.mark.parametrize(
    ("timestamp", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_totp_gives_the_values_of_rfc_6238_appendix_b(timestamp: int, code: str) -> None:
    assert totp.hotp(KEY, totp.step_at(timestamp), digits=8) == code
    assert totp.code_at(SECRET, timestamp) == code[-6:]


@pytest.mark.parametrize(
    ("shown_at", "taken"),
    [(1049, False), (1050, True), (1080, True), (1109, True), (1110, True), (1139, True), (1140, False)],
)
def test_a_code_is_taken_in_its_step_and_the_ones_beside_it(shown_at: int, taken: bool) -> None:
    now = 1085  # the steps around it begin at 1050, 1080 and 1110
    assert (totp.find_step(SECRET, totp.code_at(SECRET, shown_at), timestamp=now) is not None) is taken


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_the_step_of_a_code_is_found(seconds: int) -> None:
    assert totp.find_step(SECRET, totp.code_at(SECRET, 3000 + seconds), timestamp=3000) == 100 + seconds // 30


def test_used_and_earlier_steps_are_refused() -> None:
    code = totp.code_at(SECRET, 3000)
    assert totp.find_step(SECRET, code, timestamp=3000, after=99) == 100
    assert totp.find_step(SECRET, code, timestamp=3000, after=100) is None
    assert totp.find_step(SECRET, code, timestamp=3000, after=101) is None


@pytest.mark.parametrize("typed", ["", "0", "12345", "1234567", "９９９９９９", "\ud800", "\0", "²²²²²²", "9" * 5000])
def test_malformed_code_is_never_accepted(typed: str) -> None:
    assert totp.find_step(SECRET, typed, timestamp=3000) is None


def test_a_secret_is_20_random_bytes() -> None:
    first, second = totp.new_secret(), totp.new_secret()
    assert len(base64.b32decode(first)) == len(base64.b32decode(second)) == 20
    assert first != second
    assert "=" not in first


def test_the_address_names_account_and_hall_and_holds_the_secret() -> None:
    address = totp.address(SECRET, name="李 娜&x=1", issuer="visit.example.org")
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/visit.example.org:李 娜&x=1"
    assert parse_qs(parts.query) == {"secret": [SECRET], "issuer": ["visit.example.org"]}
