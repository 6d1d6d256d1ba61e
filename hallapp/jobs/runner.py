"""Runs waiting jobs: the body of the command `jobs run`, so it opens and ends transactions itself.

Each job is claimed in one short transaction, run outside any, and finished in another one. A thread writes its
heartbeat and progress in the meantime.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from hallapp.core import runtime
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.core.logs import log
from hallapp.jobs import files, service
from hallapp.jobs.errors import JobFailed
from hallapp.jobs.models import Job
from hallapp.jobs.service import JobLost

BEAT_SECONDS = 2.0

Body = Callable[["Work"], None]
_bodies: dict[str, Body] = {}


def does(kind: str) -> Callable[[Body], Body]:
    """Register the function below as the body of a kind of job. Raises ValueError where the kind has one already."""

    def mark(body: Body) -> Body:
        if kind in _bodies:
            raise ValueError(f"two do {kind}")
        _bodies[kind] = body
        return body

    return mark


class Work:
    """The context of a job's body: its parameters, and functions that report progress and result."""

    def __init__(self, job: Job, instance: Path) -> None:
        self.job_id, self.hall_id, self.staff_id, self.kind = job.id, job.hall_id, job.staff_id, job.kind
        self.params: Mapping[str, Any] = dict(job.params)
        self.result: dict[str, Any] = {}
        self.upload = files.upload(instance, job.key)
        self.done, self.total = 0, job.total
        self.lost = self.settled = False
        self.attempt = job.attempts
        self._instance, self._key = instance, job.key
        self._file_name: str | None = None

    def progress(self, done: int, total: int | None = None) -> None:
        """Report that `done` of `total` are done; costs nothing.

        Raises:
            JobLost: the job is somebody else's by now, or was removed. Let it pass.
        """
        self.done = done
        self.total = self.total if total is None else total
        if self.lost:
            raise JobLost

    def file(self, name: str) -> Path:
        """Return an empty file to write into, which is given back under this name as soon as the job is done."""
        self._file_name = name
        return files.part(self._instance, self._key)

    def finish(self) -> None:
        """Settle the job in the transaction in force, as its last act. Raises JobLost, which rolls all of it back."""
        size = None
        if self._file_name:
            written = files.output(self._instance, f"{self._key}.part")
            size = written.stat().st_size
            written.rename(files.output(self._instance, self._key))
        self.settled = True
        service.finish(
            self.job_id,
            attempt=self.attempt,
            done=self.done,
            result=self.result,
            file_name=self._file_name,
            file_bytes=size,
        )


def run(instance: Path) -> int:
    """Do one job after the other until none is left that this process may take; returns how many it took.

    Any number of processes may be under way at once.
    """
    _sweep(instance)
    taken = 0
    while True:
        with transaction():
            job = service.claim_next()
        if job is None:
            return taken
        taken += 1
        _do(Work(job, instance))


def _do(work: Work) -> None:
    try:
        with _heartbeat(work):
            _bodies[work.kind](work)
            if not work.settled:
                with transaction():
                    work.finish()
    except JobLost:
        log.warning("job %d was taken away", work.job_id)
    except Exception as error:
        _fail(work, error)
    else:
        log.info("job %d (%s) done: %d", work.job_id, work.kind, work.done)
    finally:
        db.session.rollback()


def _fail(work: Work, error: Exception) -> None:
    told = error if isinstance(error, DomainError) else JobFailed()
    if told is not error:
        log.error("job %d (%s) failed", work.job_id, work.kind, exc_info=error)
    with transaction():
        service.fail(work.job_id, attempt=work.attempt, error=told)


@contextmanager
def _heartbeat(work: Work) -> Iterator[None]:
    """Write down that a job lives, and how far it is, until the end of the block; by a thread of its own."""
    over = threading.Event()
    thread = threading.Thread(
        target=_beat_until, args=(over, work, runtime.get_context()), name=f"job {work.job_id}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        db.session.rollback()  # the thread may be waiting for a lock of the body's broken transaction
        thread.join()


def _beat_until(over: threading.Event, work: Work, context: Callable[[], AbstractContextManager[Any]]) -> None:
    while not over.wait(BEAT_SECONDS):
        try:
            with context(), transaction():
                lives = service.beat(work.job_id, attempt=work.attempt, done=work.done, total=work.total)
        except SQLAlchemyError:  # the database is unreachable for a moment: the next heartbeat is enough
            log.warning("job %d: no heartbeat", work.job_id)
            continue
        if not lives and not work.settled:
            work.lost = True
            return


def _sweep(instance: Path) -> None:
    """Delete expired jobs: rows first, then their files."""
    with transaction():
        keys = service.sweep()
    files.discard(instance, keys)
    files.discard_orphans(instance, known=set(db.session.scalars(select(Job.key))))
