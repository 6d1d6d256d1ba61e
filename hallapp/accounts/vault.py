"""Secrets that must be read again, encrypted with a key that is derived from the deployment's own.

A copy of the database alone is then not enough to make codes, or to sign webhooks. Fernet (AES-128-CBC with
HMAC-SHA-256) of `cryptography`; the key is derived by HKDF (RFC 5869) for this purpose alone, so that it reveals
nothing about the key that signs sessions and passes.
"""

import base64
from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"hallapp two-step secret"


class Unreadable(Exception):
    """None of the present keys decrypts the text, because the key that encrypted it no longer exists."""


def close(text: str, keys: Sequence[str]) -> str:
    """Encrypt with the newest key, the first."""
    return _fernet(keys[0]).encrypt(text.encode()).decode()


def open_(closed: str, keys: Sequence[str]) -> str:
    """Decrypt with whichever of the keys fits. Raises Unreadable."""
    try:
        return MultiFernet([_fernet(key) for key in keys]).decrypt(closed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def renewed(closed: str, keys: Sequence[str]) -> str:
    """Return the text unchanged, or encrypted with the newest key, so that an older key can be removed later.

    Raises Unreadable.
    """
    try:
        _fernet(keys[0]).decrypt(closed.encode())
    except InvalidToken:
        return close(open_(closed, keys), keys)
    return closed


@lru_cache(maxsize=8)
def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
