"""The attributes under which a group's people are counted, besides their day and division."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from hallapp.booking import bigrams
from hallapp.booking.models import Booking, TourLanguage
from hallapp.core import clock
from hallapp.kinds.values import is_individual
from hallapp.ledger.models import NO_TOUR, WalkIn, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """The columns of `Arrival` that are the same for all people of an admission; they are described there."""

    programme_id: int
    kind: str
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
        booking = owner if isinstance(owner, Booking) else None
        return cls.made(
            programme_id=booking.slot.programme_id if booking else owner.programme_id,  # type: ignore[union-attr]
            kind=owner.kind,
            source=Way(booking.source) if booking else Way.WALK_IN,
            organisation=owner.organisation,
            guides=booking.guides if booking else owner.programme.guides,  # type: ignore[union-attr]
            tour_language=booking.tour_language if booking else None,
            guide_id=guide_id if booking else None,
            week_hour=week_hour(occurred_at, time_zone),
        )

    @classmethod
    def made(
        cls,
        *,
        programme_id: int,
        kind: str,
        source: Way,
        organisation: str,
        guides: int,
        tour_language: TourLanguage | None,
        guide_id: int | None,
        week_hour: int,
    ) -> "Filing":
        """Return the filing of a group; without a language nobody recorded it, and a visit without guides has none."""
        language = tour_language.value if tour_language else None
        return cls(
            programme_id=programme_id,
            kind=kind,
            source=source,
            week_hour=week_hour,
            organisation=organisation_number(organisation, kind),
            guide_id=guide_id,
            tour_language=language if guides else NO_TOUR,
        )


def week_hour(moment: datetime, time_zone: str) -> int:
    """Return the hour of the week on a hall's clock, from 0 (Monday from midnight) to 167."""
    local = clock.local(moment, time_zone)
    return local.weekday() * 24 + local.hour


def organisation_number(name: str, kind: str) -> int | None:
    """Return a number that stands for an organisation's name; None without a name, and for individuals.

    It is 63 bits of a digest: it shows whether the same organisation came before, and remains after the name is erased.
    Among a million organisations of a hall, two share a number once in ten million halls.
    """
    return None if is_individual(kind) else number_of_key(bigrams.organisation_key(name))


def number_of_key(key: str) -> int | None:
    """Return the number of an organisation by the key of its name (`grams.organisation_key`); None for an empty key."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) >> 1 if key else None
