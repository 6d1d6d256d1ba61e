"""Reads of jobs."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, and_, func, or_, select

from hallapp.core import clock, database
from hallapp.core.database import db
from hallapp.jobs.models import DEAD_AFTER, KEPT, Job, JobState

_OPEN = (JobState.WAITING, JobState.RUNNING)


def get_job(hall_id: int, number: int, *, kinds: Collection[str]) -> Job:
    """Return a job of a hall, of one of these kinds, by its number, as long as it is kept. Raises NoResultFound."""
    return db.session.scalars(_select_retained(hall_id, kinds).where(Job.id == number)).one()


def list_jobs(hall_id: int, *, kinds: Collection[str], limit: int) -> Sequence[Job]:
    """Return the newest jobs of a hall of these kinds, newest first, as long as they are kept."""
    return db.session.scalars(_select_retained(hall_id, kinds).order_by(Job.id.desc()).limit(limit)).all()


def _select_retained(hall_id: int, kinds: Collection[str]) -> Select[Job]:
    is_retained = or_(Job.finished_at.is_(None), Job.finished_at >= clock.now() - KEPT)
    return select(Job).where(Job.hall_id == hall_id, Job.kind.in_(kinds), is_retained)


def count_open(hall_id: int) -> int:
    """Return how many jobs of a hall wait or are at work."""
    query = select(func.count()).select_from(Job).where(Job.hall_id == hall_id, Job.state.in_(_OPEN))
    return db.session.scalar(query) or 0


def is_any_left() -> bool:
    """Return whether there is something to do for a process now, in whatever hall: to take up, or to delete."""
    now = database.now()
    silent = and_(Job.state == JobState.RUNNING, Job.heartbeat_at <= now - DEAD_AFTER)
    left = or_(Job.state == JobState.WAITING, silent, Job.finished_at < now - KEPT)
    return db.session.scalar(select(Job.id).where(left).limit(1)) is not None
