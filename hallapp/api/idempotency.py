"""Requests that may be sent again: the same idempotency key with the same request gets the same answer.

A request first claims its idempotency key in a transaction of its own. The answer is stored in the transaction of the
act itself. So an expired claim without an answer belongs to a request that changed nothing, and the next one
takes it over.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from hallapp.accounts import vault
from hallapp.api.errors import IdempotencyKeyInvalid, InProgress, KeyReused
from hallapp.api.keys import Caller
from hallapp.api.models import ApiAnswer
from hallapp.core import clock
from hallapp.core.database import db, upsert

KEPT = timedelta(hours=24)
#: Longer than any request can take: a server ends one after less (`HALL_STATEMENT_SECONDS`, the worker's timeout).
_CLAIM = timedelta(minutes=5)
_MOST = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request with an idempotency key, both as digests: `name` of the key, `digest` of method, path and body."""

    caller: Caller
    name: str
    digest: str

    @classmethod
    def of(cls, caller: Caller, name: str, *, method: str, path: str, body: bytes) -> "Request":
        """Return the request of a key's program. Raises IdempotencyKeyInvalid."""
        if not 1 <= len(name) <= _MOST or not all("!" <= character <= "~" for character in name):
            raise IdempotencyKeyInvalid
        digest = hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()
        return cls(caller=caller, name=hashlib.sha256(name.encode()).hexdigest(), digest=digest)

    @property
    def identity(self) -> dict[str, Any]:
        """Return the primary key of the row."""
        return {"hall_id": self.caller.hall_id, "key_number": self.caller.number, "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a request: its status and its JSON."""

    status: int
    content: dict[str, Any]


def claim(request: Request, *, keys: Sequence[str]) -> Answer | None:
    """Claim an idempotency key, or return the answer that was given before; needs a transaction.

    Raises:
        KeyReused: it belongs to another request. InProgress: the first request with this key has no answer yet.
    """
    now = clock.now()
    row = request.identity | {"request": request.digest, "claimed_at": now}
    table = ApiAnswer.__table__
    free = table.c.claimed_at < now - KEPT
    abandoned = table.c.status.is_(None) & (table.c.claimed_at < now - _CLAIM)
    claimed = db.session.execute(
        upsert(ApiAnswer, row)
        .on_conflict_do_update(
            index_elements=list(request.identity),
            set_={"request": request.digest, "claimed_at": now, "status": None, "body": None},
            where=free | (abandoned & (table.c.request == request.digest)),
        )
        .returning(table.c.name)
    ).first()
    if claimed is not None:
        return None
    found = db.session.get_one(ApiAnswer, tuple(request.identity.values()), populate_existing=True)
    if found.request != request.digest:
        raise KeyReused
    if found.status is None or found.body is None:
        raise InProgress
    return Answer(status=found.status, content=json.loads(vault.open_(found.body, keys)))


def store(request: Request, answer: Answer, *, keys: Sequence[str]) -> None:
    """Store the answer of a request, in the transaction of its act."""
    body = vault.close(json.dumps(answer.content), keys)
    _update(request, status=answer.status, body=body)


def release(request: Request) -> None:
    """Give up the claim of a request that changed nothing and may be sent again; needs a transaction."""
    db.session.execute(delete(ApiAnswer).where(*_is(request), ApiAnswer.status.is_(None)))


def erase_of(hall_id: int, references: Collection[str], *, keys: Sequence[str], instead: Answer) -> None:
    """Put another answer in the place of those that name one of these bookings; needs a transaction.

    The row itself stays, so that a repeated request still changes nothing.
    """
    answered = select(ApiAnswer).where(ApiAnswer.hall_id == hall_id, ApiAnswer.body.is_not(None))
    for row in db.session.scalars(answered):
        if _names(str(row.body), references, keys):
            row.status, row.body = instead.status, vault.close(json.dumps(instead.content), keys)
    db.session.flush()


def _names(body: str, references: Collection[str], keys: Sequence[str]) -> bool:
    """Return whether an answer names one of these bookings. Nobody can read one whose key is gone."""
    try:
        content = vault.open_(body, keys)
    except vault.Unreadable:
        return False
    return any(reference in content for reference in references)


def erase(hall_id: int) -> int:
    """Erase the answers that were kept long enough; return their number. Needs a transaction."""
    old = delete(ApiAnswer).where(ApiAnswer.hall_id == hall_id, ApiAnswer.claimed_at < clock.now() - KEPT)
    return int(getattr(db.session.execute(old), "rowcount", 0))


def _update(request: Request, **values: Any) -> None:
    db.session.execute(update(ApiAnswer).where(*_is(request)).values(**values))


def _is(request: Request) -> tuple[Any, ...]:
    return tuple(getattr(ApiAnswer, name) == value for name, value in request.identity.items())
