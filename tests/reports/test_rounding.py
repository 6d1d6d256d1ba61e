"""Controlled random rounding: what is published adds up and is near the truth, and nobody can narrow a count down."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import product
from random import Random
from statistics import mean

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallapp.reports.rounding import BASE, CHANCE, Cells, difference, publish
from tests.reports.attacker import Attacker, width

PEOPLE = st.fixed_dictionaries(dict.fromkeys("abcdef", st.one_of(st.integers(0, 9), st.integers(0, 60))))
SEEDS = st.integers(0, 2**32)
patient = settings(suppress_health_check=[HealthCheck.too_slow])


def split(cells: Cells, chance: Random) -> dict[str, Cells]:
    """The same people in three tables: as they are, by days, and by one programme alone."""
    days = dict.fromkeys("0123456", 0)
    for people in cells.values():
        for _ in range(people):
            days[str(chance.randrange(7))] += 1
    return {"divisions": cells, "times": days, "programmes": {"tour": sum(cells.values())}}


def first(tables: Mapping[str, Cells], seed: int) -> dict[str, Cells]:
    return publish(tables, {}, chance=Random(seed))


@patient
@given(cells=PEOPLE, seed=SEEDS)
def test_each_number_is_a_neighbouring_multiple_and_all_tables_add_up(cells: dict[str, int], seed: int) -> None:
    tables = split(cells, Random(seed))
    shown = first(tables, seed)
    assert len({sum(table.values()) for table in shown.values()}) == 1
    for name, table in tables.items():
        for code, people in table.items():
            assert shown[name][code] in {people // BASE * BASE, -(-people // BASE) * BASE}


def test_on_average_a_count_keeps_its_size() -> None:
    cells = {"a": 1, "b": 3, "c": 0, "d": 12, "e": 250, "f": 4}
    drawn = [first({"divisions": cells}, seed)["divisions"] for seed in range(4_000)]
    for code, people in cells.items():
        assert mean(one[code] for one in drawn) == pytest.approx(people, abs=0.2)


def test_the_draw_is_the_operating_systems() -> None:
    """A seed that could be guessed would give every count away."""
    with pytest.raises(NotImplementedError):
        CHANCE.getstate()
    assert len({tuple(publish({"x": {"a": 2}}, {}, chance=CHANCE)["x"].values()) for _ in range(200)}) == 2


def test_enumerating_all_tables_reveals_no_count() -> None:
    """The strongest adversary: of every pair of tables, and every draw, it keeps those that look like the published."""
    possible: dict[object, set[tuple[int, ...]]] = defaultdict(set)
    for people in product(range(8), repeat=3):
        for split_at in range(sum(people) + 1):
            tables = {
                "divisions": dict(zip("abc", people, strict=True)),
                "times": {"1": split_at, "2": sum(people) - split_at},
            }
            for seed in range(12):
                shown = first(tables, seed)
                possible[_frozen(shown)].add((*people, split_at, sum(people) - split_at))
    for shown, truths in possible.items():
        numbers = [number for _table, cells in shown for _code, number in cells]  # type: ignore[attr-defined]
        for place, number in enumerate(numbers):
            if number == 0 and max(numbers) < BASE * 2:
                seen = {truth[place] for truth in truths}
                assert seen == set(range(BASE)), (shown, place)


def _frozen(shown: Mapping[str, Cells]) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    return tuple((name, tuple(sorted(cells.items()))) for name, cells in shown.items())


@patient
@given(versions=st.lists(PEOPLE, min_size=1, max_size=6), seed=SEEDS)
def test_bounds_never_get_narrow_whatever_is_published_again(versions: list[dict[str, int]], seed: int) -> None:
    """The attacker sees every version, and subtracts each from the next to know how the true counts moved."""
    chance, attacker = Random(seed), Attacker()
    shown, true = dict[str, Cells](), dict[str, Cells]()
    for number, cells in enumerate(versions):
        tables = split(cells, chance)
        changes = {name: difference(tables[name], true.get(name, {})) for name in tables}
        new = publish(changes, shown, chance=chance)
        assert len({sum(table.values()) for table in new.values()}) == 1
        attacker.see_version(number, new, shown)
        shown, true = new, tables
    for unknown, bounds in attacker.conclude().items():
        assert width(bounds) >= BASE, (unknown, bounds)


@patient
@given(cells=PEOPLE, seed=SEEDS)
def test_people_who_did_not_change_are_not_rounded_again(cells: dict[str, int], seed: int) -> None:
    """Else whoever reopens and closes a month many times could average the draws."""
    tables = split(cells, Random(seed))
    shown = first(tables, seed)
    nothing = {name: difference(table, table) for name, table in tables.items()}
    for again in range(20):
        assert publish(nothing, shown, chance=Random(seed + again)) == shown


@patient
@given(cells=PEOPLE, more=PEOPLE, seed=SEEDS)
def test_a_correction_rounds_only_the_difference(cells: dict[str, int], more: dict[str, int], seed: int) -> None:
    """Whoever knows the correction exactly learns nothing of the counts before it."""
    shown = first({"divisions": cells}, seed)["divisions"]
    after = publish({"divisions": more}, {"divisions": shown}, chance=Random(seed))["divisions"]
    alone = publish({"divisions": more}, {}, chance=Random(seed))["divisions"]
    assert difference(after, shown) == {**dict.fromkeys(shown, 0), **alone}


def test_published_numbers_are_never_negative_and_still_add_up() -> None:
    for seed in range(300):
        shown = publish(
            {"divisions": {"a": -4, "b": -9, "c": 0}, "times": {"1": -13}},
            {"divisions": {"a": 0, "b": 5, "c": 10}, "times": {"1": 15}},
            chance=Random(seed),
        )
        assert min(shown["divisions"].values()) >= 0
        assert sum(shown["divisions"].values()) == sum(shown["times"].values()) <= 5
