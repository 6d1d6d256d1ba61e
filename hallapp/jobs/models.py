"""A job: one piece of long work, requested by a hall's staff, done by a process in the background."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core import clock
from hallapp.core.database import Model, UtcDateTime, enum_type

#: The longest time between two heartbeats of a running job; after that its process is taken for dead.
DEAD_AFTER = timedelta(seconds=60)
#: The time for which a job and its file are kept after its end.
KEPT = timedelta(days=7)


class JobState(StrEnum):
    """The state of a job: waiting → running → done or failed."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Fate(StrEnum):
    """The visible state of a job, which also tells a silent one from a running one."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


class Job(Model):
    """One piece of work. `params` and `result` hold JSON values, and no personal data.

    `key` names its files and is not guessable. `done` of `total` are in the unit of the work; `total` is None while it
    is unknown. `attempts` counts the starts, and so identifies the claim of the present process. `file_name` is the
    name of its download, or None. `error` is a refusal: `code`, `message` (an English message id) and `params`.
    """

    __tablename__ = "job"
    __table_args__ = (Index(None, "hall_id", "id"), Index(None, "state", "id"), Index(None, "finished_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    key: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[JobState] = mapped_column(enum_type(JobState), default=JobState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    file_name: Mapped[str | None] = mapped_column(String(200))
    file_bytes: Mapped[int | None] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def fate(self) -> Fate:
        """Return the state that people see now."""
        return self.fate_at(clock.now())

    def fate_at(self, now: datetime) -> Fate:
        """Return the state that people see at an instant."""
        running = self.state is JobState.RUNNING
        if running and (self.heartbeat_at is None or self.heartbeat_at <= now - DEAD_AFTER):
            return Fate.STOPPED
        return Fate(self.state.value)

    @property
    def is_open(self) -> bool:
        """Return whether something is still to come of it."""
        return self.state in (JobState.WAITING, JobState.RUNNING)

    @property
    def can_start_again(self) -> bool:
        """Return whether it can be requested again."""
        return self.fate in (Fate.FAILED, Fate.STOPPED)


class FileChunk(Model):
    """A piece of a file; `files.py` explains `key` and `version`. Pieces are numbered from 0."""

    __tablename__ = "file_chunk"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
