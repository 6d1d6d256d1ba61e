"""What is kept for a moment: made once, whatever the number of those who ask, and never for longer."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pytest

from hallapp.core.timed_cache import TimedCache

ASKING = 12


class Maker:
    """Makes a new number each time, slowly, and counts how many make one at the same moment."""

    def __init__(self, *, fails: int = 0) -> None:
        self.made, self.fails, self.lock = 0, fails, Lock()

    def __call__(self) -> int:
        with self.lock:
            self.made += 1
            made = self.made
        time.sleep(0.05)
        if made <= self.fails:
            raise RuntimeError("it failed")
        return made


def ask_at_once(cache: TimedCache[int], maker: Maker) -> list[int | str]:
    gate = Barrier(ASKING)

    def ask(_number: int) -> int | str:
        gate.wait()
        try:
            return cache.get("page", maker, seconds=60)
        except RuntimeError as error:
            return str(error)

    with ThreadPoolExecutor(ASKING) as pool:
        return list(pool.map(ask, range(ASKING)))


def test_simultaneous_requests_compute_a_value_once() -> None:
    maker = Maker()
    assert ask_at_once(TimedCache(most=9), maker) == [1] * ASKING
    assert maker.made == 1


def test_failure_is_not_kept_and_the_next_one_tries() -> None:
    maker = Maker(fails=2)
    answers = ask_at_once(TimedCache(most=9), maker)
    assert answers.count("it failed") == 2
    assert answers.count(3) == ASKING - 2


def test_value_is_made_anew_after_its_time() -> None:
    cache, maker = TimedCache[int](most=9), Maker()
    assert [cache.get("page", maker, seconds=0.2) for _ in range(3)] == [1, 1, 1]
    time.sleep(0.25)
    assert cache.get("page", maker, seconds=0.2) == 2
    assert [cache.get("other", maker, seconds=0) for _ in range(2)] == [3, 4]


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_values_are_kept_than_allowed_and_the_oldest_go_first(most: int) -> None:
    cache, maker = TimedCache[int](most=most), Maker()
    for number in range(most + 1):
        cache.get(number, maker, seconds=60)
    made = maker.made
    cache.get(most, maker, seconds=60)
    assert maker.made == made
    cache.get(0, maker, seconds=60)
    assert maker.made == made + 1
