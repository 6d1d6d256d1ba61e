"""Erase the desk's texts that may name people, with the contact details of their bookings; counts stay."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select, update

from hallapp.core.database import db
from hallapp.kinds.values import individual_in_sql
from hallapp.ledger.models import DeskEvent, WalkIn
from hallapp.schedule.models import Hall


def erase(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Erase the reasons of managers about these bookings; and with `before` all that is older than this day.

    Needs a transaction.
    """
    concerned: ColumnElement[bool] = DeskEvent.booking_id.in_(bookings)
    if before is not None:
        concerned = or_(concerned, DeskEvent.day < before)
        _erase_names(hall.id, WalkIn.id.in_(_walk_ins(DeskEvent.hall_id == hall.id, DeskEvent.day < before)))
    _erase_reasons(hall.id, concerned)


def erase_walk_ins(hall_id: int, walk_ins: Sequence[int]) -> None:
    """Erase the names of individuals who walked in, and the reasons about them; needs a transaction."""
    _erase_names(hall_id, WalkIn.id.in_(walk_ins))
    _erase_reasons(hall_id, DeskEvent.walk_in_id.in_(walk_ins))


def _walk_ins(*conditions: ColumnElement[bool]) -> Select[int | None]:
    return select(DeskEvent.walk_in_id).where(*conditions)


def _erase_reasons(hall_id: int, concerned: ColumnElement[bool]) -> None:
    db.session.execute(
        update(DeskEvent)
        .where(DeskEvent.hall_id == hall_id, concerned, DeskEvent.reason.is_not(None))
        .values(reason=None),
        execution_options={"synchronize_session": False},
    )


def _erase_names(hall_id: int, concerned: ColumnElement[bool]) -> None:
    """Erase the names of individuals; the names of organisations stay."""
    individual = (individual_in_sql(WalkIn.kind), WalkIn.organisation != "")
    db.session.execute(
        update(WalkIn).where(WalkIn.hall_id == hall_id, *individual, concerned).values(organisation=""),
        execution_options={"synchronize_session": False},
    )
