"""The attributes under which a group's people are counted, besides their day and division."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from hallapp.booking import bigrams
from hallapp.booking.models import Booking, OrganisationKind
from hallapp.core import clock
from hallapp.ledger.models import NO_TOUR, WalkIn, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """The columns of `Arrival` that are the same for all people of an admission; they are described there."""

    programme_id: int
    kind: OrganisationKind
    source: Way
    week_hour: int
    organisation: int | None = None
    guide_id: int | None = None
    tour_language: str | None = None

    @classmethod
    def of(
        cls, owner: Booking | WalkIn, *, occurred_at: datetime, time_zone: str, guide_id: int | None = None
    ) -> "Filing":
        """Return the filing of a group whose people come at a moment, as the group is now."""
        booked = isinstance(owner, Booking)
        return cls(
            programme_id=owner.slot.programme_id if isinstance(owner, Booking) else owner.programme_id,
            kind=owner.kind,
            source=Way(owner.source) if isinstance(owner, Booking) else Way.WALK_IN,
            week_hour=week_hour(occurred_at, time_zone),
            organisation=organisation_number(owner.organisation, owner.kind),
            guide_id=guide_id if booked else None,
            tour_language=_tour_language(owner),
        )


def _tour_language(owner: Booking | WalkIn) -> str | None:
    """Return the language in which a group was led, `NO_TOUR` for a visit without a guide; nobody asks a walk-in."""
    if not (owner.guides if isinstance(owner, Booking) else owner.programme.guides):
        return NO_TOUR
    return owner.tour_language.value if isinstance(owner, Booking) and owner.tour_language else None


def week_hour(moment: datetime, time_zone: str) -> int:
    """Return the hour of the week on a hall's clock, from 0 (Monday from midnight) to 167."""
    local = clock.local(moment, time_zone)
    return local.weekday() * 24 + local.hour


def organisation_number(name: str, kind: OrganisationKind) -> int | None:
    """Return a number that stands for an organisation's name; None without a name, and for individuals.

    It is 63 bits of a digest: it shows whether the same organisation came before, and remains after the name is erased.
    Among a million organisations of a hall, two share a number once in ten million halls.
    """
    return None if kind is OrganisationKind.INDIVIDUAL else number_of_key(bigrams.organisation_key(name))


def number_of_key(key: str) -> int | None:
    """Return the number of an organisation by the key of its name (`bigrams.organisation_key`), or None without one."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) >> 1 if key else None
