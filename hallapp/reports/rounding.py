"""Controlled random rounding: tables of counts that can be published without giving a single person away.

The method is that of Fellegi, "Controlled random rounding" (Survey Methodology 1, 1975), for tables of one dimension
that share one total. Each count becomes one of the two neighbouring multiples of the base; a multiple of the base stays
as it is. On average a count keeps its size, and each table still adds up to the same rounded total.

Three things make the whole set of publications as safe as one table:

* People are rounded once. A correction of a published table rounds the difference and adds it; it never rounds the same
  people again, which would narrow down how many they are.
* Each figure of a longer time is a sum of published numbers, so a subtraction gives published numbers back.
* For any published number n, each count that is not negative and less than the base away from n is possible: set that
  cell to the count, every other cell to its published number, and one cell of each other table so that the true totals
  agree. All of these moves are smaller than the base, so this program could have published exactly the same numbers.
"""

import secrets
from collections.abc import Mapping
from random import Random
from typing import TypeVar

#: Every published number is a multiple of it.
BASE = 5

Cells = Mapping[str, int]
Name = TypeVar("Name", bound=str)


#: The operating system's random source, which cannot be predicted or repeated.
CHANCE: Random = secrets.SystemRandom()


def publish(changes: Mapping[Name, Cells], published: Mapping[Name, Cells], *, chance: Random) -> dict[Name, Cells]:
    """Return the tables to publish after some true counts have changed, by name and code.

    `changes` are the changes of the true counts since the last publication: all counts the first time. `published`
    holds the numbers published so far.
    """
    offset = chance.randrange(BASE)
    return {
        table: _without_negatives(_sum(published.get(table, {}), _round(cells, offset, chance)))
        for table, cells in changes.items()
    }


def difference(after: Cells, before: Cells) -> dict[str, int]:
    """Return the differences from `before` to `after`, by cell."""
    return {code: after.get(code, 0) - before.get(code, 0) for code in {**before, **after}}


def _round(cells: Cells, offset: int, chance: Random) -> dict[str, int]:
    """Round the running total; each cell gets the difference that it makes.

    Tables with one total and one offset add up to one rounded total. The order of the cells is random, so that no sum
    of neighbouring cells is known better than a cell.
    """
    order = list(cells)
    chance.shuffle(order)
    rounded, total = {}, offset
    for code in order:
        before, total = total, total + cells[code]
        rounded[code] = BASE * (total // BASE - before // BASE)
    return rounded


def _sum(one: Cells, other: Cells) -> dict[str, int]:
    return {code: one.get(code, 0) + other.get(code, 0) for code in {**one, **other}}


def _without_negatives(cells: Cells) -> dict[str, int]:
    """Raise negative numbers to 0 and take the same from the largest ones, so that the total stays, 0 at least."""
    raised = {code: max(0, number) for code, number in cells.items()}
    surplus = sum(raised.values()) - max(0, sum(cells.values()))
    for code in sorted(raised, key=lambda code: (-raised[code], code)):
        taken = min(surplus, raised[code])
        raised[code] -= taken
        surplus -= taken
    return raised
