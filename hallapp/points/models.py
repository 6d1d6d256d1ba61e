"""The scheme of a hall's service points, the people, what is entered for them, appeals, and closed quarters."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.models import Staff
from hallapp.core import facts
from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.core.errors import N_
from hallapp.core.texts import Texts, texts_column

CODE_LENGTH = 40
NAME_LENGTH = 80
WORDS_LENGTH = 500


class PointGroup(StrEnum):
    """The group in which an index stands."""

    TOURS = "tours"
    FEEDBACK = "feedback"
    TALKS = "talks"
    DUTY = "duty"
    DESK = "desk"
    OFFICE = "office"
    LEARNING = "learning"
    CONTRIBUTION = "contribution"
    CONDUCT = "conduct"


GROUP_NAMES = {
    PointGroup.TOURS: N_("Tours"),
    PointGroup.FEEDBACK: N_("Feedback of groups"),
    PointGroup.TALKS: N_("Talks"),
    PointGroup.DUTY: N_("Duty"),
    PointGroup.DESK: N_("Front desk"),
    PointGroup.OFFICE: N_("Office"),
    PointGroup.LEARNING: N_("Learning"),
    PointGroup.CONTRIBUTION: N_("Contribution"),
    PointGroup.CONDUCT: N_("Conduct and corrections"),
}


class EntryState(StrEnum):
    """The state of an entry: it counts once another person has approved it."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


ENTRY_STATE_NAMES = {
    EntryState.WAITING: N_("Waiting for approval"),
    EntryState.APPROVED: N_("Approved"),
    EntryState.REJECTED: N_("Rejected"),
}


class PointSetting(Model):
    """The switch of a hall's service points, and the first day of the quarter from which it gives them."""

    __tablename__ = "point_setting"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    open: Mapped[bool] = mapped_column(default=False)
    first: Mapped[date]


class PointIndex(Model):
    """An index of a hall's scheme as it is from a quarter on, named by its first day, until the next row of its code.

    `measure` is how it is counted from records; NULL is an index that people enter. `weight` are the points of a unit
    and `most` the limit of a quarter, both in hundredths; NULL is no limit. `threshold` is a number that some measures
    need.
    """

    __tablename__ = "point_index"
    __table_args__ = (
        CheckConstraint("weight <> 0", name="weight"),
        CheckConstraint("most > 0", name="most"),
        CheckConstraint("threshold > 0", name="threshold"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE_LENGTH), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    group: Mapped[PointGroup] = mapped_column("in_group", enum_type(PointGroup))
    name: Mapped[Texts] = texts_column(NAME_LENGTH)
    measure: Mapped[str | None] = mapped_column(String(CODE_LENGTH))
    threshold: Mapped[int | None]
    weight: Mapped[int]
    most: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]


class PointPerson(Model):
    """An account that a manager added to the people with service points, besides guides and hosts of talks."""

    __tablename__ = "point_person"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)


class PointEntry(Model):
    """An act of a person that no record of the hall shows, with its evidence; numbered within the hall.

    It counts `times` units of an index on its day, once somebody else than `entered_by` has approved it.
    """

    __tablename__ = "point_entry"
    __table_args__ = (
        CheckConstraint("times > 0", name="times"),
        CheckConstraint("(state = 'waiting') = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("decided_by_id <> entered_by_id AND decided_by_id <> staff_id", name="by_another"),
        Index(None, "hall_id", "day"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    day: Mapped[date]
    times: Mapped[int]
    evidence: Mapped[str] = mapped_column(String(WORDS_LENGTH))
    state: Mapped[EntryState] = mapped_column(enum_type(EntryState), default=EntryState.WAITING)
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(WORDS_LENGTH), default="")

    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    entered_by: Mapped[Staff] = relationship(foreign_keys=[entered_by_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])


_OPEN = text("answered_at IS NULL")


class PointAppeal(Model):
    """A person's appeal against one line of their own statement, and its answer; numbered within the hall.

    `quarter` is the first day of the quarter. At most one appeal of a line is open.
    """

    __tablename__ = "point_appeal"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name="answered"),
        CheckConstraint("answered_by_id <> staff_id", name="by_another"),
        Index(
            "uq_point_appeal_open",
            *("hall_id", "staff_id", "quarter", "code"),
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    quarter: Mapped[date]
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    words: Mapped[str] = mapped_column(String(WORDS_LENGTH))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(WORDS_LENGTH), default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id])
    answered_by: Mapped[Staff | None] = relationship(foreign_keys=[answered_by_id])


class PointClose(Model):
    """A closed quarter, by its first day: its statements as `figures` (`snapshot.py`), and their SHA-256 in hex."""

    __tablename__ = "point_close"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    quarter: Mapped[date] = mapped_column(primary_key=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    closed_by: Mapped[Staff] = relationship()


facts.watch(PointSetting, PointPerson)  # the menu of these people has their statement
