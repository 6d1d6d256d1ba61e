"""Codes by the time of day. Source: RFC 4226 (HOTP), RFC 6238 (TOTP), with SHA-1, 30 seconds and six digits.

Every authenticator supports these values; several silently ignore any others.
"""

import base64
import hmac
import secrets
from urllib.parse import quote, urlencode

SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20  # the length of a SHA-1 digest, RFC 4226, 4
_STEPS_AROUND = 1  # a clock may be half a minute off, RFC 6238, 5.2


def new_secret() -> str:
    """Return a secret in base32, as authenticators read it and people type it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def hotp(key: bytes, counter: int, *, digits: int = DIGITS) -> str:
    """Return the code of a counter. Source: RFC 4226, 5.3."""
    mac = hmac.digest(key, counter.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def step_at(timestamp: float) -> int:
    """Return the step that an instant, in seconds since 1970, lies in."""
    return int(timestamp // SECONDS)


def code_at(secret: str, timestamp: float) -> str:
    """Return the code that an authenticator shows at an instant."""
    return hotp(base64.b32decode(secret), step_at(timestamp))


def find_step(secret: str, typed: str, *, timestamp: float, after: int | None = None) -> int | None:
    """Return the step, next to an instant's, whose code was typed; None for a wrong code.

    `after` is the last step whose code was accepted: the codes of that step and of earlier ones are refused (RFC 6238,
    5.2).
    """
    key, now = base64.b32decode(secret), step_at(timestamp)
    found = None
    for step in range(now - _STEPS_AROUND, now + _STEPS_AROUND + 1):
        right = hmac.compare_digest(hotp(key, step).encode(), typed.encode("utf-8", "surrogatepass"))
        if right and (after is None or step > after):
            found = step
    return found


def address(secret: str, *, name: str, issuer: str) -> str:
    """Return the address in the QR for an authenticator app: `otpauth://totp/…`."""
    label = quote(f"{issuer}:{name}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"
