"""A real server for browsers and for measuring: gunicorn on a free port, on a migrated database of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from uuid import uuid4

import flask_migrate
import psycopg
from flask import Flask
from sqlalchemy import make_url

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
    command = [sys.executable, "-m", "gunicorn", "-c", "python:hallapp.server", application]
    given = {"HALL_DATABASE_URL": database_url, "HALL_SECRET_KEY": SECRET, "HALL_INSTANCE": str(folder)}
    log_path = folder / f"{port}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **given, **environ, "PORT": str(port)}, stdout=log, stderr=log
        )
        try:
            _wait(process, url, log_path)
            yield Live(url, app)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
            _let_go(app)


def migrated(database_url: str, folder: Path, **environ: str) -> Flask:
    """The application in this process, on a database that it has migrated."""
    app = create_app(settings_for(database_url, folder, **environ))
    with app.app_context():
        flask_migrate.upgrade()
    return app


@contextmanager
def postgresql_database(server_url: str) -> Iterator[str]:
    """A new database on a server, dropped at the end; gives its address."""
    name = f"live_{uuid4().hex}"
    address = make_url(server_url).set(drivername="postgresql")
    administer = address.render_as_string(hide_password=False)
    with psycopg.connect(administer, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
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
