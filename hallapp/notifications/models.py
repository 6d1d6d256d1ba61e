"""The outbox: written in the transaction of the event, sent later by a command."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.core import clock
from hallapp.core.database import Model, UtcDateTime, enum_type, index_where_set


class MessageState(StrEnum):
    """The state of a message: waiting → sent, or given up after its last attempt."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


class Fate(StrEnum):
    """The visible state of a message, which also tells one that is being sent from a waiting one."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    GIVEN_UP = "given_up"


class Channel(StrEnum):
    """The channel of a message."""

    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"  # of the staff; organisers get none


#: The channels by which organisers get messages.
ORGANISER_CHANNELS = (Channel.EMAIL, Channel.SMS)


class OutboxMessage(Model):
    """One message, rendered. `message_id` is the mail's own Message-ID, the same on every attempt.

    The recipient is a mail address, for a text message a number in E.164, or the fingerprint of a chat robot; a text
    message has no subject. `html` is
    the HTML form of the mail, `calendar` an attached entry (RFC 5545). `once` identifies a message that a hall may send
    only once, such as a reminder, or is NULL. `booking_id` is the booking that the message is about, with which it is
    erased; it is no foreign key, because this room knows no bookings.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("hall_id", "once"),
        Index(None, "state", "channel", "due_at"),
        Index(None, "hall_id", "created_at"),
        Index(None, "hall_id", "state", "id"),
        index_where_set("booking_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[Channel] = mapped_column(enum_type(Channel), default=Channel.EMAIL)
    kind: Mapped[str] = mapped_column(String(40))
    once: Mapped[str | None] = mapped_column(String(80))
    booking_id: Mapped[int | None]
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    calendar: Mapped[str | None] = mapped_column(Text)
    state: Mapped[MessageState] = mapped_column(enum_type(MessageState), default=MessageState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    attachments: Mapped[list["OutboxAttachment"]] = relationship(order_by="OutboxAttachment.position")

    @property
    def fate(self) -> Fate:
        """Return the visible state at this moment."""
        waiting = self.state is MessageState.WAITING
        if waiting and self.claimed_until is not None and self.claimed_until > clock.now():
            return Fate.SENDING
        return Fate(self.state.value)


class OutboxFile(Model):
    """The bytes of a file that messages carry: once for all of them, and the same at each attempt.

    `digest` is the hash of the bytes (SHA-256, hex).
    """

    __tablename__ = "outbox_file"
    __table_args__ = (UniqueConstraint("hall_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class OutboxAttachment(Model):
    """A file of a message, with the name and the media type under which it is sent."""

    __tablename__ = "outbox_attachment"
    __table_args__ = (Index(None, "file_id"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("outbox_file.id"))
    name: Mapped[str] = mapped_column(String(200))
    mimetype: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]

    file: Mapped[OutboxFile] = relationship()
