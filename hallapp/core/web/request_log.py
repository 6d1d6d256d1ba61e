"""The log's line of each request, with its id and without personal data, and its count among the metrics.

Both hold the route's pattern (`/visits/<key>`), never the path: keys, codes and searches stay out.
"""

import logging
import time
from typing import Any

from flask import Flask, g, has_request_context, request
from flask.wrappers import Response

from hallapp.core import metrics, overload
from hallapp.core.logs import StandardError, log


def init_app(app: Flask, *, log_format: str) -> None:
    """Send log lines to standard error in the chosen format: this application's, and the warnings of libraries."""
    handler = StandardError(as_json=log_format == "json")
    handler.addFilter(_with_request_id)
    for logger in (log, logging.getLogger()):
        logger.handlers[:] = [other for other in logger.handlers if not isinstance(other, StandardError)] + [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    app.log_exception = _error  # type: ignore[method-assign]  # Flask's own names the path, which may hold a key
    app.before_request(_start)
    app.after_request(_line)


def describe() -> dict[str, str]:
    """Return what a report of an error may say of the present request; nothing outside of one."""
    if not has_request_context():
        return {}
    rule = request.url_rule.rule if request.url_rule else "-"
    return {"method": request.method, "route": rule, "request_id": g.get("request_id", "-")}


def _with_request_id(record: logging.LogRecord) -> bool:
    if has_request_context() and "request_id" in g:
        record.request_id = g.request_id
    return True


def _error(exc_info: Any) -> None:
    log.error("error while answering", exc_info=exc_info)


def _start() -> None:
    g.started = time.perf_counter()
    metrics.begin_request()


def _line(response: Response) -> Response:
    rule = request.url_rule.rule if request.url_rule else "-"
    seconds = time.perf_counter() - g.started if "started" in g else 0.0
    log.info("%s %s %d %.0fms", request.method, rule, response.status_code, seconds * 1000)
    metrics.count_request(
        method=request.method,
        route=rule,
        status=response.status_code,
        seconds=seconds,
        waited=overload.find_waited(),
    )
    return response
