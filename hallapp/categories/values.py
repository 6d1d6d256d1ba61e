"""Categories as plain values, and the check of the numbers that somebody gives for them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hallapp.categories.errors import CategoriesMissing, CategoriesNotFitting
from hallapp.core.texts import Texts

#: People by the number of a category. The number of a family has the people of whom its categories are known.
Counts = Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFacts:
    """A category of a family."""

    number: int
    names: Texts
    hidden: bool = False

    def name(self, language: str) -> str:
        """Return the name in a reader's language."""
        return self.names(language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of categories, as `models.Category` describes it."""

    number: int
    names: Texts
    rest: Texts
    adds_up: bool
    required: bool
    hidden: bool
    categories: tuple[CategoryFacts, ...]

    def name(self, language: str) -> str:
        """Return the name in a reader's language."""
        return self.names(language)

    def rest_name(self, language: str) -> str:
        """Return the name of the people who are in none of the categories; empty where the hall gave none."""
        return self.rest(language)

    @property
    def asked(self) -> tuple[CategoryFacts, ...]:
        """Return the categories that forms ask for."""
        return () if self.hidden else tuple(one for one in self.categories if not one.hidden)


def list_asked(families: Iterable[Family]) -> Iterator[Family]:
    """Yield the families that forms ask for."""
    return (family for family in families if family.asked)


def complete(families: Iterable[Family], given: Counts, people: int) -> dict[int, int]:
    """Return given numbers of categories with those of their families, and without zeros.

    `given` has the categories of which somebody gave a number, 0 included. A family of which one is given is known of
    all `people`: who is in none of its categories belongs to the rest.

    Raises:
        CategoriesNotFitting: a category has more people than there are, or a family that adds up has.
    """
    found: dict[int, int] = {}
    for family in families:
        numbers = {one.number: given[one.number] for one in family.categories if one.number in given}
        if not numbers:
            continue
        most = sum(numbers.values()) if family.adds_up else max(numbers.values())
        if most > people or min(numbers.values()) < 0:
            raise CategoriesNotFitting(family=family.number, given=most, people=people)
        found[family.number] = people
        found |= {number: count for number, count in numbers.items() if count}
    return found


def with_unasked(families: Iterable[Family], given: Counts, booked: Counts, people: int) -> dict[int, int]:
    """Return given numbers with those of the booking for categories that have been hidden since.

    Forms do not ask for them any more. A family of which nothing is given though it is asked for stays unknown, and
    where the given numbers leave no room for a hidden category, they win.
    """
    found = dict(given)
    for family in families:
        asked = {one.number for one in family.asked}
        numbers = {one.number for one in family.categories}
        if asked and asked.isdisjoint(given):
            continue
        hidden = {number: count for number, count in as_given([family], booked).items() if number not in asked}
        mine = {number: count for number, count in (hidden | dict(given)).items() if number in numbers}
        if not family.adds_up or sum(mine.values()) <= people:
            found |= mine
    return found


def check_required(families: Iterable[Family], counts: Counts) -> None:
    """Check that the required families are known. Raises CategoriesMissing."""
    if any(family.required and family.number not in counts for family in list_asked(families)):
        raise CategoriesMissing


def as_given(families: Iterable[Family], counts: Counts) -> dict[int, int]:
    """Return complete numbers as they would be given: without families, but with the zeros of known ones."""
    return {
        one.number: counts.get(one.number, 0)
        for family in families
        if family.number in counts
        for one in family.categories
        if one.number in counts or not one.hidden
    }
