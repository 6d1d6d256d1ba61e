"""One reading of everything: the counts of all processes of this server, and the state of the halls."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from hallapp.core import metrics, metrics_files
from hallapp.monitoring.state import State


@contextmanager
def reading() -> Iterator[CollectorRegistry]:
    """Give what a scraper reads; needs an application context."""
    registry = CollectorRegistry()
    folder = metrics_files.find_folder()
    if folder is None:
        registry.register(metrics.REGISTRY)
    else:
        MultiProcessCollector(registry, path=str(folder))
    registry.register(State())
    with metrics_files.reading():
        yield registry
