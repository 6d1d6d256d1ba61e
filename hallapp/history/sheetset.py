"""The sheets of a workbook that are read: the best known one, and others of its kind where a person chooses them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from hallapp.history import columns as headings
from hallapp.history import layout, questions
from hallapp.history.columns import Columns, HistoryColumn
from hallapp.history.findings import LEAVE_OUT, TAKE, Finding, choices_of, key_of
from hallapp.history.layout import Layout
from hallapp.history.lines import Table, shown
from hallapp.history.service import Look
from hallapp.history.suggest import Suggestion, suggest
from hallapp.sheets.errors import FileEmpty
from hallapp.sheets.files import SheetFile

_LOOK_AT_ROWS = 40
_SHEETS_MOST = 100
_SAMPLES = 5
_NAMES_LENGTH = 200
_SUMMARY = re.compile(r"汇总|合计|总计|总表|全年|年度|统计总|summary|total|overview|all", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """A sheet with its layout and its probable columns."""

    sheet: SheetFile
    layout: Layout
    suggestion: Suggestion

    @property
    def has_numbers(self) -> bool:
        """Return whether it may contain figures."""
        return any(re.fullmatch(r"[\d.,]+", text) for row in self.layout.rows for text in row)


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of a file, and the place of the one that is read first."""

    seen: Sequence[Seen]
    at: int

    @property
    def first(self) -> Seen:
        """Return the sheet that is read first."""
        return self.seen[self.at]

    def look(self) -> Look:
        """Return the data for the page of columns."""
        first = self.first
        samples = [[shown(text) for text in row] for row in first.layout.samples[:_SAMPLES]]
        return Look(
            sheets=[shown(one.sheet.name) for one in self.seen],
            sheet=self.at,
            heading=first.layout.lines[1],
            headings=[shown(heading) for heading in first.layout.headings],
            samples=samples,
            suggestion=first.suggestion,
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tables that are read, each with its sheet, and the findings about the other sheets."""

    tables: Sequence[tuple[Table, SheetFile]]
    findings: Sequence[Finding]


def see(sheets: Sequence[SheetFile], filename: str, chosen: int) -> Book:
    """Examine the top of every sheet; the chosen sheet is read first, or the one with the clearest heading.

    Raises:
        FileEmpty: all sheets are empty.
    """
    seen = [_see(sheet, filename) for sheet in sheets[:_SHEETS_MOST]]
    if not any(one.layout.rows for one in seen):
        raise FileEmpty
    best = max(range(len(seen)), key=lambda at: (_worth(seen[at]), -at))
    return Book(seen, chosen if 0 <= chosen < len(seen) and seen[chosen].layout.rows else best)


def _see(sheet: SheetFile, filename: str) -> Seen:
    rows = [[str(cell).strip() for cell in row.cells] for row in islice(sheet.rows(), _LOOK_AT_ROWS)]
    found = layout.see(rows, name=sheet.name, filename=filename, hidden_columns=sheet.hidden_columns)
    return Seen(sheet, found, suggest(found))


def _worth(seen: Seen) -> tuple[bool, bool, bool, bool, int]:
    """Return the rank of a sheet: visible before hidden, tables before others, details before sums."""
    known = len(headings.guess(seen.layout.headings))
    is_sum = bool(_SUMMARY.search(seen.sheet.name))
    return bool(seen.layout.rows), not seen.sheet.hidden, seen.suggestion.is_whole, not is_sum, known


def choose(book: Book, columns: Columns, answers: Mapping[str, str]) -> Chosen:
    """Choose the tables that are read: one sheet alone if a person chose it, else all of the same kind."""
    columns = _answered(columns, answers, len(book.first.layout.headings))
    first = _table(book, book.at, columns)
    if answers.get(questions.SHEETS) == "one" or len(book.seen) == 1:
        return Chosen([(first, book.first.sheet)], list(_of_columns(first)))
    like, summaries, findings = _others(book, columns, answers)
    tables = sorted([first, *like, *summaries], key=lambda one: one.sheet)
    found = [*_of_columns(first), *findings]
    if like:
        found.insert(0, _of_like(book, first, like))
    return Chosen([(table, book.seen[table.sheet].sheet) for table in tables], found)


def _answered(columns: Columns, answers: Mapping[str, str], width: int) -> Columns:
    """Return the columns with those that were chosen as the answer to a question."""
    for column, code in questions.CODES.items():
        said = answers.get(code, "")
        at, *plus = [int(part) for part in said.split("+")] if re.fullmatch(r"\d{1,3}(\+\d{1,3})*", said) else [width]
        if column in columns.unsure and max(at, *plus, 0) < width:
            places = {one: place for one, place in columns.places.items() if place != at} | {column: at}
            columns = replace(
                columns, places=places, plus=tuple(plus) if column is HistoryColumn.VISITORS else columns.plus
            )
    return columns


def _others(book: Book, columns: Columns, answers: Mapping[str, str]) -> tuple[list[Table], list[Table], list[Finding]]:
    """Return the tables of similar sheets, the chosen sums of them, and the findings of the others."""
    like: list[Table] = []
    summaries: list[Table] = []
    findings: list[Finding] = []
    for at, seen in enumerate(book.seen):
        name = shown(seen.sheet.name)
        if at == book.at or not seen.layout.rows:
            continue
        table, synonyms = _like(book, at, columns)
        if seen.sheet.hidden:
            findings += [_of_sheet(questions.HIDDEN_SHEET, name)] if seen.has_numbers else []
        elif table and not _SUMMARY.search(seen.sheet.name):
            findings += [_of_synonyms(name, synonyms)] if synonyms else []
            if not (synonyms and answers.get(key_of(questions.SHEET_COLUMNS, name)) == LEAVE_OUT):
                like.append(table)
        elif table:
            findings.append(_of_sheet(questions.SUMMARY_SHEET, name, TAKE))
            if answers.get(key_of(questions.SUMMARY_SHEET, name)) == TAKE:
                summaries.append(table)
        elif seen.has_numbers:
            findings.append(_of_sheet(questions.OTHER_SHEET, name))
    return like, summaries, findings


def _of_sheet(code: str, name: str, *choices: str) -> Finding:
    question = questions.QUESTIONS[code]
    return Finding(
        code=code,
        where=name,
        choices=choices_of(LEAVE_OUT, *choices),
        suggested=LEAVE_OUT,
        must=question.must,
        params={"name": name},
    )


def _of_synonyms(name: str, synonyms: Sequence[str]) -> Finding:
    return Finding(
        code=questions.SHEET_COLUMNS,
        where=name,
        choices=choices_of(TAKE, LEAVE_OUT),
        suggested=TAKE,
        params={"name": name, "names": ", ".join(synonyms)[:_NAMES_LENGTH]},
    )


def _of_like(book: Book, first: Table, like: Sequence[Table]) -> Finding:
    names = [shown(book.seen[table.sheet].sheet.name) for table in sorted([first, *like], key=lambda one: one.sheet)]
    return Finding(
        code=questions.SHEETS,
        sample=", ".join(names),
        choices=choices_of("all", "one"),
        suggested="all",
        params={"name": shown(book.first.sheet.name)},
    )


def _of_columns(table: Table) -> Iterator[Finding]:
    """Return the findings about hidden columns that are read, and about tables across."""
    hidden = table.layout.hidden_columns & {*table.columns.places.values(), *table.columns.plus}
    for at in sorted(hidden):
        name = shown(table.layout.headings[at]) if at < len(table.layout.headings) else ""
        yield Finding(
            code=questions.HIDDEN_COLUMN,
            where=name,
            choices=choices_of(TAKE),
            suggested=TAKE,
            params={"name": name},
        )
    if across := table.layout.across:
        yield Finding(
            code=questions.ACROSS,
            choices=choices_of(TAKE),
            suggested=TAKE,
            must=False,
            params={"kind": across.kind, "names": ", ".join(across.cells.values())[:200]},
        )
    if across and across.left:
        yield Finding(
            code=questions.ACROSS_LEFT,
            choices=choices_of(LEAVE_OUT),
            suggested=LEAVE_OUT,
            params={"names": shown(", ".join(across.left))},
        )


def _table(book: Book, at: int, columns: Columns) -> Table:
    seen = book.seen[at]
    return Table(
        sheet=at if len(book.seen) > 1 else 0,
        layout=seen.layout,
        columns=columns,
        merges=seen.sheet.merges,
        is_text=not seen.sheet.name,
        blocks=seen.layout.blocks,
    )


def _like(book: Book, at: int, columns: Columns) -> tuple[Table | None, list[str]]:
    """A sheet of the same kind as the first one, by its headings, and the headings that mean the same in other words.

    There is no table for a sheet of another kind.
    """
    first, seen = book.first.layout, book.seen[at].layout
    if (first.across is None) != (seen.across is None):
        return None, []
    if first.across and seen.across:
        if first.across.kind != seen.across.kind or not book.seen[at].suggestion.is_whole:
            return None, []
        return _table(book, at, replace(columns, places=book.seen[at].suggestion.places)), []
    places: dict[HistoryColumn, int] = {}
    synonyms: list[str] = []
    for column, place in columns.places.items():
        found = _same(first.headings, place, seen.headings)
        if found is None and (found := _synonym(first, place, book.seen[at], column)) is not None:
            synonyms.append(f"{shown(seen.headings[found])} = {shown(first.headings[place])}")
        if found is not None:
            places[column] = found
    plus = [_same(first.headings, place, seen.headings) for place in columns.plus]
    across = first.across.kind if first.across else ""
    if None in plus or any(headings.problems_of(places, each_row=columns.each_row, across=across)):
        return None, []
    columns = replace(columns, places=places, plus=tuple(one for one in plus if one is not None))
    return _table(book, at, columns), synonyms


def _synonym(first: Layout, place: int, seen: Seen, column: HistoryColumn) -> int | None:
    """The place of the one column of a sheet whose heading means the same as that of a column of the first sheet."""
    if place >= len(first.headings) or headings.guess([first.headings[place]]).get(column) != 0:
        return None
    return None if column in seen.suggestion.several else seen.suggestion.places.get(column)


def _same(ours: Sequence[str], place: int, theirs: Sequence[str]) -> int | None:
    """Return the place of our heading among theirs: the same place where it is the same."""
    if place >= len(ours):
        return None
    if place < len(theirs) and headings.whole_key_of(ours[place]) == headings.whole_key_of(theirs[place]):
        return place
    return headings.find_place(ours[place], theirs)
