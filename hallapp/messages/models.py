"""A hall's own texts of messages to organisers, and the channels of each kind."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model, enum_type
from hallapp.core.errors import N_
from hallapp.notifications.models import Channel


class MessageKind(StrEnum):
    """The kind of a message."""

    PLACED = "placed"
    REQUESTED = "requested"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CHANGED = "changed"
    MOVED = "moved"
    CANCELLED = "cancelled"
    CANCELLED_BY_HALL = "cancelled_by_hall"
    REISSUED = "reissued"
    MISSED = "missed"
    REVIEWED = "reviewed"
    PAUSED = "paused"
    APPEAL_ACCEPTED = "appeal_accepted"
    APPEAL_REFUSED = "appeal_refused"
    REMINDER = "reminder"
    THANKS = "thanks"

    @property
    def outbox_kind(self) -> str:
        """Return the kind's name in the outbox."""
        return f"booking_{self.value}"


#: The names of the kinds, as message ids.
MESSAGE_NAMES: dict[MessageKind, str] = {
    MessageKind.PLACED: N_("Booked at once"),
    MessageKind.REQUESTED: N_("Request received"),
    MessageKind.WAITLISTED: N_("On the waiting list"),
    MessageKind.OFFERED: N_("A place is available: please confirm"),
    MessageKind.CONFIRMED: N_("Confirmed"),
    MessageKind.DECLINED: N_("Declined"),
    MessageKind.LAPSED: N_("Lapsed"),
    MessageKind.CHANGED: N_("Changed by the hall"),
    MessageKind.MOVED: N_("Moved to another time"),
    MessageKind.CANCELLED: N_("Cancelled"),
    MessageKind.CANCELLED_BY_HALL: N_("Cancelled by the hall, with a message"),
    MessageKind.REISSUED: N_("A new pass"),
    MessageKind.MISSED: N_("The group did not come"),
    MessageKind.REVIEWED: N_("Bookings under review after no-shows"),
    MessageKind.PAUSED: N_("Online booking paused after no-shows"),
    MessageKind.APPEAL_ACCEPTED: N_("Appeal accepted"),
    MessageKind.APPEAL_REFUSED: N_("Appeal refused"),
    MessageKind.REMINDER: N_("Reminder the day before"),
    MessageKind.THANKS: N_("Thanks after the visit"),
}
#: The kinds that also go by text message by default: they cannot wait until the mail is read.
BY_SMS = frozenset({MessageKind.OFFERED, MessageKind.CANCELLED_BY_HALL, MessageKind.REMINDER})


class MessageText(Model):
    """A hall's own words for one kind of message, in one language and by one way; a text message has no subject."""

    __tablename__ = "message_text"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    kind: Mapped[MessageKind] = mapped_column(enum_type(MessageKind), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    channel: Mapped[Channel] = mapped_column(enum_type(Channel), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)


class MessageWays(Model):
    """The channels by which a hall sends one kind of message, where it has chosen them."""

    __tablename__ = "message_ways"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    kind: Mapped[MessageKind] = mapped_column(enum_type(MessageKind), primary_key=True)
    email: Mapped[bool]
    sms: Mapped[bool]
