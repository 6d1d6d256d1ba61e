"""The counts of this process for Prometheus. Labels name routes, methods and states: never people, keys or paths."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy import Engine, QueuePool

#: What is counted in this process; where several count together, their files are read instead.
REGISTRY = CollectorRegistry()
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_MISTAKE: Final = 500
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_requests = Counter(
    "hallapp_requests",
    "Requests answered, by the pattern of their route",
    ["method", "route", "status"],
    registry=REGISTRY,
)
_request_seconds = Histogram(
    "hallapp_request_seconds",
    "Time from the start of a request to its answer",
    ["route"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
_request_database_seconds = Histogram(
    "hallapp_request_database_seconds", "Time of a request spent in statements", buckets=_SECONDS, registry=REGISTRY
)
_queue_seconds = Histogram(
    "hallapp_request_queue_seconds", "Time that a request waited for a thread", buckets=_SECONDS, registry=REGISTRY
)
_errors = Counter(
    "hallapp_errors", "Requests answered with 500, mistakes of the program; 0 from the start", registry=REGISTRY
)
_refused = Counter(
    "hallapp_requests_refused", "Requests answered with 503 because they had waited for too long", registry=REGISTRY
)
_wait_seconds = Histogram(
    "hallapp_database_wait_seconds",
    "Time spent waiting for a connection, or in SQLite's queue of writers",
    ["wait"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
_waits = {wait: _wait_seconds.labels(wait) for wait in ("connection", "writers")}


class _Counting:
    """A switch: this process does not count if the disk had no room for its files."""

    on = True


class _Statements(threading.local):
    """The time that this thread has spent in statements since it was last asked."""

    seconds = 0.0


_statements = _Statements()


def count_nothing() -> None:
    """Let this process count nothing from now on."""
    _Counting.on = False


def count_request(*, method: str, route: str, status: int, seconds: float, waited: float) -> None:
    """Count one answered request, with the time that its thread has spent in statements."""
    spent, _statements.seconds = _statements.seconds, 0.0
    if not _Counting.on:
        return
    _requests.labels(method if method in _METHODS else "other", route, status).inc()
    if status == _MISTAKE:
        _errors.inc()
    _request_seconds.labels(route).observe(seconds)
    _request_database_seconds.observe(spent)
    _queue_seconds.observe(waited)


def begin_request() -> None:
    """Forget the statements that this thread ran before."""
    _statements.seconds = 0.0


def count_refusal() -> None:
    """Count one request that was refused because it had waited for too long."""
    if _Counting.on:
        _refused.inc()


@contextmanager
def waiting(wait: str) -> Iterator[None]:
    """Count the time inside the block as a wait for `connection` or `writers`."""
    begun = time.perf_counter()
    try:
        yield
    finally:
        if _Counting.on:
            _waits[wait].observe(time.perf_counter() - begun)


class Pool(QueuePool):
    """A pool of connections that counts how long its users wait for one."""

    __module__ = (
        QueuePool.__module__
    )  # SQLAlchemy names the logger by it; `hallapp` logs what happens, not what pools do

    def connect(self) -> Any:
        """Return a connection."""
        with waiting("connection"):
            return super().connect()


def watch(engine: Engine) -> None:
    """Add up the time that statements of this engine take, those that fail included.

    SQLAlchemy's events for this would cost 5 µs a statement; this costs a fraction of it.
    """
    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        setattr(engine.dialect, name, _timed(getattr(engine.dialect, name)))


def _timed(run: Callable[..., None]) -> Callable[..., None]:
    def timed(*arguments: Any) -> None:
        begun = time.perf_counter()
        try:
            run(*arguments)
        finally:
            _statements.seconds += time.perf_counter() - begun

    return timed
