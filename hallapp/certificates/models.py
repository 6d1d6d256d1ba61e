"""Certificates of visits, and whether a hall issues them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.booking.models import Booking
from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.core.texts import Texts, texts_column

CODE_LENGTH = 16
WORDS_LENGTH = 300


class Scope(StrEnum):
    """The programmes whose groups get a certificate."""

    NONE = "none"
    ALL = "all"
    CHOSEN = "chosen"


class CertificateSetting(Model):
    """The rules of a hall for its certificates; a hall without a row issues none. `words` are printed on each."""

    __tablename__ = "certificate_setting"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    scope: Mapped[Scope] = mapped_column(enum_type(Scope), default=Scope.NONE)
    words: Mapped[Texts] = texts_column(WORDS_LENGTH)


class CertificateProgramme(Model):
    """A programme that a hall has chosen for certificates; it only matters with `Scope.CHOSEN`."""

    __tablename__ = "certificate_programme"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True)


class Certificate(Model):
    """A certificate as it was printed: a later correction of the booking does not change it.

    `day` is the first day on which people of the group arrived.
    `code` is random (80 bits as base32). `booking_id` is the booking, or the first part of a large group. A newer
    certificate of the same booking sets `replaced_at`. `organisation` of individuals is erased with their booking.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("people > 0", name="people"),
        Index(None, "code"),
        Index(None, "hall_id", "booking_id"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE_LENGTH), primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    day: Mapped[date]
    organisation: Mapped[str] = mapped_column(String(200))
    people: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    booking: Mapped[Booking] = relationship()

    @property
    def kind(self) -> str:
        """Return the kind of the group, by which individuals without a name are called."""
        return self.booking.kind
