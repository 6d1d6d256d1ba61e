"""Guides, the hours they are on duty, their leave, and which groups they lead."""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.models import Staff
from hallapp.booking.models import Booking, BookingState
from hallapp.core import facts
from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.core.errors import N_
from hallapp.schedule.models import Programme

#: The states of a booking in which an assignment is valid; in the others no one comes.
LED = frozenset({BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.ARRIVED, BookingState.ABSENT})
#: The states in which a guide can be assigned.
TO_LEAD = LED - {BookingState.ABSENT}


class Obstacle(StrEnum):
    """The reason why a guide cannot lead a group; a manager may override the last two."""

    INACTIVE = "inactive"
    ON_LEAVE = "on_leave"
    OFF_DUTY = "off_duty"
    BUSY = "busy"
    LANGUAGE = "language"
    PROGRAMME = "programme"

    @property
    def is_soft(self) -> bool:
        """Return whether a manager may set it aside."""
        return self in (Obstacle.LANGUAGE, Obstacle.PROGRAMME)


#: The obstacles in a few words, as message ids.
OBSTACLE_NAMES = {
    Obstacle.INACTIVE: N_("no longer a guide here"),
    Obstacle.ON_LEAVE: N_("on leave"),
    Obstacle.OFF_DUTY: N_("not on duty"),
    Obstacle.BUSY: N_("leads another group then"),
    Obstacle.LANGUAGE: N_("does not speak the language"),
    Obstacle.PROGRAMME: N_("does not know the programme"),
}


class Dropped(StrEnum):
    """The reason why an assignment is no longer valid."""

    MOVED = "moved"  # the visit was moved to a time or programme that does not suit the guide
    GONE = "gone"  # the booking was cancelled or lapsed
    FEWER = "fewer"  # the booking no longer needs a guide
    LANGUAGE = "language"  # the group asked for a language that the guide does not speak
    GUIDE = "guide"  # the guide went on leave, off duty, or away


class Guide(Model):
    """A guide; `staff_id` is NULL for one without an account. `languages` are codes separated by commas.

    `last_day` is the last day of one who is not active any more, NULL where nobody has entered it yet.
    """

    __tablename__ = "guide"
    __table_args__ = (Index(None, "hall_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    languages: Mapped[str] = mapped_column(String(80), default="zh")
    active: Mapped[bool] = mapped_column(default=True)
    last_day: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff | None] = relationship()
    knows: Mapped[list["GuideProgramme"]] = relationship(cascade="all, delete-orphan")
    duties: Mapped[list["Duty"]] = relationship(
        order_by="(Duty.valid_from, Duty.weekday, Duty.starts)", cascade="all, delete-orphan"
    )
    leaves: Mapped[list["Leave"]] = relationship(order_by="Leave.first", cascade="all, delete-orphan")

    @property
    def language_codes(self) -> tuple[str, ...]:
        """Return the languages in which this guide leads."""
        return tuple(filter(None, self.languages.split(",")))

    @property
    def programme_ids(self) -> frozenset[int]:
        """Return the programmes that this guide leads."""
        return frozenset(each.programme_id for each in self.knows)


class GuideProgramme(Model):
    """A guide knows a programme."""

    __tablename__ = "guide_programme"

    guide_id: Mapped[int] = mapped_column(ForeignKey("guide.id"), primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))

    programme: Mapped[Programme] = relationship()


class Duty(Model):
    """A guide is on duty on a weekday (0 is Monday) between two local times, on the days of a period.

    `valid_until` is the period's last day, NULL is no end.
    """

    __tablename__ = "guide_duty"
    __table_args__ = (
        CheckConstraint("weekday >= 0 AND weekday <= 6", name="weekday"),
        CheckConstraint("ends > starts", name="ends_after_start"),
        CheckConstraint("valid_until >= valid_from", name="period"),
        Index(None, "guide_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    guide_id: Mapped[int] = mapped_column(ForeignKey("guide.id"))
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    def holds_on(self, day: date) -> bool:
        """Return whether it covers a day."""
        in_period = self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)
        return in_period and self.weekday == day.weekday()


class Leave(Model):
    """A guide is on leave from the day `first` to the day `last`; the note must not mention anyone's health."""

    __tablename__ = "guide_leave"
    __table_args__ = (CheckConstraint("last >= first", name="period"), Index(None, "guide_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    guide_id: Mapped[int] = mapped_column(ForeignKey("guide.id"))
    first: Mapped[date]
    last: Mapped[date]
    note: Mapped[str] = mapped_column(String(100), default="")


class Assignment(Model):
    """A guide leads a group. An ended assignment is kept; `dropped_at` and `dropped_why` tell when and why it ended."""

    __tablename__ = "guide_assignment"
    __table_args__ = (
        UniqueConstraint("booking_id", "guide_id"),
        CheckConstraint("(dropped_at IS NULL) = (dropped_why IS NULL)", name="dropped"),
        Index(None, "hall_id", "guide_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    guide_id: Mapped[int] = mapped_column(ForeignKey("guide.id"))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped_why: Mapped[Dropped | None] = mapped_column(enum_type(Dropped))

    guide: Mapped[Guide] = relationship()
    booking: Mapped[Booking] = relationship()


class CalendarFeed(Model):
    """The private calendar of a guide's groups, or of all groups of the hall where `guide_id` is NULL.

    Its address is not stored: `digest` is the SHA-256 of the secret part.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (Index(None, "hall_id", "guide_id"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    guide_id: Mapped[int | None] = mapped_column(ForeignKey("guide.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


facts.watch(Guide, GuideProgramme)  # a programme's tours are led in the languages of its guides
