"""Does the jobs that wait, for the worker and the command `jobs run`; it opens and ends transactions itself.

Each job is claimed in one short transaction, run outside any, and finished in another one. A thread writes its
heartbeat and progress in the meantime.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import in_region_of
from hallapp.core.logs import log
from hallapp.core.pulse import beating
from hallapp.jobs import files, service
from hallapp.jobs.errors import FileTooLarge, JobFailed
from hallapp.jobs.models import Job
from hallapp.jobs.service import JobLost

BEAT_SECONDS = 2.0

Body = Callable[["Work"], None]
Stopping = Callable[[], bool]
_bodies: dict[str, Body] = {}


def does(kind: str) -> Callable[[Body], Body]:
    """Register the function below as the body of a kind of job. Raises ValueError where the kind has one already."""

    def mark(body: Body) -> Body:
        if kind in _bodies:
            raise ValueError(f"two do {kind}")
        _bodies[kind] = body
        return body

    return mark


class Stopped(Exception):
    """The worker stops now: the job is released, and the next worker starts it again."""


def _never() -> bool:
    return False


class Work:
    """The context of a job's body: its parameters, and functions that report progress and result."""

    def __init__(self, job: Job, folder: Path, stopping: Stopping = _never) -> None:
        self.job_id, self.hall_id, self.staff_id, self.kind = job.id, job.hall_id, job.staff_id, job.kind
        self.params: Mapping[str, Any] = dict(job.params)
        self.result: dict[str, Any] = {}
        self.done, self.total = 0, job.total
        self.lost = self.settled = False
        self.attempt = job.attempts
        self._folder, self._key, self._stopping = folder, job.key, stopping
        self._file_name: str | None = None
        self._file_bytes: int | None = None

    def progress(self, done: int, total: int | None = None) -> None:
        """Report that `done` of `total` are done; costs nothing.

        Raises:
            JobLost: another worker has the job by now, or it was removed. Do not catch it.
            Stopped: the worker stops. Do not catch it either.
        """
        self.done = done
        self.total = self.total if total is None else total
        if self.lost:
            raise JobLost
        if self._stopping():
            raise Stopped

    def file(self, name: str) -> Path:
        """Return an empty file to write into, which is given back under this name as soon as the job is done."""
        self._file_name = name
        path = self._folder / "output"
        path.touch(mode=0o600)
        return path

    def store_file(self) -> None:
        """Put the written file, if there is one, into the database. Raises FileTooLarge."""
        if not self._file_name:
            return
        with (self._folder / "output").open("rb") as file:
            if os.fstat(file.fileno()).st_size > files.MOST_BYTES:
                raise FileTooLarge
            self._file_bytes = files.store(self.hall_id, self._key, file, version=self.attempt)

    def finish(self) -> None:
        """Settle the job in the transaction in force, as its last act. Raises JobLost, which rolls all of it back.

        A body that writes a file leaves this to the runner.
        """
        self.settled = True
        service.finish(
            self.job_id,
            attempt=self.attempt,
            done=self.done,
            result=self.result,
            file_name=self._file_name,
            file_bytes=self._file_bytes,
        )


def run(*, most: int = 1, stopping: Stopping = _never) -> int:
    """Do one job after the other until none is left that this process may take; returns how many it took.

    Any number of processes may be at it; of all jobs `most` are at work at once.
    """
    _sweep()
    taken = 0
    while not stopping():
        with transaction():
            job = service.claim_next(most=most)
        if job is None:
            break
        taken += 1
        with tempfile.TemporaryDirectory(prefix="hallapp-job-") as folder:
            _do(Work(job, Path(folder), stopping))
    return taken


def _do(work: Work) -> None:
    try:
        with beating(lambda: _beat(work), every=BEAT_SECONDS, name=f"job {work.job_id}"):
            with in_region_of(work.hall_id):
                _bodies[work.kind](work)
            if not work.settled:
                work.store_file()
                with transaction():
                    work.finish()
    except JobLost:
        log.warning("job %d was taken away", work.job_id)
    except Stopped:
        db.session.rollback()
        with transaction():
            service.give_back(work.job_id, attempt=work.attempt)
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


def _beat(work: Work) -> bool:
    lives = service.beat(work.job_id, attempt=work.attempt, done=work.done, total=work.total)
    if not lives and not work.settled:
        work.lost = True
    return lives


def _sweep() -> None:
    """Delete expired jobs, and files without a job."""
    with transaction():
        service.sweep()
        files.discard_orphans()
