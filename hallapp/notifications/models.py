"""The outbox: written in the transaction of the event, sent later by a command."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
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
    HELD = "held"
    SENT = "sent"
    GIVEN_UP = "given_up"


class Channel(StrEnum):
    """The channel of a message."""

    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"  # of the staff; organisers get none


class Hold(StrEnum):
    """The reason why a text message waits until a person releases it."""

    NO_TEMPLATE = "no_template"
    LIMIT = "limit"


class Delivery(StrEnum):
    """The report of a provider on a text message that it took."""

    DELIVERED = "delivered"
    FAILED = "failed"


#: The channels by which organisers get messages.
ORGANISER_CHANNELS = (Channel.EMAIL, Channel.SMS)


class OutboxMessage(Model):
    """One message, rendered. `message_id` is the mail's own Message-ID, the same on every attempt.

    The recipient is a mail address, for a text message a number in E.164, or the fingerprint of a chat robot; a text
    message has no subject, but `values` and a `language`, for providers who send templates. `html` is
    the HTML form of the mail, `calendar` an attached entry (RFC 5545). `once` identifies a message that a hall may send
    only once, such as a reminder, or is NULL. `booking_id` is the booking that the message is about, with which it is
    erased; it is no foreign key, because this room knows no bookings. `held` says that a person must release it.
    `provider_id` is the provider's name of a text message that it took; `delivery` is its report, with the provider's
    code, and `report_due_at` when the worker asks for one next.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        index_where_set("held"),
        index_where_set("report_due_at"),
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
    language: Mapped[str | None] = mapped_column(String(8))
    values: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    held: Mapped[Hold | None] = mapped_column(enum_type(Hold))
    segments: Mapped[int | None]
    provider_id: Mapped[str | None] = mapped_column(String(80))
    delivery: Mapped[Delivery | None] = mapped_column(enum_type(Delivery))
    delivery_code: Mapped[str | None] = mapped_column(String(200))
    report_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    attachments: Mapped[list["OutboxAttachment"]] = relationship(order_by="OutboxAttachment.position")

    @property
    def fate(self) -> Fate:
        """Return the visible state at this moment."""
        waiting = self.state is MessageState.WAITING
        if waiting and self.claimed_until is not None and self.claimed_until > clock.now():
            return Fate.SENDING
        if waiting and self.held:
            return Fate.HELD
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


class TextSetting(Model):
    """The settings of a hall's text messages: the sign before each, and the most of a day; None is any number."""

    __tablename__ = "text_setting"
    __table_args__ = (CheckConstraint("daily_limit >= 0", name="daily_limit"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    sign: Mapped[str] = mapped_column(String(40), default="")
    daily_limit: Mapped[int | None]


class TextTemplate(Model):
    """A template that a provider has approved, for one kind of message in one language.

    `abroad` templates go to numbers outside the Chinese mainland. `parameters` are the variables of the template in its
    order, separated by commas: `when`, or `time=when` where the provider's name differs from the placeholder's.
    """

    __tablename__ = "text_template"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    abroad: Mapped[bool] = mapped_column(primary_key=True)
    template: Mapped[str] = mapped_column(String(40))
    parameters: Mapped[str] = mapped_column(String(500))


class TextCount(Model):
    """The number of text messages of a kind that a hall has sent on one of its days, and of their charged parts."""

    __tablename__ = "text_count"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    messages: Mapped[int]
    segments: Mapped[int]
