"""The steps of a scale, and the round numbers of an axis."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from math import log10

from hallapp.reports.pictures.shapes import STEPS

_MOST_TICKS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """The steps: step n is for numbers from `starts[n - 1]` on. Small numbers need fewer steps."""

    starts: tuple[int, ...]

    @classmethod
    def of_places(cls, numbers: Iterable[int]) -> "Scale":
        """Steps in even ratios: the divisions of a report differ by orders of magnitude."""
        found = [number for number in numbers if number > 0] or [1]
        least, ratio = min(found), max(found) / min(found)
        return cls(tuple(sorted({1, *(_round_start(least * ratio ** (step / STEPS)) for step in range(1, STEPS))})))

    @classmethod
    def of_times(cls, numbers: Iterable[int]) -> "Scale":
        """Steps of even height: days, months and years are of one size."""
        greatest = max(numbers, default=0)
        height = _round_start(greatest / STEPS)
        return cls((1, *(start for start in range(height, height * STEPS, height) if 1 < start <= greatest)))

    def level(self, number: int) -> int:
        """Return the step of a number: 0 for zero, up to 5 for the top step."""
        return bisect_right(self.starts, number) if number > 0 else 0


def bar(number: int, greatest: int) -> float:
    """Return the length of a bar as a part of 1; a number above zero is always visible."""
    return max(0.01, number / greatest) if number > 0 else 0.0


def ticks(greatest: int) -> tuple[int, ...]:
    """Round numbers from 0 to `greatest` or a little beyond it, at even steps: 0, 500, 1,000, 1,500."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            step = power * digit
            count = -(-greatest // step)
            if count <= _MOST_TICKS:
                return tuple(step * number for number in range(max(count, 1) + 1))
        power *= 10


def _round_start(value: float) -> int:
    """Return the nearest of 1, 2, 3, 5, 10, 20, 30, 50 and so on, in ratio."""
    power = 10 ** int(log10(value)) if value >= 1 else 1
    return min(
        (power * digit for digit in (1, 2, 3, 5, 10)), key=lambda round_one: abs(log10(round_one / max(value, 1)))
    )
