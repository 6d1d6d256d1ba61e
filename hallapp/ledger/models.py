"""The arrival ledger: events that devices send, append-only rows of ±n people, and the summaries kept with them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.models import Staff
from hallapp.booking.models import Booking
from hallapp.core.database import Model, UtcDateTime, enum_type, index_where_set
from hallapp.kinds.models import CODE_LENGTH
from hallapp.periods import Span as Span
from hallapp.schedule.models import Programme

#: The value of `Arrival.tour_language` for a visit without a guide.
NO_TOUR = "none"


class WalkIn(Model):
    """A group or individuals who came without a booking."""

    __tablename__ = "walk_in"
    __table_args__ = (Index(None, "hall_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    kind: Mapped[str] = mapped_column(String(CODE_LENGTH))
    organisation: Mapped[str] = mapped_column(String(200), default="")

    programme: Mapped[Programme] = relationship()


class Way(StrEnum):
    """The way in which people came into the ledger: a channel of booking, no booking, or an import."""

    ONLINE = "online"
    PHONE = "phone"
    WINDOW = "window"
    STAFF = "staff"
    API = "api"
    WALK_IN = "walk_in"
    HISTORY = "history"


class EventKind(StrEnum):
    """The action of the desk."""

    ADMIT = "admit"
    TAKE_BACK = "take_back"
    COUNT = "count"  # people of an offline admission, counted after it


class DeskEvent(Model):
    """One act at a desk, with the id that the device gave it: the same id again changes nothing.

    It concerns a booking or a walk-in, never both; `party` is set where the booking is a part of a large group,
    which counts as one group. `day` is the hall's local day of `occurred_at`; a take-back has the day of the event that
    it undoes, so that the correction is on the day of the mistake. A later count (`counts_id`) has the day and the time
    of the admission whose people it counts.

    An act decided offline has `snapshot_at`, the age of the device's data. `device` is the device's name; `device_at`
    is the time of its clock, where that was wrong and `occurred_at` has been corrected.
    """

    __tablename__ = "desk_event"
    __table_args__ = (
        UniqueConstraint("hall_id", "event_id"),
        UniqueConstraint("undoes_id"),
        CheckConstraint("(booking_id IS NULL) <> (walk_in_id IS NULL)", name="one_group"),
        Index(None, "hall_id", "day"),
        Index(None, "hall_id", "id"),
        Index(None, "booking_id"),
        Index(None, "walk_in_id"),
        Index(None, "counts_id"),
        index_where_set("party"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    event_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    kind: Mapped[EventKind] = mapped_column(enum_type(EventKind))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    walk_in_id: Mapped[int | None] = mapped_column(ForeignKey("walk_in.id"))
    party: Mapped[int | None] = mapped_column(BigInteger)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("desk_event.id"))
    counts_id: Mapped[int | None] = mapped_column(ForeignKey("desk_event.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    day: Mapped[date]
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    override: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(200))
    device: Mapped[str | None] = mapped_column(String(40))
    snapshot_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    booking: Mapped[Booking | None] = relationship()
    walk_in: Mapped[WalkIn | None] = relationship()
    staff: Mapped[Staff] = relationship()
    undoes: Mapped["DeskEvent | None"] = relationship(remote_side=[id], foreign_keys=[undoes_id])
    arrivals: Mapped[list["Arrival"]] = relationship(back_populates="event", order_by="Arrival.division")


class Arrival(Model):
    """A ledger row: a number of people (+n), or of people taken back (−n), of one division; it is never changed.

    `extra` of them came beyond what was known to be still to come; the rest takes the places that were booked. The
    other columns are its categories when the people came: `week_hour` is the hall-local hour of the week (0 is Monday
    from midnight, 167 the last of Sunday), `organisation` the number of the organisation's name
    (`filing.organisation_number`), NULL where none was given, `guide_id` the guide who led the group. `tour_language`
    is the language in which it was led: `NO_TOUR` for a visit without a guide, NULL if it was not recorded.
    """

    __tablename__ = "arrival"
    __table_args__ = (
        CheckConstraint("visitors <> 0", name="visitors"),
        CheckConstraint("week_hour >= 0 AND week_hour <= 167", name="week_hour"),
        Index(None, "hall_id", "day", "visitors"),
        Index(None, "hall_id", "organisation", "day"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("desk_event.id"), primary_key=True)
    division: Mapped[str] = mapped_column(String(8), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    day: Mapped[date]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    kind: Mapped[str] = mapped_column(String(CODE_LENGTH))
    source: Mapped[Way] = mapped_column(enum_type(Way))
    guide_id: Mapped[int | None] = mapped_column(ForeignKey("guide.id"))
    organisation: Mapped[int | None] = mapped_column(BigInteger)
    tour_language: Mapped[str | None] = mapped_column(String(8))
    week_hour: Mapped[int] = mapped_column(SmallInteger)
    visitors: Mapped[int]
    extra: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    event: Mapped[DeskEvent] = relationship(back_populates="arrivals")


class ArrivalCategory(Model):
    """People of an event in a category (+n), or taken back (−n), beside the event's rows; it is never changed.

    The number of a family of categories has the people of whom its categories are known.
    """

    __tablename__ = "arrival_category"
    __table_args__ = (
        CheckConstraint("visitors <> 0", name="visitors"),
        ForeignKeyConstraint(
            ["hall_id", "category"],
            ["category.hall_id", "category.number"],
            name="fk_arrival_category_hall_id_category",
        ),
    )

    hall_id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("desk_event.id"), primary_key=True)
    category: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    visitors: Mapped[int]


class Standing(StrEnum):
    """The standing of an organisation: new or returning at its visit."""

    NEW = "new"  # on the first day on which it ever came
    RETURNING = "returning"
    UNNAMED = "unnamed"


class Figure(Model):
    """People and groups of one part of a facet in a span; kept in the arrival's own transaction, proven by a recount.

    A group, also a large one in several parts, counts once on each day on which it came, and in each part of the facet
    in which it brought people; months and years add
    up their days, and imported monthly totals without days. `facets.FACETS` describes each `facet`. `extra` are people
    beyond a booking; they are not counted by the standing of their organisation.
    """

    __tablename__ = "figure"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    span: Mapped[Span] = mapped_column(enum_type(Span, length=8), primary_key=True)
    facet: Mapped[str] = mapped_column(String(20), primary_key=True)
    first: Mapped[date] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(String(20), primary_key=True)
    visitors: Mapped[int]
    groups: Mapped[int]
    extra: Mapped[int]


class FirstVisit(Model):
    """The first day on which an organisation came, with its people and groups of that day."""

    __tablename__ = "first_visit"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    organisation: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[date]
    visitors: Mapped[int]
    groups: Mapped[int]


class HistoryImport(Model):
    """A file of earlier figures, imported as a whole; it counts until it is withdrawn.

    `digest` is of the file's content (two halves in hex, of its cells and of the rows read): the same content cannot be
    counted twice.
    """

    __tablename__ = "history_import"
    __table_args__ = (Index(None, "hall_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    made_by: Mapped[Staff | None] = relationship(foreign_keys=[made_by_id])
    withdrawn_by: Mapped[Staff | None] = relationship(foreign_keys=[withdrawn_by_id])


class HistoryRow(Model):
    """An imported ledger row: a day's or a month's people of one division in a number of groups.

    `number` is the row of the file. Its rows count as long as the import does.
    """

    __tablename__ = "history_row"
    __table_args__ = (
        CheckConstraint("visitors > 0 AND groups >= 0", name="visitors"),
        CheckConstraint("span IN ('day', 'month')", name="span"),
        Index(None, "hall_id", "first", "visitors"),
        Index(None, "hall_id", "organisation", "first"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("history_import.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    span: Mapped[Span] = mapped_column(enum_type(Span, length=8))
    first: Mapped[date]
    division: Mapped[str] = mapped_column(String(8))
    prefecture: Mapped[str | None] = mapped_column(String(8))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    kind: Mapped[str] = mapped_column(String(CODE_LENGTH))
    organisation: Mapped[int | None] = mapped_column(BigInteger)
    visitors: Mapped[int]
    groups: Mapped[int]


class MonthClose(Model):
    """A month whose figures have been filed: `figures` is the report as it was signed, `digest` its SHA-256 in hex.

    `visitors` is the number in the ledger at that time. A reopened close stays with its figures; the next one has the
    next version.
    """

    __tablename__ = "month_close"
    __table_args__ = (
        UniqueConstraint("hall_id", "month", "version"),
        CheckConstraint("(reopened_at IS NULL) = (reopen_reason IS NULL)", name="reopened"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    month: Mapped[date]
    version: Mapped[int]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)  # some 30 KB
    digest: Mapped[str] = mapped_column(String(64))
    visitors: Mapped[int]
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reopen_reason: Mapped[str | None] = mapped_column(String(200))

    closed_by: Mapped[Staff] = relationship(foreign_keys=[closed_by_id])
    reopened_by: Mapped[Staff | None] = relationship(foreign_keys=[reopened_by_id])


class AdjustmentReason(StrEnum):
    """The reason why a month was changed after it had been closed."""

    LATE = "late"  # reported late by a device or from paper
    TAKEN_BACK = "taken_back"
    SETTLED = "settled"  # a conflict of an offline admission
    IMPORTED = "imported"
    WITHDRAWN = "withdrawn"  # an import


class Adjustment(Model):
    """People counted in a closed month (+n), or taken out of it (−n), after its close: `made_at`, not when they came.

    It comes from one event of a desk or from one import.
    """

    __tablename__ = "adjustment"
    __table_args__ = (
        Index(None, "close_id"),
        Index(None, "hall_id", "made_at"),
        CheckConstraint("(event_id IS NULL) <> (import_id IS NULL)", name="one_cause"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    close_id: Mapped[int] = mapped_column(ForeignKey("month_close.id"))
    reason: Mapped[AdjustmentReason] = mapped_column(enum_type(AdjustmentReason))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("desk_event.id"), unique=True)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("history_import.id"))
    visitors: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    close: Mapped[MonthClose] = relationship()
    event: Mapped[DeskEvent | None] = relationship()
    history: Mapped[HistoryImport | None] = relationship()
    made_by: Mapped[Staff | None] = relationship()


class DivisionSummary(Model):
    """People and groups by day, division, programme and kind at once, for pivot tables.

    Updated in the arrival's own transaction. A group counts once on each day in each cell to which it brought people.
    """

    __tablename__ = "division_summary"
    __table_args__ = (Index(None, "hall_id", "division"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    division: Mapped[str] = mapped_column(String(8), primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(CODE_LENGTH), primary_key=True)
    visitors: Mapped[int]
    groups: Mapped[int]
