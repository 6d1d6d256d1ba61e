"""Files of pages that open offline: all files of a page are one set, and its digest is part of each address.

A relative import inherits the digest of the script that it is written in, so a page never mixes two releases.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, send_from_directory, url_for
from werkzeug.exceptions import NotFound

#: Every page of hallapp has this element: a proxy's or a Wi-Fi portal's own page has not.
PAGE_MARK = '<meta name="generator" content="hallapp">'
FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".wasm": "application/wasm"}
_WORKER = "js/page-worker.js"


@dataclass(frozen=True, slots=True)
class FileSet:
    """The static files of the page at one path; `endpoint` serves them by version and name."""

    page: str
    endpoint: str
    names: tuple[str, ...]

    def use(self) -> None:
        """Let the page of this request take its files from this set."""
        g.file_set, g.file_set_version = self, self.version()

    def version(self) -> str:
        """Return the digest of the whole set."""
        return _digest_all((name, digest_of(name) or "") for name in self.names)

    def serve(self, version: str, filename: str) -> Response:
        """Answer with a file of this very version; another version is not found, so that none is mixed with it."""
        if filename not in self.names or version != self.version():
            raise NotFound
        g.is_shared_file = True
        answer = send_from_directory(str(current_app.static_folder), filename, mimetype=_type_of(filename))
        answer.headers["Cache-Control"] = FOR_EVER
        return answer

    def serve_worker(self) -> Response:
        """Answer with the service worker of the page: it keeps the set, after it has checked each file."""
        version = self.version()
        files = {
            url_for(self.endpoint, version=version, filename=name): [_type_of(name), digest_of(name)]
            for name in self.names
        }
        named = {"PAGE": self.page, "VERSION": version, "MARK": PAGE_MARK, "FILES": files}
        head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in named.items())
        script = Path(str(current_app.static_folder), _WORKER).read_text(encoding="utf-8")
        answer = Response(head + script, mimetype="text/javascript")
        answer.headers.update({"Service-Worker-Allowed": self.page, "Cache-Control": "no-cache"})
        return answer


def init_app(app: Flask) -> None:
    """Give the templates the addresses of files and the mark of every page."""
    app.jinja_env.globals.update(static_url=static_url, page_mark=PAGE_MARK)


def static_url(filename: str) -> str:
    """Return the address of a file: in the set of the page, where the page has one."""
    page_files: FileSet | None = g.get("file_set")
    if page_files and filename in page_files.names:
        return url_for(page_files.endpoint, version=g.file_set_version, filename=filename)
    return url_for("static", filename=filename)


def digest_of(filename: str) -> str | None:
    """Return the SHA-256 of a static file as hexadecimal digits; None where there is no such file."""
    path = Path(str(current_app.static_folder), filename)
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return None
    return _digest(path, facts.st_mtime_ns, facts.st_size)


def _type_of(filename: str) -> str:
    return _TYPES[Path(filename).suffix]


def _digest_all(digests: Iterable[tuple[str, str]]) -> str:
    return hashlib.sha256(json.dumps(list(digests)).encode()).hexdigest()[:12]


@lru_cache(maxsize=256)
def _digest(path: Path, _changed: int, _size: int) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
