"""Signals of this room to the rooms above, sent in the same transaction."""

from collections.abc import Callable

from blinker import Signal

#: Sent with a hall's id as sender and `entries`, the events of the ledger that were written, if a room above follows
#: the arrivals of this hall.
arrivals_stored = Signal()

#: Sent with a hall's id as sender when admissions wait for a manager, because more people came than were booked.
conflict_arose = Signal()

_followers: list[Callable[[int], bool]] = []


def followed_by(is_following: Callable[[int], bool]) -> Callable[[int], bool]:
    """Register a function that returns whether a room above follows the arrivals of a hall, by its id.

    The answer is held with the facts of the hall, so it must depend on watched tables only (`core/facts.py`): an
    admission then costs no statement where nobody follows it.
    """
    _followers.append(is_following)
    return is_following


def are_followed(hall_id: int) -> bool:
    """Return whether a room above follows the arrivals of a hall."""
    return any(is_following(hall_id) for is_following in _followers)
