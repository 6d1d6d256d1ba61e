"""Requests to providers, with a limit on the time of the whole exchange and on the size of an answer.

The timeout of a library begins anew with each part that arrives, so a server that sends one byte after the other would
hold a process for hours. Here a timer breaks the connection.
"""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from socket import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from hallapp.core import outbound

CONNECT_SECONDS = 5
#: The time for the whole exchange after the connection.
ANSWER_SECONDS = 10
#: The longest answer, unpacked. The description of a provider has some KB, a token with many groups some dozen.
MOST_BYTES = 512 * 1024

#: The block of the present request; the end of the block ends the timers of its connections.
_block: ContextVar[ExitStack] = ContextVar("sign_on_exchange")


def limit(session: requests.Session) -> None:
    """Set the limits for all requests of a session; a request beyond them raises `requests.RequestException`."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())


@contextmanager
def limited_session() -> Iterator[requests.Session]:
    """Return a session with the limits."""
    with requests.Session() as session:
        limit(session)
        yield session


class _Adapter(HTTPAdapter):
    """Reads an answer whole before it returns it."""

    def init_poolmanager(self, *arguments: Any, **values: Any) -> None:
        super().init_poolmanager(*arguments, **values)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **values: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **values)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, request: requests.PreparedRequest, *_arguments: Any, **values: Any) -> requests.Response:
        values |= {"stream": True, "timeout": (CONNECT_SECONDS, ANSWER_SECONDS)}
        with ExitStack() as block:
            token = _block.set(block)
            try:
                response = super().send(request, **values)
            finally:
                _block.reset(token)
            block.callback(response.raw.release_conn)
            body = bytearray()
            for part in response.iter_content(16 * 1024):
                body += part
                if len(body) > MOST_BYTES:
                    raise requests.exceptions.ContentDecodingError("the answer is too long")
            return _whole(response, bytes(body))


def _whole(response: requests.Response, body: bytes) -> requests.Response:
    """Return an answer whose body has been read."""
    read = requests.Response()
    read.status_code, read.headers, read.url = response.status_code, response.headers, response.url
    read.request, read.reason, read.encoding = response.request, response.reason, response.encoding
    read.raw = io.BytesIO(body)
    return read


def _watch(opened: socket) -> socket:
    _block.get().enter_context(outbound.deadline(opened, ANSWER_SECONDS))
    return opened


class _Http(HTTPConnection):
    def _new_conn(self) -> socket:
        return _watch(super()._new_conn())


class _Https(HTTPSConnection):
    def _new_conn(self) -> socket:
        return _watch(super()._new_conn())


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


_POOLS = {"http": _HttpPool, "https": _HttpsPool}
