"""Load on a server by a few keep-alive connections, as lean as Python allows: the cores are the server's too."""

import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)
_TIMEOUT_SECONDS = 30


class Unexpected(Exception):
    """The server answered something else than what is measured."""


class _Shared(Iterator[bytes]):
    """One iterator for several threads."""

    def __init__(self, items: Iterable[bytes]) -> None:
        self.items, self.lock = iter(items), threading.Lock()

    def __next__(self) -> bytes:
        with self.lock:
            return next(self.items)


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A whole HTTP request, ready to be sent."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def rate(url: str, requests: Iterable[bytes], *, status: int, seconds: float, connections: int) -> float:
    """Answers a second over so many connections, until the time or the requests run out.

    Raises:
        Unexpected: for an answer with another status.
    """
    shared = _Shared(requests)
    address = urlsplit(url)
    began = time.perf_counter()

    def work() -> int:
        with socket.create_connection((str(address.hostname), address.port or 80), _TIMEOUT_SECONDS) as server:
            return _send(server, shared, status, until=began + seconds)

    with ThreadPoolExecutor(connections) as pool:
        done = sum(future.result() for future in [pool.submit(work) for _ in range(connections)])
    return done / (time.perf_counter() - began)


def _send(server: socket.socket, requests: Iterator[bytes], status: int, *, until: float) -> int:
    done = 0
    for one in requests:
        found, head = _exchange(server, one)
        if found != status:
            raise Unexpected(f"{found} instead of {status} to {one[:60]!r}\n{head.decode('latin-1')}")
        done += 1
        if time.perf_counter() >= until:
            break
    return done


def _exchange(server: socket.socket, sent: bytes) -> tuple[int, bytes]:
    """Send a request and read the whole answer; gives its status and its head."""
    server.sendall(sent)
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive(server)
    head, _gap, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0:
        missing -= len(_receive(server))
    return int(head.split(b" ", 2)[1]), head


def _receive(server: socket.socket) -> bytes:
    data = server.recv(1 << 16)
    if not data:
        raise Unexpected("the server closed the connection")
    return data
