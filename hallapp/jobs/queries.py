"""Reads of jobs."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, func, or_, select

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.jobs.models import DEAD_AFTER, Job, JobState

_OPEN = (JobState.WAITING, JobState.RUNNING)


def get_job(hall_id: int, number: int, *, kinds: Collection[str]) -> Job:
    """A job of a hall, of one of these kinds, by its number. Raises NoResultFound."""
    return db.session.scalars(select(Job).where(Job.hall_id == hall_id, Job.id == number, Job.kind.in_(kinds))).one()


def list_jobs(hall_id: int, *, kinds: Collection[str], limit: int) -> Sequence[Job]:
    """The newest jobs of a hall of these kinds, newest first."""
    query = select(Job).where(Job.hall_id == hall_id, Job.kind.in_(kinds)).order_by(Job.id.desc()).limit(limit)
    return db.session.scalars(query).all()


def count_open(hall_id: int) -> int:
    """How many jobs of a hall wait or are at work."""
    query = select(func.count()).select_from(Job).where(Job.hall_id == hall_id, Job.state.in_(_OPEN))
    return db.session.scalar(query) or 0


def is_any_left() -> bool:
    """Whether a process could take up a job now, of whatever hall: one waits, or was broken off."""
    silent = and_(Job.state == JobState.RUNNING, Job.heartbeat_at <= clock.now() - DEAD_AFTER)
    return db.session.scalar(select(Job.id).where(or_(Job.state == JobState.WAITING, silent)).limit(1)) is not None
