"""The lanes of the worker: messages, webhooks, tasks by the clock, and long work. None keeps another one waiting."""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from hallapp.booking import line, proofs
from hallapp.core import clock, limits, runtime
from hallapp.core.database import db, is_away, transaction
from hallapp.core.logs import log
from hallapp.core.pulse import Context
from hallapp.jobs import queries as jobs
from hallapp.jobs import runner
from hallapp.notifications import queries as outbox
from hallapp.notifications import sender
from hallapp.notifications.models import Channel
from hallapp.notifications.transports import ServerAway
from hallapp.schedule.queries import get_hall, list_halls
from hallapp.tasks import queries, service, timetable
from hallapp.tasks.timetable import Task
from hallapp.webhooks import sender as webhooks
from hallapp.worker import performing

Stopping = Callable[[], bool]
#: The pause of a lane after the database, or a server for messages, could not be reached.
REST_SECONDS = 20.0


class Lane:
    """One kind of work, which a fixed number of threads of this process does at the same time."""

    def __init__(self, context: Context, name: str, body: Callable[[], object], *, places: int = 1) -> None:
        self.context, self.name, self.body = context, name, body
        self._rest_until = 0.0
        self._places = threading.BoundedSemaphore(places)

    def __call__(self) -> None:
        """Do the waiting work, unless the maximum number of threads is busy with it.

        An error is logged, and ends only this round.
        """
        if time.monotonic() < self._rest_until or not self._places.acquire(blocking=False):
            return
        try:
            with self.context():
                self._do()
        finally:
            self._places.release()

    def _do(self) -> None:
        try:
            self.body()
        except Exception as error:
            if is_away(error):
                cause = type(getattr(error, "orig", None) or error).__name__
                log.error("worker: the database cannot be used now (%s: %s)", self.name, cause)
                self._rest_until = time.monotonic() + REST_SECONDS
            else:
                log.error("worker: %s failed", self.name, exc_info=error)
        finally:
            with contextlib.suppress(SQLAlchemyError):
                db.session.rollback()


@dataclass(slots=True)
class Mailbox:
    """The last look at the outbox; `error` is a code, None when messages go out."""

    looked_at: datetime | None = None
    error: str | None = None


def send_messages(mailbox: Mailbox, stopping: Stopping) -> None:
    """Send the mails, text messages and messages of chat robots that are due."""
    if mailbox.error and mailbox.looked_at and clock.now() < mailbox.looked_at + timedelta(seconds=REST_SECONDS):
        return
    settings = runtime.settings()
    errors = []
    if settings.mail_url:
        mail = partial(sender.run, mail_url=settings.mail_url, base_url=settings.base_url)
        errors.append(_try(mail, stopping, "mail_away"))
    if settings.sms_url:
        errors.append(_try(partial(sender.run_sms, sms_url=settings.sms_url), stopping, "sms_away"))
    sender.run_registered(stopping=stopping)
    mailbox.looked_at, mailbox.error = clock.now(), next(filter(None, errors), None)


def send_webhooks(stopping: Stopping) -> None:
    """Send the events of webhooks that are due."""
    settings = runtime.settings()
    webhooks.run(settings.secret_keys, private=settings.webhook_private, stopping=stopping)


def _try(run: Callable[..., object], stopping: Stopping, code: str) -> str | None:
    try:
        run(stopping=stopping)
    except ServerAway as away:
        log.warning("worker: %s; %d messages wait", away, sum(outbox.count_due(channel) for channel in Channel))
        return code
    return None


def sweep() -> None:
    """Delete expired counters of attempts, expired computing checks, and the rows of workers that stopped long ago."""
    with transaction():
        limits.sweep()
        proofs.sweep()
        line.sweep()
        service.forget_workers()


def run_tasks(stopping: Stopping) -> None:
    """Do every task of every hall that is due."""
    for hall_id, task in _list_due():
        if stopping():
            return
        performing.run_due(get_hall(hall_id), task)


def _list_due() -> list[tuple[int, Task]]:
    halls, now = list_halls(), clock.now()
    numbers = [hall.id for hall in halls]
    runs, hours = queries.list_runs(numbers), queries.list_hours(numbers)
    return [
        (hall.id, task)
        for task in timetable.TASKS
        for hall in halls
        if timetable.is_due(task, runs.get((hall.id, task.name)), hours[hall.id], hall.time_zone, now)
    ]


def run_jobs(stopping: Stopping, *, most: int) -> None:
    """Do the long work that waits, exports and imports; on all machines together `most` of it at once."""
    if jobs.is_any_left():
        runner.run(most=most, stopping=stopping)
