"""The verbs of a job: ask, claim, report progress, settle, start again, remove. They flush but never commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from hallapp.core import database
from hallapp.core.database import db
from hallapp.core.errors import DomainError
from hallapp.jobs import files, queries
from hallapp.jobs.errors import JobDied, NotToBeStartedAgain, TooManyJobs
from hallapp.jobs.models import KEPT, Fate, Job, JobState

#: The number of jobs of a hall that may wait or run.
MOST_OPEN = 20
#: The number of times that a job whose process died is started before it is given up.
MOST_ATTEMPTS = 3


class JobLost(Exception):
    """Another process has the job now, or it was removed: its work does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job to be created; the attributes are those of `Job`."""

    hall_id: int
    staff_id: int | None
    kind: str
    params: Mapping[str, Any]
    key: str = field(default_factory=files.new_key)


def ask(new: NewJob) -> Job:
    """Put a job at the end of the queue; the same one that is still on its way is given back instead of a second one.

    Raises:
        TooManyJobs: so much is waiting already.
    """
    params = dict(new.params)
    for job in db.session.scalars(
        select(Job).where(
            Job.hall_id == new.hall_id,
            Job.kind == new.kind,
            Job.state.in_((JobState.WAITING, JobState.RUNNING)),
        )
    ):
        if job.params == params:
            return job
    if queries.count_open(new.hall_id) >= MOST_OPEN:
        raise TooManyJobs
    job = Job(
        hall_id=new.hall_id,
        staff_id=new.staff_id,
        key=new.key,
        kind=new.kind,
        params=params,
        made_at=database.now(),
    )
    db.session.add(job)
    db.session.flush()
    return job


def claim_next(*, most: int) -> Job | None:
    """Take the job that waits longest, of a hall of which none is at work; None where there is none, or `most` are.

    An interrupted job is started again, and given up after `MOST_ATTEMPTS`. Each of several processes locks all open
    jobs in the same order, so that they decide one after the other.
    """
    now = database.now()
    open_ = db.session.scalars(
        select(Job).where(Job.state.in_((JobState.WAITING, JobState.RUNNING))).order_by(Job.id).with_for_update(),
        execution_options={"populate_existing": True},
    ).all()
    at_work = {job.hall_id for job in open_ if job.fate_at(now) is Fate.RUNNING}
    if len(at_work) >= most:
        return None
    for job in open_:
        if job.hall_id in at_work:
            continue
        if job.attempts < MOST_ATTEMPTS:
            return _claimed(job)
        fail(job.id, attempt=job.attempts, error=JobDied())
    return None


def _claimed(job: Job) -> Job:
    job.state, job.attempts = JobState.RUNNING, job.attempts + 1
    job.started_at = job.heartbeat_at = database.now()
    job.done, job.total, job.error = 0, None, None
    db.session.flush()
    return job


def give_back(job_id: int, *, attempt: int) -> None:
    """Put the job of a stopping worker back into the queue, unless its claim has ended."""
    _change(job_id, attempt, state=JobState.WAITING, attempts=Job.attempts - 1, heartbeat_at=None)


def beat(job_id: int, *, attempt: int, done: int, total: int | None) -> bool:
    """Record the heartbeat and the progress of a job; return False if its claim has ended."""
    return _change(job_id, attempt, heartbeat_at=database.now(), done=done, total=total)


def finish(
    job_id: int,
    *,
    attempt: int,
    done: int,
    result: Mapping[str, Any],
    file_name: str | None = None,
    file_bytes: int | None = None,
) -> None:
    """Write down that a job is done. Raises JobLost."""
    if not _change(
        job_id,
        attempt,
        state=JobState.DONE,
        done=done,
        total=done,
        result=dict(result),
        file_name=file_name,
        file_bytes=file_bytes,
        finished_at=database.now(),
    ):
        raise JobLost


def fail(job_id: int, *, attempt: int, error: DomainError) -> None:
    """Record the reason for which a job failed; without a valid claim this changes nothing."""
    said = {"code": error.code, "message": error.message, "params": {k: str(v) for k, v in error.params.items()}}
    _change(job_id, attempt, state=JobState.FAILED, error=said, finished_at=database.now())


def _change(job_id: int, attempt: int, **values: Any) -> bool:
    """Change a job as long as the claim under which it was started is valid."""
    changed = db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == JobState.RUNNING, Job.attempts == attempt)
        .values(**values)
        .returning(Job.id),
        execution_options={"synchronize_session": False},
    )
    found = changed.scalar() is not None
    db.session.expire_all()
    return found


def start_again(job: Job) -> None:
    """Let a job that failed, or was broken off, wait for its turn once more, with all its attempts before it.

    Raises:
        NoResultFound: it has just been deleted.
        NotToBeStartedAgain: it is done, waits, or is at work.
    """
    database.hold(job)
    if not job.can_start_again:
        raise NotToBeStartedAgain
    job.state, job.attempts, job.made_at = JobState.WAITING, 0, database.now()
    job.done, job.total, job.error, job.heartbeat_at, job.finished_at = 0, None, None, None, None
    db.session.flush()


def remove(job: Job) -> None:
    """Delete a job with its files, whatever it is at. Raises NoResultFound where it has just been deleted."""
    database.hold(job)
    files.discard([job.key])
    db.session.delete(job)
    db.session.flush()


def sweep() -> None:
    """Delete the jobs whose end lies back longer than they are kept."""
    old = select(Job).where(Job.finished_at < database.now() - KEPT)
    for job in db.session.scalars(old.with_for_update(skip_locked=True)).all():
        remove(job)
