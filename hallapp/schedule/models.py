"""Halls, their programmes, the weekly opening template, and the slots made from it."""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.core import clock
from hallapp.core.database import Model, UtcDateTime, enum_type


class Mode(StrEnum):
    """Where a programme takes place."""

    ON_SITE = "on_site"
    ONLINE = "online"


class Hall(Model):
    """One exhibition hall: its facts and its policy, in rows, never in code.

    `host` is the name by which visitors reach this hall where several share one service; NULL answers to any.
    `accent` is a colour as `#rrggbb`. Notices are in hours, days and months as their names say.
    """

    __tablename__ = "hall"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    host: Mapped[str | None] = mapped_column(String(253), unique=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    address_zh: Mapped[str] = mapped_column(String(200), default="")
    address_en: Mapped[str] = mapped_column(String(200), default="")
    directions_zh: Mapped[str] = mapped_column(Text, default="")
    directions_en: Mapped[str] = mapped_column(Text, default="")
    bring_zh: Mapped[str] = mapped_column(Text, default="")
    bring_en: Mapped[str] = mapped_column(Text, default="")
    late_zh: Mapped[str] = mapped_column(Text, default="")
    late_en: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="Asia/Shanghai")
    opened_on: Mapped[date]
    accent: Mapped[str] = mapped_column(String(7), default="#b3261e")
    home_division: Mapped[str] = mapped_column(String(8), default="440000")
    notice_hours: Mapped[int] = mapped_column(default=2)
    days_ahead: Mapped[int] = mapped_column(default=60)
    retention_months: Mapped[int] = mapped_column(default=6)
    demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    programmes: Mapped[list["Programme"]] = relationship(back_populates="hall", order_by="Programme.position")

    def text(self, name: str, language: str) -> str:
        """A fact of the hall (`name`, `address`, `directions`, `bring`, `late`) in a language, else in the other."""
        first, second = ("zh", "en") if language == "zh" else ("en", "zh")
        return getattr(self, f"{name}_{first}") or getattr(self, f"{name}_{second}")

    def today(self) -> date:
        """The hall's local day, now."""
        return clock.today(self.time_zone)


class Programme(Model):
    """What a group comes for. A group has `group_min` to `group_max` people and takes `guides` guides (0 and up)."""

    __tablename__ = "programme"
    __table_args__ = (
        UniqueConstraint("hall_id", "slug"),
        CheckConstraint("group_min >= 1 AND group_min <= group_max", name="group_size"),
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("guides >= 0", name="guides"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    slug: Mapped[str] = mapped_column(String(40))
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    about_zh: Mapped[str] = mapped_column(Text, default="")
    about_en: Mapped[str] = mapped_column(Text, default="")
    minutes: Mapped[int]
    group_min: Mapped[int]
    group_max: Mapped[int]
    guides: Mapped[int] = mapped_column(default=0)
    mode: Mapped[Mode] = mapped_column(enum_type(Mode), default=Mode.ON_SITE)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    hall: Mapped[Hall] = relationship(back_populates="programmes")

    def name(self, language: str) -> str:
        """The programme's name in a reader's language."""
        return self.name_zh if language == "zh" else self.name_en

    def about(self, language: str) -> str:
        """One sentence about the programme in a reader's language."""
        return self.about_zh if language == "zh" else self.about_en


class Opening(Model):
    """One line of the weekly template: on this weekday (0 is Monday) at this local time, so many places and guides."""

    __tablename__ = "opening"
    __table_args__ = (
        UniqueConstraint("programme_id", "weekday", "starts"),
        CheckConstraint("weekday >= 0 AND weekday <= 6", name="weekday"),
        CheckConstraint("visitor_capacity > 0 AND guide_capacity >= 0", name="capacity"),
        Index(None, "hall_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    weekday: Mapped[int]
    starts: Mapped[time]
    visitor_capacity: Mapped[int]
    guide_capacity: Mapped[int] = mapped_column(default=0)

    programme: Mapped[Programme] = relationship()


class Slot(Model):
    """A start and end on a day, with places and guides. The two `…_booked` columns move by one statement only."""

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("programme_id", "starts_at"),
        CheckConstraint("visitors_booked >= 0 AND visitors_booked <= visitor_capacity", name="visitors"),
        CheckConstraint("guides_booked >= 0 AND guides_booked <= guide_capacity", name="guides"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index(None, "hall_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    day: Mapped[date]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    visitor_capacity: Mapped[int]
    guide_capacity: Mapped[int]
    visitors_booked: Mapped[int] = mapped_column(default=0)
    guides_booked: Mapped[int] = mapped_column(default=0)
    open: Mapped[bool] = mapped_column(default=True)

    programme: Mapped[Programme] = relationship()

    @property
    def visitors_free(self) -> int:
        """Places still free; none where the programme needs a guide and none is left."""
        if self.guide_capacity - self.guides_booked < self.programme.guides:
            return 0
        return self.visitor_capacity - self.visitors_booked
