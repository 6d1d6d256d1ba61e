"""Conversion of rows of cells to people: the heading, the wanted columns, rows that are no person, and why."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hallapp.core.errors import N_
from hallapp.namelist import errors, headings, marks, names, pasted, uploads
from hallapp.namelist.found import LeftOut, NameRow, Why, from_label, hidden
from hallapp.namelist.headings import Block, NamePart
from hallapp.namelist.marks import Kind
from hallapp.namelist.models import ListColumn
from hallapp.namelist.names import Problem
from hallapp.namelist.uploads import NameSheet

_HEADING_WITHIN = 20  # non-empty rows
_SHOWN = 200  # characters shown of a row that is left out


@dataclass(frozen=True, slots=True)
class Ignored:
    """Rows that cannot hold a person, and why: `why` is a message id."""

    numbers: tuple[int, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """The result of reading a file.

    `left_out` are the entries that were not read as people; `ignored` are blank rows and headings. `columns` are the
    headings that were read, with their meanings; `unread` are those that the hall does not ask for, which are not
    stored. `sheet` was read, `other_sheets` were not.
    """

    rows: tuple[NameRow, ...]
    left_out: tuple[LeftOut, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    columns: tuple[tuple[str, NamePart | ListColumn], ...] = ()
    unread: tuple[str, ...] = ()
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    pasted: bool = False


@dataclass(frozen=True, slots=True)
class _Layout:
    """The place of a sheet's list: below the row with this index, or from the first row where it is -1."""

    heading: int
    blocks: tuple[Block, ...]


def understand_file(
    content: bytes, *, filename: str = "", wanted: Sequence[ListColumn] = (), labels: Iterable[str] = ()
) -> Understood:
    """Read the people of a file: names, and the columns that the hall wants; `labels` are those of its own column.

    Raises:
        FileRefused: in one of its kinds, where there is nothing to show.
    """
    found = uploads.read(content, filename)
    words = headings.words_of(wanted, labels)
    sheet = next((one for one in found if _find_heading(one, words)), found[0])
    return _understand(sheet, words, others=tuple(one.name for one in found if one is not sheet))


def understand_text(text: str, *, wanted: Sequence[ListColumn] = (), labels: Iterable[str] = ()) -> Understood:
    """Read people from typed or pasted text: a table with its heading, or names from a chat.

    Raises:
        FileRefused: as for a file.
    """
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    lines = sum(1 for line in text.splitlines() if line.strip())
    if not lines:
        raise errors.NothingSent
    if lines > uploads.ROWS_MOST:
        raise errors.TooManyRows(most=uploads.ROWS_MOST)
    words = headings.words_of(wanted, labels)
    if table := _find_table(text, words):
        return _understand(table, words, others=())
    people, left = pasted.read(text)
    rows = [_checked(row, row.name) for row in people]
    return Understood(rows=tuple(_marked(rows)), left_out=tuple(left), pasted=True)


def _find_table(text: str, words: dict[str, ListColumn]) -> NameSheet | None:
    """Return the table that was copied from a spreadsheet, known by its heading; None for other texts."""
    try:
        sheet = uploads.read_text(text)
    except errors.FileRefused:  # a chat message may have any number of commas in a line
        return None
    layout = _find_heading(sheet, words)
    return sheet if layout and sum(map(bool, sheet.rows[layout.heading][1])) > 1 else None


def _understand(sheet: NameSheet, words: dict[str, ListColumn], *, others: tuple[str, ...]) -> Understood:
    layout = _find_heading(sheet, words) or _without_heading(sheet)
    heading = sheet.rows[layout.heading][1] if layout.heading >= 0 else []
    ignored: dict[str, list[int]] = {}
    left: list[LeftOut] = []
    body = list(_people_rows(sheet, layout, ignored, left))
    rows = [row for block in layout.blocks for row in _people(sheet, body, block)]
    left += [one for block in layout.blocks for one in _other_columns(body, heading, block)]
    columns = [column for block in layout.blocks for column in headings.columns_of(block)] if heading else []
    used = {at for at, _column in columns} | {at for block in layout.blocks for at in block.others}
    unread = [_shown(cell) for at, cell in enumerate(heading) if at not in used and _is_unread(cell)]
    return Understood(
        rows=tuple(_marked(rows)),
        left_out=tuple(left),
        ignored=tuple(Ignored(tuple(numbers), why) for why, numbers in ignored.items() if numbers),
        columns=tuple(dict.fromkeys((_shown(heading[at]), column) for at, column in columns)),
        unread=tuple(dict.fromkeys(unread)),
        sheet=sheet.name,
        other_sheets=others,
    )


def _shown(heading: str) -> str:
    text = names.tidy_text(heading)
    return text if len(text) <= headings.LONGEST else f"{text[: headings.LONGEST]}…"


def _is_unread(cell: str) -> bool:
    return bool(cell.strip()) and not headings.is_serial(cell)


def _find_heading(sheet: NameSheet, words: dict[str, ListColumn]) -> _Layout | None:
    for index, (_number, row) in enumerate(sheet.rows[:_HEADING_WITHIN]):
        if blocks := headings.blocks_of(row, words):
            return _Layout(index, blocks)
    return None


def _without_heading(sheet: NameSheet) -> _Layout:
    """Return the first column of which most cells are names; the very first one where none is."""
    width = max(len(row) for _number, row in sheet.rows)
    for index in range(width):
        cells = [row[index] for _number, row in sheet.rows if len(row) > index and row[index].strip()]
        good = sum(names.find_name_problem(names.tidy_name(cell)) is None for cell in cells)
        if cells and good * 2 > len(cells) and len(cells) * 2 >= len(sheet.rows):
            return _Layout(-1, (Block({NamePart.NAME: index}),))
    return _Layout(-1, (Block({NamePart.NAME: 0}),))


def _people_rows(
    sheet: NameSheet, layout: _Layout, ignored: dict[str, list[int]], left: list[LeftOut]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that may hold people; the others go into `ignored` or `left`."""
    heading = sheet.rows[layout.heading][1] if layout.heading >= 0 else None
    last = 0
    for index, (number, row) in enumerate(sheet.rows):
        ignored.setdefault(N_("empty row"), []).extend(range(last + 1, number) if last else ())
        last = number
        if index == layout.heading:
            ignored.setdefault(N_("the heading"), []).append(number)
        elif heading is not None and row == heading:
            ignored.setdefault(N_("the heading once more"), []).append(number)
        elif why := _reason(layout, index, row):
            left.append(LeftOut(number, _row_text(row), why, () if _counts(why, row) else _names_in(row)))
        else:
            yield number, row


def _reason(layout: _Layout, index: int, row: list[str]) -> Why | None:
    """Return the reason why a row is no person, or None."""
    filled = [cell.strip() for cell in row if cell.strip()]
    first = filled[0]
    label = marks.find_label(first) if len(first) <= _SHOWN else None
    if marks.is_total(filled):
        return Why.TOTAL
    if index < layout.heading:
        return Why.TITLE if len(filled) == 1 and marks.is_title(first) else Why.ABOVE
    if label and label.kind is Kind.OFFICE:
        return Why.OFFICE
    if label and label.kind is Kind.FACT:
        return Why.FACT
    if layout.heading < 0 and index < _HEADING_WITHIN and len(filled) == 1 and marks.is_title(first):
        return Why.TITLE
    at = [at for block in layout.blocks for at, _column in headings.columns_of(block)]
    if not any(row[place].strip() for place in at if place < len(row)):
        return Why.NO_NAME
    return None


def _counts(why: Why, row: list[str]) -> bool:
    """Return whether a total has a number: then it cannot be a person's name."""
    return why is Why.TOTAL and any(character.isdigit() for cell in row for character in cell[:_SHOWN])


def _row_text(row: list[str]) -> str:
    return names.tidy_text(" ".join(cell[:_SHOWN] for cell in row if cell.strip()))[:_SHOWN]


def _names_in(row: list[str]) -> tuple[str, ...]:
    """Return the names in a row that is left out: those behind its label, else its first words."""
    texts = [cell[:_SHOWN] for cell in row if names.has_letter(cell[:_SHOWN])]
    if not texts:
        return ()
    label = marks.find_label(texts[0])
    if label and names.has_letter(label.value):
        return (names.tidy_name(label.value)[: names.NAME_LENGTH],)
    name = texts[1] if label and len(texts) > 1 else texts[0]
    return (names.tidy_name(name)[: names.NAME_LENGTH],)


def _other_columns(body: list[tuple[int, list[str]]], heading: list[str], block: Block) -> Iterator[LeftOut]:
    """Yield the columns with names that are not the visitors', each as one thing that can be taken."""
    for at in block.others:
        cells = [names.tidy_name(row[at]) for _number, row in body if at < len(row) and row[at].strip()]
        found = tuple(dict.fromkeys(cell for cell in cells if names.has_letter(cell)))
        if found:
            yield LeftOut(0, _shown(heading[at]), Why.OTHER_COLUMN, found)


def _people(sheet: NameSheet, body: list[tuple[int, list[str]]], block: Block) -> Iterator[NameRow]:
    places = (*block.names.values(), *block.extras.values())
    for number, row in body:
        if any(at < len(row) and row[at] for at in block.names.values()):
            row = sheet.fill(number, row, block.extras.values())
        if any(at < len(row) and row[at].strip() for at in places):
            found = _person(number, row, block)
            yield replace(found, note=hidden()) if number in sheet.hidden else found


def _person(number: int, row: list[str], block: Block) -> NameRow:
    def cell(at: int) -> str:
        return row[at] if at < len(row) else ""

    written = {part: cell(at) for part, at in block.names.items()}
    note = None
    if NamePart.NAME in written:
        name, note = _name_of(written[NamePart.NAME])
    else:
        name = names.join(
            family=written.get(NamePart.FAMILY, ""),
            given=written.get(NamePart.GIVEN, ""),
            middle=written.get(NamePart.MIDDLE, ""),
        )
    extras = {column: names.tidy_text(cell(at)) for column, at in block.extras.items()}
    found = NameRow(number=number, name=name, extras=extras, note=note)
    return _checked(found, written.get(NamePart.NAME, ""))


def _name_of(cell: str) -> tuple[str, Problem | None]:
    """Return the name in a cell, without a number or a label before it, and the note that asks about the label."""
    text = marks.strip_number(cell) if names.has_letter(cell[:_SHOWN]) else cell
    label = marks.find_label(text) if len(text) <= _SHOWN else None
    if not label or not names.has_letter(label.value):
        return names.tidy_name(text), None
    note = None if marks.is_name_label(label) else from_label(names.tidy_text(cell))
    return names.tidy_name(label.value), note


def _checked(row: NameRow, written: str) -> NameRow:
    problems: dict[ListColumn | None, Problem] = {}
    if problem := names.find_several(written) or names.find_name_problem(row.name):
        problems[None] = problem
    for column, text in row.extras.items():
        if problem := names.find_extra_problem(column, text):
            problems[column] = problem
    return replace(row, problems=problems)


def _marked(rows: list[NameRow]) -> Iterator[NameRow]:
    """Yield the rows, each with the earlier row that has the same name. Raises NoNames, TooManyRows."""
    if not rows:
        raise errors.NoNames
    if len(rows) > uploads.ROWS_MOST:
        raise errors.TooManyRows(most=uploads.ROWS_MOST)
    first: dict[str, int] = {}
    for row in rows:
        earlier = first.setdefault(row.name.casefold(), row.number) if row.name else row.number
        yield replace(row, same_as=earlier if row.name and earlier != row.number else None)
