"""The file of the embedded database: only its owner reads it, and what was erased leaves no trace in it.

SQLite alone has such files; on PostgreSQL these functions do nothing.
"""

import contextlib
import os
import stat
from pathlib import Path

from sqlalchemy import text

from hallapp.core.database import db, writers_queue
from hallapp.core.errors import N_, DomainError

#: Files of one database, by the ends of their names.
_ENDS = ("", "-wal", "-shm", ".lock")
#: The number that the file keeps for its application: where traces of erased rows may be. A new file has 0.
_ANYWHERE, _NOWHERE, _IN_THE_LOG = 0, 1, 2


class TracesLeft(DomainError):
    """Copies of erased rows are still in the files of the database, because something reads it all the time."""

    code = "traces_left"
    message = N_(
        "Contact details are erased, but the files of the database still hold copies, because something reads the"
        " database all the time. It is tried again."
    )


def find_file() -> Path | None:
    """Return the file of the embedded database; None on PostgreSQL."""
    name = db.engine.url.database
    return Path(name) if db.engine.dialect.name == "sqlite" and name else None


def protect() -> None:
    """Create the file where it is missing, and take the rights of everybody but its owner from it and from its log.

    An existing file is not opened: closing it would drop the locks that connections of this process hold.
    """
    file = find_file()
    if file is None:
        return
    with contextlib.suppress(OSError):  # a folder that cannot be written is noticed when something is written
        if not file.exists():
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    for each in list_files(file):
        with contextlib.suppress(OSError):  # another user's
            if stat.S_IMODE(each.stat().st_mode) & 0o077:
                each.chmod(0o600)


def list_files(file: Path) -> list[Path]:
    """Return the existing files of a database: its own, its log, and what processes lock."""
    return [each for end in _ENDS if (each := Path(f"{file}{end}")).exists()]


def count_changes() -> int:
    """Return how many rows this session's connection has changed so far; needs a transaction."""
    if find_file() is None:
        return 0
    return int(db.session.execute(text("SELECT total_changes()")).scalar_one())


def note_traces() -> None:
    """Note in the file that it holds traces of rows erased in this transaction, until `remove_traces` has succeeded."""
    if find_file() is not None:
        db.session.execute(text(f"PRAGMA user_version={_ANYWHERE}"))


def remove_traces() -> None:
    """Write the database anew without its free space, and empty its write-ahead log, unless it is known to be clean.

    `secure_delete` overwrites what is deleted, but copies that SQLite made when it rearranged a page stay in the gaps
    between rows, and older states of a page in the log. Writers wait meanwhile.

    Raises:
        TracesLeft: something has read the database for so long that the log could not be emptied.
    """
    if find_file() is None:
        return
    db.session.rollback()  # this thread must not be the one that reads
    with writers_queue(db.engine), contextlib.closing(db.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        (state,) = cursor.execute("PRAGMA user_version").fetchone()
        if state == _NOWHERE:
            return
        if state != _IN_THE_LOG:
            cursor.execute("VACUUM")
        cursor.execute(f"PRAGMA user_version={_NOWHERE}")
        busy, _pages, _written = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy and not _is_log_read_by_litestream():
            cursor.execute(f"PRAGMA user_version={_IN_THE_LOG}")
            raise TracesLeft


def _is_log_read_by_litestream() -> bool:
    """Return whether Litestream copies this database: it alone empties the log then, when it has read it."""
    file = find_file()
    return file is not None and file.with_name(f".{file.name}-litestream").is_dir()
