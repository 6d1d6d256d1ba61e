"""Access to the metrics: for a holder of the token, and for a program on this machine that asks without a proxy."""

import hmac
from urllib.parse import urlsplit

from flask import request

from hallapp.core import runtime
from hallapp.settings import Settings, is_this_machine

#: Headers that a proxy adds; any of them shows that the request does not come from the peer itself.
_OF_PROXIES = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
_FORWARDED = "x-forwarded"


def may_read() -> bool:
    """Return whether the present request may see the metrics."""
    settings = runtime.settings()
    return _has_token(settings) or _is_from_this_machine(settings)


def _has_token(settings: Settings) -> bool:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if not settings.metrics_token or kind.lower() != "bearer":
        return False
    return hmac.compare_digest(token.strip().encode("utf-8", "surrogatepass"), settings.metrics_token.encode())


def _is_from_this_machine(settings: Settings) -> bool:
    """Return whether the peer is this machine and speaks for itself.

    A visitor who comes through a proxy has the proxy's address, so three more signs must be missing: headers of a
    proxy, the public host name, and a public address of the site without a proxy that the settings know of.
    """
    before_proxies = request.environ.get("werkzeug.proxy_fix.orig", request.environ)
    if not is_this_machine(before_proxies.get("REMOTE_ADDR") or ""):
        return False
    names = [name.lower() for name, _value in request.headers]
    if any(name in _OF_PROXIES or name.startswith(_FORWARDED) for name in names):
        return False
    if not settings.proxies and not is_this_machine(urlsplit(settings.base_url).hostname or ""):
        return False
    return is_this_machine(_host_of(before_proxies.get("HTTP_HOST") or ""))


def _host_of(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
