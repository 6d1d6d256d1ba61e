"""The people of an admission by category."""

from collections.abc import Mapping
from dataclasses import replace

from hallapp.categories.errors import CategoriesNotFitting
from hallapp.categories.values import Counts, complete, with_unasked
from hallapp.desk import errors
from hallapp.desk.commands import Admit, AdmitWalkIn
from hallapp.desk.facts import BookingFacts, GroupFacts, HallFacts
from hallapp.desk.group import Group


def of_admission(command: Admit, counts: Mapping[str, int], known: GroupFacts, hall: HallFacts) -> dict[int, int]:
    """Return the people who are admitted by category.

    Without numbers from the desk, those of the booking hold where all of its people come at once; of a part of them
    nobody knows who they are. So do its numbers of categories for which the desk is not asked any more.
    """
    owner, given, people = known.owner, command.categories, sum(counts.values())
    booked: Counts = {}
    if isinstance(owner, BookingFacts) and not known.ledger.net().total() and people == owner.visitors:
        booked = owner.categories
    if given is None:
        return dict(booked)
    given = with_unasked(hall.families, given, booked, people) if booked else given
    return of_given(replace(command, categories=given), counts, hall, Group.of(owner, known.ledger))


def of_given(
    command: Admit | AdmitWalkIn, counts: Mapping[str, int], hall: HallFacts, group: Group | None = None
) -> dict[int, int]:
    """Return numbers from the desk with those of their families.

    Numbers that were wrong offline are not known: the people are in the hall already, and are counted.

    Raises:
        InvalidCategories, WrongCategories: they cannot be read, or are more than the people.
    """
    try:
        return _check(command.categories or {}, sum(counts.values()), hall, group)
    except (errors.InvalidCategories, errors.WrongCategories):
        if command.offline is None:
            raise
        return {}


def _check(given: Counts, people: int, hall: HallFacts, group: Group | None) -> dict[int, int]:
    if min(given.values(), default=0) < 0:
        raise errors.InvalidCategories(group=group)
    try:
        return complete(hall.families, given, people)
    except CategoriesNotFitting as refusal:
        raise errors.WrongCategories(group=group, **refusal.params) from None
