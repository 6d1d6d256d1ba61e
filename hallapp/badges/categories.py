"""The categories of a person on a group's list: those whose names the list itself says, and no guess beyond."""

import unicodedata
from collections.abc import Iterable, Mapping

from hallapp.categories.values import Family, complete
from hallapp.namelist.models import ListColumn, Person

#: The columns that may name a category.
_COLUMNS = (ListColumn.AGE_GROUP, ListColumn.FREE)


def find_categories(person: Person | None, families: Iterable[Family]) -> dict[int, int] | None:
    """Return the categories of one person as numbers that somebody gave, or None where the list names none.

    Of a family that adds up, a person is in one category at most: if two are named, it stays unknown.
    """
    named = {_fold(person.extra.get(column.value, "")) for column in _COLUMNS} - {""} if person else set()
    given: dict[int, int] = {}
    for family in families if named else ():
        found = [one.number for one in family.categories if named & _names(one.names)]
        if found and not (family.adds_up and len(found) > 1):
            given |= dict.fromkeys(found, 1)
        elif not found and family.categories and named & _names(family.rest):
            given[family.categories[0].number] = 0
    return given or None


def describe_person(person: Person, families: Iterable[Family], language: str) -> str:
    """Return the names of a person's categories in a reader's language; empty where the list names none."""
    known = tuple(families)
    counts = complete(known, find_categories(person, known) or {}, 1)
    names = (one.name(language) for family in known for one in family.categories if counts.get(one.number))
    return " · ".join(names)


def _names(texts: Mapping[str, str]) -> set[str]:
    return {_fold(text) for text in texts.values()}


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
