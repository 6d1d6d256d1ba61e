"""Nobody can work out what is withheld: by arithmetic, or by knowing how this program chooses what to withhold."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallapp.reports.exports.suppression import protect, withholds_whole

CELLS = st.lists(st.one_of(st.just(0), st.integers(1, 8), st.integers(0, 60), st.integers(0, 10**7)), max_size=40)
LEAST = st.integers(3, 50)


def published(cells: Sequence[int], least: int) -> tuple[int | None, tuple[int | None, ...]]:
    """All that a file says of a table: its whole and its cells."""
    whole = sum(cells)
    return None if withholds_whole(whole, least=least) else whole, tuple(protect(cells, least=least))


@pytest.mark.parametrize(("cells", "top", "least"), [(1, 30, 3), (2, 24, 5), (3, 13, 3), (4, 8, 3)])
def test_whoever_tries_every_table_is_no_wiser(cells: int, top: int, least: int) -> None:
    """The strongest adversary: it publishes every table there can be, and keeps those that look like the file."""
    alike: dict[object, list[tuple[int, ...]]] = defaultdict(list)
    for table in product(range(top + 1), repeat=cells):
        alike[published(table, least)].append(table)
    for (_whole, shown), tables in alike.items():
        for place in (place for place, cell in enumerate(shown) if cell is None):
            possible = {table[place] for table in tables}
            assert max(possible) - min(possible) >= least, (shown, tables[:4])


@given(cells=CELLS, least=LEAST)
def test_small_numbers_are_withheld_and_what_is_shown_is_true(cells: list[int], least: int) -> None:
    whole, shown = published(cells, least)
    assert whole in (None, sum(cells))
    for cell, number in zip(cells, shown, strict=True):
        assert number in (None, cell)
        assert not (0 < cell < least) or number is None
    if sum(cells) >= 2 * least and not any(0 < cell < least for cell in cells):
        assert list(shown) == cells, "nothing is withheld without need"


@given(cells=CELLS, least=LEAST)
def test_arithmetic_leaves_a_range(cells: list[int], least: int) -> None:
    """From the total and all that is shown, each withheld cell may be anything within at least the limit."""
    whole, shown = published(cells, least)
    hidden = [place for place, cell in enumerate(shown) if cell is None]
    if whole is None or not hidden:
        return
    rest = whole - sum(cell for cell in shown if cell is not None)
    floor = 0 if len(hidden) == len(cells) else 1  # where zeros are shown, what is withheld is none
    assert len(hidden) > 1
    assert (rest - floor * (len(hidden) - 1)) - floor >= least


@given(cells=CELLS, least=LEAST, chance=st.randoms(use_true_random=False))
def test_withheld_cells_can_be_exchanged(cells: list[int], least: int, chance: object) -> None:
    """The same file comes from every order of what it withholds: so each of these cells may be the largest of them."""
    whole, shown = published(cells, least)
    hidden = [place for place, cell in enumerate(shown) if cell is None]
    moved = [cells[place] for place in hidden]
    chance.shuffle(moved)  # type: ignore[attr-defined]
    other = list(cells)
    for place, cell in zip(hidden, moved, strict=True):
        other[place] = cell
    assert published(other, least) == (whole, shown)
    if whole is not None and hidden and len(hidden) < len(cells):
        assert max(moved) - min(moved) >= least


def test_what_cannot_be_right_is_withheld_whole() -> None:
    assert protect([40, -3, 12], least=5) == [None, None, None]
    assert protect([], least=5) == []


@pytest.mark.parametrize("whole", [0, 1, 9])
def test_of_very_few_not_even_the_number_is_told(whole: int) -> None:
    assert published([whole, 0, 0], 5) == (None, (None, None, None))
