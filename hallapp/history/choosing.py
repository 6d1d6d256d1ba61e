"""The choice of columns, as options of the command."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hallapp.history import columns as headings
from hallapp.history import questions
from hallapp.history.candidates import EACH_ROW
from hallapp.history.columns import Columns, HistoryColumn
from hallapp.history.findings import YEAR, Choice, Finding, is_year
from hallapp.history.models import HistoryDraft
from hallapp.history.suggest import Suggestion

PEOPLE = "people"  # the usual heading of the column of visitors


class ColumnsUnclear(Exception):
    """The columns cannot be read as given; it is a question where the given options are not wrong."""

    def __init__(self, *lines: str, is_question: bool = False) -> None:
        super().__init__(lines[0])
        self.lines = lines if is_question else ()
        self.is_question = is_question


def columns_of(draft: HistoryDraft, known: Columns | None, chosen: Sequence[str], *, programme_id: int) -> Columns:
    """Return the columns of a draft: those given, else those that the hall confirmed before, else the suggested ones.

    Raises:
        ColumnsUnclear: a column has no such heading, or there is no column for the time or for the people.
    """
    suggestion = Suggestion.of_json(draft.suggestion)
    if known:
        columns = replace(known, programme_id=programme_id)
    else:
        columns = Columns(
            places=suggestion.places,
            plus=suggestion.plus,
            each_row=suggestion.each_row and _is_said(chosen, EACH_ROW),
            unsure=tuple(suggestion.several),
            programme_id=programme_id,
        )
    for one in chosen:
        columns = _with(columns, one, draft.headings)
    lacks = headings.problems_of(columns.places, each_row=columns.each_row, across=suggestion.across)
    for column, message in lacks:
        may_be = [draft.headings[one.at] for one in suggestion.several.get(column, ())]
        options = [f"    --column {_name(column)}={heading}" for heading in may_be]
        suggested = "  (suggested)" if suggestion.each_row else ""
        if column is HistoryColumn.VISITORS:
            options.append(f"    --column {PEOPLE}={EACH_ROW}  Every row is one person{suggested}")
        heading_line = f"    The headings are {', '.join(draft.headings)}"
        raise ColumnsUnclear(f"{message} Say it by --column.", *options, heading_line, is_question=True)
    return columns


def said(columns: Columns, titles: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each column with its heading."""
    for column, at in columns.places.items():
        places = (at, *columns.plus) if column is HistoryColumn.VISITORS else (at,)
        yield column.value, " + ".join(titles[one] for one in places if one < len(titles))


def with_kind(columns: Columns, kind: str) -> Columns:
    """Return the columns with another kind for rows that name none."""
    return replace(columns, kind=kind)


def option_of(finding: Finding, one: Choice, titles: Sequence[str]) -> str:
    """Return the option that makes a choice."""
    for column, code in questions.CODES.items():
        if finding.code == code:
            names = "+".join(titles[int(at)] for at in one.value.split("+") if int(at) < len(titles))
            return f"--column {_name(column)}={names}"
    if finding.code == questions.SHEETS:
        return "--all-sheets" if one.value == "all" else f"--sheet {finding.params.get('name', '')}"
    if finding.code == YEAR:
        year = finding.params.get("names", "") if one.value == "title" else one.value
        if is_year(year):
            return f"--year {year}"
    return f"--answer {finding.key}={one.value}"


def _with(columns: Columns, said_: str, titles: Sequence[str]) -> Columns:
    what, _equals, heading = said_.partition("=")
    column = HistoryColumn.VISITORS if what == PEOPLE else next((one for one in HistoryColumn if one == what), None)
    refusal = ColumnsUnclear(f"--column {said_}: the headings are {', '.join(titles)}")
    if column is None:
        raise refusal
    unsure = tuple(one for one in columns.unsure if one is not column)
    places = {one: at for one, at in columns.places.items() if one is not column}
    plus = () if column is HistoryColumn.VISITORS else columns.plus
    if not heading:
        return replace(columns, places=places, unsure=unsure, plus=plus)
    if column is HistoryColumn.VISITORS and heading == EACH_ROW:
        return replace(columns, places=places, unsure=unsure, plus=(), each_row=True)
    whole = headings.find_place(heading, titles)
    found = [whole] if whole is not None else [headings.find_place(part, titles) for part in heading.split("+")]
    if None in found or (len(found) > 1 and column is not HistoryColumn.VISITORS):
        raise refusal
    at, *more = [one for one in found if one is not None]
    places = {one: place for one, place in places.items() if place != at}
    each_row = columns.each_row and column is not HistoryColumn.VISITORS
    plus = tuple(more) if column is HistoryColumn.VISITORS else plus
    return replace(columns, places={**places, column: at}, plus=plus, unsure=unsure, each_row=each_row)


def _is_said(chosen: Sequence[str], value: str) -> bool:
    return any(one.partition("=")[2] == value for one in chosen)


def _name(column: HistoryColumn) -> str:
    return PEOPLE if column is HistoryColumn.VISITORS else column.value
