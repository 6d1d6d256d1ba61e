"""A backup holds one state of everything, moves between the databases, and is refused where it is not complete.

Two tests restore into a database without tables. The others restore into one that has this version's tables, which is
as `hall setup` leaves it, and takes a tenth of the time.
"""

import base64
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from threading import Thread
from types import SimpleNamespace
from typing import Any

import flask_migrate
import pyrage
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from hallapp import create_app
from hallapp.backups import checking, encryption, rows, service
from hallapp.booking import recount as counters
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.demo import service as demonstration
from hallapp.ledger import recount as ledger
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall
from tests import factories, warm
from tests.conftest import SECRET, settings_for
from tests.core.test_migrations import _rows, filled, fresh
from tests.live import _let_go, postgresql_database, put_migrated

__all__ = ["filled", "fresh"]


def run(app: Flask, *arguments: object) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def refused(app: Flask, *arguments: object) -> str:
    result = run(app, *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    return line


@pytest.fixture
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, of another kind than the one that the test runs on."""
    if db.engine.dialect.name == "postgresql":
        yield f"sqlite:///{tmp_path / 'other' / 'hall.sqlite3'}"
    else:
        with postgresql_database(request.getfixturevalue("postgresql_server"), empty=True) as url:
            yield url


@pytest.fixture
def other(other_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty database, with a folder of its own."""
    app = create_app(settings_for(other_url, tmp_path / "other"))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def empty_hall(folder: Path, name: str, **environ: str) -> Iterator[Flask]:
    """An application on a migrated SQLite file without rows, with a data folder of that name."""
    (folder / name).mkdir()
    put_migrated(folder / name / "hall.sqlite3")
    app = create_app(settings_for(f"sqlite:///{folder / name / 'hall.sqlite3'}", folder / name, **environ))
    yield app
    _let_go(app)


def book(**values: Any) -> Booking:
    """A booking at a hall of its own; needs a transaction."""
    return factories.booking(slot=factories.slot(programme=factories.programme(hall=factories.hall())), **values)


def members(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist() if name.startswith("tables/")}


@pytest.mark.on_database("sqlite")  # to PostgreSQL, where it is read again; the way back at night
def test_a_demonstration_moves_to_the_other_database_without_a_difference(
    app: Flask, other: Flask, tmp_path: Path
) -> None:
    with transaction():
        demonstration.fill()
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"

    assert run(app, "hall", "backup", first).exit_code == 0
    done = run(other, "hall", "restore", first)

    assert (done.exit_code, done.stderr) == (0, "")
    with other.app_context(), transaction():
        (hall,) = schedule.list_halls()
        assert counters.recount(hall.id) == []
        assert ledger.recount(hall.id) == []
    assert run(other, "hall", "backup", second).exit_code == 0
    assert members(second) == members(first)


@pytest.mark.on_database("sqlite")  # PostgreSQL, which has sequences, is what is restored
def test_restored_sequences_continue_after_the_last_row(app: Flask, postgresql_server: str, tmp_path: Path) -> None:
    factories.make(factories.hall, slug="first")
    run(app, "hall", "backup", tmp_path / "backup.zip")
    with postgresql_database(postgresql_server) as url:
        other = create_app(settings_for(url, tmp_path / "other"))
        run(other, "hall", "restore", tmp_path / "backup.zip")

        with other.app_context(), transaction():
            factories.hall(slug="second")

        with other.app_context():
            assert len(set(db.session.scalars(select(Hall.id)))) == 2
        _let_go(other)


@pytest.mark.both_databases
def test_rows_written_during_a_backup_are_left_out_of_all_tables(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.make(book)
    dump, written = rows.dump, []

    def write() -> None:
        with app.app_context(), transaction():
            book()

    def interrupted(connection: Any, table: Any) -> Iterator[bytes]:
        lines = list(dump(connection, table))
        if not written:
            written.append(Thread(target=write))
            written[0].start()
            written[0].join()
        return iter(lines)

    monkeypatch.setattr(rows, "dump", interrupted)
    during = service.back_up(tmp_path / "during.zip", secret_keys=(SECRET,))
    after = service.back_up(tmp_path / "after.zip", secret_keys=(SECRET,))

    assert written
    assert (during.rows["booking"], during.rows["origin"]) == (1, 1)
    assert (after.rows["booking"], after.rows["origin"]) == (2, 2)


@pytest.mark.on_database("sqlite")
def test_a_backup_of_an_older_version_is_migrated(filled: Flask, other: Flask, tmp_path: Path) -> None:
    before = _rows("staff", "id", "name")
    made = service.back_up(tmp_path / "old.zip", secret_keys=(SECRET,))

    with other.app_context():
        restored, keys = service.restore(tmp_path / "old.zip")

        assert (restored, keys) == (made, SECRET)
        assert _rows("staff", "id", "name") == before
        flask_migrate.check()


def test_a_full_database_keeps_what_it_has(app: Flask, tmp_path: Path) -> None:
    factories.make(book)
    run(app, "hall", "backup", tmp_path / "backup.zip")

    assert "is not empty" in refused(app, "hall", "restore", tmp_path / "backup.zip")
    assert db.session.scalar(select(func.count(Booking.id))) == 1


def _drop(archive: dict[str, bytes]) -> None:
    del archive["tables/booking.jsonl"]


def _change(archive: dict[str, bytes]) -> None:
    archive["tables/hall.jsonl"] = archive["tables/hall.jsonl"].replace("岭南".encode(), "岭北".encode())


def _shorten(archive: dict[str, bytes]) -> None:
    archive["tables/slot.jsonl"] = archive["tables/slot.jsonl"].splitlines(keepends=True)[0]


def _garble(archive: dict[str, bytes]) -> None:
    archive["tables/slot.jsonl"] += b"{half"


def _unname(archive: dict[str, bytes]) -> None:
    del archive["manifest.json"]


def _from_the_future(archive: dict[str, bytes]) -> None:
    manifest = json.loads(archive["manifest.json"])
    archive["manifest.json"] = json.dumps({**manifest, "revision": "9999"}).encode()


SPOILT = (
    (_drop, "one of its parts is missing"),
    (_change, "are not those that were written"),
    (_garble, "cannot be read"),
    (_unname, "manifest"),
    (_from_the_future, "newer version"),
    (_shorten, "are not those that were written"),
)


def test_a_spoilt_backup_changes_nothing(app: Flask, tmp_path: Path) -> None:
    factories.make(book)
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    run(app, "hall", "backup", good)
    with empty_hall(tmp_path, "target") as target:
        for spoil, words in SPOILT:
            with zipfile.ZipFile(good) as opened:
                archive = {name: opened.read(name) for name in opened.namelist()}
            spoil(archive)
            with zipfile.ZipFile(bad, "w") as opened:
                for name, content in archive.items():
                    opened.writestr(name, content)
            assert words in refused(target, "hall", "restore", bad)

        done = run(target, "hall", "restore", good)
        assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", "预约".encode(), b"age-encryption.org/v1\nhalf"])
def test_a_file_that_is_no_backup_is_refused(app: Flask, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    (tmp_path / "words").write_text("correct horse\n", encoding="utf-8")

    assert refused(app, "hall", "restore", tmp_path / "file", "--passphrase-file", tmp_path / "words")


#: An archive of age whose passphrase is "another", made with little work: each of our own costs a second to open.
OF_ANOTHER = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBtNWlxaXJLeWp0QnJ0bDYvM1p6aVpBIDQKTWpCaFhIZS8yWGptYkFRaEczN2NoNGxQSDB1"
    "c3BGcjdiOUFNdE1lNkNjdwotLS0gek9YQWlJYXBtOXhVZ2hxKytDblU0Y3JQM2xNbEpuWGlSVVl1QmNadTdGQQr+3OZamMHAPYKAn78lN9tjpMBQ"
    "o6wgtvSDUV2wRYLqeqVs"
)


def test_an_encrypted_backup_opens_only_with_its_identity(app: Flask, tmp_path: Path) -> None:
    factories.make(book, organisation="岭南建筑设计院")
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "identity").write_text(f"# public key: {identity.to_public()}\n{identity}\n", encoding="ascii")
    (tmp_path / "words").write_text("正确的马 电池\n", encoding="utf-8")
    by_key = tmp_path / "key.age"

    assert run(app, "hall", "backup", by_key, "--recipient", identity.to_public()).exit_code == 0
    with empty_hall(tmp_path, "empty") as empty:
        assert "is encrypted" in refused(empty, "hall", "restore", by_key)
        assert "does not open" in refused(empty, "hall", "restore", by_key, "--identity", tmp_path / "words")
        assert run(empty, "hall", "restore", by_key, "--identity", tmp_path / "identity").exit_code == 0
    assert "age1…" in refused(app, "hall", "backup", tmp_path / "x", "--recipient", "age1nobody")
    encryption.decrypt(by_key, tmp_path / "plain.zip", identity=tmp_path / "identity", passphrase=None)
    assert zipfile.is_zipfile(tmp_path / "plain.zip")
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith(".")} == set()


@pytest.mark.nightly  # each look at a passphrase is meant to take a second
def test_an_encrypted_backup_opens_only_with_its_passphrase(app: Flask, tmp_path: Path) -> None:
    factories.make(book, organisation="岭南建筑设计院")
    (tmp_path / "words").write_text("正确的马 电池\n", encoding="utf-8")
    by_words, of_another = tmp_path / "words.age", tmp_path / "another.age"
    of_another.write_bytes(OF_ANOTHER)

    assert run(app, "hall", "backup", by_words, "--passphrase-file", tmp_path / "words").exit_code == 0
    with empty_hall(tmp_path, "empty") as empty:
        assert "does not open" in refused(empty, "hall", "restore", of_another, "--passphrase-file", tmp_path / "words")
        assert run(empty, "hall", "restore", by_words, "--passphrase-file", tmp_path / "words").exit_code == 0
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith(".")} == set()


def test_secret_keys_are_restored_with_the_database(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.make(factories.hall)
    run(app, "hall", "backup", tmp_path / "backup.zip")

    with empty_hall(tmp_path, "new", HALL_SECRET_KEY="") as new:
        assert run(new, "hall", "restore", tmp_path / "backup.zip").exit_code == 0
    assert (tmp_path / "new" / "secret_key").read_text(encoding="ascii") == SECRET

    own = "quite-another-key-Zu8eiph5"
    monkeypatch.setenv("HALL_SECRET_KEY", own)
    with empty_hall(tmp_path, "other", HALL_SECRET_KEY=own) as other:
        assert "add those in" in run(other, "hall", "restore", tmp_path / "backup.zip").stdout
    assert (tmp_path / "other" / "secret_key.restored").read_text(encoding="ascii") == SECRET


def test_a_folder_gets_a_file_named_by_its_time_that_only_its_owner_reads(app: Flask, tmp_path: Path) -> None:
    factories.make(factories.hall)

    assert run(app, "hall", "backup", tmp_path).exit_code == 0

    (file,) = tmp_path.glob("hallapp-*.zip")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "cannot be written" in refused(app, "hall", "backup", tmp_path / "nowhere" / "x.zip")


def _run_on_tables(command: Sequence[str], *, env: Mapping[str, str], **options: Any) -> CompletedProcess[str]:
    """Run a command, the first one in this data folder with the tables that it would make."""
    if not (file := Path(env["HALL_INSTANCE"], "hallapp.sqlite3")).exists():
        put_migrated(file)
    return warm.run(command, env=env, **options)


def test_check_restores_a_copy_and_recounts_it(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "subprocess", SimpleNamespace(run=_run_on_tables))
    factories.make(book)
    service.back_up(tmp_path / "good.zip", secret_keys=(SECRET,))
    factories.make(book)
    with db.engine.connect().execution_options(hallapp_write=True) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE slot SET visitors_booked = visitors_booked + 1")
    service.back_up(tmp_path / "wrong.zip", secret_keys=(SECRET,))

    assert "found no difference" in run(app, "hall", "backup", "--check", tmp_path / "good.zip").stdout
    assert "`bookings recount` says" in refused(app, "hall", "backup", "--check", tmp_path / "wrong.zip")
    assert "there is no file" in refused(app, "hall", "backup", "--check", tmp_path / "none.zip")
