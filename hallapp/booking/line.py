"""The line before the booking page at a hall's release hour.

A hall opens its places at a fixed hour of the day and lets in a number of visitors per minute. A newcomer gets the next
place of this opening, by one statement on one row; only the clock decides when a place is let in. So no process keeps a
list, and a place is worth the same on each of them. The clock is the database's: it is the same for all machines.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Integer, SQLColumnExpression, case, cast, delete, extract, func, select

from hallapp.booking.flood_models import LineCounter
from hallapp.core import clock
from hallapp.core.database import db, upsert
from hallapp.schedule.policy import LineRule

#: So long after the opening a line is kept at least; it stays as long as somebody waits in it.
LASTS = timedelta(hours=1)
_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLine:
    """A line in force: its opening, the last place that was given, and how far the database's clock is ahead."""

    rule: LineRule
    opening: datetime
    last: int
    clock_ahead: timedelta

    @property
    def now(self) -> datetime:
        """The present instant on the database's clock, without asking it again."""
        return clock.now() + self.clock_ahead

    def is_in(self, place: int) -> bool:
        """Return whether a place has been let in."""
        return self.now >= self.rule.due(place, self.opening)

    def count_before(self, place: int) -> int:
        """Return how many people are to be let in before this place."""
        return max(0, place - 1 - self.rule.count_let_in(self.opening, self.now))

    def seconds_until(self, place: int) -> int:
        """Return in how many seconds a place is let in; 0 once it is."""
        return max(0, math.ceil((self.rule.due(place, self.opening) - self.now).total_seconds()))


def find_line(rule: LineRule) -> WaitingLine | None:
    """Return the line of a hall that is in force now; None while no one has to wait."""
    now = _read_clock()
    opening = rule.find_opening(now)
    if opening is None:
        return None
    last = db.session.scalar(
        select(LineCounter.last).where(LineCounter.hall_id == rule.hall_id, LineCounter.opens_at == opening)
    )
    line = WaitingLine(rule=rule, opening=opening, last=last or 0, clock_ahead=now - clock.now())
    return line if now < opening + LASTS or not line.is_in(line.last) else None


def take_place(line: WaitingLine) -> int:
    """Give the next place of a line; needs a transaction.

    Unused places of the last minute are not lost: a visitor who comes to an empty line is let in at once.
    """
    rule, table = line.rule, LineCounter.__table__
    seconds = _seconds_now() - int(line.opening.timestamp())
    unused = seconds * rule.per_minute // _MINUTE + 1 - rule.per_minute
    row = {"hall_id": rule.hall_id, "opens_at": line.opening, "last": case((unused > 1, unused), else_=1)}
    following = table.c.last + 1
    statement = upsert(table, row).on_conflict_do_update(
        index_elements=["hall_id", "opens_at"], set_={"last": case((unused > following, unused), else_=following)}
    )
    return int(db.session.execute(statement.returning(table.c.last)).scalar_one())


def count_let_in_since(rule: LineRule, since: datetime) -> int:
    """Return how many people the line of a hall has let in since a moment, for the brake of online bookings."""
    line = find_line(rule)
    if line is None:
        return 0
    before = min(line.last, rule.count_let_in(line.opening, since + line.clock_ahead))
    return min(line.last, rule.count_let_in(line.opening, line.now)) - before


def sweep() -> None:
    """Delete the counters of openings long past; needs a transaction."""
    db.session.execute(delete(LineCounter).where(LineCounter.opens_at < clock.now() - timedelta(days=2)))


def _read_clock() -> datetime:
    return datetime.fromtimestamp(int(db.session.scalar(select(_seconds_now())) or 0), UTC)


def _seconds_now() -> SQLColumnExpression[int]:
    """The seconds since 1970 on the database's clock, as a whole number in both databases."""
    if db.engine.dialect.name == "sqlite":
        return cast(func.strftime("%s", "now"), Integer)
    return cast(func.floor(extract("epoch", func.clock_timestamp())), BigInteger)
