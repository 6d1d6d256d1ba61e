"""The state of the service at this moment, read from its database and its disk when somebody asks."""

import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from hallapp.core import clock, database, readiness, runtime
from hallapp.core.database import DatabaseAway, db
from hallapp.core.logs import log
from hallapp.core.version import get_version
from hallapp.monitoring import halls, webhooks, work
from hallapp.monitoring.readings import Sample, gauge, single
from hallapp.schedule.queries import list_halls

_REASONS = ("database", "not_migrated", "read_only", "other_key")


class State(Collector):
    """Reads everything anew for each answer. Where the database cannot be used, the rest is still there."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every gauge."""
        versions = (get_version(), platform.python_version(), db.engine.dialect.name)
        yield gauge("info", "Version of this server", ["version", "python", "database"], [(versions, 1)])
        yield from _disks()
        trouble = readiness.find_trouble()
        yield single("ready", "1 where this host can work", float(trouble is None))
        yield gauge("trouble", "1 for the reason why this host cannot work", ["reason"], _reasons(trouble))
        if trouble in ("database", "not_migrated"):
            return
        try:
            yield from list(_rows())
        except (SQLAlchemyError, DatabaseAway) as error:
            db.session.rollback()
            log.warning("metrics: the database cannot be read now (%s)", type(error).__name__)


def _reasons(trouble: str | None) -> Iterator[Sample]:
    for reason in _REASONS:
        yield (reason,), float(trouble == reason)


def _disks() -> Iterator[GaugeMetricFamily]:
    folders = {"data": runtime.settings().instance, "temporary": Path(tempfile.gettempdir())}
    found = {name: shutil.disk_usage(folder) for name, folder in folders.items() if folder.is_dir()}
    for name, text in (("free", "Free space where this folder lies"), ("total", "Size of the disk of this folder")):
        samples = (((folder,), getattr(usage, name)) for folder, usage in found.items())
        yield gauge(f"disk_{name}_bytes", text, ["folder"], samples)


def _rows() -> Iterator[GaugeMetricFamily]:
    begun = time.perf_counter()
    ahead = (database.now() - clock.now()).total_seconds()
    yield single("database_answer_seconds", "Time of a simple query", time.perf_counter() - begun)
    yield single("clock_difference_seconds", "How far the database's clock is ahead of this host's", ahead)
    yield single("database_bytes", "Size of the database", database.get_size())
    found = list_halls()
    yield from work.read(found)
    yield from webhooks.read(found)
    yield from halls.read(found)
