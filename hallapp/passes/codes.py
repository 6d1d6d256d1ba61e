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
from dataclasses import dataclass
from functools import lru_cache

from hallapp.core import scans
from hallapp.passes.errors import CodeInvalid

_HALF_BYTES = 10
_HALF = _HALF_BYTES * 8 // 5
_MOST_KEYS = 32  # a few secrets, each with a key for every kind of code
_SCANNED = re.compile(r"(?:HTTPS?://[^/?#]+/([A-Z])/)?([A-Z2-7]{32})/?")
# The characters that a Chinese input method produces from a scanner's keystrokes, beyond full-width forms.
_CHINESE_KEYS = str.maketrans("、。", "/.")


@dataclass(frozen=True, slots=True)
class Kind:
    """The kinds of codes: the letter in their address, and the purpose of their key, so that none passes as another."""

    letter: str
    purpose: bytes


PASS = Kind("T", b"hallapp pass v1")


def make_token() -> str:
    """Return the random half of a new code: 16 characters."""
    return _base32(secrets.token_bytes(_HALF_BYTES))


def sign(token: str, keys: Sequence[str], *, kind: Kind = PASS) -> str:
    """Return the code of a token, 32 characters, signed with the newest (first) of the deployment's secret keys."""
    return token + _signature(token, keys[0], kind)


def token_of(scanned: str, keys: Sequence[str], *, kind: Kind = PASS) -> str:
    """Return the token in a scanned or typed text: a QR's whole text or the bare code, in any case or width.

    Any of the keys may have signed it. The comparison takes the same time for every forgery.

    Raises:
        CodeInvalid: for anything that none of the keys has signed.
    """
    found = _match(scanned)
    if found is None or found[1] not in (None, kind.letter):
        raise CodeInvalid
    token, signature = found[2][:_HALF], found[2][_HALF:]
    # Every key is tried, even after one fits, so that the time does not reveal which.
    signers = [key for key in keys if hmac.compare_digest(_signature(token, key, kind), signature)]
    if not signers:
        raise CodeInvalid
    return token


def qr_text(code: str, base_url: str, *, kind: Kind = PASS) -> str:
    """Return the text of the QR: the address that opens the code, in capitals throughout."""
    return f"{base_url}/{kind.letter}/{code}".upper()


def looks_like_one(scanned: str) -> bool:
    """Return whether a text has the shape of a code, of any kind and signed by anyone."""
    return _match(scanned) is not None


def find_path(scanned: str, *, kind: Kind = PASS) -> str | None:
    """Return the page that a code of another kind opens; None for all other texts."""
    found = _match(scanned)
    return None if found is None or found[1] in (None, kind.letter) else f"/{found[1]}/{found[2]}"


def _match(scanned: str) -> re.Match[str] | None:
    text = scans.without_symbology(scanned)
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_CHINESE_KEYS).split())
    return _SCANNED.fullmatch(plain.upper()) if plain.isascii() else None


def _signature(token: str, secret: str, kind: Kind) -> str:
    return _base32(hmac.digest(_key_of(secret, kind), token.encode("ascii"), "sha256")[:_HALF_BYTES])


@lru_cache(maxsize=_MOST_KEYS)
def _key_of(secret: str, kind: Kind) -> bytes:
    """Return the signing key of a secret, which the codes of a whole day need."""
    return hmac.digest(secret.encode(), kind.purpose, "sha256")


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii")
