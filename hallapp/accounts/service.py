"""Staff accounts: add, sign in, change, close; and the audit trail. It flushes at most."""

import unicodedata
from typing import Any

from hallapp.accounts import errors, passwords, queries
from hallapp.accounts.models import AuditEntry, Role, Staff
from hallapp.core import clock
from hallapp.core.database import db

NAME_LENGTH = 64
PASSWORD_LEAST = 10
PASSWORD_MOST = 200


def record(
    *, hall_id: int, staff_id: int | None, action: str, subject: str, detail: dict[str, Any] | None = None
) -> AuditEntry:
    """Write down who did what, in the transaction of what was done.

    `staff_id` is None for a command. `subject` names the row (`booking 12`), and neither it nor `detail` (JSON
    values) may hold personal data of visitors: the trail is kept longer than they are.
    """
    entry = AuditEntry(
        hall_id=hall_id, staff_id=staff_id, at=clock.now(), action=action, subject=subject, detail=detail or {}
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def add_staff(*, hall_id: int, name: str, role: Role, password: str, by: int | None = None) -> Staff:
    """Open an account. `by` is the id of the member of staff who does it, None for a command.

    Raises:
        StaffNameInvalid, StaffNameTaken: for the name, which is kept in its tidy form.
        PasswordTooShort, PasswordIsName: for the password.
    """
    name = tidy_name(name)
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise errors.StaffNameInvalid(NAME_LENGTH)
    if queries.find_staff_by_name(name):
        raise errors.StaffNameTaken(name)
    _check_password(password, name=name)
    digest = passwords.digest(password)
    staff = Staff(hall_id=hall_id, name=name, role=role, password_hash=digest, created_at=clock.now())
    db.session.add(staff)
    db.session.flush()
    record(hall_id=hall_id, staff_id=by, action="staff_added", subject=f"staff {staff.id}", detail={"role": role.value})
    return staff


def authenticate(*, name: str, password: str) -> Staff:
    """The active account that this name and password belong to; it only reads, so it needs no transaction.

    It takes as long for an unknown name as for a wrong password, and tells the two apart by nothing.

    Raises:
        SignInRefused: unknown name, wrong password, or closed account.
    """
    tidied = tidy_name(name)
    staff = queries.find_staff_by_name(tidied) if tidied.isprintable() else None  # PostgreSQL cannot look for a NUL
    right = passwords.matches(password, staff.password_hash if staff else passwords.NOBODY)
    if staff is None or not right or not staff.active:
        raise errors.SignInRefused
    return staff


def note_sign_in(*, staff_id: int, version: int, digest: str | None = None) -> None:
    """Write a sign-in into the trail, and keep the digest of today's cost where one was made.

    `version` is the account's version whose password was checked: a password changed since then stays.
    """
    staff = db.session.get_one(Staff, staff_id)
    if digest and staff.session_version == version:
        staff.password_hash = digest
    record(hall_id=staff.hall_id, staff_id=staff.id, action="sign_in", subject=f"staff {staff.id}")


def change_password(*, name: str, password: str, by: int | None = None) -> Staff:
    """Give an account another password; every session that it has open ends.

    Raises:
        StaffUnknown: there is no such account.
        PasswordTooShort, PasswordIsName: for the password.
    """
    staff = get_staff_by_name(name)
    _check_password(password, name=staff.name)
    staff.password_hash = passwords.digest(password)
    staff.session_version += 1
    record(hall_id=staff.hall_id, staff_id=by, action="staff_password_changed", subject=f"staff {staff.id}")
    return staff


def deactivate(*, name: str, by: int | None = None) -> Staff:
    """Close an account: it cannot sign in, and every session that it has open ends. Raises StaffUnknown."""
    staff = get_staff_by_name(name)
    staff.active = False
    staff.session_version += 1
    record(hall_id=staff.hall_id, staff_id=by, action="staff_deactivated", subject=f"staff {staff.id}")
    return staff


def get_staff_by_name(name: str) -> Staff:
    """The account of a name as somebody typed it. Raises StaffUnknown."""
    tidied = tidy_name(name)
    staff = queries.find_staff_by_name(tidied)
    if staff is None:
        raise errors.StaffUnknown(tidied)
    return staff


def tidy_name(typed: str) -> str:
    """A sign-in name as it is kept: half-width, small letters, single spaces; so that a phone's keyboard finds it."""
    return " ".join(unicodedata.normalize("NFKC", typed).casefold().split())


def _check_password(password: str, *, name: str) -> None:
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise errors.PasswordTooShort(least=PASSWORD_LEAST, most=PASSWORD_MOST)
    if not password.casefold().replace(name, "").strip():
        raise errors.PasswordIsName
