"""A pass: one revocable permission to be checked in as the group of a booking."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.booking.models import Booking
from hallapp.core.database import Model, UtcDateTime


class Pass(Model):
    """The pass of a booking in one version; a newer version replaces it by revoking it.

    `token` is the random part of the code (80 bits as base32): the code itself is the token and its signature.
    """

    __tablename__ = "pass"
    __table_args__ = (UniqueConstraint("booking_id", "version"), Index(None, "hall_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    version: Mapped[int]
    token: Mapped[str] = mapped_column(String(16), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    booking: Mapped[Booking] = relationship()
