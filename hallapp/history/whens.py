"""The day or the month of a row: by its cells, by the year of the title, by the row above, by what a person says."""

import re
from collections.abc import Mapping
from datetime import date

from hallapp.history import days, problems, questions
from hallapp.history.columns import Column
from hallapp.history.days import When
from hallapp.history.findings import YEAR
from hallapp.history.lines import Line, Table, places_of
from hallapp.history.problems import Problem
from hallapp.history.watch import Watch
from hallapp.sheets.model import Moment

STORED = "stored"  # the choice that the years of the cells hold
_UTC = re.compile(r"utc|gmt|世界时|格林")
_DATES = (Column.DATE, Column.MONTH, Column.YEAR)


class Whens:
    """Reads the dates of one table."""

    def __init__(self, table: Table, watch: Watch, zone: str) -> None:
        self._table, self._watch, self._zone = table, watch, zone
        self._places: Mapping[Column, int] = places_of(table)
        self._column = Column.DATE if Column.DATE in self._places else Column.MONTH
        self._at = self._places.get(self._column)
        self._hints = {str(hint.year): str(hint.year) for hint in table.layout.years}
        self._above: When | None = None
        self._parts_above = {Column.YEAR: "", Column.MONTH: ""}

    def read(self, line: Line, people: int) -> When | Problem:
        """The day or the month of a line."""
        found = self._of_parts(line, people) if Column.YEAR in self._places else self._of_cell(line, people)
        if found is problems.DATE_MISSING and self._above and people:
            chosen = self._watch.ask(questions.BLANK_DATE, line.number, people, line_sample(line))
            return self._above if chosen == "above" else Problem(questions.BLANK_DATE, "")
        if isinstance(found, When):
            self._above = found
        return found

    def quietly(self, line: Line) -> When | Problem:
        """The same, without a question."""
        cell = line.cell(self._at)
        return days.read_moment(cell) if isinstance(cell, Moment) else days.read_day(str(cell))

    def text(self, line: Line) -> str:
        """What stands where the date should be."""
        return next((text for column in _DATES if (text := line.text(self._places.get(column)))), "")

    def _of_cell(self, line: Line, people: int) -> When | Problem:
        cell = line.cell(self._at)
        if isinstance(cell, Moment):
            found: When | Problem = self._of_moment(cell, line, people)
        else:
            self._watch.note_order(str(cell))
            found = self._settled(days.read_day(str(cell)), line, people)
            if found is problems.DATE_YEARLESS:
                found = self._with_year(str(cell), line, people)
        return days.month_of(found) if self._column is Column.MONTH else found

    def _of_moment(self, moment: Moment, line: Line, people: int) -> When | Problem:
        if moment.shows_year:
            return days.read_moment(moment)
        stored = str(moment.day.year)
        labels = self._hints | {STORED: ""}
        chosen = self._watch.ask(
            YEAR, line.number, people, f"{moment} ({stored})", labels=labels, suggested=next(iter(labels))
        )
        if chosen in ("", STORED):
            return days.read_moment(moment)
        try:
            day = moment.day.replace(year=int(chosen))
        except ValueError:
            return problems.DATE_IMPOSSIBLE
        return days.read_moment(Moment(day, moment.shows_day))

    def _with_year(self, text: str, line: Line, people: int) -> When | Problem:
        """A date without a year, in the year that the title says or a person has said."""
        chosen = self._watch.ask(
            YEAR, line.number, people, text, labels=dict(self._hints), suggested=next(iter(self._hints), "")
        )
        if not chosen or chosen == STORED:
            return problems.DATE_YEARLESS
        return in_year(text, int(chosen))

    def _of_parts(self, line: Line, people: int) -> When | Problem:
        year, month, day = (line.text(self._places.get(column)) for column in (Column.YEAR, Column.MONTH, Column.DAY))
        above = self._parts_above
        if people and ((not year and above[Column.YEAR]) or (not month and above[Column.MONTH])) and (day or month):
            if self._watch.ask(questions.BLANK_DATE, line.number, people, line_sample(line)) != "above":
                return Problem(questions.BLANK_DATE, "")
            year, month = year or above[Column.YEAR], month or above[Column.MONTH]
        if year:
            above[Column.YEAR] = year
        if month:
            above[Column.MONTH] = month
        return self._settled(days.read_parts(year, month, day), line, people)

    def _settled(self, found: When | Problem, line: Line, people: int) -> When | Problem:
        return self._watch.settle(found, line.number, people, self.text(line)) if isinstance(found, Problem) else found


def in_year(text: str, year: int) -> When | Problem:
    """A date without a year as one of this year."""
    for form in (f"{year}年{text}", f"{year}-{text}", f"{text} {year}", f"{text}-{year}"):
        found = days.read_day(form)
        if isinstance(found, When):
            return found
    return problems.DATE_YEARLESS


def month_start(first: date) -> date:
    """The first day of its month."""
    return first.replace(day=1)


def line_sample(line: Line) -> str:
    """What stands in a line, in short."""
    return " · ".join(text for text in line.texts if text)[:60]
