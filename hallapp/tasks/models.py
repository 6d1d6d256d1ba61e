"""Rows of the tasks that run by the clock, and of the workers that run them."""

from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model, UtcDateTime, enum_type


class Outcome(StrEnum):
    """The end of the last run of a task. `ALERT`: it ran, and found something that a person must look at."""

    DONE = "done"
    ALERT = "alert"
    FAILED = "failed"


class TaskRun(Model):
    """The state of one task in one hall. It holds no personal data.

    `due_at` is the moment of the timetable for which the task ran last, NULL before its first run. While the task is at
    work `heartbeat_at` is set and `claim` names the run that may write into this row; a heartbeat that is too old means
    that the process died. `tries` counts the runs since the last successful one, and so determines how long the next
    one waits. `count` and `error` are the result of the last run: the number of rows, and the code of an error.
    """

    __tablename__ = "task_run"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    task: Mapped[str] = mapped_column(String(40), primary_key=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claim: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome | None] = mapped_column(enum_type(Outcome))
    count: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(60))


class TaskHours(Model):
    """At which hours of its own time zone a hall's daily tasks run; a hall without a row has the defaults."""

    __tablename__ = "task_hours"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    night: Mapped[time] = mapped_column(default=time(3))
    reports: Mapped[time] = mapped_column(default=time(7))
    reminders: Mapped[time] = mapped_column(default=time(9))
    thanks: Mapped[time] = mapped_column(default=time(18))


#: The hours of a hall that has chosen none.
DEFAULT_HOURS = TaskHours(night=time(3), reports=time(7), reminders=time(9), thanks=time(18))


class WorkerProcess(Model):
    """A worker that runs, or ran until lately; it belongs to no hall.

    `name` is the host, the process id and a random part. `mail_error` is a code: why the last attempt to reach the
    mail server or the gateway for text messages failed, NULL when it went well. `stopped_at` is NULL as long as the
    worker runs, and when it died without a word.
    """

    __tablename__ = "worker_process"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mail_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mail_error: Mapped[str | None] = mapped_column(String(60))
