"""The outbox: written in the transaction of what it tells about, sent later by a command."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model, UtcDateTime, enum_type


class MessageState(StrEnum):
    """Where a message stands: waiting → sent, or given up after its last attempt."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


class OutboxMessage(Model):
    """One mail, rendered. `message_id` is the mail's own Message-ID, the same on every attempt."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "hall_id", "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[MessageState] = mapped_column(enum_type(MessageState), default=MessageState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
