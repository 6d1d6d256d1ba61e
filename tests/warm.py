"""Python programs that start in no time: forked from a process that has imported the application already.

A server, a worker or a command takes longer to import its modules than most tests take. `start` gives the program
everything else of its own, as `subprocess.Popen` would: arguments, environment, output, umask, session and exit code.
What it is about, such as two workers or a server that is killed, is as real as ever; that a cold start works is tested
by `make run` on a clone (`tests/test_run.py`).
"""

import atexit
import fcntl
import gc
import json
import os
import runpy
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
_LOCK = ROOT / ".pytest_cache" / "warm.lock"
_LONGEST = 1024 * 1024


class Program:
    """A running program, used as a `subprocess.Popen`."""

    def __init__(self, pid: int, status: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._status = status

    def poll(self) -> int | None:
        """Return the exit code, or None as long as the program runs."""
        return self._read_status(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the program has ended. Raises TimeoutExpired."""
        if (code := self._read_status(timeout)) is None:
            raise subprocess.TimeoutExpired(f"program {self.pid}", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the program has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the program to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the program."""
        self.send_signal(signal.SIGKILL)

    def _read_status(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            waiting = select.poll()
            waiting.register(self._status, select.POLLIN)
            if waiting.poll(None if timeout is None else timeout * 1_000):
                self.returncode = int(_read_line(self._status))
                os.close(self._status)
        return self.returncode


def start(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    output: IO[bytes],
    start_new_session: bool = False,
) -> Program:
    """Start what `python` would start with these arguments, `-m module …` or `-c code …`, in the project's folder.

    The program's standard output and its errors go to `output`.
    """
    came, status = os.pipe()
    os.umask(umask := os.umask(0))  # it cannot be read without being set
    asked = {"arguments": list(arguments), "env": dict(env), "umask": umask, "session": start_new_session}
    socket.send_fds(_mother(), [json.dumps(asked).encode() + b"\n"], [output.fileno(), status])
    os.close(status)
    return Program(int(_read_line(came)), came)


def run(
    command: Sequence[str], *, env: Mapping[str, str], timeout: float = 240, **_options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a program of Python to its end, as `subprocess.run` would; its errors are in what it writes."""
    with tempfile.TemporaryFile() as output:
        code = start(command[1:], env=env, output=output).wait(timeout)
        output.seek(0)
        return subprocess.CompletedProcess(command, code, output.read().decode(), "")


@cache
def _mother() -> socket.socket:
    """Connect to the process that all workers of a run fork their programs from; the first one that asks starts it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    path = Path(tempfile.gettempdir(), f"hallapp-warm-{run}")
    ours = socket.socket(socket.AF_UNIX)
    atexit.register(ours.close)
    with _locked():
        if not path.exists():
            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(str(path))
                listening.listen()
                command = [sys.executable, "-m", "tests.warm", str(listening.fileno())]
                descriptors = [listening.fileno()]
                process = subprocess.Popen(command, cwd=ROOT, pass_fds=descriptors, stdin=subprocess.DEVNULL)
                process.returncode = 0  # nobody waits for it: it outlives the worker that starts it
        ours.connect(str(path))
    return ours


@contextmanager
def _locked() -> Iterator[None]:
    _LOCK.parent.mkdir(exist_ok=True)
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_line(descriptor: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(descriptor, 1)
        if not piece:
            raise RuntimeError("the process that programs are forked from has ended")
        line += piece
    return line


def _import_application() -> None:
    import gunicorn.app.wsgiapp
    import gunicorn.workers.gthread  # noqa: F401
    from flask_babel.speaklater import LazyString

    from hallapp import create_app
    from hallapp.settings import Settings
    from tests import compiled

    gc.disable()
    compiled.keep_templates()
    compiled.keep_builders()
    # An application imports its rooms when it is made. Its database is opened when rows are asked for: never.
    database = f"sqlite:///{tempfile.gettempdir()}/never-opened.sqlite3"
    given = {"HALL_DATABASE_URL": database, "HALL_INSTANCE": tempfile.gettempdir()}
    # A text that is translated while its module is imported has no language yet, and fails in another application.
    with patch.object(LazyString, "__str__", _refuse):
        create_app(Settings.from_environ({**given, "HALL_SECRET_KEY": secrets.token_urlsafe(32)}))
    gc.freeze()
    gc.enable()


def _refuse(text: object) -> str:
    raise AssertionError("a text is translated while the application is imported")


def _serve(listening: socket.socket) -> dict[str, Any] | None:
    """Fork a program whenever a worker asks for one; returns in each program what it shall do, and None at the end.

    The end is when the last worker has left.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the guards
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the tests, which end this process and the programs
    workers = [listening.accept()[0]]
    while workers or _is_called_again(listening, workers):
        for one in select.select([listening, *workers], [], [])[0]:
            if one is listening:
                workers.append(listening.accept()[0])
            elif (received := _receive(one)) is None:
                workers.remove(one)
                one.close()
            elif os.fork() == 0:
                for other in (listening, *workers):
                    other.close()
                _guard(received[1])
                return json.loads(received[0])  # type: ignore[no-any-return]
            else:
                for descriptor in received[1]:
                    os.close(descriptor)
    return None


def _is_called_again(listening: socket.socket, workers: list[socket.socket]) -> bool:
    """Take on a worker that has come at the last moment; else no further one can come."""
    path = Path(listening.getsockname())
    with suppress(FileNotFoundError), _locked():
        if select.select([listening], [], [], 0)[0]:
            workers.append(listening.accept()[0])
        else:
            path.unlink()
    return bool(workers)


def _receive(worker: socket.socket) -> tuple[bytes, list[int]] | None:
    """Return what a worker asks for and the descriptors that it gives; None if it has left."""
    said, given = b"", list[int]()
    while not said.endswith(b"\n"):
        try:
            piece, descriptors, _flags, _address = socket.recv_fds(worker, _LONGEST, 2)
        except ConnectionResetError:
            return None
        if not piece:
            return None
        said, given = said + piece, [*given, *descriptors]
    return said, given


def _guard(given: Sequence[int]) -> None:
    """Fork the program, tell its number and in the end its exit code; returns in the program alone."""
    output, status = given
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        os.close(output)
        os.close(status)
        return
    os.write(status, b"%d\n" % pid)
    os.close(output)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(status, b"%d\n" % code)
    os._exit(0)


def _become(asked: Mapping[str, Any]) -> None:
    if asked["session"]:
        os.setsid()
    os.umask(asked["umask"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    kind, what, *rest = asked["arguments"]
    sys.argv[:] = [what if kind == "-m" else "-c", *rest]
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})


if __name__ == "__main__":
    _import_application()
    if asked := _serve(socket.socket(fileno=int(sys.argv[1]))):
        _become(asked)
