"""The server as it is run: a graceful stop, nothing shared by the fork that must not be, and a log without visitors."""

import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests import warm
from tests.conftest import SECRET

START_SECONDS = 60


@dataclass
class Server:
    """A running server and the file that holds its log."""

    process: warm.Program
    log: Path
    port: int = 0

    def get(self, path: str) -> tuple[int, Any]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Accept": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def raw(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(data)
            return connection.recv(65536)

    def wait(self) -> None:
        """Wait until it listens; the port is its own choice."""
        for _ in range(START_SECONDS * 20):
            found = re.search(r"Listening at: http://[0-9.]+:(\d+)", self.log.read_text())
            if found:
                self.port = int(found.group(1))
                return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(f"not up after {START_SECONDS} s: {self.log.read_text()}")


@contextmanager
def serve(database_url: str, folder: Path, *, host: str = "127.0.0.1", **environ: str) -> Iterator[Server]:
    log = folder / "server.log"
    command = ["-m", "gunicorn", "-c", "python:hallapp.server", "-b", f"{host}:0", "tests.core.slow_wsgi:app"]
    given = {"HALL_DATABASE_URL": database_url, "HALL_SECRET_KEY": SECRET, "HALL_INSTANCE": str(folder)}
    with log.open("wb") as file:
        process = warm.start(command, env={**os.environ, **given, **environ}, output=file)
    try:
        server = Server(process, log)
        server.wait()
        yield server
    finally:
        process.terminate()
        process.wait(60)


def test_stop_answers_every_request_in_flight_and_the_next_start_is_clean(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    for _ in range(2):
        with serve(database_url, tmp_path) as server, ThreadPoolExecutor(8) as pool:
            assert server.get("/readyz") == (200, {"status": "ok"})
            answers = [pool.submit(server.get, "/slow/2.0") for _ in range(8)]
            time.sleep(1)
            server.process.send_signal(signal.SIGTERM)
            assert [answer.result()[0] for answer in answers] == [200] * 8
            assert server.process.wait(30) == 0
            with pytest.raises(OSError, match="refused"):
                server.raw(b"GET / HTTP/1.0\r\n\r\n")
        assert "error" not in server.log.read_text()


@pytest.mark.on_database("postgresql")
def test_workers_share_the_font_and_no_connection(app: Flask, database_url: str, tmp_path: Path) -> None:
    with serve(database_url, tmp_path) as server, ThreadPoolExecutor(8) as pool:
        seen: dict[int, Any] = {}
        for _ in range(20):
            for _status, facts in pool.map(server.get, ["/process"] * 8):
                seen[facts["worker"]] = facts
            if len(seen) == 2:
                break
        assert len(seen) == 2
    assert all(facts["font_loaded"] for facts in seen.values())
    backends = [facts["backend"] for facts in seen.values()] + [facts["parents_backend"] for facts in seen.values()][:1]
    if "postgresql" in database_url:  # SQLite has no backends
        assert len(set(backends)) == 3


@pytest.mark.parametrize(
    ("host", "proxies", "warns"), [("0.0.0.0", "0", True), ("0.0.0.0", "1", False), ("127.0.0.1", "0", False)]
)
@pytest.mark.on_database("sqlite")
def test_start_that_other_machines_reach_without_a_proxy_says_what_to_do(
    app: Flask, database_url: str, tmp_path: Path, host: str, proxies: str, warns: bool
) -> None:
    with serve(database_url, tmp_path, host=host, HALL_PROXIES=proxies) as server:
        server.get("/readyz")
    lines = [line for line in server.log.read_text().splitlines() if " warning " in line]
    assert len(lines) == warns
    assert all(f"listening at {host}" in line and "set HALL_PROXIES=1" in line for line in lines)


PERSONAL = ("a-very-secret-key", "13800138000", "Mozilla-of-somebody", "127.0.0.1:", "ip=127.0.0.1")


def test_log_of_the_server_names_no_visitor(app: Flask, database_url: str, tmp_path: Path) -> None:
    with serve(database_url, tmp_path, HALL_LOG_FORMAT="json") as server:
        assert server.get("/visits/a-very-secret-key?phone=13800138000")[0] == 404
        assert server.get("/bug/a-very-secret-key")[0] == 500
        agent = b"Host: x\r\nUser-Agent: Mozilla-of-somebody\r\n"
        server.raw(b"GET /t/a-very-secret-key?13800138000 HTTP/1.1\r\n" + agent + b"Connection: close\r\n\r\n")
        assert b" 400 " in server.raw(b"a-very-secret-key 13800138000\r\n\r\n")
        assert b" 400 " in server.raw(b"GET /a-very-secret-key HTTP/1.1\r\nBad Header: 13800138000\r\n\r\n")
        long = server.raw(b"GET /" + b"a-very-secret-key" * 400 + b" HTTP/1.1\r\n" + agent + b"\r\n").decode()
        assert " 414 " in long and "网址过长" in long and "default-src 'none'" in long
        assert b" 431 " in server.raw(b"GET / HTTP/1.1\r\nCookie: " + b"a-very-secret-key" * 600 + b"\r\n\r\n")
        server.process.terminate()
        server.process.wait(30)
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    text = "\n".join(
        line["message"] + line.get("exception", "") for line in lines if "Listening at" not in line["message"]
    )
    for personal in PERSONAL:
        assert personal not in text
    messages = [line["message"] for line in lines]
    assert messages.count("a request that is no HTTP") == 2
    assert messages.count("a request that is too long") == 2
    assert sum(message.startswith("GET /bug/<secret> 500") for message in messages) == 1
    assert {line["logger"] for line in lines} == {"gunicorn.error", "hallapp"}
