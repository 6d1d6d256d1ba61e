"""pgBackRest with the example's settings: a server with hallapp's data is lost, and restored up to its last commit."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.settings import ROOT
from tests import factories
from tests.bench import rows
from tests.cluster.nodes import bin_dirs
from tests.cluster.service import run_flask
from tests.conftest import SECRET
from tests.live import migrated

MINE = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--")


class Server:
    """A PostgreSQL server of the system's user `postgres`, with pgBackRest beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.bin = folder, folder / "data", bin_dirs()[-1]
        self.config = folder / "pgbackrest.conf"
        text = (ROOT / "deploy" / "pgbackrest" / "pgbackrest.conf").read_text()
        text = text.replace("/var/lib/pgbackrest", f"{folder}/repository").replace("CHANGE-ME", "of-this-test-only")
        text = text.replace("[global]\n", f"[global]\nlog-path={folder}\nlock-path={folder}/lock\n")
        text = re.sub(r"(?m)^pg1-path=.*$", f"pg1-path={self.data}\npg1-socket-path={folder}", text)
        self.config.write_text(text)
        shutil.chown(self.config, "postgres")

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/hallapp?host={self.folder}"

    def make(self) -> None:
        self.run(str(self.bin / "initdb"), "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata", str(self.data))
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.folder,
            "archive_mode": "on",
            "archive_command": f"{self._pgbackrest()} archive-push %p",
        }
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        (self.data / "pg_hba.conf").write_text("local all all trust\n")

    def start(self) -> None:
        self.run(str(self.bin / "pg_ctl"), "-D", str(self.data), "-l", f"{self.folder}/log", "-w", "start")

    def stop(self) -> None:
        self.run(str(self.bin / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop")

    def back_up(self, *arguments: str) -> None:
        self.run(*self._pgbackrest().split(), *arguments)

    def _pgbackrest(self) -> str:
        return f"pgbackrest --config={self.config} --stanza=hallapp"

    def run(self, *command: str) -> None:
        with (self.folder / "programs.log").open("ab") as log:
            done = subprocess.run([*MINE, *command], stdout=log, stderr=log, cwd=self.folder)
        assert done.returncode == 0, (self.folder / "programs.log").read_text()[-3000:]


@pytest.fixture
def server() -> Iterator[Server]:
    if shutil.which("pgbackrest") is None or not bin_dirs():
        pytest.skip("PGBACKREST WAS NOT TRIED: it or PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="hallapp-pgb-"))
    shutil.chown(folder, "postgres", "postgres")
    folder.chmod(0o755)
    server = Server(folder)
    try:
        yield server
    finally:
        if (server.data / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder)


def test_lost_server_is_restored_up_to_its_last_commit(server: Server, tmp_path: Path) -> None:
    server.make()
    server.start()
    with psycopg.connect(f"postgresql://postgres@/postgres?host={server.folder}", autocommit=True) as connection:
        connection.execute("CREATE DATABASE hallapp")
    server.back_up("stanza-create")
    server.back_up("check")
    app = migrated(server.url, tmp_path)
    environ = {"HALL_DATABASE_URL": server.url, "HALL_SECRET_KEY": SECRET, "HALL_INSTANCE": str(tmp_path)}
    with app.app_context():
        rows.fill(ledger_rows=500, bookings=200, at_the_door=10)
        run_flask(environ, "bookings", "recount", "--repair")
        server.back_up("--type=full", "backup")
        with transaction():
            factories.booking(slot=factories.slot(programme=factories.programme(hall=factories.hall())))
        before = _count()
        db.session.execute(select(func.pg_switch_wal()))
        db.session.remove()
        db.engine.dispose()
    server.back_up("check")  # waits until what was written is archived
    server.stop()
    shutil.rmtree(server.data)
    server.data.mkdir(mode=0o700)
    shutil.chown(server.data, "postgres", "postgres")
    server.back_up("restore")
    server.start()
    with app.app_context():
        assert _count() == before
        db.session.remove()
        db.engine.dispose()
    assert "0 differences" in run_flask(environ, "reports", "recount")
    assert "0 differences" in run_flask(environ, "bookings", "recount")
    stored = b"".join(path.read_bytes() for path in (server.folder / "repository").rglob("*") if path.is_file())
    assert "东湖街老年大学".encode() not in stored, "it is encrypted"


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0
