"""The kinds of organisation of each hall."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model
from hallapp.core.facts import watch
from hallapp.core.texts import Texts, texts_column

#: The length of a code in every table that stores one.
CODE_LENGTH = 20
NAME_LENGTH = 40


class OrganisationKind(Model):
    """A kind of organisation that groups of a hall come from.

    Bookings and the ledger store the `code`, which never changes, so a new name moves no figure. A standard kind
    without a `name` of the hall's own has its standard name. A kind that is not `active` is no longer offered; it is
    never deleted, because people may be counted in it.
    """

    __tablename__ = "organisation_kind"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE_LENGTH), primary_key=True)
    name: Mapped[Texts] = texts_column(NAME_LENGTH)
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


watch(OrganisationKind)
