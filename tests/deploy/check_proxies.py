"""The examples for HAProxy, nginx and Caddy in the real programs: each is checked by itself, and asked for pages.

Behind each is hallapp once, and once a server that only writes down what reaches it.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hallapp.core.database import transaction
from hallapp.settings import ROOT
from tests import factories
from tests.cluster.nodes import wait_until
from tests.live import free_port, serve

HOST = "visit.example.org"
SECRET_PATH = "/visits/Kq7fHnTz4mWx9cRbLd2vYs8gPj3kAe6u"
TRUSTING = ssl._create_unverified_context()
EXAMPLES = ROOT / "deploy"


class Recorder:
    """A server that answers each request with a short page, and keeps the bytes that came."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                request = self._read(connection)
                if request:
                    self.taken.append(request)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data and (piece := connection.recv(65536)):
            data += piece
        length = re.search(rb"(?i)content-length: (\d+)", data)
        missing = int(length[1]) - len(data.partition(b"\r\n\r\n")[2]) if length else 0
        while missing > 0 and (piece := connection.recv(65536)):
            data, missing = data + piece, missing - len(piece)
        return data

    def of(self, path: str) -> list[str]:
        """The requests for a path, as text."""
        return [request.decode("latin-1") for request in self.taken if request.split(b" ")[1] == path.encode()]

    def stop(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    server = Recorder()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate, its key, and both in one file."""
    folder = tmp_path_factory.mktemp("certificate")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"]
    subprocess.run([*command, "-keyout", folder / "key", "-out", folder / "crt"], check=True, capture_output=True)
    (folder / "pem").write_text((folder / "crt").read_text() + (folder / "key").read_text())
    return folder


def haproxy(folder: Path, certificate: Path, port: int, upstream: int) -> list[list[str]]:
    """The commands that check the example and run it."""
    text = (EXAMPLES / "haproxy" / "haproxy.cfg").read_text()
    text = re.sub(r"(?m)^    bind :80\n", "", text)
    text = text.replace("bind :443", f"bind 127.0.0.1:{port}").replace(f"/etc/haproxy/{HOST}.pem", f"{certificate}/pem")
    text = re.sub(r"(?m)^    server web2.*\n", "", text).replace("192.0.2.11:8000", f"127.0.0.1:{upstream}")
    text = text.replace("log /dev/log", "log stdout format raw")
    (folder / "haproxy.cfg").write_text(text)
    program = ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")]
    return [[*program, "-c"], program]


def nginx(folder: Path, certificate: Path, port: int, upstream: int) -> list[list[str]]:
    """The commands that check the example and run it."""
    text = (EXAMPLES / "nginx" / "hallapp.conf").read_text()
    text = text.replace("listen 80", f"listen 127.0.0.1:{free_port()}").replace(
        "listen 443", f"listen 127.0.0.1:{port}"
    )
    text = text.replace(f"/etc/nginx/{HOST}.crt", f"{certificate}/crt").replace(
        f"/etc/nginx/{HOST}.key", f"{certificate}/key"
    )
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}").replace("/var/log/nginx", str(folder))
    (folder / "hallapp.conf").write_text(text)
    own = f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
    whole = f"{own} http {{ include {folder}/hallapp.conf; }}"
    (folder / "nginx.conf").write_text(whole)
    program = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    return [[*program, "-t"], program]


def caddy(folder: Path, _certificate: Path, port: int, upstream: int) -> list[list[str]]:
    """The commands that check the example and run it; Caddy makes a certificate itself."""
    text = (EXAMPLES / "caddy" / "Caddyfile").read_text()
    version = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
    if version.removeprefix("v").startswith("2.6"):
        text = re.sub(r"(?m)^\t\trequest_buffers .*$", "\t\tbuffer_requests", text)
        text = re.sub(r"(?m)^\t\tresponse_buffers .*$", "\t\tbuffer_responses", text)
    own = f"admin off\n\tlocal_certs\n\tskip_install_trust\n\thttp_port {free_port()}"
    text = text.replace("{\n\t#", f"{{\n\t{own}\n\t#", 1)
    text = text.replace("{$HALL_HOST}", f"{HOST}:{port}").replace("{$HALL_WEB:web:8000}", f"127.0.0.1:{upstream}")
    (folder / "Caddyfile").write_text(text)
    given = ["--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    return [["caddy", "validate", *given], ["caddy", "run", *given]]


Example = Callable[[Path, Path, int, int], list[list[str]]]


@pytest.fixture(params=[haproxy, nginx, caddy], ids=lambda each: each.__name__)
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    if shutil.which(found.__name__) is None:
        pytest.skip(f"THE EXAMPLE OF {found.__name__} WAS NOT TRIED: it is not installed")
    return found


@contextmanager
def running(example: Example, folder: Path, certificate: Path, upstream: int) -> Iterator[int]:
    """The example in its program, checked first; gives its port. What it writes is in files of the folder."""
    port = free_port()
    check, run = example(folder, certificate, port, upstream)
    environ = {**os.environ, "XDG_DATA_HOME": str(folder / "caddy"), "XDG_CONFIG_HOME": str(folder / "caddy")}
    checked = subprocess.run(check, capture_output=True, text=True, env=environ)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with (folder / "written.log").open("ab") as log:
        process = subprocess.Popen(run, stdout=log, stderr=log, env=environ)
    try:
        wait_until(lambda: _is_there(port), "it answers", seconds=20)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _is_there(port: int) -> bool:
    try:
        connect(port).close()
    except OSError:
        return False
    return True


def connect(port: int, host: str = HOST) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", port), 20)
    return TRUSTING.wrap_socket(plain, server_hostname=host)


def ask(port: int, path: str, host: str = HOST, **headers: str) -> tuple[int, dict[str, str]]:
    """The status and the headers of a page."""
    with connect(port, host) as server:
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}",
            "Connection: close",
            *(f"{k}: {v}" for k, v in headers.items()),
        ]
        server.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while piece := server.recv(65536):
            answer += piece
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return int(head[0].split(" ")[1]), {
        name.lower(): value for name, _colon, value in (line.partition(": ") for line in head[1:])
    }


def test_page_of_hallapp_comes_through(example: Example, tmp_path: Path, certificate: Path) -> None:
    with serve(
        f"sqlite:///{tmp_path / 'x.sqlite3'}", tmp_path, HALL_PROXIES="1", HALL_BASE_URL=f"https://{HOST}"
    ) as live:
        with live.app.app_context(), transaction():
            factories.hall()
        with running(example, tmp_path, certificate, int(live.url.rpartition(":")[2])) as port:
            wait_until(lambda: ask(port, "/")[0] == 200, "the first page", seconds=10)
            status, headers = ask(port, "/book", **{"X-Request-ID": "13800138000"})
            assert status == 200
            assert headers["x-request-id"] not in ("13800138000", "")
            assert "__Host-session" in headers["set-cookie"]
            assert ask(port, SECRET_PATH)[0] == 404
            assert ask(port, "/metrics")[0] == 404
    assert SECRET_PATH.rpartition("/")[2] not in written(tmp_path)


def test_what_a_visitor_says_of_themselves_is_replaced(
    example: Example, tmp_path: Path, certificate: Path, recorder: Recorder
) -> None:
    false = {
        "X-Request-ID": "13800138000",
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Host": "evil.example.net",
    }
    with running(example, tmp_path, certificate, recorder.port) as port:
        wait_until(lambda: ask(port, "/x", **false)[0] == 200, "a page", seconds=10)
    request = recorder.of("/x")[-1].lower()
    assert "x-forwarded-for: 127.0.0.1\r\n" in request
    assert "x-forwarded-proto: https\r\n" in request
    assert re.search(rf"x-forwarded-host: {HOST}(:\d+)?\r\n", request)
    assert re.search(r"x-request-id: [0-9a-f-]{16,}\r\n", request)
    assert not [value for value in false.values() if value in request]


def test_slow_client_is_kept_in_front(example: Example, tmp_path: Path, certificate: Path, recorder: Recorder) -> None:
    body = b"x" * 4000
    head = f"POST /slow HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    with running(example, tmp_path, certificate, recorder.port) as port:
        wait_until(lambda: ask(port, "/x")[0] == 200, "a page", seconds=10)
        before = len(recorder.taken)
        with connect(port) as server:
            server.sendall(head + body[:2000])
            time.sleep(1)
            assert ask(port, "/meanwhile")[0] == 200, "the one server behind it is free"
            assert len(recorder.of("/meanwhile")) == 1 and len(recorder.of("/slow")) == 0
            server.sendall(body[2000:])
            assert server.recv(12) == b"HTTP/1.1 200"
        assert recorder.of("/slow")[0].endswith(body.decode())
        assert len(recorder.taken) >= before + 2


def test_secrets_stay_out_of_its_logs_where_nobody_is_behind_it(
    example: Example, tmp_path: Path, certificate: Path
) -> None:
    with running(example, tmp_path, certificate, free_port()) as port:
        assert ask(port, SECRET_PATH)[0] in (502, 503)
        assert ask(port, "/t/K7M29QXTB4CD1E8F")[0] in (502, 503)
    assert SECRET_PATH.rpartition("/")[2] not in written(tmp_path)
    assert "K7M29QXTB4CD1E8F" not in written(tmp_path)


def written(folder: Path) -> str:
    """All that the programs wrote, and hallapp too."""
    return "".join(path.read_text(errors="replace") for path in folder.glob("*.log"))
