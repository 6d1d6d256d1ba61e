"""Processes of their own for tests of what several servers or commands do at the same moment.

They are forked from one process that has imported the application already (`tests/preload.py`), so that a race costs
some hundredths of a second for each of them instead of two seconds. None of them shares a connection with the test.
"""

import multiprocessing
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask

from hallapp import create_app
from hallapp.core.database import db
from tests.conftest import settings_for

T = TypeVar("T")
Act = Callable[[Flask, Any], T]
SECONDS = 90

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.preload"])


def at_once(database_url: str, instance: Path, act: Act[T], shares: Sequence[Any]) -> list[T]:
    """Call `act(app, share)` for each share, all at the same moment, each in a process with an application of its own.

    The results come in the order in which the processes end.
    """
    barrier, results = _context.Barrier(len(shares)), _context.Queue()
    settings = (database_url, str(instance))
    processes = [
        _context.Process(target=_process, args=(settings, barrier, results, act, share), daemon=True)
        for share in shares
    ]
    for process in processes:
        process.start()
    found = [results.get(timeout=SECONDS) for _ in processes]
    for process in processes:
        process.join(timeout=SECONDS)
    assert [process.exitcode for process in processes] == [0] * len(shares)
    return found


class Companion:
    """A process with an application of its own that does one piece of work after another: `send` it, then `receive`.

    It runs `work(app, connection)`, whose `connection.recv` raises EOFError when it shall end.
    """

    def __init__(self, database_url: str, instance: Path, work: Callable[[Flask, Connection], None]) -> None:
        self._connection, theirs = _context.Pipe()
        arguments = ((database_url, str(instance)), work, theirs)
        self._process = _context.Process(target=_companion, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    def send(self, message: Any) -> None:
        """Send the process something."""
        self._connection.send(message)

    def receive(self) -> Any:
        """Wait for the answer of the process."""
        assert self._connection.poll(SECONDS), "no answer"
        return self._connection.recv()

    def stop(self) -> None:
        """End the process, which must have nothing to do."""
        self._connection.close()
        self._process.join(timeout=SECONDS)
        assert self._process.exitcode == 0


def _companion(settings: tuple[str, str], work: Callable[[Flask, Connection], None], connection: Connection) -> None:
    app = _make_app(settings)
    with suppress(EOFError):
        work(app, connection)
    _let_go(app)


def _process(settings: tuple[str, str], barrier: Barrier, results: Any, act: Act[Any], share: Any) -> None:
    app = _make_app(settings)
    barrier.wait()
    results.put(act(app, share))
    _let_go(app)


def _make_app(settings: tuple[str, str]) -> Flask:
    database_url, instance = settings
    return create_app(settings_for(database_url, Path(instance)))


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
