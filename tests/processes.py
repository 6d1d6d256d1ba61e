"""Processes of their own for tests of what several servers or commands do at the same moment.

They are forked from one process that has imported the application already (`tests/preload.py`), so that a race costs
some hundredths of a second for each of them instead of two seconds. None of them shares a connection with the test.
"""

import multiprocessing
from collections.abc import Callable, Sequence
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


def _process(settings: tuple[str, str], barrier: Barrier, results: Any, act: Act[Any], share: Any) -> None:
    database_url, instance = settings
    app = create_app(settings_for(database_url, Path(instance)))
    barrier.wait()
    results.put(act(app, share))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
