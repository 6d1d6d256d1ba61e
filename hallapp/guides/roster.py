"""The guides of a hall and their groups in some weeks, as read before assigning."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from hallapp.booking.models import Booking
from hallapp.guides import queries
from hallapp.guides.eligibility import Visit, find_obstacles, is_on_duty, is_on_leave, monday_of
from hallapp.guides.models import Guide, Obstacle


class Roster:
    """The guides on duty and their groups in the weeks of some days; the number of queries is constant."""

    def __init__(self, hall_id: int, *, first: date, last: date, guides: Sequence[Guide] | None = None) -> None:
        self.guides = queries.list_guides(hall_id) if guides is None else guides
        self._leaders: dict[int, list[Guide]] = defaultdict(list)
        self._taken: dict[int, list[Visit]] = defaultdict(list)
        begin, end = monday_of(first) - timedelta(days=1), monday_of(last) + timedelta(days=7)
        for assignment in queries.list_assignments(hall_id, first=begin, last=end):
            self.take(assignment.booking, assignment.guide)

    def take(self, booking: Booking, guide: Guide) -> None:
        """Count one group more that a guide leads."""
        self._leaders[booking.id].append(guide)
        self._taken[guide.id].append(Visit.of(booking))

    def leaders(self, booking: Booking) -> list[Guide]:
        """Return the guides of a group, by name."""
        return sorted(self._leaders.get(booking.id, ()), key=lambda each: (each.name, each.id))

    def missing(self, booking: Booking) -> int:
        """Return how many guides a group still needs."""
        return max(0, booking.guides - len(self._leaders.get(booking.id, ())))

    def obstacles(self, guide: Guide, visit: Visit) -> tuple[Obstacle, ...]:
        """Return the obstacles between a guide and a visit."""
        return find_obstacles(guide, visit, taken=self._taken.get(guide.id, ()))

    def able(self, visit: Visit) -> list[Guide]:
        """Return the guides who can lead a visit and do not yet, the least busy of that week first, then by name."""
        leading = self._leaders.get(visit.booking_id, ())
        free = [each for each in self.guides if each not in leading and not self.obstacles(each, visit)]
        return sorted(free, key=lambda each: (self.minutes(each, visit.day), each.name, each.id))

    def minutes(self, guide: Guide, day: date) -> int:
        """Return the minutes for which a guide leads groups in the week of a day."""
        monday = monday_of(day)
        return sum(each.minutes for each in self._taken.get(guide.id, ()) if monday_of(each.day) == monday)

    def count_on_duty(self, visit: Visit) -> int:
        """Return how many guides are on duty when a visit begins."""
        return sum(
            each.active and not is_on_leave(each, visit.day) and is_on_duty(each.duties, visit.first, visit.first)
            for each in self.guides
        )
