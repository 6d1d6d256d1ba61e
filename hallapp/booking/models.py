"""A group's claim on a slot: who, how many, from where."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.core.errors import N_
from hallapp.schedule.models import Hall, Slot


class OrganisationKind(StrEnum):
    """What kind of organisation a group comes from; statistics are kept by it."""

    PARTY = "party"
    UNION = "union"
    YOUTH = "youth"
    WOMEN = "women"
    GOVERNMENT = "government"
    COMPANY = "company"
    SCHOOL = "school"
    TRAINING = "training"
    ASSOCIATION = "association"
    CULTURE = "culture"
    INDIVIDUAL = "individual"
    OTHER = "other"


#: What the kinds are called, as message ids.
KIND_NAMES: dict[OrganisationKind, str] = {
    OrganisationKind.PARTY: N_("Party organisation"),
    OrganisationKind.UNION: N_("Trade union"),
    OrganisationKind.YOUTH: N_("Youth league"),
    OrganisationKind.WOMEN: N_("Women's federation"),
    OrganisationKind.GOVERNMENT: N_("Government office"),
    OrganisationKind.COMPANY: N_("Company"),
    OrganisationKind.SCHOOL: N_("School"),
    OrganisationKind.TRAINING: N_("Training course"),
    OrganisationKind.ASSOCIATION: N_("Association"),
    OrganisationKind.CULTURE: N_("Cultural institution"),
    OrganisationKind.INDIVIDUAL: N_("Individual visitors"),
    OrganisationKind.OTHER: N_("Other"),
}


class BookingState(StrEnum):
    """Where a booking stands. Arrival is not a state: it is in the ledger."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


#: The only ways from one state to another.
TRANSITIONS: dict[BookingState, frozenset[BookingState]] = {
    BookingState.CONFIRMED: frozenset({BookingState.CANCELLED}),
    BookingState.CANCELLED: frozenset(),
}


class Source(StrEnum):
    """By which way a booking came in."""

    ONLINE = "online"
    STAFF = "staff"


class Booking(Model):
    """One group's claim on one slot.

    `key` opens the organiser's page and is a secret of 128 bits or more. `reference` is short, has a check
    character and can be read out. `submission` is the digest that makes the same submit, sent twice, one booking.
    `visitors` is the sum of the origins.
    """

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("hall_id", "submission"),
        CheckConstraint("visitors > 0", name="visitors"),
        Index(None, "hall_id", "created_at"),
        Index(None, "hall_id", "phone_tail"),
        Index(None, "slot_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    key: Mapped[str] = mapped_column(String(43), unique=True)
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    submission: Mapped[str] = mapped_column(String(64))
    state: Mapped[BookingState] = mapped_column(enum_type(BookingState), default=BookingState.CONFIRMED)
    source: Mapped[Source] = mapped_column(enum_type(Source), default=Source.ONLINE)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    organisation: Mapped[str] = mapped_column(String(200))
    kind: Mapped[OrganisationKind] = mapped_column(enum_type(OrganisationKind))
    contact_name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(24))
    phone_tail: Mapped[str] = mapped_column(String(4))
    email: Mapped[str | None] = mapped_column(String(254))
    note: Mapped[str] = mapped_column(Text, default="")
    visitors: Mapped[int]
    guides: Mapped[int] = mapped_column(default=0)
    consented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    hall: Mapped[Hall] = relationship()
    slot: Mapped[Slot] = relationship()
    origins: Mapped[list["Origin"]] = relationship(
        back_populates="booking", order_by="Origin.division", cascade="all, delete-orphan"
    )


class Origin(Model):
    """So many people of a booking come from this division."""

    __tablename__ = "origin"
    __table_args__ = (CheckConstraint("visitors > 0", name="visitors"), Index(None, "hall_id"))

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    division: Mapped[str] = mapped_column(String(8), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    visitors: Mapped[int]

    booking: Mapped[Booking] = relationship(back_populates="origins")
