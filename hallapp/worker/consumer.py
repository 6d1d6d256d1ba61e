"""The worker's process: huey's scheduler and threads, which call the lanes every few seconds.

huey keeps its queue in memory here. An entry of the queue only means “check whether something is due”: the pending
work, its claims and its results are rows of the database, because huey forgets a task whose process was killed.
"""

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from types import FrameType

from huey import MemoryHuey
from huey.consumer import Consumer, Scheduler

from hallapp.core import runtime
from hallapp.core.database import transaction
from hallapp.core.logs import log
from hallapp.core.pulse import beating
from hallapp.tasks import service
from hallapp.worker import lanes
from hallapp.worker.lanes import Lane, Mailbox

BEAT_SECONDS = 10.0
#: The interval in seconds at which each lane checks for due work.
MESSAGES_EVERY, WEBHOOKS_EVERY, JOBS_EVERY, TASKS_EVERY, SWEEP_EVERY = 2, 2, 2, 10, 600
#: The number of webhooks that are sent at the same time, so that a slow system does not hold up all others.
WEBHOOKS_AT_ONCE = 2
#: The time in which a stopping worker may finish its current work, at most one conversation with a mail server.
STOP_SECONDS = 30
#: The `nice` value of the worker: web processes of the same machine have priority.
NICE = 5


class _Scheduler(Scheduler):  # type: ignore[misc]
    """huey's scheduler, which looks every second and not only every minute."""

    periodic_task_seconds = 1


class _Consumer(Consumer):  # type: ignore[misc]
    """huey's consumer; SIGINT and SIGTERM both finish the current work, and a second signal ends it at once."""

    scheduler_class = _Scheduler
    _signum: int | None

    def _set_signal_handlers(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, self._stop_soon)

    def _stop_soon(self, number: int, _frame: FrameType | None) -> None:
        if self._signum is not None:
            os._exit(1)  # a second signal ends the process at once; the next worker takes over the claimed work
        self._signum, self._restart, self._graceful = number, False, True


def run() -> None:
    """Work until a signal ends it. Needs an application context."""
    os.nice(NICE)
    name, mailbox = service.new_worker_name(), Mailbox()
    consumer = _make_consumer(mailbox)
    _show_life(name, mailbox)
    log.info("worker %s started", name)
    with beating(partial(_beat, name, mailbox), every=BEAT_SECONDS, name="worker"):
        consumer.run()
    with transaction():
        service.say_goodbye(name)
    log.info("worker %s stopped", name)


def _beat(name: str, mailbox: Mailbox) -> bool:
    return service.show_life(name, mail_at=mailbox.looked_at, mail_error=mailbox.error)


def _show_life(name: str, mailbox: Mailbox) -> None:
    with transaction():
        _beat(name, mailbox)


def _make_consumer(mailbox: Mailbox) -> _Consumer:
    context, at_once = runtime.get_context(), runtime.settings().jobs_at_once
    huey = MemoryHuey("hallapp", results=False)
    threads = at_once + WEBHOOKS_AT_ONCE + 3
    consumer = _Consumer(
        huey,
        workers=threads,
        max_delay=0.5,
        worker_type="thread",
        shutdown_timeout=STOP_SECONDS,
        check_worker_health=True,
    )
    stopping: Callable[[], bool] = consumer.stop_flag.is_set
    webhooks = partial(lanes.send_webhooks, stopping)
    jobs = partial(lanes.run_jobs, stopping, most=at_once)
    for lane, every in (
        (Lane(context, "messages", partial(lanes.send_messages, mailbox, stopping)), MESSAGES_EVERY),
        (Lane(context, "webhooks", webhooks, places=WEBHOOKS_AT_ONCE), WEBHOOKS_EVERY),
        (Lane(context, "jobs", jobs, places=at_once), JOBS_EVERY),
        (Lane(context, "tasks", partial(lanes.run_tasks, stopping)), TASKS_EVERY),
        (Lane(context, "sweep", lanes.sweep), SWEEP_EVERY),
    ):
        huey.periodic_task(_every(every), name=lane.name, expires=every)(lane)
    return consumer


def _every(seconds: float) -> Callable[[datetime], bool]:
    """A condition for huey's scheduler that is true at once, and then again after each interval of seconds."""
    last = float("-inf")

    def is_time(_now: datetime) -> bool:
        nonlocal last
        now = time.monotonic()
        if now - last < seconds:
            return False
        last = now
        return True

    return is_time
