"""The verbs of task runs and of workers. They flush at most.

One UPDATE decides which of several workers does a task. Every instant that is compared across machines is the
database's.
"""

import os
import secrets
import socket
from datetime import datetime, time, timedelta

from sqlalchemy import delete, or_, update

from hallapp.core import database
from hallapp.core.database import db, upsert
from hallapp.tasks.models import Outcome, TaskHours, TaskRun, WorkerProcess

#: A task whose heartbeat is older than this was broken off, and is taken up again.
DEAD_AFTER = timedelta(seconds=60)
#: So long the row of a worker that died is kept, to say when it was last seen.
FORGOTTEN_AFTER = timedelta(days=30)
_ERROR_LENGTH = 60


def claim(hall_id: int, task: str, *, seen: datetime | None) -> int | None:
    """Take a task of a hall; returns the number of the claim, or None where another worker has it.

    `seen` is the `due_at` that the caller has read: a run that ended in between makes this claim fail.
    """
    _ensure_row(hall_id, task)
    now = database.now()
    is_free = or_(TaskRun.heartbeat_at.is_(None), TaskRun.heartbeat_at <= now - DEAD_AFTER)
    unchanged = TaskRun.due_at.is_(None) if seen is None else TaskRun.due_at == seen
    return _start(hall_id, task, now, is_free, unchanged)


def start(hall_id: int, task: str) -> int:
    """Claim a task of a hall in any state, as a person's command does; returns the number of the claim."""
    _ensure_row(hall_id, task)
    taken = _start(hall_id, task, database.now())
    if taken is None:
        raise LookupError(f"no row for the task {task}")
    return taken


def _ensure_row(hall_id: int, task: str) -> None:
    row = {"hall_id": hall_id, "task": task, "claim": 0, "tries": 0}
    db.session.execute(upsert(TaskRun, row).on_conflict_do_nothing())


def _start(hall_id: int, task: str, now: datetime, *conditions: object) -> int | None:
    statement = (
        update(TaskRun)
        .where(TaskRun.hall_id == hall_id, TaskRun.task == task, *conditions)  # type: ignore[arg-type]
        .values(claim=TaskRun.claim + 1, tries=TaskRun.tries + 1, started_at=now, heartbeat_at=now)
        .returning(TaskRun.claim)
    )
    return db.session.scalar(statement, execution_options={"synchronize_session": False})


def beat(hall_id: int, task: str, number: int) -> bool:
    """Record the heartbeat of a claimed task; return False if the claim has ended."""
    return _change(hall_id, task, number, heartbeat_at=database.now())


def finish(
    hall_id: int,
    task: str,
    number: int,
    *,
    due_at: datetime,
    outcome: Outcome,
    count: int = 0,
    error: str | None = None,
) -> None:
    """Record the result of a claimed task; without a valid claim this changes nothing."""
    values = {
        "heartbeat_at": None,
        "finished_at": database.now(),
        "outcome": outcome,
        "count": count,
        "error": error[:_ERROR_LENGTH] if error else None,
    }
    if outcome is not Outcome.FAILED:
        values |= {"due_at": due_at, "tries": 0}
    _change(hall_id, task, number, **values)


def give_back(hall_id: int, task: str, number: int) -> None:
    """Let go of a claimed task that was not done, because its worker stops: the next worker takes it at once."""
    _change(hall_id, task, number, heartbeat_at=None, tries=TaskRun.tries - 1)


def _change(hall_id: int, task: str, number: int, **values: object) -> bool:
    statement = (
        update(TaskRun)
        .where(TaskRun.hall_id == hall_id, TaskRun.task == task, TaskRun.claim == number)
        .where(TaskRun.heartbeat_at.is_not(None))
        .values(**values)
        .returning(TaskRun.claim)
    )
    changed = db.session.scalar(statement, execution_options={"synchronize_session": False})
    db.session.expire_all()
    return changed is not None


def set_hours(hall_id: int, *, night: time, reports: time, reminders: time, thanks: time) -> None:
    """Choose at which hours a hall's daily tasks run."""
    chosen = {"night": night, "reports": reports, "reminders": reminders, "thanks": thanks}
    row = upsert(TaskHours, {"hall_id": hall_id, **chosen})
    db.session.execute(row.on_conflict_do_update(index_elements=["hall_id"], set_=chosen))


def new_worker_name() -> str:
    """Return a name for a worker that is unique across machines."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"


def show_life(name: str, *, mail_at: datetime | None = None, mail_error: str | None = None) -> bool:
    """Write that a worker lives, when it last looked at the outbox, and why it could not send."""
    now = database.now()
    seen = {"heartbeat_at": now, "mail_at": mail_at, "mail_error": mail_error}
    row = upsert(WorkerProcess, {"name": name, "started_at": now, **seen})
    db.session.execute(row.on_conflict_do_update(index_elements=["name"], set_=seen))
    return True


def say_goodbye(name: str) -> None:
    """Write that a worker stops now."""
    now = database.now()
    statement = update(WorkerProcess).where(WorkerProcess.name == name).values(heartbeat_at=now, stopped_at=now)
    db.session.execute(statement, execution_options={"synchronize_session": False})


def forget_workers() -> None:
    """Delete the rows of workers that were last seen long ago."""
    old = delete(WorkerProcess).where(WorkerProcess.heartbeat_at < database.now() - FORGOTTEN_AFTER)
    db.session.execute(old, execution_options={"synchronize_session": False})
