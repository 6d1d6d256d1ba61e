"""The state of what nobody waits for at a page: messages, long work, and tasks that run by the clock."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import case, func, select

from hallapp.core import database
from hallapp.core.database import db
from hallapp.jobs.models import Fate, Job, JobState
from hallapp.monitoring.readings import gauge, single
from hallapp.notifications.models import MessageState, OutboxMessage
from hallapp.schedule.models import Hall
from hallapp.tasks import queries as tasks
from hallapp.tasks import timetable
from hallapp.tasks.models import Outcome, TaskHours, TaskRun
from hallapp.tasks.timetable import Task

#: Failed jobs of so long are shown; a person has seen older ones.
_RECENT = timedelta(days=1)


def read(halls: Sequence[Hall]) -> Iterator[GaugeMetricFamily]:
    """Yield the gauges of messages, jobs, tasks and workers."""
    slugs, now = {hall.id: hall.slug for hall in halls}, database.now()
    yield from _outbox(slugs, now)
    yield from _jobs(slugs, now)
    yield from _tasks(halls, now)
    yield from _workers(now)


def _outbox(slugs: dict[int, str], now: datetime) -> Iterator[GaugeMetricFamily]:
    state = case(
        (OutboxMessage.state == MessageState.GIVEN_UP, "given_up"),
        (OutboxMessage.held.is_not(None), "held"),
        (OutboxMessage.attempts > 0, "retrying"),
        else_="new",
    )
    groups = (OutboxMessage.hall_id, OutboxMessage.channel)
    unsent = (MessageState.WAITING, MessageState.GIVEN_UP)
    counted = select(*groups, state, func.count()).where(OutboxMessage.state.in_(unsent)).group_by(*groups, state)
    yield gauge(
        "outbox_messages",
        "Messages that are not sent: new, tried again, held, or given up",
        ["hall", "channel", "state"],
        (((slugs[hall], channel.value, name), count) for hall, channel, name, count in db.session.execute(counted)),
    )
    due = (OutboxMessage.state == MessageState.WAITING, OutboxMessage.held.is_(None), OutboxMessage.due_at <= now)
    oldest = select(*groups, func.min(OutboxMessage.due_at)).where(*due).group_by(*groups)
    yield gauge(
        "outbox_overdue_seconds",
        "How long the oldest message that is due has waited",
        ["hall", "channel"],
        (((slugs[hall], channel.value), _seconds(now, at)) for hall, channel, at in db.session.execute(oldest)),
    )


def _jobs(slugs: dict[int, str], now: datetime) -> Iterator[GaugeMetricFamily]:
    is_open = Job.state.in_((JobState.WAITING, JobState.RUNNING))
    recent = (Job.state == JobState.FAILED) & (Job.finished_at >= now - _RECENT)
    found = db.session.scalars(select(Job).where(is_open | recent)).all()
    fates = Counter((slugs[job.hall_id], job.fate_at(now).value) for job in found)
    yield gauge(
        "jobs",
        "Long work that waits, is done, was broken off, or failed within a day",
        ["hall", "state"],
        fates.items(),
    )
    waiting = [job for job in found if job.fate_at(now) in (Fate.WAITING, Fate.STOPPED)]
    oldest: dict[str, datetime] = {}
    for job in waiting:
        oldest[slugs[job.hall_id]] = min(job.made_at, oldest.get(slugs[job.hall_id], now))
    yield gauge(
        "job_waiting_seconds",
        "How long the oldest job that nobody does has waited",
        ["hall"],
        (((slug,), _seconds(now, made_at)) for slug, made_at in oldest.items()),
    )


def _tasks(halls: Sequence[Hall], now: datetime) -> Iterator[GaugeMetricFamily]:
    numbers = [hall.id for hall in halls]
    runs, hours = tasks.list_runs(numbers), tasks.list_hours(numbers)
    every = [(hall, task, runs.get((hall.id, task.name))) for hall in halls for task in timetable.TASKS]
    ended = [(hall, task, run) for hall, task, run in every if run and run.finished_at]
    labels = ["hall", "task"]
    yield gauge(
        "task_last_run_timestamp_seconds",
        "When a task ended last",
        labels,
        (((hall.slug, task.name), run.finished_at.timestamp()) for hall, task, run in ended if run.finished_at),
    )
    yield gauge(
        "task_seconds",
        "How long the last run of a task took",
        labels,
        (((hall.slug, task.name), _lasted(run)) for hall, task, run in ended),
    )
    yield gauge(
        "task_wrong",
        "1 where the last run of a task failed or found something that a person must look at",
        labels,
        (((hall.slug, task.name), float(run.outcome is not Outcome.DONE)) for hall, task, run in ended),
    )
    yield gauge(
        "task_overdue_seconds",
        "How long ago a task should have run that has not",
        labels,
        (((hall.slug, task.name), _overdue(hall, task, run, hours[hall.id], now)) for hall, task, run in every),
    )


def _overdue(hall: Hall, task: Task, run: TaskRun | None, hours: TaskHours, now: datetime) -> float:
    due = timetable.last_due(task, hours, hall.time_zone, now)
    if run is None:
        return _seconds(now, due) if due >= hall.created_at else 0.0
    return 0.0 if run.due_at is not None and run.due_at >= due else _seconds(now, due)


def _lasted(run: TaskRun) -> float:
    return _seconds(run.finished_at, run.started_at) if run.finished_at and run.started_at else 0.0


def _workers(now: datetime) -> Iterator[GaugeMetricFamily]:
    alive, seen = tasks.list_workers(), tasks.find_last_sign_of_life()
    yield single("worker_processes", "Workers that are alive, on all machines", len(alive))
    yield single(
        "worker_cannot_send",
        "Workers that cannot reach a server for messages",
        sum(worker.mail_error is not None for worker in alive),
    )
    if seen:
        yield single("worker_last_seen_timestamp_seconds", "When a worker was last seen", seen.timestamp())


def _seconds(later: datetime, earlier: datetime) -> float:
    return max(0.0, (later - earlier).total_seconds())
