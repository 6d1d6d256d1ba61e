"""Cells of a table that are withheld from publication, so that none of them can be worked out from the others.

The whole of a table is published beside its cells. What is withheld are all cells that are not zero, from the smallest
one up to the first that exceeds it by the least number of people. Which cells these are depends on numbers only, never
on their order or names: exchange any two withheld cells, and the same table is published. So whoever knows all that
is published, and this program too, must take each withheld cell to be possibly as large as any other of them, and the
smallest and the largest lie at least that number apart.
"""

from collections.abc import Sequence


def protect(cells: Sequence[int], *, least: int) -> list[int | None]:
    """The cells that may be published, None for each that is withheld; `least` is the smallest number shown.

    A table that can be protected in no other way is withheld as a whole, its zeros too.
    """
    if withholds_whole(sum(cells), least=least) or any(cell < 0 for cell in cells):
        return [None] * len(cells)
    sizes = sorted({cell for cell in cells if cell})
    if sizes[0] >= least:
        return list(cells)
    for size in sizes:
        if size >= sizes[0] + least:
            return [None if 0 < cell <= size else cell for cell in cells]
    return [None] * len(cells)


def withholds_whole(whole: int, *, least: int) -> bool:
    """Whether so few people came that not even their number is published."""
    return whole < 2 * least
