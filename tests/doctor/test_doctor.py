"""`hall doctor` on a service that is well, and on each kind of trouble, with real servers to speak with."""

import json
import os
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update

from hallapp.core import clock, database, servicekey
from hallapp.core.database import db, transaction
from hallapp.doctor import host
from hallapp.notifications import service as outbox
from hallapp.notifications.models import MessageState, OutboxMessage
from hallapp.tasks import service as tasks
from hallapp.worker import performing
from tests import factories
from tests.conftest import SECRET
from tests.core.conftest import MakeApp, make_app
from tests.live import free_port, serve
from tests.notifications import mail_process as mail_process_module
from tests.notifications.mail_process import mail_process
from tests.notifications.mail_server import mail_server
from tests.notifications.providers import provider
from tests.notifications.sms_gateway import sms_gateway

__all__ = ["make_app"]


class Examined:
    """What a run said."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            result = app.test_cli_runner().invoke(args=["hall", "doctor", "--json"])
        assert "Traceback" not in result.stderr
        self.exit_code = result.exit_code
        self.checks: list[dict[str, Any]] = json.loads(result.stdout)["checks"]
        for check in self.checks:
            assert (check["do"] == "") is (check["level"] == "ok"), "what is not well says what to do"

    def of(self, name: str) -> list[tuple[str, str]]:
        return [(check["level"], check["found"]) for check in self.checks if check["name"] == name]

    def one(self, name: str) -> tuple[str, str]:
        (found,) = self.of(name)
        return found

    @property
    def wrong(self) -> set[str]:
        return {check["name"] for check in self.checks if check["level"] == "wrong"}


@pytest.fixture
def well(app: Flask) -> Flask:
    """A hall, a worker that lives, and the key of the service on record."""
    with transaction():
        factories.hall()
        servicekey.record()
        tasks.show_life("host:1:ab", mail_at=clock.now())
    return app


@pytest.mark.either_database
def test_service_that_is_well(well: Flask, make_app: MakeApp, tmp_path: Path) -> None:
    with mail_process(tmp_path) as mail, sms_gateway() as gateway, serve(_url(well), tmp_path) as live:
        here = make_app(_url(well), HALL_MAIL_URL=mail.url, HALL_SMS_URL=gateway.url, HALL_BASE_URL=live.url)
        found = Examined(here)
        assert gateway.asked == [] and mail.taken == [], "nothing was sent"
    assert (found.exit_code, found.wrong) == (0, set())
    names = {"database", "secret key", "clock", "worker", "tasks", "outbox", "mail", "text messages", "public address"}
    names |= {"settings", "versions", "data folder", "temporary folder", "permissions"}
    assert {check["name"] for check in found.checks if check["level"] == "ok"} >= names
    assert "it takes mail from no-reply@" in found.one("mail")[1]
    assert found.one("secret key")[1].startswith(servicekey.get_fingerprint(SECRET)[:12])
    assert SECRET not in json.dumps(found.checks)


def test_lines_for_people(well: Flask) -> None:
    with transaction():
        db.session.execute(text("UPDATE worker_process SET stopped_at = heartbeat_at"))
    result = well.test_cli_runner().invoke(args=["hall", "doctor"])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.startswith("wrong    worker"))
    assert lines[at + 1].strip().startswith("Start it: flask --app wsgi worker")
    assert lines[-1].endswith("1 wrong")


@pytest.mark.either_database
def test_rows_that_say_what_went_wrong(well: Flask) -> None:
    with transaction():
        hall = factories.hall(slug="harbour")
        late = outbox.enqueue(hall_id=hall.id, kind="test", recipient="he@example.org", subject="x", body="y")
        bad = outbox.enqueue(hall_id=hall.id, kind="test", recipient="he@example.org", subject="x", body="y")
        hour_ago = clock.now() - timedelta(hours=1)
        db.session.execute(update(OutboxMessage).filter_by(id=late.id).values(due_at=hour_ago))
        db.session.execute(update(OutboxMessage).filter_by(id=bad.id).values(state=MessageState.GIVEN_UP))
        tasks.show_life("host:1:ab", mail_error="ConnectionRefusedError")
    with pytest.raises(ZeroDivisionError):
        performing.run_now(hall, "thanks", lambda _hall: 1 // 0)
    found = Examined(well)
    assert ("wrong", "it cannot send: ConnectionRefusedError") in found.of("worker")
    assert found.one("tasks") == ("warning", "thanks of harbour: ZeroDivisionError")
    assert found.of("outbox") == [
        ("warning", "1 message waits for more than 15 minutes"),
        ("warning", "1 message was given up"),
    ]
    assert "example.org" not in json.dumps([check for check in found.checks if check["name"] == "outbox"])


def test_database_that_is_not_migrated_or_not_there(well: Flask, make_app: MakeApp, tmp_path: Path) -> None:
    (name,) = db.session.execute(text("SELECT version_num FROM alembic_version")).scalars()
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        found = Examined(well)
    finally:
        with transaction():
            db.session.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": name})
    assert found.one("database")[1].endswith("not migrated")
    assert found.of("worker") == [], "what needs the tables is left out"

    nowhere = Examined(make_app(f"postgresql://u:pa55@127.0.0.1:{free_port()}/hall", HALL_DATABASE_CONNECT_SECONDS="2"))
    assert nowhere.one("database") == ("wrong", "PostgreSQL at 127.0.0.1: database")
    assert nowhere.exit_code == 1 and "pa55" not in json.dumps(nowhere.checks)
    assert nowhere.of("mail") and nowhere.of("data folder"), "the rest is looked at all the same"

    empty = Examined(make_app(f"sqlite:///{tmp_path / 'empty.sqlite3'}"))
    assert empty.one("database")[1].endswith("not migrated")


def test_key_of_another_service_and_a_weak_old_one(well: Flask, make_app: MakeApp) -> None:
    stranger = Examined(make_app(_url(well), HALL_SECRET_KEY="Rk2v-9sLq_XwT4bZ-another"))
    assert stranger.one("secret key")[0] == "wrong"
    rotated = Examined(make_app(_url(well), HALL_SECRET_KEY=f"{SECRET},0123456789abcdef"))
    assert [level for level, _found in rotated.of("secret key")] == ["ok", "warning"]
    assert "0123456789abcdef" not in json.dumps(rotated.checks)


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, "ok"), (-10, "warning"), (10, "warning"), (-400, "wrong"), (400, "wrong")]
)
def test_clock(well: Flask, monkeypatch: pytest.MonkeyPatch, seconds: int, level: str) -> None:
    monkeypatch.setattr(database, "now", lambda: clock.now() + timedelta(seconds=seconds))
    assert Examined(well).one("clock")[0] == level


# --- conversations ---


def mail_of(well: Flask, make_app: MakeApp, url: str) -> tuple[str, str]:
    return Examined(make_app(_url(well), HALL_MAIL_URL=url)).one("mail")


def test_mail_server_is_spoken_with(well: Flask, make_app: MakeApp, tmp_path: Path) -> None:
    with mail_server() as server:
        level, found = mail_of(well, make_app, f"smtp://127.0.0.1:{server.port}?from=hall@example.org")
        assert (level, found) == ("ok", f"127.0.0.1:{server.port}, not encrypted: it takes mail from hall@example.org")
        level, found = mail_of(well, make_app, f"smtp://127.0.0.1:{server.port}?from=unknown@example.org")
        assert (level, "550 5.1.1" in found) == ("warning", True)
        level, _found = mail_of(well, make_app, f"smtp://127.0.0.1:{server.port}?from=hang-up@example.org")
        assert level == "wrong"
        assert server.taken == []
    assert mail_of(well, make_app, f"smtp://127.0.0.1:{free_port()}")[0] == "wrong"
    assert mail_of(well, make_app, f"file://{tmp_path}/mails")[0] == "ok"
    (tmp_path / "file").touch()
    assert mail_of(well, make_app, f"file://{tmp_path}/file/mails")[0] == "wrong"
    assert Examined(well).one("mail")[0] == "warning"


def test_mail_server_with_encryption_and_a_password(well: Flask, make_app: MakeApp) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(Path(mail_process_module.__file__).with_name("localhost.pem"))
    with mail_server(tls=tls, password=True) as server:
        level, found = mail_of(well, make_app, f"smtp://hall:p%40ss%3Aword@localhost:{server.port}")
        assert (level, "encrypted, signed in as hall" in found) == ("ok", True), found
        level, found = mail_of(well, make_app, f"smtp://hall:wrong@localhost:{server.port}")
        assert (level, "535" in found) == ("wrong", True)


@pytest.mark.parametrize(
    ("status", "level"),
    [(200, "ok"), (405, "ok"), (503, "warning"), (404, "warning"), (401, "wrong")],
)
def test_gateway_is_asked(well: Flask, make_app: MakeApp, status: int, level: str) -> None:
    answer = f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode()
    with answering(answer) as (port, asked):
        found = Examined(make_app(_url(well), HALL_SMS_URL=f"http://u:pa55@127.0.0.1:{port}/send")).one("text messages")
    assert found[0] == level and str(status) in found[1] and "pa55" not in found[1]
    assert asked[0].startswith(b"HEAD /send HTTP/1.1"), "nothing is sent"


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_the_key_of_a_provider_is_tried(well: Flask, make_app: MakeApp, name: str) -> None:
    def ask(url: str) -> tuple[str, str]:
        found = Examined(make_app(_url(well), HALL_SMS_URL=url)).one("text messages")
        return found[0], str(found)

    with provider(name) as server:
        right, wrong = ask(server.url()), ask(server.url("pa55"))
        assert not any(action == "SendSms" for action, _parameters in server.asked), "nothing is sent"
        away = server.url()
    assert (right[0], wrong[0], ask(away)[0]) == ("ok", "wrong", "wrong")
    assert "pa55" not in wrong[1] and "Signature" in wrong[1]


def test_gateway_that_is_away_or_speaks_no_http(well: Flask, make_app: MakeApp) -> None:
    def ask(port: int) -> str:
        return Examined(make_app(_url(well), HALL_SMS_URL=f"http://127.0.0.1:{port}")).one("text messages")[0]

    assert ask(free_port()) == "wrong"
    with answering(b"220 mail.example.org ESMTP\r\n") as (port, _asked):
        assert ask(port) == "wrong"


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that gives one connection this answer."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def work() -> None:
            connection, _address = server.accept()
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(answer)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield server.getsockname()[1], asked
        thread.join(20)


@pytest.mark.parametrize(
    ("address", "proxies", "expected"),
    [
        ("https://visit.example.invalid", "1", {"address": "ok"}),
        ("https://visit.example.invalid", "0", {"proxies": "warning"}),
        ("http://visit.example.invalid", "1", {"address": "warning"}),
        ("http://127.0.0.1:1", "0", {"address": "warning"}),
        ("http://localhost:1", "2", {"address": "warning", "proxies": "warning"}),
    ],
)
def test_address_and_proxies(
    well: Flask, make_app: MakeApp, address: str, proxies: str, expected: dict[str, str]
) -> None:
    found = Examined(make_app(_url(well), HALL_BASE_URL=address, HALL_PROXIES=proxies))
    judged = {name: level for name in ("address", "proxies") for level, _found in found.of(name)}
    judged = {name: level for name, level in judged.items() if level != "ok" or name in expected}
    assert {name: judged.get(name) for name in expected} == expected
    assert found.one("public address")[0] == "warning", "nobody answers there"


def test_public_address_that_is_another_server(well: Flask, make_app: MakeApp) -> None:
    with sms_gateway() as other:
        found = Examined(make_app(_url(well), HALL_BASE_URL=f"http://127.0.0.1:{other.server_port}"))
    level, words = found.one("public address")
    assert (level, words.endswith("/healthz answers 501")) == ("wrong", True)


# --- the machine ---


def test_settings_that_do_nothing(well: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALL_MAILURL", "smtp://u:pa55@h")
    monkeypatch.setenv("HALL_JOBS", "2")
    monkeypatch.setenv("HALL_PROXIES", "1")
    found = Examined(well)
    assert found.of("settings") == [
        ("ok", "set: HALL_PROXIES"),
        ("warning", "HALL_JOBS is not used any more"),
        ("warning", "HALL_MAILURL is unknown and does nothing"),
    ]
    assert "pa55" not in json.dumps(found.checks)


def test_files_that_others_can_read(well: Flask, make_app: MakeApp, tmp_path: Path) -> None:
    here = make_app(_url(well))
    tmp_path.chmod(0o755)
    (tmp_path / "secret_key").write_text("x")
    (tmp_path / "secret_key").chmod(0o644)
    found = {text for level, text in Examined(here).of("permissions") if level == "warning"}
    assert {f"other users of this machine can read {path}" for path in (tmp_path, tmp_path / "secret_key")} <= found
    tmp_path.chmod(0o700)
    (tmp_path / "secret_key").chmod(0o600)
    assert Examined(here).one("permissions")[0] == "ok"
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


@pytest.mark.parametrize(("free", "level"), [(50, "ok"), (1, "warning"), (0.05, "wrong")])
def test_room_on_the_disk(well: Flask, monkeypatch: pytest.MonkeyPatch, free: float, level: str) -> None:
    usage = os.statvfs("/")  # the figures are made up: no test fills the machine's disk
    assert usage.f_bavail > 0
    gigabytes = 1024**3
    monkeypatch.setattr(host.shutil, "disk_usage", lambda _folder: _Usage(100 * gigabytes, int(free * gigabytes)))
    assert Examined(well).one("data folder")[0] == level


class _Usage:
    def __init__(self, total: int, free: int) -> None:
        self.total, self.free = total, free


def test_packages_that_differ_from_the_pins(tmp_path: Path) -> None:
    installed = metadata.version("flask")
    pins = tmp_path / "requirements.txt"
    pins.write_text(
        f"flask=={installed} \\\n    --hash=sha256:00\n    # via x\npsycopg[binary]==0.1 \\\n"
        "no-such-package==1.0\nonly-elsewhere==1.0 ; sys_platform == 'win32'\n"
    )
    assert list(host._list_different(pins)) == [
        f"psycopg {metadata.version('psycopg')} instead of 0.1",
        "no-such-package is missing",
    ]


def _url(app: Flask) -> str:
    return str(app.config["SETTINGS"].database_url)
