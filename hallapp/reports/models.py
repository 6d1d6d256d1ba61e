"""To whom the monthly report is sent by itself, and on which day of the month."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model, UtcDateTime


class ReportMailing(Model):
    """On which hall-local day of the month the report of the month before goes out; a hall without a row sends none."""

    __tablename__ = "report_mailing"
    __table_args__ = (CheckConstraint("day >= 1 AND day <= 28", name="day"),)  # a day that every month has

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[int] = mapped_column(SmallInteger)


class ReportRecipient(Model):
    """Somebody who gets it: an address of the staff or of the business, the language, and which files."""

    __tablename__ = "report_recipient"
    __table_args__ = (UniqueConstraint("hall_id", "email"), CheckConstraint("pdf OR xlsx", name="files"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    pdf: Mapped[bool] = mapped_column(Boolean)
    xlsx: Mapped[bool] = mapped_column(Boolean)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
