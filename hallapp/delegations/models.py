"""Delegations, and the levels that a hall distinguishes."""

from sqlalchemy import ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model
from hallapp.core.facts import watch


class Delegation(Model):
    """The attributes of a booking that is a delegation.

    `hosts` are the people of the hall who receive it. `welcome` is shown on the big screen during the visit, only if
    the group agreed and the staff have read it (`welcome_agreed`). Words that an organiser gave with their agreement
    have no `welcome_agreed` until a member of staff saves them. `vehicles` has one vehicle or name for the gate in each
    line. The row is erased with the contact details of the booking.
    """

    __tablename__ = "delegation"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    level: Mapped[str] = mapped_column(String(40), default="")
    leader: Mapped[str] = mapped_column(String(80), default="")
    hosts: Mapped[str] = mapped_column(String(200), default="")
    welcome: Mapped[str] = mapped_column(String(120), default="")
    welcome_agreed: Mapped[bool] = mapped_column(default=False)
    vehicles: Mapped[str] = mapped_column(Text, default="")


class DelegationSetting(Model):
    """The levels of a hall's delegations, one in each line, the highest first; `asked`, organisers name their own."""

    __tablename__ = "delegation_setting"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    levels: Mapped[str] = mapped_column(Text, default="")
    asked: Mapped[bool] = mapped_column(default=False, server_default=false())


watch(DelegationSetting)  # its levels, and the privacy notice that names delegations
