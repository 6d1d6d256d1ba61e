"""The configuration of the HTTP server: `gunicorn -c python:hallapp.server wsgi:app`.

Options of gunicorn's own command line win over it, as in `-b 0.0.0.0:8000` inside a container.
"""

import contextlib
import gc
import logging
import os
import sys
import time
from socket import socket
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker

from hallapp.core import metrics_files, overload
from hallapp.core.logs import StandardError
from hallapp.settings import ROOT, find_instance, is_this_machine

_STATUS_OF_LIMIT = {LimitRequestLine: "414 URI Too Long", LimitRequestHeaders: "431 Request Header Fields Too Large"}
_READ_OF_TOO_LONG = 256 * 1024


def _port(value: str | None) -> int:
    if not value:
        return 8000
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        print(f"hallapp: PORT must be a port, 1 to 65535, not {value!r}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2)
    return int(value)


def _let_processes_count_together() -> None:
    """Decide where the processes of this server count, before anything imports the library that does it."""
    try:
        metrics_files.prepare(find_instance())
    except OSError as error:
        print(f"hallapp: /metrics shows one process only, as nothing can be written: {error}", file=sys.stderr)  # noqa: T201


class ServerLog(Logger):  # type: ignore[misc]
    """The server's own lines in this application's format, without the addresses of requests and clients."""

    def setup(self, cfg: Any) -> None:
        """Replace the server's log handlers by ours."""
        super().setup(cfg)
        handler = StandardError(as_json=os.environ.get("HALL_LOG_FORMAT") == "json")
        handler.addFilter(_without_visitors)
        self.error_log.handlers[:] = [handler]


class Worker(ThreadWorker):  # type: ignore[misc]
    """The threaded worker: it notes how long requests wait, and refuses what is over its limits with a page."""

    def enqueue_req(self, conn: Any) -> None:
        """Note when a request begins to wait for its turn."""
        conn.waits_since = time.monotonic()
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Let the application know how long the request has waited."""
        overload.begin(waited=time.monotonic() - conn.waits_since)
        return super().handle(conn)

    def handle_error(self, req: Any, client: socket, addr: Any, exc: BaseException) -> None:
        """Send the page where a limit of the request was reached; leave all else to the server."""
        status = _STATUS_OF_LIMIT.get(type(exc))
        if status is None:
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("a request that is too long")
        page = (ROOT / "static" / "too-long.html").read_bytes()
        head = (
            f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(page)}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
            "Content-Security-Policy: default-src 'none'; img-src 'self'; style-src 'self'\r\n\r\n"
        )
        client.settimeout(0.2)
        with contextlib.suppress(OSError):
            client.recv(_READ_OF_TOO_LONG)  # unread input would reset the connection before the page is read
        with contextlib.suppress(OSError):
            client.sendall(head.encode("ascii") + page)


def _without_visitors(record: logging.LogRecord) -> bool:
    message = str(record.msg)
    if message.startswith("Error handling request"):
        record.msg, record.args = "error outside of the application", ()
    elif message.startswith("Invalid request from ip="):
        record.msg, record.args = "a request that is no HTTP", ()
    return True


os.umask(0o077)
_let_processes_count_together()
bind = f"127.0.0.1:{_port(os.environ.get('PORT'))}"
worker_class = "hallapp.server.Worker"
workers = 2
threads = 4
preload_app = True
timeout = 60
graceful_timeout = 30
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
accesslog = None
logger_class = ServerLog
secure_scheme_headers: dict[str, str] = {}  # only HALL_PROXIES decides which proxies are trusted
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Prepare the data that the forked workers share: load the printed font (26 MB), compress static files."""
    from hallapp.core.web import static_files
    from hallapp.printing import load_font

    _warn_of_the_network(server)
    load_font()
    try:
        static_files.pack(server.app.wsgi())
    except OSError as error:
        server.log.warning("static files are sent without compression: %s", error)
    gc.collect()
    gc.freeze()  # excludes the existing objects from garbage collection, so that forks share their memory


def post_fork(server: Any, _worker: Any) -> None:
    """Start each worker without its parent's connections: two processes must never share one."""
    from hallapp.core import metrics
    from hallapp.core.database import db

    if not metrics_files.begin_process():
        server.log.warning("this process counts nothing for /metrics: the disk has no room for it")
        metrics.count_nothing()
    app = server.app.wsgi()
    with app.app_context():
        db.engine.dispose(close=False)


def child_exit(_server: Any, worker: Any) -> None:
    """Keep what a worker has counted that is dead now."""
    metrics_files.end_process(worker.pid)


def _warn_of_the_network(server: Any) -> None:
    """Say so where other machines reach the server itself, and nothing stands in front that waits for slow clients."""
    settings = server.app.wsgi().config.get("SETTINGS")
    if settings and settings.proxies:
        return
    for address in server.cfg.address:
        if isinstance(address, tuple) and not is_this_machine(address[0]):
            server.log.warning(
                "listening at %s port %d, which other machines reach, and HALL_PROXIES is 0: a few half-open requests"
                " silence this server. Put nginx, Caddy or HAProxy in front of 127.0.0.1 and set HALL_PROXIES=1",
                *address[:2],
            )
