"""Writing to the ledger, and reading the lines of one group."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from hallapp.ledger.filing import Filing
from hallapp.ledger.models import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """A row of `desk_event` to be; the fields are its columns."""

    hall_id: int
    event_id: str
    kind: EventKind
    staff_id: int
    day: date
    occurred_at: datetime
    received_at: datetime
    booking_id: int | None = None
    walk_in_id: int | None = None
    undoes_id: int | None = None
    counts_id: int | None = None
    override: str | None = None
    reason: str | None = None
    device: str | None = None
    snapshot_at: datetime | None = None
    device_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One ledger row of a group, with the event that wrote it.

    `event` is its row, `undoes` the one that it takes back, `counts` the admission whose people it counts later.
    """

    event: int
    undoes: int | None
    counts: int | None
    occurred_at: datetime
    day: date
    filing: Filing
    division: str
    visitors: int
    extra: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines of one group, oldest first."""

    lines: tuple[LedgerLine, ...] = ()

    def until(self, event: int) -> "Ledger":
        """Return the ledger as it stood after an event."""
        return Ledger(tuple(line for line in self.lines if line.event <= event))

    def net(self) -> Counter[str]:
        """Return people arrived by division, taken-back ones not."""
        net: Counter[str] = Counter()
        for line in self.lines:
            net[line.division] += line.visitors
        return net

    def of_day(self, day: date) -> tuple[LedgerLine, ...]:
        """Return the lines that count on a day."""
        return tuple(line for line in self.lines if line.day == day)

    def of_event(self, event: int) -> tuple[LedgerLine, ...]:
        """Return the lines that an event wrote."""
        return tuple(line for line in self.lines if line.event == event)

    def of_admission(self, event: int) -> tuple[LedgerLine, ...]:
        """Return the lines of an admission: its own, and those that counted its people later."""
        return tuple(line for line in self.lines if event in (line.event, line.counts))

    def room(self, booked: Mapping[str, int]) -> Counter[str]:
        """Return the booked places by division that no one has used; people beyond the booking use none."""
        taken: Counter[str] = Counter()
        for line in self.lines:
            taken[line.division] += line.visitors - line.extra
        return Counter({division: max(0, people - taken[division]) for division, people in booked.items()})

    def find_last_admission(self) -> datetime | None:
        """Return the time of the last admission that was not taken back, or None."""
        undone = {line.undoes for line in self.lines}
        stands = [
            line.occurred_at for line in self.lines if line.undoes is None and (line.counts or line.event) not in undone
        ]
        return max(stands, default=None)
