"""The fingerprint of the secret key in the database, by which a host finds out that it has another key.

A pass that one host signs must be read by all others, so every host of a service needs the same key.
"""

import hmac
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core import database, runtime
from hallapp.core.database import Model, UtcDateTime, db, upsert
from hallapp.core.errors import N_, DomainError


class ServiceKey(Model):
    """The single row that identifies the key with which the service signs; the key itself is never stored."""

    __tablename__ = "service_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OtherKey(DomainError):
    """The host has none of the keys that the service signs with."""

    code = "other_key"
    message = N_(
        "This database belongs to another secret key than the one of this host: passes that were printed with it would"
        " be unknown here. Give this host that key (HALL_SECRET_KEY, or the file secret_key of the data folder)."
        " If the key is lost, `hall setup --new-key` accepts the key of this host."
    )


def is_ours() -> bool:
    """Return whether this host has the key that the service signs with, or none has been recorded yet."""
    found = db.session.get(ServiceKey, 1, populate_existing=True)
    return found is None or found.fingerprint in _own_fingerprints()


def record(*, new_key: bool = False) -> None:
    """Record the newest key of this host as the one of the service; needs a transaction.

    Raises:
        OtherKey: another one is recorded that this host does not have, and `new_key` does not overrule it.
    """
    if not (new_key or is_ours()):
        raise OtherKey
    values = {"fingerprint": _own_fingerprints()[0], "recorded_at": database.now()}
    row = upsert(ServiceKey, {"id": 1, **values})
    db.session.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))


def find_fingerprint() -> str | None:
    """Return the fingerprint of the key that the service signs with; None where none has been recorded yet."""
    found = db.session.get(ServiceKey, 1, populate_existing=True)
    return found.fingerprint if found else None


def _own_fingerprints() -> list[str]:
    return [get_fingerprint(key) for key in runtime.settings().secret_keys]


def get_fingerprint(key: str) -> str:
    """Return what identifies a key and says nothing about it."""
    return hmac.digest(key.encode(), b"hallapp service key v1", "sha256").hex()
