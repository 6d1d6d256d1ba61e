"""The key that opens a booking's feedback page and nothing else: its reference, and a signature of 100 bits.

Nothing is stored for it. The signing key is derived from the deployment's secret for this purpose alone, and the older
secrets of a rotation stay valid, as for passes.
"""

import base64
import hmac
import re
from collections.abc import Sequence

_KEY = re.compile(r"([0-9A-Z]{8})-([a-z2-7]{20})")
_BYTES = 13


def make(reference: str, secrets: Sequence[str]) -> str:
    """Return the key of a booking, signed with the newest (first) of the deployment's secret keys."""
    return f"{reference}-{_signature(reference, secrets[0])}"


def find_reference(key: str, secrets: Sequence[str]) -> str | None:
    """Return the reference that a key was made for, or None where none of the secrets has signed it."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    right = [one for one in secrets if hmac.compare_digest(_signature(found[1], one), found[2])]
    return found[1] if right else None


def _signature(reference: str, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"hallapp feedback v1", "sha256")
    digest = hmac.digest(key, reference.encode("ascii"), "sha256")[:_BYTES]
    return base64.b32encode(digest).decode("ascii").lower()[:20]
