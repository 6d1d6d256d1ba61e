"""Reads of passes."""

from sqlalchemy import select

from hallapp.core.database import db
from hallapp.passes.models import Pass


def get_current_pass(booking_id: int) -> Pass:
    """Return the one pass of a booking that is not revoked. Raises NoResultFound."""
    return db.session.scalars(select(Pass).where(Pass.booking_id == booking_id, Pass.revoked_at.is_(None))).one()


def find_current_pass(booking_id: int) -> Pass | None:
    """Return the pass of a booking that is not revoked, or None before the hall has confirmed the booking."""
    return db.session.scalar(select(Pass).where(Pass.booking_id == booking_id, Pass.revoked_at.is_(None)))


def find_pass_by_token(token: str) -> Pass | None:
    """Return the pass with this token, in force or revoked, or None."""
    return db.session.scalar(select(Pass).where(Pass.token == token))
