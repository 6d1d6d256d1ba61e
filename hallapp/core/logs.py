"""Logs as text or JSON, one line a request, with its id and without personal data.

A request line holds the route's pattern (`/visits/<key>`), never the path: keys, codes and searches stay out.
"""

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from flask import Flask, g, has_request_context, request
from flask.wrappers import Response

log = logging.getLogger("hallapp")


class Formatter(logging.Formatter):
    """One line an event; of an exception where it happened and its kind, never its words."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the id of the request that it belongs to."""
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context() and "request_id" in g:
            fields["request_id"] = g.request_id
        if record.exc_info and record.exc_info[0]:
            fields["exception"] = _without_values(record.exc_info)
        if self.as_json:
            return json.dumps(fields, ensure_ascii=False)
        text = f"{fields['at']} {fields['level']} {fields['message']}"
        text += f" [{fields['request_id']}]" if "request_id" in fields else ""
        return text + (f"\n{fields['exception']}" if "exception" in fields else "")


class StandardError(logging.StreamHandler):
    """Writes to what standard error is at the moment."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(Formatter(as_json=as_json))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        self.stream = sys.stderr
        super().emit(record)


def _without_values(exc_info: Any) -> str:
    """The trace of an exception, without its message: a database error's message holds what people typed."""
    kind, _value, trace = exc_info
    return "".join(traceback.format_tb(trace)) + kind.__name__


def init_app(app: Flask, *, log_format: str) -> None:
    """Send log lines to standard error in the chosen format: this application's, and the warnings of libraries."""
    handler = StandardError(as_json=log_format == "json")
    for logger in (log, logging.getLogger()):
        logger.handlers[:] = [other for other in logger.handlers if not isinstance(other, StandardError)] + [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    app.log_exception = _error  # type: ignore[method-assign]  # Flask's own names the path, which may hold a key
    app.before_request(_start)
    app.after_request(_line)


def _error(exc_info: Any) -> None:
    log.error("error while answering", exc_info=exc_info)


def _start() -> None:
    g.started = time.perf_counter()


def _line(response: Response) -> Response:
    rule = request.url_rule.rule if request.url_rule else "-"
    milliseconds = (time.perf_counter() - g.started) * 1000 if "started" in g else 0
    log.info("%s %s %d %.0fms", request.method, rule, response.status_code, milliseconds)
    return response
