"""The files of jobs, in the data folder: uploads and results. Only their owner can read them."""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

#: The age in seconds at which a file without a job is deleted: a job is stored soon after its upload.
_ORPHAN_SECONDS = 24 * 3600


def new_key() -> str:
    """Return an unguessable name for the files of a new job."""
    return secrets.token_hex(16)


def output(instance: Path, key: str) -> Path:
    """Return the path of a job's result file."""
    return instance / "exports" / key


def upload(instance: Path, key: str) -> Path:
    """Return the path of the file uploaded with a job."""
    return instance / "uploads" / key


def part(instance: Path, key: str) -> Path:
    """Return an empty file for a job to write into; it becomes the `output` by being renamed. Raises OSError."""
    path = output(instance, f"{key}.part")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    return path


def keep(instance: Path, key: str, stream: BinaryIO) -> Path:
    """Store an upload before its job is requested; copied in pieces. Raises OSError."""
    path = upload(instance, key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(stream, file)
    return path


def discard(instance: Path, keys: Collection[str]) -> None:
    """Delete the files of deleted jobs; missing files are ignored."""
    for key in keys:
        for path in (output(instance, key), output(instance, f"{key}.part"), upload(instance, key)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def discard_orphans(instance: Path, *, known: Collection[str]) -> None:
    """Delete old files whose job is not known, as where a process died between deleting the one and the other."""
    before = time.time() - _ORPHAN_SECONDS
    for folder in (instance / "exports", instance / "uploads"):
        for path in folder.glob("*") if folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if path.name.partition(".")[0] not in known and path.stat().st_mtime < before:
                    path.unlink()
