"""The arrival ledger: events that devices send, append-only rows of ±n people, and the two daily summaries of them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.models import Staff
from hallapp.booking.models import Booking, OrganisationKind
from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.schedule.models import Programme


class WalkIn(Model):
    """A group or individuals who came without a booking."""

    __tablename__ = "walk_in"
    __table_args__ = (Index(None, "hall_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    kind: Mapped[OrganisationKind] = mapped_column(enum_type(OrganisationKind))
    organisation: Mapped[str] = mapped_column(String(200), default="")

    programme: Mapped[Programme] = relationship()


class EventKind(StrEnum):
    """What the desk did."""

    ADMIT = "admit"
    TAKE_BACK = "take_back"
    COUNT = "count"  # people of an offline admission, counted after it


class DeskEvent(Model):
    """One act at a desk, with the id that the device gave it: the same id again changes nothing.

    It concerns a booking or a walk-in, never both. `day` is the hall's local day of `occurred_at`; a take-back
    carries the day of the event that it undoes, so that the correction stands where the mistake was. A later count
    (`counts_id`) carries day and time of the admission whose people it counts.

    What was decided without a network has `snapshot_at`: how old the device's knowledge was. `device` is what the
    device is called; `device_at` is what its clock said, where that was wrong and `occurred_at` has been corrected.
    """

    __tablename__ = "desk_event"
    __table_args__ = (
        UniqueConstraint("hall_id", "event_id"),
        UniqueConstraint("undoes_id"),
        CheckConstraint("(booking_id IS NULL) <> (walk_in_id IS NULL)", name="one_group"),
        Index(None, "hall_id", "day"),
        Index(None, "hall_id", "id"),
        Index(None, "booking_id"),
        Index(None, "walk_in_id"),
        Index(None, "counts_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    event_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    kind: Mapped[EventKind] = mapped_column(enum_type(EventKind))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    walk_in_id: Mapped[int | None] = mapped_column(ForeignKey("walk_in.id"))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("desk_event.id"))
    counts_id: Mapped[int | None] = mapped_column(ForeignKey("desk_event.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    day: Mapped[date]
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    override: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(200))
    device: Mapped[str | None] = mapped_column(String(40))
    snapshot_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    booking: Mapped[Booking | None] = relationship()
    walk_in: Mapped[WalkIn | None] = relationship()
    staff: Mapped[Staff] = relationship()
    undoes: Mapped["DeskEvent | None"] = relationship(remote_side=[id], foreign_keys=[undoes_id])
    arrivals: Mapped[list["Arrival"]] = relationship(back_populates="event", order_by="Arrival.division")


class Arrival(Model):
    """A ledger row: so many people (+n), or so many taken back (−n), of one division. Never updated, never deleted.

    `extra` of them came beyond what was known to be still to come; the rest takes the places that were booked.
    """

    __tablename__ = "arrival"
    __table_args__ = (CheckConstraint("visitors <> 0", name="visitors"), Index(None, "hall_id", "day", "visitors"))

    event_id: Mapped[int] = mapped_column(ForeignKey("desk_event.id"), primary_key=True)
    division: Mapped[str] = mapped_column(String(8), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    day: Mapped[date]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    kind: Mapped[OrganisationKind] = mapped_column(enum_type(OrganisationKind))
    visitors: Mapped[int]
    extra: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    event: Mapped[DeskEvent] = relationship(back_populates="arrivals")


class DivisionSummary(Model):
    """People and groups of a division that arrived on a day; kept in the arrival's own transaction.

    A group counts once on each day on which it came, and in each division from which it brought somebody.
    """

    __tablename__ = "division_summary"
    __table_args__ = (Index(None, "hall_id", "division"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    division: Mapped[str] = mapped_column(String(8), primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    kind: Mapped[OrganisationKind] = mapped_column(enum_type(OrganisationKind), primary_key=True)
    visitors: Mapped[int]
    groups: Mapped[int]


class DaySummary(Model):
    """People and groups that arrived on a day, whatever their division: here a mixed group counts once."""

    __tablename__ = "day_summary"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    kind: Mapped[OrganisationKind] = mapped_column(enum_type(OrganisationKind), primary_key=True)
    visitors: Mapped[int]
    groups: Mapped[int]
