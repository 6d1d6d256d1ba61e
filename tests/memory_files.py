"""The temporary files of a run of tests: in memory where it has room for them, so that no test waits for a disk.

They are the databases, the data folders of servers, and everything in a `tmp_path`: less than 1 GB for all tests. They
are removed at the end of the run. `TMPDIR=/tmp make test` keeps them, as pytest does, on the disk.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

MEMORY = Path("/dev/shm")
LEAST_BYTES = 2 * 1024**3
_PREFIX = "hallapp-tests-"


def use() -> None:
    """Let this process, and all that it starts, make their temporary files in memory."""
    if "TMPDIR" in os.environ or not _has_room():
        return
    _remove_left_ones()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=MEMORY))
    folder.chmod(0o755)  # a server may run as another user
    fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX)  # for as long as this process lives
    atexit.register(_remove, folder, os.getpid())
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def _has_room() -> bool:
    """Return whether files in memory can be as many as the tests make, and can be run as programs."""
    with suppress(OSError, StopIteration):  # other systems have no such folder
        memory = os.statvfs(MEMORY)
        usable = os.access(MEMORY, os.W_OK) and not memory.f_flag & os.ST_NOEXEC
        return usable and min(memory.f_bavail * memory.f_frsize, _available_bytes()) > LEAST_BYTES
    return False


def _available_bytes() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def _remove_left_ones() -> None:
    """Remove the files of runs that were killed: nobody holds the locks of their folders."""
    for folder in MEMORY.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
