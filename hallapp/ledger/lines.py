"""Plain values of the ledger: an event to be, the lines of one group, and how an event adds to them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from hallapp.ledger.filing import Filing
from hallapp.ledger.models import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """A row of `desk_event` to be; the fields are its columns.

    `number` stands for the row's number until it is written: `undoes_id`, `counts_id` and lines of the same batch may
    refer to it. It is larger than every number in the database. `party` is that of a large group of which the
    booking is a part.
    """

    number: int = 0
    hall_id: int
    event_id: str
    kind: EventKind
    staff_id: int
    day: date
    occurred_at: datetime
    received_at: datetime
    booking_id: int | None = None
    walk_in_id: int | None = None
    party: int | None = None
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
    `categories` are the people of the whole event by category, on the first of its lines.
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
    categories: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event of the ledger with its lines; `staff` is the name of who did it."""

    number: int
    staff: str
    event_id: str
    kind: EventKind
    booking_id: int | None
    walk_in_id: int | None
    undoes_id: int | None
    counts_id: int | None
    day: date
    occurred_at: datetime
    device: str | None
    snapshot_at: datetime | None
    lines: tuple[LedgerLine, ...] = ()


def sum_categories(lines: Iterable[LedgerLine]) -> Counter[int]:
    """Return the people of some lines by category."""
    net: Counter[int] = Counter()
    for line in lines:
        for category, people in line.categories.items():
            net[category] += people
    return net


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines of one group, oldest first."""

    lines: tuple[LedgerLine, ...] = ()

    def with_event(
        self,
        event: NewEvent,
        counts: Mapping[str, int],
        *,
        filing: Filing,
        extra: Mapping[str, int] | None = None,
        categories: Mapping[int, int] | None = None,
    ) -> "Ledger":
        """Return the ledger with the lines of a new event, by division, and its people by category.

        A group is of one organisation a day, even where its name has been corrected since.
        """
        before = self.of_day(event.day)
        if before and before[0].filing.organisation != filing.organisation:
            filing = replace(filing, organisation=before[0].filing.organisation)
        new = (
            LedgerLine(
                event=event.number,
                undoes=event.undoes_id,
                counts=event.counts_id,
                occurred_at=event.occurred_at,
                day=event.day,
                filing=filing,
                division=division,
                visitors=people,
                extra=extra.get(division, 0) if extra else 0,
                categories=categories if categories and place == 0 else {},
            )
            for place, (division, people) in enumerate(sorted(counts.items()))
        )
        return Ledger((*self.lines, *new))

    def until(self, event: int) -> "Ledger":
        """Return the ledger as it stood after an event."""
        return Ledger(tuple(line for line in self.lines if line.event <= event))

    def net(self) -> Counter[str]:
        """Return people arrived by division, taken-back ones not."""
        net: Counter[str] = Counter()
        for line in self.lines:
            net[line.division] += line.visitors
        return net

    def net_categories(self) -> Counter[int]:
        """Return people arrived by category, taken-back ones not."""
        return sum_categories(self.lines)

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


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that is written into the ledger; `after` is its group's ledger with the event's lines."""

    event: NewEvent
    after: Ledger

    @property
    def lines(self) -> tuple[LedgerLine, ...]:
        """Return the lines of the event; none where all people of an offline admission are in conflict."""
        return self.after.of_event(self.event.number)

    @property
    def before(self) -> tuple[LedgerLine, ...]:
        """Return the group's lines of the event's day, from before it."""
        number = self.event.number
        return tuple(line for line in self.after.of_day(self.event.day) if line.event < number)
