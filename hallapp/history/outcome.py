"""The result of reading a file: counts, sums by month, its texts, and its digest."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from hallapp.history.models import DIGEST_HALF, Topic
from hallapp.history.packing import Read, Refused, Unpacked
from hallapp.ledger.models import Span

_LINES_AT_ONCE = 500
TEXTS_MOST = 5_000  # different texts of a topic: no file has more places


@dataclass(slots=True)
class Text:
    """A text of a topic with how many rows have it, and the first one."""

    text: str
    first_row: int
    rows: int = 0


@dataclass(slots=True)
class ImportedMonth:
    """The counted rows of a month; `days` of its `rows` name a day, the others the whole month."""

    rows: int = 0
    visitors: int = 0
    groups: int = 0
    days: int = 0

    def add(self, row: Read) -> None:
        """Take up a row."""
        self.rows += 1
        self.visitors += row.visitors
        self.groups += row.groups
        self.days += row.span is Span.DAY


@dataclass(slots=True)
class Outcome:
    """The result of the rows so far: counts, totals by month (its first day), and texts by their position."""

    rows: int = 0
    fine: int = 0
    visitors: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    months: defaultdict[date, ImportedMonth] = field(default_factory=lambda: defaultdict(ImportedMonth))
    texts: dict[Topic, dict[str, int]] = field(default_factory=lambda: {topic: {} for topic in Topic})
    counted: dict[Topic, list[Text]] = field(default_factory=lambda: {topic: [] for topic in Topic})

    def note(self, row: Unpacked) -> None:
        """Count a row."""
        self.rows += 1
        if isinstance(row, Refused):
            (self.left_out if row.left_out else self.wrong)[row.code] += 1
            return
        self.fine += 1
        self.visitors += row.visitors
        self.months[row.first.replace(day=1)].add(row)
        if row.place >= 0:
            self.counted[Topic.PLACE][row.place].rows += 1
        if row.kind >= 0:
            self.counted[Topic.KIND][row.kind].rows += 1
        if row.programme >= 0:
            self.counted[Topic.PROGRAMME][row.programme].rows += 1

    def position(self, topic: Topic, text: str, row: int) -> int | None:
        """Return the position of a text, a new one where it is new; None where there are too many."""
        known = self.texts[topic]
        at = known.get(text)
        if at is None:
            if len(known) >= TEXTS_MOST:
                return None
            at = known[text] = len(known)
            self.counted[topic].append(Text(text, row))
        return at


class Digest:
    """Two halves, in hex: of all cells as written, and of the counted rows as read.

    The first half identifies a file, whatever is read from it. The second half identifies it in another format, where
    days and numbers are written differently.
    """

    def __init__(self) -> None:
        self._cells, self._figures = _Half(), _Half()

    def cells(self, texts: list[str]) -> None:
        """Add a row as written."""
        self._cells.add("\x1f".join(texts))

    def figures(self, *read: object) -> None:
        """Add the values read of a row, or of the columns."""
        self._figures.add("\x1f".join(map(str, read)))

    def __str__(self) -> str:
        """Both halves."""
        return self._cells.hex() + self._figures.hex()


class _Half:
    """A digest of lines, which are taken up some hundred at a time."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._waiting: list[str] = []

    def add(self, line: str) -> None:
        self._waiting.append(line)
        if len(self._waiting) > _LINES_AT_ONCE:
            self._take()

    def _take(self) -> None:
        if self._waiting:
            self._hash.update(("\n".join(self._waiting) + "\n").encode("utf-8", "replace"))
            self._waiting.clear()

    def hex(self) -> str:
        self._take()
        return self._hash.hexdigest()[:DIGEST_HALF]
