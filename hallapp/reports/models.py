"""Recipients of the monthly report, yearly goals, and the published numbers of closed months."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    SmallInteger,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.models import Staff
from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.ledger.models import MonthClose


class ReportMailing(Model):
    """The hall-local day of the month on which the previous month's report is sent; without a row none is sent."""

    __tablename__ = "report_mailing"
    __table_args__ = (CheckConstraint("day >= 1 AND day <= 28", name="day"),)  # a day that every month has

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[int] = mapped_column(SmallInteger)


class ReportRecipient(Model):
    """A recipient: an address of staff or of a business, the language, and the files."""

    __tablename__ = "report_recipient"
    __table_args__ = (UniqueConstraint("hall_id", "email"), CheckConstraint("pdf OR xlsx", name="files"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    pdf: Mapped[bool] = mapped_column(Boolean)
    xlsx: Mapped[bool] = mapped_column(Boolean)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VisitorGoal(Model):
    """The number of people that a hall wants to receive in a calendar year."""

    __tablename__ = "visitor_goal"
    __table_args__ = (CheckConstraint("visitors > 0", name="visitors"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    visitors: Mapped[int]


class NetworkReader(Model):
    """An account of another hall that may read the totals of this one: the hall of the row is the one that is read."""

    __tablename__ = "network_reader"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, index=True)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship()


class ReportLink(Model):
    """A public link of one report until a day. The link itself is kept nowhere: `digest` is its SHA-256.

    `period` is the period's name in addresses. `last_used_at` is written once a minute at most.
    """

    __tablename__ = "report_link"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    period: Mapped[str] = mapped_column(String(24))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship()


class PublishedFacet(StrEnum):
    """The facets of published people; their values are used in published files."""

    DIVISIONS = "divisions"
    TIMES = "times"  # days of the month
    KINDS = "kinds"
    PROGRAMMES = "programmes"


class Publication(Model):
    """Rounded figures of a closed month that the public has seen or may see; never deleted.

    A month that was reopened and closed again is published again, with the next revision. `has_audience` says that the
    online audience has been published with it, which earlier versions did not do; nothing else is ever updated.
    """

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("close_id"), CheckConstraint("revision > 0", name="revision"))

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    close_id: Mapped[int] = mapped_column(ForeignKey("month_close.id"))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    has_audience: Mapped[bool] = mapped_column(default=False, server_default=false())

    close: Mapped[MonthClose] = relationship()


class PublishedCell(Model):
    """The change of one published number by a publication; the number is the sum over all revisions.

    `part` is the code of a division, a day, a kind or a programme; `unknown` stands for people without a day.
    """

    __tablename__ = "published_cell"
    __table_args__ = (
        ForeignKeyConstraint(
            ["hall_id", "month", "revision"], ["publication.hall_id", "publication.month", "publication.revision"]
        ),
        CheckConstraint("visitors <> 0", name="visitors"),
    )

    hall_id: Mapped[int] = mapped_column(primary_key=True)
    facet: Mapped[PublishedFacet] = mapped_column(enum_type(PublishedFacet), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(String(40), primary_key=True)
    visitors: Mapped[int]


class AudienceFacet(StrEnum):
    """The facets of the published online audience; their values are used in published files."""

    DIVISIONS = "divisions"
    TIMES = "times"  # days of the month
    PROGRAMMES = "programmes"


class PublishedAudience(Model):
    """The change of one published number of the online audience by a publication, as `PublishedCell` is of visitors."""

    __tablename__ = "published_audience"
    __table_args__ = (
        ForeignKeyConstraint(
            ["hall_id", "month", "revision"], ["publication.hall_id", "publication.month", "publication.revision"]
        ),
        CheckConstraint("people <> 0", name="people"),
    )

    hall_id: Mapped[int] = mapped_column(primary_key=True)
    facet: Mapped[AudienceFacet] = mapped_column(enum_type(AudienceFacet), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(String(40), primary_key=True)
    people: Mapped[int]
