"""The people and the chat robots of a hall who are alerted."""

from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.core.errors import N_
from hallapp.notifications.models import Channel


class AlertKind(StrEnum):
    """The events of which the staff can be alerted."""

    NEW_REQUEST = "new_request"
    CANCELLED = "cancelled"
    APPEAL = "appeal"
    FAILED = "failed"
    CONFLICT = "conflict"

    @property
    def outbox_kind(self) -> str:
        """Return the kind's name in the outbox."""
        return f"staff_{self.value}"


KIND_NAMES = {
    AlertKind.NEW_REQUEST: N_("A new request waits for review"),
    AlertKind.CANCELLED: N_("An organiser has cancelled a visit"),
    AlertKind.APPEAL: N_("A group appeals against a pause"),
    AlertKind.FAILED: N_("A message could not be sent"),
    AlertKind.CONFLICT: N_("An admission waits for a decision"),
}


class Pace(StrEnum):
    """The moment at which a person is alerted."""

    AT_ONCE = "at_once"
    MORNING = "morning"


PACE_NAMES = {
    Pace.AT_ONCE: N_("At once"),
    Pace.MORNING: N_("Once a day, as a summary"),
}


class AlertRecipient(Model):
    """A person, or a chat robot, to alert by `channel` at `address`, in `language`, of `kinds` (separated by commas).

    The address of a robot is its fingerprint, and `secret` is the robot, encrypted (`accounts/vault.py`).
    A summary is sent at `summary_at` of the hall's wall clock, or where that is NULL at the hour of its daily reports;
    what happened before `reported_until` has been in one.
    """

    __tablename__ = "alert_recipient"
    __table_args__ = (UniqueConstraint("hall_id", "channel", "address"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(64))
    channel: Mapped[Channel] = mapped_column(enum_type(Channel), default=Channel.EMAIL)
    address: Mapped[str] = mapped_column(String(254))
    secret: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    kinds: Mapped[str] = mapped_column(String(120))
    pace: Mapped[Pace] = mapped_column(enum_type(Pace))
    summary_at: Mapped[time | None]
    active: Mapped[bool] = mapped_column(default=True)
    reported_until: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def chosen_kinds(self) -> tuple[AlertKind, ...]:
        """Return the kinds of alerts that the person gets."""
        chosen = set(self.kinds.split(","))
        return tuple(kind for kind in AlertKind if kind.value in chosen)
