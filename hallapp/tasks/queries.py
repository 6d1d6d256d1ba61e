"""Reads of task runs, of hours and of workers."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from hallapp.core import database
from hallapp.core.database import db
from hallapp.tasks.models import DEFAULT_HOURS, Outcome, TaskHours, TaskRun, WorkerProcess

#: A worker writes a heartbeat every few seconds; after this time without one it counts as stopped.
GONE_AFTER = timedelta(minutes=2)


def list_runs(hall_ids: Collection[int]) -> dict[tuple[int, str], TaskRun]:
    """The runs of these halls by hall and task."""
    found = db.session.scalars(select(TaskRun).where(TaskRun.hall_id.in_(hall_ids)))
    return {(run.hall_id, run.task): run for run in found}


def list_hours(hall_ids: Collection[int]) -> dict[int, TaskHours]:
    """The hours of these halls, the defaults where a hall has chosen none."""
    chosen = db.session.scalars(select(TaskHours).where(TaskHours.hall_id.in_(hall_ids)))
    return dict.fromkeys(hall_ids, DEFAULT_HOURS) | {hours.hall_id: hours for hours in chosen}


def list_workers() -> Sequence[WorkerProcess]:
    """The workers that are alive, the newest first."""
    query = select(WorkerProcess).where(
        WorkerProcess.stopped_at.is_(None), WorkerProcess.heartbeat_at > database.now() - GONE_AFTER
    )
    return db.session.scalars(query.order_by(WorkerProcess.started_at.desc())).all()


def is_worker_alive() -> bool:
    """Return whether any worker runs, on any machine."""
    return bool(list_workers())


def find_last_sign_of_life() -> datetime | None:
    """Return when a worker was last seen; None where none has ever run here."""
    return db.session.scalar(select(func.max(WorkerProcess.heartbeat_at)))


def count_problems(hall_id: int) -> int:
    """Return how many tasks of a hall failed or found something wrong at their last run."""
    query = select(func.count()).where(TaskRun.hall_id == hall_id, TaskRun.outcome.in_((Outcome.ALERT, Outcome.FAILED)))
    return db.session.scalar(query) or 0
