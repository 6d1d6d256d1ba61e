"""Start a process that does the jobs which wait: from a web request, after its commit."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from hallapp.core.logs import log
from hallapp.jobs import queries
from hallapp.jobs.service import MOST_AT_ONCE
from hallapp.settings import ROOT, Settings

try:
    import fcntl
except ImportError:  # no such locks on this system: the claims in the database must do
    fcntl = None  # type: ignore[assignment]

_COMMAND = (sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run", "--nice", "10")  # desks go first


def start(settings: Settings) -> None:
    """Start a process for the waiting jobs. It outlives the request and the worker, and is not waited for.

    Nothing is started where `HALL_JOBS=command` leaves that to the operator, nor where `MOST_AT_ONCE` are running on
    this machine: those take the waiting jobs next. A failed start is logged; the job waits.
    """
    if settings.jobs != "web":
        return
    try:
        place = _take_place(settings.instance)
    except OSError as error:
        log.error("no process for jobs can be started: %s", error.strerror)
        return
    if place is None:
        return
    try:
        process = subprocess.Popen(  # noqa: S603 — nothing of it comes from a request
            _COMMAND,
            cwd=ROOT,
            env={**os.environ, "HALL_INSTANCE": str(settings.instance), "HALL_DATABASE_URL": settings.database_url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # a signal to the server's terminal is not for it
            pass_fds=(place,),  # the child holds the place, without a word of code, until it ends
        )
    except OSError as error:
        log.error("no process for jobs can be started: %s", error.strerror)
    else:
        threading.Thread(target=process.wait, name="jobs", daemon=True).start()  # so that it leaves no zombie
    finally:
        os.close(place)


def start_if_any_left(settings: Settings) -> None:
    """Start a process where a job waits without one, as after a crash; one cheap query."""
    if settings.jobs == "web" and queries.is_any_left():
        start(settings)


def _take_place(instance: Path) -> int | None:
    """Return an open file locked as one of this machine's few places; None where all are taken. Raises OSError.

    The kernel lets go of the lock when the last process ends that has the file open, however that ends.
    """
    folder = instance / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(MOST_AT_ONCE):
        place = os.open(instance / f"jobs.lock{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if fcntl is None:
            return place
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(place)
        else:
            return place
    return None
