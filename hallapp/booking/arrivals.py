"""The number of people of each booking who have arrived; a room above this one counts them in the ledger."""

from collections.abc import Callable, Collection, Mapping

#: Takes ids of bookings, and gives the people of each who have arrived; a booking that is missing has none.
Count = Callable[[Collection[int]], Mapping[int, int]]
_counts: list[Count] = []


def counts_arrived(count: Count) -> Count:
    """Register the function that counts arrivals; there is only one."""
    _counts[:] = [count]
    return count


def count_arrived(booking_ids: Collection[int]) -> Mapping[int, int]:
    """Return the people of each of these bookings who have arrived; a booking that is missing has none."""
    (count,) = _counts
    return count(booking_ids)
