"""The desk's view of a group: its identity, and its people booked, arrived and still to come."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hallapp.categories.values import as_given
from hallapp.desk.facts import BookingFacts, Owner, WalkInFacts
from hallapp.ledger.lines import Ledger


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

    booking: BookingFacts | None = None
    walk_in: WalkInFacts | None = None
    origins: tuple[OriginCount, ...]
    booked: int
    arrived: int
    last_admitted_at: datetime | None = None
    categories_to_come: Mapping[int, int] = field(default_factory=dict)
    categories_arrived: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, owner: Owner, ledger: Ledger) -> "Group":
        """Return the group of a booking or walk-in from its ledger; a walk-in has no people booked or still to come."""
        arrived = ledger.net()
        booking = owner if isinstance(owner, BookingFacts) else None
        booked = booking.origins if booking else {}
        return cls(
            booking=booking,
            walk_in=owner if isinstance(owner, WalkInFacts) else None,
            origins=_origins(booked, arrived),
            booked=sum(booked.values()),
            arrived=arrived.total(),
            last_admitted_at=ledger.find_last_admission(),
            categories_to_come=_categories_to_come(booking, ledger) if booking and booking.categories else {},
            categories_arrived={number: people for number, people in ledger.net_categories().items() if people},
        )

    @property
    def to_come(self) -> int:
        """Return booked people who have not arrived. A person of a division that was not booked fills a place too."""
        return max(0, self.booked - self.arrived)

    @property
    def places(self) -> frozenset[str]:
        """Return the places from which people of the group have been booked or have arrived."""
        return frozenset(origin.division for origin in self.origins)

    @property
    def known_to_come(self) -> dict[str, int]:
        """Return the people still to come by division, as shown on the group's card."""
        return {origin.division: origin.to_come for origin in self.origins}


def _categories_to_come(booking: BookingFacts, ledger: Ledger) -> dict[int, int]:
    """Return the people by category who were booked and have not arrived, in all categories that the desk asks for."""
    arrived = ledger.net_categories()
    booked = as_given(booking.hall.families, booking.categories)
    return {category: max(0, people - arrived[category]) for category, people in booked.items()}


def _origins(booked: Mapping[str, int], arrived: Counter[str]) -> tuple[OriginCount, ...]:
    """Return the divisions booked or arrived, in order; the people still to come never exceed the places left."""
    left = max(0, sum(booked.values()) - arrived.total())
    origins = []
    for division in sorted({*booked, *(division for division, people in arrived.items() if people)}):
        to_come = min(left, max(0, booked.get(division, 0) - arrived[division]))
        left -= to_come
        origins.append(
            OriginCount(division=division, booked=booked.get(division, 0), arrived=arrived[division], to_come=to_come)
        )
    return tuple(origins)
