"""Conflicts: offline admissions that a manager has to resolve."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.models import Staff
from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.ledger.models import DeskEvent


class ConflictReason(StrEnum):
    """The reason why people who were admitted offline are not counted yet."""

    SURPLUS = "surplus"  # others of the same group were counted in the meantime, and together they are too many
    CANCELLED = "cancelled"
    NOT_AGREED = "not_agreed"
    ANOTHER_DAY = "another_day"
    REPLACED = "replaced"
    TOO_MANY = "too_many"  # far more than were booked, and the device did not ask


class Decision(StrEnum):
    """The decision on a conflict."""

    COUNTED = "counted"
    DROPPED = "dropped"
    TAKEN_BACK = "taken_back"


class DeskConflict(Model):
    """People of one division whom an offline admission let in and the ledger has not counted yet.

    `counted` of the `visitors` have been counted since; the others wait for a manager's decision.
    """

    __tablename__ = "desk_conflict"
    __table_args__ = (
        UniqueConstraint("event_id", "division"),
        CheckConstraint("visitors > 0 AND counted >= 0 AND counted <= visitors", name="counted"),
        Index(None, "hall_id", "decision"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("desk_event.id"))
    division: Mapped[str] = mapped_column(String(8))
    visitors: Mapped[int]
    counted: Mapped[int] = mapped_column(default=0)
    reason: Mapped[ConflictReason] = mapped_column(enum_type(ConflictReason))
    decision: Mapped[Decision | None] = mapped_column(enum_type(Decision))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    event: Mapped[DeskEvent] = relationship()
    settled_by: Mapped[Staff | None] = relationship()

    @property
    def open(self) -> int:
        """Return people neither counted nor dropped."""
        return 0 if self.decision else self.visitors - self.counted
