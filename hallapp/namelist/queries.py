"""Reads of lists."""

from collections.abc import Sequence

from sqlalchemy import func, select

from hallapp.core import formats
from hallapp.core.database import db
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.namelist.models import COLUMN_NAMES, GroupList, ListColumn, ListColumns, Person
from hallapp.privacy.notice import lists_names, tells
from hallapp.schedule.models import Hall


def find_list(booking_id: int) -> GroupList | None:
    """Return the list that a booking's organiser has handed in, or None."""
    return db.session.get(GroupList, booking_id)


def list_people(booking_id: int) -> Sequence[Person]:
    """Return the people of a booking's list, in its order."""
    return db.session.scalars(select(Person).where(Person.booking_id == booking_id).order_by(Person.position)).all()


def count_people(booking_id: int) -> int:
    """Return how many people are on a booking's list."""
    query = select(func.count()).select_from(Person).where(Person.booking_id == booking_id)
    return db.session.scalar(query) or 0


def get_columns(hall_id: int) -> ListColumns:
    """Return the columns that a hall collects; an empty row, not stored, where it collects none."""
    return db.session.get(ListColumns, hall_id) or ListColumns(hall_id=hall_id, columns=[])


@tells
def tell_practice(hall: Hall) -> Sequence[tuple[str, str]]:
    """Return what the privacy notice says of lists: the columns that the hall collects, and its reason."""
    if not lists_names(hall):
        return ()
    columns = get_columns(hall.id)
    own = columns.text("label", language())
    names = [own if column is ListColumn.FREE else _(COLUMN_NAMES[column]) for column in columns.chosen]
    what = formats.comma(language()).join([_("Names of the people of the group"), *names])
    purpose = columns.text("purpose", language())
    return ((what, purpose or _("To greet the group and to print badges. The group decides whether it gives a list.")),)
