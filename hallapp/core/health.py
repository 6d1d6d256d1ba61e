"""`/healthz`: the process answers. It is asked every few seconds and needs nothing of the application behind it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from hallapp.core.headers import security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PATH: Final = "/healthz"
_BODY: Final = b'{"status":"ok"}\n'


class Health:
    """A WSGI application in front of another one, which answers to this one address itself."""

    def __init__(self, application: "WSGIApplication", *, secure: bool) -> None:
        self._application = application
        self._headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(_BODY))),
            ("Cache-Control", "no-store"),
            *security_headers(secure=secure).items(),
        ]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer that the process is there, or leave the request to the application."""
        if environ.get("PATH_INFO") != _PATH or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        start_response("200 OK", self._headers.copy())
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else _BODY]
