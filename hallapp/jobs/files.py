"""The files of jobs, uploaded and produced ones, in the database, so that each host has them.

A file is rows of a megabyte each. A key names the files of one job: version 0 is the uploaded file, and each attempt of
the job writes a separate version, so that simultaneous attempts never mix.
"""

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import ColumnElement, delete, insert, select

from hallapp.core import database
from hallapp.core.database import db, transaction
from hallapp.jobs.models import FileChunk, Job

CHUNK_BYTES = 1024**2
#: The largest file that is stored.
MOST_BYTES = 1024**3
#: The number of rows written in one transaction: desks write between two of them.
_CHUNKS_AT_ONCE = 4
#: A file without a job is deleted after this time: the job is created soon after its upload.
_ORPHANED_AFTER = timedelta(days=1)


def new_key() -> str:
    """Return an unguessable name for the files of a new job."""
    return secrets.token_hex(16)


def store(hall_id: int, key: str, stream: BinaryIO, *, version: int = 0) -> int:
    """Keep a file, in short transactions of its own; returns its size. An earlier one of the same version goes."""
    with transaction():
        _delete(FileChunk.key == key, FileChunk.version == version)
    number = size = 0
    chunks = _read_some(stream) or [b""]  # an empty file has one empty chunk
    while chunks:
        with transaction():
            same = {"key": key, "version": version, "hall_id": hall_id, "made_at": database.now()}
            rows = [{**same, "number": number + at, "content": content} for at, content in enumerate(chunks)]
            db.session.execute(insert(FileChunk), rows)
        number, size = number + len(chunks), size + sum(map(len, chunks))
        chunks = _read_some(stream)
    return size


def _read_some(stream: BinaryIO) -> list[bytes]:
    chunks: list[bytes] = []
    while len(chunks) < _CHUNKS_AT_ONCE and (content := stream.read(CHUNK_BYTES)):
        chunks.append(content)
    return chunks


def is_kept(key: str, *, version: int = 0) -> bool:
    """Return whether a file is there."""
    return db.session.scalar(select(FileChunk.number).where(*_place(key, version, 0))) is not None


def iter_content(key: str, *, version: int = 0) -> Iterator[bytes]:
    """The content of a file, a chunk at a time."""
    number = 0
    while (content := db.session.scalar(select(FileChunk.content).where(*_place(key, version, number)))) is not None:
        yield content
        number += 1


def _place(key: str, version: int, number: int) -> tuple[ColumnElement[bool], ...]:
    return FileChunk.key == key, FileChunk.version == version, FileChunk.number == number


@contextmanager
def fetched(key: str) -> Iterator[Path]:
    """The file that was sent along, as a file of this host until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="hallapp-upload-") as folder:
        path = Path(folder, "file")
        with path.open("wb") as file:
            for content in iter_content(key):
                file.write(content)
        yield path


def discard(keys: Collection[str]) -> None:
    """Delete all files of these keys; needs a transaction."""
    _delete(FileChunk.key.in_(keys))


def discard_orphans() -> None:
    """Delete old files that belong to no job; needs a transaction."""
    _delete(FileChunk.made_at < database.now() - _ORPHANED_AFTER, FileChunk.key.not_in(select(Job.key)))


def _delete(*conditions: ColumnElement[bool]) -> None:
    db.session.execute(delete(FileChunk).where(*conditions), execution_options={"synchronize_session": False})


def remove_old_folders(instance: Path) -> None:
    """Remove the files of earlier versions from the data folder; the migration has copied them into the database."""
    for name in ("exports", "uploads"):
        shutil.rmtree(instance / name, ignore_errors=True)
    for lock in instance.glob("jobs.lock*"):
        with contextlib.suppress(OSError):
            lock.unlink()
