"""Two-step codes of an account: turn on, check, recover, turn off. It flushes at most.

`keys` are the deployment's secret keys, newest first: they encrypt the secret that the phone and the hall share.
"""

import base64
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence

from sqlalchemy import delete, or_, update

from hallapp.accounts import errors, totp, vault
from hallapp.accounts.models import RecoveryCode, Staff, TwoStepRule
from hallapp.accounts.queries import FoundSession
from hallapp.accounts.service import end_all, record_on
from hallapp.core import clock
from hallapp.core.database import db

RECOVERY_CODES = 10
_RECOVERY_BYTES = 10  # 80 random bits, so a digest without a key is safe
_TYPED_MOST = 40
_MISREAD = str.maketrans("018", "OIB")  # base32 has no such digits


def is_required(staff: Staff | FoundSession, rule: TwoStepRule) -> bool:
    """Return whether an account must have two-step codes: for itself, or by its hall's rule."""
    return staff.two_step_required or rule.covers(staff.role)


def turn_on(staff: Staff, *, secret: str, typed: str, keys: Sequence[str]) -> list[str]:
    """Take the secret that the telephone has, once it shows the right code; every session of the account ends.

    Returns the recovery codes, which are kept as digests only.

    Raises:
        TwoStepChanged: there are codes already.
        CodeWrong: the code does not fit.
    """
    if staff.has_two_step:
        raise errors.TwoStepChanged
    step = totp.find_step(secret, _plain(typed), timestamp=clock.now().timestamp())
    if step is None:
        raise errors.CodeWrong
    staff.totp_secret = vault.close(secret, keys)
    staff.totp_step = step
    end_all(staff)
    record_on(staff, "two_step_on", by=staff.id)
    return _new_recovery_codes(staff)


def check(staff: Staff, typed: str, *, keys: Sequence[str]) -> bool:
    """Return whether a two-step code or a recovery code is right; each works once, also for two requests at once.

    A wrong code is recorded in the trail, because its sender knew the password.

    Raises:
        TwoStepChanged: the account has no codes any more.
        CodesUnreadable: the key that encrypted the secret no longer exists.
    """
    if not staff.has_two_step:
        raise errors.TwoStepChanged
    code = _plain(typed)
    fits = _take_step(staff, code, keys=keys) if re.fullmatch(r"[0-9]{6}", code) else _take_recovery(staff, code)
    if not fits:
        record_on(staff, "two_step_failed", by=staff.id)
    return fits


def turn_off(staff: Staff, *, rule: TwoStepRule) -> None:
    """Do without codes from now on; the owner has just shown one. Raises TwoStepRequired."""
    if is_required(staff, rule):
        raise errors.TwoStepRequired
    switch_off(staff, by=staff.id)


def switch_off(staff: Staff, *, by: int | None) -> None:
    """Forget the codes of an account, whose owner has lost the telephone; every session of theirs ends."""
    if not staff.has_two_step:
        return
    staff.totp_secret = staff.totp_step = None
    end_all(staff)
    _forget_recovery_codes(staff)
    record_on(staff, "two_step_off", by=by)


def renew_recovery_codes(staff: Staff) -> list[str]:
    """Other recovery codes in the place of those from before; the owner has just shown a code."""
    record_on(staff, "two_step_recovery_renewed", by=staff.id)
    return _new_recovery_codes(staff)


def _take_step(staff: Staff, code: str, *, keys: Sequence[str]) -> bool:
    closed = staff.totp_secret or ""
    try:
        secret, renewed = vault.open_(closed, keys), vault.renewed(closed, keys)
    except vault.Unreadable:
        raise errors.CodesUnreadable from None
    step = totp.find_step(secret, code, timestamp=clock.now().timestamp(), after=staff.totp_step)
    if step is None:
        return False
    taken = db.session.execute(
        update(Staff)
        .where(
            Staff.id == staff.id,
            Staff.totp_secret == closed,
            or_(Staff.totp_step.is_(None), Staff.totp_step < step),
        )
        .values(totp_step=step, totp_secret=renewed),
        execution_options={"synchronize_session": False},
    )
    db.session.expire(staff, ["totp_step", "totp_secret"])
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]


def _take_recovery(staff: Staff, code: str) -> bool:
    taken = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff.id,
            RecoveryCode.digest == _digest(code.translate(_MISREAD)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return False
    record_on(staff, "two_step_recovery_used", by=staff.id)
    return True


def _new_recovery_codes(staff: Staff) -> list[str]:
    """Ten codes such as `K7QX-2M4A-…`, as they are shown, once."""
    _forget_recovery_codes(staff)
    codes = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(staff_id=staff.id, hall_id=staff.hall_id, digest=_digest(code)) for code in codes)
    db.session.flush()
    return ["-".join(re.findall("....", code)) for code in codes]


def _forget_recovery_codes(staff: Staff) -> None:
    db.session.execute(
        delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id), execution_options={"synchronize_session": False}
    )


def _plain(typed: str) -> str:
    """Return a code in half-width capitals, without the separators that people type."""
    shown = unicodedata.normalize("NFKC", typed[:_TYPED_MOST]).upper()
    return re.sub(r"[\s‐-―-]", "", shown)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
