"""From the rows of a sheet to rows that can count, each with its reason where it cannot; nothing is written here."""

import hashlib
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from hallapp.booking.grams import organisation_key
from hallapp.booking.models import OrganisationKind
from hallapp.core.fields import visible
from hallapp.core.sheetstream import Cell, Merge, Moment, Row
from hallapp.history import days, naming, numbers, places, problems
from hallapp.history.columns import Column, Columns
from hallapp.history.days import When
from hallapp.history.models import DIGEST_HALF, Topic
from hallapp.history.packing import Read, Refused, Unpacked
from hallapp.history.problems import Problem
from hallapp.history.totals import is_total
from hallapp.ledger import filing
from hallapp.ledger.models import Span

TEXTS_MOST = 5_000  # different ones of a topic: no file has more places
_SHOWN = 40  # characters of a cell that is shown with what is wrong with it
_TEXT_LENGTH = 200
#: What a merge of cells over several rows says of each of them; numbers would be counted twice.
_FILLED = (Column.DATE, Column.YEAR, Column.MONTH, Column.DAY, Column.PROVINCE, Column.CITY, Column.ORGANISATION,
           Column.KIND, Column.PROGRAMME)  # fmt: skip


@dataclass(slots=True)
class Text:
    """A text of a topic with how many rows have it, and the first one."""

    text: str
    first_row: int
    rows: int = 0


@dataclass(slots=True)
class Month:
    """What the rows that count come to in a month; `days` of its `rows` name a day, the others the whole month."""

    rows: int = 0
    visitors: int = 0
    groups: int = 0
    days: int = 0


@dataclass(slots=True)
class Outcome:
    """What came of the rows so far: counts, totals by month (its first day), and texts by their position."""

    rows: int = 0
    fine: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    months: defaultdict[date, Month] = field(default_factory=lambda: defaultdict(Month))
    texts: dict[Topic, dict[str, int]] = field(default_factory=lambda: {topic: {} for topic in Topic})
    counted: dict[Topic, list[Text]] = field(default_factory=lambda: {topic: [] for topic in Topic})

    def note(self, row: Unpacked) -> None:
        """Count a row."""
        self.rows += 1
        if isinstance(row, Refused):
            (self.left_out if row.left_out else self.wrong)[row.code] += 1
            return
        self.fine += 1
        month = self.months[row.first.replace(day=1)]
        month.rows += 1
        month.visitors += row.visitors
        month.groups += row.groups
        month.days += row.span is Span.DAY
        for topic, at in ((Topic.PLACE, row.place), (Topic.KIND, row.kind), (Topic.PROGRAMME, row.programme)):
            if at >= 0:
                self.counted[topic][at].rows += 1

    def position(self, topic: Topic, text: str, row: int) -> int | None:
        """The position of a text, a new one where it is new; None where there are too many."""
        known = self.texts[topic]
        at = known.get(text)
        if at is None:
            if len(known) >= TEXTS_MOST:
                return None
            at = known[text] = len(known)
            self.counted[topic].append(Text(text, row))
        return at


class Reader:
    """Reads the rows of one sheet; `outcome` and `digest` grow with them."""

    def __init__(self, columns: Columns, *, opened_on: date, today: date, merges: Sequence[Merge] = ()) -> None:
        self.outcome = Outcome()
        self._columns = columns
        self._places = columns.places
        self._opened_on, self._today = opened_on, today
        self._cells, self._figures = hashlib.sha256(), hashlib.sha256()
        self._know(columns.kind, columns.programme_id)
        filled = {columns.places[column] for column in _FILLED if column in columns.places}
        self._merges = _Merges([merge for merge in merges if merge.column in filled])
        self._heading: list[str] = []
        self._labels = _label_places(columns.places)

    @property
    def digest(self) -> str:
        """Two halves, in hex: of all cells so far as they stand, and of the rows that count as they were read.

        The first knows a file by itself, whatever is taken from it; the second knows it as another kind of file, where
        days and numbers are shown in another way.
        """
        return self._cells.hexdigest()[:DIGEST_HALF] + self._figures.hexdigest()[:DIGEST_HALF]

    def read(self, rows: Iterable[Row]) -> Iterator[Unpacked]:
        """What each row under the heading says."""
        for index, (number, cells) in enumerate(rows):
            texts = [str(cell).strip() for cell in cells]
            self._cells.update(("\x1f".join(texts) + "\n").encode("utf-8", "replace"))
            if self._merges.fill(number, cells):
                texts = [str(cell).strip() for cell in cells]
            if index == self._columns.heading:
                self._heading = texts
            if index <= self._columns.heading:
                continue
            row = self._row(number, _Line(cells, texts))
            self.outcome.note(row)
            yield row

    def _row(self, number: int, line: "_Line") -> Unpacked:
        why = self._left_out(line)
        if why:
            return Refused(number, why.code, "", True)
        when = self._when(line)
        problem = when if isinstance(when, Problem) else self._outside(when)
        if isinstance(when, Problem) or problem:
            return self._wrong(number, problem or problems.DATE_UNKNOWN, line, *_DATES)
        visitors = numbers.read_people(self._text(line, Column.VISITORS))
        if isinstance(visitors, Problem):
            return self._wrong(number, visitors, line, Column.VISITORS)
        organisation = self._organisation(line)
        if not visitors:
            if visitors is None and organisation:
                return self._wrong(number, problems.PEOPLE_MISSING, line, Column.VISITORS)
            return Refused(number, problems.NOBODY.code, "", True)
        return self._counted(number, line, when=when, visitors=visitors, organisation=organisation)

    def _counted(self, number: int, line: "_Line", *, when: When, visitors: int, organisation: str) -> Unpacked:
        groups = self._groups(line, when, organisation)
        if isinstance(groups, Problem) or groups > visitors:
            problem = groups if isinstance(groups, Problem) else problems.GROUPS_MANY
            return self._wrong(number, problem, line, Column.GROUPS)
        texts = (self._place(line), self._kind(line), self._text(line, Column.PROGRAMME))
        positions: list[int] = []
        for (topic, column), text in zip(_TOPICS, texts, strict=True):
            at = self.outcome.position(topic, text[:_TEXT_LENGTH], number) if text else -1
            if at is None:
                return self._wrong(number, problems.TEXTS_MANY, line, column)
            positions.append(at)
        self._know(when.span, when.first, visitors, groups, *map(_key_of, (*texts, organisation)))
        named = _number_of(organisation[:_TEXT_LENGTH]) if organisation and when.span is Span.DAY else None
        place, kind, programme = positions
        return Read(number, when.span, when.first, visitors, groups, place, kind, programme, named)

    def _know(self, *read: object) -> None:
        """Take up into the digest what was read of a row, or of the columns."""
        self._figures.update(("\x1f".join(map(str, read)) + "\n").encode("utf-8", "replace"))

    def _groups(self, line: "_Line", when: When, organisation: str) -> int | Problem:
        """How many groups a row is: as it says; else one where it names a day or an organisation; else 0, not known."""
        groups = numbers.read_groups(self._text(line, Column.GROUPS))
        if isinstance(groups, Problem):
            return problems.GROUPS_UNCLEAR
        if groups is not None:
            return groups
        return 1 if organisation or when.span is Span.DAY else 0

    def _when(self, line: "_Line") -> When | Problem:
        column = Column.DATE if Column.DATE in self._places else Column.MONTH
        at = self._places.get(column, len(line.cells))
        cell = line.cells[at] if at < len(line.cells) else ""
        if isinstance(cell, Moment):
            when = days.read_moment(cell)
            return when if column is Column.DATE else days.month_of(when)
        if column is Column.DATE:
            return days.read_day(cell)
        if Column.YEAR not in self._places:
            return days.month_of(days.read_day(cell))
        return days.read_parts(self._text(line, Column.YEAR), cell, self._text(line, Column.DAY))

    def _outside(self, when: When) -> Problem | None:
        """A month that the hall opened in, or that is running, may be counted."""
        if when.first > self._today:
            return problems.IN_FUTURE
        last = when.first if when.span is Span.DAY else _last_of(when.first)
        return problems.BEFORE_OPENING if last < self._opened_on else None

    def _left_out(self, line: "_Line") -> Problem | None:
        """Why a row is none that counts, by the texts in it."""
        if line.texts == self._heading:
            return problems.HEADING
        first = [text for text in line.texts[:4] if text][:2]
        labels = {line.texts[at] for at in self._labels if at < len(line.texts)}
        if any(map(is_total, labels.union(first))):
            return problems.TOTAL
        if any(self._text(line, column) for column in (Column.DATE, Column.MONTH, Column.VISITORS)):
            return None
        return problems.REMARK

    def _place(self, line: "_Line") -> str:
        province, city = self._text(line, Column.PROVINCE), self._text(line, Column.CITY)
        return places.join(province, city) if city else province

    def _kind(self, line: "_Line") -> str:
        """The kind as it is written; else what stands for the organisation where that says individuals."""
        kind, named = self._text(line, Column.KIND), self._text(line, Column.ORGANISATION)
        if kind or not naming.is_nobody(_key_of(named)):
            return kind
        return named if naming.find_kind(named) is OrganisationKind.INDIVIDUAL else ""

    def _organisation(self, line: "_Line") -> str:
        named = self._text(line, Column.ORGANISATION)
        return "" if naming.is_nobody(_key_of(named)) else named

    def _text(self, line: "_Line", column: Column) -> str:
        at = self._places.get(column)
        return line.texts[at] if at is not None and at < len(line.texts) else ""

    def _wrong(self, number: int, problem: Problem, line: "_Line", *columns: Column) -> Refused:
        text = next((text for column in columns if (text := self._text(line, column))), "")
        return Refused(number, problem.code, shown(text), False)


@dataclass(frozen=True, slots=True)
class _Line:
    """The cells of a row, and the same as texts."""

    cells: list[Cell]
    texts: list[str]


_DATES = (Column.DATE, Column.MONTH, Column.YEAR)
_TOPICS = (
    (Topic.PLACE, Column.PROVINCE),
    (Topic.KIND, Column.KIND),
    (Topic.PROGRAMME, Column.PROGRAMME),
)


class _Merges:
    """Cells made one over several rows: what stands in the first of them holds for the rest."""

    def __init__(self, merges: Sequence[Merge]) -> None:
        self._by_column: dict[int, list[Merge]] = defaultdict(list)
        for merge in sorted(merges, key=lambda one: one.top):
            self._by_column[merge.column].append(merge)
        self._tops = {column: [merge.top for merge in found] for column, found in self._by_column.items()}
        self._kept: dict[int, tuple[int, Cell]] = {}

    def fill(self, number: int, cells: list[Cell]) -> bool:
        """Put into a row what stands above it in the same merge; gives whether something was put there."""
        filled = False
        for column, found in self._by_column.items():
            at = bisect_right(self._tops[column], number) - 1
            if at < 0 or found[at].bottom < number:
                continue
            if number == found[at].top:
                self._kept[column] = (number, cells[column] if column < len(cells) else "")
            elif (kept := self._kept.get(column)) and kept[0] == found[at].top:
                cells.extend([""] * (column + 1 - len(cells)))
                cells[column] = kept[1]
                filled = True
        return filled


def _label_places(places: Mapping[Column, int]) -> list[int]:
    """Where the label of a total may stand: in columns of texts, and in those left of the people that are not taken."""
    numbers_in = {places[column] for column in (Column.VISITORS, Column.GROUPS) if column in places}
    taken = {*places.values(), *range(places.get(Column.VISITORS, 0))}
    return sorted(taken - numbers_in)


@lru_cache(maxsize=20_000)
def _key_of(text: str) -> str:
    """A text as it is written, but for widths, cases, blanks and marks: not what a hall has said that it means."""
    return organisation_key(text[:_TEXT_LENGTH])


@lru_cache(maxsize=50_000)
def _number_of(organisation: str) -> int | None:
    return filing.organisation_number(organisation, OrganisationKind.OTHER)


def _last_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def shown(text: str) -> str:
    """A cell as it is shown: without what no page shows, and not at any length."""
    text = visible(text).encode("utf-8", "replace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
