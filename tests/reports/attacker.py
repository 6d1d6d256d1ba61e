"""Somebody who collects everything that is published, and works out what each true count must be.

The attacker knows the method, every published number of every time, and that true counts are whole and not negative.
`ranges` propagates these bounds through all tables until nothing gets any narrower; `sums` are further equations that
the attacker believes, such as "these days add up to that month".
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from hallapp.reports.rounding import BASE, Cells

Unknown = Hashable
MANY = 10**9
Bounds = tuple[int, int]


@dataclass(slots=True)
class Attacker:
    """Bounds of unknown true counts, and equations between them: the first and the second group have the same sum."""

    bounds: dict[Unknown, Bounds] = field(default_factory=dict)
    equations: list[tuple[tuple[Unknown, ...], tuple[Unknown, ...]]] = field(default_factory=list)

    def see(self, unknown: Unknown, published: int) -> None:
        """Note a number that was rounded from a true count."""
        self.narrow(unknown, max(0, published - BASE + 1), published + BASE - 1)

    def narrow(self, unknown: Unknown, least: int, most: int) -> None:
        """Note that a count lies between two numbers."""
        low, high = self.bounds.get(unknown, (-MANY, MANY))
        low, high = max(low, least), min(high, most)
        assert low <= high, (unknown, "what the attacker knows is contradictory")
        self.bounds[unknown] = (low, high)

    def see_version(
        self, number: int, tables: Mapping[str, Cells], before: Mapping[str, Cells], *, label: str = ""
    ) -> None:
        """Note all tables of a publication, and how they differ from the publication before it.

        A number that stayed 0 or went down, in a table that has a 0, may have been kept from becoming negative: it
        then says nothing of the change.
        """
        for name, table in tables.items():
            for code, people in table.items():
                unknown = (label, number, name, code)
                if not before:
                    self.see(unknown, people)
                else:
                    self._see_change(unknown, people - before[name][code], may_be_lifted=min(table.values()) == 0)
        one, *others = ([(label, number, name, code) for code in tables[name]] for name in tables)
        for other in others:
            self.equate(one, other)

    def _see_change(self, unknown: tuple[str, int, str, str], moved: int, *, may_be_lifted: bool) -> None:
        label, number, name, code = unknown
        change = ("change", *unknown)
        blind = may_be_lifted and moved <= 0
        self.narrow(change, -MANY if blind else moved - BASE + 1, MANY if blind else moved + BASE - 1)
        self.narrow(unknown, 0, MANY)
        self.equate([unknown], [(label, number - 1, name, code), change])

    def equate(self, one: Iterable[Unknown], other: Iterable[Unknown]) -> None:
        """Note that two groups of counts have the same sum."""
        self.equations.append((tuple(one), tuple(other)))

    def conclude(self) -> Mapping[Unknown, Bounds]:
        """Return what each count must lie between, once nothing gets any narrower."""
        moved = True
        while moved:
            before = dict(self.bounds)
            for one, other in self.equations:
                self._narrow_by(one, other)
                self._narrow_by(other, one)
            moved = before != self.bounds
        return self.bounds

    def _narrow_by(self, one: tuple[Unknown, ...], other: tuple[Unknown, ...]) -> None:
        low = sum(self.bounds[unknown][0] for unknown in other)
        high = sum(self.bounds[unknown][1] for unknown in other)
        lows = sum(self.bounds[unknown][0] for unknown in one)
        highs = sum(self.bounds[unknown][1] for unknown in one)
        for unknown in one:
            least, most = self.bounds[unknown]
            self.narrow(unknown, low - (highs - most), high - (lows - least))


def width(bounds: Bounds) -> int:
    """How many counts are possible."""
    return bounds[1] - bounds[0] + 1
