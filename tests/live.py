"""A real server for browsers and for measuring: gunicorn on a free port, on a migrated database of its own."""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO
from urllib.error import URLError
from uuid import uuid4

import flask_migrate
import psycopg
from flask import Flask
from sqlalchemy import inspect, make_url

from hallapp import create_app
from hallapp.core.database import db
from hallapp.core.web import static_files
from hallapp.settings import ROOT
from tests import warm as forked
from tests.conftest import SECRET, settings_for
from tests.warm import Program

START_SECONDS = 60
STOP_SECONDS = 40
COMMAND_SECONDS = 240
TEMPLATES = ROOT / ".pytest_cache" / "templates"


@dataclass(frozen=True, slots=True)
class Live:
    """A running server; `app` is the same application in this process, to prepare rows and to look at them."""

    url: str
    app: Flask


@contextmanager
def serve(
    database_url: str,
    folder: Path,
    *,
    application: str = "wsgi:app",
    port: int | None = None,
    warm: bool = True,
    **environ: str,
) -> Iterator[Live]:
    """Migrate the database and serve it until the end; the server's log is `PORT.log` in the folder.

    With a `port` it is served there: a server that was stopped can be started again for the pages that are open.
    See `serving` for `warm`; processes of a warm server do not count together.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {"HALL_BASE_URL": url, "HALL_RATE_LIMITS": "off", **environ}
    app = migrated(database_url, folder, **environ)
    share_packed_files(app, folder)
    given = {"HALL_DATABASE_URL": database_url, "HALL_SECRET_KEY": SECRET, "HALL_INSTANCE": str(folder)}
    try:
        with serving({**os.environ, **given, **environ, "PORT": str(port)}, folder, application=application, warm=warm):
            yield Live(url, app)
    finally:
        _let_go(app)


@contextmanager
def serving(
    environ: Mapping[str, str], folder: Path, *options: str, application: str = "wsgi:app", warm: bool = False
) -> Iterator[subprocess.Popen[bytes] | Program]:
    """Serve with this environment, which names the port and a database that is migrated, until the end.

    A `warm` server is forked from a process that has imported the application; others start as in service.
    """
    command = ["-m", "gunicorn", "-c", "python:hallapp.server", *options, application]
    log_path = folder / f"{environ['PORT']}.log"
    with log_path.open("wb") as log:
        process = start(command, environ, log, warm=warm)
        try:
            _wait(process, f"http://127.0.0.1:{environ['PORT']}", log_path)
            yield process
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def start(
    command: list[str], environ: Mapping[str, str], log: IO[bytes], *, warm: bool
) -> subprocess.Popen[bytes] | Program:
    """Start Python with these arguments, see `serving`."""
    if warm:
        return forked.start(command, env=environ, output=log)
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environ, stdout=log, stderr=log)


def run_command(app: Flask, *arguments: str) -> None:
    """Run a `flask` command in a process of its own, with the settings of an application."""
    settings = app.config["SETTINGS"]
    given = {
        "HALL_DATABASE_URL": settings.database_url,
        "HALL_SECRET_KEY": SECRET,
        "HALL_INSTANCE": str(settings.instance),
        "HALL_BASE_URL": settings.base_url,
    }
    done = forked.run([sys.executable, "-m", "flask", "--app", "wsgi", *arguments], env={**os.environ, **given})
    assert done.returncode == 0, done.stdout


def migrated(database_url: str, folder: Path, **environ: str) -> Flask:
    """The application in this process, on a migrated database; a SQLite file that is not there yet is copied."""
    file = make_url(database_url).database
    if database_url.startswith("sqlite:") and file and not Path(file).exists():
        put_migrated(Path(file))
    app = create_app(settings_for(database_url, folder, **environ))
    with app.app_context():
        if not inspect(db.engine).has_table("alembic_version"):
            flask_migrate.upgrade()
    return app


def put_migrated(file: Path) -> None:
    """Put a SQLite database without rows there, for tests that try something else than a migration."""
    shutil.copyfile(_migrated_file(), file)


@cache
def _migrated_file() -> Path:
    """Return a SQLite file without rows, migrated once for these migrations and libraries, to be copied."""
    digest = hashlib.sha256()
    for path in (ROOT / "requirements.txt", *sorted((ROOT / "hallapp" / "migrations").rglob("*.py"))):
        digest.update(path.read_bytes())
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    file = TEMPLATES / f"{digest.hexdigest()}.sqlite3"
    with (TEMPLATES / "lock").open("w") as lock, tempfile.TemporaryDirectory() as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other workers of this run wait here
        if not file.exists():
            for old in TEMPLATES.glob("*.sqlite3"):
                old.unlink()
            made = Path(folder) / file.name
            _migrate(f"sqlite:///{made}", Path(folder))
            shutil.move(made, file)
    return file


def share_packed_files(app: Flask, folder: Path) -> None:
    """Give a server's data folder the static files as they were compressed once for this release."""
    version = app.extensions[static_files.EXTENSION].version
    packed = TEMPLATES / "static" / version
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    with (TEMPLATES / "lock").open("w") as lock, tempfile.TemporaryDirectory() as empty:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not packed.exists():
            static_files.pack(create_app(settings_for(f"sqlite:///{empty}/never-opened.sqlite3", TEMPLATES)))
    own = folder / "static" / version
    if packed.exists() and not own.exists():  # an application with other files compresses its own
        own.parent.mkdir(exist_ok=True)
        own.symlink_to(packed)


@cache
def _migrated_database(administer: str) -> str:
    """Return the name of a PostgreSQL database without rows, migrated once on this server."""
    address = make_url(administer).set(database="template_being_made")
    with psycopg.connect(administer, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")  # the other workers of this run wait here, until it is closed
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'template_hallapp'").fetchone():
            connection.execute("CREATE DATABASE template_being_made")
            with tempfile.TemporaryDirectory() as folder:
                _migrate(address.render_as_string(hide_password=False), Path(folder))
            connection.execute("ALTER DATABASE template_being_made RENAME TO template_hallapp")
    return "template_hallapp"


def _migrate(database_url: str, folder: Path) -> None:
    app = create_app(settings_for(database_url, folder))
    with app.app_context():
        flask_migrate.upgrade()
    _let_go(app)  # a database that somebody is connected to cannot be copied


@contextmanager
def postgresql_database(server_url: str, *, empty: bool = False) -> Iterator[str]:
    """A new database on a server, migrated unless it shall be empty, and dropped at the end; gives its address."""
    name = f"live_{uuid4().hex}"
    address = make_url(server_url).set(drivername="postgresql")
    administer = address.render_as_string(hide_password=False)
    template = "template1" if empty else _migrated_database(administer)
    with psycopg.connect(administer, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # type: ignore[arg-type]
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(administer, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: forked.Program, url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
