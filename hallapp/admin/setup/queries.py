"""Reads that only the settings need."""

from sqlalchemy import func, select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Permission, Role
from hallapp.core.database import db


def count_desk_staff(hall_id: int) -> int:
    """Return how many open accounts of this hall may admit groups."""
    roles = [role for role in Role if role.may(Permission.DESK_ADMIT)]
    query = select(func.count()).where(Staff.hall_id == hall_id, Staff.active, Staff.role.in_(roles))
    return db.session.scalar(query) or 0
