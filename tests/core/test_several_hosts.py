"""An address that names several hosts, on a real server: dead ones are passed by, and remembered to be dead."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import flask_migrate
import psycopg
import pytest
from sqlalchemy import text

from hallapp.core.database import db
from tests.core.conftest import MakeApp
from tests.live import postgresql_database

pytestmark = pytest.mark.on_database("postgresql")


@pytest.fixture
def folder() -> Iterator[str]:
    """A folder with a short name, where a server's socket would lie: a host where nobody listens."""
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        yield name


@pytest.fixture
def silent(folder: str) -> Iterator[str]:
    """A host that takes connections and never says anything, as a frozen server."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(Path(folder) / ".s.PGSQL.5432"))
        server.listen(8)
        yield folder


@pytest.fixture
def database(postgresql_server: str) -> Iterator[psycopg.Connection]:
    """A connection to an empty database."""
    with (
        postgresql_database(postgresql_server, empty=True) as address,
        psycopg.connect(address, autocommit=True) as connection,
    ):
        yield connection


def several(database: psycopg.Connection, *hosts: str) -> str:
    """The address of a database at several hosts."""
    info, names = database.info, ",".join(f"{quote(host, safe='')}:{database.info.port}" for host in hosts)
    return f"postgresql://{info.user}:{info.password}@{names}/{info.dbname}?target_session_attrs=read-write"


def test_migrations_and_pages_find_the_server_that_lives(
    database: psycopg.Connection, folder: str, make_app: MakeApp
) -> None:
    app = make_app(several(database, folder, database.info.host, f"{folder}/none"))
    with app.app_context():
        flask_migrate.upgrade()
        assert db.session.scalar(text("SELECT count(*) FROM hall")) == 0
        db.session.remove()
    assert app.test_cli_runner().invoke(args=["hall", "setup"]).exit_code == 0
    assert app.test_client().get("/readyz").status_code == 200


def test_silent_host_costs_its_time_once(
    database: psycopg.Connection, silent: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    connect = psycopg.Connection.connect.__func__  # type: ignore[attr-defined]

    def note(cls: type, *arguments: object, **given: object) -> object:
        tried.append(str(given["host"]))
        return connect(cls, *arguments, **given)

    monkeypatch.setattr(psycopg.Connection, "connect", classmethod(note))
    live = database.info.host
    app = make_app(several(database, silent, live), HALL_DATABASE_CONNECT_SECONDS="2")
    with app.app_context():
        for _ in range(2):
            with db.engine.connect() as connection:
                assert connection.scalar(text("SELECT 1")) == 1
            db.engine.dispose()
    assert tried == [f"{silent},{live}", f"{live},{silent}"]


def test_server_that_takes_no_writes_is_passed_by(database: psycopg.Connection, folder: str, make_app: MakeApp) -> None:
    database.execute(f"ALTER DATABASE {database.info.dbname} SET default_transaction_read_only = on")  # type: ignore[arg-type]
    app = make_app(several(database, database.info.host, folder))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable", "reason": "database"})
