"""Secrets and signatures of webhooks, as Standard Webhooks specifies them (symmetric, `v1`)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a new secret, in the form in which the other system needs it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(event_id: str, at: datetime, body: str, signing: Iterable[str]) -> dict[str, str]:
    """Return the headers of a request at an instant, with one signature for each of the secrets."""
    timestamp = int(at.timestamp())
    content = f"{event_id}.{timestamp}.{body}".encode()
    signatures = (hmac.digest(base64.b64decode(one.removeprefix(PREFIX)), content, hashlib.sha256) for one in signing)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "hallapp-webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }
