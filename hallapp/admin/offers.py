"""Free times for the bookings that a change affects: near their own times, so that all of them fit together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.schedule import queries
from hallapp.schedule.models import Slot
from hallapp.schedule.planning import Plan

CHOICES = 8
_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Free:
    """The times that a booking fits into, by time, and the number of the nearest that no other booking was given."""

    slots: Sequence[Slot]
    proposed: int | None


class Offers:
    """Free times of the hall under a plan: without those that it closes, and with the places that it leaves."""

    def __init__(self, plan: Plan) -> None:
        self._hall = plan.hall
        self._changes = {change.slot.id: change for change in plan.changes}
        self._closing = sum(change.closes for change in plan.changes)
        self._near: dict[tuple[int, datetime], Sequence[Slot]] = {}
        self._people: Counter[int] = Counter()
        self._guides: Counter[int] = Counter()

    def reserve(self, booking: Booking, *, chosen: int | None) -> Free:
        """Return the times for a booking; the chosen or nearest one counts as taken for the bookings after it."""
        fitting = [slot for slot in self._nearest(booking) if self._fits(slot, booking.visitors)]
        shown = sorted(fitting[:CHOICES], key=lambda slot: (slot.starts_at, slot.id))
        own = next((slot for slot in shown if slot.id == chosen), None)
        taken = own or next((slot for slot in fitting[:CHOICES] if self._fits_beside(slot, booking.visitors)), None)
        if taken is not None:
            self._people[taken.id] += booking.visitors
            self._guides[taken.id] += taken.programme.guides
        return Free(slots=shown, proposed=taken.id if taken else None)

    def _nearest(self, booking: Booking) -> Sequence[Slot]:
        """Return the free slots of the booking's programme, nearest first; one query serves all bookings of a time."""
        slot = booking.slot
        key = (slot.programme_id, slot.starts_at)
        if key not in self._near:
            found = queries.list_nearest_free(
                slot.programme_id,
                to=slot.starts_at,
                visitors=1,
                after=clock.now(),
                last=self._hall.today() + _AHEAD,
                # More than are offered, because closing slots and slots with too little room are left out afterwards.
                limit=4 * CHOICES + self._closing,
            )
            self._near[key] = sorted(found, key=lambda free: abs(free.starts_at - slot.starts_at))
        return [free for free in self._near[key] if free.id != slot.id]

    def _fits(self, slot: Slot, visitors: int) -> bool:
        change = self._changes.get(slot.id)
        if change is None:
            return slot.visitors_free >= visitors
        if not change.open or change.guide_capacity - slot.guides_booked < slot.programme.guides:
            return False
        return min(slot.visitors_free, change.visitor_capacity - slot.visitors_booked) >= visitors

    def _fits_beside(self, slot: Slot, visitors: int) -> bool:
        """Return whether it also fits together with the bookings that this slot has been proposed to."""
        guides = slot.programme.guides
        enough = slot.guide_capacity - slot.guides_booked - self._guides[slot.id] >= guides
        return self._fits(slot, visitors + self._people[slot.id]) and (enough or not guides)
