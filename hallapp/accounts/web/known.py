"""Known devices: a limit on an address does not affect a browser in which a person has signed in before.

Such a browser keeps a signed cookie with a random word and the accounts that it may try: the "device cookies" of OWASP.
Its attempts are counted by that word alone, so neither a colleague's mistakes nor an attack from elsewhere locks its
owner out. A stolen cookie gives the attempts of one device and nothing else.
"""

import secrets
from typing import Any

from flask import after_this_request, current_app
from flask.wrappers import Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from hallapp.core.web.responses import keep_cookie, read_cookie

COOKIE = "known"
SECONDS = 400 * 24 * 3600  # the longest time that browsers keep a cookie; each sign-in renews it
ACCOUNTS_MOST = 20  # accounts in one browser, as at a front desk that many people share
_WORD_BYTES = 12


def find_device(staff_id: int) -> str | None:
    """Return the word of this browser where the account has signed in here before, else None."""
    word, accounts = _read()
    return word if staff_id in accounts else None


def remember(staff_id: int) -> None:
    """Let this browser be known to an account from now on; the cookie goes with the answer to this request."""
    word, accounts = _read()
    known = [staff_id, *(one for one in accounts if one != staff_id)][:ACCOUNTS_MOST]
    value = str(_serializer().dumps([word or secrets.token_urlsafe(_WORD_BYTES), known]))

    @after_this_request
    def _keep(response: Response) -> Response:
        return keep_cookie(response, COOKIE, value, seconds=SECONDS)


def _read() -> tuple[str | None, list[int]]:
    try:
        word, accounts = _serializer().loads(read_cookie(COOKIE), max_age=SECONDS)
    except (BadSignature, ValueError, TypeError):
        return None, []
    return word, accounts


def _serializer() -> URLSafeTimedSerializer:
    keys: Any = current_app.config["SETTINGS"].secret_keys  # newest first; the serializer needs the signing key last
    return URLSafeTimedSerializer(list(reversed(keys)), salt="hallapp known device v1")
