"""The one-time code, and the transaction that makes a hall with its first administrator."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import delete

from hallapp.accounts import service as accounts
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, hold_names, upsert
from hallapp.first_run.errors import AlreadySetUp, SetupCodeWrong
from hallapp.first_run.models import SetupCode
from hallapp.schedule import queries as schedule
from hallapp.schedule import service as places
from hallapp.schedule import starter

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without the letters that look like digits, and U
_ALIKE = str.maketrans("OIL", "011")
_GROUPS = 4  # of four characters: 80 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """The command to make a hall and its first administrator; `digest` is that of the code that was entered."""

    digest: str
    hall: starter.CreateHall
    name: str
    password: str


def make_code() -> str | None:
    """Return a new code, which replaces the earlier one; None where there is a hall. Needs a transaction."""
    hold_names(starter.MAKING_HALLS)
    if is_set_up():
        return None
    code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(_GROUPS))
    values = {"digest": digest_of(code), "made_at": clock.now()}
    row = upsert(SetupCode, {"id": 1, **values})
    db.session.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))
    return code


def is_set_up() -> bool:
    """Return whether there is a hall, so that no code is valid any more."""
    return bool(schedule.list_halls())


def digest_of(typed: str) -> str:
    """Return the digest of a code as it was typed: in either case, with or without hyphens and spaces."""
    code = "".join(character for character in typed.upper().translate(_ALIKE) if character in _ALPHABET)
    return hashlib.sha256(b"hallapp setup code v1\0" + code.encode()).hexdigest()


def is_valid(digest: str) -> bool:
    """Return whether a digest is that of the valid code."""
    found = db.session.get(SetupCode, 1, populate_existing=True)
    return found is not None and hmac.compare_digest(found.digest, digest)


def set_up(command: SetUp) -> Staff:
    """Make the hall, its slots and its first administrator, and use up the code; return the administrator.

    Of several requests at once, one makes a hall.

    Raises:
        AlreadySetUp: there is a hall.
        SetupCodeWrong: the code was replaced by a newer one.
        The refusals of a new hall, of a staff name and of a password.
    """
    hold_names(starter.MAKING_HALLS)
    used = db.session.execute(delete(SetupCode).where(SetupCode.id == 1, SetupCode.digest == command.digest))
    if is_set_up():
        raise AlreadySetUp
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise SetupCodeWrong
    hall = starter.create_hall(command.hall)
    places.extend_slots(hall)
    return accounts.add_staff(hall_id=hall.id, name=command.name, role=Role.ADMIN, password=command.password)
