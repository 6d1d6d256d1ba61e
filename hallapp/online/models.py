"""Sessions of online programmes, the screens that follow them, and the ledger of their audience."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.models import Staff
from hallapp.booking.models import Booking
from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.schedule.models import Programme, Slot

URL_LENGTH, DEVICE_LENGTH, TEXT_LENGTH = 500, 22, 300


class AudienceSource(StrEnum):
    """The way in which people of an audience were counted."""

    PRESENCE = "presence"  # by their presence on the page to join
    LIST = "list"  # by the list of participants of a platform


class QuestionState(StrEnum):
    """The hall's treatment of a question to the host."""

    NEW = "new"
    SHOWN = "shown"
    ANSWERED = "answered"
    DECLINED = "declined"


class OnlineSession(Model):
    """The settings of one session, and the most people who followed it at the same minute.

    `stream` is opened at the time of the session; `recording` is shown after it. Both are addresses, or empty.
    """

    __tablename__ = "online_session"
    __table_args__ = (CheckConstraint("peak >= 0", name="peak"), Index(None, "slot_id"))

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(String(URL_LENGTH), default="")
    recording: Mapped[str] = mapped_column(String(URL_LENGTH), default="")
    peak: Mapped[int] = mapped_column(default=0)


class OnlineViewer(Model):
    """A screen that follows a session: a random number of its own, and the people before it by place of origin.

    It is deleted, with its beats, when the session is counted.
    """

    __tablename__ = "online_viewer"
    __table_args__ = (Index(None, "hall_id", "booking_id"), Index(None, "slot_id"))

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True)
    device: Mapped[str] = mapped_column(String(DEVICE_LENGTH), primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    people: Mapped[dict[str, int]] = mapped_column(JSON)


class OnlineBeat(Model):
    """A minute of a session, counted from its start, in which a screen followed it."""

    __tablename__ = "online_beat"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    device: Mapped[str] = mapped_column(String(DEVICE_LENGTH), primary_key=True)


class Audience(Model):
    """A line of the ledger of the audience: people of one place who followed one session, and their minutes.

    The ledger is append-only; a correction is a line with negative numbers. `event` identifies what was counted, so the
    same thing is counted once. `minutes` add up the minutes of all people of the line.
    """

    __tablename__ = "audience"
    __table_args__ = (
        CheckConstraint("people <> 0 OR minutes <> 0", name="counted"),
        Index(None, "hall_id", "day"),
        Index(None, "slot_id"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    event: Mapped[str] = mapped_column(String(80), primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    day: Mapped[date]
    division: Mapped[str] = mapped_column(String(8))
    people: Mapped[int]
    minutes: Mapped[int]
    source: Mapped[AudienceSource] = mapped_column(enum_type(AudienceSource))
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)

    slot: Mapped[Slot] = relationship()
    programme: Mapped[Programme] = relationship()


class AudienceAdjustment(Model):
    """A line of the audience that was written while its month was closed; without one the line is in the close."""

    __tablename__ = "audience_adjustment"
    __table_args__ = (
        ForeignKeyConstraint(["hall_id", "event"], ["audience.hall_id", "audience.event"]),
        Index(None, "close_id"),
    )

    hall_id: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(String(80), primary_key=True)
    close_id: Mapped[int] = mapped_column(ForeignKey("month_close.id"))


class Relation(StrEnum):
    """The relation of a list to the people whom the ledger has of the session already."""

    INSTEAD = "instead"  # the same people: the list replaces them
    BESIDES = "besides"  # other people


class OnlineList(Model):
    """A list of a platform that was imported for a session: `people` and `minutes` are those of the list.

    `changes` are the people and minutes by which the import changed the ledger, by place of origin: less than the list
    where it replaced others. Taking it back writes the same with the other sign.
    """

    __tablename__ = "online_list"
    __table_args__ = (Index(None, "slot_id"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    digest: Mapped[str] = mapped_column(String(32))
    people: Mapped[int]
    minutes: Mapped[int]
    relation: Mapped[Relation | None] = mapped_column(enum_type(Relation))
    changes: Mapped[dict[str, tuple[int, int]]] = mapped_column(JSON)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    imported_by: Mapped[Staff | None] = relationship(foreign_keys=[imported_by_id])
    taken_back_by: Mapped[Staff | None] = relationship(foreign_keys=[taken_back_by_id])


class OnlineQuestion(Model):
    """A question to the host of a session; the audience sees it once the hall has shown or answered it.

    `number` is random.
    """

    __tablename__ = "online_question"
    __table_args__ = (Index(None, "hall_id", "slot_id"), Index(None, "booking_id"))

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(DEVICE_LENGTH), primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    text: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    answer: Mapped[str] = mapped_column(String(TEXT_LENGTH), default="")
    state: Mapped[QuestionState] = mapped_column(enum_type(QuestionState), default=QuestionState.NEW)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)

    booking: Mapped[Booking] = relationship()
