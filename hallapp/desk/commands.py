"""What the desk is asked to do, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hallapp.accounts.roles import Role
from hallapp.booking.models import OrganisationKind
from hallapp.desk.group import Group
from hallapp.desk.merging import Offline
from hallapp.desk.models import ConflictReason


class Outcome(StrEnum):
    """What became of an act that was not refused."""

    ADMITTED = "admitted"
    TAKEN_BACK = "taken_back"
    REPEATED = "repeated"
    CONFLICT = "conflict"  # stored, with people whom a manager has to settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The answer to an act: `counts` are the people it moved, by division, and `group` stands as it stood after it.

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
        """People moved by the act, never negative."""
        return abs(sum(self.counts.values()))

    @property
    def is_take_back(self) -> bool:
        """Whether the act took people back, now or before."""
        return sum(self.counts.values()) < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What every act at the desk tells: who does it, where, when (None: now), and the id that the device gave it.

    `device` is what the device is called. `offline` stands with what was decided without a network.
    """

    hall_id: int
    staff_id: int
    event_id: str
    occurred_at: datetime | None = None
    device: str = ""
    offline: Offline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit(Act):
    """Admit a group by its pass or reference; a device's snapshot knows it by the number of its booking.

    `pass_version` is the version of the pass that was shown, where the device knows it. `counts` are people by
    division; None means all who are booked and have not arrived. `known_to_come` are the people by division whom the
    card knew to be still to come, None where it does not say; `sure` is a number of people that somebody has confirmed
    when asked whether it is right. A `reason` lets a manager (`role`) admit what is
    refused otherwise, where sense allows. `anyway` admits a group out of its time where the hall only wants it seen;
    `noted` says that the people were let in then, and only the writing down comes now.
    """

    code: str = ""
    booking_id: int | None = None
    pass_version: int | None = None
    role: Role
    counts: Mapping[str, int] | None = None
    known_to_come: Mapping[str, int] | None = None
    sure: int = 0
    reason: str = ""
    anyway: bool = False
    noted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitWalkIn(Act):
    """Admit people who come without a booking; `organisation` is empty for individuals.

    `programme` is a slug; empty means the first one that needs no guide, or else the first. `sure` is a number of
    people that somebody has confirmed when asked whether it is right.
    """

    programme: str = ""
    kind: OrganisationKind = OrganisationKind.INDIVIDUAL
    organisation: str = ""
    counts: Mapping[str, int]
    sure: int = 0


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
