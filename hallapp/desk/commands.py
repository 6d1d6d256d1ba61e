"""Commands of the desk, and their results."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hallapp.accounts.roles import Role
from hallapp.desk.group import Group
from hallapp.desk.merging import Offline
from hallapp.desk.models import ConflictReason
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.kinds.values import is_individual


class Outcome(StrEnum):
    """The outcome of an act that was not refused."""

    ADMITTED = "admitted"
    TAKEN_BACK = "taken_back"
    REPEATED = "repeated"
    CONFLICT = "conflict"  # stored, with people whom a manager has to resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The answer to an act: `counts` are the people it moved, by division; `group` is the group's state after it.

    `unsettled` are people of an offline admission who were stored and not counted, for the reason `conflict`.
    """

    outcome: Outcome
    event_id: str
    occurred_at: datetime
    group: Group
    counts: Mapping[str, int]
    unsettled: Mapping[str, int] = field(default_factory=dict)
    conflict: ConflictReason | None = None

    @property
    def visitors(self) -> int:
        """Return people moved by the act, never negative."""
        return abs(sum(self.counts.values()))

    @property
    def is_take_back(self) -> bool:
        """Return whether the act took people back, now or before."""
        return sum(self.counts.values()) < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """The common part of every act at the desk: actor, device, time (None: now), and the device's event id.

    `device` is the device's name. `offline` is set for an act that was decided offline. With `is_dated` the time is
    that of a record of the hall, such as a talk, and not of a device's clock, so the act may be recorded late.
    """

    hall_id: int
    staff_id: int
    event_id: str
    occurred_at: datetime | None = None
    device: str = ""
    offline: Offline | None = None
    is_dated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit(Act):
    """Admit a group by its pass or reference; a device's snapshot knows it by the number of its booking.

    `pass_version` is the version of the pass that was shown, where the device knows it. `counts` are people by
    division; None means all who are booked and have not arrived. `known_to_come` are the people by division whom the
    card showed as still to come, or None; `sure` is a number of people that was confirmed on request. A `reason` lets a
    manager (`role`) override most refusals. `anyway` admits a group outside its time where the hall only wants a
    warning; `noted` means that the people were admitted at that time, and are only recorded now.

    `categories` are the people now admitted by category, as far as they are known. Where it is None and all who are
    booked come at once, the numbers of the booking hold.
    """

    code: str = ""
    booking_id: int | None = None
    pass_version: int | None = None
    role: Role
    counts: Mapping[str, int] | None = None
    known_to_come: Mapping[str, int] | None = None
    categories: Mapping[int, int] | None = None
    sure: int = 0
    reason: str = ""
    anyway: bool = False
    noted: bool = False

    @property
    def target(self) -> int | str:
        """Return the number of the booking where the device knows it, else the code or reference."""
        return self.code if self.booking_id is None else self.booking_id


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitWalkIn(Act):
    """Admit people who come without a booking; `organisation` is empty for individuals.

    With `block_accepted` it is admitted although it is on the block list. `programme` is a slug; empty means the first
    one that needs no guide, or else the first. `sure` is a number of people that was confirmed on request.
    """

    programme: str = ""
    kind: str = INDIVIDUAL
    organisation: str = ""
    counts: Mapping[str, int]
    categories: Mapping[int, int] | None = None
    sure: int = 0
    block_accepted: bool = False

    @property
    def asks_about_block(self) -> bool:
        """Return whether the block list is asked about: not where nobody can answer, and not again."""
        named = bool(self.organisation) and not is_individual(self.kind)
        return named and self.offline is None and not self.block_accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """Take an admission back. Without an id of its own (`own_id`) it gets one that follows from the admission's.

    The `reason` is a manager's, who alone takes something back in a closed month.
    """

    hall_id: int
    staff_id: int
    event_id: str
    own_id: str | None = None
    occurred_at: datetime | None = None
    device: str = ""
    offline: Offline | None = None
    reason: str = ""


Command = Admit | AdmitWalkIn | TakeBack
