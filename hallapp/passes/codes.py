"""The code that a QR holds: 80 random bits and an 80-bit signature, checkable before the database is asked.

Both halves are base32 (RFC 4648), 16 characters each: capitals and digits, so that the whole address stays within the
QR's alphanumeric mode. The signing key is derived from the deployment's secret for this purpose alone.
"""

import base64
import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence

from hallapp.passes.errors import CodeInvalid

_HALF_BYTES = 10
_HALF = _HALF_BYTES * 8 // 5
_SCANNED = re.compile(r"(?:HTTPS?://[^/?#]+/T/)?([A-Z2-7]{32})/?")
# What a Chinese input method makes of a scanner's keystrokes, beyond the full-width forms that NFKC knows.
_CHINESE_KEYS = str.maketrans("、。", "/.")


def make_token() -> str:
    """The random half of a new code: 16 characters."""
    return _base32(secrets.token_bytes(_HALF_BYTES))


def sign(token: str, keys: Sequence[str]) -> str:
    """The code of a token, 32 characters, signed with the newest (first) of the deployment's secret keys."""
    return token + _signature(token, keys[0])


def token_of(scanned: str, keys: Sequence[str]) -> str:
    """The token in what was scanned or typed: a QR's whole text or the bare code, in any case or width.

    Any of the keys may have signed it. The comparison takes the same time wherever a forgery goes wrong.

    Raises:
        CodeInvalid: for anything that none of the keys has signed.
    """
    plain = "".join(unicodedata.normalize("NFKC", scanned).translate(_CHINESE_KEYS).split())
    found = _SCANNED.fullmatch(plain.upper()) if plain.isascii() else None
    if found is None:
        raise CodeInvalid
    token, signature = found[1][:_HALF], found[1][_HALF:]
    # Every key is tried, whichever fits, so that the time does not tell which.
    signers = [key for key in keys if hmac.compare_digest(_signature(token, key), signature)]
    if not signers:
        raise CodeInvalid
    return token


def qr_text(code: str, base_url: str) -> str:
    """What the QR says: the address that opens the pass, in capitals throughout."""
    return f"{base_url}/t/{code}".upper()


def _signature(token: str, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"hallapp pass v1", "sha256")
    return _base32(hmac.digest(key, token.encode("ascii"), "sha256")[:_HALF_BYTES])


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii")
