"""The rule for no-shows in tiers: the consequence of each history, and tables that contradict themselves."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallapp.core.errors import DomainError
from hallapp.schedule import checks, no_show_errors
from hallapp.schedule.errors import NumberOutOfRange
from hallapp.schedule.no_shows import Consequence, Settled, Tier, Tiers, TiersType, Unit, find_tier
from tests.no_shows import pause_after

REMIND, REVIEW, PAUSE = Consequence
DAYS, MONTHS = Unit
TODAY = date(2027, 3, 31)
#: After one no-show in 90 days a reminder, after two in 180 days a review, after three a pause, after five a long one.
LADDER: Tiers = (
    Tier(1, 90, DAYS, REMIND),
    Tier(2, 180, DAYS, REVIEW, 60),
    Tier(3, 6, MONTHS, PAUSE, 30),
    Tier(5, 12, MONTHS, PAUSE, 180),
)


def ago(*days: int) -> list[date]:
    return [TODAY - timedelta(days=each) for each in days]


def settled(days: int, absences: int, *, void: bool = False, forgiven: bool = False) -> Settled:
    return Settled(since=TODAY - timedelta(days=days), absences=absences, void=void, forgiven=forgiven)


@pytest.mark.parametrize(
    ("tiers", "absences", "before", "count"),
    [
        ((), ago(0, 1, 2, 3), [], None),
        (LADDER, [], [], None),
        (LADDER, ago(0), [], 1),
        (LADDER, ago(90), [], 1),
        (LADDER, ago(91), [], None),  # the period is over
        (LADDER, ago(0, 100), [], 2),
        (LADDER, ago(0, 181), [], 1),
        (LADDER, ago(0, 10, 20), [settled(10, 2)], 3),  # what led to a review counts for the pause
        (LADDER, ago(0, 10), [settled(10, 2)], 1),  # but not for another review
        (LADDER, ago(0, 10, 20), [settled(10, 2, forgiven=True)], 1),
        (LADDER, ago(0, 10), [settled(5, 3, void=True)], 2),  # its no-show was an error: it settled nothing
        (LADDER, ago(0, 10, 20, 30), [settled(10, 3), settled(20, 2)], 1),  # a pause settles the milder tiers
        (LADDER, ago(0, 10, 20, 30, 200), [settled(10, 3), settled(20, 2)], 5),
        (LADDER, ago(0, 10, 20, 30, 200), [settled(10, 3, forgiven=True)], 1),
        (LADDER, ago(0, 10, 20, 30, 366), [settled(10, 3)], 1),
        (pause_after(3), ago(0, 30, 60), [], 3),
        (pause_after(3), [TODAY, date(2026, 9, 30), date(2026, 10, 1)], [], 3),  # six months end with a short one
        (pause_after(3), [TODAY, date(2026, 9, 29), date(2026, 10, 1)], [], None),
        (pause_after(3), ago(0, 30, 60), [settled(30, 3)], None),
        (pause_after(2), ago(0, 1, 2, 3, 4), [settled(2, 2)], 2),
    ],
)
def test_each_history_has_its_consequence(
    tiers: Tiers, absences: list[date], before: list[Settled], count: int | None
) -> None:
    reached = find_tier(tiers, absences, before, today=TODAY)
    assert (reached[0].count if reached else None) == count


_LADDERS = st.lists(st.integers(1, 8), min_size=1, max_size=4, unique=True).map(
    lambda counts: tuple(Tier(count, 100, DAYS, PAUSE, 10 + count) for count in sorted(counts))
)


@given(_LADDERS, st.lists(st.integers(0, 150), max_size=12))
def test_a_group_that_misses_more_is_never_treated_more_mildly(tiers: Tiers, days: list[int]) -> None:
    checks.check_tiers(tiers, retention_months=6)
    fewer, more = (find_tier(tiers, ago(*some), [], today=TODAY) for some in (days[1:], days))
    assert (fewer[0].count if fewer else 0) <= (more[0].count if more else 0)
    recent = sum(day <= 100 for day in days)
    assert (more[0].count if more else 0) == max((one.count for one in tiers if one.count <= recent), default=0)
    if more:  # what has led to a tier leads to no tier again
        done = Settled(since=TODAY, absences=more[1])
        assert find_tier(tiers, ago(*days), [done], today=TODAY) is None


@pytest.mark.parametrize(
    ("tiers", "refusal", "field"),
    [
        ((LADDER[1], Tier(2, 180, DAYS, PAUSE, 90)), no_show_errors.TierCountNotHigher, "1-count"),
        ((LADDER[2], LADDER[1]), no_show_errors.TierCountNotHigher, "1-count"),
        ((LADDER[1], Tier(3, 179, DAYS, PAUSE, 90)), no_show_errors.TierPeriodShorter, "1-within"),
        ((LADDER[1], Tier(3, 5, MONTHS, PAUSE, 90)), no_show_errors.TierPeriodShorter, "1-within"),
        ((LADDER[2], Tier(4, 6, MONTHS, REVIEW, 90)), no_show_errors.TierNotStricter, "1-consequence"),
        ((LADDER[2], Tier(4, 6, MONTHS, PAUSE, 30)), no_show_errors.TierNotLonger, "1-days"),
        ((LADDER[0], Tier(2, 90, DAYS, REMIND)), no_show_errors.TierNotLonger, "1-days"),
        ((Tier(1, 90, DAYS, REMIND, 5),), no_show_errors.TierLengthUnused, "0-days"),
        ((LADDER[0], Tier(2, 90, DAYS, REVIEW)), no_show_errors.TierLengthMissing, "1-days"),
        ((Tier(3, 13, MONTHS, PAUSE, 30),), no_show_errors.NoShowPeriodTooLong, "0-within"),
        ((Tier(3, 366, DAYS, PAUSE, 30),), no_show_errors.NoShowPeriodTooLong, "0-within"),
        ((Tier(0, 6, MONTHS, PAUSE, 30),), NumberOutOfRange, "0-count"),
        ((Tier(101, 6, MONTHS, PAUSE, 30),), NumberOutOfRange, "0-count"),
        ((Tier(3, 0, DAYS, PAUSE, 30),), NumberOutOfRange, "0-within"),
        ((Tier(3, 6, MONTHS, PAUSE, 3651),), NumberOutOfRange, "0-days"),
        ((*LADDER, Tier(9, 12, MONTHS, PAUSE, 365)), no_show_errors.TooManyTiers, None),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    tiers: Tiers, refusal: type[DomainError], field: str | None
) -> None:
    with pytest.raises(refusal) as refused:
        checks.check_tiers(tiers, retention_months=12)
    assert refused.value.field == (f"no_show_tiers-{field}" if field else "no_show_tiers")


@pytest.mark.parametrize("tiers", [(), LADDER, pause_after(1), (Tier(3, 365, DAYS, PAUSE, 1),)])
def test_a_good_table_is_taken_and_stored(tiers: Tiers) -> None:
    checks.check_tiers(tiers, retention_months=12)
    column = TiersType()
    assert column.process_result_value(column.process_bind_param(tiers, None), None) == tiers
