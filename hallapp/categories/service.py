"""Define the categories of a hall: none is ever deleted, because the ledger may count people in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from blinker import Signal
from sqlalchemy import select

from hallapp.accounts import service as accounts
from hallapp.categories.errors import CategoryNameMissing, CategoryUnknown
from hallapp.categories.models import Category
from hallapp.core.database import db, hold_names

#: Sent with the number of a hall as sender, and the numbers of a `family` and its `categories`, before it begins to add
#: up. A receiver raises CategoriesOverlap where it knows of people in several of the categories.
adding_up = Signal()


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryInput:
    """A category as a form has it; a new one has no number."""

    number: int | None = None
    names: Mapping[str, str]
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveFamily:
    """The command that stores a family with its categories in their order; a new family has no number.

    Names in other than these `languages` stay as they are.
    """

    hall_id: int
    staff_id: int | None = None
    number: int | None = None
    names: Mapping[str, str]
    rest: Mapping[str, str]
    languages: tuple[str, ...] = ("zh", "en")
    adds_up: bool
    required: bool
    hidden: bool = False
    categories: tuple[CategoryInput, ...]


def save_family(command: SaveFamily) -> int:
    """Store a family and return its number. A category that the command leaves out becomes hidden.

    Raises:
        CategoryNameMissing: it has no name, or no category.
        CategoryUnknown: the hall has no such family.
        CategoriesOverlap: it cannot begin to add up, because people are known to be in several of its categories.
    """
    if not any(command.names.values()) or not command.categories:
        raise CategoryNameMissing
    hold_names(f"categories {command.hall_id}")
    rows = {row.number: row for row in db.session.scalars(select(Category).where(Category.hall_id == command.hall_id))}
    next_number = max(rows, default=0) + 1
    family = rows.get(command.number or 0)
    if command.number is not None and (family is None or family.family is not None):
        raise CategoryUnknown
    if family is None:
        family = Category(hall_id=command.hall_id, number=next_number, position=next_number)
        next_number += 1
        db.session.add(family)
    mine = {number: row for number, row in rows.items() if row.family == family.number}
    if command.adds_up and not family.adds_up and mine:
        adding_up.send(command.hall_id, family=family.number, categories=sorted(mine))
    family.name = family.name.replaced(command.names, command.languages)
    family.rest = family.rest.replaced(command.rest, command.languages)
    family.adds_up, family.required, family.hidden = command.adds_up, command.required, command.hidden
    left_out = mine.keys() - {one.number for one in command.categories}
    for number in left_out:
        mine[number].hidden = True
    for position, one in enumerate(command.categories):
        row = mine.get(one.number or 0)
        if row is None:
            row = Category(hall_id=command.hall_id, number=next_number, family=family.number)
            next_number += 1
            db.session.add(row)
        row.name = row.name.replaced(one.names, command.languages)
        row.hidden, row.position = one.hidden, position
    db.session.flush()
    accounts.record(
        hall_id=command.hall_id,
        staff_id=command.staff_id,
        action="categories_saved",
        subject=f"category {family.number}",
        detail={"categories": len(command.categories), "hidden": command.hidden},
    )
    return family.number
