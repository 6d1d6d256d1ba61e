"""Staff accounts: add, sign in, change, close; and the audit trail. It flushes at most."""

import unicodedata
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from hallapp.accounts import common, errors, passwords, queries
from hallapp.accounts.models import AuditEntry, RefusedSignIn, Staff, StaffLink, StaffPolicy, TwoStepRule
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db

NAME_LENGTH = 64
PASSWORD_LEAST = 10
PASSWORD_MOST = 200
#: The time for which refused sign-ins are remembered.
REFUSED_KEPT = timedelta(days=30)


def record(
    *, hall_id: int, staff_id: int | None, action: str, subject: str, detail: dict[str, Any] | None = None
) -> AuditEntry:
    """Record an action in the audit trail, in the same transaction.

    `staff_id` is None for a command. `subject` names the row (`booking 12`), and neither it nor `detail` (JSON values)
    may hold personal data of visitors: the trail is kept longer than they are.
    """
    entry = AuditEntry(
        hall_id=hall_id, staff_id=staff_id, at=clock.now(), action=action, subject=subject, detail=detail or {}
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def record_on(staff: Staff, action: str, *, by: int | None, detail: dict[str, Any] | None = None) -> None:
    """Record a change of an account, in the same transaction."""
    record(hall_id=staff.hall_id, staff_id=by, action=action, subject=f"staff {staff.id}", detail=detail)


def add_staff(
    *, hall_id: int, name: str, role: Role, password: str, by: int | None = None, must_change_password: bool = False
) -> Staff:
    """Open an account. `by` is the id of the member of staff who does it, None for a command.

    With `must_change_password` nothing opens to them before they have set a password of their own.

    Raises:
        StaffNameInvalid, StaffNameTaken: for the name, which is kept in its tidy form.
        PasswordTooShort, PasswordIsName, PasswordTooCommon: for the password.
    """
    name = free_name(name)
    digest = digest_of(password, name=name, hall_id=hall_id)
    staff = Staff(
        hall_id=hall_id,
        name=name,
        role=role,
        password_hash=digest,
        must_change_password=must_change_password,
        created_at=clock.now(),
    )
    save_name(staff)
    record_on(staff, "staff_added", by=by, detail={"role": role.value})
    return staff


def authenticate(*, name: str, password: str) -> Staff:
    """Return the active account that this name and password belong to; it only reads, so it needs no transaction.

    It takes as long for an unknown name as for a wrong password, and does not reveal which of the two it was.

    Raises:
        SignInRefused: unknown name, wrong password, one that has none yet, or closed account.
    """
    staff = find_staff(name)
    stored = staff.password_hash if staff and staff.has_password else passwords.NOBODY
    right = passwords.matches(password, stored)
    if staff is None or not right or not staff.active or not staff.has_password:
        raise errors.SignInRefused
    return staff


def keep_digest(*, staff_id: int, version: int, digest: str | None) -> None:
    """Keep the digest of today's cost where one was made.

    `version` is the account's version whose password was checked: a password changed since then stays.
    """
    staff = db.session.get_one(Staff, staff_id, with_for_update=True)
    if digest and staff.session_version == version:
        staff.password_hash = digest


def note_sign_in(staff: Staff, *, provider: str | None = None) -> None:
    """Record a sign-in in the trail and with the account; `provider` is the one of a single sign-on."""
    staff.last_sign_in_at = clock.now()
    record_on(staff, "sign_in", by=staff.id, detail={"provider": provider} if provider else None)


def change_password(*, name: str, password: str, by: int | None = None, must_change_password: bool = False) -> Staff:
    """Give an account another password; every session that it has open ends.

    Raises:
        StaffUnknown: there is no such account.
        PasswordTooShort, PasswordIsName, PasswordTooCommon: for the password.
    """
    staff = get_staff_by_name(name)
    _set_password(
        staff, digest_of(password, name=staff.name, hall_id=staff.hall_id), must_change_password=must_change_password
    )
    record_on(staff, "staff_password_changed", by=by)
    return staff


def change_own_password(*, staff_id: int, version: int, digest: str) -> Staff:
    """Set the password that a person chose; every open session of the account ends.

    `version` is the one whose old password was checked.

    Raises:
        PasswordWrong: the account has changed since then.
    """
    staff = db.session.get_one(Staff, staff_id, with_for_update=True)
    if staff.session_version != version or not staff.active:
        raise errors.PasswordWrong
    _set_password(staff, digest, must_change_password=False)
    record_on(staff, "staff_password_changed", by=staff.id)
    return staff


def check_own_password(staff: Staff, *, old: str, new: str) -> str:
    """Return the digest of a new password, if the old one was right; slow, so call it outside transactions.

    Raises:
        PasswordWrong, PasswordNotNew, PasswordTooShort, PasswordIsName, PasswordTooCommon.
    """
    if not passwords.matches(old, staff.password_hash):
        raise errors.PasswordWrong
    if old == new:
        raise errors.PasswordNotNew
    return digest_of(new, name=staff.name, hall_id=staff.hall_id)


def rename(staff: Staff, name: str, *, by: int | None) -> None:
    """Give an account another sign-in name; its sessions continue. Raises StaffNameInvalid, StaffNameTaken."""
    before, tidied = staff.name, tidy_name(name)
    if tidied == before:
        return
    staff.name = free_name(tidied)
    save_name(staff)
    record_on(staff, "staff_renamed", by=by, detail={"before": {"name": before}, "after": {"name": tidied}})


def change_role(staff: Staff, role: Role, *, by: int | None) -> None:
    """Change a person's role; all their sessions end. Raises LastAdministrator."""
    if staff.role is role:
        return
    keep_an_administrator(staff)
    detail = {"before": {"role": staff.role.value}, "after": {"role": role.value}}
    staff.role = role
    end_all(staff)
    record_on(staff, "staff_role_changed", by=by, detail=detail)


def deactivate(*, name: str, by: int | None = None) -> Staff:
    """Close an account by its name. Raises StaffUnknown, LastAdministrator."""
    staff = get_staff_by_name(name)
    close(staff, by=by)
    return staff


def close(staff: Staff, *, by: int | None) -> None:
    """Close an account: it cannot sign in, and its sessions and its link end. Raises LastAdministrator."""
    if not staff.active:
        return
    keep_an_administrator(staff)
    staff.active = False
    end_all(staff)
    revoke_links(staff)
    record_on(staff, "staff_deactivated", by=by)


def reactivate(staff: Staff, *, by: int | None) -> None:
    """Open a closed account again, with the password and the role that it had."""
    if not staff.active:
        staff.active = True
        record_on(staff, "staff_reactivated", by=by)


def end_sessions(staff: Staff, *, by: int | None) -> None:
    """Sign a person out everywhere, and record it in the trail."""
    end_all(staff)
    record_on(staff, "staff_signed_out_everywhere", by=by)


def require_two_step(staff: Staff, *, required: bool, by: int | None) -> None:
    """Ask for two-step codes of one person, or no longer of this one in particular."""
    if staff.two_step_required != required:
        staff.two_step_required = required
        detail = {"before": {"required": not required}, "after": {"required": required}}
        record_on(staff, "staff_two_step_required", by=by, detail=detail)


def set_two_step_rule(*, hall_id: int, rule: TwoStepRule, by: int | None) -> None:
    """Set who must use two-step codes; a person without them sets them up before any other page opens."""
    before = queries.get_two_step_rule(hall_id)
    if before is rule:
        return
    db.session.merge(StaffPolicy(hall_id=hall_id, two_step=rule))
    detail = {"before": {"two_step": before.value}, "after": {"two_step": rule.value}}
    record(hall_id=hall_id, staff_id=by, action="two_step_rule_set", subject=f"hall {hall_id}", detail=detail)


def end_all(staff: Staff) -> None:
    """End every session of an account; of two changes at once each counts."""
    staff.session_version = Staff.session_version + 1
    db.session.flush()


def revoke_links(staff: Staff) -> bool:
    """Withdraw any link of an account that could still be used; return whether there was one."""
    now = clock.now()
    revoked = db.session.execute(
        update(StaffLink)
        .where(
            StaffLink.staff_id == staff.id,
            *StaffLink.open_at(now),
        )
        .values(revoked_at=now),
        execution_options={"synchronize_session": False},
    )
    return bool(revoked.rowcount)  # type: ignore[attr-defined]


def keep_an_administrator(staff: Staff) -> None:
    """Refuse a change that would leave a hall without an administrator who can sign in. Raises LastAdministrator."""
    if is_last_administrator(staff):
        raise errors.LastAdministrator


def is_last_administrator(staff: Staff) -> bool:
    """Return whether the hall has no administrator with a password but this one; needs a transaction."""
    if staff.role is not Role.ADMIN:
        return False
    return all(one.id == staff.id for one in queries.list_administrators_locked(staff.hall_id))


def find_staff(name: str) -> Staff | None:
    """Return the account of a typed name, active or not; None where there is none."""
    tidied = tidy_name(name)
    return queries.find_staff_by_name(tidied) if tidied.isprintable() else None  # PostgreSQL cannot look for a NUL


def get_staff_by_name(name: str) -> Staff:
    """Return the account of a typed name. Raises StaffUnknown."""
    tidied = tidy_name(name)
    staff = queries.find_staff_by_name(tidied)
    if staff is None:
        raise errors.StaffUnknown(tidied)
    return staff


def tidy_name(typed: str) -> str:
    """Return a sign-in name as it is stored: half-width, small letters, single spaces, as any keyboard can type it."""
    return " ".join(unicodedata.normalize("NFKC", typed).casefold().split())


def free_name(typed: str) -> str:
    """Return a free sign-in name in its normalised form. Raises StaffNameInvalid, StaffNameTaken."""
    name = tidy_name(typed)
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise errors.StaffNameInvalid(NAME_LENGTH)
    with db.session.no_autoflush:
        if queries.find_staff_by_name(name):
            raise errors.StaffNameTaken(name)
    return name


def save_name(staff: Staff) -> None:
    """Store an account with a new name. Raises StaffNameTaken where another account got the name in the meantime."""
    name = staff.name
    try:
        with db.session.begin_nested():
            db.session.add(staff)
            db.session.flush()
    except IntegrityError:
        raise errors.StaffNameTaken(name) from None


def digest_of(password: str, *, name: str, hall_id: int) -> str:
    """Return the digest of a chosen password; slow by design.

    Raises:
        PasswordTooShort, PasswordIsName, PasswordTooCommon.
    """
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise errors.PasswordTooShort(least=PASSWORD_LEAST, most=PASSWORD_MOST)
    if not password.casefold().replace(name, "").strip():
        raise errors.PasswordIsName
    if common.is_common(password, (name, *queries.list_hall_names(hall_id))):
        raise errors.PasswordTooCommon
    return passwords.digest(password)


def _set_password(staff: Staff, digest: str, *, must_change_password: bool) -> None:
    staff.password_hash = digest
    staff.must_change_password = must_change_password
    end_all(staff)


def sweep_refused() -> None:
    """Delete the records of sign-ins that were refused long ago; needs a transaction."""
    db.session.execute(
        delete(RefusedSignIn).where(RefusedSignIn.day < (clock.now() - REFUSED_KEPT).date()),
        execution_options={"synchronize_session": False},
    )
