"""Answers of providers have limits: of size, packed or not, and of time, however slowly they come."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from hallapp.signon import exchange, oidc
from hallapp.signon.errors import ProviderAway

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
TOO_LONG = json.dumps({"groups": "x" * exchange.MOST_BYTES}).encode()
LIMIT = 0.3


@contextmanager
def answers(parts: list[bytes], *, drip: bytes = b"") -> Iterator[str]:
    """A server that sends these parts, and then byte after byte without an end."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            opened, _address = server.accept()
            with opened, suppress(OSError):
                opened.recv(4096)
                for part in parts:
                    opened.sendall(part)
                while drip and not over.wait(0.02):
                    opened.sendall(drip)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        over.set()
        thread.join(5)


@pytest.mark.parametrize(
    ("parts", "drip"),
    [
        ([HEAD, b"\r\n", TOO_LONG], b""),
        ([HEAD, f"Content-Length: {len(TOO_LONG)}\r\n\r\n".encode(), TOO_LONG], b""),
        ([HEAD, b"Content-Encoding: gzip\r\n\r\n", gzip.compress(TOO_LONG)], b""),
        ([HEAD, b"\r\n", b'{"a": "'], b"x"),
        ([HEAD, b"Transfer-Encoding: chunked\r\n\r\n"], b"1\r\nx\r\n"),
        ([HEAD, b"X-Drip: "], b"x"),
        ([], b"H"),
    ],
    ids=["long", "long and said", "packed", "slow body", "slow chunks", "slow header", "slow status"],
)
def test_answer_without_an_end_is_refused(parts: list[bytes], drip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "ANSWER_SECONDS", LIMIT)
    with answers(parts, drip=drip) as url:
        begun = time.monotonic()
        with pytest.raises(ProviderAway):
            oidc.get_json(url)
        assert time.monotonic() - begun < LIMIT + 5


def test_answer_just_within_the_limit_is_read() -> None:
    text = json.dumps({"a": "x" * (exchange.MOST_BYTES - 20)}).encode()
    packed = gzip.compress(text)
    head = HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    with answers([head, packed]) as url:
        assert len(oidc.get_json(url)["a"]) == exchange.MOST_BYTES - 20
