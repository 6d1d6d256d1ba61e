"""Hosts with their hours, the talks that guests book with them, and the rules of a hall for them."""

from datetime import date, datetime, time
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.core import facts
from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.core.errors import N_
from hallapp.core.texts import Texts, texts_column
from hallapp.schedule.models import Hall

NAME_LENGTH = 40
NOTE_LENGTH = 1000
WISH_LENGTH = 300
COMMENT_LENGTH = 300
REASON_LENGTH = 200
LINK_LENGTH = 300


class TalkMode(StrEnum):
    """The way in which host and guest talk."""

    ON_SITE = "on_site"
    PHONE = "phone"
    ONLINE = "online"


MODE_NAMES = {
    TalkMode.ON_SITE: N_("At the hall"),
    TalkMode.PHONE: N_("By phone"),
    TalkMode.ONLINE: N_("Online meeting"),
}


class TalkState(StrEnum):
    """The state of a talk; only a booked one can change."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    HELD = "held"
    MISSED = "missed"  # the guest did not come, or did not answer


TALK_STATE_NAMES = {
    TalkState.BOOKED: N_("Booked"),
    TalkState.CANCELLED: N_("Cancelled"),
    TalkState.HELD: N_("Took place"),
    TalkState.MISSED: N_("Did not take place"),
}


class TalkSetting(Model):
    """The rules of a hall for its talks; a hall without a row offers none.

    Guests who came to talks at the hall are counted as visitors of the programme `programme_id`. A talk takes `minutes`
    and is booked at least `notice_hours` and at most `days_ahead` days before. A phone number has at most `most_open`
    talks to come. After `missed_most` missed talks within `missed_days` it is paused for `pause_days`; 0 is no rule.
    """

    __tablename__ = "talk_setting"
    __table_args__ = (CheckConstraint("minutes > 0", name="minutes"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    open: Mapped[bool] = mapped_column(default=False)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    minutes: Mapped[int] = mapped_column(default=30)
    notice_hours: Mapped[int] = mapped_column(default=2)
    days_ahead: Mapped[int] = mapped_column(default=14)
    most_open: Mapped[int] = mapped_column(default=1)
    missed_most: Mapped[int] = mapped_column(default=0)
    missed_days: Mapped[int] = mapped_column(default=180)
    pause_days: Mapped[int] = mapped_column(default=90)


class TalkHost(Model):
    """A person of the hall with whom guests can talk; numbered within the hall.

    `languages` and `modes` are codes separated by commas. `link` opens the host's room online; only a guest with a
    talk sees it. `staff_id` is the account that sees the host's talks. Messages to the host go to `email`.
    `feed_digest` is the SHA-256 of the secret part of the address of the host's calendar.
    """

    __tablename__ = "talk_host"
    __table_args__ = (UniqueConstraint("hall_id", "staff_id"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    profile: Mapped[Texts] = texts_column(500)
    topics: Mapped[Texts] = texts_column(200)
    languages: Mapped[str] = mapped_column(String(80), default="zh")
    modes: Mapped[str] = mapped_column(String(40), default="on_site")
    link: Mapped[str] = mapped_column(String(LINK_LENGTH), default="")
    email: Mapped[str | None] = mapped_column(String(254))
    feed_digest: Mapped[str | None] = mapped_column(String(64))
    active: Mapped[bool] = mapped_column(default=True)

    hours: Mapped[list["TalkHours"]] = relationship(
        order_by="(TalkHours.weekday, TalkHours.starts)", cascade="all, delete-orphan"
    )
    days_off: Mapped[list["TalkDayOff"]] = relationship(order_by="TalkDayOff.day", cascade="all, delete-orphan")

    def offers(self, mode: TalkMode, language: str) -> bool:
        """Return whether this host talks in this way and in this language."""
        return self.active and mode.value in self.modes.split(",") and language in self.languages.split(",")


class TalkHours(Model):
    """A host takes talks on a weekday (0 is Monday) between two local times."""

    __tablename__ = "talk_hours"
    __table_args__ = (
        ForeignKeyConstraint(["hall_id", "host"], ["talk_host.hall_id", "talk_host.number"]),
        CheckConstraint("weekday >= 0 AND weekday <= 6", name="weekday"),
        CheckConstraint("ends > starts", name="ends_after_start"),
    )

    hall_id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[int] = mapped_column(primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts: Mapped[time] = mapped_column(primary_key=True)
    ends: Mapped[time]


class TalkDayOff(Model):
    """A day on which a host takes no talks."""

    __tablename__ = "talk_day_off"
    __table_args__ = (ForeignKeyConstraint(["hall_id", "host"], ["talk_host.hall_id", "talk_host.number"]),)

    hall_id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


_NOT_CANCELLED = text("state <> 'cancelled'")


class Talk(Model):
    """One talk of a guest with a host; numbered within the hall.

    `key` opens the guest's page and is a secret. `chosen` tells whether the guest chose the host; otherwise it was
    whoever was free. `wish` is what the guest wants to talk about. `note` belongs to host and guest: no other page
    shows it. `submission` makes the same form, sent twice, one talk. `event_id` names the arrival of a talk that was
    held at the hall. `privacy` is the version of the privacy notice that was accepted at `made_at`; an older talk has
    NULL. What names the guest, and all words, are erased when the promised time has passed.
    """

    __tablename__ = "talk"
    __table_args__ = (
        ForeignKeyConstraint(["hall_id", "host_number"], ["talk_host.hall_id", "talk_host.number"]),
        UniqueConstraint("hall_id", "submission"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        Index(
            "uq_talk_hall_id_host_number_starts_at",
            *("hall_id", "host_number", "starts_at"),
            unique=True,
            sqlite_where=_NOT_CANCELLED,
            postgresql_where=_NOT_CANCELLED,
        ),
        Index(None, "key"),
        Index(None, "hall_id", "day"),
        Index(None, "hall_id", "phone"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(43))
    submission: Mapped[str] = mapped_column(String(64))
    host_number: Mapped[int]
    chosen: Mapped[bool]
    state: Mapped[TalkState] = mapped_column(enum_type(TalkState), default=TalkState.BOOKED)
    mode: Mapped[TalkMode] = mapped_column(enum_type(TalkMode))
    language: Mapped[str] = mapped_column(String(8))
    page_language: Mapped[str] = mapped_column(String(8))
    day: Mapped[date]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    division: Mapped[str] = mapped_column(String(8))
    guest: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(24))
    email: Mapped[str | None] = mapped_column(String(254))
    wish: Mapped[str] = mapped_column(String(WISH_LENGTH), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH), default="")
    stars: Mapped[int | None]
    comment: Mapped[str] = mapped_column(String(COMMENT_LENGTH), default="")
    event_id: Mapped[str | None] = mapped_column(String(36))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    privacy: Mapped[str | None] = mapped_column(String(12))

    host: Mapped[TalkHost] = relationship()
    hall: Mapped[Hall] = relationship(overlaps="host")

    @property
    def note_mark(self) -> str:
        """Return a digest of the note, by which a form says which note it has shown."""
        return sha256(self.note.encode()).hexdigest()[:16]


facts.watch(TalkSetting, TalkHost)  # the privacy notice names talks, and the menu of a host has them
