"""The day at a glance: its groups, what waits for a person who may do it, and tomorrow's busy times."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from hallapp.accounts.roles import Permission
from hallapp.admin.today import queries
from hallapp.admin.today.queries import Pending
from hallapp.booking import appeals
from hallapp.booking.models import BookingState
from hallapp.core import clock
from hallapp.desk import queries as desk
from hallapp.desk.queries import Day, Expected
from hallapp.guides import queries as guides
from hallapp.guides.models import Guide
from hallapp.notifications import queries as outbox
from hallapp.periods import Period
from hallapp.points import queries as points
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import CalendarDay, Hall, Slot

#: Groups without a guide are shown for so many days, today included.
GUIDE_DAYS = 7
#: Months that ended longer ago than this many days do not wait for their close: history is closed all at once.
CLOSE_DAYS = 366

May = Callable[[Permission], bool]


class Progress(StrEnum):
    """The state of the arrival of a group of today."""

    TO_COME = "to_come"
    LATE = "late"
    PARTLY = "partly"
    ARRIVED = "arrived"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of today with its guides; `missing` is how many guides it still needs."""

    expected: Expected
    guides: Sequence[Guide]
    progress: Progress

    @property
    def missing(self) -> int:
        """Return how many guides the group still needs."""
        return max(0, self.expected.booking.guides - len(self.guides))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The tasks that wait for one person; those that the person may not do are empty."""

    requests: Pending | None
    appeals: int
    offers: Pending | None
    without_guide: Mapping[date, int]
    conflicts: int
    failed: int
    months: Sequence[Period]
    points: int

    @property
    def any(self) -> bool:
        """Return whether anything waits."""
        bookings = (self.requests, self.appeals, self.offers, self.without_guide, self.conflicts)
        return any((*bookings, self.failed, self.months, self.points))


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A time at which visits begin: people who are booked for it, its places, and people who are inside then."""

    at: datetime
    booked: int
    places: int
    inside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tomorrow:
    """The next day: its groups and people, and its booked times; `special` is its exception in the calendar."""

    day: date
    open: bool
    groups: int
    people: int
    starts: Sequence[Start]
    special: CalendarDay | None

    @property
    def peak(self) -> Start | None:
        """Return the first time at which most people are inside, or None for a day without bookings."""
        return max(self.starts, key=lambda one: one.inside, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All that the page shows."""

    day: Day
    groups: Sequence[Group]
    waiting: Waiting
    tomorrow: Tomorrow

    @property
    def needing_access(self) -> int:
        """Return how many groups of today have access needs."""
        return sum(bool(group.expected.booking.access) for group in self.groups)


def look(hall: Hall, may: May) -> Overview:
    """Return the day of a hall for a person with some permissions; the number of queries does not grow with it."""
    day = desk.get_day(hall.id, hall.today())
    return Overview(
        day=day,
        groups=_list_groups(hall, day),
        waiting=_find_waiting(hall, may),
        tomorrow=_look_ahead(hall, hall.today() + timedelta(days=1)),
    )


def _list_groups(hall: Hall, day: Day) -> list[Group]:
    leaders: dict[int, list[Guide]] = defaultdict(list)
    today, now = hall.today(), clock.now()
    for each in guides.list_assignments(hall.id, first=today, last=today):
        leaders[each.booking_id].append(each.guide)
    return [
        Group(expected=one, guides=leaders.get(one.booking.id, ()), progress=_progress(one, now))
        for one in day.bookings
    ]


def _progress(group: Expected, now: datetime) -> Progress:
    booking, slot = group.booking, group.booking.slot
    if group.arrived:
        return Progress.PARTLY if group.to_come and slot.ends_at > now else Progress.ARRIVED
    if booking.state is BookingState.ABSENT or slot.ends_at <= now:
        return Progress.ABSENT
    return Progress.LATE if slot.starts_at < now else Progress.TO_COME


def _find_waiting(hall: Hall, may: May) -> Waiting:
    today, now = hall.today(), clock.now()
    pending = queries.count_pending(hall.id) if may(Permission.BOOKINGS_CHANGE) else {}
    last = today + timedelta(days=GUIDE_DAYS - 1)
    months = (
        queries.list_unclosed_months(hall.id, since=today - timedelta(days=CLOSE_DAYS), before=today.replace(day=1))
        if may(Permission.REPORTS_CLOSE)
        else []
    )
    return Waiting(
        requests=pending.get(BookingState.REQUESTED) if may(Permission.BOOKINGS_REVIEW) else None,
        appeals=appeals.count_open(hall.id) if may(Permission.BOOKINGS_REVIEW) else 0,
        offers=pending.get(BookingState.OFFERED),
        without_guide=queries.count_without_guide(hall.id, first=today, last=last, after=now)
        if may(Permission.GUIDES_ASSIGN)
        else {},
        conflicts=desk.count_open_conflicts(hall.id) if may(Permission.DESK_OVERRIDE) else 0,
        failed=outbox.count_given_up(hall.id) if may(Permission.MESSAGES_MANAGE) else 0,
        months=[Period.month(first.year, first.month) for first in months],
        points=sum(points.count_unanswered(hall.id))
        if may(Permission.POINTS_MANAGE) and points.is_open(hall.id)
        else 0,
    )


def _look_ahead(hall: Hall, day: date) -> Tomorrow:
    slots = schedule.list_all_slots(hall.id, day, day)
    groups, people = queries.count_booked(hall.id, day)
    return Tomorrow(
        day=day,
        open=any(slot.open for slot in slots),
        groups=groups,
        people=people,
        starts=_list_starts(slots),
        special=schedule.find_calendar_day(hall.id, day),
    )


def _list_starts(slots: Sequence[Slot]) -> list[Start]:
    """Return the times for which anybody is booked, in order."""
    together: dict[datetime, list[Slot]] = defaultdict(list)
    for slot in slots:
        if not slot.programme.is_online:
            together[slot.starts_at].append(slot)
    return [
        Start(
            at=at,
            booked=sum(one.visitors_booked for one in those),
            places=sum(max(one.visitor_capacity if one.open else 0, one.visitors_booked) for one in those),
            inside=max(one.inside_booked for one in those),
        )
        for at, those in together.items()
        if any(one.visitors_booked for one in those)
    ]
