"""HTTP requests to addresses that people typed: only to checked addresses, with limits, and without redirects.

The host is resolved once, every address that it has is checked, and the connection goes to a checked address: a name
that resolves differently the next time (DNS rebinding) gains nothing. Proxies of the environment are not used, because
they would resolve the name again.
"""

import contextlib
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from urllib.parse import quote, urlsplit

CONNECT_SECONDS = 5.0
#: The time for the whole exchange after the connection, however slowly the other side sends.
ANSWER_SECONDS = 10.0
#: The part of an answer that is read.
MOST_BYTES = 16 * 1024
MOST_URL = 500

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_UNICAST = ipaddress.IPv6Network("2000::/3")
#: IPv6 addresses that contain an IPv4 address, to which a gateway would send the request.
_TUNNELS = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))


class AddressRefused(Exception):
    """The text is no address to which a request may be sent; `code` is `form`, `encryption` or `private`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoAnswer(Exception):
    """No answer was received; `code` is `private`, `name`, `connection`, `encryption`, `timeout` or `protocol`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer: its status, the beginning of its body as text, and the seconds of `Retry-After`."""

    status: int
    body: str
    retry_after: int | None = None


def check(url: str, *, private: bool) -> str:
    """Return an address in the form in which it is stored, without looking up its host.

    With `private`, addresses of the hall's own network and `http://` are allowed.

    Raises:
        AddressRefused: it is no such address, is not encrypted, or names an address that is not public.
    """
    if len(url) > MOST_URL or not url.isprintable() or any(sign in url for sign in ' \\"<>'):
        raise AddressRefused("form")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
        host = host if _literal(host) else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise AddressRefused("form") from None
    if not host or parts.username is not None or parts.fragment or port == 0:
        raise AddressRefused("form")
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise AddressRefused("encryption" if parts.scheme == "http" else "form")
    literal = _literal(host)
    local_name = host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    if (literal and not is_allowed(literal, private=private)) or (local_name and not private):
        raise AddressRefused("private")
    netloc = f"[{host}]" if ":" in host else host
    path, query = (quote(part, safe="%/:@!$&'()*+,;=~?") for part in (parts.path, parts.query))
    netloc = netloc if port is None else f"{netloc}:{port}"
    return parts._replace(netloc=netloc, path=path, query=query).geturl()


def is_allowed(address: _Address, *, private: bool) -> bool:
    """Return whether requests may be sent to an address: a public one, or with `private` one of the own network.

    Link-local addresses, at which clouds give out their keys, multicast and reserved ones are never allowed.
    """
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        if mapped is not None:
            return is_allowed(mapped, private=private)
        if address in _UNICAST and not any(address in tunnel for tunnel in _TUNNELS):
            return address.is_global
        return private and (address.is_loopback or address in _UNIQUE_LOCAL)
    special = address.is_multicast or address.is_reserved or address.is_link_local or address.is_unspecified
    if special or any(address in network for network in _SPECIAL):
        return False
    return address.is_global or (private and (address.is_loopback or any(address in net for net in _OWN)))


_UNIQUE_LOCAL = ipaddress.IPv6Network("fc00::/7")
#: IPv4 networks for protocols, which some versions of Python take for public ones.
_SPECIAL = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))
_OWN = tuple(ipaddress.IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> Answer:
    """Send a POST request and return the answer, whatever its status; a redirect is an answer like any other.

    Raises:
        AddressRefused: the address is not one that `check` returns.
        NoAnswer: none was received.
    """
    parts = urlsplit(check(url, private=private))
    host, encrypted = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if encrypted else 80)
    opened = _open(_resolve(host, port, private=private), port)
    connection = HTTPSConnection(host, port) if encrypted else HTTPConnection(host, port)
    connection.sock = opened
    with contextlib.closing(connection), deadline(opened, ANSWER_SECONDS) as is_over:
        try:
            if encrypted:
                connection.sock = ssl.create_default_context().wrap_socket(opened, server_hostname=host)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, dict(headers))
            response = connection.getresponse()
            text = response.read(MOST_BYTES).decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            raise NoAnswer("timeout" if is_over() else _code_of(error)) from None
        if is_over():
            raise NoAnswer("timeout")
        return Answer(status=response.status, body=text, retry_after=_seconds(response.headers.get("Retry-After")))


def _resolve(host: str, port: int, *, private: bool) -> list[str]:
    """Return the addresses of a host, all of which are allowed. Raises NoAnswer."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoAnswer("name") from None
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    if not all(is_allowed(ipaddress.ip_address(one.partition("%")[0]), private=private) for one in addresses):
        raise NoAnswer("private")
    return addresses


def _open(addresses: list[str], port: int) -> socket.socket:
    """Return a connection to the first of these addresses that takes one. Raises NoAnswer."""
    code, until = "connection", time.monotonic() + CONNECT_SECONDS
    for address in addresses:
        try:
            opened = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        except OSError as error:
            code = _code_of(error)
        else:
            opened.settimeout(ANSWER_SECONDS)
            return opened
        if time.monotonic() > until:
            break
    raise NoAnswer(code)


@contextmanager
def deadline(opened: socket.socket, seconds: float) -> Iterator[Callable[[], bool]]:
    """Break a connection after so many seconds, because the timeout of a socket begins anew with each byte.

    The value of the block tells whether that has happened.
    """
    over: list[bool] = []
    twin = opened.dup()  # TLS takes the socket itself over

    def end() -> None:
        over.append(True)
        with contextlib.suppress(OSError):
            twin.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield lambda: bool(over)
    finally:
        timer.cancel()
        timer.join()
        twin.close()


def _literal(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _code_of(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "encryption"
    return "protocol" if isinstance(error, HTTPException) else "connection"


def _seconds(text: str | None) -> int | None:
    """Return the seconds of a `Retry-After`; None where there is none, or where it is a date."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None
