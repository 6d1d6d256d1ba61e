"""Dates, times and numbers as people say them."""

from datetime import UTC, date, datetime

import pytest

from hallapp.core import formats

STARTS = datetime(2026, 12, 5, 1, 30, tzinfo=UTC)
ENDS = datetime(2026, 12, 5, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "year", "expected"),
    [
        ("zh", False, "12月5日 周六"),
        ("zh", True, "2026年12月5日 周六"),
        ("en", False, "Sat 5 Dec"),
        ("en", True, "Sat 5 Dec 2026"),
    ],
)
def test_days_are_formatted(language: str, year: bool, expected: str) -> None:
    assert formats.day(date(2026, 12, 5), language, year=year) == expected


def test_every_weekday_and_month_has_its_own_name() -> None:
    for language in ("zh", "en"):
        assert (
            len(
                {
                    formats.day(date(2026, 6, day), language).split()[-1 if language == "zh" else 0]
                    for day in range(1, 8)
                }
            )
            == 7
        )
        assert len({formats.month(2026, month, language) for month in range(1, 13)}) == 12
    assert formats.day(date(2026, 6, 1), "zh").endswith("周一")
    assert formats.day(date(2026, 6, 7), "en").startswith("Sun")


@pytest.mark.parametrize(("language", "expected"), [("zh", "2026年11月"), ("en", "November 2026")])
def test_months_are_formatted(language: str, expected: str) -> None:
    assert formats.month(2026, 11, language) == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("zh", "12月5日 周六 09:30–11:00"), ("en", "Sat 5 Dec, 09:30–11:00")]
)
def test_visit_is_formatted_with_day_and_times(language: str, expected: str) -> None:
    assert formats.when(STARTS, ENDS, "Asia/Shanghai", language) == expected


def test_when_takes_the_day_of_the_halls_wall_clock() -> None:
    late = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)
    assert formats.when(late, ENDS, "Asia/Shanghai", "zh").startswith("12月1日 周二 00:30")


@pytest.mark.parametrize(
    ("value", "expected"), [(0, "0"), (999, "999"), (1000, "1,000"), (30123, "30,123"), (-2, "-2")]
)
def test_numbers_are_formatted(value: int, expected: str) -> None:
    assert formats.number(value) == expected


def test_reference_is_read_out_in_two_groups() -> None:
    assert formats.reference("K7M29QXT") == "K7M2-9QXT"
