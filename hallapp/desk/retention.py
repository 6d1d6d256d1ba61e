"""Erase the desk's texts that may name people, with the contact details of their bookings; counts stay."""

from datetime import date

from sqlalchemy import select, update

from hallapp.core.database import db
from hallapp.kinds.values import individual_in_sql
from hallapp.ledger.models import DeskEvent, WalkIn


def erase(hall_id: int, *, before: date) -> None:
    """Erase the reasons of managers, and the names of individuals who walked in, from before a day.

    Needs a transaction.
    """
    past = (DeskEvent.hall_id == hall_id, DeskEvent.day < before)
    db.session.execute(
        update(DeskEvent).where(*past, DeskEvent.reason.is_not(None)).values(reason=None),
        execution_options={"synchronize_session": False},
    )
    db.session.execute(
        update(WalkIn)
        .where(
            WalkIn.hall_id == hall_id,
            individual_in_sql(WalkIn.kind),
            WalkIn.organisation != "",
            WalkIn.id.in_(select(DeskEvent.walk_in_id).where(*past)),
        )
        .values(organisation=""),
        execution_options={"synchronize_session": False},
    )
