"""Logs as text or JSON, one line an event, without personal data."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger("hallapp")


class Formatter(logging.Formatter):
    """Formats one line for each event; an exception is logged by its place and type, without its message."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the id of the request that it belongs to."""
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := getattr(record, "request_id", ""):  # the web layer's filter sets it
            fields["request_id"] = request_id
        if record.exc_info and record.exc_info[0]:
            fields["exception"] = _without_values(record.exc_info)
        if self.as_json:
            return json.dumps(fields, ensure_ascii=False)
        text = f"{fields['at']} {fields['level']} {fields['message']}"
        text += f" [{fields['request_id']}]" if "request_id" in fields else ""
        return text + (f"\n{fields['exception']}" if "exception" in fields else "")


class StandardError(logging.StreamHandler):
    """A handler that writes to the present `sys.stderr`, even if it has been replaced."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(Formatter(as_json=as_json))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        self.stream = sys.stderr
        super().emit(record)


def _without_values(exc_info: Any) -> str:
    """Return the trace of an exception without its message, which may contain personal data."""
    kind, _value, trace = exc_info
    return "".join(traceback.format_tb(trace)) + kind.__name__
