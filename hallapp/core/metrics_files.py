"""The files in which the processes of one server count together.

prometheus_client maps a file of each process into its memory, and reads all of them for an answer. It decides when it
is imported whether it does so: `prepare` must come first.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX = "metrics-"
_LOCK, _READERS = "lock", "lock-of-readers"
_OF_THE_DEAD = "dead"
#: The size of each file. It is taken from the disk at once: a page that a full disk has no room for kills its process.
_BYTES = {"counter": 1 << 20, "histogram": 1 << 21}


class _Held:
    """The lock by which other servers see that this one's folder is in use, for as long as its processes live."""

    descriptor = -1


def prepare(instance: Path) -> None:
    """Make an empty folder for this server below the data folder, and delete those of servers that are gone.

    Raises:
        OSError: nothing can be written there; each process then counts for itself.
    """
    os.environ.pop(VARIABLE, None)  # that of a server before this one
    if "prometheus_client" in sys.modules:
        return  # it has decided already that each process counts for itself
    temporary = instance / "tmp"
    temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in temporary.glob(f"{_PREFIX}*"):
        _delete_unless_used(old)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=temporary))
    try:
        _Held.descriptor = _lock(folder / _LOCK)
        _allocate(folder, str(os.getpid()))
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    os.environ[VARIABLE] = str(folder)


def find_folder() -> Path | None:
    """Return the folder of this server; None where each process counts for itself."""
    name = os.environ.get(VARIABLE)
    return Path(name) if name else None


def begin_process() -> bool:
    """Take the room for the files of this process, which has just been forked; False where the disk has none."""
    folder = find_folder()
    if folder is None:
        return True
    try:
        _allocate(folder, str(os.getpid()))
    except OSError:
        return False
    return True


def end_process(pid: int) -> None:
    """Add what a process that is dead has counted to what others before it have, so that files do not pile up.

    Counters must not fall, so nobody reads meanwhile. Where somebody does, or the disk is full, the files stay as they
    are, and count all the same.
    """
    folder = find_folder()
    if folder is None:
        return
    with contextlib.suppress(OSError), _alone(folder):
        _allocate(folder, _OF_THE_DEAD)
        for kind in _BYTES:
            _move(_file(folder, kind, str(pid)), _file(folder, kind, _OF_THE_DEAD))


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Let no process's files be moved while they are read."""
    folder = find_folder()
    with contextlib.ExitStack() as stack:
        if folder is not None:
            stack.callback(os.close, _lock(folder / _READERS, shared=True))
        yield


def _file(folder: Path, kind: str, name: str) -> Path:
    return folder / f"{kind}_{name}.db"


def _allocate(folder: Path, name: str) -> None:
    for kind, size in _BYTES.items():
        file = _file(folder, kind, name)
        if file.exists():
            continue
        part = file.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, size)
            part.rename(file)
        finally:
            os.close(descriptor)
            part.unlink(missing_ok=True)


def _move(source: Path, target: Path) -> None:
    from prometheus_client.mmap_dict import MmapedDict

    if not source.exists():
        return
    total = MmapedDict(str(target))
    try:
        for key, value, _at, _position in MmapedDict.read_all_values_from_file(str(source)):
            total.write_value(key, total.read_value(key)[0] + value, 0.0)
    finally:
        total.close()
    source.unlink()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = _lock(folder / _READERS)
    try:
        yield
    finally:
        os.close(descriptor)


def _delete_unless_used(folder: Path) -> None:
    try:
        descriptor = _lock(folder / _LOCK)
    except OSError:
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.close(descriptor)


def _lock(file: Path, *, shared: bool = False) -> int:
    """Open a file and lock it, for oneself or with other readers; only a reader waits for its turn.

    Raises:
        BlockingIOError: somebody else has locked it.
    """
    import fcntl  # the server needs it, and does not run on systems without it; commands do

    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
