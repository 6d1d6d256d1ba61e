"""The tables that protect online booking from floods: the brake, the line at a release, and used proofs of work."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model, UtcDateTime


class Brake(Model):
    """The brake of a hall's online bookings: on since `since`, NULL while it is off; last lifted at `lifted_at`."""

    __tablename__ = "booking_brake"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LineCounter(Model):
    """The last place that was given in the line before the booking page, for one opening of a hall."""

    __tablename__ = "line_counter"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    last: Mapped[int]


class UsedProof(Model):
    """A proof of work, or an answer, that a booking has used up: the one of `submission`; kept until it expires."""

    __tablename__ = "used_proof"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    submission: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
