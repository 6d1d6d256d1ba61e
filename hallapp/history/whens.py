"""The day or the month of a row: by its cells, the year of the title, the row above, or a person's answer."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo

from hallapp.history import days, problems, questions
from hallapp.history.columns import HistoryColumn
from hallapp.history.days import When
from hallapp.history.findings import YEAR, is_year
from hallapp.history.lines import Table, TableLine, places_of
from hallapp.history.problems import Problem
from hallapp.history.watch import Watch
from hallapp.ledger.models import Span
from hallapp.sheets.cells import Moment

STORED = "stored"  # the choice of the years in the cells
TITLE = "title"  # the choice of the year in the title or in the sheet's name
_DAY_ALONE = re.compile(r"([12]?\d|3[01])(?:\.0*)?\s*[日号]?")
_YEAR_TITLE = re.compile(r"((?:19|20)\d{2})\s*(?:年(?!\s*(?:\d|[一二三四五六七八九十]|合计|总计|小计|累计|全年))|$)")
_TURN = 6  # months: a date that is so many before the last one may be of the following year
_MONTH_ALONE = re.compile(r"(?:1[0-2]|0?[1-9])(?:\.0*)?")
_UTC = re.compile(r"utc|gmt|世界时|格林")
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_DATES = (HistoryColumn.DATE, HistoryColumn.MONTH, HistoryColumn.YEAR)


class Whens:
    """Reads the dates of one table."""

    def __init__(self, table: Table, watch: Watch, zone: tzinfo) -> None:
        self._watch, self._zone = watch, zone
        self._places: Mapping[HistoryColumn, int] = places_of(table)
        self._column = HistoryColumn.DATE if HistoryColumn.DATE in self._places else HistoryColumn.MONTH
        self._at = self._places.get(self._column)
        self._hints = {str(hint.year): str(hint.year) for hint in table.layout.years}
        self._month = table.layout.month if self._column is HistoryColumn.DATE else None
        self._above: When | None = None
        self._has_parts = HistoryColumn.DATE not in self._places and bool(
            {HistoryColumn.YEAR, HistoryColumn.DAY} & self._places.keys()
        )
        headings = table.layout.headings
        self._heading = headings[self._at] if self._at is not None and self._at < len(headings) else ""
        self._utc = bool(_UTC.search(self._heading.casefold()))
        self._plain = self._column is HistoryColumn.DATE and not self._utc
        self._months: list[int] = []  # of the dates without a year, each once, the last one at the end
        self._turned = False  # whether they have gone on to the beginning of a year
        self._parts_above = {HistoryColumn.YEAR: "", HistoryColumn.MONTH: ""}

    def read(self, line: TableLine, people: int) -> When | Problem:
        """Return the day or the month of a line."""
        found = self._of_parts(line, people) if self._has_parts else self._of_cell(line, people)
        if found is problems.DATE_MISSING and self._above and people:
            chosen = self._watch.ask(questions.BLANK_DATE, line.number, people, line.sample)
            return self._above if chosen == "above" else Problem(questions.BLANK_DATE, "")
        if isinstance(found, When):
            self._above = found
        return found

    def see_title(self, line: TableLine) -> None:
        """Take the year of a title that is alone above the rows below it."""
        texts = [text for text in line.texts if text]
        if len(texts) == 1 and (found := _YEAR_TITLE.match(texts[0])):
            self._hints = {found[1]: found[1]}
            self._months, self._turned = [], False

    def pass_over(self, line: TableLine) -> None:
        """Keep the date of a row that does not count for the rows below it that have none."""
        found = self.quietly(line)
        if isinstance(found, When):
            self._above = found

    def quietly(self, line: TableLine) -> When | Problem:
        """Return the time of a row without asking a question."""
        cell = line.cell(self._at)
        return days.read_moment(cell) if isinstance(cell, Moment) else days.read_day(str(cell), zone=self._zone)

    def text(self, line: TableLine) -> str:
        """Return the text in the place of the date."""
        return next((text for column in _DATES if (text := line.text(self._places.get(column)))), "")

    def _of_cell(self, line: TableLine, people: int) -> When | Problem:
        cell = line.cell(self._at)
        if self._column is HistoryColumn.MONTH and _MONTH_ALONE.fullmatch(str(cell)):
            return self._of_parts(line, people)
        if isinstance(cell, Moment):
            if cell.shows_day and cell.shows_year:
                self._watch.note_date(cell.day)
            if cell.shows_day and cell.shows_year and self._plain and not self._watch.facts.get("swapped"):
                return When(Span.DAY, cell.day)
            found: When | Problem = self._of_moment(cell, line, people)
        else:
            text = self._with_month(self._in_zone(str(cell), line, people), line, people)
            self._watch.note_order(text)
            found = days.read_day(text, zone=self._zone)
            if found is problems.DATE_YEARLESS and (year := self._year(line, people, text)):
                found = self._turn(days.read_day(text, year=year, zone=self._zone), line, people)
        if self._column is HistoryColumn.MONTH:
            found = days.month_of(found)
        return self._watch.settle(found, line.number, people, self.text(line))

    def _of_moment(self, moment: Moment, line: TableLine, people: int) -> When | Problem:
        if not moment.shows_year:
            stored = moment.day.year
            year = self._year(line, people, str(moment), stored)
            found = days.read_moment(moment, year=year)
            return found if year == stored else self._turn(found, line, people)
        if self._utc and moment.at:
            return days.read_day(
                self._in_zone(f"{moment.day.isoformat()} {moment.at:%H:%M}", line, people), zone=self._zone
            )
        if self._watch.facts.get("swapped") and moment.shows_day:
            return days.may_be_swapped(moment.day)
        return days.read_moment(moment)

    def _year(self, line: TableLine, people: int, text: str, stored: int | None = None) -> int | None:
        """Return the year of a date without one: chosen by a person, else from the title; None where unknown."""
        labels = {TITLE: ""} if len(self._hints) == 1 else dict(self._hints)
        labels |= {STORED: ""} if stored else {}
        suggested = TITLE if TITLE in labels else STORED if stored and not self._hints else ""
        sample = f"{text} ({stored})" if stored else text
        chosen = self._watch.ask(YEAR, line.number, people, sample, labels=labels, suggested=suggested)
        self._watch.add_names(YEAR, self._hints)
        if chosen == TITLE:
            chosen = next(iter(self._hints), "")
        return int(chosen) if is_year(chosen) else stored

    def _turn(self, found: When | Problem, line: TableLine, people: int) -> When | Problem:
        """Return a date in the year that was chosen; in the one after it, if the dates above had reached its end.

        A month that was there before begins no year: then each place or programme has its months.
        """
        if not isinstance(found, When):
            return found
        month = found.first.month
        if self._months and self._months[-1] - month >= _TURN and month not in self._months:
            self._turned = True
        if month in self._months:
            self._months.remove(month)
        self._months.append(month)
        if not self._turned or self._watch.ask(questions.NEW_YEAR, line.number, people, self.text(line)) != "next":
            return found
        try:
            return replace(found, first=found.first.replace(year=found.first.year + 1))
        except ValueError:
            return problems.DATE_IMPOSSIBLE

    def _with_month(self, text: str, line: TableLine, people: int) -> str:
        """Return a day without a month, such as `5日`, in the month of the sheet's name or title, such as `3月`."""
        if self._month is None or not (found := _DAY_ALONE.fullmatch(text)):
            return text
        self._watch.ask(questions.MONTH, line.number, people, text)
        self._watch.add_names(questions.MONTH, [str(self._month)])
        return f"{self._month}月{found[1]}日"

    def _in_zone(self, text: str, line: TableLine, people: int) -> str:
        """Return a time of a column whose heading names UTC; an instant in UTC if a person confirmed it."""
        if not self._utc or not _TIME.search(text):
            return text
        chosen = self._watch.ask(questions.ZONE, line.number, people, text, params={"name": self._heading})
        return f"{text}Z" if chosen == "convert" else text

    def _of_parts(self, line: TableLine, people: int) -> When | Problem:
        year, month, day = (
            line.text(self._places.get(column))
            for column in (HistoryColumn.YEAR, HistoryColumn.MONTH, HistoryColumn.DAY)
        )
        above = self._parts_above
        if (
            people
            and ((not year and above[HistoryColumn.YEAR]) or (not month and above[HistoryColumn.MONTH]))
            and (day or month)
        ):
            if self._watch.ask(questions.BLANK_DATE, line.number, people, line.sample) != "above":
                return Problem(questions.BLANK_DATE, "")
            year, month = year or above[HistoryColumn.YEAR], month or above[HistoryColumn.MONTH]
        if year:
            above[HistoryColumn.YEAR] = year
        if month:
            above[HistoryColumn.MONTH] = month
        found = days.read_parts(year, month, day, zone=self._zone)
        if found is problems.DATE_YEARLESS and (
            of_year := self._year(line, people, f"{month}/{day}" if day else month)
        ):
            found = self._turn(days.read_parts(year, month, day, year=of_year, zone=self._zone), line, people)
        return self._watch.settle(found, line.number, people, self.text(line))
