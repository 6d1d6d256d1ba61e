"""The resources of a hall, and the numbers of them that are claimed in each slot."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.counts import CountsType
from hallapp.core.database import Model, enum_type
from hallapp.core.facts import watch
from hallapp.core.texts import Texts, texts_column

NAME_LENGTH, UNIT_LENGTH = 40, 20


class Scope(StrEnum):
    """The bookings that share the quantity of a resource."""

    MOMENT = "moment"  # all visits that take place at the same moment
    SLOT = "slot"  # the bookings of one slot


class AskedBy(StrEnum):
    """The people who decide how many of a resource a booking gets."""

    ORGANISER = "organiser"
    STAFF = "staff"
    RULE = "rule"  # nobody: every booking of its programmes gets as many as the rule says


class Resource(Model):
    """A resource of a hall: there are `quantity` of it, shared within `scope`.

    `number` counts from 1 in each hall and never changes: bookings know a resource by it, so it is retired and never
    deleted. A group may have `per_booking` of it, or so many for each `people_each` people begun. `programmes` are the
    ids of the programmes that use it, as keys (with the value 1); none means all. A `retired` resource can be asked for
    no more; bookings that have it keep it.
    """

    __tablename__ = "resource"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint("per_booking > 0", name="per_booking"),
        CheckConstraint("people_each > 0", name="people_each"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[Texts] = texts_column(NAME_LENGTH)
    unit: Mapped[Texts] = texts_column(UNIT_LENGTH)
    quantity: Mapped[int]
    scope: Mapped[Scope] = mapped_column(enum_type(Scope), default=Scope.MOMENT)
    asked_by: Mapped[AskedBy] = mapped_column(enum_type(AskedBy), default=AskedBy.ORGANISER)
    per_booking: Mapped[int] = mapped_column(default=1)
    people_each: Mapped[int | None]
    programmes: Mapped[dict[int, int]] = mapped_column(CountsType, default={}, server_default=text("''"))
    retired: Mapped[bool] = mapped_column(default=False)


class SlotResource(Model):
    """The number of a resource that the bookings of one slot have claimed; without a row it is 0."""

    __tablename__ = "slot_resource"
    __table_args__ = (
        ForeignKeyConstraint(["hall_id", "resource"], ["resource.hall_id", "resource.number"]),
        CheckConstraint("claimed >= 0", name="claimed"),
        Index(None, "slot_id"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True)
    resource: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    claimed: Mapped[int]


watch(Resource)
