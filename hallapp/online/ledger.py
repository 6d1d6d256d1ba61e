"""Lines of the ledger of the audience: the one way to write them, and their sums for the proof of a month."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select

from hallapp.core import clock
from hallapp.core.database import db, upsert
from hallapp.ledger import closes
from hallapp.online.models import Audience, AudienceAdjustment, AudienceSource
from hallapp.origins.values import division_of
from hallapp.schedule.models import Slot

_LINES_AT_ONCE = 1000  # databases limit the values of a statement


class NewLine(NamedTuple):
    """People and minutes of one place to be written for a session; `event` identifies what is counted."""

    event: str
    division: str
    people: int
    minutes: int
    booking_id: int | None = None


class Counted(NamedTuple):
    """The audience of some days by place of origin and by day: people, and minutes by place."""

    people: Mapping[str, int]
    minutes: Mapping[str, int]
    days: Mapping[date, int]


def write(slot: Slot, lines: Sequence[NewLine], source: AudienceSource) -> None:
    """Write lines, each event once; those of a closed month are named as adjustments of its close.

    Needs a transaction that holds the hall (`capacity.hold_hall`), so that no month is closed at the same moment.
    """
    counted = [line for line in lines if line.people or line.minutes]
    if not counted:
        return
    close = closes.find(slot.hall_id, slot.day.replace(day=1))
    for first in range(0, len(counted), _LINES_AT_ONCE):
        written = _insert(slot, counted[first : first + _LINES_AT_ONCE], source)
        if close is not None and written:
            named = [{"hall_id": slot.hall_id, "event": event, "close_id": close.id} for event in written]
            db.session.execute(insert(AudienceAdjustment), named)
    db.session.flush()


def _insert(slot: Slot, lines: Sequence[NewLine], source: AudienceSource) -> Sequence[str]:
    """Insert lines; return the events that were not there."""
    of_slot = {"hall_id": slot.hall_id, "slot_id": slot.id, "programme_id": slot.programme_id, "day": slot.day}
    rows = [{**of_slot, **line._asdict(), "source": source, "counted_at": clock.now()} for line in lines]
    statement = upsert(Audience, rows).on_conflict_do_nothing(index_elements=["hall_id", "event"])
    return db.session.scalars(statement.returning(Audience.event)).all()


def count(hall_id: int, first: date, end: date) -> Counted:
    """Return what the lines of some days add up to."""
    return _sum((Audience.hall_id == hall_id, Audience.day >= first, Audience.day < end))


def count_adjusted(hall_id: int, close_id: int) -> Counted:
    """Return what the lines add up to that were written after a close."""
    named = select(AudienceAdjustment.event).where(
        AudienceAdjustment.hall_id == hall_id, AudienceAdjustment.close_id == close_id
    )
    return _sum((Audience.hall_id == hall_id, Audience.event.in_(named)))


def _sum(conditions: tuple[Any, ...]) -> Counted:
    divisions, watched, days = Counter[str](), Counter[str](), Counter[date]()
    rows = db.session.execute(
        select(Audience.division, Audience.day, func.sum(Audience.people), func.sum(Audience.minutes))
        .where(*conditions)
        .group_by(Audience.division, Audience.day)
    )
    for place, day, people, minutes in rows:
        divisions[division_of(place)] += int(people)
        watched[division_of(place)] += int(minutes)
        days[day] += int(people)
    return Counted(divisions, watched, days)
