"""Divisions here for the first time, and the milestones of divisions: the same in every report that holds the day."""

from collections.abc import Iterable
from datetime import date

import pytest

from hallapp.core.database import transaction
from hallapp.ledger import history
from hallapp.periods import SINCE_OPENING, Period, Span
from hallapp.reports.figures import landmarks
from hallapp.reports.figures.parts import MilestoneKind
from hallapp.reports.figures.service import get_report
from tests.reports.conftest import Counter

HUNAN, TIBET, HAINAN = "430000", "540000", "460000"
JANUARY, FEBRUARY = Period.month(2026, 1), Period.month(2026, 2)
Told = tuple[Span, date, str, int]


@pytest.fixture
def hall(counter: Counter) -> Counter:
    """A hall that opened on 1 January 2026, looked at on 1 December."""
    with transaction():
        counter.hall.opened_on = date(2026, 1, 1)
    return counter


def tell(counter: Counter, *rows: Told) -> None:
    """Import days and months of divisions."""
    with transaction():
        made = history.begin(counter.hall.id, name="簿", digest=f"{hash(rows) & 0xFFFF:064}", staff_id=None)
        common = {"programme_id": counter.tour.id, "kind": "school", "groups": 1}
        history.add_rows(
            made,
            [
                history.NewRow(**common, number=number, span=span, first=first, division=division, visitors=people)
                for number, (span, first, division, people) in enumerate(rows, start=1)
            ],
        )
        history.count(made)


def firsts(counter: Counter, period: Period) -> dict[str, date | None]:
    return {one.code: one.day for one in get_report(counter.hall, period).firsts}


def month(number: int, division: str, people: int = 10) -> Told:
    return Span.MONTH, date(2026, number, 1), division, people


def day(number: int, of: int, division: str, people: int = 3) -> Told:
    return Span.DAY, date(2026, number, of), division, people


HOLD_JANUARY = [JANUARY, Period.quarter(2026, 1), Period.year(2026), SINCE_OPENING]
LATER = [FEBRUARY, Period.days(date(2026, 2, 5), date(2026, 2, 5)), Period.quarter(2026, 2)]


@pytest.mark.either_database
def test_month_s_total_comes_before_a_day_of_the_next_month(hall: Counter) -> None:
    tell(hall, month(1, HUNAN), day(2, 3, TIBET), day(2, 5, HUNAN))
    for period in HOLD_JANUARY:
        assert firsts(hall, period)[HUNAN] is None, period
    assert firsts(hall, JANUARY) == {HUNAN: None}
    assert firsts(hall, FEBRUARY) == {TIBET: date(2026, 2, 3)}
    assert firsts(hall, Period.days(date(2026, 2, 4), date(2026, 2, 28))) == {}


def test_divisions_of_other_months_do_not_lend_each_other_a_day(hall: Counter) -> None:
    tell(hall, month(1, HUNAN), day(2, 3, TIBET), day(3, 2, HAINAN), day(2, 5, HUNAN), day(3, 1, TIBET))
    year = firsts(hall, Period.year(2026))
    assert year == {HUNAN: None, TIBET: date(2026, 2, 3), HAINAN: date(2026, 3, 2)}
    for period in LATER:
        assert HUNAN not in firsts(hall, period), period


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        ([month(1, HUNAN), day(1, 20, HUNAN)], None),  # some of the month may have come before the 20th
        ([month(1, HUNAN), day(1, 1, HUNAN)], date(2026, 1, 1)),  # nobody can have come before the 1st
        ([day(1, 20, HUNAN), day(1, 9, HUNAN)], date(2026, 1, 9)),
        ([day(1, 20, HUNAN), month(2, HUNAN)], date(2026, 1, 20)),
        ([month(1, TIBET), day(1, 20, HUNAN)], date(2026, 1, 20)),  # of another division
    ],
)
def test_day_is_named_only_where_it_is_certain(hall: Counter, rows: Iterable[Told], known: date | None) -> None:
    tell(hall, *rows)
    for period in HOLD_JANUARY:
        assert firsts(hall, period)[HUNAN] == known, period
    ten_days = Period.days(date(2026, 1, 1), date(2026, 1, 10))
    assert (HUNAN in firsts(hall, ten_days)) == (known is not None and known <= date(2026, 1, 10))
    assert HUNAN not in firsts(hall, FEBRUARY)


@pytest.mark.either_database
def test_milestones_of_divisions_follow(hall: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landmarks, "division_steps", lambda _whole: (1, 2, 3))
    tell(hall, month(1, HUNAN), day(2, 3, TIBET), day(2, 5, HUNAN), day(4, 9, HAINAN))

    def reached(period: Period) -> list[tuple[int, date, date | None]]:
        found = get_report(hall.hall, period).milestones
        return [(one.number, one.month, one.day) for one in found if one.kind is MilestoneKind.DIVISIONS]

    first = (1, date(2026, 1, 1), None)
    second = (2, date(2026, 2, 1), date(2026, 2, 3))
    third = (3, date(2026, 4, 1), date(2026, 4, 9))
    assert reached(JANUARY) == [first]
    assert reached(FEBRUARY) == reached(Period.days(date(2026, 2, 3), date(2026, 2, 3))) == [second]
    assert reached(Period.days(date(2026, 2, 4), date(2026, 3, 31))) == []
    assert reached(Period.quarter(2026, 1)) == [first, second]
    assert reached(Period.year(2026)) == reached(SINCE_OPENING) == [first, second, third]
    assert reached(Period.days(date(2026, 1, 1), date(2026, 1, 30))) == [], "not the whole month of which it is known"


@pytest.mark.either_database
def test_desk_entries_and_imports_count_together(hall: Counter) -> None:
    hall.walk_in("2026-02-05T10:00", {HUNAN: 2, TIBET: 2})
    assert firsts(hall, FEBRUARY) == {HUNAN: date(2026, 2, 5), TIBET: date(2026, 2, 5)}
    tell(hall, month(1, HUNAN))
    assert firsts(hall, FEBRUARY) == {TIBET: date(2026, 2, 5)}
    assert firsts(hall, Period.year(2026)) == {HUNAN: None, TIBET: date(2026, 2, 5)}


@pytest.mark.either_database
def test_people_taken_back_are_not_a_first_visit(hall: Counter) -> None:
    event = hall.walk_in("2026-01-05T10:00", {HUNAN: 2})
    hall.walk_in("2026-02-05T10:00", {HUNAN: 2})
    hall.take_back("2026-02-06T10:00", event)
    assert firsts(hall, Period.year(2026)) == {HUNAN: date(2026, 2, 5)}
