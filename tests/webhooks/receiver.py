"""Other systems on loopback: one that answers as a test says, and the receiver of the documentation as a process."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hallapp.settings import ROOT


class System(ThreadingHTTPServer):
    """Keeps the requests and answers them in turn: with a status, or `drip`, `silent`, `nonsense`; then with 204."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Any] = []
        self.asked: list[tuple[dict[str, str], str]] = []
        self.headers: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks?key=abc"


class _Handler(BaseHTTPRequestHandler):
    server: System

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(({name.lower(): value for name, value in self.headers.items()}, body))
        answer = self.server.answers.pop(0) if self.server.answers else 204
        if answer == "silent":
            time.sleep(1)
        elif answer == "nonsense":
            self.wfile.write(b"\x00\xff nonsense\r\n\r\n")
        elif answer == "drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.02)
        else:
            text = b"<p>\x00thanks</p>" * (1 if answer == 204 else 5000)
            self.send_response(answer)
            for name, value in self.server.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0" if answer == 204 else str(len(text)))
            self.end_headers()
            if answer != 204:
                self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True


@contextmanager
def other_system() -> Iterator[System]:
    """A system in a thread."""
    server = System()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def documented_receiver(secret: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The example of the documentation as a process of its own: its address, and the process."""
    command = [sys.executable, "-I", str(ROOT / "docs" / "examples" / "webhook_receiver.py"), "0"]
    process = subprocess.Popen(command, env={"WEBHOOK_SECRET": secret}, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().removeprefix("listening on ").strip(), process
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()  # type: ignore[union-attr]
