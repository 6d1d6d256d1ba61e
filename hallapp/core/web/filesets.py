"""Files of pages that open offline: all files of a page are one set, and its digest is part of each address.

A relative import inherits the digest of the script that it is written in, so a page never mixes two releases.
"""

import json
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, g, url_for
from flask.blueprints import BlueprintSetupState

from hallapp.core.web.static_files import EXTENSION, StaticFiles, get_files, type_of

#: Every page of hallapp has this element; the pages of a proxy or of a Wi-Fi portal do not.
PAGE_MARK = '<meta name="generator" content="hallapp">'
_WORKER = "js/page-worker.js"


@dataclass(frozen=True, slots=True)
class FileSet:
    """The static files of the page at one path, which are served below it by their digest."""

    page: str
    names: tuple[str, ...]

    def serve_with(self, blueprint: Blueprint) -> None:
        """Serve the files in each application that the blueprint of the page is part of."""
        blueprint.record(self._serve)

    def use(self) -> None:
        """Let the page of this request take its files from this set."""
        g.file_set, g.file_set_version = self, self.version()

    def version(self) -> str:
        """Return the digest of the whole set."""
        return get_files().digest_together(self.names)

    def address(self, version: str, name: str) -> str:
        """Return the address of a file of this version; another version is found nowhere, so none is mixed with it."""
        return f"{self.page}/files/{version}/{name}"

    def serve_worker(self) -> Response:
        """Answer with the service worker of the page: it keeps the set, after it has checked each file."""
        static, version = get_files(), self.version()
        files = {
            self.address(version, name): [type_of(name).partition(";")[0], static.digests[name]] for name in self.names
        }
        named = {"PAGE": self.page, "VERSION": version, "MARK": PAGE_MARK, "FILES": files}
        head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in named.items())
        script = (static.folder / _WORKER).read_text(encoding="utf-8")
        answer = Response(head + script, mimetype="text/javascript")
        answer.headers.update({"Service-Worker-Allowed": self.page, "Cache-Control": "no-cache"})
        return answer

    def _serve(self, state: BlueprintSetupState) -> None:
        static: StaticFiles = state.app.extensions[EXTENSION]
        static.add_set(self.address(static.digest_together(self.names), ""), self.names)


def init_app(app: Flask) -> None:
    """Give the templates the addresses of files and the mark of every page."""
    app.jinja_env.globals.update(static_url=static_url, page_mark=PAGE_MARK)


def static_url(filename: str) -> str:
    """Return the address of a file: in the set of the page, where the page has one."""
    page_files: FileSet | None = g.get("file_set")
    if page_files and filename in page_files.names:
        return page_files.address(g.file_set_version, filename)
    return url_for("static", filename=filename)
