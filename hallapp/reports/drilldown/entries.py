"""One desk entry with its rows, its reversal, and the closed months that it changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from hallapp.core.database import db
from hallapp.ledger import closes
from hallapp.ledger.models import Adjustment, DeskEvent, EventKind, MonthClose, WalkIn


@dataclass(frozen=True, slots=True, kw_only=True)
class DrilldownEntry:
    """An event of a desk; `others` undid it, were undone by it, or count with it; `close` is that of its month."""

    event: DeskEvent
    others: Sequence[DeskEvent]
    adjustment: Adjustment | None
    close: MonthClose | None

    @property
    def visitors(self) -> int:
        """Return the people whom it counted or took back."""
        return sum(row.visitors for row in self.event.arrivals)

    @property
    def may_take_back(self) -> bool:
        """Return whether it is an admission that has not been taken back."""
        undone = any(other.undoes_id == self.event.id for other in self.others)
        return self.event.kind is EventKind.ADMIT and not undone


def get_entry(hall_id: int, event_id: str) -> DrilldownEntry:
    """Return an entry of a hall by the id that its device gave it. Raises NoResultFound."""
    whole = (
        joinedload(DeskEvent.staff, innerjoin=True),
        joinedload(DeskEvent.booking),
        joinedload(DeskEvent.walk_in).joinedload(WalkIn.programme),
        selectinload(DeskEvent.arrivals),
    )
    event = db.session.scalars(
        select(DeskEvent).where(DeskEvent.hall_id == hall_id, DeskEvent.event_id == event_id).options(*whole)
    ).one()
    ids = [number for number in (event.undoes_id, event.counts_id) if number]
    others = db.session.scalars(
        select(DeskEvent)
        .where(
            DeskEvent.hall_id == hall_id,
            or_(DeskEvent.id.in_(ids), DeskEvent.undoes_id == event.id, DeskEvent.counts_id == event.id),
        )
        .options(*whole)
        .order_by(DeskEvent.id)
    ).all()
    adjustment = db.session.scalar(
        select(Adjustment).where(Adjustment.event_id == event.id).options(joinedload(Adjustment.close, innerjoin=True))
    )
    return DrilldownEntry(
        event=event, others=others, adjustment=adjustment, close=closes.find(hall_id, event.day.replace(day=1))
    )
