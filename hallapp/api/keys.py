"""Keys of the API: making, rotating, revoking and checking them; it flushes at most."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import func, or_, select
from sqlalchemy.exc import NoResultFound

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Permission, Role
from hallapp.api.errors import KeyMissing, KeyNameTaken, KeyScopeMissing, TooManyKeys
from hallapp.api.models import ApiKey
from hallapp.core import clock, facts
from hallapp.core.database import db, write_if_possible
from hallapp.core.i18n import gettext as _
from hallapp.privacy.notice import tells_receivers
from hallapp.schedule.models import Hall

#: The permissions that a key can have: those that a request of the API needs.
SCOPES = (
    Permission.BOOKINGS_CHANGE,
    Permission.BOOKINGS_REVIEW,
    Permission.BOOKINGS_EXPORT,
    Permission.DESK_ADMIT,
    Permission.DESK_OVERRIDE,
    Permission.REPORTS_READ,
    Permission.STAFF_MANAGE,
)
#: The scopes with which a program reads the contacts of bookings.
OF_CONTACTS = (
    Permission.BOOKINGS_CHANGE,
    Permission.BOOKINGS_REVIEW,
    Permission.BOOKINGS_EXPORT,
    Permission.DESK_ADMIT,
    Permission.DESK_OVERRIDE,
)
PREFIX = "hall"
MOST_KEYS = 50
NAME_LENGTH = 40
_LOOKUP_BYTES = 8
_SECRET_BYTES = 32
_USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeKey:
    """The command that makes a key; without `expires_at` it is valid until it is revoked."""

    hall_id: int
    by: int
    name: str
    scopes: Sequence[Permission]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The program that sends a request: a key as plain values.

    `id` is the member of staff who made the key: what the program does is recorded as theirs, with the name of the key
    where there is a place for it.
    """

    hall_id: int
    number: int
    name: str
    id: int
    permissions: frozenset[Permission]

    @property
    def role(self) -> Role:
        """Return the role at the desk: a manager's if the key may override the desk's rules."""
        return Role.MANAGER if Permission.DESK_OVERRIDE in self.permissions else Role.DESK

    @property
    def device(self) -> str:
        """Return the name by which the desk shows where an event came from."""
        return f"API: {self.name}"[:NAME_LENGTH]

    def may(self, permission: Permission) -> bool:
        """Return whether the key has a scope."""
        return permission in self.permissions

    def need(self, permission: Permission) -> None:
        """Check that the key has a scope. Raises KeyScopeMissing."""
        if permission not in self.permissions:
            raise KeyScopeMissing(scope=permission.value)


def make(command: MakeKey) -> tuple[ApiKey, str]:
    """Make a key; return its row, and the key, which is nowhere else. Raises KeyNameTaken, TooManyKeys."""
    existing = list_keys(command.hall_id)
    if len(existing) >= MOST_KEYS:
        raise TooManyKeys(most=MOST_KEYS)
    if any(one.name == command.name for one in existing):
        raise KeyNameTaken
    newest = db.session.scalar(select(func.max(ApiKey.number)).where(ApiKey.hall_id == command.hall_id))
    lookup, digest, text = _new_secret()
    key = ApiKey(
        hall_id=command.hall_id,
        number=(newest or 0) + 1,
        name=command.name,
        scopes=",".join(scope.value for scope in SCOPES if scope in command.scopes),
        lookup=lookup,
        digest=digest,
        made_by=command.by,
        made_at=clock.now(),
        expires_at=command.expires_at,
    )
    db.session.add(key)
    db.session.flush()
    facts.renew(key.hall_id)
    _record(key, "api_key_made", by=command.by, scopes=key.scopes)
    return key, text


def rotate(key: ApiKey, *, by: int, old_for: timedelta) -> str:
    """Return a new secret for a key; the present one stays valid for a while."""
    key.old_lookup, key.old_digest, key.old_until = key.lookup, key.digest, clock.now() + old_for
    key.lookup, key.digest, text = _new_secret()
    db.session.flush()
    _record(key, "api_key_rotated", by=by, hours=int(old_for.total_seconds() // 3600))
    return text


def revoke(key: ApiKey, *, by: int) -> None:
    """Let a key, and the one before its rotation, open nothing any more."""
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        db.session.flush()
        facts.renew(key.hall_id)
        _record(key, "api_key_revoked", by=by)


@tells_receivers
def tell_receivers(hall: Hall) -> list[str]:
    """Return what the privacy notice says of programs, while a key that was not revoked opens contacts."""
    rows = db.session.scalars(select(ApiKey.scopes).where(ApiKey.hall_id == hall.id, ApiKey.revoked_at.is_(None)))
    if not any(scope.value in row.split(",") for row in rows for scope in OF_CONTACTS):
        return []
    return [
        _(
            "Other systems that the hall has connected, such as a website or an access gate: they can read and enter "
            "bookings with their contacts."
        )
    ]


def list_keys(hall_id: int) -> Sequence[ApiKey]:
    """Return the keys of a hall that were not revoked, oldest first."""
    rows = select(ApiKey).where(ApiKey.hall_id == hall_id, ApiKey.revoked_at.is_(None)).order_by(ApiKey.number)
    return db.session.scalars(rows).all()


def get_key(hall_id: int, number: int) -> ApiKey:
    """Return a key of a hall that was not revoked. Raises NoResultFound."""
    key = db.session.get(ApiKey, (hall_id, number))
    if key is None or key.revoked_at is not None:
        raise NoResultFound
    return key


def check(text: str) -> Caller:
    """Return the program to which a key belongs, and note that it is used. Raises KeyMissing."""
    prefix, _sign, rest = text.partition("_")
    lookup, _sign, secret = rest.partition("_")
    if prefix != PREFIX or not lookup.isascii() or not secret.isascii() or "\0" in lookup:
        raise KeyMissing
    now, digest = clock.now(), _digest(secret)
    rows = db.session.scalars(select(ApiKey).where(or_(ApiKey.lookup == lookup, ApiKey.old_lookup == lookup)))
    key = next((row for row in rows if _is_valid(row, lookup, digest, now)), None)
    if key is None:
        raise KeyMissing
    caller = Caller(hall_id=key.hall_id, number=key.number, name=key.name, id=key.made_by, permissions=key.permissions)
    if key.last_used_at is None or now - key.last_used_at >= _USE_NOTED_EVERY:
        write_if_possible(lambda: _note_use(caller, now), what="noting the use of an API key")
    return caller


def _is_valid(key: ApiKey, lookup: str, digest: str, now: datetime) -> bool:
    """Return whether a secret opens this row now; digests are compared in constant time."""
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return False
    if key.lookup == lookup:
        return compare_digest(key.digest, digest)
    return key.old_until is not None and now < key.old_until and compare_digest(key.old_digest or "", digest)


def _note_use(caller: Caller, now: datetime) -> None:
    key = db.session.get_one(ApiKey, (caller.hall_id, caller.number))
    key.last_used_at = now
    db.session.flush()


def _new_secret() -> tuple[str, str, str]:
    """Return a lookup word, the digest of a new secret, and the key that consists of both.

    The secret has 256 random bits, so a plain digest cannot be searched through.
    """
    lookup, secret = secrets.token_hex(_LOOKUP_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    return lookup, _digest(secret), f"{PREFIX}_{lookup}_{secret}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(key: ApiKey, action: str, *, by: int, **detail: object) -> None:
    accounts.record(
        hall_id=key.hall_id,
        staff_id=by,
        action=action,
        subject=f"api_key {key.number}",
        detail={"name": key.name, **detail},
    )
