"""The configuration of the HTTP server: `gunicorn -c python:hallapp.server wsgi:app`.

Options of gunicorn's own command line win over it, as in `-b 0.0.0.0:8000` inside a container.
"""

import logging
import os
import sys
from typing import Any

from gunicorn.glogging import Logger

from hallapp.core.logs import StandardError


def _port(value: str | None) -> int:
    if not value:
        return 8000
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        print(f"hallapp: PORT must be a port, 1 to 65535, not {value!r}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2)
    return int(value)


class ServerLog(Logger):  # type: ignore[misc]
    """The server's own lines in this application's format, without the addresses that clients ask for or come from."""

    def setup(self, cfg: Any) -> None:
        """Replace the server's handlers by one of ours."""
        super().setup(cfg)
        handler = StandardError(as_json=os.environ.get("HALL_LOG_FORMAT") == "json")
        handler.addFilter(_without_visitors)
        self.error_log.handlers[:] = [handler]


def _without_visitors(record: logging.LogRecord) -> bool:
    message = str(record.msg)
    if message.startswith("Error handling request"):
        record.msg, record.args = "error outside of the application", ()
    elif message.startswith("Invalid request from ip="):
        record.msg, record.args = "a request that is no HTTP", ()
    return True


bind = f"127.0.0.1:{_port(os.environ.get('PORT'))}"
worker_class = "gthread"
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
secure_scheme_headers: dict[str, str] = {}  # HALL_PROXIES alone says whom to believe
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Load the printed font once, before the workers are forked: they share its 26 MB."""
    from hallapp.printing import load_font

    load_font()


def post_fork(server: Any, _worker: Any) -> None:
    """Start each worker without connections of its parent: two processes must never speak on one."""
    from hallapp.core.database import db

    app = server.app.wsgi()
    with app.app_context():
        db.engine.dispose(close=False)
