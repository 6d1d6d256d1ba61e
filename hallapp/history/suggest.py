"""The probable columns of a sheet, and where several readings are possible."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from hallapp.history import candidates
from hallapp.history.candidates import Candidate
from hallapp.history.columns import HistoryColumn, guess, key_of, problems_of
from hallapp.history.layout import JOINT, Layout, people_of_places
from hallapp.history.lines import Table

_RANK_OF_PLACE = 10  # people of one place beside a total are a part of it
_PERSON = re.compile(
    r"姓名|证件|身份证|观众$|游客$|访客$|手机|^name$|fullname|visitorname|passport|ticket|票号|idnumber"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """The suggested columns; `several` holds all candidates of those that need a question.

    `across` is the meaning of columns that are places or months, and `names` are their headings; `tables` is the number
    of equal tables side by side.
    """

    places: Mapping[HistoryColumn, int]
    plus: tuple[int, ...] = ()
    each_row: bool = False
    several: Mapping[HistoryColumn, Sequence[Candidate]] = field(default_factory=dict)
    across: str = ""
    names: tuple[str, ...] = ()
    tables: int = 1

    @property
    def is_whole(self) -> bool:
        """Return whether it has a column for the time and one for the people."""
        return not any(problems_of(self.places, each_row=self.each_row, across=self.across))

    def as_json(self) -> dict[str, Any]:
        """Return the suggestion as it is stored."""
        several = {c.value: [[one.rank, one.at, one.why] for one in found] for c, found in self.several.items()}
        return {
            "places": {column.value: at for column, at in self.places.items()},
            "plus": list(self.plus),
            "each_row": self.each_row,
            "several": several,
            "across": self.across,
            "names": list(self.names),
            "tables": self.tables,
        }

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> "Suggestion":
        """Return the suggestion from its stored form; none for a file read by an earlier version."""
        several = data.get("several", {}).items()
        return cls(
            places={HistoryColumn(name): at for name, at in data.get("places", {}).items()},
            plus=tuple(data.get("plus", ())),
            each_row=data.get("each_row", False),
            several={HistoryColumn(name): [Candidate(*one) for one in found] for name, found in several},
            across=data.get("across", ""),
            names=tuple(data.get("names", ())),
            tables=data.get("tables", 1),
        )


def suggest(layout: Layout) -> Suggestion:
    """Suggest the columns of a sheet by its headings and by the cells below them."""
    places = guess(layout.headings)
    for column, at in guess([heading.rpartition(JOINT)[2] for heading in layout.headings]).items():
        if at not in places.values():
            places.setdefault(column, at)
    several: dict[HistoryColumn, Sequence[Candidate]] = {}
    if layout.across:
        names = tuple(layout.across.cells.values())
        return Suggestion(places=_of_across(places, layout), across=layout.across.kind, names=names)
    first_table = layout.headings[: layout.blocks[1]] if layout.blocks else layout.headings
    skip = frozenset({places[HistoryColumn.GROUPS]} if HistoryColumn.GROUPS in places else ())
    if HistoryColumn.GROUPS in places and not candidates.holds_groups(places[HistoryColumn.GROUPS], layout.samples):
        del places[HistoryColumn.GROUPS]  # the name of a session, such as 上午
    people = _hidden_last(candidates.find_people(first_table, layout.samples, skip), layout)
    plus = candidates.parts_that_add_up(people)
    if people:
        known = {*(one.at for one in people), *places.values()}
        of_places = [at for at in people_of_places(first_table, layout.samples) if at not in known]
        people = [*people, *(Candidate(_RANK_OF_PLACE, at, "part") for at in of_places)]
    _take(places, HistoryColumn.VISITORS, people, several)
    if len(people) == 1 and not candidates.is_certain(people[0], first_table[people[0].at]):
        several[HistoryColumn.VISITORS] = people
    _take(
        places,
        HistoryColumn.DATE,
        _hidden_last(candidates.find_dates(first_table, layout.samples, frozenset()), layout),
        several,
    )
    if not {HistoryColumn.DATE, HistoryColumn.MONTH} & places.keys():
        by_cells = [one for one in candidates.find_by_cells(len(first_table), layout.samples)
                    if one.at not in places.values()]  # fmt: skip
        _take(places, HistoryColumn.DATE, by_cells, several, at_all=True)
    _ask_places(places, first_table, several)
    if not {HistoryColumn.PROVINCE, HistoryColumn.CITY} & places.keys():
        in_cells = [one for one in candidates.find_places(len(first_table), layout.samples)
                    if one.at not in places.values()]  # fmt: skip
        _take(places, HistoryColumn.PROVINCE, in_cells, several, at_all=True)
    each_row = HistoryColumn.VISITORS not in places and not people and _lists_persons(first_table)
    tables = max(1, len(layout.blocks))
    return Suggestion(places=places, plus=plus[1:], each_row=each_row, several=several, tables=tables)


def _take(
    places: dict[HistoryColumn, int],
    column: HistoryColumn,
    found: Sequence[Candidate],
    several: dict[HistoryColumn, Sequence[Candidate]],
    *,
    at_all: bool = False,
) -> None:
    """Suggest the best of some candidates; with several of them, or one that no heading names, a person is asked."""
    if not found:
        return
    best = found[0]
    if column is HistoryColumn.DATE and column not in places and len(found) == 1 and not at_all and _says_when(places):
        return  # a month column, or parts of a date, also give the time
    for other in [one for one, at in places.items() if at == best.at and one is not column]:
        del places[other]
    places.pop(column, None)
    if candidates.is_suggestable(best):
        places[column] = best.at
    if len(found) > 1 or at_all or not candidates.is_suggestable(best):
        several[column] = found


def _says_when(places: Mapping[HistoryColumn, int]) -> bool:
    return bool({HistoryColumn.MONTH, HistoryColumn.YEAR} & places.keys())


def _ask_places(
    places: Mapping[HistoryColumn, int], headings: Sequence[str], several: dict[HistoryColumn, Sequence[Candidate]]
) -> None:
    alike = [at for at, heading in enumerate(headings) if guess([key_of(heading)]).get(HistoryColumn.PROVINCE) == 0]
    exact = [at for at in alike if len(key_of(headings[at])) <= _LONGEST_OF_PLACE]
    if HistoryColumn.PROVINCE in places and len(exact) > 1:
        several[HistoryColumn.PROVINCE] = [Candidate(at != places[HistoryColumn.PROVINCE], at, "plain") for at in exact]


_LONGEST_OF_PLACE = 6


def _of_across(places: dict[HistoryColumn, int], layout: Layout) -> dict[HistoryColumn, int]:
    """Return the columns of a table with places or months across; its rows give the rest."""
    assert layout.across is not None
    taken = {*layout.across.cells, layout.across.total}
    left = {column: at for column, at in places.items() if at not in taken}
    if layout.across.kind == "place" and not {HistoryColumn.DATE, HistoryColumn.MONTH} & left.keys():
        left[HistoryColumn.DATE] = 0
    if layout.across.kind == "month" and HistoryColumn.PROVINCE not in left and 0 not in left.values():
        left[HistoryColumn.PROVINCE] = 0
    wanted = {
        "place": {HistoryColumn.PROVINCE, HistoryColumn.CITY},
        "month": {HistoryColumn.DATE, HistoryColumn.MONTH},
        "year": {HistoryColumn.DATE, HistoryColumn.YEAR},
    }[layout.across.kind]
    return {
        column: at
        for column, at in left.items()
        if column not in wanted | {HistoryColumn.VISITORS, HistoryColumn.GROUPS}
    }


def _hidden_last(found: Sequence[Candidate], layout: Layout) -> list[Candidate]:
    """Columns that the file's author hides are suggested after all others."""
    return sorted(found, key=lambda one: (one.at in layout.hidden_columns, one))


def _lists_persons(headings: Sequence[str]) -> bool:
    return any(_PERSON.search(candidates.folded(heading)) for heading in headings)


@lru_cache(maxsize=16)
def _several(layout: Layout) -> Mapping[HistoryColumn, Sequence[Candidate]]:
    return suggest(layout).several


def candidates_of(column: HistoryColumn, table: Table) -> list[int]:
    """Return the columns of a table of which a person is to choose one."""
    return [one.at for one in _several(table.layout).get(column, ())]


def joined_places(at: int, plus: Sequence[int]) -> str:
    """Columns whose people are added, as a choice is kept: `2+3`."""
    return "+".join(map(str, (at, *plus)))
