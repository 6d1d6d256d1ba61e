"""A real PgBouncer in transaction mode between hallapp and PostgreSQL: each transaction may get another connection."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from hallapp import create_app
from hallapp.core.database import db
from tests.bench import rows
from tests.cluster import service
from tests.cluster.load import Load
from tests.cluster.nodes import wait_until
from tests.cluster.proofs import count, prove, wait_for_mails
from tests.conftest import SECRET, settings_for
from tests.live import free_port, postgresql_database, serve
from tests.notifications.mail_process import mail_process
from tests.worker.test_hosts import at_once

SERVER_CONNECTIONS = 4  # fewer than the processes want, so that they take turns
LOAD_SECONDS = 12


@pytest.fixture
def direct(postgresql_server: str) -> Iterator[str]:
    """The address of an empty database without the pooler."""
    with postgresql_database(postgresql_server, empty=True) as address:
        yield address


@pytest.fixture
def pooled(direct: str, tmp_path: Path) -> Iterator[str]:
    """The address of the same database by the pooler."""
    program = shutil.which("pgbouncer")
    if program is None:
        pytest.skip("PGBOUNCER WAS NOT TRIED: it is not installed")
    url, port = make_url(direct), free_port()
    host = str(url.query["host"])
    config = Path(host).parent / f"pgbouncer-{port}.ini"
    config.write_text(
        f"[databases]\n{url.database} = host={host} dbname={url.database} user={url.username}\n"
        "[pgbouncer]\npool_mode = transaction\nauth_type = any\nunix_socket_dir =\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\ndefault_pool_size = {SERVER_CONNECTIONS}\n"
    )
    config.chmod(0o644)
    owner = Path(host).stat()
    as_owner = ("setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups", "--")
    with (tmp_path / "pgbouncer.log").open("wb") as log:
        process = subprocess.Popen([*as_owner, program, str(config)], stdout=log, stderr=log)
    address = f"postgresql://{url.username}@127.0.0.1:{port}/{url.database}"
    try:
        wait_until(lambda: _answers(address), "PgBouncer answers", seconds=20)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _answers(address: str) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(address):
        return True
    return False


def test_pooler_gives_each_transaction_another_connection(pooled: str) -> None:
    """Else the other tests would show nothing: what is prepared by one client is unknown, or known, to the next."""
    with psycopg.connect(pooled, autocommit=True, prepare_threshold=0) as first:
        first.execute("SELECT 1")
        with (
            pytest.raises(psycopg.errors.DuplicatePreparedStatement),
            psycopg.connect(pooled, autocommit=True, prepare_threshold=0) as second,
        ):
            second.execute("SELECT 1")


def test_timeout_of_statements_holds_for_the_transaction_alone(pooled: str, tmp_path: Path) -> None:
    app = create_app(settings_for(pooled, tmp_path, HALL_DATABASE_POOLER="transaction"))
    with app.app_context():
        for _ in range(10):  # more often than psycopg waits for before it prepares
            assert db.session.scalar(text("SHOW statement_timeout")) == "20s"
            db.session.rollback()
        db.session.remove()
        db.engine.dispose()
    with psycopg.connect(pooled, autocommit=True) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("0",)


def test_three_hosts_set_up_at_once_by_the_pooler(pooled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALL_DATABASE_POOLER", "transaction")
    setup = ("hall", "setup", "--publish", "--name-en", "Lingnan", "--opened-on", "2017-06-29")
    answers = at_once(pooled, tmp_path, "-m", "flask", "--app", "wsgi", *setup)
    assert [code for code, _text in answers] == [0, 0, 0], answers
    assert sum("Created the hall" in said for _code, said in answers) == 1


def test_pages_and_two_workers_by_the_pooler(pooled: str, direct: str, tmp_path: Path) -> None:
    with (
        mail_process(tmp_path) as mail,
        serve(
            pooled,
            tmp_path,
            HALL_DATABASE_POOLER="transaction",
            HALL_MAIL_URL=f"{mail.url}?from=hall@example.org",
        ) as live,
        live.app.app_context(),
    ):
        filled = rows.fill(ledger_rows=200, bookings=50, at_the_door=60)
        before = count()
        environ = {
            "HALL_DATABASE_URL": pooled,
            "HALL_DATABASE_POOLER": "transaction",
            "HALL_SECRET_KEY": SECRET,
            "HALL_INSTANCE": str(tmp_path),
            "HALL_MAIL_URL": f"{mail.url}?from=hall@example.org",
        }
        service.run_flask(environ, "bookings", "recount", "--repair")
        workers = [service.Part(service.WORKER, tmp_path / f"worker{n}.log", environ, service.ROOT) for n in (1, 2)]
        load = Load(live.url, filled)
        try:
            for worker in workers:
                worker.start()
            load.start()
            time.sleep(LOAD_SECONDS)
            load.stop()
            wait_for_mails(mail, load)
        finally:
            load.abort()
            for worker in workers:
                worker.stop()
        assert load.diary.errors == []
        print(prove(load, before))
        for command in ("reports", "bookings"):
            assert "0 differences" in service.run_flask(environ, command, "recount")
        logs = "".join(log.read_text() for log in tmp_path.glob("*.log"))
        assert "Traceback" not in logs and "cannot be used" not in logs, logs[-3000:]
