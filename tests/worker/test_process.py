"""Workers as real processes: killed in a task, two at once, and stopped while they work."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, update

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.jobs import files
from hallapp.jobs import service as jobs
from hallapp.jobs.models import Fate, Job
from hallapp.jobs.service import NewJob
from hallapp.notifications import service as outbox
from hallapp.notifications.models import MessageState, OutboxMessage
from hallapp.reports.exports import Format
from hallapp.reports.lists import jobs as exports
from hallapp.reports.lists import streams
from hallapp.tasks import queries
from hallapp.tasks import service as tasks
from hallapp.tasks.models import Outcome, TaskRun
from tests import factories, warm
from tests.conftest import SECRET
from tests.live import _let_go, migrated, postgresql_database
from tests.notifications.mail_process import mail_process

PATIENCE_SECONDS = 90
#: Tasks that may run more than once while a test waits.
_OFTEN = ("offers", "pinyin")
WORKER = ("-m", "flask", "--app", "wsgi", "worker")

#: A worker in which one task never ends, as one that its machine's memory was too small for.
SLOW_TASK = """
import sys, time
from pathlib import Path
from wsgi import app
from hallapp.worker import bodies, consumer
def hang(hall):
    Path(sys.argv[1]).touch()
    time.sleep(600)
bodies.BODIES["absences"] = hang
with app.app_context():
    consumer.run()
"""
#: A worker that looks for tasks every second.
HASTY = """
from wsgi import app
from hallapp.worker import consumer
consumer.TASKS_EVERY = 1
with app.app_context():
    consumer.run()
"""
#: A worker in which every export takes long, and says how far it is.
SLOW_EXPORT = """
import sys, time
from pathlib import Path
from wsgi import app
from hallapp.jobs import runner
from hallapp.reports.lists import jobs
from hallapp.worker import consumer
def write(work):
    Path(sys.argv[1]).touch()
    for number in range(6000):
        work.progress(number, 6000)
        time.sleep(0.1)
runner._bodies[jobs.EXPORT] = write
with app.app_context():
    consumer.run()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A hall on a database of its own, and what a process needs to work on it."""
    with _database(request, tmp_path) as url:
        environ = {"HALL_DATABASE_URL": url, "HALL_SECRET_KEY": SECRET, "HALL_INSTANCE": str(tmp_path)}
        app = migrated(url, tmp_path)
        with app.app_context():
            with transaction():
                hall = factories.hall(time_zone=_where_it_is_afternoon())
            yield SimpleNamespace(app=app, hall=hall, folder=tmp_path, environ=environ)
        _let_go(app)


def _where_it_is_afternoon() -> str:
    """Return a time zone in which it is past noon, as late tasks do not write to people at night."""
    ahead = (14 - clock.now().hour + 11) % 24 - 11  # hours before UTC, from −11 to 12
    return f"Etc/GMT{-ahead:+d}"


@contextmanager
def _database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{folder / 'live.sqlite3'}"
        return
    with postgresql_database(request.getfixturevalue("postgresql_server")) as url:
        yield url


@contextmanager
def worker(place: SimpleNamespace, *command: str, **environ: str) -> Iterator[warm.Program]:
    with (place.folder / "worker.log").open("ab") as log:
        process = warm.start(command or WORKER, env={**os.environ, **place.environ, **environ}, output=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def until(condition: Callable[[], object], place: SimpleNamespace, *, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        db.session.rollback()
        db.session.expire_all()
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(f"{what}\n{(place.folder / 'worker.log').read_text()}")


def run_of(place: SimpleNamespace, task: str) -> TaskRun | None:
    return queries.list_runs([place.hall.id]).get((place.hall.id, task))


@pytest.mark.both_databases
def test_task_whose_worker_was_killed_is_taken_up_by_another_one(place: SimpleNamespace) -> None:
    flag = place.folder / "hangs"
    with worker(place, "-c", SLOW_TASK, str(flag)) as killed:
        until(flag.exists, place, what="the task did not begin")
        killed.send_signal(signal.SIGKILL)
        killed.wait(20)
    begun = run_of(place, "absences")
    assert begun and begun.heartbeat_at and begun.outcome is None
    with worker(place, "-c", HASTY):
        until(lambda: run_of(place, "thanks"), place, what="the other worker did nothing")
        assert run_of(place, "absences").claim == 1, "another one's task, as long as it may be alive"  # type: ignore[union-attr]
        long_ago = clock.now() - tasks.DEAD_AFTER - timedelta(minutes=1)  # what a minute or two does
        with transaction():
            db.session.execute(
                update(TaskRun).where(TaskRun.task == "absences").values(heartbeat_at=long_ago, started_at=long_ago)
            )
        until(lambda: run_of(place, "absences").outcome is Outcome.DONE, place, what="nobody took the task up")  # type: ignore[union-attr]
        assert run_of(place, "absences").claim == 2  # type: ignore[union-attr]


@pytest.mark.both_databases
def test_two_workers_at_once_send_each_message_once_and_do_each_task_once(place: SimpleNamespace) -> None:
    with transaction():
        for number in range(60):
            outbox.enqueue(
                hall_id=place.hall.id, kind="test", recipient=f"group{number}@example.org", subject="x", body="y"
            )
    with (
        mail_process(place.folder) as mail,
        worker(place, HALL_MAIL_URL=mail.url),
        worker(place, HALL_MAIL_URL=mail.url),
    ):
        until(lambda: len(queries.list_workers()) == 2, place, what="two workers")
        until(lambda: len(mail.taken) >= 60 and run_of(place, "thanks"), place, what="not all messages were sent")
        waiting = select(func.count()).where(OutboxMessage.state == MessageState.WAITING)
        until(lambda: db.session.scalar(waiting) == 0, place, what="messages still wait")
        assert Counter(recipient for recipient, _id in mail.taken).most_common(1)[0][1] == 1
        until(lambda: run_of(place, "thanks").outcome, place, what="the last task")  # type: ignore[union-attr]
        runs = queries.list_runs([place.hall.id])
        assert {task: run.claim for (_hall, task), run in runs.items() if task not in _OFTEN} == {
            task: 1 for (_hall, task) in runs if task not in _OFTEN
        }


def test_stopped_worker_gives_its_export_back_and_the_next_one_writes_it(place: SimpleNamespace) -> None:
    wanted = streams.Wanted(what=streams.What.DATA, first=date(2026, 1, 1), last=date(2026, 12, 31))
    params = exports.params(wanted, form=Format.CSV, language="zh")
    with transaction():
        job = jobs.ask(NewJob(hall_id=place.hall.id, staff_id=None, kind=exports.EXPORT, params=params))
    flag = place.folder / "writes"
    with worker(place, "-c", SLOW_EXPORT, str(flag)) as first:
        until(flag.exists, place, what="the export did not begin")
        first.send_signal(signal.SIGTERM)
        assert first.wait(40) == 0, (place.folder / "worker.log").read_text()
    assert (_get(job).fate, job.attempts) == (Fate.WAITING, 0)
    assert not queries.is_worker_alive()
    with worker(place):
        until(lambda: _get(job).fate is Fate.DONE, place, what="the export was not written")
    assert b"".join(files.iter_content(job.key, version=1)).startswith("\ufeff".encode())


def test_ctrl_c_in_the_middle_of_a_mail_neither_loses_nor_doubles_it(place: SimpleNamespace) -> None:
    with transaction():
        for number in range(40):
            outbox.enqueue(
                hall_id=place.hall.id, kind="test", recipient=f"group{number}@example.org", subject="x", body="y"
            )
    with mail_process(place.folder) as mail:
        for command in (WORKER, ("-m", "flask", "--app", "wsgi", "outbox", "run")):
            sent = len(mail.taken)
            with worker(place, *command, HALL_MAIL_URL=mail.url) as broken:
                until(lambda sent=sent: len(mail.taken) > sent + 2, place, what="no mail was sent")  # type: ignore[misc]
                broken.send_signal(signal.SIGINT)
                broken.wait(40)
        with worker(place, HALL_MAIL_URL=mail.url):
            until(lambda: len(mail.taken) >= 40, place, what="not all mails were sent")
        assert sorted(recipient for recipient, _id in mail.taken) == sorted(f"group{n}@example.org" for n in range(40))


def _get(job: Job) -> Job:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Job, job.id)
