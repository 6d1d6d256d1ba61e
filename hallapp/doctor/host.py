"""Checks of this machine: settings, versions, packages, disk and permissions."""

import os
import platform
import re
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from hallapp.core import embedded, runtime
from hallapp.core.version import get_version
from hallapp.doctor.findings import Finding, ok, warning, wrong
from hallapp.settings import GONE, ROOT, Settings

_PYTHON_LEAST = (3, 11)
_SQLITE_LEAST = (3, 35, 0)  # RETURNING
_FREE_LEAST, _FREE_WISE = 200 * 1024**2, 2 * 1024**3
_FREE_SHARE_WISE = 0.1
#: A pin; one with a condition is for some systems only.
_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^ ;\\]+)(?P<condition> ;)?")


class _Asked(dict[str, str]):
    """An environment that notes which variables are asked for."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.names: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().get(key, default)


def check_settings(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Look for variables that do nothing: misspelt ones, and ones of earlier versions."""
    asked = _Asked(environ)
    Settings.from_environ(asked)
    given = sorted(name for name in environ if name.startswith("HALL_"))
    known = [name for name in given if name in asked.names and environ[name]]
    yield ok("settings", f"set: {', '.join(known)}" if known else "none is set: all have their defaults")
    for name in given:
        if name in GONE:
            yield warning("settings", f"{name} is not used any more", f"Remove it: {GONE[name]}.")
        elif name not in asked.names:
            yield warning("settings", f"{name} is unknown and does nothing", "Correct its name, or remove it.")


def check_versions() -> Iterator[Finding]:
    """Compare the versions of the program's ground, and the installed packages with the pins."""
    found = f"hallapp {get_version()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    if tuple(map(int, platform.python_version_tuple()[:2])) < _PYTHON_LEAST:
        yield wrong("versions", found, "Install Python 3.11 or newer, and make .venv again.")
    elif sqlite3.sqlite_version_info < _SQLITE_LEAST:
        yield wrong("versions", found, "Use a Python that brings SQLite 3.35 or newer.")
    else:
        yield ok("versions", found)
    different = list(_list_different(ROOT / "requirements.txt"))
    if different:
        install = "Install the pinned packages: .venv/bin/pip install -r requirements.txt, and start the service again."
        yield warning("packages", f"not as pinned: {', '.join(different[:5])}", install)
    else:
        yield ok("packages", "as pinned in requirements.txt")


def _list_different(pins: Path) -> Iterator[str]:
    for pin in filter(None, map(_PIN.match, pins.read_text(encoding="utf-8").splitlines())):
        try:
            installed = version(pin["name"])
        except PackageNotFoundError:
            if not pin["condition"]:
                yield f"{pin['name']} is missing"
            continue
        if installed != pin["version"]:
            yield f"{pin['name']} {installed} instead of {pin['version']}"


def check_disk() -> Iterator[Finding]:
    """Look whether the data folder and the temporary one can be written, and how much room they have."""
    folders = {"data folder": runtime.settings().instance, "temporary folder": Path(tempfile.gettempdir())}
    for name, folder in folders.items():
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"hallapp")
        except OSError as error:
            yield wrong(name, f"{folder} cannot be written: {error.strerror}", "Give its owner, or room, back to it.")
            continue
        yield _judge_room(name, folder)


def _judge_room(name: str, folder: Path) -> Finding:
    usage = shutil.disk_usage(folder)
    found = f"{folder}: {_size(usage.free)} of {_size(usage.total)} free"
    if usage.free < _FREE_LEAST:
        return wrong(name, found, "Make room now: nothing can be booked on a full disk.")
    if usage.free < _FREE_WISE or usage.free < usage.total * _FREE_SHARE_WISE:
        return warning(name, found, "Make room: move old backups away, or enlarge the disk.")
    return ok(name, found)


def check_permissions() -> Iterator[Finding]:
    """Look whether others on this machine can read what the hall keeps."""
    folder = runtime.settings().instance
    database = embedded.find_file()
    files = [folder / "secret_key", *(embedded.list_files(database) if database else ())]
    found = [path for path in (folder, *files) if path.exists()]
    open_ones = [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]
    strange = [path for path in found if path.stat().st_uid != os.geteuid()]
    for path in open_ones:
        mode = "700" if path.is_dir() else "600"
        yield warning("permissions", f"other users of this machine can read {path}", f"Run: chmod {mode} {path}")
    if strange:
        do = "Run the service and its commands as one user, the owner of the data folder."
        yield warning("permissions", f"{strange[0]} belongs to another user than the one who runs this", do)
    if not open_ones and not strange:
        yield ok("permissions", f"only their owner reads the {len(found)} files and folders of {folder}")


def _size(count: int) -> str:
    number = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} TB"
