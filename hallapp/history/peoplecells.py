"""The people of a line by its cells: in their unit, from merged cells, and where two columns hold the same people."""

import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from hallapp.history import numbers, places, problems, questions
from hallapp.history.columns import HistoryColumn
from hallapp.history.findings import LEAVE_OUT, TAKE
from hallapp.history.lines import Table, TableLine, places_of, shown
from hallapp.history.place import Place
from hallapp.history.problems import Problem
from hallapp.history.spots import column_of, spot
from hallapp.history.units import read_unit
from hallapp.history.watch import Watch
from hallapp.sheets.cells import UNCACHED
from hallapp.sheets.model import SheetRow

#: A number as a unit of thousands can multiply it.
PLAIN = re.compile(r"\d{1,9}(\.\d{1,6})?")


class PeopleCells:
    """Reads the people of the lines of one table, and asks where their cells can be read in two ways.

    `remark` is the unit that the rows below the table name for all of its columns; empty where they name none.
    """

    def __init__(self, table: Table, watch: Watch, remark: str) -> None:
        self._table, self._watch, self._remark = table, watch, remark
        self._columns, self._places = table.columns, places_of(table)
        self._units: dict[int, tuple[int, str]] = {}  # by the column of the table
        self._merged_numbers, self._same = _merged_numbers(table), _same_places(table)

    def read(self, line: TableLine) -> int | Problem | None:
        """Return the people of a line by its cells alone, before any answer of a person."""
        at = self._places.get(HistoryColumn.VISITORS)
        if line.cell(at) is UNCACHED:
            return problems.FORMULA
        found = self._number(line, at if at is not None else -1)
        for more in self._columns.plus:
            other = self._number(line, more)
            if isinstance(other, Problem):
                return other
            found = found if other is None or isinstance(found, Problem) else (found or 0) + other
        return found

    def _unit_of(self, at: int) -> tuple[int, str]:
        """Return the factor of a column and where it is named; a remark below the table counts for all columns."""
        if at not in self._units:
            found = self._table.layout.unit_of(at)
            named_below = found[0] == 1 and self._remark
            self._units[at] = (read_unit(self._remark), self._remark) if named_below else found
        return self._units[at]

    def _number(self, line: TableLine, at: int) -> int | Problem | None:
        text = line.text(at) if at >= 0 else ""
        factor, unit = self._unit_of(column_of(line.number) if self._table.layout.across else at)
        return self._in_units(line, text, factor, unit) if factor > 1 and text else numbers.read_people(text)

    def quietly(self, texts: Sequence[str], at: int) -> int | Problem | None:
        """Return the people of a cell in its unit by the choice in force, without asking a question."""
        text = texts[at] if at < len(texts) else ""
        factor, unit = self._unit_of(at)
        bare = _bare(text)
        if factor == 1 or not PLAIN.fullmatch(bare) or self._watch.choice(questions.UNIT, unit[:40]) == "as-is":
            return numbers.read_people(text)
        return int(Decimal(bare) * factor)

    def _in_units(self, line: TableLine, text: str, factor: int, unit: str) -> int | Problem | None:
        bare = _bare(text)
        if not PLAIN.fullmatch(bare):
            return numbers.read_people(text)
        value = Decimal(bare) * factor
        if value != value.to_integral_value() or value > numbers.MOST:
            return problems.PEOPLE_UNCLEAR
        plain = Decimal(bare)
        note = self._watch.note(questions.UNIT, unit[:40], params={"name": unit[:40], "factor": f"{factor:,}"})
        if note:
            note.totals["times"] += int(value)
            note.totals["as-is"] += int(plain)
        chosen = self._watch.ask(questions.UNIT, line.number, int(value), text, where=unit[:40])
        if chosen == "as-is":
            return int(plain) if plain == plain.to_integral_value() else problems.PEOPLE_UNCLEAR
        return int(value)

    def note_candidates(self, line: TableLine) -> None:
        """Add up the totals of each of several candidate columns."""
        for column in self._columns.unsure:
            self._watch.add_candidates(column, line, self._table, self.quietly)

    def differs_from_total(self, row: SheetRow, texts: list[str]) -> bool:
        """Return whether the cells of a row across do not add up to its total, and the row is left out for it."""
        across = self._table.layout.across
        if not across or across.total is None or across.total >= len(texts):
            return False
        total = self.quietly(texts, across.total)
        found = [self.quietly(texts, at) for at in across.cells if at < len(texts)]
        people = sum(one for one in found if isinstance(one, int))
        if not isinstance(total, int) or any(isinstance(one, Problem) for one in found) or people == total:
            return False
        number = spot(row.number, sheet=self._table.sheet)
        sample = f"{people} ≠ {total}"
        return self._watch.ask(questions.ACROSS_TOTAL, number, people, sample) == LEAVE_OUT

    def of_merge(self, line: TableLine, people: int) -> tuple[str, str] | None:
        """Return why a line is left out whose number is merged over several rows or columns; None to count it."""
        if not people or (line.row, self._number_at(line)) not in self._merged_numbers:
            return None
        chosen = self._watch.ask(questions.MERGED, line.number, people, line.sample)
        return None if chosen == TAKE else (questions.MERGED, "")

    def of_same_place(self, line: TableLine, people: int) -> tuple[str, str] | None:
        """Return why a line is left out whose place has several columns and no total of the row; None to count it."""
        same = self._same.get(column_of(line.number)) if people and self._table.layout.across else None
        if not same or self._has_total(line.texts):
            return None
        names = shown(", ".join(self._table.layout.headings[at] for at in same))
        sample, is_first = line.sample, column_of(line.number) == same[0]
        chosen = self._watch.ask(
            questions.ACROSS_SAME, line.number, people, sample, where=names, params={"names": names}
        )
        if note := self._watch.note(questions.ACROSS_SAME, names):
            note.totals["first"] += people * is_first
            note.totals["both"] += people
        return None if is_first or chosen == "both" else (questions.ACROSS_SAME, names)

    def _has_total(self, texts: Sequence[str]) -> bool:
        """Return whether a row across has a total; where its cells do not add up to it, that is asked about."""
        total = self._table.layout.across.total if self._table.layout.across else None
        return total is not None and isinstance(self.quietly(texts, total), int)

    def _number_at(self, line: TableLine) -> int:
        """Return the column of the sheet in which a line's people are."""
        if self._table.layout.across:
            return column_of(line.number)
        return max(column_of(line.number), 0) + self._places.get(HistoryColumn.VISITORS, 0)


def _merged_numbers(table: Table) -> frozenset[tuple[int, int]]:
    """Return the rows and columns of the first cells of merges that span several numbers of people."""
    across = table.layout.across.cells if table.layout.across else ()
    starts = table.blocks or (0,)
    own = {table.columns.places.get(HistoryColumn.VISITORS, -1), *table.columns.plus}
    numbers_in = set(across) or {start + at for start in starts for at in own if at >= 0}
    return frozenset(
        (merge.first_row, merge.first_column)
        for merge in table.merges
        if merge.first_column in numbers_in
        and (
            merge.last_row > merge.first_row
            or len(numbers_in & set(range(merge.first_column, merge.last_column + 1))) > 1
        )
    )


def _same_places(table: Table) -> dict[int, list[int]]:
    """Return the columns across with the same place as others, each with all of them."""
    across = table.layout.across
    if not across or across.kind != "place":
        return {}
    found: defaultdict[Place, list[int]] = defaultdict(list)
    for at, text in across.cells.items():
        if isinstance(place := places.read_place(text), Place):
            found[place].append(at)
    return {at: same for same in found.values() if len(same) > 1 for at in same}


def _bare(text: str) -> str:
    """Return a number in the unit of its column without the words behind it."""
    return re.sub(r"[万千百]?\s*(人次|人|名)?$", "", text.replace(",", "").strip())
