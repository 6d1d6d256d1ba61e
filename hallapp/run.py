"""Run the web server and the worker together and stop them together: `python -m hallapp.run`, as `make run` does.

When the web server ends, the worker is stopped and this program ends with the server's exit code. When the worker ends,
it is restarted after a pause; meanwhile the hall takes bookings without it.
"""

import contextlib
import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from hallapp.settings import ROOT

SERVER = (sys.executable, "-m", "gunicorn", "-c", "python:hallapp.server", "wsgi:app")
WORKER = (sys.executable, "-m", "flask", "--app", "wsgi", "worker")
#: The pause before an ended worker is restarted, by the number of times that it ended soon after its start.
PAUSES = (1, 5, 15, 60)
#: After this running time a worker counts as healthy, and the pauses start from the first again.
WELL_AFTER_SECONDS = 60
#: The time in which both may finish their current work before they are killed.
STOP_SECONDS = 40
_LOOK_EVERY_SECONDS = 0.2
_PR_SET_PDEATHSIG = 1


class Together:
    """Both processes, from their start to their end."""

    def __init__(self, server: Sequence[str] = SERVER, worker: Sequence[str] = WORKER) -> None:
        self._server_command, self._worker_command = server, worker
        self._stop_signal: int | None = None
        self._worker: subprocess.Popen[bytes] | None = None
        self._worker_started = self._start_worker_at = 0.0
        self._soon_ended = 0

    def run(self) -> int:
        """Run both until a signal comes or the web server ends; returns the exit code for this program."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, self._note_signal)
        server = _start(self._server_command)
        try:
            while self._stop_signal is None and server.poll() is None:
                self._tend_worker()
                time.sleep(_LOOK_EVERY_SECONDS)
        finally:
            if self._stop_signal is None:
                _say(f"the web server ended (exit code {server.poll()}); stopping the worker too")
            _stop([process for process in (server, self._worker) if process])
        return 0 if self._stop_signal is not None else abs(server.returncode) or 1

    def _note_signal(self, number: int, _frame: FrameType | None) -> None:
        self._stop_signal = number

    def _tend_worker(self) -> None:
        now = time.monotonic()
        if self._worker and self._worker.poll() is not None:
            self._worker_ended(now, self._worker.returncode)
        if self._worker is None and now >= self._start_worker_at:
            self._worker, self._worker_started = _start(self._worker_command), now

    def _worker_ended(self, now: float, code: int) -> None:
        self._worker = None
        was_well = now - self._worker_started >= WELL_AFTER_SECONDS
        self._soon_ended = 0 if was_well else self._soon_ended + 1
        pause = PAUSES[min(max(self._soon_ended, 1), len(PAUSES)) - 1]
        self._start_worker_at = now + pause
        _say(f"the worker ended (exit code {code}); it is started again in {pause} s. The pages go on meanwhile")


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that Ctrl+C in the terminal reaches this program only."""
    return subprocess.Popen(  # noqa: S603 — nothing of it comes from outside
        command, cwd=ROOT, start_new_session=True, preexec_fn=_end_with_parent if sys.platform == "linux" else None
    )


def _end_with_parent() -> None:
    """Let the kernel end this process when this program is killed, so that no server is left behind."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _say(f"process {process.pid} did not stop within {STOP_SECONDS} s and is killed")
            process.kill()
            process.wait()


def _say(text: str) -> None:
    print(f"hallapp: {text}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    raise SystemExit(Together().run())
