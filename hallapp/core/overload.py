"""Under overload, public pages are refused quickly instead of answered slowly.

The server notes how long a request has waited for its turn. A visitor's page that has waited too long is answered at
once with a small page that reloads itself; so the queue stays short, and the desk and private pages behind it are
served in time. A form waits longer than a page, because it holds typed values.
"""

import secrets
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from hallapp.core.headers import security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: The number of seconds that a request for these pages may wait for its turn; other requests wait without a limit.
PATIENCE: Final = {
    ("GET", "/"): 1.0,
    ("GET", "/book"): 1.0,
    ("GET", "/book/times"): 1.0,
    ("GET", "/book/line"): 1.0,
    ("POST", "/book"): 6.0,
}
_AGAIN_LEAST = 3
_AGAIN_SPREAD = 5  # seconds, chosen at random, so that browsers do not all come back at once
_turn = threading.local()


def find_waited() -> float:
    """Return how many seconds the present request of this thread waited; 0 where no server has noted it."""
    return float(getattr(_turn, "waited", 0.0))


def begin(*, waited: float) -> None:
    """Note how many seconds the request that this thread is about to answer has waited; the server calls it."""
    _turn.waited = waited


class Relief:
    """A WSGI application in front of another one."""

    def __init__(
        self,
        application: "WSGIApplication",
        *,
        page: Callable[["WSGIEnvironment"], bytes],
        secure: bool,
        count: Callable[[], None],
    ) -> None:
        self._application, self._page, self._count = application, page, count
        self._headers = [*security_headers(secure=secure).items(), ("Cache-Control", "no-store")]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer in the place of the application where the request has waited for too long."""
        method = environ["REQUEST_METHOD"]
        patience = PATIENCE.get((method, environ.get("PATH_INFO", "")))
        if patience is None or find_waited() <= patience:
            return self._application(environ, start_response)
        self._count()
        page = self._page(environ)
        again = str(_AGAIN_LEAST + secrets.randbelow(_AGAIN_SPREAD))
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Retry-After", again),
            *self._headers,
        ]
        if method == "GET":  # a form is not reloaded: the visitor sends it again
            headers.append(("Refresh", again))
        start_response("503 Service Unavailable", headers)
        return [page]
