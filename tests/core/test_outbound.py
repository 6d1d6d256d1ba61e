"""Requests to other systems: where they may go, and what limits them."""

import ipaddress
import socket
import time
from typing import Any

import pytest

from hallapp.core import outbound
from hallapp.core.outbound import AddressRefused, NoAnswer
from tests.webhooks.receiver import System, other_system

PUBLIC = ["8.8.8.8", "114.114.114.114", "2001:4860:4860::8888", "240e:ff:e02c:1::1", "::ffff:8.8.8.8"]
OWN = ["10.1.2.3", "172.31.0.1", "192.168.1.20", "127.0.0.1", "127.8.9.1", "100.64.0.1", "::1", "fd12::1"]
OWN += ["::ffff:10.0.0.1", "::ffff:127.0.0.1"]
NEVER = ["169.254.169.254", "::ffff:169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1"]
NEVER += ["fe80::1", "ff02::1", "::", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "fec0::1", "::10.0.0.1"]
NEVER += ["192.0.2.1", "198.18.0.1", "2001:db8::1", "100::1", "192.0.0.8"]


@pytest.mark.parametrize("private", [False, True])
def test_addresses_that_may_be_asked(private: bool) -> None:
    allowed = {one for one in PUBLIC + OWN + NEVER if outbound.is_allowed(ipaddress.ip_address(one), private=private)}
    assert allowed == {*PUBLIC, *(OWN if private else ())}


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://gate.example.org/a?b=1", "https://gate.example.org/a?b=1"),
        ("HTTPS://GATE.example:8443", "https://gate.example:8443"),
        ("https://展馆.中国/通知?名=值", "https://xn--ygty73l.xn--fiqs8s/%E9%80%9A%E7%9F%A5?%E5%90%8D=%E5%80%BC"),
        ("https://[2001:4860:4860::8888]/x", "https://[2001:4860:4860::8888]/x"),
    ],
)
def test_form_in_which_an_address_is_stored(url: str, stored: str) -> None:
    assert outbound.check(url, private=False) == stored
    assert outbound.check(stored, private=False) == stored


@pytest.mark.parametrize(
    ("url", "code"),
    [
        *((url, "form") for url in ("", "gate.example", "ftp://a.example/", "https://", "https:///x", "//a.example/")),
        *((url, "form") for url in ("https://a:b@c.example/", "https://a.example/#x", "https://a.example:0/")),
        *(
            (url, "form")
            for url in ("https://a.example:99999/", "https://a..example/", "https://[::1/", "https://a b/")
        ),
        *((url, "form") for url in ("https://a.example\\@b.example/", "https://" + "a" * 500, "javascript:alert(1)")),
        ("http://a.example/", "encryption"),
        *(
            (url, "private")
            for url in ("https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://a.local/")
        ),
        *(
            (url, "private")
            for url in ("https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "https://[fe80::1]/")
        ),
    ],
)
def test_addresses_that_are_refused(url: str, code: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        outbound.check(url, private=False)
    assert refused.value.code == code


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.5"], ["::ffff:192.168.0.1"], ["fe80::1%eth0"]])
def test_a_name_that_leads_inside_is_not_asked(found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("a connection was opened"))
    with pytest.raises(NoAnswer, match="private"):
        outbound.post("https://gate.example/", b"{}", {})


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
def test_other_spellings_of_this_machine_are_resolved_first(spelling: str) -> None:
    with pytest.raises(NoAnswer, match=r"private|name"):
        outbound.post(f"https://{spelling}/", b"{}", {})


def test_the_checked_address_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name has another address when it is looked up a second time (DNS rebinding)."""
    resolved: list[str] = []
    known = socket.getaddrinfo

    def resolve(host: str, port: int, *given: Any, **named: Any) -> Any:
        if host != "gate.example":
            return known(host, port, *given, **named)
        resolved.append("127.0.0.1" if not resolved else "127.0.0.9")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (resolved[-1], port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with other_system() as system:
        answer = outbound.post(f"http://gate.example:{system.server_port}/x", b"{}", {}, private=True)
    assert answer.status == 204
    assert system.asked[0][0]["host"] == f"gate.example:{system.server_port}"
    assert resolved == ["127.0.0.1"]


def test_limits_of_an_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "ANSWER_SECONDS", 0.3)
    with other_system() as system:
        system.answers = [200, 302, "drip", "silent", "nonsense"]
        system.headers = {"Location": system.url, "Retry-After": "120"}
        large = _post(system)
        assert (large.status, len(large.body), large.retry_after) == (200, outbound.MOST_BYTES, 120)
        assert _post(system).status == 302
        assert len(system.asked) == 2, "a redirect was followed"
        for code in ("timeout", "timeout", "protocol"):
            began = time.monotonic()
            with pytest.raises(NoAnswer, match=code):
                _post(system)
            assert time.monotonic() - began < 2
        with pytest.raises(NoAnswer, match="encryption"):
            outbound.post(system.url.replace("http:", "https:"), b"{}", {}, private=True)
    with pytest.raises(NoAnswer, match="connection"):
        _post(system)


def _post(system: System) -> outbound.Answer:
    return outbound.post(system.url, b"{}", {"webhook-id": "a"}, private=True)
