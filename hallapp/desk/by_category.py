"""The people of an admission by category."""

from collections.abc import Mapping

from hallapp.categories.errors import CategoriesNotFitting
from hallapp.categories.values import as_given, complete
from hallapp.desk import errors
from hallapp.desk.commands import Admit
from hallapp.desk.facts import BookingFacts, GroupFacts, HallFacts


def of_admission(command: Admit, counts: Mapping[str, int], known: GroupFacts, hall: HallFacts) -> dict[int, int]:
    """Return the people who are admitted by category.

    Without numbers from the desk, those of the booking hold where all of its people come at once; of a part of them
    nobody knows who they are.
    """
    if command.categories is not None:
        return of_given(command.categories, counts, hall)
    owner = known.owner
    if not isinstance(owner, BookingFacts) or known.ledger.net().total() or sum(counts.values()) != owner.visitors:
        return {}
    return dict(owner.categories)


def of_given(given: Mapping[int, int], counts: Mapping[str, int], hall: HallFacts) -> dict[int, int]:
    """Return numbers from the desk with those of their families. Raises WrongCategories."""
    if not given:
        return {}
    try:
        return complete(hall.families, given, sum(counts.values()))
    except CategoriesNotFitting as refusal:
        raise errors.WrongCategories(**refusal.params) from None


def still_to_come(known: GroupFacts) -> dict[int, int]:
    """Return the numbers that the card of a booking offers: those who were booked and have not arrived."""
    owner = known.owner
    if not isinstance(owner, BookingFacts) or not owner.categories:
        return {}
    arrived = known.ledger.net_categories()
    booked = as_given(owner.hall.families, owner.categories)
    return {category: max(0, people - arrived[category]) for category, people in booked.items()}
