"""Collects findings while the rows of a file are read, in bounded memory.

Some findings concern one row: it is hidden, or its cell can be read in two ways. Others are known only at the end of
the file: days beside their month, or a province beside its cities. These become *facts*, with which the file is read
again where a choice depends on them.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hallapp.history import problems
from hallapp.history.columns import HistoryColumn
from hallapp.history.findings import LEAVE_OUT, SHOWN_MOST, TAKE, YEAR, Choice, Finding, is_year, key_of
from hallapp.history.lines import Table, TableLine
from hallapp.history.place import Place
from hallapp.history.problems import Unclear
from hallapp.history.questions import BATCH, CODES, DATE_ORDER_TOLD, DAYS_AND_MONTH, PROVINCE_AND_CITIES, QUESTIONS
from hallapp.history.suggest import candidates_of, joined_places
from hallapp.ledger.models import Span
from hallapp.origins.values import APART

NOTES_MOST = 200  # different findings of a file
_CELLS_MOST = 250_000  # different pairs of a time and a place that are kept
_FACTS_MOST = 20_000
_NAMES_SHOWN = 6
_NAMES_LENGTH = 200
_MONTHS = 12
_ORDERED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-]\d{4}")
#: Ambiguous cells without a more likely reading.
_NEVER_SUGGESTED = frozenset(
    {"date_order", "date_swapped", "date_tenth", "date_short_year", "people_pair", "people_range"}
)
_SAMPLE = 40
_ROWS_AND_SUM = 2  # rows of a day: if there are more, the last one may be their sum

Facts = dict[str, Any]
Cells = Mapping[tuple[int, int], int]


@dataclass(slots=True)
class Note:
    """The observations for one finding so far; `totals` are the people by choice."""

    code: str
    where: str
    rows: int = 0
    people: int = 0
    at: list[int] = field(default_factory=list)
    sample: str = ""
    totals: Counter[str] = field(default_factory=Counter)
    labels: dict[str, str] = field(default_factory=dict)
    suggested: str = ""
    must: bool = True
    params: dict[str, str] = field(default_factory=dict)

    def as_finding(self) -> Finding:
        """Return the finding of these observations."""
        choices = tuple(
            Choice(value=value, label=label, people=self.totals.get(value, 0)) for value, label in self.labels.items()
        )
        return Finding(
            code=self.code,
            where=self.where,
            rows=self.rows,
            people=self.people,
            at=tuple(self.at),
            sample=self.sample,
            choices=choices,
            suggested=self.suggested,
            must=self.must,
            params=self.params,
        )


class Watch:
    """The findings of one reading of a file, by the answers and the facts that it is read by."""

    def __init__(self, answers: Mapping[str, str], facts: Facts) -> None:
        self.answers = answers
        self.facts = facts
        self.notes: dict[str, Note] = {}
        self.batches = _Batches()
        self.sums: list[int] = []  # rows that turned out to be sums at the end of their table
        self.named_sums: list[int] = []  # the same for rows with a name
        self._orders: set[str] = set()
        self._unit = ""
        self._may_be_swapped: bool | None = None  # dates in cells, all of them on the first twelve days of a month

    def note(self, code: str, where: str = "", **first: Any) -> Note | None:
        """Return the note of a finding, made where it is new; None where a file has too many of them."""
        key = key_of(code, where)
        found = self.notes.get(key)
        if found is None and len(self.notes) < NOTES_MOST:
            question = QUESTIONS.get(code)
            found = self.notes[key] = Note(code, where)
            if question:
                found.labels = dict.fromkeys(question.choices, "")
                found.suggested, found.must = question.suggested, question.must
            for name, value in first.items():
                setattr(found, name, value)
        return found

    def ask(self, code: str, number: int, people: int, sample: str = "", *, where: str = "", **first: Any) -> str:
        """Take up a row into a finding; returns the choice in force: the answer, else the suggested one."""
        note = self.note(code, where, **first)
        if note is None:
            return LEAVE_OUT
        note.rows += 1
        note.people += people
        if len(note.at) < SHOWN_MOST:
            note.at.append(number)
            note.sample = note.sample or sample[:_SAMPLE]
        return self.choice(code, where)

    def choice(self, code: str, where: str = "") -> str:
        """Return the choice in force: the answer, else the suggested one; empty where there is neither."""
        note = self.notes.get(key_of(code, where))
        said = self.answers.get(key_of(code, where), "")
        if note is None:
            return said or (QUESTIONS[code].suggested if code in QUESTIONS else "")
        if said in note.labels or (code == YEAR and is_year(said)):
            return said
        return note.suggested

    def ask_whole(self, code: str, number: int, people: int, first: bool, names: tuple[str, str]) -> str:
        """Take up a row of two kinds of which one may hold the people of the other; `names` are their choices."""
        chosen = self.ask(code, number, people, "")
        if note := self.notes.get(code):
            note.totals[names[0] if first else names[1]] += people
            note.totals["both"] += people
        return chosen

    def add_candidates(
        self, column: HistoryColumn, line: TableLine, table: Table, people_of: Callable[[Sequence[str], int], object]
    ) -> None:
        """Add to the totals of each of several columns, or of several of them together.

        `people_of` reads the people of a column among the texts of a line, in the unit of the column.
        """
        code = CODES[column]
        headings, taken = table.layout.headings, table.columns.places.get(column)
        plus = table.columns.plus if column is HistoryColumn.VISITORS else ()
        suggested = joined_places(taken, plus) if taken is not None else ""
        labels = {str(one): headings[one] for one in candidates_of(column, table)}
        if plus:
            labels = {suggested: " + ".join(headings[at] for at in map(int, suggested.split("+")))} | labels
        note = self.note(code, labels=labels, suggested=suggested)
        if note is None:
            return
        note.rows += 1
        note.at = note.at or [line.number]
        if column is HistoryColumn.VISITORS:
            for value in labels:
                numbers_found = [people_of(line.texts, int(at)) for at in value.split("+")]
                note.totals[value] += sum(one for one in numbers_found if isinstance(one, int))

    def add_names(self, code: str, names: Iterable[str]) -> None:
        """Add names that the words of a finding list."""
        if note := self.notes.get(code):
            known = [one for one in note.params.get("names", "").split(", ") if one]
            note.params["names"] = ", ".join(dict.fromkeys([*known, *names]))[:_NAMES_LENGTH]

    def settle(self, found: Any, number: int, people: int, text: str) -> Any:
        """Return the value of a cell by the answer to its question; the problem itself where there is no answer."""
        if not isinstance(found, Unclear):
            return found
        code, names = found.code, [reading.name for reading in found.readings]
        suggested = "" if code in _NEVER_SUGGESTED or names[:1] == ["first_month"] else next(iter(names), "")
        if code == problems.DATE_ORDER.code and (order := self.facts.get("order")):
            code, suggested = DATE_ORDER_TOLD, order
        labels = {reading.name: "" for reading in found.readings} | {LEAVE_OUT: ""}
        where = "+".join(names)  # cells with the same choices are settled together
        chosen = self.ask(code, number, people, text, where=where, labels=labels, suggested=suggested)
        note = self.notes.get(key_of(code, where))
        for reading in found.readings if note else ():
            assert note is not None
            if isinstance(reading.value, int):
                note.totals[reading.name] += reading.value
        value = found.value(chosen)
        return found if value is None else value

    def note_order(self, text: str) -> None:
        """Record a date that shows by itself whether its day or its month comes first."""
        if found := _ORDERED.match(text):
            first, second = int(found[1]), int(found[2])
            if (first > _MONTHS) != (second > _MONTHS):
                self._orders.add("day_first" if first > _MONTHS else "month_first")

    def note_date(self, day: date) -> None:
        """Record a date that is stored as one: behind the 12th day of a month, the program did understand the order."""
        self._may_be_swapped = self._may_be_swapped is not False and day.day <= _MONTHS

    def note_unit(self, texts: Iterable[str]) -> None:
        """Record a text below the heading that names the unit of the numbers of the file, the first one."""
        self._unit = self._unit or next(iter(texts), "")

    def learnt(self) -> Facts:
        """Return the facts learnt from the file so far; the file is read again where they change anything."""
        facts: Facts = {}
        if any(note.code in (problems.DATE_ORDER.code, DATE_ORDER_TOLD) for note in self.notes.values()):
            facts["order"] = next(iter(self._orders)) if len(self._orders) == 1 else ""
        if self.sums:
            facts["sums"] = sorted(set(self.sums))[:_FACTS_MOST]
        if self.named_sums:
            facts["named-sums"] = sorted(set(self.named_sums))[:_FACTS_MOST]
        if self.batches.run_on:
            facts["batch"] = True
        if self._orders and self._may_be_swapped:
            facts["swapped"] = True
        if self._unit:
            facts["unit"] = self._unit
        return facts

    def findings(self) -> list[Finding]:
        """Return all findings, in the order in which they were met."""
        return [_with_people(note).as_finding() for note in self.notes.values()]


def _with_people(note: Note) -> Note:
    """Set the number of people that each of the usual choices counts."""
    if TAKE in note.labels and TAKE not in note.totals:
        note.totals[TAKE] = note.people
    for value in note.labels:
        if value not in (TAKE, LEAVE_OUT, "first") and value not in note.totals and note.code not in _COUNTS_OWN:
            note.totals[value] = note.people
    return note


_COUNTS_OWN = frozenset({DAYS_AND_MONTH, PROVINCE_AND_CITIES, BATCH, *CODES.values()})


class _Batches:
    """The check whether a column of groups numbers them one after another."""

    def __init__(self) -> None:
        self.rows = self.follows = self.most = 0
        self.first: list[int] = []
        self._last = 0

    def note(self, groups: int, number: int) -> None:
        """Take up the number of groups of a row."""
        self.rows += 1
        self.follows += groups in (self._last + 1, 1) and (groups != 1 or self._last != 1)
        self.most = max(self.most, groups)
        self._last = groups
        if len(self.first) < SHOWN_MOST:
            self.first.append(number)

    @property
    def run_on(self) -> bool:
        """Return whether nearly all of them follow one another."""
        return self.rows > 1 and self.most > 1 and self.follows >= 0.9 * self.rows


class SumRows:
    """Tells rows that add up others: those since the last sum, of the same day, of the whole table, or those below."""

    def __init__(self) -> None:
        self._run = self._day = self._all = 0
        self._in_run = self._in_day = self.count = 0
        self._key: int | None = None
        self._mixed = False  # days and months
        self.first: tuple[int, int, bool] | None = None
        self.last: tuple[int, int, bool] | None = None
        self.heads: list[int] = []  # rows without a name that add up the named rows of their day below them
        self._head: tuple[int, int] | None = None
        self._below = 0
        self._days = 0  # days with two or more rows and one further row, and the last rows of the days that add up
        self._of_days: list[int] = []
        self._most: tuple[int, int, bool] | None = None  # the row with most people of a day
        self._named_of_days: list[int] = []

    def adds_up(self, key: int | None, people: int) -> bool:
        """Return whether the people of a row without a label are those of the rows before it."""
        if key is not None and self._key is not None and (key ^ self._key) & 1:
            return False  # a month below its days is a separate question
        same_day = key is None or key == self._key
        return (
            (self._in_run > 1 and people == self._run)
            or (same_day and self._in_day > 0 and people == self._day)
            or (self.count > 1 and people == self._all)
        )

    def close_run(self) -> None:
        """Start again after a sum."""
        self._close_head()
        self._close_day()
        self._run = self._in_run = self._day = self._in_day = 0

    def add(self, key: int, people: int, number: int, *, bare: bool) -> None:
        """Take up a row that counts; it is `bare` without a place or another name."""
        if key != self._key or bare:
            self._close_head()
            self._head = (number, people) if bare else None
        elif self._head:
            self._below += people
        if key != self._key:
            self._close_day()
            self._mixed |= self._key is not None and bool((key ^ self._key) & 1)
            self._key, self._day, self._in_day, self._most = key, 0, 0, None
        self._run += people
        self._day += people
        self._all += people
        self._in_run += 1
        self._in_day += 1
        self.count += 1
        row = (number, people, bare)
        self.first = self.first or row
        self.last = row
        if self._most is None or people > self._most[1]:
            self._most = row

    def _close_head(self) -> None:
        if self._head and self._below == self._head[1]:
            self.heads.append(self._head[0])
        self._head, self._below = None, 0

    def _close_day(self) -> None:
        if self._in_day > _ROWS_AND_SUM and self.last:
            self._days += 1
            if self.last[2] and self.last[1] * 2 == self._day:
                self._of_days.append(self.last[0])
            if self._most and not self._most[2] and self._most[1] * 2 == self._day:
                self._named_of_days.append(self._most[0])

    def sums_at_the_end(self) -> list[int]:
        """Return the last row where it adds up all others, and first rows that are sums without a name.

        Of three rows, the last one may add up the others by chance: it has no name then.
        """
        self._close_head()
        self._close_day()
        found = list(self.heads)
        if len(self._of_days) * 2 >= self._days:  # one of many days may add up by chance
            found += self._of_days
        least = 2 if self.last and self.last[2] else 3
        if self.last and self.count > least and not self._mixed and self.last[1] * 2 == self._all:
            found.append(self.last[0])
        if self.count > 3 and self.first and self.first[2] and self.first[1] * 2 == self._all:
            found.append(self.first[0])
        return found

    def named_sums_at_the_end(self) -> list[int]:
        """Rows with a name that have the people of all other rows of their day, where that is no chance.

        Of many days with several rows, a few add up so by chance. Asked after `sums_at_the_end`.
        """
        return self._named_of_days if len(self._named_of_days) * 2 >= self._days else []


def key_of_when(span: Span, first: date) -> int:
    """Return a day or a month as a number."""
    return first.toordinal() << 1 | (span is Span.DAY)


def _without_common(cells: Cells, people: Mapping[tuple[int, str], int]) -> set[tuple[int, str]]:
    """Return the keys whose number of people is unique on their day: groups of 20 are equal by chance."""
    wanted = {(when, count) for (when, _division), count in people.items()}
    times = Counter(one for (when, _at), count in cells.items() if (one := (when, count)) in wanted)
    return {(when, division) for (when, division), count in people.items() if times[when, count] <= 2}


def provinces_with_cities(cells: Cells, places: Sequence[Place | None]) -> dict[str, list[int]]:
    """Return the provinces, as `when/division`, with a row of their own beside rows of their cities; their people.

    For whole months any such rows are meant; for single days only where the cities add up to their province. One city
    alone has as many people as its province by chance on some days: then most such days must agree, and no other place
    of the day may have as many.
    """
    whole: Counter[tuple[int, str]] = Counter()
    cities: Counter[tuple[int, str]] = Counter()
    named: Counter[tuple[int, str]] = Counter()
    for (when, at), people in cells.items():
        place = places[at] if 0 <= at < len(places) else None
        if place and place.division not in APART:
            key = (when, place.division)
            (cities if place.prefecture else whole)[key] += people
            named[key] += bool(place.prefecture)
    both = whole.keys() & cities.keys()
    equal = {key for key in both if whole[key] == cities[key]}
    of_one_city = {key for key in both if key[0] & 1 and named[key] == 1}
    telling = _without_common(cells, {key: whole[key] for key in equal & of_one_city})
    if len(telling) * 2 <= len(of_one_city):
        telling = set()
    asked = (equal - of_one_city) | telling
    found = {
        f"{when}/{division}": [whole[when, division], cities[when, division]]
        for when, division in both
        if not when & 1 or (when, division) in asked
    }
    return dict(sorted(found.items())[:_FACTS_MOST])


def shown_names(names: Iterable[str]) -> str:
    """Return some names, and that there are more."""
    listed = list(dict.fromkeys(names))
    return ", ".join(listed[:_NAMES_SHOWN]) + (" …" if len(listed) > _NAMES_SHOWN else "")


class CellSums:
    """People by time and place, for findings about the whole file; the number of pairs is limited."""

    def __init__(self) -> None:
        self.sums: defaultdict[tuple[int, int], int] = defaultdict(int)

    def add(self, when: int, place: int, people: int) -> None:
        """Take up a row."""
        key = (when, place)
        if key in self.sums or len(self.sums) < _CELLS_MOST:
            self.sums[key] += people
