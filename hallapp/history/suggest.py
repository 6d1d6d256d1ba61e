"""What a sheet's columns probably hold, and where that is one of several ways to take them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hallapp.history import candidates
from hallapp.history.candidates import Candidate
from hallapp.history.columns import Column, guess, key_of
from hallapp.history.layout import JOINT, Layout

_PERSON = re.compile(r"姓名|证件|身份证|观众$|游客$|访客$|手机|^name$|fullname|visitorname|passport|ticket|票号|idnumber")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Which column is suggested for what; `several` holds all candidates of those that are to be asked."""

    places: Mapping[Column, int]
    plus: tuple[int, ...] = ()
    each_row: bool = False
    several: Mapping[Column, Sequence[Candidate]]


def suggest(layout: Layout) -> Suggestion:
    """Suggest the columns of a sheet by its headings and by what stands below them."""
    places = guess(layout.headings)
    for column, at in guess([heading.rpartition(JOINT)[2] for heading in layout.headings]).items():
        if at not in places.values():
            places.setdefault(column, at)
    several: dict[Column, Sequence[Candidate]] = {}
    if layout.across:
        return Suggestion(places=_of_across(places, layout), several={})
    first_table = layout.headings[: layout.blocks[1]] if layout.blocks else layout.headings
    skip = frozenset({places[Column.GROUPS]} if Column.GROUPS in places else ())
    people = _hidden_last(candidates.find_people(first_table, layout.samples, skip), layout)
    plus = candidates.parts_that_add_up(people)
    _take(places, Column.VISITORS, people, several)
    _take(places, Column.DATE, _hidden_last(candidates.find_dates(first_table, layout.samples, frozenset()), layout), several)
    _ask_places(places, first_table, several)
    each_row = Column.VISITORS not in places and not people and _lists_persons(first_table)
    return Suggestion(places=places, plus=plus[1:], each_row=each_row, several=several)


def _take(
    places: dict[Column, int], column: Column, found: Sequence[Candidate], several: dict[Column, Sequence[Candidate]]
) -> None:
    """Suggest the best of some candidates; with several of them a person is asked."""
    if not found:
        return
    best = found[0]
    if column is Column.DATE and column not in places and len(found) == 1:
        return  # a month of its own, or parts of a date, say when
    for other in [one for one, at in places.items() if at == best.at and one is not column]:
        del places[other]
    places.pop(column, None)
    if candidates.is_suggestable(best):
        places[column] = best.at
    if len(found) > 1 or not candidates.is_suggestable(best):
        several[column] = found


def _ask_places(
    places: Mapping[Column, int], headings: Sequence[str], several: dict[Column, Sequence[Candidate]]
) -> None:
    alike = [at for at, heading in enumerate(headings) if guess([key_of(heading)]).get(Column.PROVINCE) == 0]
    exact = [at for at in alike if len(key_of(headings[at])) <= _LONGEST_OF_PLACE]
    if Column.PROVINCE in places and len(exact) > 1:
        several[Column.PROVINCE] = [Candidate(at != places[Column.PROVINCE], at, "plain") for at in exact]


_LONGEST_OF_PLACE = 6


def _of_across(places: dict[Column, int], layout: Layout) -> dict[Column, int]:
    """What is taken of a table with places or months across: the rows say the rest."""
    assert layout.across is not None
    taken = {*layout.across.cells, layout.across.total}
    left = {column: at for column, at in places.items() if at not in taken}
    if layout.across.kind == "place" and not {Column.DATE, Column.MONTH} & left.keys():
        left[Column.DATE] = 0
    if layout.across.kind == "month" and Column.PROVINCE not in left and 0 not in left.values():
        left[Column.PROVINCE] = 0
    wanted = {Column.PROVINCE, Column.CITY} if layout.across.kind == "place" else {Column.DATE, Column.MONTH}
    return {column: at for column, at in left.items() if column not in wanted | {Column.VISITORS, Column.GROUPS}}


def _hidden_last(found: Sequence[Candidate], layout: Layout) -> list[Candidate]:
    """Columns that the file's author hides are suggested after all others."""
    return sorted(found, key=lambda one: (one.at in layout.hidden_columns, one))


def _lists_persons(headings: Sequence[str]) -> bool:
    return any(_PERSON.search(candidates.folded(heading)) for heading in headings)
