"""Make a backup of a running service, and restore it into an empty one."""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy import table as named

from hallapp.backups import encryption, rows
from hallapp.backups.errors import (
    ArchiveOfNewerVersion,
    ArchiveUnreadable,
    DatabaseNotEmpty,
    NothingToBackUp,
)
from hallapp.core import clock
from hallapp.core.database import db, migrate, upgrade

_FORMAT = 1
_MANIFEST = "manifest.json"
_KEYS = "secret_key"
_REVISION = "alembic_version"
#: Exports and uploads are deleted after a week and can be made again; they would make every backup large.
_LEFT_OUT = {_REVISION, "file_chunk"}


@dataclass(frozen=True, slots=True)
class Backup:
    """The contents of a backup: the instant of its state (ISO, UTC), the revision of its tables, and their rows."""

    made_at: str
    revision: str
    rows: dict[str, int]


def back_up(
    target: Path, *, secret_keys: tuple[str, ...], recipient: str | None = None, passphrase: str | None = None
) -> Backup:
    """Write one state of the whole database and the secret keys to a file, while other processes keep writing.

    The file appears complete or not at all, and only its owner reads it.

    Raises:
        NothingToBackUp: the database has no tables of this program.
        RecipientInvalid: for `recipient`.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        plain = Path(folder, "archive.zip")
        backup = _write(plain, secret_keys)
        done = plain
        if recipient is not None or passphrase is not None:
            done = Path(folder, "archive.age")
            encryption.encrypt(plain, done, recipient=recipient, passphrase=passphrase)
        done.chmod(0o600)
        done.replace(target)
    return backup


def restore(file: Path, *, identity: Path | None = None, passphrase: str | None = None) -> tuple[Backup, str]:
    """Fill an empty database from a backup, bring it up to this version, and return the backup and its secret keys.

    All rows are loaded in one transaction: after an error the database is as empty as before.

    Raises:
        DatabaseNotEmpty: there is something in it.
        ArchiveUnreadable, ArchiveOfNewerVersion, ArchiveEncrypted, KeyDoesNotOpen: for the file.
    """
    _refuse_unless_empty()
    with _opened(file, identity, passphrase) as archive:
        manifest = _manifest(archive)
        backup = Backup(manifest["made_at"], manifest["revision"], manifest["rows"])
        _make_tables(backup.revision)
        with db.engine.connect().execution_options(hallapp_write=True) as connection, connection.begin():
            for table in _tables(connection, backup.rows):
                _load(connection, table, archive, manifest)
        keys = archive.read(_KEYS).decode("ascii")
    upgrade()
    return backup, keys


def _write(plain: Path, secret_keys: tuple[str, ...]) -> Backup:
    descriptor = os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(descriptor, "wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        _snapshot() as connection,
    ):
        revision = _revision(connection)
        made_at = clock.now().isoformat(timespec="seconds")
        counts, digests = {}, {}
        for table in _tables(connection, _names(connection)):
            digest, lines = hashlib.sha256(), 0
            with archive.open(_member(table.name), "w", force_zip64=True) as member:
                for line in rows.dump(connection, table):
                    digest.update(line)
                    lines += 1
                    member.write(line)
            counts[table.name], digests[table.name] = lines - 1, digest.hexdigest()  # the first one names the columns
        archive.writestr(_KEYS, ",".join(secret_keys))
        manifest = {"format": _FORMAT, "made_at": made_at, "revision": revision, "rows": counts, "digests": digests}
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
    return Backup(made_at, revision, counts)


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A connection on which all reads see one state of the database."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # every transaction of SQLite already reads one consistent state
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


def _names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - _LEFT_OUT


def _tables(connection: Connection, names: Collection[str]) -> list[Table]:
    """The tables of these names as the database has them, those that others refer to first."""
    # Not `MetaData.reflect`: to find indexes, unique constraints and checks, too, takes twice as long.
    metadata, inspector = MetaData(), inspect(connection)
    wanted = sorted(names)
    keys = inspector.get_multi_pk_constraint(filter_names=wanted)
    links = inspector.get_multi_foreign_keys(filter_names=wanted)
    for at, columns in inspector.get_multi_columns(filter_names=wanted).items():
        Table(
            at[1],
            metadata,
            *(Column(column["name"], column["type"]) for column in columns),
            PrimaryKeyConstraint(*keys[at]["constrained_columns"]),
            *(
                ForeignKeyConstraint(
                    link["constrained_columns"],
                    [f"{link['referred_table']}.{name}" for name in link["referred_columns"]],
                )
                for link in links[at]
                if link["referred_table"] in names
            ),
        )
    return metadata.sorted_tables


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table(_REVISION):
        raise NothingToBackUp
    return str(connection.scalar(text(f"SELECT version_num FROM {_REVISION}")))  # noqa: S608 — a constant


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


@contextmanager
def _opened(file: Path, identity: Path | None, passphrase: str | None) -> Iterator[zipfile.ZipFile]:
    with tempfile.TemporaryDirectory(prefix="hallapp-restore-") as folder:
        plain = file
        if encryption.is_encrypted(file):
            plain = Path(folder, "archive.zip")
            encryption.decrypt(file, plain, identity=identity, passphrase=passphrase)
        try:
            with zipfile.ZipFile(plain) as archive:
                yield archive
        except zipfile.BadZipFile as error:
            raise ArchiveUnreadable(cause=str(error)) from None


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
        missing = {_KEYS, *map(_member, manifest["rows"])} - set(archive.namelist())
        complete = manifest["format"] == _FORMAT and not missing and bool(manifest["made_at"] and manifest["digests"])
    except (KeyError, ValueError, TypeError):
        complete = False
    if not complete:
        raise ArchiveUnreadable(cause="its manifest or one of its parts is missing")
    return manifest


def _refuse_unless_empty() -> None:
    with db.engine.connect() as connection:
        for name in sorted(_names(connection)):
            if connection.execute(select(literal(1)).select_from(named(name)).limit(1)).first():
                raise DatabaseNotEmpty(table=name)


def _make_tables(revision: str) -> None:
    """Let an empty database have the tables of a revision, and no others; those that are there already stay."""
    try:
        ScriptDirectory.from_config(migrate.get_config()).get_revision(revision)
    except CommandError:
        raise ArchiveOfNewerVersion(revision=revision) from None
    with db.engine.connect().execution_options(hallapp_write=True) as connection, connection.begin():
        if inspect(connection).has_table(_REVISION) and _revision(connection) == revision:
            return
        metadata = MetaData()
        metadata.reflect(connection)
        metadata.drop_all(connection)
    upgrade(revision)


def _load(connection: Connection, table: Table, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    digest = hashlib.sha256()

    def lines() -> Iterator[bytes]:
        with archive.open(_member(table.name)) as member:
            for line in member:
                digest.update(line)
                yield line

    connection.execute(table.delete())  # rows that a migration writes into a new database
    try:
        count = rows.load(connection, table, lines())
    except (KeyError, ValueError) as error:
        raise ArchiveUnreadable(cause=f"the rows of {table.name} cannot be read: {error}") from None
    if (count, digest.hexdigest()) != (manifest["rows"][table.name], manifest["digests"].get(table.name)):
        raise ArchiveUnreadable(cause=f"the rows of {table.name} are not those that were written")
    rows.continue_numbers(connection, table)
