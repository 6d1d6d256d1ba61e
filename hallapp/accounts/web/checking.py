"""Secrets that are typed again and again are slowed down: the limits of two-step codes and of one's own password."""

from flask import current_app

from hallapp.accounts import errors, twostep
from hallapp.accounts.models import Staff
from hallapp.core import limits
from hallapp.core.database import db, transaction

LIMIT = 10
#: There are a million codes, and three are valid at any moment: 960 attempts a day find one in about a year.
LIMIT_SECONDS = 15 * 60


def secret_keys() -> tuple[str, ...]:
    """Return the deployment's secret keys, the newest first."""
    return tuple(current_app.config["SETTINGS"].secret_keys)


def check_code(staff: Staff, typed: str) -> None:
    """Count the attempt, check the code and take it, in transactions of their own.

    Raises:
        TooManyRequests: too many were typed for this account, from wherever.
        CodeWrong, CodesUnreadable, TwoStepChanged.
    """
    staff_id = staff.id
    _count("two_step_code", staff_id)
    with transaction():
        fits = twostep.check(db.session.get_one(Staff, staff_id), typed, keys=secret_keys())
        if fits:
            limits.forget("two_step_code", str(staff_id), seconds=LIMIT_SECONDS)
    if not fits:
        raise errors.CodeWrong


def count_own_password(staff_id: int) -> None:
    """Count one more attempt at one's own present password. Raises TooManyRequests."""
    _count("own_password", staff_id)


def _count(what: str, staff_id: int) -> None:
    with transaction():
        limits.hit(what, str(staff_id), limit=LIMIT, seconds=LIMIT_SECONDS)
