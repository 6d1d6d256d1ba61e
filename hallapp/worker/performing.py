"""Runs one task of one hall: claimed, with a heartbeat, and with its outcome written down."""

from collections.abc import Callable
from datetime import datetime

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import in_region_of
from hallapp.core.logs import log
from hallapp.core.pulse import beating
from hallapp.schedule.models import Hall
from hallapp.tasks import queries, service, timetable
from hallapp.tasks.models import Outcome
from hallapp.tasks.timetable import Task
from hallapp.worker.bodies import BODIES, Report

BEAT_SECONDS = 10.0
_BY_NAME = {task.name: task for task in timetable.TASKS}


def run_due(hall: Hall, task: Task) -> bool:
    """Do a task of a hall if it is due and no other worker has it; returns whether it was done."""
    run = queries.list_runs([hall.id]).get((hall.id, task.name))
    hours = queries.list_hours([hall.id])[hall.id]
    now = clock.now()
    if not timetable.is_due(task, run, hours, hall.time_zone, now):
        return False
    seen = run.due_at if run else None
    with transaction():
        number = service.claim(hall.id, task.name, seen=seen)
    if number is None:
        return False
    _perform(hall, task, number, timetable.last_due(task, hours, hall.time_zone, now))
    return True


def run_now(hall: Hall, name: str, body: Callable[[Hall], Report] | None = None) -> Report:
    """Run a task of a hall at a person's command, due or not, with its own body or the given one.

    Raises the error of the body, after recording it.
    """
    task = _BY_NAME[name]
    hours = queries.list_hours([hall.id])[hall.id]
    due_at = timetable.last_due(task, hours, hall.time_zone, clock.now())
    with transaction():
        number = service.start(hall.id, name)
    report, error = _do(hall, task, number, due_at, body or BODIES[name])
    if error:
        raise error
    return report


def _perform(hall: Hall, task: Task, number: int, due_at: datetime) -> None:
    slug = hall.slug
    report, error = _do(hall, task, number, due_at, BODIES[task.name])
    if error:
        log.error("task %s of %s failed", task.name, slug, exc_info=error)
    elif report.alert:
        log.warning("task %s of %s needs a person: %s (%d)", task.name, slug, report.alert, report.count)
    elif report.count:
        log.info("task %s of %s done: %d", task.name, slug, report.count)


def _do(
    hall: Hall, task: Task, number: int, due_at: datetime, body: Callable[[Hall], Report]
) -> tuple[Report, Exception | None]:
    hall_id = hall.id
    report, error, code = Report(), None, None
    try:
        with (
            beating(lambda: service.beat(hall_id, task.name, number), every=BEAT_SECONDS, name=f"task {task.name}"),
            in_region_of(hall_id),
        ):
            report = body(hall)
        outcome, code = (Outcome.ALERT, report.alert) if report.alert else (Outcome.DONE, None)
    except Exception as caught:
        db.session.rollback()
        error, outcome = caught, Outcome.FAILED
        code = caught.code if isinstance(caught, DomainError) else type(caught).__name__
    with transaction():
        service.finish(hall_id, task.name, number, due_at=due_at, outcome=outcome, count=report.count, error=code)
    return report, error
