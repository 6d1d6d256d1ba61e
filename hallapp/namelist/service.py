"""Storing, replacing and clearing a group's list; choosing the columns that a hall collects."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select

from hallapp.accounts import service as accounts
from hallapp.booking.models import AGREED, OPEN_STATES, Booking
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.texts import Texts
from hallapp.namelist import errors, headings, queries
from hallapp.namelist.models import GroupList, ListColumn, Person
from hallapp.schedule import queries as schedule
from hallapp.schedule.policy import NameList

_IDENTITY = re.compile(r"身份|证件|证号|护照|通行证|passport|identity|\bid\b", re.I)


@dataclass(frozen=True, slots=True)
class PersonData:
    """One line of a list, in its tidy form."""

    name: str
    extra: dict[ListColumn, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseColumns:
    """The command that sets the columns that a hall collects, and the reason."""

    hall_id: int
    by: int | None
    columns: tuple[ListColumn, ...]
    label: Mapping[str, str] = field(default_factory=dict)
    purpose: Mapping[str, str] = field(default_factory=dict)


def may_hand_in(booking: Booking) -> bool:
    """Return whether a list is taken now: the policy allows it, the booking is open, the visit has not begun."""
    slot = booking.slot
    stands = booking.state in OPEN_STATES or booking.state in AGREED
    return stands and slot.starts_at > clock.now() and slot.programme.policy.name_list is NameList.OPTIONAL


def hand_in(booking: Booking, people: Sequence[PersonData]) -> None:
    """Store these people as the booking's list, in place of an earlier one; needs a transaction.

    The booking's row is locked, so that it does not shrink in the meantime, and two lists at the same time follow one
    another.

    Raises:
        NotAskedFor: where no list is taken.
        TooManyNames: for more names than the booking has people; fewer are fine.
    """
    _hold(booking)
    if not may_hand_in(booking):
        raise errors.NotAskedFor
    if len(people) > booking.visitors:
        raise errors.TooManyNames(names=len(people), people=booking.visitors)
    clear(booking)
    if not people:
        return
    whose = {"hall_id": booking.hall_id, "booking_id": booking.id}
    db.session.execute(insert(GroupList).values(**whose, handed_in_at=clock.now()))
    rows = [
        {
            **whose,
            "position": position,
            "name": person.name,
            "extra": {c.value: t for c, t in person.extra.items() if t},
        }
        for position, person in enumerate(people, 1)
    ]
    db.session.execute(insert(Person), rows)


def clear(booking: Booking) -> None:
    """Delete a booking's list in any state, because people may ask for this at any time. Needs a transaction."""
    for table in (Person, GroupList):
        db.session.execute(
            delete(table).where(table.booking_id == booking.id), execution_options={"synchronize_session": False}
        )


def choose_columns(command: ChooseColumns) -> None:
    """Set the columns that a hall collects from now on; needs a transaction.

    Values of a column that is no longer collected are erased.

    Raises:
        PurposeMissing: for more than names without a reason.
        LabelMissing, LabelNotPossible: for the name of the hall's own column.
    """
    _check(command)
    row = queries.get_columns(command.hall_id)
    before = list(row.columns)
    row.columns = [column.value for column in command.columns]
    own = ListColumn.FREE in command.columns
    languages = schedule.get_hall(command.hall_id).language_codes
    row.label = row.label.replaced(command.label, languages) if own else Texts()
    asks = bool(command.columns)
    row.purpose = row.purpose.replaced(command.purpose, languages) if asks else Texts()
    db.session.add(row)
    db.session.flush()
    _erase_columns(command.hall_id, set(before) - set(row.columns))
    accounts.record(
        hall_id=command.hall_id,
        staff_id=command.by,
        action="name_columns_chosen",
        subject="hall",
        detail={"columns": {"before": before, "after": row.columns}},
    )


def _hold(booking: Booking) -> None:
    held = select(Booking).where(Booking.id == booking.id).with_for_update().execution_options(populate_existing=True)
    db.session.execute(held)


def _check(command: ChooseColumns) -> None:
    if ListColumn.FREE in command.columns:
        if not Texts(command.label):
            raise errors.LabelMissing
        for language, label in Texts(command.label).items():
            if _IDENTITY.search(label) or headings.is_known(label):
                raise errors.LabelNotPossible(f"label_{language}")
    if command.columns and not Texts(command.purpose):
        raise errors.PurposeMissing


def _erase_columns(hall_id: int, dropped: set[str]) -> None:
    if not dropped:
        return
    for person in db.session.scalars(select(Person).where(Person.hall_id == hall_id)):
        if not dropped.isdisjoint(person.extra):
            person.extra = {column: text for column, text in person.extra.items() if column not in dropped}
    db.session.flush()
