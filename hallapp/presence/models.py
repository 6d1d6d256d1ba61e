"""Departures, and a hall's settings for them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.models import Staff
from hallapp.booking.models import Booking
from hallapp.core import facts
from hallapp.core.database import Model, UtcDateTime

WARN_AT_PERCENT = 90


class PresenceSetting(Model):
    """A hall's settings: whether departures are recorded, and at which percentage of the limit to warn.

    A hall without a row does not count leaving, and is warned at 90 %.
    """

    __tablename__ = "presence_setting"
    __table_args__ = (CheckConstraint("warn_at_percent >= 1 AND warn_at_percent <= 100", name="warn_at_percent"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    counts_leaving: Mapped[bool]
    warn_at_percent: Mapped[int]


class Departure(Model):
    """A departure: a number of people (+n), of a booking or of no particular one; or its reversal (−n).

    Append-only, like the arrivals; `event_id` is the device's own, so that the same one again changes nothing. `day` is
    the hall's local day of `occurred_at`; a take-back has the day and the time of the entry that it reverses.
    """

    __tablename__ = "departure"
    __table_args__ = (
        UniqueConstraint("hall_id", "event_id"),
        UniqueConstraint("undoes_id"),
        CheckConstraint("visitors <> 0", name="visitors"),
        CheckConstraint("(visitors > 0) = (undoes_id IS NULL)", name="take_back"),
        Index(None, "hall_id", "day"),
        Index(None, "booking_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    event_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    day: Mapped[date]
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    visitors: Mapped[int]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("departure.id"))

    booking: Mapped[Booking | None] = relationship()
    staff: Mapped[Staff] = relationship()


facts.watch(PresenceSetting)  # each page of the desk asks whether departures are recorded
