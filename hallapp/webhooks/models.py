"""Webhooks of a hall, the events that they receive, and each attempt to deliver one."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.core.errors import N_


class EventKind(StrEnum):
    """The events that other systems can receive; the values are part of the public interface."""

    PLACED = "booking.placed"
    CONFIRMED = "booking.confirmed"
    CHANGED = "booking.changed"
    OFFERED = "booking.offered"
    DECLINED = "booking.declined"
    CANCELLED = "booking.cancelled"
    LAPSED = "booking.lapsed"
    ABSENT = "booking.absent"
    ADMITTED = "arrival.admitted"
    TAKEN_BACK = "arrival.taken_back"
    MONTH_CLOSED = "month.closed"
    MONTH_REOPENED = "month.reopened"
    TEST = "webhook.test"


#: The names of the events that can be chosen; a test is sent on request.
EVENT_NAMES: dict[EventKind, str] = {
    EventKind.PLACED: N_("Booking placed, also on the waiting list"),
    EventKind.CONFIRMED: N_("Booking confirmed"),
    EventKind.CHANGED: N_("Booking changed or moved to another time"),
    EventKind.OFFERED: N_("Place offered from the waiting list"),
    EventKind.DECLINED: N_("Booking declined"),
    EventKind.CANCELLED: N_("Booking cancelled"),
    EventKind.LAPSED: N_("Request or offer lapsed"),
    EventKind.ABSENT: N_("Group did not arrive"),
    EventKind.ADMITTED: N_("People admitted"),
    EventKind.TAKEN_BACK: N_("Arrival taken back"),
    EventKind.MONTH_CLOSED: N_("Figures of a month closed"),
    EventKind.MONTH_REOPENED: N_("Figures of a month opened again"),
}


class Outcome(StrEnum):
    """The state of a delivery: waiting → delivered, or given up after the last attempt."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


OUTCOME_NAMES: dict[Outcome, str] = {
    Outcome.WAITING: N_("Waiting"),
    Outcome.DELIVERED: N_("Delivered"),
    Outcome.GIVEN_UP: N_("Given up"),
}


class Webhook(Model):
    """An address of another system that receives the events of `kinds` (separated by commas).

    `secret` signs the requests; it is encrypted (`accounts/vault.py`). After a rotation `old_secret` signs them too,
    until `old_until`. `contact` is the mail address of the person in charge, who gets a mail in `language` when the
    webhook is switched off, at `switched_off_at`, because it has failed for days.
    """

    __tablename__ = "webhook"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(String(1000))
    kinds: Mapped[str] = mapped_column(String(400))
    contact: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    active: Mapped[bool]
    secret: Mapped[str] = mapped_column(Text)
    old_secret: Mapped[str | None] = mapped_column(Text)
    old_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    switched_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def chosen_kinds(self) -> tuple[EventKind, ...]:
        """Return the kinds of events that are sent."""
        chosen = set(self.kinds.split(","))
        return tuple(kind for kind in EventKind if kind.value in chosen)


class WebhookHealth(Model):
    """The health of a webhook: it has failed since `failing_since`, and nothing is sent to it before `rest_until`.

    It is a row of its own, because the rows of `Webhook` are held in each process and seldom change.
    """

    __tablename__ = "webhook_health"
    __table_args__ = (ForeignKeyConstraint(["hall_id", "webhook_number"], ["webhook.hall_id", "webhook.number"]),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    webhook_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rest_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookEvent(Model):
    """An event as it is sent: `body` is the signed text. It is erased after some weeks."""

    __tablename__ = "webhook_event"
    __table_args__ = (Index(None, "hall_id", "created_at"), Index(None, "hall_id", "booking_id"))

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[EventKind] = mapped_column(enum_type(EventKind, length=40))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WebhookDelivery(Model):
    """The delivery of an event to one webhook, with its next attempt."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        ForeignKeyConstraint(["hall_id", "webhook_number"], ["webhook.hall_id", "webhook.number"]),
        ForeignKeyConstraint(["hall_id", "event_id"], ["webhook_event.hall_id", "webhook_event.id"]),
        Index(None, "outcome", "due_at"),
        Index(None, "hall_id", "event_id"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    webhook_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(enum_type(Outcome), default=Outcome.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    event: Mapped[WebhookEvent] = relationship(viewonly=True)


class WebhookAttempt(Model):
    """One attempt of a delivery: the answer, cut, or the code of why there was none; `status` is that of HTTP."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        ForeignKeyConstraint(
            ["hall_id", "webhook_number", "event_id"],
            ["webhook_delivery.hall_id", "webhook_delivery.webhook_number", "webhook_delivery.event_id"],
            name="fk_webhook_attempt_delivery",  # the usual name would be too long for PostgreSQL
        ),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    webhook_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(20))
    answer: Mapped[str] = mapped_column(Text)
    milliseconds: Mapped[int]
