"""Logs as text or JSON, one line a request, with its id and without personal data.

A request line holds the route's pattern (`/visits/<key>`), never the path: keys, codes and searches stay out.
"""

import json
import logging
import sys
import time
from datetime import UTC, datetime

from flask import Flask, g, has_request_context, request
from flask.wrappers import Response

log = logging.getLogger("hallapp")


class _Formatter(logging.Formatter):
    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context() and "request_id" in g:
            fields["request_id"] = g.request_id
        if record.exc_info:
            fields["exception"] = _without_values(record.exc_info)
        if self.as_json:
            return json.dumps(fields, ensure_ascii=False)
        text = f"{fields['at']} {fields['level']} {fields['message']}"
        text += f" [{fields['request_id']}]" if "request_id" in fields else ""
        return text + (f"\n{fields['exception']}" if "exception" in fields else "")


def _without_values(exc_info: tuple) -> str:
    """The trace of an exception, without its message: a database error's message holds what people typed."""
    import traceback

    kind, _value, trace = exc_info
    return "".join(traceback.format_tb(trace)) + getattr(kind, "__name__", str(kind))


def init_app(app: Flask, *, log_format: str) -> None:
    """Send this application's log lines to standard error in the chosen format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(as_json=log_format == "json"))
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    app.logger.handlers[:] = []
    app.logger.parent = log
    app.before_request(_start)
    app.after_request(_line)


def _start() -> None:
    g.started = time.perf_counter()


def _line(response: Response) -> Response:
    rule = request.url_rule.rule if request.url_rule else "-"
    milliseconds = (time.perf_counter() - g.started) * 1000 if "started" in g else 0
    if request.endpoint != "static":
        log.info("%s %s %d %.0fms", request.method, rule, response.status_code, milliseconds)
    return response
