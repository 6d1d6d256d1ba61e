"""Addresses of streams and recordings, and how a page shows each."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from hallapp.online.errors import StreamAddress

_LONGEST = 500


class Player(StrEnum):
    """The way in which a page shows an address."""

    HLS = "hls"  # by the player that is served from here
    EMBED = "embed"  # in a frame of a host that the operator allows
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Stream:
    """An address with its player; `origin` is what the page's Content-Security-Policy must allow for it."""

    address: str
    player: Player
    origin: str


def check(address: str, *, field: str) -> str:
    """Return an address without surrounding space; empty means none. Raises StreamAddress."""
    address = address.strip()
    if not address:
        return ""
    try:
        found = urlsplit(address)
        host, port = found.hostname or "", found.port
    except ValueError:
        raise StreamAddress(field) from None
    plain = address.isascii() and not any(character in address for character in " \"'<>;,\\")
    whole = found.scheme == "https" and "." in host and not found.username and port != 0
    if not (plain and whole and address.isprintable() and len(address) <= _LONGEST):
        raise StreamAddress(field)
    return address


def stream_of(address: str, *, embed_hosts: Collection[str]) -> Stream | None:
    """Return how an address that was checked is shown; None where there is none."""
    if not address:
        return None
    found = urlsplit(address)
    origin = f"https://{found.netloc}"
    if found.path.lower().endswith(".m3u8"):
        return Stream(address, Player.HLS, origin)
    if found.netloc.lower() in embed_hosts:
        return Stream(address, Player.EMBED, origin)
    return Stream(address, Player.LINK, origin)
