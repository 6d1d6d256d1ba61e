"""The categories of people that a hall defines, in families such as ages."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model
from hallapp.core.facts import watch
from hallapp.core.texts import Texts, texts_column

NAME_LENGTH = 40


class Category(Model):
    """A family of categories, or a category: the latter has its `family`, the number of another row of the hall.

    `number` counts from 1 in each hall and never changes: the ledger knows a category by it, so a new name moves no
    figure. A category is hidden and never deleted. `rest` is the name of the people of a family who are in none of its
    categories. The categories of a family that `adds_up` exclude one
    another; those of another family may overlap. Of a `required` family the numbers must be given at booking.
    """

    __tablename__ = "category"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    family: Mapped[int | None]
    name: Mapped[Texts] = texts_column(NAME_LENGTH)
    rest: Mapped[Texts] = texts_column(NAME_LENGTH)
    adds_up: Mapped[bool] = mapped_column(default=False)
    required: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


watch(Category)
