"""Conversion of the rows of one table to rows that can count, or to reasons why not; nothing is written here.

Ambiguous values are read by a person's answers, and collected in the findings (`watch.py`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from hallapp.booking.bigrams import organisation_key
from hallapp.history import columns as headings
from hallapp.history import layout, naming, numbers, places, problems, questions, watch
from hallapp.history.columns import HistoryColumn
from hallapp.history.copies import Digests
from hallapp.history.days import When
from hallapp.history.findings import LEAVE_OUT, TAKE, YEAR
from hallapp.history.lines import Table, TableLine, adds_up_rows, label_text, lines_of, places_of, shown
from hallapp.history.models import Topic
from hallapp.history.naming import Organisation
from hallapp.history.packing import Read, Refused, Unpacked
from hallapp.history.peoplecells import PLAIN, PeopleCells
from hallapp.history.problems import Problem, Unclear
from hallapp.history.reading import Reading
from hallapp.history.rowtests import RowTests, label_places
from hallapp.history.spots import spot
from hallapp.history.suggest import suggest
from hallapp.history.totals import label_of
from hallapp.history.units import read_unit
from hallapp.history.watch import SumRows
from hallapp.history.whens import Whens
from hallapp.ledger.models import Span
from hallapp.sheets.cells import Cell
from hallapp.sheets.model import Merges, SheetRow

_TEXT_LENGTH = 200
#: The columns whose merged cells apply to every row; merged numbers would be counted twice.
_FILLED = (
    HistoryColumn.DATE,
    HistoryColumn.YEAR,
    HistoryColumn.MONTH,
    HistoryColumn.DAY,
    HistoryColumn.PROVINCE,
    HistoryColumn.CITY,
    HistoryColumn.ORGANISATION,
    HistoryColumn.KIND,
    HistoryColumn.PROGRAMME,
)
_NUMBERED = re.compile(r"批次|场次|批号|第几|序号|编号|^批$|^场$|batch|session|no\.?$|number$", re.IGNORECASE)
_DIGITS = re.compile(r"\D*(\d{1,6})\D*")
_REMARK_CELLS = 2  # filled cells of a row that may be a remark about the whole table
_TOPICS = (Topic.PLACE, Topic.KIND, Topic.PROGRAMME)


class Reader:
    """Reads the rows of one table into a reading."""

    def __init__(self, reading: Reading, table: Table) -> None:
        self._reading, self._table = reading, table
        self._watch, self._outcome, self._digest = reading.watch, reading.outcome, reading.digest
        self._columns = table.columns
        self._sums = SumRows()
        self._lines: list[list[str]] = []
        self._passed_over = False  # rows below a heading that is not read
        reading.copies.begin_table()
        self._begin(table)
        self._digest.figures(table.columns.kind, table.columns.programme_id)

    def _begin(self, table: Table) -> None:
        """Read by the columns of a table."""
        self._table = table
        self._places = places_of(table)
        self._date_places = [
            self._places[column]
            for column in (HistoryColumn.DATE, HistoryColumn.MONTH, HistoryColumn.DAY)
            if column in self._places
        ]
        self._tests, self._digests = RowTests(table, self._watch), Digests(table)
        self._whens = Whens(table, self._watch, self._reading.hall.zone)
        labels = [] if table.columns.each_row else label_places(table)
        self._labels = [*labels, 0] if labels and 0 not in labels else labels
        self._people = PeopleCells(table, self._watch, self._reading.facts.get("unit", ""))
        self._numbered = bool(_NUMBERED.search(label_text(table, HistoryColumn.GROUPS)))
        filled = {table.columns.places[column] for column in _FILLED if column in table.columns.places}
        starts = table.blocks or (0,)
        self._merges = Merges(table.merges, frozenset(start + at for start in starts for at in filled))
        self._place_above = ""

    def read(self, rows: Iterable[SheetRow]) -> Iterator[Unpacked]:
        """Yield the result of each row below the heading."""
        first_line, heading = self._table.layout.lines
        for index, row in enumerate(rows):
            texts = list(map(text_of, row.cells))
            self._digest.cells(texts)
            if index <= heading:
                if index >= first_line:
                    self._lines.append(texts)
                continue
            if self._merges.fill(row):
                texts = list(map(text_of, row.cells))
            yield from self._of_row(row, texts)
        self._watch.sums += self._sums.sums_at_the_end()
        if not (self._columns.each_row or self._table.layout.across):
            self._watch.named_sums += self._sums.named_sums_at_the_end()

    def _of_row(self, row: SheetRow, texts: list[str]) -> Iterator[Unpacked]:
        if texts in self._lines:
            yield self._note(Refused(spot(row.number, sheet=self._table.sheet), problems.HEADING.code, "", True))
            return
        if sum(map(bool, texts)) <= _REMARK_CELLS and not any(map(PLAIN.fullmatch, texts)):
            self._watch.note_unit(text for text in texts if read_unit(text) > 1)
        why = self._shifted(row, texts)
        if not why and self._people.differs_from_total(row, texts):
            why = questions.ACROSS_TOTAL, ""
        for line in lines_of(self._table, row, texts):
            yield self._note(self._refused(line, *why) if why else self._of_line(line))

    def _shifted(self, row: SheetRow, texts: list[str]) -> tuple[str, str] | None:
        """Return the question of a row across that has more cells than its heading, where it is left out by it."""
        if not (self._table.is_text and self._table.layout.across and any(texts[self._table.width :])):
            return None
        number, sample = spot(row.number, sheet=self._table.sheet), ",".join(texts)
        labels = {TAKE: "", LEAVE_OUT: ""}
        chosen = self._watch.ask(questions.EXTRA_CELLS, number, 0, sample, where="other", labels=labels, suggested="")
        return None if chosen == TAKE else (questions.EXTRA_CELLS, "other")

    def _note(self, row: Unpacked) -> Unpacked:
        self._outcome.note(row)
        return row

    def _of_line(self, line: TableLine) -> Unpacked:
        if not self._text(line, HistoryColumn.VISITORS):
            self._whens.see_title(line)
        if why := self._left_out(line):
            if why is problems.TOTAL:  # sums of the following rows start at zero
                self._sums.close_run()
            return self._refused(line, why.code)
        mended = self._tests.mended(line)
        if not isinstance(mended, TableLine):
            return self._refused(line, *mended)
        line = mended
        found = self._read_people(line)
        people = found if isinstance(found, int) else 0
        if self._columns.unsure and (people or found is problems.FORMULA):
            self._people.note_candidates(line)
        if isinstance(found, Problem) and self._says_headings_again(line):
            return self._refused(line, problems.HEADING.code)
        if isinstance(found, Problem) and self._is_other_heading(line):
            return self._refused(line, questions.OTHER_HEADING)
        if self._passed_over:
            return self._refused(line, questions.OTHER_HEADING)
        if (
            asked := self._of_formula(line, people)
            or self._people.of_merge(line, people)
            or self._people.of_same_place(line, people)
            or self._tests.withheld(line, people)
        ):
            return self._refused(line, *asked)
        return self._of_figures(line, found, people)

    def _of_figures(self, line: TableLine, found: int | Problem | None, people: int) -> Unpacked:
        visitors = self._watch.settle(found, line.number, people, self._text(line, HistoryColumn.VISITORS))
        if isinstance(visitors, Problem):
            return self._wrong(line, visitors, self._text(line, HistoryColumn.VISITORS))
        named = self._named(line)
        organisation = None if named is None or named.is_nobody else named
        if not visitors:
            if visitors is None and organisation:
                return self._wrong(line, problems.PEOPLE_MISSING)
            return self._refused(line, problems.NOBODY.code)
        if line.number in self._reading.sums or self._adds_up(line, visitors, organisation):
            if line.number in self._reading.sums:
                self._watch.sums.append(line.number)
            if self._watch.ask(questions.SUMS, line.number, visitors, line.sample) == LEAVE_OUT:
                self._sums.close_run()
                self._whens.pass_over(line)
                return self._refused(line, questions.SUMS)
        when = self._whens.read(line, visitors)
        problem = when if isinstance(when, Problem) else self._outside(when)
        if isinstance(when, Problem) or problem:
            return self._wrong(line, problem or problems.DATE_UNKNOWN, self._whens.text(line))
        if self._is_of_other_period(line, when, visitors):
            return self._refused(line, questions.OTHER_PERIOD)
        return self._counted(line, when, visitors, named)

    def _is_of_other_period(self, line: TableLine, when: When, visitors: int) -> bool:
        """Return whether a date contradicts the name of its sheet, and the row is left out for it."""
        year, month = self._table.layout.period
        if year in (None, when.first.year) and month in (None, when.first.month):
            return False
        name, sample = shown(self._table.layout.name), line.sample
        params = {"name": name}
        chosen = self._watch.ask(questions.OTHER_PERIOD, line.number, visitors, sample, where=name, params=params)
        return chosen != TAKE

    def _counted(self, line: TableLine, when: When, visitors: int, named: Organisation | None) -> Unpacked:
        organisation = None if named is None or named.is_nobody else named
        groups = self._groups(line, when, organisation)
        if isinstance(groups, Problem) or groups > visitors:
            problem = groups if isinstance(groups, Problem) else problems.GROUPS_MANY
            return self._wrong(line, problem, self._text(line, HistoryColumn.GROUPS))
        texts = (self._place(line, visitors), self._kind(line, named), self._text(line, HistoryColumn.PROGRAMME))
        positions: list[int] = []
        for topic, text in zip(_TOPICS, texts, strict=True):
            at = self._outcome.position(topic, text[:_TEXT_LENGTH], line.row) if text else -1
            if at is None:
                return self._wrong(line, problems.TEXTS_MANY, text)
            positions.append(at)
        place, kind, programme = positions
        key, month = watch.key_of_when(when.span, when.first), when.first.replace(day=1)
        if self._is_copy(line, key, visitors, organisation):
            return self._refused(line, questions.COPIES)
        self._reading.cells.add(key, place, visitors)
        (self._reading.of_days if key & 1 else self._reading.of_months).add(month)
        if why := self._twice(line, when, key, texts[0], visitors):
            return self._refused(line, why)
        self._sums.add(key, visitors, line.number, bare=not (texts[0] or organisation or self._table.layout.across))
        self._digest.figures(
            when.span, when.first, visitors, groups, *map(_key_of, texts), organisation.key if organisation else ""
        )
        number = organisation.number if organisation and when.span is Span.DAY else None
        return Read(line.number, when.span, when.first, visitors, groups, place, kind, programme, number)

    def _is_copy(self, line: TableLine, key: int, visitors: int, organisation: Organisation | None) -> bool:
        """Return whether a row is a copy of another one and is left out for it."""
        named = bool(organisation and not organisation.is_kind) or self._digests.is_of_one_group(line)
        self._reading.copies.add(line.number, key, self._digests.of(line, key), named=named)
        if line.number not in self._reading.copied:
            return False
        return self._watch.ask(questions.COPIES, line.number, visitors, line.sample) == LEAVE_OUT

    def _twice(self, line: TableLine, when: When, key: int, place: str, visitors: int) -> str:
        """Return the question whose answer leaves a row out because others hold its people; empty where it counts."""
        if line.number in self._reading.named_sums:
            # Otherwise the row could not be recognised any more once it is left out.
            self._watch.named_sums.append(line.number)
        if self._reading.mixed and when.first.replace(day=1) in self._reading.mixed:
            chosen = self._watch.ask_whole(questions.DAYS_AND_MONTH, line.number, visitors, when.span is Span.DAY,
                                           ("days", "months"))  # fmt: skip
            if chosen == ("months" if when.span is Span.DAY else "days"):
                return questions.DAYS_AND_MONTH
        found = self._reading.hall.place_of(place) if self._reading.provinces else None
        if found and f"{key}/{found.division}" in self._reading.provinces:
            whole = not found.prefecture
            chosen = self._watch.ask_whole(questions.PROVINCE_AND_CITIES, line.number, visitors, whole,
                                           ("provinces", "cities"))  # fmt: skip
            if chosen == ("cities" if whole else "provinces"):
                return questions.PROVINCE_AND_CITIES
        elif line.number in self._reading.named_sums and (
            self._watch.ask(questions.NAMED_SUMS, line.number, visitors, line.sample) == LEAVE_OUT
        ):
            return questions.NAMED_SUMS
        return ""

    def _read_people(self, line: TableLine) -> int | Problem | None:
        """Return the people of a line by its cells alone, before any answer of a person."""
        if self._columns.each_row:
            return 1 if self._has_date(line) else None
        return self._people.read(line)

    def _has_date(self, line: TableLine) -> bool:
        return any(map(line.text, self._date_places))

    def _of_formula(self, line: TableLine, people: int) -> tuple[str, str] | None:
        """Return whether a formula shows that a line's people are those of other rows, so the row is left out."""
        formula = line.formulas.get(self._places.get(HistoryColumn.VISITORS, -1))
        if not formula or not adds_up_rows(formula, line.row):
            return None
        if self._watch.ask(questions.SUMS, line.number, people, f"={formula}") == LEAVE_OUT:
            self._sums.close_run()
            return questions.SUMS, ""
        return None

    def _adds_up(self, line: TableLine, visitors: int, organisation: Organisation | None) -> bool:
        """Return whether a row without a name has the people of those before it."""
        if not self._sums.count or self._columns.each_row or self._table.layout.across:
            return False
        dated = self._has_date(line)
        named = bool(
            line.text(self._places.get(HistoryColumn.PROVINCE)) or line.text(self._places.get(HistoryColumn.CITY))
        )
        if (named or organisation) and dated:
            return False
        if dated and (self._sums.last is None or self._sums.last[2]):
            return False  # the rows above have no names either
        return self._sums.adds_up(self._key_quietly(line) if dated else None, visitors)

    def _key_quietly(self, line: TableLine) -> int | None:
        found = self._whens.quietly(line)
        return watch.key_of_when(found.span, found.first) if isinstance(found, When) else None

    def _says_headings_again(self, line: TableLine) -> bool:
        """Return whether a line is the heading once more in other words, such as English below Chinese."""
        if any(re.search(r"\d", text) for text in line.texts) or self._table.layout.across or self._table.blocks:
            return False
        said = suggest(layout.see([line.texts]))
        return not said.several and len(said.places) > 1 and dict(said.places) == dict(self._columns.places)

    def _is_other_heading(self, line: TableLine) -> bool:
        """Return whether a line is a further heading, by which the rows below it are read if a person says so."""
        if any(re.search(r"\d", text) for text in line.texts) or self._table.layout.across or self._table.blocks:
            return False
        found = headings.guess(line.texts)
        if HistoryColumn.VISITORS not in found or not {HistoryColumn.DATE, HistoryColumn.MONTH} & found.keys():
            return False
        seen = layout.see([line.texts], name=self._table.layout.name, filename=self._table.layout.filename)
        suggested = suggest(seen)
        chosen = self._watch.ask(questions.OTHER_HEADING, line.number, 0, line.sample)
        self._passed_over = chosen == LEAVE_OUT
        if not self._passed_over:
            columns = replace(self._columns, places=suggested.places, plus=suggested.plus)
            self._begin(Table(sheet=self._table.sheet, layout=seen, columns=columns, is_text=self._table.is_text))
            self._lines = [line.texts]
        return True

    def _groups(self, line: TableLine, when: When, organisation: Organisation | None) -> int | Problem:
        """Return the number of groups of a row: as given; else one where a day or organisation is named; else 0."""
        text = self._text(line, HistoryColumn.GROUPS)
        groups = numbers.read_groups(text) if text else None
        if self._numbered and text and (found := _DIGITS.fullmatch(text)):
            self._watch.batches.note(int(found[1]), line.number)
            if self._reading.facts.get("batch"):
                name = label_text(self._table, HistoryColumn.GROUPS)
                chosen = self._watch.ask(questions.BATCH, line.number, 0, text, params={"name": name})
                groups = 1 if chosen == "number" else groups
        if isinstance(groups, Problem):
            return problems.GROUPS_UNCLEAR
        if groups is not None:
            return groups
        if self._columns.each_row or self._table.layout.across:
            return 0
        return 1 if organisation or when.span is Span.DAY else 0

    def _outside(self, when: When) -> Problem | None:
        """Return a month that the hall opened in, or that is running, may be counted."""
        if when.first > self._reading.hall.today:
            return problems.IN_FUTURE
        last = when.first if when.span is Span.DAY else _last_of(when.first)
        return problems.BEFORE_OPENING if last < self._reading.hall.opened_on else None

    def _left_out(self, line: TableLine) -> Problem | None:
        """Return the reason why a row does not count, by its texts."""
        texts = line.texts
        for at in self._labels:
            if at < len(texts) and (text := texts[at]) and (found := label_of(text)) and self._is_label(found, line):
                return found
        if self._has_date(line) or self._text(line, HistoryColumn.VISITORS):
            return None
        return problems.REMARK

    def _is_label(self, found: Problem, line: TableLine) -> bool:
        """Return whether a cell is a label: a remark labels a row only where the row has no people."""
        return found is not problems.REMARK or not self._text(line, HistoryColumn.VISITORS)

    def _place(self, line: TableLine, visitors: int) -> str:
        province, city = self._text(line, HistoryColumn.PROVINCE), self._text(line, HistoryColumn.CITY)
        if not province and not city and self._place_above:
            chosen = self._watch.ask(questions.BLANK_PLACE, line.number, visitors, line.sample)
            if chosen == "above":
                return self._place_above
        place = places.join(province, city) if city else province
        if place:
            self._place_above = place
        return place

    def _kind(self, line: TableLine, named: Organisation | None) -> str:
        """Return the written kind; if there is none, the text of the organisation if it means individual visitors."""
        kind = self._text(line, HistoryColumn.KIND)
        return self._text(line, HistoryColumn.ORGANISATION) if not kind and named and named.is_individual else kind

    def _named(self, line: TableLine) -> Organisation | None:
        """Return the text of the organisation's cell; None for an empty one."""
        text = self._text(line, HistoryColumn.ORGANISATION)
        return naming.read_organisation(text[:_TEXT_LENGTH]) if text else None

    def _text(self, line: TableLine, column: HistoryColumn) -> str:
        at = self._places.get(column)
        return line.texts[at] if at is not None and at < len(line.texts) else ""

    def _refused(self, line: TableLine, code: str, text: str = "") -> Refused:
        """Return a row that is left out."""
        return Refused(line.number, code, shown(text), True)

    def _wrong(self, line: TableLine, problem: Problem, text: str = "") -> Refused:
        """Return a row with a problem; one that waits for an answer, or is left out by it, is not wrong."""
        asked = isinstance(problem, Unclear) or problem.code in questions.QUESTIONS
        waits = problem is problems.DATE_YEARLESS and YEAR in self._watch.notes
        return Refused(line.number, problem.code, shown(text), asked or waits)


def text_of(cell: Cell) -> str:
    """Return the text of a cell; readers of spreadsheets return trimmed texts."""
    return cell if type(cell) is str else str(cell)


@lru_cache(maxsize=20_000)
def _key_of(text: str) -> str:
    """Return a text as written, without width, case, spaces and marks."""
    return organisation_key(text[:_TEXT_LENGTH])


def _last_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
