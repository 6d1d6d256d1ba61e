"""The facts for a decision at the desk: plain values that were read together, without access to the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from hallapp.booking.access import AccessNeeds
from hallapp.booking.models import BookingState, TourLanguage
from hallapp.categories.values import Family
from hallapp.core import clock
from hallapp.core.texts import Texts
from hallapp.desk.errors import Refusal
from hallapp.desk.models import ConflictReason, Decision
from hallapp.kinds.values import Kinds
from hallapp.ledger.lines import Ledger, StoredEvent
from hallapp.ledger.models import Way
from hallapp.origins.values import OriginSet
from hallapp.schedule.policy import Crowd, Door, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFacts:
    """A programme; `most_walk_in` is the largest walk-in that the desk counts without a question."""

    id: int
    slug: str
    name: Texts
    guides: int
    policy: Policy
    most_walk_in: int
    online: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HallFacts:
    """The rules of a hall, and its families of categories.

    `walk_in` are the programmes that people may join without a booking, the usual one first. `followed` means that a
    room above is told of each arrival.
    """

    id: int
    time_zone: str
    door: Door
    crowd: Crowd
    origins: OriginSet
    families: tuple[Family, ...] = ()
    kinds: Kinds
    programmes: Mapping[int, ProgrammeFacts]
    walk_in: Sequence[ProgrammeFacts]
    followed: bool = False

    def day_of(self, instant: datetime) -> date:
        """Return the hall's local day of an instant."""
        return clock.local_day(instant, self.time_zone)

    def find_walk_in(self, slug: str) -> ProgrammeFacts | None:
        """Return the programme of a walk-in, the usual one where none is named; None where there is no such one."""
        return next((one for one in self.walk_in if slug in ("", one.slug)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFacts:
    """The time of a booking."""

    day: date
    starts_at: datetime
    ends_at: datetime
    programme: ProgrammeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFacts:
    """A booking with its origins; `pass_version` is that of its pass in force, `guide_id` who leads the group.

    `categories` are its people by category, as they were given at booking. `resources` are handed out to it. `party`
    is set where it is a part of a large group.
    """

    id: int
    hall: HallFacts
    slot: SlotFacts
    state: BookingState
    reference: str
    source: Way
    kind: str
    organisation: str
    contact_name: str
    phone: str
    note: str
    guide_note: str
    visitors: int
    guides: int
    tour_language: TourLanguage | None
    access: AccessNeeds
    pass_version: int | None
    guide_id: int | None
    origins: Mapping[str, int]
    categories: Mapping[int, int] = field(default_factory=dict)
    resources: Mapping[int, int] = field(default_factory=dict)
    party: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkInFacts:
    """A walk-in; `organisation` is empty for individuals."""

    id: int
    hall: HallFacts
    programme: ProgrammeFacts
    kind: str
    organisation: str


Owner = BookingFacts | WalkInFacts
#: What an event is of: the number of a booking, or that of a walk-in as a negative one.
OwnerKey = int


def key_of(owner: Owner) -> OwnerKey:
    """Return the key of a booking or a walk-in."""
    return owner.id if isinstance(owner, BookingFacts) else -owner.id


def owner_of(event: StoredEvent) -> OwnerKey:
    """Return the key of the booking or the walk-in of an event."""
    return event.booking_id or -(event.walk_in_id or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictFacts:
    """People of one division of an offline admission, of whom `counted` were counted later."""

    event: int
    division: str
    visitors: int
    counted: int
    reason: ConflictReason
    decision: Decision | None = None

    @property
    def open(self) -> int:
        """Return people neither counted nor dropped."""
        return 0 if self.decision else self.visitors - self.counted


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFacts:
    """A booking or walk-in with all its events, oldest first, and the conflicts of its offline admissions."""

    owner: Owner
    events: tuple[StoredEvent, ...] = ()
    conflicts: tuple[ConflictFacts, ...] = ()

    @property
    def ledger(self) -> Ledger:
        """Return the lines of the events."""
        return Ledger(tuple(line for event in self.events for line in event.lines))

    @property
    def room(self) -> Mapping[str, int]:
        """Return the booked places by division that no one has used."""
        return self.ledger.room(self.owner.origins if isinstance(self.owner, BookingFacts) else {})

    def find_undoing(self, event: StoredEvent) -> StoredEvent | None:
        """Return the event that took this one back, or None."""
        return next((one for one in self.events if one.undoes_id == event.number), None)

    def conflicts_of(self, event: StoredEvent) -> tuple[ConflictFacts, ...]:
        """Return the conflicts of one admission, settled or not, by division."""
        return tuple(one for one in self.conflicts if one.event == event.number)

    def with_conflicts(self, changed: Sequence[ConflictFacts]) -> "GroupFacts":
        """Return the group with new conflicts, or changed ones in the places of the old."""
        found = {(one.event, one.division): one for one in (*self.conflicts, *changed)}
        return replace(self, conflicts=tuple(found[key] for key in sorted(found)))


@dataclass(slots=True, kw_only=True)
class Facts:
    """All that was loaded for some commands of one hall.

    `bookings` says which booking a command means by its `target`, or why it means none. `events` holds, by
    the devices' ids, those events that have the id of a command. `closed` are months whose figures are signed, as far
    as commands concern them. `blocked` are the organisations of walk-ins that are on the block list. `next_number` is
    that of the next event that is made, and `staff` the name of who acts.
    """

    hall: HallFacts
    now: datetime
    staff: str = ""
    bookings: Mapping[int | str, int | Refusal] = field(default_factory=dict)
    groups: dict[OwnerKey, GroupFacts] = field(default_factory=dict)
    events: dict[str, StoredEvent] = field(default_factory=dict)
    closed: frozenset[date] = frozenset()
    blocked: frozenset[str] = frozenset()
    next_number: int

    def group_of(self, event: StoredEvent) -> GroupFacts:
        """Return the group of an event."""
        return self.groups[owner_of(event)]
