"""A real HTTP gateway for text messages in a thread: answers by the number's last digits, keeps what it was asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class SmsGateway(ThreadingHTTPServer):
    """`…0429`, `…0500`, `…0400` and so on answer that status; `…0001` hangs, `…0002` speaks no HTTP, `…0003` takes the
    message and says nothing the first time. All others are taken."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/send?account=1"


class _Handler(BaseHTTPRequestHandler):
    server: SmsGateway

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = asked["id"] in [one["id"] for one in self.server.asked]
        self.server.asked.append(asked)
        self.server.headers.append(dict(self.headers))
        self.server.paths.append(self.path)
        end = asked["to"][-4:]
        if end == "0001":
            time.sleep(5)
        if end == "0002":
            self.wfile.write(b"\x00\xffnonsense\r\n\r\n")
            return
        if end == "0003" and not known:
            return
        status = int(end) if end in ("0302", "0400", "0404", "0429", "0500", "0503") else 202
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def sms_gateway() -> Iterator[SmsGateway]:
    server = SmsGateway()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
