"""What the desk sees of a group: who it is, and its people booked, arrived and still to come."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from hallapp.booking.models import Booking
from hallapp.ledger.lines import Ledger
from hallapp.ledger.models import WalkIn


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginCount:
    """People of one division in a group."""

    division: str
    booked: int
    arrived: int
    to_come: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A booking or a walk-in with its numbers, by division and in all; `last_admitted_at` is None before the first."""

    booking: Booking | None = None
    walk_in: WalkIn | None = None
    origins: tuple[OriginCount, ...]
    booked: int
    arrived: int
    last_admitted_at: datetime | None = None

    @property
    def to_come(self) -> int:
        """Booked people who have not arrived. Somebody of a division that was not booked fills a place too."""
        return max(0, self.booked - self.arrived)

    @property
    def known_to_come(self) -> dict[str, int]:
        """Who is still to come by division, as a card of this group says it."""
        return {origin.division: origin.to_come for origin in self.origins}


def of(owner: Booking | WalkIn, ledger: Ledger) -> Group:
    """The group of a booking or walk-in as a ledger of it says; of a walk-in nobody is booked or still to come."""
    arrived = ledger.net()
    booking = owner if isinstance(owner, Booking) else None
    booked = {origin.division: origin.visitors for origin in booking.origins} if booking else {}
    return Group(
        booking=booking,
        walk_in=owner if isinstance(owner, WalkIn) else None,
        origins=_origins(booked, arrived),
        booked=sum(booked.values()),
        arrived=arrived.total(),
        last_admitted_at=ledger.find_last_admission(),
    )


def _origins(booked: dict[str, int], arrived: Counter[str]) -> tuple[OriginCount, ...]:
    """The divisions booked or arrived, in their order; what is still to come never sums to more than places left."""
    left = max(0, sum(booked.values()) - arrived.total())
    origins = []
    for division in sorted({*booked, *(division for division, people in arrived.items() if people)}):
        to_come = min(left, max(0, booked.get(division, 0) - arrived[division]))
        left -= to_come
        origins.append(
            OriginCount(division=division, booked=booked.get(division, 0), arrived=arrived[division], to_come=to_come)
        )
    return tuple(origins)
