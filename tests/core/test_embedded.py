"""The files of the embedded database: for their owner alone, and without a trace of what was erased."""

import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from hallapp import create_app
from hallapp.core import database, embedded
from hallapp.core.database import db, transaction
from hallapp.notifications import service as notifications
from hallapp.schedule.models import Hall
from hallapp.tasks import queries
from hallapp.tasks.models import Outcome
from hallapp.worker import performing
from tests import factories, warm
from tests.conftest import SECRET, settings_for
from tests.live import _let_go, free_port, migrated, serving

VISIT = date(2026, 3, 10)
ERASED_FROM = datetime(2026, 9, 11, 4, tzinfo=UTC)
BOOKINGS = 60


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Flask]:
    """The application on a file of its own, with a context in force."""
    app = migrated(f"sqlite:///{tmp_path / 'hall.sqlite3'}", tmp_path)
    with app.app_context():
        yield app
    _let_go(app)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


def held(folder: Path, *traces: str) -> list[tuple[str, str]]:
    """Which of these texts is in which file of the database."""
    files = embedded.list_files(folder / "hall.sqlite3")
    return [(file.name, trace) for file in files for trace in traces if trace.encode() in file.read_bytes()]


def fill() -> tuple[Hall, list[str]]:
    """Bookings of a day long past, each with its mail, with names and phones that nothing else holds."""
    traces = []
    with transaction():
        hall = factories.hall(retention_months=6)
        programme = factories.programme(hall=hall)
        slot = factories.slot(programme=programme, day=VISIT, visitor_capacity=9999, guide_capacity=999)
        for number in range(BOOKINGS):
            phone, name, email = f"+8613912{number:06}", f"沈{chr(0x4E00 + number)}堃", f"trace{number}@example.org"
            factories.booking(slot=slot, phone=phone, contact_name=name, email=email, note=f"{name}的轮椅")
            with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
                notifications.enqueue(
                    hall_id=hall.id, kind="test", recipient=email, subject=name, body=f"{phone} " * (number * 9)
                )
            traces += [phone, name, email]
    return hall, traces


def test_nothing_of_erased_contacts_is_in_the_file_or_its_log(own: Flask, tmp_path: Path) -> None:
    hall, traces = fill()
    assert {trace for _file, trace in held(tmp_path, *traces)} == set(traces), "what is looked for is found"

    with time_machine.travel(ERASED_FROM, tick=False):
        assert performing.run_now(hall, "erasure").count == BOOKINGS

    assert held(tmp_path, *traces) == []
    assert db.session.execute(text("PRAGMA secure_delete")).scalar_one() == 1
    assert db.session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


@pytest.fixture
def reader(own: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Somebody who reads the database all the time, as erasing does not wait for long."""
    monkeypatch.setattr(database, "_PRAGMAS", [*database._PRAGMAS[:-1], "busy_timeout=50"])
    db.session.remove()
    db.engine.dispose()
    with closing(sqlite3.connect(tmp_path / "hall.sqlite3", isolation_level=None)) as connection:
        yield connection


def begin_to_read(reader: sqlite3.Connection) -> None:
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM booking").fetchone()


def test_log_that_is_read_meanwhile_is_emptied_by_the_next_try(tmp_path: Path, reader: sqlite3.Connection) -> None:
    hall, traces = fill()
    with time_machine.travel(ERASED_FROM, tick=False):
        begin_to_read(reader)
        with pytest.raises(embedded.TracesLeft):
            performing.run_now(hall, "erasure")
        run = queries.list_runs([hall.id])[hall.id, "erasure"]
        assert (run.outcome, run.error, run.tries) == (Outcome.FAILED, "traces_left", 1)
        log = (tmp_path / "hall.sqlite3-wal").stat().st_size
        with pytest.raises(embedded.TracesLeft):
            performing.run_now(hall, "erasure")
        assert (tmp_path / "hall.sqlite3-wal").stat().st_size < log + 200_000, "the file is not written anew each time"

        reader.execute("ROLLBACK")
        assert performing.run_now(hall, "erasure").count == 0, "the rows were erased by the first try"
    assert held(tmp_path, *traces) == []


def test_litestream_empties_the_log_itself(tmp_path: Path, reader: sqlite3.Connection) -> None:
    hall, _traces = fill()
    (tmp_path / ".hall.sqlite3-litestream").mkdir()
    begin_to_read(reader)
    with time_machine.travel(ERASED_FROM, tick=False):
        assert performing.run_now(hall, "erasure").count == BOOKINGS


def test_file_is_not_written_anew_where_nothing_was_erased(own: Flask, tmp_path: Path) -> None:
    hall = factories.make(factories.hall)
    performing.run_now(hall, "erasure")
    pages = tmp_path / "hall.sqlite3"
    before = pages.stat().st_mtime_ns
    performing.run_now(hall, "erasure")
    assert pages.stat().st_mtime_ns == before


def test_files_of_an_older_version_are_closed_to_others_at_the_start(tmp_path: Path) -> None:
    names = [f"hall.sqlite3{end}" for end in ("", "-wal", "-shm", ".lock")]
    for name in names:
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    _let_go(create_app(settings_for(f"sqlite:///{tmp_path / 'hall.sqlite3'}", tmp_path)))
    assert {name: modes(tmp_path)[name] for name in names} == dict.fromkeys(names, 0o600)


@pytest.mark.slow
def test_commands_and_the_server_write_for_their_own_user_alone(tmp_path: Path) -> None:
    instance = tmp_path / "new"
    given = {"HALL_INSTANCE": str(instance), "HALL_SECRET_KEY": SECRET, "PORT": str(free_port())}
    environ = {**os.environ, **given}
    setup = [sys.executable, "-m", "flask", "--app", "wsgi", "hall", "setup", "--name-en", "Lingnan"]
    old = os.umask(0o000)  # the most careless one that a system may have
    try:
        done = warm.run(setup, env=environ)
        assert done.returncode == 0, done.stdout
        with serving(environ, instance, warm=True):
            found = modes(instance)
    finally:
        os.umask(old)
    assert {"hallapp.sqlite3", "hallapp.sqlite3-wal", "hallapp.sqlite3.lock", "static"} <= set(found)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077 and not name.endswith(".log")} == {}
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
