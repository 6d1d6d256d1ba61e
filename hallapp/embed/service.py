"""The websites that may show a hall's pages: their origins are read, checked and stored."""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import delete, select

from hallapp.accounts import service as accounts
from hallapp.core.database import db
from hallapp.core.text import plain
from hallapp.embed.errors import SiteInvalid, SiteNotEncrypted, TooManySites
from hallapp.embed.models import EmbedSite

MOST_SITES = 10
_LONGEST_SHOWN = 60
_USUAL_PORTS = {"http": 80, "https": 443}
#: The names of a developer's own machine, whose pages need no encryption.
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
_NOT_IN_ORIGINS = frozenset("@?#\\ \t")
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def list_sites(hall_id: int) -> Sequence[str]:
    """Return the origins of the websites that may show the pages of a hall."""
    return db.session.scalars(
        select(EmbedSite.origin).where(EmbedSite.hall_id == hall_id).order_by(EmbedSite.origin)
    ).all()


def save_sites(hall_id: int, typed: str, *, by: int) -> None:
    """Replace the websites of a hall by those that were typed, one in each line; needs a transaction.

    Raises:
        SiteInvalid, SiteNotEncrypted, TooManySites
    """
    sites = sorted({read_origin(line) for line in typed.splitlines() if line.strip()})
    if len(sites) > MOST_SITES:
        raise TooManySites(most=MOST_SITES)
    before = list(list_sites(hall_id))
    if sites == before:
        return
    db.session.execute(delete(EmbedSite).where(EmbedSite.hall_id == hall_id))
    db.session.add_all(EmbedSite(hall_id=hall_id, origin=site) for site in sites)
    db.session.flush()
    accounts.record(
        hall_id=hall_id,
        staff_id=by,
        action="embed_sites_saved",
        subject=f"hall {hall_id}",
        detail={"sites": {"before": before, "after": sites}},
    )


def read_origin(typed: str) -> str:
    """Return the origin of an address as browsers write it. An address without a scheme is one of https.

    An address with a path, a user name or a `*` is refused: the origin would allow more than was typed, or less.

    Raises:
        SiteInvalid, SiteNotEncrypted
    """
    address = plain(typed)
    shown = "".join(character for character in address if character.isprintable())[:_LONGEST_SHOWN]
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host, port = _host(parts), parts.port
    except ValueError:
        raise SiteInvalid(typed=shown) from None
    odd_port = port == 0 or parts.netloc.endswith(":")
    if parts.scheme not in _USUAL_PORTS or parts.path not in ("", "/") or odd_port or set(address) & _NOT_IN_ORIGINS:
        raise SiteInvalid(typed=shown)
    if parts.scheme == "http" and host not in _LOCAL:
        raise SiteNotEncrypted(typed=shown)
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, _USUAL_PORTS[parts.scheme]) else "")


def _host(parts: SplitResult) -> str:
    """Return the host as browsers write it. Raises ValueError."""
    name = parts.hostname or ""
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name)}]"
    host = name.encode("idna").decode().lower()
    if not _HOST.fullmatch(host):
        raise ValueError("not a host name")
    if host.rpartition(".")[2].isdigit():
        return str(ipaddress.IPv4Address(host))
    return host
