"""A real HTTP server that takes what a Sentry takes, and keeps it."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli

_DECODERS: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


class Taken:
    """Everything that was sent: the headers and bodies as text, and the events in them."""

    def __init__(self, port: int) -> None:
        self.dsn = f"http://k3y@127.0.0.1:{port}/42"
        self.texts: list[str] = []

    @property
    def events(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for text in self.texts for line in text.splitlines()[1:] if line.startswith("{")]
        return [line for line in lines if "event_id" in line and "timestamp" in line]

    def wait(self, count: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.events) < count:
            assert time.monotonic() < deadline, f"{len(self.events)} of {count} reports came"
            time.sleep(0.05)


@contextmanager
def sentry() -> Iterator[Taken]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            body = _DECODERS[self.headers.get("Content-Encoding", "")](body)
            taken.texts.append(f"{self.path} {dict(self.headers)}\n{body.decode()}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken = Taken(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
