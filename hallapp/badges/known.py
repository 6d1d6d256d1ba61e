"""The badges that a device knows offline: the group of each, and whether its person has been admitted."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hallapp.badges import codes, queries, service
from hallapp.booking.models import Booking
from hallapp.desk import snapshot


@snapshot.adds
def list_badges(
    bookings: Sequence[Booking], digest: Callable[[str], str], keys: Sequence[str]
) -> Mapping[int, Mapping[str, Any]]:
    """Return these bookings' badges in force as `[digest, division, is in]`, by booking, in three queries.

    A digest does not reveal the code. The division is that of the list of names, empty if the list has none. A badge is
    known by the newest key: after a change of keys the device keeps older badges unchecked, as any other code.
    """
    found: dict[int, list[list[Any]]] = {}
    places = queries.list_places([booking.id for booking in bookings])
    arrived = queries.list_arrived_badges(list(places))
    for badge_id, (booking_id, token, person) in places.items():
        division = service.find_division(person, bookings[0].slot.programme.hall.origins) or ""
        found.setdefault(booking_id, []).append([digest(codes.sign(token, keys)), division, badge_id in arrived])
    return {booking_id: {"badges": badges} for booking_id, badges in found.items()}
