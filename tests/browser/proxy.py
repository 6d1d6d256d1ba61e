"""A proxy before the server, as halls have them on their way: it passes everything on, or answers in its place."""

import http.client
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_PORTAL = b"<!doctype html><html><head><title>Wi-Fi</title></head><body>Please accept the terms</body></html>"
HANG_SECONDS = 1.5
HALVES = ("cut", "broken")
#: The server does what was asked, and its answer is lost, late or a second one.
HEARD = (*HALVES, "lost", "twice", "hang")
_DROPPED = ("connection", "transfer-encoding", "content-length", "keep-alive", "server", "date")


class Proxy:
    """`target` is the address of the server; `fault` names what is wrong with the paths that match `where`.

    Faults: `502`, `portal` (a page of somebody else with 200), `away` (a redirect to another site), `cut` (half of the
    answer, as if it were all), `broken` (the connection ends in the middle), `lost` (the server does what was asked and
    nobody hears of it), `twice` (it is asked again) and `hang` (it is asked late, when the browser may have given up).
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.fault = ""
        self.where = ""
        self.asked: list[str] = []

    def is_faulty(self, path: str) -> bool:
        """Whether an answer to this path goes wrong now."""
        return bool(self.fault) and re.search(self.where, path) is not None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: Proxy


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _answer(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        proxy.asked.append(self.path)
        fault = proxy.fault if proxy.is_faulty(self.path) else ""
        if fault == "502":
            self._send(502, [("Content-Type", "text/html")], b"<html><h1>502 Bad Gateway</h1></html>")
        elif fault == "portal":
            self._send(200, [("Content-Type", "text/html")], _PORTAL)
        elif fault == "away":
            self._send(302, [("Location", "http://127.0.0.1:9/portal")], b"")
        elif fault == "lost":
            self._ask(body)
            self.close_connection = True
        else:
            if fault == "hang":
                time.sleep(HANG_SECONDS)
            if fault == "twice":
                self._ask(body)
            self._send(*self._ask(body), fault=fault if fault in HALVES else "")

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815 (the names that http.server asks for)

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        address = urlsplit(self.server.proxy.target)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _DROPPED}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            passed_on = [(name, value) for name, value in answer.getheaders() if name.lower() not in _DROPPED]
            return answer.status, passed_on, answer.read()
        finally:
            connection.close()

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes, *, fault: str = "") -> None:
        sent = body[: len(body) // 2] if fault else body
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if fault == "broken" else len(sent)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(sent)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the browser, or the server behind it, has hung up
            self.close_connection = True


@contextmanager
def proxied(target: str) -> Iterator[tuple[str, Proxy]]:
    """A proxy before a server until the end; gives its own address too."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.proxy = Proxy(target)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", server.proxy
    finally:
        server.shutdown()
        server.server_close()
