"""Fixtures of all tests: two real databases, the application on each, and a clean set of tables for every test.

**Which database a test runs on.** Every test that uses the fixture `app` or `database_url` exists twice, once for
SQLite and once for PostgreSQL. Running all of them twice would double the time of the suite and find little, so there
are four rules:

- *One of the two (the default).* The test's name chooses the database, always the same one: one test of 64 runs on
  PostgreSQL, and the others on SQLite, which costs half as much. This is right for pages, forms, commands,
  permissions, wording, files and letters.
- *Either: `pytest.mark.either_database`.* The name chooses too, but every fourth test runs on PostgreSQL. This is right
  wherever the two databases can differ and a room has several tests of it: upserts, constraints, searches,
  aggregations and the figures of reports, JSON and date columns, retention, and what a service writes. So each room
  meets both.
- *Both: `pytest.mark.both_databases`*, on a test or as the `pytestmark` of a file. This is right for what one database
  cannot show for the other: races and locks, migrations, clocks, and properties of capacity and of the ledger.
- *One that the test names: `pytest.mark.on_database("sqlite")`.* This is for slow tests that one database makes much
  cheaper, and for tests of something that only one database has.

At night (`--database=both`, `make test-nightly`) every test runs on both, and with `--database=sqlite` on SQLite.
What names PostgreSQL is about transactions that run side by side, which SQLite does not have: it never runs there.
"""

import gc
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import cycle
from pathlib import Path
from random import Random
from typing import TypeVar
from zlib import crc32

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from hallapp.accounts import passwords
from hallapp.booking import proofs
from hallapp.core import clock, database, limits
from hallapp.core.database import db
from hallapp.core.web import public_pages
from hallapp.settings import Settings
from tests import compiled, emptying, factories, memory_files
from tests.client import CheckingClient
from tests.emptying import empty_tables

pytest_plugins = ["tests.office"]


V = TypeVar("V")

SECRET = "for-tests-only-Vb7xQ2mRw9LkTz4d"
DATABASES = ("sqlite", "postgresql")
_DATABASE_MARKS = {"either_database", "both_databases", "on_database"}

#: How long SQLite's commits wait for the disk in service. Those of tests do not wait: no test outlives a power failure.
WAITS_IN_SERVICE = {name: getattr(database, name) for name in ("_DURABLE", "_PASSING")}
for _name in WAITS_IN_SERVICE:
    setattr(database, _name, "OFF")

#: What a browser computes before it books: in service half a second of a phone, at which each booking page of a journey
#: would be busy. `tests/browser/test_proof.py` lets one compute as much as in service.
NUMBERS_IN_SERVICE = proofs.NUMBERS
proofs.NUMBERS = 100

compiled.keep_templates()
compiled.keep_builders()
compiled.keep_pictures()

#: How many times as many examples each profile of Hypothesis tries.
PROFILES = {"ci": 1, "nightly": 40}
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")

for _name, _times in PROFILES.items():
    # No deadline: on a busy machine it fails tests that are right.
    hypothesis.settings.register_profile(_name, max_examples=30 * _times, deadline=None)
hypothesis.settings.load_profile(PROFILE)


def examples(count: int) -> int:
    """Return how many examples a slow property tries: `count` in CI, more at night."""
    return count * PROFILES[PROFILE]


def tried(values: Sequence[V], count: int) -> Sequence[V]:
    """Return what a slow journey is tried with: the first `count` of these values in CI, all of them at night."""
    return values if PROFILE == "nightly" else values[:count]


def in_turn(names: Iterable[str], values: Sequence[V]) -> list[tuple[str, V]]:
    """Return the names with these values: each name with one of them in turn in CI, each with all of them at night."""
    if PROFILE == "nightly":
        return [(name, value) for name in names for value in values]
    return list(zip(names, cycle(values)))


def thinned(values: Sequence[V]) -> Sequence[V]:
    """Return what a form is tried with that costs a page for each value: every third in CI, all at night."""
    return values if PROFILE == "nightly" else values[::3]


def pairs(values: Sequence[V], names: Iterable[str]) -> Iterator[tuple[V, str]]:
    """Yield values with the names of the fields that they are tried in: a sixth of all pairs in CI, all at night.

    Each field meets every sixth value, and begins with another one than its neighbours, so every value is tried in CI
    and every field is.
    """
    for name in names:
        first = crc32(name.encode()) % 6
        yield from ((value, name) for value in (values if PROFILE == "nightly" else values[first::6]))


def pytest_configure(config: pytest.Config) -> None:
    """Make temporary files in memory, those of the workers too, which get the environment of this process."""
    if not hasattr(config, "workerinput"):
        memory_files.use()


def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Compile all modules before there are workers: in a fresh clone each of them would compile the same ones."""
    from tests import precompile

    if not sys.dont_write_bytecode:
        precompile.compile_modules(config)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--database`, which overrules what the tests' marks say."""
    parser.addoption("--database", choices=(*DATABASES, "both"), help="run every test on this database, or on both")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Deselect what runs at night only, and each test on the databases that it does not have to run on.

    Slow tests move to the front.
    """
    asked = config.getoption("--database")
    if PROFILE != "nightly" and "CHAOS_ROUNDS" not in os.environ:
        items[:] = [item for item in items if item.get_closest_marker("nightly") is None]
    items[:] = [item for item in items if (own := database_of(item)) is None or own in databases_for(item, asked)]
    yield  # pytest orders them by their fixtures
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Exempt modules and collected tests from garbage collection, which would go through them again and again.

    It was off until now (`tests/__init__.py`).
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)
    gc.enable()


def pytest_runtest_logfinish() -> None:
    """Collect the garbage of the tests that ran, and exempt what they have left for further ones, such as caches.

    Most garbage of a request is in no cycle, so collecting seldom, and never the same objects twice, saves a tenth of
    the whole run's CPU time.
    """
    if gc.get_count()[1]:
        _exempt_from_collection()


def _exempt_from_collection() -> None:
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are processors: journeys in a browser wait for half of their time."""
    return (os.cpu_count() or 1) + 1


def database_of(item: pytest.Item) -> str | None:
    """Return the database that a test runs on; none for a test that needs no database."""
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return next((value for value in parameters if isinstance(value, str) and value in DATABASES), None)


def databases_for(item: pytest.Item, asked: str | None = None) -> Collection[str]:
    """Return the databases on which this test has to run; see the rules at the top."""
    nearest = next((mark for mark in item.iter_markers() if mark.name in _DATABASE_MARKS), None)
    named = nearest.args or DATABASES if nearest and nearest.name != "either_database" else None
    if asked is not None:
        wanted = DATABASES if asked == "both" else (asked,)
        return tuple(database for database in wanted if named != ("postgresql",) or database in named)
    if named is not None:
        return named
    name = item.nodeid.replace(database_of(item) or "", "")
    return ("postgresql" if Random(name).random() < (1 / 4 if nearest else 1 / 64) else "sqlite",)


@pytest.fixture(scope="session")
def postgresql_server(testrun_uid: str) -> Iterator[str]:
    """A real PostgreSQL server, the same one for all workers; gives the address of its `postgres` database."""
    from tests import postgresql

    with postgresql.serve(testrun_uid) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SQLite database lies: one for all tests, though `database_url` is made anew for every file of them."""
    return tmp_path_factory.mktemp("sqlite") / "test.sqlite3"


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The address of the PostgreSQL database of all tests; see `sqlite_file`."""
    from tests.live import postgresql_database

    with postgresql_database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session", params=DATABASES)
def database_url(request: pytest.FixtureRequest, sqlite_file: Path) -> str:
    """The address of a database without rows, once for SQLite and once for PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{sqlite_file}"
    return str(request.getfixturevalue("postgresql_url"))


def settings_for(database_url: str, instance: Path, **changes: str) -> Settings:
    """Settings as a deployment would give them, by its environment."""
    environ = {
        "HALL_DATABASE_URL": database_url,
        "HALL_SECRET_KEY": SECRET,
        "HALL_BASE_URL": "http://127.0.0.1:8000",
        "HALL_INSTANCE": str(instance),
        **changes,
    }
    return Settings.from_environ(environ)


@pytest.fixture(scope="session")
def migrated_apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Flask]]:
    """The application on each database, migrated when it is first asked for and kept until all tests are over."""
    from tests.live import migrated

    apps: dict[str, Flask] = {}

    def get(url: str) -> Flask:
        if url not in apps:
            app = migrated(url, tmp_path_factory.mktemp("instance"))
            app.config[public_pages.SECONDS] = 0  # a page shows what a test has just done
            app.test_client_class = CheckingClient
            app.config.update(TESTING=False, WTF_CSRF_ENABLED=True)
            apps[url] = app
        return apps[url]

    yield get
    for app in apps.values():
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    emptying.close()


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
        for counted in (limits._here, limits._leases):  # of rows whose ids the next test has again
            counted.clear()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript that reads Chinese; every page that it fetches is checked."""
    return app.test_client()


@pytest.fixture(autouse=True)
def _no_hall_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HALL_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database's clock be this process's one, which tests may move."""
    monkeypatch.setattr(database, "now", clock.now)


@pytest.fixture(autouse=True)
def _cheap_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make digests of passwords cost next to nothing; a real server in a process of its own is not affected."""
    monkeypatch.setattr(passwords, "_hasher", factories.CHEAP)
    monkeypatch.setattr(passwords, "NOBODY", _digest_of_nobody())


@cache
def _digest_of_nobody() -> str:
    return factories.CHEAP.hash("nobody has this password")
