"""Reads of passes."""

from sqlalchemy import bindparam, select

from hallapp.core.database import db
from hallapp.passes.models import Pass

_CURRENT = select(Pass).where(Pass.booking_id == bindparam("booking"), Pass.revoked_at.is_(None))


def get_current_pass(booking_id: int) -> Pass:
    """Return the one pass of a booking that is not revoked. Raises NoResultFound."""
    return db.session.scalars(_CURRENT, {"booking": booking_id}).one()


def find_current_pass(booking_id: int) -> Pass | None:
    """Return the pass of a booking that is not revoked, or None before the hall has confirmed the booking."""
    return db.session.scalar(_CURRENT, {"booking": booking_id})


def find_pass_by_token(token: str) -> Pass | None:
    """Return the pass with this token, in force or revoked, or None."""
    return db.session.scalar(select(Pass).where(Pass.token == token))
