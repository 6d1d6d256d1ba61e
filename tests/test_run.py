"""The web server and the worker together: one signal stops both, and neither dies unnoticed."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import pytest

from hallapp.core.database import transaction
from hallapp.notifications import service as notifications
from hallapp.settings import ROOT
from tests import factories, warm
from tests.conftest import PROFILE, SECRET
from tests.live import _let_go, free_port, migrated
from tests.notifications.mail_process import mail_process

PATIENCE_SECONDS = 60

#: The real supervisor over two processes that write down when they start and when they are asked to stop.
_RUN = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # both may be ignored where the tests are run in the background
signal.signal(signal.SIGINT, signal.default_int_handler)
from hallapp import run
run.PAUSES = (0.2,)
part = [sys.executable, "-c", sys.argv[1]]
raise SystemExit(run.Together([*part, "server"], [*part, "worker"]).run())
"""
_PART = """
import os, signal, sys, time
def note(what): os.write(1, " ".join([sys.argv[1], what, str(os.getpid())]).encode() + os.linesep.encode())
def stop(*_): note("stopped"); raise SystemExit(0)
signal.signal(signal.SIGTERM, stop)
note("started")
while True: time.sleep(0.05)
"""


class Run:
    """The supervisor as a test sees it."""

    def __init__(self, folder: Path) -> None:
        self.out, self.err = folder / "out", folder / "err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen([sys.executable, "-c", _RUN, _PART], cwd=ROOT, stdout=out, stderr=err)

    def lines(self, part: str, what: str) -> list[int]:
        """The process ids of a part that did something."""
        written, _end, _half = self.out.read_text().rpartition("\n")
        words = (line.split() for line in written.splitlines())
        return [int(number) for name, done, number in words if (name, done) == (part, what)]

    def wait_for(self, part: str, what: str, *, times: int = 1) -> int:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.lines(part, what)) < times:
            assert time.monotonic() < deadline, self.out.read_text() + self.err.read_text()
            time.sleep(0.05)
        return self.lines(part, what)[-1]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    one = Run(tmp_path)
    one.wait_for("server", "started")
    one.wait_for("worker", "started")
    yield one
    one.process.kill()
    one.process.wait(20)


def is_gone(number: int) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        status = Path(f"/proc/{number}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_both(run: Run, number: signal.Signals) -> None:
    run.process.send_signal(number)
    assert run.process.wait(PATIENCE_SECONDS) == 0
    assert len(run.lines("server", "stopped")) == len(run.lines("worker", "stopped")) == 1


def test_worker_that_died_is_started_again_and_said_so(run: Run) -> None:
    os.kill(run.wait_for("worker", "started"), signal.SIGKILL)
    run.wait_for("worker", "started", times=2)
    assert run.lines("server", "stopped") == []
    assert "the worker ended (exit code -9); it is started again" in run.err.read_text()


def test_both_end_where_the_server_died(run: Run) -> None:
    os.kill(run.wait_for("server", "started"), signal.SIGKILL)
    assert run.process.wait(PATIENCE_SECONDS) == signal.SIGKILL
    assert len(run.lines("worker", "stopped")) == 1
    assert "the web server ended" in run.err.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux does it")
def test_neither_is_left_behind_by_a_supervisor_that_was_killed(run: Run) -> None:
    run.process.kill()
    run.process.wait(20)
    assert is_gone(run.wait_for("server", "started"))
    assert is_gone(run.wait_for("worker", "started"))


def put_a_hall(instance: Path) -> None:
    """Put a database there with a hall and a mail that waits, so that no demonstration is made, which takes longer.

    `tests/test_cli.py` makes one by the same command.
    """
    instance.mkdir()
    app = migrated(f"sqlite:///{instance / 'hallapp.sqlite3'}", instance)
    with app.app_context(), transaction():
        hall = factories.hall()
        notifications.enqueue(hall_id=hall.id, kind="test", recipient="he@example.org", subject="您的预约", body="您好")
    _let_go(app)


@contextmanager
def made(folder: Path, port: int, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """`make run` on a clone that has its packages already."""
    clone = folder / "clone"
    if not clone.exists():
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        (clone / ".venv").symlink_to(ROOT / ".venv")
        if PROFILE != "nightly":
            put_a_hall(clone / "instance")
    command = ["make", "-o", ".venv/.installed", "run", f"PORT={port}"]
    with (folder / "make.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=clone, env={**os.environ, **environ}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(PATIENCE_SECONDS)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@pytest.mark.slow
def test_make_run_on_a_clone_sends_a_mail_without_another_command(tmp_path: Path) -> None:
    port = free_port()
    with mail_process(tmp_path) as mail, made(tmp_path, port, HALL_MAIL_URL=mail.url) as process:
        deadline = time.monotonic() + 3 * PATIENCE_SECONDS
        while not (mail.taken and answers(port)):
            assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "make.log").read_text()
            time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)  # Ctrl+C in its terminal
        process.wait(PATIENCE_SECONDS)
    log = (tmp_path / "make.log").read_text()
    assert "worker" in log and "Traceback" not in log, log
    assert not answers(port)


def test_start_leaves_the_collection_of_garbage_on(tmp_path: Path) -> None:
    """It is off while the application is made, and a server without it would grow until it dies."""
    given = {"HALL_DATABASE_URL": f"sqlite:///{tmp_path / 'hall.sqlite3'}", "HALL_INSTANCE": str(tmp_path)}
    command = [sys.executable, "-c", "import gc, wsgi; assert gc.isenabled()"]
    done = warm.run(command, env={**os.environ, **given, "HALL_SECRET_KEY": SECRET})
    assert done.returncode == 0, done.stdout
