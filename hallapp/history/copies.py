"""Repeated rows of a file: a block that was pasted twice, a sheet that was duplicated, an entry that was made twice.

Two equal rows are common where each group is a row without a time: two groups of 20 from Guangdong on one day. So
equal rows count as copies only where several different ones follow one another in the same order, beyond what a busy
day does by chance, where a whole sheet repeats another one, or where the rows hold something that only one group has,
such as its name, a phone number or an hour. Each row is kept as three numbers: a million rows take 24 MB.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterator
from datetime import time

from hallapp.history.columns import HistoryColumn
from hallapp.history.lines import Table, TableLine
from hallapp.sheets.cells import Cell, Moment

_RUN_LEAST, _RUN_OF_ONE_DAY = 3, 8  # different rows
# Equal rows are searched in this number of partitions, one after another, so that a set of all rows is never needed.
_PARTS = 8
_RUNNING_NUMBER = re.compile(r"序号?|行号|#|no\.?", re.IGNORECASE)
_OF_ONE_GROUP = re.compile(
    r"电话|手机|联系人|联系方式|领队|订单|预约[号码编]|单号|身份证|证件号|车牌"
    r"|phone|mobile|telephone|contact|order n|reference",
    re.IGNORECASE,
)
#: A time of day; programs write a day without a time as midnight.
_HOUR = re.compile(r"(?<!\d)(?!0?0:00(?::00)?(?!\d))\d{1,2}:\d{2}")


class Copies:
    """The rows of a file that were met so far, each as a digest of its cells."""

    def __init__(self) -> None:
        self._digests = array("q")
        self._numbers = array("q")
        self._whens = array("q")
        self._named = bytearray()  # whether a row has a value that belongs to one group only
        self._starts: list[int] = []  # the first row of each table

    def begin_table(self) -> None:
        """Begin another table: the following rows belong to it."""
        self._starts.append(len(self._digests))

    def add(self, number: int, when: int, digest: int, *, named: bool) -> None:
        """Take up a row that counts; `when` is its day or month (`watch.key_of_when`)."""
        self._digests.append(digest)
        self._numbers.append(number)
        self._whens.append(when)
        self._named.append(named)

    def find(self) -> list[int]:
        """Return the numbers of the rows that are copies of rows before them."""
        first = self._first_of_several()
        if not first:
            return []
        found = {at for at, digest in enumerate(self._digests) if self._named[at] and first.get(digest, at) < at}
        found.update(*self._runs(first), *self._tables(first))
        return sorted(self._numbers[at] for at in found)

    def _first_of_several(self) -> dict[int, int]:
        """Return the first place of each digest that comes more than once."""
        several: set[int] = set()
        for part in range(_PARTS):
            met: set[int] = set()
            for digest in self._digests:
                if digest % _PARTS == part:
                    (several if digest in met else met).add(digest)
        first: dict[int, int] = {}
        for at, digest in enumerate(self._digests):
            if digest in several:
                first.setdefault(digest, at)
        return first

    def _runs(self, first: dict[int, int]) -> Iterator[range]:
        """Yield the places of rows that repeat rows before them, several different ones in the same order."""
        at, end = 0, len(self._digests)
        while at < end:
            origin = first.get(self._digests[at], at)
            length = 0
            while origin + length < at and at + length < end:
                if self._digests[origin + length] != self._digests[at + length]:
                    break
                length += 1
            if self._is_block(at, at + length):
                yield range(at, at + length)
            at += max(length, 1)

    def _is_block(self, start: int, end: int) -> bool:
        """Return whether there are too many repeated rows for a coincidence; groups of one day are often equal."""
        different = len(set(self._digests[start:end]))
        if different < _RUN_LEAST:
            return False
        whens = set(self._whens[start:end])
        return len(whens) > 1 or not self._whens[start] & 1 or different >= _RUN_OF_ONE_DAY

    def _tables(self, first: dict[int, int]) -> Iterator[range]:
        """Yield the places of tables whose rows all occur, at least as often, in earlier tables."""
        for start, end in zip(self._starts, (*self._starts[1:], len(self._digests)), strict=True):
            wanted = Counter(self._digests[start:end])
            if start < end and all(first.get(digest, start) < start for digest in wanted):
                there = Counter(digest for digest in self._digests[:start] if digest in wanted)
                if wanted <= there:
                    yield range(start, end)


class Digests:
    """Digests of a table's rows by which copies are recognised."""

    def __init__(self, table: Table) -> None:
        taken = set(table.columns.places.values())
        headings = table.layout.headings
        free = [at for at in range(len(headings)) if at not in taken]
        self._running = frozenset(at for at in free if _RUNNING_NUMBER.fullmatch(headings[at].strip()))
        self._of_one_group = [at for at in free if _OF_ONE_GROUP.search(headings[at])]
        self._date = table.columns.places.get(HistoryColumn.DATE)

    def of(self, line: TableLine, when: int) -> int:
        """Return a digest of a line's cells and its day, without a running number of the rows."""
        texts = line.texts
        if self._running:
            texts = ["" if at in self._running else text for at, text in enumerate(texts)]
        return hash((when, _hour_of(line.cell(self._date)), *texts))

    def is_of_one_group(self, line: TableLine) -> bool:
        """Return whether a line holds something that two groups of a day do not share."""
        if any(map(line.text, self._of_one_group)) or _hour_of(line.cell(self._date)):
            return True
        return any(":" in text and _HOUR.search(text) for text in line.texts)


def _hour_of(cell: Cell) -> time | None:
    return cell.at if isinstance(cell, Moment) else None
