"""The program that sends a request: its key, its scopes, and how often it may ask."""

from typing import cast

from flask import Flask, Response, current_app, g, request

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import let_keys_in
from hallapp.api import keys
from hallapp.api.errors import KeyMissing
from hallapp.api.keys import Caller
from hallapp.core import limits
from hallapp.core.limits import Limit, Remaining, TooManyRequests
from hallapp.core.web.responses import client_network

REQUESTS_A_MINUTE = 600  # of one key
REFUSALS_A_MINUTE = 60  # of one client network, in one process
_MINUTE = 60
_MOST = 200


def init_app(app: Flask) -> None:
    """Let keys, and keys alone, open the views of the API."""
    let_keys_in(app, _check)
    app.after_request(_show_limit)


def get_caller() -> Caller:
    """Return the program that sends this request; the gate has checked its key."""
    return cast(Caller, g.api_caller)


def secret_keys() -> tuple[str, ...]:
    """Return the keys of the service, the newest first."""
    found: tuple[str, ...] = current_app.config["SETTINGS"].secret_keys
    return found


def _check(permission: Permission | None) -> None:
    """Find the key of the request, count it, and check its scope.

    Raises:
        KeyMissing, KeyScopeMissing, TooManyRequests: each named after its reason.
    """
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() != "bearer" or len(text) > _MOST:
            raise KeyMissing
        caller = keys.check(text.strip())
    except KeyMissing:
        limits.count_here("api key refused", client_network(), most=REFUSALS_A_MINUTE, seconds=_MINUTE)
        raise
    g.api_caller, g.hall_id = caller, caller.hall_id
    of_key = f"{caller.hall_id} {caller.number}"
    try:
        g.api_remaining = limits.count_by_lease(
            Limit(what="api", subject=of_key, most=REQUESTS_A_MINUTE, seconds=_MINUTE)
        )
    except TooManyRequests as refusal:
        g.api_remaining = Remaining(0, refusal.retry_after or _MINUTE)
        raise
    if permission is not None:
        caller.need(permission)


def _show_limit(response: Response) -> Response:
    """Tell a program how many requests it has left (draft-ietf-httpapi-ratelimit-headers)."""
    remaining: Remaining | None = g.get("api_remaining")
    if remaining is not None:
        response.headers["RateLimit-Policy"] = f'"key";q={REQUESTS_A_MINUTE};w={_MINUTE}'
        response.headers["RateLimit"] = f'"key";r={remaining.uses};t={remaining.seconds}'
    return response
