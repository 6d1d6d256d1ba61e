"""A real server for browsers and for measuring: gunicorn on a free port, on a migrated database of its own."""

import atexit
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
from urllib.error import URLError
from uuid import uuid4

import flask_migrate
import psycopg
from flask import Flask
from sqlalchemy import inspect, make_url

from hallapp import create_app
from hallapp.core.database import db
from hallapp.settings import ROOT
from tests.conftest import SECRET, settings_for

START_SECONDS = 60
STOP_SECONDS = 40


@dataclass(frozen=True, slots=True)
class Live:
    """A running server; `app` is the same application in this process, to prepare rows and to look at them."""

    url: str
    app: Flask


@contextmanager
def serve(
    database_url: str, folder: Path, *, application: str = "wsgi:app", port: int | None = None, **environ: str
) -> Iterator[Live]:
    """Migrate the database and serve it until the end; the server's log is `PORT.log` in the folder.

    With a `port` it is served there: a server that was stopped can be started again for the pages that are open.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {"HALL_BASE_URL": url, "HALL_RATE_LIMITS": "off", **environ}
    app = migrated(database_url, folder, **environ)
    given = {"HALL_DATABASE_URL": database_url, "HALL_SECRET_KEY": SECRET, "HALL_INSTANCE": str(folder)}
    try:
        with serving({**os.environ, **given, **environ, "PORT": str(port)}, folder, application=application):
            yield Live(url, app)
    finally:
        _let_go(app)


@contextmanager
def serving(
    environ: Mapping[str, str], folder: Path, *options: str, application: str = "wsgi:app"
) -> Iterator[subprocess.Popen[bytes]]:
    """Serve with this environment, which names the port and a database that is migrated, until the end."""
    command = [sys.executable, "-m", "gunicorn", "-c", "python:hallapp.server", *options, application]
    log_path = folder / f"{environ['PORT']}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            _wait(process, f"http://127.0.0.1:{environ['PORT']}", log_path)
            yield process
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def run_command(app: Flask, *arguments: str) -> None:
    """Run a `flask` command in a process of its own, with the settings of an application."""
    settings = app.config["SETTINGS"]
    given = {
        "HALL_DATABASE_URL": settings.database_url,
        "HALL_SECRET_KEY": SECRET,
        "HALL_INSTANCE": str(settings.instance),
        "HALL_BASE_URL": settings.base_url,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **given}, check=True, capture_output=True)


def migrated(database_url: str, folder: Path, **environ: str) -> Flask:
    """The application in this process, on a migrated database; a SQLite file that is not there yet is copied."""
    file = make_url(database_url).database
    if database_url.startswith("sqlite:") and file and not Path(file).exists():
        shutil.copyfile(_migrated_file(), file)
    app = create_app(settings_for(database_url, folder, **environ))
    with app.app_context():
        if not inspect(db.engine).has_table("alembic_version"):
            flask_migrate.upgrade()
    return app


@cache
def _migrated_file() -> Path:
    """Return a SQLite file without rows, migrated once in this process, of which others are copies."""
    folder = Path(tempfile.mkdtemp(prefix="hallapp-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "template.sqlite3"
    _migrate(f"sqlite:///{file}", folder)
    return file


@cache
def _migrated_database(administer: str) -> str:
    """Return the name of a PostgreSQL database without rows, migrated once on this server."""
    address = make_url(administer).set(database="template_hallapp")
    with psycopg.connect(administer, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_hallapp")
    with tempfile.TemporaryDirectory() as folder:
        _migrate(address.render_as_string(hide_password=False), Path(folder))
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


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
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
