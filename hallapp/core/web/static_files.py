"""Static files: WhiteNoise answers for them before the application is asked.

The digest of all files is part of each address, so browsers keep a file for ever, and a relative import inherits the
version of the script that it is written in. Each file is there without a version too, to be asked for each time. The
server compresses the files once for each release (`pack`); where it has not done so they are sent as they are.
"""

import gzip
import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from wsgiref.headers import Headers

import brotli
from flask import Flask, current_app
from whitenoise import WhiteNoise

from hallapp.core.headers import security_headers

FOR_EVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".wasm": "application/wasm",
    ".html": "text/html; charset=utf-8",
}
_PREFIX = "/static/"
EXTENSION = "hallapp_static_files"
_KEPT_SECONDS = 30 * 24 * 3600
_BROTLI_QUALITY = 9  # the best level, 11, takes many seconds for the QR reader and saves a tenth of its size


class StaticFiles:
    """The files of one release: their digests, and the addresses at which WhiteNoise serves them."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.folder = folder
        self.digests = {path.relative_to(folder).as_posix(): _digest_of(path) for path in _find_served(folder)}
        self.version = self.digest_together(self.digests)
        self._instance = app.config["SETTINGS"].instance
        self._headers = security_headers(secure=app.config["SETTINGS"].secure)
        self._names: dict[str, str] = {}
        self._root = folder
        self._server = WhiteNoise(app.wsgi_app, allow_all_origins=False, add_headers_function=self._complete)
        app.wsgi_app = self._server  # type: ignore[method-assign]
        for prefix in (_PREFIX, f"{_PREFIX}{self.version}/"):
            self.add_set(prefix, self.digests)

    def digest_together(self, names: Iterable[str]) -> str:
        """Return the digest of these files as one set."""
        lines = (f"{name} {self.digests[name]}\n" for name in sorted(names))
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]

    def add_set(self, prefix: str, names: Iterable[str]) -> None:
        """Serve these files below a prefix, which holds their digest."""
        self._add({prefix + name: name for name in names})

    def pack(self) -> None:
        """Compress the files into the data folder, where this release has not done so yet, and serve them from there.

        Raises:
            OSError: where the data folder cannot be written to; the files are then sent as they are.
        """
        target = self._instance / "static" / self.version
        if not target.exists():
            _pack(self.folder, self.digests, target)
            _drop_old(target)
        self._root = target
        self._add(self._names)

    def _add(self, names: dict[str, str]) -> None:
        self._names |= names
        for address, name in names.items():
            self._server.add_file_to_dictionary(address, str(self._root / name))

    def _complete(self, headers: Headers, _path: str, address: str) -> None:
        name = self._names[address]
        for header, value in self._headers.items():
            headers[header] = value
        headers["Content-Type"] = type_of(name)
        headers["Cache-Control"] = self._caching_of(address)
        headers["ETag"] = f'"{self.digests[name][:16]}"'

    def _caching_of(self, address: str) -> str:
        """Pages that open offline have a cache of their own that checks each file; a browser's may keep half of one."""
        if address.startswith(f"{_PREFIX}{self.version}/"):
            return FOR_EVER
        return "no-cache" if address.startswith(_PREFIX) else "no-store"


def init_app(app: Flask, folder: Path) -> None:
    """Serve the files of a folder, and let `url_for("static", filename=…)` give the address of this release."""
    app.extensions[EXTENSION] = StaticFiles(app, folder)
    for rule in ("<path:filename>", "<version>/<path:filename>"):
        app.add_url_rule(_PREFIX + rule, endpoint="static", build_only=True)
    app.url_defaults(_add_version)


def get_files() -> StaticFiles:
    """Return the static files of the application in force."""
    files: StaticFiles = current_app.extensions[EXTENSION]
    return files


def pack(app: Flask) -> None:
    """Compress the static files of an application that has some, before its server is forked. Raises OSError."""
    if EXTENSION in app.extensions:
        app.extensions[EXTENSION].pack()


def type_of(name: str) -> str:
    """Return the content type of a file by the end of its name."""
    return _TYPES.get(Path(name).suffix, "application/octet-stream")


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and values.get("filename") in get_files().digests:
        values.setdefault("version", get_files().version)


def _find_served(folder: Path) -> Iterator[Path]:
    """All files but the fonts: those are for paper, and nothing fetches them."""
    return (path for path in folder.rglob("*") if path.is_file() and path.suffix in _TYPES)


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(folder: Path, names: Iterable[str], target: Path) -> None:
    """Write each file with its compressed variants, so that the folder is there as a whole or not at all."""
    part = target.with_name(f".{target.name}.{os.getpid()}")
    for name in names:
        file = part / name
        file.parent.mkdir(parents=True, exist_ok=True)
        content = (folder / name).read_bytes()
        file.write_bytes(content)
        Path(f"{file}.br").write_bytes(brotli.compress(content, quality=_BROTLI_QUALITY))
        Path(f"{file}.gz").write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
    try:
        part.rename(target)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        if not target.exists():  # otherwise another process was faster
            raise


def _drop_old(target: Path) -> None:
    """Delete the files of old releases; processes of the previous release may still be running, so its files stay."""
    for folder in target.parent.iterdir():
        if folder != target and time.time() - folder.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
