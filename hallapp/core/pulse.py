"""A sign of life: a thread writes it down every few seconds while something long is done."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from hallapp.core import runtime
from hallapp.core.database import DatabaseAway, db, transaction
from hallapp.core.logs import log

Context = Callable[[], AbstractContextManager[Any]]


@contextmanager
def beating(beat: Callable[[], bool], *, every: float, name: str) -> Iterator[None]:
    """Call `beat` every few seconds until the end of the block, each time in a transaction of its own.

    The thread ends early when `beat` returns False. A database that cannot be reached costs one beat, not the work.
    """
    over = threading.Event()
    given = (over, beat, every, name, runtime.get_context())
    thread = threading.Thread(target=_beat_until, args=given, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        db.session.rollback()  # the thread may be waiting for a lock that the block's broken transaction holds
        thread.join()


def _beat_until(over: threading.Event, beat: Callable[[], bool], every: float, name: str, context: Context) -> None:
    while not over.wait(every):
        try:
            with context(), transaction():
                lives = beat()
        except (SQLAlchemyError, DatabaseAway) as error:
            log.warning("%s: no heartbeat (%s)", name, type(error).__name__)
            continue
        if not lives:
            return
