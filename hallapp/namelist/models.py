"""The list of a booking's people, and the columns that a hall collects."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core import facts
from hallapp.core.database import Model, UtcDateTime
from hallapp.core.errors import N_
from hallapp.core.texts import Texts, former_texts, mirror, texts_column


class ListColumn(StrEnum):
    """Columns that a hall may collect besides the name. Identity numbers are none of them."""

    PLACE = "place"
    PHONE = "phone"
    AGE_GROUP = "age_group"
    NOTE = "note"
    FREE = "free"  # named by the hall


#: The names of the columns, as message ids; the hall itself names its own column.
COLUMN_NAMES: dict[ListColumn, str] = {
    ListColumn.PLACE: N_("Place"),
    ListColumn.PHONE: N_("Phone"),
    ListColumn.AGE_GROUP: N_("Age group"),
    ListColumn.NOTE: N_("Note"),
    ListColumn.FREE: N_("A column of your own"),
}


class ListColumns(Model):
    """The columns that a hall collects besides the names; without a row it collects none.

    `columns` are values of `ListColumn` in their order. `purpose` is the reason that organisers read; `label` is the
    name of the hall's own column. Either may be in one language only.
    """

    __tablename__ = "list_columns"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    columns: Mapped[list[str]] = mapped_column(JSON)
    label: Mapped[Texts] = texts_column(30)
    purpose: Mapped[Texts] = texts_column(200)

    @property
    def chosen(self) -> tuple[ListColumn, ...]:
        """Return the columns, in their order."""
        return tuple(column for column in ListColumn if column.value in self.columns)

    def text(self, name: str, language: str) -> str:
        """Return the `label` or the `purpose` in a reader's language, else in the nearest one."""
        return str(getattr(self, name)(language))


facts.watch(ListColumns)  # the privacy notice names the columns
mirror(ListColumns, former_texts(label=(30, 30), purpose=(200, 200)))


class GroupList(Model):
    """A list that an organiser has submitted, with the statement that its people know about it."""

    __tablename__ = "group_list"
    __table_args__ = (Index(None, "hall_id"),)

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    handed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Person(Model):
    """One line of a booking's list; `extra` holds further values by the value of `ListColumn`."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("booking_id", "position"), Index(None, "hall_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    extra: Mapped[dict[str, str]] = mapped_column(JSON)
