"""A badge of each person on a list, who was admitted by which one, and how a hall prints them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model, UtcDateTime


class Badge(Model):
    """The permission to admit one person of a booking; `token` is the random half of its code.

    It stays valid when its person is no longer on the list (`person_id` None), as after a correction of a name: the
    group's number still adds up. When badges are made again, those without a person are revoked.
    """

    __tablename__ = "badge"
    __table_args__ = (UniqueConstraint("person_id", "version"), Index(None, "booking_id"), Index(None, "hall_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    version: Mapped[int]
    token: Mapped[str] = mapped_column(String(16), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BadgeArrival(Model):
    """The admission of a badge's person by a desk event; the event shows whether it was taken back."""

    __tablename__ = "badge_arrival"
    __table_args__ = (Index(None, "badge_id"), Index(None, "hall_id"))

    event_id: Mapped[int] = mapped_column(ForeignKey("desk_event.id"), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    badge_id: Mapped[int] = mapped_column(ForeignKey("badge.id"))


class BadgeLayout(Model):
    """The last print settings of a hall: the sheet's name, and margins and gaps in tenths of a millimetre."""

    __tablename__ = "badge_layout"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    sheet: Mapped[str] = mapped_column(String(20))
    left: Mapped[int]
    top: Mapped[int]
    gap_x: Mapped[int]
    gap_y: Mapped[int]
    outlines: Mapped[bool]
