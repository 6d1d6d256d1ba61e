"""The readiness of this host, which `/readyz` answers."""

import time

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hallapp.core import revisions, servicekey
from hallapp.core.database import DatabaseAway, db, transaction
from hallapp.core.logs import log

#: A successful write is valid for this time, so that a probe every second does not write each time.
_TRUSTED_SECONDS = 10.0


class _LastWrite:
    at = float("-inf")


def find_trouble() -> str | None:
    """Return why this host cannot work now, as one word for programs; None where it can.

    `database`: it does not answer. `not_migrated`: run `hall setup`. `read_only`: nothing can be written, as on a
    standby or a full disk. `other_key`: this host has another secret key than the service.
    """
    try:
        if not revisions.fits(db.session.connection()):
            return "not_migrated"
        if not servicekey.is_ours():
            return "other_key"
    except (SQLAlchemyError, DatabaseAway) as error:
        return _trouble("database", error)
    try:
        _write()
    except (SQLAlchemyError, DatabaseAway) as error:
        return _trouble("read_only", error)
    return None


def _trouble(reason: str, error: Exception) -> str:
    log.warning("not ready: %s (%s)", reason, type(getattr(error, "orig", None) or error).__name__)
    return reason


def _write() -> None:
    """Write something that changes nothing, unless that went well a moment ago."""
    if time.monotonic() < _LastWrite.at + _TRUSTED_SECONDS:
        return
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = version_num"))
    _LastWrite.at = time.monotonic()
