"""Reports of errors to a Sentry, where HALL_SENTRY_DSN names one, without anything of any person.

A report is not cleaned of what may be personal: it is built anew of what is known not to be. Left out are the message
of an exception, which may hold what somebody typed, values of variables, and all of a request but its method and the
pattern of its route.
"""

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from hallapp.core.version import get_version
from hallapp.settings import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

#: Gives what of the present request may be told: `method`, `route` and `request_id`; nothing outside of a request.
FindRequest = Callable[[], dict[str, str]]

_KEPT = frozenset(
    "event_id timestamp platform level logger release environment server_name modules sdk".split()  # noqa: SIM905
)
_KEPT_OF_FRAME = frozenset(
    "filename abs_path module function lineno in_app context_line pre_context post_context".split()  # noqa: SIM905
)
_KEPT_CONTEXTS = frozenset({"runtime", "os"})
_OURS = "hallapp"


def init(settings: Settings, find_request: FindRequest) -> None:
    """Report errors from now on, as far as the settings say so."""
    if settings.sentry_dsn is None:
        return
    # Imported here, as most halls have no Sentry, and commands shall start quickly.
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.integrations.modules import ModulesIntegration

    def before_send(event: "Event", hint: "Hint") -> "Event":
        return rebuild(event, hint.get("log_record"), find_request())

    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        release=f"hallapp@{get_version()}",
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None),
            ExcepthookIntegration(),
            DedupeIntegration(),
            ModulesIntegration(),
            AtexitIntegration(callback=lambda _pending, _timeout: None),
        ],
        before_send=before_send,
        before_send_transaction=lambda _event, _hint: None,
        before_breadcrumb=lambda _crumb, _hint: None,
        max_breadcrumbs=0,
        include_local_variables=False,
        auto_session_tracking=False,
        send_client_reports=False,
        max_request_body_size="never",
        debug=False,
    )


def rebuild(event: "Event", record: logging.LogRecord | None, request: dict[str, str]) -> "Event":
    """Return a report with what may leave the machine."""
    found: dict[str, Any] = {name: value for name, value in event.items() if name in _KEPT}
    if record is not None:
        found["logentry"] = {"message": _message(record)}
    exceptions = (event.get("exception") or {}).get("values") or ()
    if exceptions:
        found["exception"] = {"values": [_exception(each) for each in exceptions]}
    if request:
        found["transaction"] = f"{request['method']} {request['route']}"
        found["tags"] = request
    found["contexts"] = {name: value for name, value in event.get("contexts", {}).items() if name in _KEPT_CONTEXTS}
    return found  # type: ignore[return-value]


def _message(record: logging.LogRecord) -> str:
    """Return a line of our own log, which contains no personal data; of a library's line only its constant text.

    A message without arguments may have been filled in already, or be an exception: it is named by its place alone.
    """
    if record.name.partition(".")[0] == _OURS:
        return record.getMessage()
    if isinstance(record.msg, str) and record.args:
        return record.msg
    return f"{record.name}: a message in {record.funcName}"


def _exception(found: dict[str, Any]) -> dict[str, Any]:
    frames = (found.get("stacktrace") or {}).get("frames") or ()
    return {
        "type": found.get("type"),
        "module": found.get("module"),
        "value": "",
        "stacktrace": {"frames": list(_frames(frames))},
    }


def _frames(frames: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for frame in frames:
        yield {name: value for name, value in frame.items() if name in _KEPT_OF_FRAME}
