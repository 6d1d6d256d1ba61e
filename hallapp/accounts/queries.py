"""Reads of staff accounts."""

from collections.abc import Sequence

from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.core.database import db


def find_staff_by_name(name: str) -> Staff | None:
    """The account of a sign-in name in its tidy form, active or not; None where there is none."""
    return db.session.scalar(select(Staff).where(Staff.name == name))


def list_staff() -> Sequence[Staff]:
    """Every account, hall by hall, in the order of names."""
    return db.session.scalars(select(Staff).order_by(Staff.hall_id, Staff.name)).all()
