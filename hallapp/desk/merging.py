"""Many desks, merged by arithmetic: what an admission counts, and what it leaves to be asked or settled.

Every card says with its admission how many people it knew to be still to come. Whom it let in beyond them, it let in
knowingly: they are extra and count. The others count as far as booked places are left; who is left over may have been
counted by another desk in the meantime. A desk that is connected is asked about them before anything is counted
(`asking.py`); of a desk that was offline they become a conflict. When a take-back frees places, conflicts move up
into them. So of each booking and division there count

    all extra people + the smaller of (booked people, all others)

of the admissions that stand, in whatever order they came in: no total depends on which device was heard first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """A device's knowledge at the time of an act that it decided offline.

    `snapshot_at` is when its knowledge was fresh. `device_at` is set where its clock was corrected.
    """

    snapshot_at: datetime
    device_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The parts of an admission by division: `counted` (of whom `extra` are beyond the booking), and `surplus`."""

    counted: Mapping[str, int]
    extra: Mapping[str, int]
    surplus: Mapping[str, int]


def share_all(counts: Mapping[str, int], *, room: Mapping[str, int]) -> Shares:
    """Count all; who finds no booked place left is extra."""
    extra = {division: max(0, people - room.get(division, 0)) for division, people in counts.items()}
    return Shares(counted=counts, extra=extra, surplus={})


def share(counts: Mapping[str, int], *, room: Mapping[str, int], known: Mapping[str, int] | None) -> Shares:
    """Count people whom a card knowingly admitted beyond `known`, and as many of the others as there is room for."""
    counted, extra, surplus = {}, {}, {}
    for division, people in counts.items():
        beyond = max(0, people - known.get(division, 0)) if known is not None else 0
        fitting = min(people - beyond, room.get(division, 0))
        counted[division], extra[division], surplus[division] = beyond + fitting, beyond, people - beyond - fitting
    return Shares(counted=without_zeros(counted), extra=extra, surplus=without_zeros(surplus))


def without_zeros(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts that are not zero."""
    return {division: people for division, people in counts.items() if people}
