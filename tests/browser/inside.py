"""A real HTTP server in a thread of the tests' process, for journeys to which the server's processes do not matter.

It costs no fork, and it shares the application of the tests with its compiled templates. What gunicorn's processes do
is tested in `tests/worker`, `tests/core` and by the journeys that use `serve` of `tests/live.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from hallapp.core.database import db
from hallapp.core.web import public_pages, static_files
from tests.live import Live, free_port, migrated, share_packed_files

#: Where a page finds axe: from an address the browser keeps it compiled, which takes half of the time.
AXE_PATH = "/for-tests/axe.min.js"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open, as they do with gunicorn

    def log(self, type: str, message: str, *args: object) -> None:
        """Leave out the log of requests."""


@contextmanager
def serve_inside(database_url: str, folder: Path, *, port: int | None = None, **environ: str) -> Iterator[Live]:
    """Migrate the database and serve it until the end."""
    port = port or free_port()
    app = migrated(database_url, folder, HALL_BASE_URL=_address(port), HALL_RATE_LIMITS="off", **environ)
    app.config[public_pages.SECONDS] = 0  # a page shows what a test has just done
    share_packed_files(app, folder)
    static_files.pack(app)
    app.wsgi_app = _with_axe(app.wsgi_app)  # type: ignore[method-assign]
    with serve_app(app, port) as live:
        yield live


@contextmanager
def serve_app(app: Flask, port: int) -> Iterator[Live]:
    """Serve an application whose database is migrated until the end."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Handler)
    thread = Thread(target=server.serve_forever, name="server")
    thread.start()
    try:
        yield Live(_address(port), app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        _let_go(app)


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _with_axe(application: Any) -> Any:
    axe = Response(AXE.read_bytes(), mimetype="text/javascript", headers={"Cache-Control": static_files.FOR_EVER})

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        return (axe if environ["PATH_INFO"] == AXE_PATH else application)(environ, start_response)

    return answer


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
